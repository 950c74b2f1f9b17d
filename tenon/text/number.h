// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::text {

/// How a number's text relates to the type asked for.
enum class NumberStatus : std::uint8_t { ok, malformed, out_of_range };

struct IntResult {
  NumberStatus status = NumberStatus::malformed;
  /// Two's complement in the low `bits`.
  std::uint64_t value = 0;
};

/// An unsigned integer of at most `bits` bits. Spec: core/text/values "Integers" (uN).
[[nodiscard]] IntResult parse_unsigned(std::string_view text, unsigned bits);
/// A signed integer only. (sN)
[[nodiscard]] IntResult parse_signed(std::string_view text, unsigned bits);
/// Unsigned or signed, as bits. (iN)
[[nodiscard]] IntResult parse_int(std::string_view text, unsigned bits);

/// A float as its bits, correctly rounded (ties to even); decimal, hexadecimal, `inf`, `nan`,
/// `nan:0x…`. Spec: core/text/values "Floating-Point" (fN).
[[nodiscard]] IntResult parse_float(std::string_view text, unsigned bits);

/// Whether the text has the form of an integer, or of a float, whatever its size.
[[nodiscard]] bool is_int(std::string_view text);
[[nodiscard]] bool is_float(std::string_view text);

}  // namespace tenon::text

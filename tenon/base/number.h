// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace tenon {

/// Decimal text as the nearest number of the type, rounded once. `invalid_argument`: the text is no
/// number, or more than one. `result_out_of_range`: it would round to infinity; `out` is the
/// infinity of its sign then. What is below the least subnormal is a zero of its sign. O(n).
template <class F>
[[nodiscard]] std::errc parse_float(std::string_view text, F& out);
extern template std::errc parse_float<float>(std::string_view text, float& out);
extern template std::errc parse_float<double>(std::string_view text, double& out);

/// An integer in sign and magnitude.
struct Integer {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

/// The integer that a number of JSON's grammar (`-1`, `1e3`, `5.0`) stands for exactly, or nothing
/// when it has a fraction or its magnitude needs more than 64 bits. O(n).
[[nodiscard]] std::optional<Integer> exact_integer(std::string_view text);

/// The integer as a `T`, or nothing when it is out of range. `-0` is 0.
template <class T>
[[nodiscard]] std::optional<T> to_int(const Integer& i) {
  constexpr auto top = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  const std::uint64_t most = !i.negative ? top : std::is_signed_v<T> ? top + 1 : 0;
  if (i.magnitude > most) return std::nullopt;
  return static_cast<T>(i.negative ? 0 - i.magnitude : i.magnitude);
}

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tenon {

/// Whether a number is a Unicode scalar value: a code point that is no surrogate.
[[nodiscard]] constexpr bool is_scalar_value(std::uint32_t c) {
  return c < 0x110000 && (c < 0xD800 || c > 0xDFFF);
}

/// The offset of the first byte that does not belong to well-formed UTF-8, or nothing.
/// One pass, O(n). Surrogates, overlong forms and values above U+10FFFF are refused.
[[nodiscard]] std::optional<std::size_t> utf8_error(std::span<const std::uint8_t> bytes);
[[nodiscard]] inline bool is_utf8(std::span<const std::uint8_t> bytes) {
  return !utf8_error(bytes);
}
[[nodiscard]] bool is_utf8(std::string_view text);
/// The same while copying, in one pass; the two ranges must not overlap. What `to` holds after an
/// error is unspecified.
[[nodiscard]] std::optional<std::size_t> copy_utf8(std::uint8_t* to,
                                                   std::span<const std::uint8_t> bytes);

/// Reads the scalar value that begins at `at`, which must lie in the text, and moves `at` past it.
/// Where the text is not UTF-8, U+FFFD, and one byte further.
[[nodiscard]] char32_t next_scalar(std::string_view text, std::size_t& at);

/// Appends a scalar value. It must not be a surrogate nor above U+10FFFF.
void append_utf8(std::string& out, char32_t scalar);

/// Appends UTF-16 code units for valid UTF-8 text.
[[nodiscard]] std::u16string utf8_to_utf16(std::string_view text);
/// Valid UTF-16 as UTF-8; nothing when a surrogate stands alone.
[[nodiscard]] std::optional<std::string> utf16_to_utf8(std::span<const char16_t> units);
/// Every byte is a scalar value of its own.
[[nodiscard]] std::string latin1_to_utf8(std::span<const std::uint8_t> bytes);

}  // namespace tenon

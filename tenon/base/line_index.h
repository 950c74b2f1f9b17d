// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tenon {

/// A place in a text as editors count: lines and columns begin at 0, a column counts code units.
struct TextPosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend constexpr bool operator==(const TextPosition&, const TextPosition&) = default;
};

/// What a column counts.
enum class Columns : std::uint8_t { utf8, utf16 };

/// Offsets in bytes and places by line and column, one into the other. A line ends with `\n`,
/// `\r\n` or `\r`. It keeps a view: the text, which has less than 4 GiB, must outlive it. Making
/// one is linear in the text, a look-up in the length of a line.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  /// An offset inside a character is that of its first byte; one behind the text is its end.
  [[nodiscard]] TextPosition position(std::uint32_t offset, Columns columns) const;
  /// A column behind the line is the line's end, before its mark; a line behind the last is the
  /// text's end; a column inside a surrogate pair is its first unit.
  [[nodiscard]] std::uint32_t offset(TextPosition position, Columns columns) const;
  [[nodiscard]] std::size_t lines() const { return starts_.size(); }

 private:
  /// The line without its end.
  [[nodiscard]] std::string_view line(std::size_t number) const;

  std::string_view text_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace tenon

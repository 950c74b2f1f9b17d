// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon {

/// Whether a scalar value acts on what shows or compiles a text instead of being shown: control
/// characters, line and paragraph separators, controls of direction.
[[nodiscard]] bool is_disruptive(char32_t c);
/// The same and whatever has no glyph of its own: joiners, marks of byte order, tags,
/// noncharacters.
[[nodiscard]] bool is_unseen(char32_t c);

/// A text on one line, fit for a terminal: what is unseen is as `\x1b` or `\u{202e}`, and so do
/// bytes that are no UTF-8; a tab is a blank. O(n).
[[nodiscard]] std::string visible(std::string_view text);
/// The same for a text of several lines: its line feeds and tabs stay.
[[nodiscard]] std::string visible_lines(std::string_view text);

/// Whether a backslash at the end of a line joins it with the next one, as in C and C++.
enum class Splices : std::uint8_t { no, yes };
/// One line of a comment in generated source: nothing in it ends the comment or joins it with the
/// next line, for a compiler or an editor. The line ends are already gone; they are what
/// `each_source_line` cuts at.
[[nodiscard]] std::string comment_line(std::string_view line, Splices splices = Splices::yes);

/// The first place from `at` on where some language or editor ends a line (LF, CR, VT, FF, NEL,
/// U+2028, U+2029), and how many bytes it takes: CR LF counts once. `{npos, 0}` when there is none.
struct LineEnd {
  std::size_t at = std::string_view::npos;
  std::size_t size = 0;
};
[[nodiscard]] LineEnd find_line_end(std::string_view text, std::size_t at = 0);

/// Calls `each` with every line of `text`, without its end; once for an empty text.
template <class Each>
void each_source_line(std::string_view text, Each each) {
  while (true) {
    const LineEnd end = find_line_end(text);
    each(text.substr(0, end.at));
    if (end.size == 0) return;
    text.remove_prefix(end.at + end.size);
  }
}

}  // namespace tenon

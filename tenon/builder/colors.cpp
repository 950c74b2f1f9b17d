// SPDX-License-Identifier: Apache-2.0
// Only the sequences by which compilers colour text pass through to the terminal; everything else
// in their output is made visible, as it may quote sources of any origin.
#include "tenon/builder/colors.h"

#include "tenon/base/safe_text.h"

namespace tenon::builder {
namespace {

/// Calls `plain` and `color` with the pieces of a text, in order.
template <class Plain, class Color>
void each_piece(std::string_view text, Plain plain, Color color) {
  std::size_t begin = 0;
  for (std::size_t at = text.find('\x1b'); at != std::string_view::npos;
       at = text.find('\x1b', at)) {
    const std::size_t size = color_sequence(text.substr(at));
    if (size == 0) {
      ++at;
      continue;
    }
    plain(text.substr(begin, at - begin));
    color(text.substr(at, size));
    at += size;
    begin = at;
  }
  plain(text.substr(begin));
}

}  // namespace

std::size_t color_sequence(std::string_view text) {
  constexpr std::size_t longest = 32;
  if (!text.starts_with("\x1b[")) return 0;
  const auto end = text.substr(0, longest).find_first_not_of("0123456789;:", 2);
  if (end == std::string_view::npos) return 0;
  return text[end] == 'm' || text[end] == 'K' ? end + 1 : 0;
}

std::string without_colors(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_piece(text, [&](std::string_view piece) { out += piece; }, [](std::string_view) {});
  return out;
}

std::string visible_with_colors(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool colored = false;
  each_piece(
      text, [&](std::string_view piece) { out += visible_lines(piece); },
      [&](std::string_view piece) {
        out += piece;
        colored = true;
      });
  return colored ? out + "\x1b[0m" : out;
}

}  // namespace tenon::builder

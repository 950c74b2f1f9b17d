// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/line_index.h"

#include <algorithm>

namespace tenon {
namespace {

/// Bytes of the character that begins at `at`: a byte that begins none counts as one.
std::size_t width(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  std::size_t out = 1;
  while (out < wanted && at + out < text.size() &&
         (static_cast<unsigned char>(text[at + out]) & 0xC0U) == 0x80U)
    ++out;
  return out;
}

/// Code units of a character of so many bytes: what is beyond U+FFFF has four, and is a pair.
std::uint32_t units(std::size_t bytes, Columns columns) {
  if (columns == Columns::utf8) return static_cast<std::uint32_t>(bytes);
  return bytes == 4 ? 2 : 1;
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends =
        text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
    if (ends) starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

std::string_view LineIndex::line(std::size_t number) const {
  const std::size_t begin = starts_[number];
  const std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] : text_.size();
  std::string_view out = text_.substr(begin, end - begin);
  if (out.ends_with('\n')) out.remove_suffix(1);
  if (out.ends_with('\r')) out.remove_suffix(1);
  return out;
}

TextPosition LineIndex::position(std::uint32_t offset, Columns columns) const {
  offset = static_cast<std::uint32_t>(std::min<std::size_t>(offset, text_.size()));
  const auto next = std::ranges::upper_bound(starts_, offset);
  const auto number = static_cast<std::size_t>(next - starts_.begin()) - 1;
  const std::size_t end = offset - starts_[number];
  const std::string_view text = text_.substr(starts_[number]);
  TextPosition out{static_cast<std::uint32_t>(number), 0};
  for (std::size_t at = 0; at < end;) {
    const std::size_t bytes = width(text, at);
    at += bytes;
    if (at <= end) out.column += units(bytes, columns);
  }
  return out;
}

std::uint32_t LineIndex::offset(TextPosition position, Columns columns) const {
  if (position.line >= starts_.size()) return static_cast<std::uint32_t>(text_.size());
  const std::string_view text = line(position.line);
  std::size_t at = 0;
  std::uint32_t column = 0;
  while (at < text.size()) {
    const std::size_t bytes = width(text, at);
    column += units(bytes, columns);
    if (column > position.column) break;
    at += bytes;
  }
  return starts_[position.line] + static_cast<std::uint32_t>(at);
}

}  // namespace tenon

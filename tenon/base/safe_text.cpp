// SPDX-License-Identifier: Apache-2.0
// Names and docs come from strangers: a binary may put any UTF-8 into them. Whatever prints such a
// text asks here first, so that there is one answer to what a terminal, an editor or a compiler
// would take for more than text. Two kinds of readers are served: people (`visible`) and compilers
// (`comment_line`, which changes as little as it can, since docs are meant to be read).
#include "tenon/base/safe_text.h"

#include "tenon/base/unicode.h"

namespace tenon {
namespace {

constexpr char hex[] = "0123456789abcdef";

/// Controls of direction (Unicode's Bidi_Control), deprecated format characters among them.
bool turns_direction(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x206F);
}

void append_byte(std::string& out, unsigned char byte) {
  out += "\\x";
  out += hex[byte >> 4U];
  out += hex[byte & 0xFU];
}

void append_scalar(std::string& out, char32_t c) {
  if (c < 0x80) return append_byte(out, static_cast<unsigned char>(c));
  out += "\\u{";
  int shift = 20;
  while (shift > 12 && (c >> static_cast<unsigned>(shift)) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += hex[(c >> static_cast<unsigned>(shift)) & 0xFU];
  out += '}';
}

/// Copies what is shown as it is; the rest goes to `escape` (scalar values) or is as bytes.
template <class IsPlain>
std::string escaped(std::string_view text, IsPlain is_plain) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x7F) {
      out += text[at++];
      continue;
    }
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::string_view piece = text.substr(at, length);
    if (!is_utf8(piece)) {
      append_byte(out, byte);
      ++at;
      continue;
    }
    const char32_t c = next_scalar(text, at);
    if (is_plain(c))
      out += piece;
    else
      append_scalar(out, c);
  }
  return out;
}

}  // namespace

bool is_disruptive(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || turns_direction(c);
}

bool is_unseen(char32_t c) {
  return is_disruptive(c) || c == 0xAD || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F) || (c & 0xFFFEU) == 0xFFFE;
}

std::string visible(std::string_view text) {
  std::string out = escaped(text, [](char32_t c) { return c == '\t' || !is_unseen(c); });
  for (char& c : out) {
    if (c == '\t') c = ' ';
  }
  return out;
}

std::string visible_lines(std::string_view text) {
  return escaped(text, [](char32_t c) { return c == '\n' || c == '\t' || !is_unseen(c); });
}

std::string comment_line(std::string_view line, Splices splices) {
  std::string out = escaped(line, [](char32_t c) { return c == '\t' || !is_disruptive(c); });
  while (out.ends_with(' ') || out.ends_with('\t')) out.pop_back();
  // A backslash at the end joins the next line to a C or C++ comment; `??/` is its trigraph.
  if (splices == Splices::no) return out;
  if (out.ends_with('\\') || out.ends_with("\?\?/")) out += '.';
  return out;
}

LineEnd find_line_end(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x0A && byte <= 0x0D)
      return {at, byte == '\r' && text.substr(at + 1).starts_with('\n') ? 2U : 1U};
    if (byte == 0xC2 && text.substr(at + 1).starts_with('\x85')) return {at, 2};
    if (byte == 0xE2 && (text.substr(at + 1).starts_with("\x80\xA8") ||
                         text.substr(at + 1).starts_with("\x80\xA9")))
      return {at, 3};
  }
  return {};
}

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
// The lexer is called for every byte of large files: character classes are a table, and skipping to
// a closing parenthesis looks at 16 bytes at once. After a lexical error it is at the end of the
// text, so that no second error follows from the first. Annotations that nothing reads are skipped
// like comments.
// Spec: core/text/lexical
#include "tenon/text/lex.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "tenon/base/rules.h"
#include "tenon/base/unicode.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

enum CharClass : std::uint8_t { other = 0, idchar = 1, space = 2, punct = 4, hexdigit = 8 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) classes[static_cast<unsigned char>(c)] |= bits;
  };
  add("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", idchar);
  add("!#$%&'*+-./:<=>?@\\^_`|~", idchar);
  add(" \t\n\r", space);
  add(",;[]{}", punct);
  add("0123456789abcdefABCDEF", hexdigit);
  return classes;
}
constexpr auto classes = make_classes();

bool is(const char* p, std::uint8_t bits) {
  return (classes[static_cast<unsigned char>(*p)] & bits) != 0;
}
unsigned hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

/// The first of `(`, `)`, `"` and `;` in [p, end), or end.
const char* find_structure(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i parens = _mm_set1_epi8('(');
  const __m128i low_bit = _mm_set1_epi8(static_cast<char>(0xFE));
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i semicolon = _mm_set1_epi8(';');
  while (end - p >= 16) {
    __m128i chunk;
    __builtin_memcpy(&chunk, p, 16);
    const __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_and_si128(chunk, low_bit), parens),
                     _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, semicolon)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    if (mask != 0) return p + std::countr_zero(mask);
    p += 16;
  }
#endif
  while (p < end && *p != '(' && *p != ')' && *p != '"' && *p != ';') ++p;
  return p;
}

std::string show_char(std::string_view text, std::size_t at) {
  const char32_t c = next_scalar(text, at);
  if (c > 0x20 && c < 0x7F) return fmt::format("`{}`", static_cast<char>(c));
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
}

}  // namespace

Result<void> check_source(std::string_view text, std::uint32_t source) {
  if (text.size() >= 0xFFFFFFFFULL) {
    return std::unexpected(
        Error(rules::text_size, Span{source, 0, 0}, fmt::format("{} bytes", text.size())));
  }
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(text.data()),
                                            text.size());
  if (const auto bad = utf8_error(bytes)) {
    const auto at = static_cast<std::uint32_t>(*bad);
    return std::unexpected(Error(tenon::rules::utf8, Span{source, at, at + 1},
                                 fmt::format("byte {:#04x} at offset {}", bytes[*bad], *bad)));
  }
  return {};
}

Error Lexer::take_error() {
  if (!error_) return Error(rules::unexpected_token, Span{source_, offset(), offset()});
  Error error = std::move(*error_);
  error_.reset();
  return error;
}

Token Lexer::fail(const Rule& rule, const char* begin, const char* end, std::string detail) {
  const Token bad{TokenKind::bad, offset_of(begin), offset_of(end)};
  if (!error_) error_.emplace(rule, Span{source_, bad.begin, bad.end}, std::move(detail));
  at_ = end_;  // nothing after a lexical error is worth a second one
  return bad;
}

void Lexer::line_comment() {
  const auto* const found =
      static_cast<const char*>(__builtin_memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)));
  const char* const end = found == nullptr ? end_ : found;
  const auto* const cr =
      static_cast<const char*>(__builtin_memchr(at_, '\r', static_cast<std::size_t>(end - at_)));
  at_ = cr == nullptr ? end : cr;
}

bool Lexer::block_comment() {
  const char* const begin = at_;
  std::uint32_t depth = 0;
  do {
    at_ = find_structure(at_, end_);
    if (end_ - at_ < 2) {
      fail(rules::unclosed_comment, begin, begin + 2, "`(;` without `;)`");
      return false;
    }
    if (at_[0] == '(' && at_[1] == ';') {
      ++depth;
      at_ += 2;
    } else if (at_[0] == ';' && at_[1] == ')') {
      --depth;
      at_ += 2;
    } else {
      ++at_;
    }
  } while (depth != 0);
  return true;
}

bool Lexer::escape() {
  const char* const begin = at_++;
  if (at_ == end_) {
    fail(rules::unclosed_string, begin, end_);
    return false;
  }
  switch (*at_) {
    case 't':
    case 'n':
    case 'r':
    case '"':
    case '\'':
    case '\\':
      ++at_;
      return true;
    case 'u': {
      const char* p = at_ + 1;
      std::uint32_t value = 0;
      bool ok = p != end_ && *p == '{' && p + 1 != end_ && is(p + 1, hexdigit);
      if (ok) {
        bool after_digit = false;
        for (++p; p != end_ && (is(p, hexdigit) || (*p == '_' && after_digit)); ++p) {
          after_digit = *p != '_';
          if (after_digit) value = value * 16 + hex_value(*p);
          if (value > 0x10FFFF) break;
        }
        ok = p != end_ && *p == '}' && after_digit && is_scalar_value(value);
      }
      if (!ok) {
        fail(rules::string_escape, begin, at_ + 1,
             "`\\u{…}` takes the hexadecimal number of a Unicode scalar value");
        return false;
      }
      at_ = p + 1;
      return true;
    }
    default:
      if (end_ - at_ >= 2 && is(at_, hexdigit) && is(at_ + 1, hexdigit)) {
        at_ += 2;
        return true;
      }
      fail(rules::string_escape, begin, at_ + 1);
      return false;
  }
}

bool Lexer::string() {
  const char* const begin = at_++;
  for (;;) {
    if (at_ == end_) {
      fail(rules::unclosed_string, begin, begin + 1);
      return false;
    }
    const auto c = static_cast<unsigned char>(*at_);
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (!escape()) return false;
    } else if (c < 0x20 || c == 0x7F) {
      if (c == '\n' || c == '\r') {
        fail(rules::unclosed_string, begin, at_, "the line ends inside it; write `\\n`");
      } else {
        fail(rules::illegal_character, at_, at_ + 1,
             fmt::format("U+{:04X} in a string; write `\\{:02x}`", c, c));
      }
      return false;
    } else {
      ++at_;
    }
  }
}

bool Lexer::annotation() {
  const char* const begin = at_;
  at_ += 2;
  const char* const id = at_;
  std::string name;
  if (at_ != end_ && *at_ == '"') {
    if (!string()) {
      error_.reset();
      fail(rules::empty_annotation_id, begin, begin + 2);
      return false;
    }
    name = string_value({id, static_cast<std::size_t>(at_ - id)});
    if (!is_utf8(name)) {
      fail(rules::malformed_name, id, at_);
      return false;
    }
  } else {
    while (at_ != end_ && is(at_, idchar)) ++at_;
    name.assign(id, at_);
  }
  if (name.empty()) {
    fail(rules::empty_annotation_id, begin, begin + 2);
    return false;
  }
  const std::uint32_t content = offset();
  std::uint32_t depth = 1;
  in_annotation_ = true;
  while (depth != 0) {
    const Token inner = next();
    if (inner.kind == TokenKind::lparen) ++depth;
    if (inner.kind == TokenKind::rparen) --depth;
    if (inner.kind == TokenKind::eof || inner.kind == TokenKind::bad) {
      in_annotation_ = false;
      if (inner.kind == TokenKind::eof)
        fail(rules::unclosed_annotation, begin, begin + 2, "`(@" + name + "`");
      return false;
    }
  }
  in_annotation_ = false;
  const auto keep = [&](Annotation::Kind kind) {
    // After `seek` some are met again.
    while (!annotations_.empty() && annotations_.back().begin >= offset_of(begin))
      annotations_.pop_back();
    annotations_.push_back({kind, offset_of(begin), offset(), content});
  };
  if (name == "name") keep(Annotation::Kind::name);
  if (name == "custom") keep(Annotation::Kind::custom);
  if (name == "producers") keep(Annotation::Kind::producers);
  if (name == "dylink.0") keep(Annotation::Kind::dylink);
  if (name == "metadata.code.branch_hint") keep(Annotation::Kind::branch_hint);
  if (name == "datacount") keep(Annotation::Kind::data_count);
  return true;
}

/// The longest run of identifier characters and strings that began at `begin` with something else
/// than a word of its own. Spec: core/text/lexical "Tokens" (reserved).
Token Lexer::reserved(const char* begin) {
  while (at_ != end_) {
    if (*at_ == '"') {
      if (!string()) return {TokenKind::bad, offset_of(begin), offset()};
    } else if (is(at_, idchar)) {
      ++at_;
    } else {
      break;
    }
  }
  return token(TokenKind::reserved, begin);
}

Token Lexer::identifier() {
  const char* const begin = at_++;
  if (at_ != end_ && *at_ == '"') {
    if (!string()) {
      // A `$` before what is not a string stands alone.
      error_.reset();
      return fail(rules::empty_identifier, begin, begin + 1);
    }
    if (at_ != end_ && (is(at_, idchar) || *at_ == '"')) return reserved(begin);
    const std::string name = string_value({begin + 1, static_cast<std::size_t>(at_ - begin) - 1});
    if (name.empty()) return fail(rules::empty_identifier, begin, at_);
    if (!is_utf8(name)) return fail(rules::malformed_name, begin, at_);
    return token(TokenKind::quoted_id, begin);
  }
  while (at_ != end_ && is(at_, idchar)) ++at_;
  if (at_ != end_ && *at_ == '"') return reserved(begin);
  if (at_ - begin == 1 && !in_annotation_) return fail(rules::empty_identifier, begin, at_);
  return token(TokenKind::id, begin);
}

Token Lexer::word() {
  const char* const begin = at_++;
  while (at_ != end_ && is(at_, idchar)) ++at_;
  if (at_ != end_ && *at_ == '"') return reserved(begin);
  const char first = *begin;
  if (first >= 'a' && first <= 'z') return token(TokenKind::keyword, begin);
  if ((first >= '0' && first <= '9') || first == '+' || first == '-')
    return token(TokenKind::number, begin);
  return token(TokenKind::reserved, begin);
}

/// `'c'` with any character of a string between the quotes: a token of the component model's text.
/// Everything else that begins so is a word like any other.
Token Lexer::character() {
  const char* const begin = at_++;
  if (at_ != end_ && *at_ == '\\') {
    if (!escape()) error_.reset();
  } else if (at_ != end_) {
    const auto c = static_cast<unsigned char>(*at_);
    const std::ptrdiff_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (c >= 0x20 && c != 0x7F && c != '"' && end_ - at_ > length) at_ += length;
  }
  if (at_ - begin > 1 && at_ != end_ && *at_ == '\'') {
    ++at_;
    if (at_ == end_ || !(is(at_, idchar) || *at_ == '"')) return token(TokenKind::reserved, begin);
  }
  at_ = begin;
  return word();
}

Token Lexer::next() {
  for (;;) {
    while (at_ != end_ && is(at_, space)) ++at_;
    if (at_ == end_) return {TokenKind::eof, offset(), offset()};
    const char* const begin = at_;
    switch (*at_) {
      case '(':
        if (end_ - at_ >= 2 && at_[1] == ';') {
          if (!block_comment()) return {TokenKind::bad, offset_of(begin), offset_of(begin) + 2};
          continue;
        }
        if (end_ - at_ >= 2 && at_[1] == '@' && !in_annotation_) {
          if (!annotation()) return {TokenKind::bad, offset_of(begin), offset_of(begin) + 2};
          continue;
        }
        ++at_;
        return token(TokenKind::lparen, begin);
      case ')':
        ++at_;
        return token(TokenKind::rparen, begin);
      case ';':
        if (end_ - at_ >= 2 && at_[1] == ';') {
          line_comment();
          continue;
        }
        ++at_;
        return token(TokenKind::reserved, begin);
      case '"':
        if (!string()) return {TokenKind::bad, offset_of(begin), offset_of(begin) + 1};
        if (at_ != end_ && (is(at_, idchar) || *at_ == '"')) return reserved(begin);
        return token(TokenKind::string, begin);
      case '$':
        return identifier();
      case '\'':
        return character();
      default:
        if (is(at_, idchar)) return word();
        if (is(at_, punct)) {
          ++at_;
          return token(TokenKind::reserved, begin);
        }
        return fail(rules::illegal_character, at_, at_ + 1,
                    fmt::format("{} outside of strings and comments", show_char(text(), offset())));
    }
  }
}

bool Lexer::skip_to_close(std::uint32_t depth) {
  for (;;) {
    at_ = find_structure(at_, end_);
    if (at_ == end_) return false;
    switch (*at_) {
      case '(':
        if (end_ - at_ >= 2 && at_[1] == ';') {
          if (!block_comment()) return false;
        } else {
          ++at_;
          ++depth;
        }
        break;
      case ')':
        ++at_;
        if (--depth == 0) return true;
        break;
      case ';':
        if (end_ - at_ >= 2 && at_[1] == ';') {
          line_comment();
        } else {
          ++at_;
        }
        break;
      default:
        if (!string()) return false;
        break;
    }
  }
}

void append_string(std::string_view token, std::vector<std::uint8_t>& out) {
  if (!token.empty() && token.front() == '$') token.remove_prefix(1);
  const char* p = token.data() + 1;
  const char* const end = token.data() + token.size() - 1;
  while (p < end) {
    const auto* const found =
        static_cast<const char*>(__builtin_memchr(p, '\\', static_cast<std::size_t>(end - p)));
    const char* const stop = found == nullptr ? end : found;
    out.insert(out.end(), p, stop);
    p = stop;
    if (p == end) break;
    ++p;
    switch (*p) {
      case 't':
        out.push_back('\t');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case '"':
      case '\'':
      case '\\':
        out.push_back(static_cast<std::uint8_t>(*p));
        break;
      case 'u': {
        std::uint32_t value = 0;
        for (p += 2; *p != '}'; ++p) {
          if (*p != '_') value = value * 16 + hex_value(*p);
        }
        std::string utf8;
        append_utf8(utf8, value);
        out.insert(out.end(), utf8.begin(), utf8.end());
        break;
      }
      default:
        out.push_back(static_cast<std::uint8_t>(hex_value(p[0]) * 16 + hex_value(p[1])));
        ++p;
        break;
    }
    ++p;
  }
}

std::string string_value(std::string_view token) {
  std::vector<std::uint8_t> bytes;
  append_string(token, bytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace tenon::text

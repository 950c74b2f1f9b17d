// SPDX-License-Identifier: Apache-2.0
// One token of lookahead, two where `(word` decides. Errors name the unknown word rather than the
// parenthesis before it, and say how a word of an older draft is spelled today. Nesting is limited
// here, once for all parsers, since they recurse.
#include "tenon/text/cursor.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/unicode.h"
#include "tenon/text/keywords.h"
#include "tenon/text/number.h"
#include "tenon/text/rules.h"
#include "tenon/text/spellings.h"

namespace tenon::text {
namespace {

std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  if (text.size() <= most) return std::string(text);
  std::size_t cut = most;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

}  // namespace

std::string_view Cursor::quoted_name(std::string_view token) const {
  const std::string_view inside = token.substr(2, token.size() - 3);
  if (inside.find('\\') == std::string_view::npos) return inside;
  return arena_->emplace_back(string_value(token));
}

Token Cursor::too_deep(Token taken) {
  error_.emplace(rules::nesting, span(taken), fmt::format("more than {}", max_nesting));
  has_next_ = false;
  token_ = {TokenKind::bad, taken.begin, taken.end};
  // Nothing may follow: who takes two tokens at once would otherwise step over the bad one.
  lexer_.seek(static_cast<std::uint32_t>(lexer_.text().size()));
  return taken;
}

bool Cursor::is_unknown(const Token& token) const {
  const std::string_view word = text(token);
  switch (token.kind) {
    case TokenKind::reserved:
      return true;
    case TokenKind::number:
      return !is_int(word) && !is_float(word);
    case TokenKind::keyword:
      return !is_keyword(word) && !is_float(word);
    case TokenKind::eof:
    case TokenKind::lparen:
    case TokenKind::rparen:
    case TokenKind::id:
    case TokenKind::quoted_id:
    case TokenKind::string:
    case TokenKind::bad:
      return false;
  }
  return false;
}

Error Cursor::unexpected(std::string_view wanted) {
  if (error_) return std::move(*error_);
  if (token_.kind == TokenKind::bad) return lexer_.take_error();
  // `(` and an unknown word: the word is what is wrong.
  Token found = token_;
  if (found.kind == TokenKind::lparen) {
    if (peek_next().kind == TokenKind::bad) return lexer_.take_error();
    if (is_unknown(peek_next())) found = peek_next();
  }
  const bool opens = found.kind == TokenKind::lparen && peek_next().kind == TokenKind::keyword;
  const Token word = opens ? peek_next() : found;
  if (word.kind == TokenKind::keyword) {
    if (std::string detail = foreign_word(text(word), wanted); !detail.empty()) {
      return Error(is_unknown(word) ? rules::unknown_keyword : rules::unexpected_token, span(word),
                   std::move(detail));
    }
  }
  if (is_unknown(found)) {
    const std::string today =
        found.kind == TokenKind::keyword ? todays_spelling(text(found)) : std::string();
    if (today.empty()) {
      return Error(rules::unknown_keyword, span(found),
                   fmt::format("found `{}`, wanted {}", shown(text(found)), wanted));
    }
    Error error(rules::unknown_keyword, span(found),
                fmt::format("found `{}`, which is spelled `{}` today", text(found), today));
    return std::move(error).help(
        fmt::format("write `{}`; `tenon parse --legacy` reads both", today));
  }
  std::string what = fmt::format("`{}`", shown(text(found)));
  if (found.kind == TokenKind::eof) what = "the end";
  if (opens) {
    what = fmt::format("`({}`", shown(text(peek_next())));
  }
  return Error(rules::unexpected_token, span(found),
               fmt::format("found {}, wanted {}", what, wanted));
}

Result<void> Cursor::expect_open(std::string_view wanted) {
  if (!at(TokenKind::lparen)) return std::unexpected(unexpected(wanted));
  take();
  return {};
}

Result<void> Cursor::expect_close(std::string_view wanted) {
  if (!at(TokenKind::rparen)) return std::unexpected(unexpected(wanted));
  take();
  return {};
}

Result<void> Cursor::expect_keyword(std::string_view word) {
  if (!at_keyword(word)) return std::unexpected(unexpected(fmt::format("`{}`", word)));
  take();
  return {};
}

Result<void> Cursor::expect_open_keyword(std::string_view word) {
  if (!at_open(word)) return std::unexpected(unexpected(fmt::format("`({}`", word)));
  take();
  take();
  return {};
}

Result<void> Cursor::expect_end() {
  if (!at(TokenKind::eof)) return std::unexpected(unexpected("the end"));
  return {};
}

Result<std::uint64_t> Cursor::integer(IntResult number, char kind, unsigned bits,
                                      std::string_view wanted) {
  if (token_.kind != TokenKind::number || number.status == NumberStatus::malformed)
    return std::unexpected(unexpected(wanted));
  if (number.status == NumberStatus::out_of_range) {
    return std::unexpected(Error(rules::number_range, span(),
                                 fmt::format("`{}` does not fit {}{}", shown(text()), kind, bits)));
  }
  take();
  return number.value;
}

Result<std::uint64_t> Cursor::unsigned_int(unsigned bits, std::string_view wanted) {
  return integer(parse_unsigned(text(), bits), 'u', bits, wanted);
}

Result<std::int64_t> Cursor::signed_int(unsigned bits, std::string_view wanted) {
  const auto value = TENON_TRY(integer(parse_signed(text(), bits), 's', bits, wanted));
  const unsigned shift = 64 - bits;
  return static_cast<std::int64_t>(value << shift) >> shift;
}

Result<std::uint32_t> Cursor::u32(std::string_view wanted) {
  const std::uint64_t value = TENON_TRY(unsigned_int(32, wanted));
  return static_cast<std::uint32_t>(value);
}

Result<std::uint64_t> Cursor::u64(std::string_view wanted) {
  return unsigned_int(64, wanted);
}

Result<std::uint64_t> Cursor::literal(bool is_float, unsigned bits, const Rule& out_of_range) {
  const char kind = is_float ? 'f' : 'i';
  const auto wanted = [&] { return fmt::format("a number of type {}{}", kind, bits); };
  const bool may_be =
      token_.kind == TokenKind::number || (is_float && token_.kind == TokenKind::keyword);
  if (!may_be) return std::unexpected(unexpected(wanted()));
  const IntResult number = is_float ? parse_float(text(), bits) : parse_int(text(), bits);
  if (number.status == NumberStatus::malformed) return std::unexpected(unexpected(wanted()));
  if (number.status == NumberStatus::out_of_range) {
    return std::unexpected(Error(out_of_range, span(),
                                 fmt::format("`{}` does not fit {}{}", shown(text()), kind, bits)));
  }
  take();
  return number.value;
}

Result<std::uint64_t> Cursor::int_literal(unsigned bits, const Rule& out_of_range) {
  return literal(false, bits, out_of_range);
}

Result<std::uint64_t> Cursor::float_literal(unsigned bits, const Rule& out_of_range) {
  return literal(true, bits, out_of_range);
}

Result<ByteRange> Cursor::string(std::vector<std::uint8_t>& out, std::string_view wanted) {
  if (token_.kind != TokenKind::string) return std::unexpected(unexpected(wanted));
  const auto begin = static_cast<std::uint32_t>(out.size());
  append_string(text(), out);
  take();
  return ByteRange{begin, static_cast<std::uint32_t>(out.size())};
}

ByteRange Cursor::strings(std::vector<std::uint8_t>& out) {
  const auto begin = static_cast<std::uint32_t>(out.size());
  while (token_.kind == TokenKind::string) {
    append_string(text(), out);
    take();
  }
  return {begin, static_cast<std::uint32_t>(out.size())};
}

Result<std::string> Cursor::name(std::string_view wanted) {
  if (token_.kind != TokenKind::string) return std::unexpected(unexpected(wanted));
  std::string value = string_value(text());
  if (!is_utf8(value)) {
    return std::unexpected(Error(rules::malformed_name, span(), "the string is no UTF-8 text"));
  }
  take();
  return value;
}

/// Those that nobody took are before the previous token; what follows the current one was met
/// when a token was looked at ahead.
std::vector<Annotation> Cursor::take_annotations(std::initializer_list<Annotation::Kind> kinds) {
  std::vector<Annotation> out;
  lexer_.take_annotations(previous_end_, token_.begin, [&](const Annotation& annotation) {
    if (std::ranges::find(kinds, annotation.kind) == kinds.end()) return false;
    out.push_back(annotation);
    return true;
  });
  return out;
}

std::optional<Annotation> Cursor::take_annotation_since(Annotation::Kind kind,
                                                        std::uint32_t begin) {
  std::optional<Annotation> out;
  lexer_.take_annotations(begin, token_.begin, [&](const Annotation& annotation) {
    if (out || annotation.kind != kind) return false;
    out = annotation;
    return true;
  });
  return out;
}

Result<void> Cursor::skip_to_close() {
  const std::uint32_t begin = token_.begin;
  lexer_.seek(begin);
  has_next_ = false;
  if (!lexer_.skip_to_close()) {
    token_ = lexer_.next();
    return std::unexpected(unexpected("`)`"));
  }
  previous_end_ = lexer_.offset();
  if (depth_ > 0) --depth_;
  token_ = lexer_.next();
  return {};
}

void Cursor::seek(std::uint32_t offset, std::uint32_t depth) {
  lexer_.seek(offset);
  has_next_ = false;
  depth_ = depth;
  previous_end_ = offset;
  token_ = lexer_.next();
}

}  // namespace tenon::text

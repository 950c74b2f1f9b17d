// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::text {

/// Spec: core/text/lexical "Tokens". `number` is anything that begins like one; whoever wants its
/// value checks the rest. `bad` is where the lexer found an error (`Lexer::take_error`).
enum class TokenKind : std::uint8_t {
  eof,
  lparen,
  rparen,
  keyword,
  id,
  quoted_id,
  string,
  number,
  reserved,
  bad
};

/// A token is its place: [begin, end) of the text. Identifiers include `$`, strings their quotes.
struct Token {
  TokenKind kind = TokenKind::eof;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// An annotation that means something to a module's reader; all others are space.
struct Annotation {
  enum class Kind : std::uint8_t { name, custom, producers, dylink, branch_hint, data_count };
  Kind kind = Kind::name;
  /// From `(@` to after `)`.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  /// After the annotation's name.
  std::uint32_t content = 0;
};

/// Checks what a lexer takes for granted: a size below 4 GiB and valid UTF-8.
[[nodiscard]] Result<void> check_source(std::string_view text, std::uint32_t source);

/// Cuts a text into tokens, one pass, no allocation. Spec: core/text/lexical.
/// The text must have passed `check_source` and outlive the lexer.
class Lexer {
 public:
  Lexer(std::string_view text, std::uint32_t source, std::uint32_t at = 0)
      : begin_(text.data()),
        at_(text.data() + at),
        end_(text.data() + text.size()),
        source_(source) {}

  /// The next token; `eof` at the end and ever after.
  [[nodiscard]] Token next();
  /// Moves past the `)` that closes `depth` open parentheses, looking at nothing but nesting,
  /// strings and comments; false when the text ends first.
  [[nodiscard]] bool skip_to_close(std::uint32_t depth = 1);

  /// The error behind a `bad` token.
  [[nodiscard]] Error take_error();
  [[nodiscard]] std::uint32_t offset() const { return offset_of(at_); }
  void seek(std::uint32_t offset) { at_ = begin_ + offset; }
  [[nodiscard]] std::uint32_t source() const { return source_; }
  [[nodiscard]] std::string_view text() const {
    return {begin_, static_cast<std::size_t>(end_ - begin_)};
  }
  [[nodiscard]] std::string_view text(const Token& token) const {
    return {begin_ + token.begin, token.end - token.begin};
  }
  /// Meaningful annotations met so far, in order, but for those that were taken.
  [[nodiscard]] const std::vector<Annotation>& annotations() const { return annotations_; }
  void clear_annotations() { annotations_.clear(); }
  /// Asks `take` about each that begins in the range, and drops those for which it is true.
  template <class Take>
  void take_annotations(std::uint32_t begin, std::uint32_t end, Take take) {
    const auto first = std::ranges::lower_bound(annotations_, begin, {}, &Annotation::begin);
    const auto last = std::ranges::lower_bound(annotations_, end, {}, &Annotation::begin);
    annotations_.erase(std::remove_if(first, last, take), last);
  }

 private:
  [[nodiscard]] std::uint32_t offset_of(const char* p) const {
    return static_cast<std::uint32_t>(p - begin_);
  }
  [[nodiscard]] Token token(TokenKind kind, const char* begin) const {
    return {kind, offset_of(begin), offset_of(at_)};
  }
  /// Remembers the first error and gives the `bad` token.
  Token fail(const Rule& rule, const char* begin, const char* end, std::string detail = {});
  /// Moves past a string that begins at `at_`; false (and an error) when it is malformed.
  bool string();
  bool escape();
  bool block_comment();
  void line_comment();
  /// Moves past `(@id … )`; false (and an error) when it is malformed.
  bool annotation();
  Token word();
  Token character();
  Token identifier();
  Token reserved(const char* begin);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::uint32_t source_;
  bool in_annotation_ = false;
  std::optional<Error> error_;
  std::vector<Annotation> annotations_;
};

/// Appends the bytes that a string token stands for (a quoted identifier likewise, after its `$`).
/// The token must be a lexer's.
void append_string(std::string_view token, std::vector<std::uint8_t>& out);
[[nodiscard]] std::string string_value(std::string_view token);

}  // namespace tenon::text

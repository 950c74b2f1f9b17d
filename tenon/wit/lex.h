// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::wit {

enum class TokenKind : std::uint8_t {
#define TENON_KEYWORD(name, text) name,
#define TENON_PUNCT(name, text) name,
#include "tenon/wit/tokens.def"
  id,           // kebab-case, no keyword
  explicit_id,  // `%` and an id, the `%` included in the span
  integer,
  string_literal,
  end,
};

/// How a token reads in a message: "`interface`", "a name", "the end of the file".
[[nodiscard]] std::string_view describe(TokenKind kind);
[[nodiscard]] bool is_keyword(TokenKind kind);
/// Whether a name needs a `%` before it.
[[nodiscard]] bool is_keyword_text(std::string_view name);

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// A comment: its text with marks. `doc` is `///` or `/**`.
struct Comment {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool doc = false;
};

/// The tokens of one file, the `end` token last, and its comments apart (the formatter keeps them).
struct Tokens {
  std::string_view text;
  std::uint32_t source = 0;
  std::vector<Token> tokens;
  std::vector<Comment> comments;

  [[nodiscard]] std::string_view of(const Token& token) const {
    return text.substr(token.begin, token.end - token.begin);
  }
  [[nodiscard]] Span span(const Token& token) const { return {source, token.begin, token.end}; }
};

/// Cuts a text into tokens, in one pass. What is wrong is reported and passed over. The text must
/// outlive the tokens. Spec: WIT.md "Lexical structure".
[[nodiscard]] Tokens lex(std::string_view text, std::uint32_t source, Diagnostics& diagnostics);

/// Codepoints that a WIT text must not contain, not even in comments: controls, bidi overrides, and
/// what Unicode deprecates. Spec: WIT.md "Lexical structure".
[[nodiscard]] bool is_forbidden(char32_t c);

/// Whether a name is in kebab case, each word in one case. Spec: WIT.md "WIT Identifiers".
[[nodiscard]] bool is_kebab(std::string_view name);

/// The value of a string literal, quotes included in `literal`; nothing when it is malformed.
[[nodiscard]] std::optional<std::string> string_value(std::string_view literal);

}  // namespace tenon::wit

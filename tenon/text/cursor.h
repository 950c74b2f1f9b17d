// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/text/lex.h"
#include "tenon/text/name_map.h"
#include "tenon/text/number.h"

namespace tenon::text {

/// Parentheses may nest this deep. Flat instructions nest without a limit.
inline constexpr std::uint32_t max_nesting = 10'000;

/// An identifier where it is: its name without `$`, quotes and escapes.
struct Id {
  /// Empty when there is an annotation alone.
  std::string_view name;
  Span span;
  /// What `(@name "…")` behind it says.
  std::optional<std::string_view> given{};
};

/// What every parser of this room is based on: the current token, one more to look at, and the
/// small steps all grammars share. A `Result` here carries a complete error.
class Cursor {
 public:
  Cursor(std::string_view text, std::uint32_t source, NameArena& arena, std::uint32_t at = 0)
      : lexer_(text, source, at), arena_(&arena) {
    token_ = lexer_.next();
  }

  [[nodiscard]] const Token& peek() const { return token_; }
  [[nodiscard]] const Token& peek_next() {
    if (!has_next_) {
      next_ = lexer_.next();
      has_next_ = true;
    }
    return next_;
  }
  /// The token `n` places after the current one, read again: for the few places that need to look
  /// far.
  [[nodiscard]] Token peek_at(std::size_t n) const {
    Lexer ahead(lexer_.text(), lexer_.source(), token_.begin);
    Token token = ahead.next();
    while (n-- > 0) token = ahead.next();
    return token;
  }
  /// Takes the current token.
  Token take() {
    const Token taken = token_;
    previous_end_ = taken.end;
    if (taken.kind == TokenKind::lparen) {
      if (++depth_ > max_nesting) return too_deep(taken);
    } else if (taken.kind == TokenKind::rparen && depth_ > 0) {
      --depth_;
    }
    if (has_next_) {
      token_ = next_;
      has_next_ = false;
    } else {
      token_ = lexer_.next();
    }
    return taken;
  }
  [[nodiscard]] std::string_view text(const Token& token) const { return lexer_.text(token); }
  [[nodiscard]] std::string_view text() const { return lexer_.text(token_); }
  [[nodiscard]] std::string_view whole_text() const { return lexer_.text(); }
  [[nodiscard]] Span span(const Token& token) const {
    return {lexer_.source(), token.begin, token.end};
  }
  [[nodiscard]] Span span() const { return span(token_); }
  [[nodiscard]] Span span_from(std::uint32_t begin) const {
    return {lexer_.source(), begin, previous_end_};
  }
  [[nodiscard]] std::uint32_t source() const { return lexer_.source(); }
  [[nodiscard]] NameArena& arena() const { return *arena_; }
  [[nodiscard]] std::uint32_t previous_end() const { return previous_end_; }

  [[nodiscard]] bool at(TokenKind kind) const { return token_.kind == kind; }
  [[nodiscard]] bool at_keyword(std::string_view word) const {
    return token_.kind == TokenKind::keyword && lexer_.text(token_) == word;
  }
  /// `(` and then the word.
  [[nodiscard]] bool at_open(std::string_view word) {
    if (token_.kind != TokenKind::lparen) return false;
    const Token& next = peek_next();
    return next.kind == TokenKind::keyword && lexer_.text(next) == word;
  }
  /// `(` and then a keyword: the keyword, else empty.
  [[nodiscard]] std::string_view open_keyword() {
    if (token_.kind != TokenKind::lparen) return {};
    const Token& next = peek_next();
    return next.kind == TokenKind::keyword ? lexer_.text(next) : std::string_view{};
  }
  bool eat_keyword(std::string_view word) {
    if (!at_keyword(word)) return false;
    take();
    return true;
  }
  bool eat_open(std::string_view word) {
    if (!at_open(word)) return false;
    take();
    take();
    return true;
  }
  bool eat_close() {
    if (token_.kind != TokenKind::rparen) return false;
    take();
    return true;
  }
  /// `$id`, when there is one.
  [[nodiscard]] bool at_id() const {
    return token_.kind == TokenKind::id || token_.kind == TokenKind::quoted_id;
  }
  std::optional<Id> eat_id() {
    if (!at_id()) return std::nullopt;
    const Id id{id_name(token_), span()};
    take();
    return id;
  }
  /// The name of an identifier token; lives as long as the text and the arena.
  [[nodiscard]] std::string_view id_name(const Token& token) const {
    const std::string_view all = lexer_.text(token);
    if (token.kind == TokenKind::id) return all.substr(1);
    return quoted_name(all);
  }

  [[nodiscard]] Result<void> expect_open(std::string_view wanted = "`(`");
  [[nodiscard]] Result<void> expect_close(std::string_view wanted = "`)`");
  [[nodiscard]] Result<void> expect_keyword(std::string_view word);
  /// `(` and the word.
  [[nodiscard]] Result<void> expect_open_keyword(std::string_view word);
  [[nodiscard]] Result<void> expect_end();
  [[nodiscard]] Result<std::uint64_t> unsigned_int(unsigned bits, std::string_view wanted);
  [[nodiscard]] Result<std::int64_t> signed_int(unsigned bits, std::string_view wanted);
  [[nodiscard]] Result<std::uint32_t> u32(std::string_view wanted);
  [[nodiscard]] Result<std::uint64_t> u64(std::string_view wanted);
  /// A literal of iN or fN as its bits; `out_of_range` is the rule for one that does not fit.
  [[nodiscard]] Result<std::uint64_t> int_literal(unsigned bits, const Rule& out_of_range);
  [[nodiscard]] Result<std::uint64_t> float_literal(unsigned bits, const Rule& out_of_range);
  /// A string's bytes, appended to `out`.
  [[nodiscard]] Result<ByteRange> string(std::vector<std::uint8_t>& out,
                                         std::string_view wanted = "a string");
  /// Every string that follows, joined.
  [[nodiscard]] ByteRange strings(std::vector<std::uint8_t>& out);
  /// A string that is UTF-8.
  [[nodiscard]] Result<std::string> name(std::string_view wanted = "a string");

  /// The first annotation of the kind that is between the previous token and the current one,
  /// taken.
  [[nodiscard]] std::optional<Annotation> take_annotation(Annotation::Kind kind) {
    return take_annotation_since(kind, previous_end_);
  }
  /// Likewise, from `begin` to the current token.
  [[nodiscard]] std::optional<Annotation> take_annotation_since(Annotation::Kind kind,
                                                                std::uint32_t begin);
  /// All of these kinds that are there. A text may have any number: whoever wants many takes them
  /// at once.
  [[nodiscard]] std::vector<Annotation> take_annotations(
      std::initializer_list<Annotation::Kind> kinds);
  [[nodiscard]] bool has_annotations() const { return !lexer_.annotations().empty(); }
  void clear_annotations() { lexer_.clear_annotations(); }
  /// A cursor into an annotation's content.
  [[nodiscard]] Cursor inside(const Annotation& annotation) const {
    return {lexer_.text().substr(0, annotation.end), lexer_.source(), *arena_, annotation.content};
  }

  /// Whether spellings of former days are read: `get_local`, `anyfunc`.
  [[nodiscard]] bool reads_legacy() const { return legacy_; }
  void read_legacy(bool on) { legacy_ = on; }

  /// What is here is not what was wanted.
  [[nodiscard]] Error unexpected(std::string_view wanted);
  /// Whether the token has no meaning anywhere (as opposed to: not here).
  [[nodiscard]] bool is_unknown(const Token& token) const;

  /// Moves past the `)` that closes the innermost `(` taken. Looks at structure alone.
  [[nodiscard]] Result<void> skip_to_close();
  /// Goes on reading at an offset, with `depth` parentheses open.
  void seek(std::uint32_t offset, std::uint32_t depth);
  [[nodiscard]] std::uint32_t depth() const { return depth_; }

 private:
  [[nodiscard]] std::string_view quoted_name(std::string_view token) const;
  Token too_deep(Token taken);
  [[nodiscard]] Result<std::uint64_t> integer(IntResult number, char kind, unsigned bits,
                                              std::string_view wanted);
  [[nodiscard]] Result<std::uint64_t> literal(bool is_float, unsigned bits,
                                              const Rule& out_of_range);

  Lexer lexer_;
  NameArena* arena_;
  Token token_;
  Token next_;
  bool has_next_ = false;
  bool legacy_ = false;
  std::uint32_t depth_ = 0;
  std::uint32_t previous_end_ = 0;
  std::optional<Error> error_;
};

}  // namespace tenon::text

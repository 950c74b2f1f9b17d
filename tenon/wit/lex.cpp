// SPDX-License-Identifier: Apache-2.0
// Besides WIT's own tokens the lexer recognises characters that other languages and word processors
// put there, says what WIT writes instead, and goes on as if that had been written: one mistake
// gives one error. Most words are plain and take a fast path.
// Spec: WIT.md "Lexical structure"
#include "tenon/wit/lex.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tenon/base/ascii.h"
#include "tenon/base/nearest.h"
#include "tenon/base/unicode.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

struct Keyword {
  std::string_view text;
  TokenKind kind;
};

constexpr std::array keywords = {
#define TENON_KEYWORD(name, text) Keyword{text, TokenKind::name},
#include "tenon/wit/tokens.def"
};

constexpr std::array descriptions = {
#define TENON_KEYWORD(name, text) std::string_view("`" text "`"),
#define TENON_PUNCT(name, text) std::string_view("`" text "`"),
#include "tenon/wit/tokens.def"
    std::string_view("a name"),
    std::string_view("a name"),
    std::string_view("a number"),
    std::string_view("a string"),
    std::string_view("the end of the file"),
};

/// What a byte may begin or go on.
enum class Class : std::uint8_t { other, blank, lower, upper, digit };
constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> out{};
  for (const char c : {' ', '\n', '\t', '\r'}) out[static_cast<std::size_t>(c)] = Class::blank;
  for (std::size_t c = 'a'; c <= 'z'; ++c) out[c] = Class::lower;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) out[c] = Class::upper;
  for (std::size_t c = '0'; c <= '9'; ++c) out[c] = Class::digit;
  return out;
}();
Class class_of(char c) {
  return classes[static_cast<unsigned char>(c)];
}

/// Where the keywords with a first letter begin in the table, `a` first.
constexpr std::array<std::uint8_t, 27> keyword_begins = [] {
  std::array<std::uint8_t, 27> out{};
  for (std::size_t letter = 0; letter < out.size(); ++letter) {
    std::size_t at = 0;
    while (at < keywords.size() && keywords[at].text[0] < static_cast<char>('a' + letter)) ++at;
    out[letter] = static_cast<std::uint8_t>(at);
  }
  return out;
}();

constexpr bool is_word(char c) {
  return is_letter(c) || is_digit(c);
}

TokenKind keyword_kind(std::string_view text) {
  static_assert(std::is_sorted(keywords.begin(), keywords.end(),
                               [](const Keyword& a, const Keyword& b) { return a.text < b.text; }));
  if (text.empty() || text[0] < 'a' || text[0] > 'z') return TokenKind::id;
  const auto letter = static_cast<std::size_t>(text[0] - 'a');
  for (std::size_t at = keyword_begins[letter]; at < keyword_begins[letter + 1]; ++at) {
    if (keywords[at].text == text) return keywords[at].kind;
  }
  return TokenKind::id;
}

/// Whether eight bytes are printable ASCII: neither controls nor beyond. What it takes for others
/// is looked at again.
bool is_plain(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t ones = 0x0101010101010101;
  const std::uint64_t below_space = word - 0x20 * ones;
  const std::uint64_t is_delete = (word ^ (0x7F * ones)) - ones;
  return ((word | below_space | is_delete) & (0x80 * ones)) == 0;
}

class Lexer {
 public:
  Lexer(std::string_view text, std::uint32_t source, Diagnostics& diagnostics)
      : diagnostics_(diagnostics) {
    out_.text = text;
    out_.source = source;
    out_.tokens.reserve(text.size() / 5 + 1);
  }

  Tokens run() {
    if (out_.text.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < size()) step();
    push(TokenKind::end, at_);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(out_.text.size()); }
  [[nodiscard]] char peek(std::uint32_t ahead = 0) const {
    return at_ + ahead < size() ? out_.text[at_ + ahead] : '\0';
  }
  void push(TokenKind kind, std::uint32_t begin) { out_.tokens.push_back({kind, begin, at_}); }
  [[nodiscard]] Span span(std::uint32_t begin) const { return {out_.source, begin, at_}; }

  void step() {
    const char c = peek();
    const Class kind = class_of(c);
    if (kind == Class::blank) {
      do {
        ++at_;
      } while (at_ < size() && class_of(out_.text[at_]) == Class::blank);
    } else if (kind == Class::lower || kind == Class::upper) {
      word(at_);
    } else if (kind == Class::digit) {
      number();
    } else if (c == '/' && peek(1) == '/') {
      line_comment();
    } else if (c == '/' && peek(1) == '*') {
      block_comment();
    } else if (c == '%') {
      const std::uint32_t begin = at_++;
      if (is_letter(peek())) {
        word(begin);
      } else {
        diagnostics_.report(
            Error(rules::bad_name, span(begin), "found `%` alone, wanted a name after it"));
      }
    } else if (c == '"') {
      string();
    } else {
      punctuation();
    }
  }

  void line_comment() {
    const std::uint32_t begin = at_;
    const auto eol = out_.text.find('\n', at_);
    at_ = eol == std::string_view::npos ? size() : static_cast<std::uint32_t>(eol);
    comment(begin);
  }

  void block_comment() {
    const std::uint32_t begin = at_;
    at_ += 2;
    std::uint32_t depth = 1;
    while (depth > 0 && at_ < size()) {
      if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else {
        ++at_;
      }
    }
    if (depth > 0) {
      diagnostics_.report(Error(rules::unclosed, Span{out_.source, begin, begin + 2},
                                fmt::format("this comment, {} `*/` are missing", depth))
                              .help("block comments nest: every `/*` inside needs its own `*/`"));
    }
    comment(begin);
  }

  void comment(std::uint32_t begin) {
    const std::string_view text = out_.text.substr(begin, at_ - begin);
    const bool doc = (text.starts_with("///") && !text.starts_with("////")) ||
                     (text.starts_with("/**") && !text.starts_with("/***") && text != "/**/");
    check_characters(begin);
    out_.comments.push_back({begin, at_, doc});
  }

  /// Looks for characters that may not even be in comments and strings.
  void check_characters(std::uint32_t begin) {
    const std::string_view text = out_.text.substr(begin, at_ - begin);
    std::size_t i = 0;
    while (i < text.size()) {
      if (i + 8 <= text.size() && is_plain(text.data() + i)) {
        i += 8;
        continue;
      }
      if (static_cast<unsigned char>(text[i]) >= 0x20 &&
          static_cast<unsigned char>(text[i]) < 0x7F) {
        ++i;
        continue;
      }
      const std::size_t start = i;
      if (is_forbidden(next_scalar(text, i))) report_forbidden(begin + start, begin + i);
    }
  }

  void report_forbidden(std::size_t begin, std::size_t end) {
    const Span where{out_.source, static_cast<std::uint32_t>(begin),
                     static_cast<std::uint32_t>(end)};
    std::size_t at = begin;
    const auto scalar = static_cast<std::uint32_t>(next_scalar(out_.text, at));
    diagnostics_.report(Error(rules::bad_character, where, fmt::format("found U+{:04X}", scalar))
                            .help("control, bidirectional override and deprecated characters are "
                                  "refused; remove it"));
  }

  /// An integer, or a semantic version as one token: names inside it follow rules of their own. A
  /// dot belongs to it only when a name or number follows. Spec: WIT.md "Package declaration".
  void number() {
    const std::uint32_t begin = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && is_digit(peek(1))) {
      const auto goes_on = [&](char c) { return is_word(c) || c == '-'; };
      while (goes_on(peek()) || peek() == '+' || (peek() == '.' && goes_on(peek(1)))) ++at_;
    }
    push(TokenKind::integer, begin);
  }

  /// A name: letters, digits, dashes. Underscores and dashes too many are taken along to be
  /// explained as one word.
  void word(std::uint32_t begin) {
    const std::uint32_t name_begin = at_;
    if (plain_word(begin)) return;
    const auto dashes = [&] {
      return peek() == '-' &&
             (is_word(peek(1)) || ((peek(1) == '-' || peek(1) == '_') && is_word(peek(2))));
    };
    while (is_word(peek()) || peek() == '_' || dashes()) ++at_;
    const std::string_view text = out_.text.substr(name_begin, at_ - name_begin);
    const bool is_explicit = begin != name_begin;
    if (!is_kebab(text)) {
      const std::string mend = to_kebab(text);
      diagnostics_.report(
          Error(rules::bad_name, span(begin), fmt::format("found `{}`", text))
              .help(fmt::format("names are words of one case joined by dashes: `{}`", mend))
              .fix(span(name_begin), mend));
      push(TokenKind::id, begin);
      return;
    }
    push(is_explicit ? TokenKind::explicit_id : keyword_kind(text), begin);
  }

  /// Most names: lower case, digits, single dashes. False, and nothing is read, for another.
  bool plain_word(std::uint32_t begin) {
    const std::string_view text = out_.text;
    std::uint32_t at = at_;
    if (class_of(text[at]) != Class::lower) return false;
    bool dash = false;
    for (; at < text.size(); ++at) {
      const Class kind = class_of(text[at]);
      if (kind == Class::lower || kind == Class::digit) {
        dash = false;
      } else if (text[at] == '-' && !dash) {
        dash = true;
      } else if (kind == Class::upper || text[at] == '_' || text[at] == '-') {
        return false;
      } else {
        break;
      }
    }
    if (dash) return false;  // `->` behind it, or one too many
    const std::string_view name = text.substr(at_, at - at_);
    const TokenKind kind = begin != at_ ? TokenKind::explicit_id : keyword_kind(name);
    at_ = at;
    push(kind, begin);
    return true;
  }

  void string() {
    const std::uint32_t begin = at_++;
    while (at_ < size() && peek() != '"' && peek() != '\n') at_ += peek() == '\\' ? 2 : 1;
    at_ = std::min(at_, size());
    check_characters(begin);
    if (peek() != '"') {
      diagnostics_.report(
          Error(rules::unclosed, Span{out_.source, begin, begin + 1}, "this string"));
    } else {
      ++at_;
      if (!string_value(out_.text.substr(begin, at_ - begin)))
        diagnostics_.report(Error(rules::bad_string, span(begin),
                                  "wanted the escapes \\t \\n \\r \\\" \\' \\\\ \\hh \\u{…}"));
    }
    push(TokenKind::string_literal, begin);
  }

  /// `end` for what is no sign of WIT's.
  static TokenKind punctuation_kind(char c) {
    static constexpr std::array<TokenKind, 128> table = [] {
      std::array<TokenKind, 128> out{};
      out.fill(TokenKind::end);
#define TENON_PUNCT(name, text) \
  if (sizeof(text) == 2) out[static_cast<std::size_t>((text)[0])] = TokenKind::name;
#include "tenon/wit/tokens.def"
      return out;
    }();
    const auto byte = static_cast<unsigned char>(c);
    return byte < table.size() ? table[byte] : TokenKind::end;
  }

  void punctuation() {
    const std::uint32_t begin = at_;
    const auto byte = static_cast<unsigned char>(peek());
    if (byte == '-' && peek(1) == '>') {
      at_ += 2;
      push(TokenKind::arrow, begin);
      return;
    }
    if (const TokenKind kind = punctuation_kind(peek()); kind != TokenKind::end) {
      ++at_;
      push(kind, begin);
      return;
    }
    std::size_t end = at_;
    const char32_t scalar = next_scalar(out_.text, end);
    at_ = static_cast<std::uint32_t>(end);
    if (is_forbidden(scalar)) {
      report_forbidden(begin, end);
    } else if (!foreign(begin, scalar)) {
      diagnostics_.report(Error(rules::bad_character, span(begin),
                                fmt::format("found `{}`", out_.text.substr(begin, at_ - begin))));
    }
  }

  /// Signs that other languages write types and comments with. The sign is behind us.
  bool foreign(std::uint32_t begin, char32_t scalar) {
    switch (scalar) {
      case '#':
        return hash_comment(begin);
      case '[':
        return brackets(begin);
      case ']':
        return begin == closing_;  // told with its `[`
      case '?':
        return question(begin);
      case '|':
        return without_word(begin,
                            "one of several types is a `variant`, one of several flags a "
                            "`flags` type");
      case '!':
        return exclamation(begin);
      case '^':
      case '~':
        return inexact(begin);
      case '&':
        return without_word(begin,
                            "there are no references: `borrow<…>` lends a resource, other "
                            "values are copied");
      default:
        return (is_space(scalar) && odd_space(begin, scalar)) || typographic(begin, scalar);
    }
  }

  /// Signs that word processors and keyboards of other scripts put for those of ASCII.
  bool typographic(std::uint32_t begin, char32_t scalar) {
    std::string mend;
    std::string help;
    const auto stand_for = [&](TokenKind kind) {
      if (kind != TokenKind::end) push(kind, begin);
    };
    if (scalar > 0xFF00 && scalar < 0xFF5F) {  // of full width
      mend = static_cast<char>(scalar - 0xFF00 + 0x20);
    } else if (scalar >= 0x2010 && scalar <= 0x2015) {
      mend = "-";
    } else if (scalar == 0x2192 || scalar == 0x21D2) {
      mend = "->";
    } else if ((scalar >= 0x2018 && scalar <= 0x201F) || scalar == '\'' || scalar == '`') {
      help = "names and types have no quotes: remove it";
    } else {
      return false;
    }
    if (help.empty()) help = fmt::format("write `{}`", mend);
    diagnostics_.report(Error(rules::bad_character, span(begin),
                              fmt::format("found `{}`", out_.text.substr(begin, at_ - begin)))
                            .help(std::move(help))
                            .fix(span(begin), mend));
    // Read on as if it stood there.
    stand_for(mend == "->"       ? TokenKind::arrow
              : mend.size() == 1 ? punctuation_kind(mend[0])
                                 : TokenKind::end);
    return true;
  }

  /// `@^0.2.0`, `@~0.2` of other registries, and `~name()` of C++.
  bool inexact(std::uint32_t begin) {
    const bool version = !out_.tokens.empty() && out_.tokens.back().kind == TokenKind::at;
    if (!version)
      return scalar_at(begin) == '~' &&
             without_word(begin,
                          "a resource that ends needs no function: dropping its handle is enough; "
                          "remove it");
    const auto end = std::min(out_.text.find_first_not_of("0123456789.", at_), out_.text.size());
    std::string exact(out_.text.substr(at_, end - at_));
    while (exact.ends_with('.')) exact.pop_back();
    for (auto dots = std::ranges::count(exact, '.'); dots < 2; ++dots) exact += ".0";
    diagnostics_.report(
        Error(rules::bad_character, span(begin), fmt::format("found `{}`", out_.text[begin]))
            .help(fmt::format("a version is exact: write `@{}`", exact))
            .fix({out_.source, begin, static_cast<std::uint32_t>(end)}, exact));
    return true;
  }
  [[nodiscard]] char scalar_at(std::uint32_t begin) const { return out_.text[begin]; }

  bool without_word(std::uint32_t begin, std::string help) {
    diagnostics_.report(
        Error(rules::bad_character, span(begin), fmt::format("found `{}`", out_.text[begin]))
            .help(std::move(help)));
    return true;
  }

  /// `-> !` of Rust and `ID!` of GraphQL.
  bool exclamation(std::uint32_t begin) {
    if (!out_.tokens.empty() && out_.tokens.back().kind == TokenKind::arrow) {
      const Span both{out_.source, out_.tokens.back().begin, at_};
      out_.tokens.pop_back();  // read on as if there were no result
      diagnostics_.report(
          Error(rules::bad_character, both, fmt::format("found `{}`", text_of(both)))
              .help("every function may return: leave the result out")
              .fix(both, ""));
      return true;
    }
    if (out_.tokens.empty() || out_.tokens.back().end != begin) return false;
    diagnostics_.report(Error(rules::bad_character, span(begin), "found `!`")
                            .help("what is no `option<…>` is always there: remove the `!`")
                            .fix(span(begin), ""));
    return true;
  }

  /// `#include`, `#define` and their like; the `#` is behind us.
  bool directive(std::uint32_t begin) {
    const std::size_t end = std::min(out_.text.find('\n', begin), out_.text.size());
    std::string_view line = out_.text.substr(at_, end - at_);
    const auto word_of = [&line] {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      std::size_t length = 0;
      while (length < line.size() && (is_letter(line[length]) || is_digit(line[length]) ||
                                      line[length] == '_' || line[length] == '-'))
        ++length;
      const std::string_view out = line.substr(0, length);
      line.remove_prefix(length);
      return out;
    };
    constexpr std::string_view words =
        " include import define undef pragma if ifdef ifndef elif else endif error ";
    const bool glued = !line.starts_with(' ');
    const std::string_view word = word_of();
    if (!glued || word.empty() || !words.contains(fmt::format(" {} ", word))) return false;
    Error report(rules::bad_character, {out_.source, begin, static_cast<std::uint32_t>(end)},
                 fmt::format("found `#{}`", word));
    std::string name;
    if (word == "define") {
      for (const char c : word_of()) name += c == '_' ? '-' : to_lower(c);
    }
    const auto value = line.find_first_not_of(" \t\r(");
    if (is_kebab(name) && value != std::string_view::npos && !line.starts_with('(')) {
      const std::string_view type = line[value] == '"' || line[value] == '\'' ? "string"
                                    : line.contains('.')                      ? "f64"
                                    : line[value] == '-'                      ? "s32"
                                                                              : "u32";
      report = std::move(report).help(
          fmt::format("there are no constants: write `{}{}: func() -> {};` in an interface",
                      is_keyword_text(name) ? "%" : "", name, type));
    } else {
      const bool file = word == "include" || word == "import";
      report = std::move(report)
                   .help(file ? "remove it: the files of a folder are one package, others are in "
                                "`deps/`"
                              : "remove it: there is no preprocessor")
                   .fix({out_.source, begin, static_cast<std::uint32_t>(end)}, "");
    }
    diagnostics_.report(std::move(report));
    at_ = static_cast<std::uint32_t>(end);
    return true;
  }

  bool hash_comment(std::uint32_t begin) {
    if (directive(begin)) return true;
    if (peek() == '[') {  // `#[since(…)]`
      constexpr std::string_view own[] = {"[since",  "[unstable", "[deprecated",
                                          "[stable", "[feature",  "[external"};
      const bool gate = std::ranges::any_of(
          own, [&](std::string_view word) { return out_.text.substr(at_).starts_with(word); });
      diagnostics_.report(
          Error(rules::bad_character, span(begin), "found `#`")
              .help(gate ? "an attribute begins with `@`: `@since(version = 1.2.3)`, "
                           "`@unstable(feature = name)`, `@deprecated(version = 1.2.3)`"
                         : "remove it: there are no attributes but `@since(version = 1.2.3)`, "
                           "`@unstable(feature = name)` and `@deprecated(version = 1.2.3)`"));
      at_ = static_cast<std::uint32_t>(
          std::min(out_.text.find_first_of("]\n", begin), out_.text.size() - 1) + 1);
      return true;
    }
    diagnostics_.report(Error(rules::bad_character, span(begin), "found `#`")
                            .help("a comment begins with `//`")
                            .fix(span(begin), "//"));
    at_ = static_cast<std::uint32_t>(std::min(out_.text.find('\n', begin), out_.text.size()));
    return true;
  }

  /// The word that ends right here, when one does.
  [[nodiscard]] std::optional<Span> word_before(std::uint32_t at) const {
    if (out_.tokens.empty() || out_.tokens.back().end != at) return std::nullopt;
    const Token& last = out_.tokens.back();
    const bool is_word = last.kind == TokenKind::id || is_keyword(last.kind);
    return is_word ? std::optional(Span{out_.source, last.begin, last.end}) : std::nullopt;
  }
  [[nodiscard]] std::string_view text_of(Span where) const {
    return out_.text.substr(where.begin, where.end - where.begin);
  }

  /// `u8[]` and `[u8]`.
  bool brackets(std::uint32_t begin) {
    const std::size_t close = out_.text.find_first_of("[]\n", at_);
    if (close == std::string_view::npos || out_.text[close] != ']') return false;
    closing_ = static_cast<std::uint32_t>(close);
    const std::string_view inside = out_.text.substr(at_, close - at_);
    const Span right{out_.source, closing_, closing_ + 1};
    if (inside.find_first_not_of(' ') != std::string_view::npos) {
      const bool word = is_kebab(inside);
      Error report(rules::bad_character, span(begin), "found `[`");
      diagnostics_.report(std::move(report)
                              .help(fmt::format("a list is `list<{}>`", word ? inside : "…"))
                              .fix(span(begin), "list<")
                              .fix(right, ">"));
      return true;
    }
    Error report(rules::bad_character, {out_.source, begin, closing_ + 1}, "found `[]`");
    if (const auto word = word_before(begin)) {
      const std::string mend = fmt::format("list<{}>", text_of(*word));
      report = std::move(report)
                   .help(fmt::format("a list is `{}`", mend))
                   .fix({out_.source, word->begin, closing_ + 1}, mend);
    } else {
      report = std::move(report).help("a list is `list<…>`");
    }
    diagnostics_.report(std::move(report));
    return true;
  }

  /// `string?` and `x?: u32`.
  bool question(std::uint32_t begin) {
    const auto word = word_before(begin);
    Error report(rules::bad_character, span(begin), "found `?`");
    const std::size_t colon = out_.text.find_first_not_of(' ', at_);
    if (colon != std::string_view::npos && out_.text[colon] == ':' && word) {
      const std::size_t type =
          std::min(out_.text.find_first_not_of(' ', colon + 1), out_.text.size());
      std::size_t end = type;
      while (end < out_.text.size() &&
             (is_letter(out_.text[end]) || is_digit(out_.text[end]) || out_.text[end] == '-'))
        ++end;
      const std::string_view first = out_.text.substr(type, end - type);
      if (first == "func" || first == "async") {
        diagnostics_.report(
            std::move(report)
                .help(fmt::format("a function is always there: `{}: {}…`", text_of(*word), first))
                .fix(span(begin), ""));
        return true;
      }
      const bool plain = end > type && (end == out_.text.size() || out_.text[end] != '<');
      const std::string mend =
          fmt::format("option<{}>", plain ? out_.text.substr(type, end - type) : "…");
      report = std::move(report).help(
          fmt::format("what may be absent is an `option`: `{}: {}`", text_of(*word), mend));
      if (plain)
        report = std::move(report)
                     .fix(span(begin), "")
                     .fix({out_.source, static_cast<std::uint32_t>(type),
                           static_cast<std::uint32_t>(end)},
                          mend);
    } else if (word) {
      const std::string mend = fmt::format("option<{}>", text_of(*word));
      report = std::move(report)
                   .help(fmt::format("what may be absent is `{}`", mend))
                   .fix({out_.source, word->begin, at_}, mend);
    } else {
      report = std::move(report).help("what may be absent is `option<…>`");
    }
    diagnostics_.report(std::move(report));
    return true;
  }

  /// Blanks that a text processor puts in, and the mark of the order of bytes.
  static bool is_space(char32_t c) {
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F || c == 0x205F ||
           c == 0x3000 || c == 0xFEFF;
  }
  bool odd_space(std::uint32_t begin, char32_t c) {
    const std::string_view name = c == 0xA0     ? ", a no-break space"
                                  : c == 0xFEFF ? ", a mark of the order of bytes"
                                                : ", a blank";
    diagnostics_.report(Error(rules::bad_character, span(begin),
                              fmt::format("found U+{:04X}{}", static_cast<std::uint32_t>(c), name))
                            .help(c == 0xFEFF ? "remove it" : "write a plain space instead")
                            .fix(span(begin), c == 0xFEFF ? "" : " "));
    return true;
  }

  Tokens out_;
  Diagnostics& diagnostics_;
  std::uint32_t at_ = 0;
  /// The `]` of the last `[`.
  std::uint32_t closing_ = 0xFFFFFFFF;
};

std::optional<char32_t> hex_value(std::string_view digits) {
  if (digits.empty() || digits.size() > 8) return std::nullopt;
  char32_t value = 0;
  for (const char c : digits) {
    const char32_t digit = is_digit(c)              ? static_cast<char32_t>(c - '0')
                           : (c >= 'a' && c <= 'f') ? static_cast<char32_t>(c - 'a' + 10)
                           : (c >= 'A' && c <= 'F') ? static_cast<char32_t>(c - 'A' + 10)
                                                    : 16;
    if (digit == 16) return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace

bool is_forbidden(char32_t c) {
  if (c < 0x20) return c != '\n' && c != '\r' && c != '\t';
  if (c == 0x7F || (c >= 0x80 && c < 0xA0)) return true;
  if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) return true;
  return c == 0x149 || c == 0x673 || c == 0xF77 || c == 0xF79 || c == 0x17A3 || c == 0x17A4 ||
         c == 0x17B4 || c == 0x17B5 || (c >= 0x206A && c <= 0x206F) || c == 0x2329 || c == 0x232A ||
         c == 0xE0001;
}

std::string_view describe(TokenKind kind) {
  return descriptions[static_cast<std::size_t>(kind)];
}

bool is_keyword_text(std::string_view name) {
  return keyword_kind(name) != TokenKind::id;
}

bool is_keyword(TokenKind kind) {
  return static_cast<std::size_t>(kind) < keywords.size();
}

Tokens lex(std::string_view text, std::uint32_t source, Diagnostics& diagnostics) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  if (const auto bad = utf8_error(bytes)) {
    const auto at = static_cast<std::uint32_t>(*bad);
    diagnostics.report(Error(rules::bad_character, Span{source, at, at + 1},
                             "the text is not valid UTF-8 from here on"));
    text = text.substr(0, at);
  }
  return Lexer(text, source, diagnostics).run();
}

bool is_kebab(std::string_view name) {
  std::size_t at = 0;
  bool first = true;
  while (at <= name.size()) {
    const std::size_t end = std::min(name.find('-', at), name.size());
    const std::string_view word = name.substr(at, end - at);
    if (word.empty() || (first && !is_letter(word[0]))) return false;
    const bool lower = std::all_of(word.begin(), word.end(),
                                   [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); });
    const bool upper = std::all_of(word.begin(), word.end(),
                                   [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
    if (!lower && !upper) return false;
    first = false;
    at = end + 1;
  }
  return true;
}

std::optional<std::string> string_value(std::string_view literal) {
  if (literal.size() < 2) return std::nullopt;
  literal = literal.substr(1, literal.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\') {
      out += literal[i];
      continue;
    }
    if (++i >= literal.size()) return std::nullopt;
    const char c = literal[i];
    constexpr std::string_view from = "tnr\"'\\";
    constexpr std::string_view to = "\t\n\r\"'\\";
    if (const auto at = from.find(c); at != std::string_view::npos) {
      out += to[at];
    } else if (c == 'u' && i + 1 < literal.size() && literal[i + 1] == '{') {
      const auto close = literal.find('}', i);
      if (close == std::string_view::npos) return std::nullopt;
      const auto value = hex_value(literal.substr(i + 2, close - i - 2));
      if (!value || !is_scalar_value(*value)) return std::nullopt;
      append_utf8(out, *value);
      i = close;
    } else {
      const auto value = hex_value(literal.substr(i, 2));
      if (!value || i + 1 >= literal.size()) return std::nullopt;
      out += static_cast<char>(*value);
      ++i;
    }
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

}  // namespace tenon::wit

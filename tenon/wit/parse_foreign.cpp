// SPDX-License-Identifier: Apache-2.0
// What other languages have and WIT writes otherwise, or not at all. Each spelling is taken for
// what it stands for, so that the rest of the text is read, and the message says what to write.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/wit/meant.h"
#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

constexpr std::string_view word_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/// A name as WIT has it: no capitals, no `_`.
bool is_plain(std::string_view word) {
  return !word.empty() &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

/// Whether the type at hand may be one of another language: its signs, capitals, two words.
bool Parser::looks_foreign() const {
  constexpr std::string_view signs = "&[?'";
  const Token& first = peek();
  const std::uint32_t before = at_ == 0 ? 0 : tokens_.tokens[at_ - 1].end;
  const std::string_view gap = tokens_.text.substr(before, first.begin - before);
  if (gap.size() > 1 && gap.find_first_of(signs) != std::string_view::npos && !gap.contains('/'))
    return true;
  // `string | null`
  const std::string_view gap_behind =
      tokens_.text.substr(first.end, peek(1).begin - std::min(peek(1).begin, first.end));
  if (gap_behind.contains('|') && !gap_behind.contains('/')) return true;
  const char behind = first.end < tokens_.text.size() ? tokens_.text[first.end] : ' ';
  if (behind == '[' || behind == '?' || behind == '*' || behind == '&' || behind == '!')
    return true;
  if (is_keyword(first.kind))
    return behind == '(' || at(TokenKind::star, 1) ||
           (at(TokenKind::less, 1) && has_foreign_part());
  if (at_word("expected") || at_word("unit")) return false;  // of older drafts
  if (first.kind == TokenKind::star || first.kind == TokenKind::string_literal) return true;
  if (first.kind != TokenKind::id) return false;
  const bool words = at(TokenKind::id, 1) || is_keyword(peek(1).kind);
  const bool path = at(TokenKind::colon, 1) && adjacent(1) && at(TokenKind::colon, 2);
  return words || path || at(TokenKind::less, 1) || at(TokenKind::star, 1) ||
         at(TokenKind::dot, 1) || !is_plain(tokens_.of(first)) || behind == ' ';
}

/// `result<u32, void>`, `map<string; u32>`: a type of WIT's own with something in it that is not.
bool Parser::has_foreign_part() const {
  constexpr std::size_t most = 40;
  std::size_t depth = 0;
  for (std::size_t i = 1; i < most; ++i) {
    const Token& token = peek(i);
    if (token.kind == TokenKind::less) ++depth;
    if (token.kind == TokenKind::greater && --depth == 0) return false;
    if (token.kind == TokenKind::semicolon)
      return at(TokenKind::greater, i + 2) || peek(i + 1).kind != TokenKind::id;
    if (token.kind == TokenKind::lparen && at(TokenKind::rparen, i + 1)) return true;
    if (token.kind == TokenKind::id && tokens_.of(token) == "void") return true;
    if (!is_keyword(token.kind) && token.kind != TokenKind::id && token.kind != TokenKind::comma &&
        token.kind != TokenKind::less && token.kind != TokenKind::greater &&
        token.kind != TokenKind::underscore)
      return false;
  }
  return false;
}

/// The text of a type up to what cannot be of one.
Span Parser::type_text(std::uint32_t begin) const {
  constexpr std::size_t most = 300;
  const std::string_view text = tokens_.text.substr(begin, most);
  std::size_t depth = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (text.substr(end).starts_with("->") || text.substr(end).starts_with("//")) break;
    if (c == '<' || c == '(' || c == '[') ++depth;
    const bool closes = c == '>' || c == ')' || c == ']';
    if (closes && depth > 0) {
      --depth;
      continue;
    }
    if (closes || c == '{' || c == '}' || c == '=' || c == '\n') break;
    if (depth == 0 && (c == ',' || c == ';')) break;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return {tokens_.source, begin, static_cast<std::uint32_t>(begin + end)};
}

/// `std::vector<int>`, `&str`, `u8[4]`: taken for a type, so that the rest is read. Nothing, and
/// nothing is read, when it is none that another language has.
std::optional<ast::Type> Parser::foreign_type() {
  const std::uint32_t before = at_ == 0 ? 0 : tokens_.tokens[at_ - 1].end;
  const std::string_view gap = tokens_.text.substr(before, peek().begin - before);
  const auto sign = gap.find_first_of("&[?'");
  const bool comment = gap.contains('/');
  const Span where = type_text(sign == std::string_view::npos || comment
                                   ? peek().begin
                                   : static_cast<std::uint32_t>(before + sign));
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  auto mend = text.find_first_not_of(word_characters) == std::string_view::npos &&
                      (is_plain(text) || meant_word(text).empty())
                  ? std::nullopt
                  : meant_type(text);
  const bool of_result = at_ > 0 && tokens_.tokens[at_ - 1].kind == TokenKind::arrow;
  std::string unsure;
  if (mend) mend = lent(*std::move(mend), of_result, unsure);
  // What a sign or word alone is wrong with is told as that.
  const bool simple = is_plain(text.substr(0, text.find_first_of("[? "))) &&
                      (text.ends_with("[]") || text.ends_with('?')) && !text.contains(' ');
  const bool one_word_more = mend && text.ends_with(fmt::format(" {}", *mend));
  const bool in_brackets =
      mend && text.starts_with('[') && is_plain(text.substr(1, text.size() - 2));
  const std::string absent = mend || is_plain(text) ? std::string() : absent_help(text);
  if (absent.empty() && (!mend || simple || one_word_more || in_brackets)) return std::nullopt;
  Error report(rules::undefined, where, fmt::format("type `{}`", text));
  if (!absent.empty()) {
    report = std::move(report).help(absent);
  } else if (!unsure.empty()) {
    report = std::move(report).help(fmt::format(
        "`borrow<{0}>` lends a resource, a value is written `{0}`{1}", unsure,
        *mend == fmt::format("borrow<{}>", unsure) ? "" : fmt::format(": `{}`", *mend)));
  } else {
    report = std::move(report).help(fmt::format("WIT calls it `{}`", *mend)).fix(where, *mend);
  }
  diagnostics_.report(std::move(report));
  told_.push_back(where);
  while (peek().begin < where.end && !at(TokenKind::end)) next();
  ast::Type out;
  out.span = where;
  out.prim = component::PrimValType::string;
  return out;
}

/// `my-type<u8>`: a word that takes no types. The word is at hand.
bool Parser::foreign_generic() {
  const Token word = next();
  std::size_t depth = 0;
  do {  // what is inside is not looked at
    if (at(TokenKind::less)) ++depth;
    if (at(TokenKind::greater)) --depth;
    next();
  } while (depth > 0 && !at(TokenKind::end) && !at(TokenKind::semicolon));
  diagnostics_.report(
      Error(rules::undefined, tokens_.span(word), fmt::format("type `{}`", tokens_.of(word)))
          .help("only `list`, `option`, `result`, `tuple`, `map`, `stream`, `future`, `own` and "
                "`borrow` take types"));
  return false;
}

/// From a token to the end of its statement.
Span Parser::statement_text(std::size_t first) const {
  constexpr std::size_t most = 400;
  const std::uint32_t begin = tokens_.tokens[first].begin;
  const std::string_view text = tokens_.text.substr(begin, most);
  // `import { a } from b`
  const bool list = text.starts_with("import {") || text.starts_with("export {") ||
                    text.starts_with("use {") ||
                    (text.starts_with("import ") && text.substr(0, text.find('{')).ends_with('.'));
  std::size_t depth = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
    if (depth == 0 && (c == ';' || (!list && (c == '{' || c == '}')) || c == '\n')) break;
    if ((!list && (c == '{' || c == '}')) || text.substr(end).starts_with("//")) break;
  }
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\r')) --end;
  return {tokens_.source, begin, static_cast<std::uint32_t>(begin + end)};
}

/// `result<string, error>` of a line: what the file does not have is a `string`.
void Parser::name_error(std::string& line) const {
  const auto is_error = [](std::string_view word) {
    return word.ends_with("error") || word.ends_with("exception") || word == "throwable";
  };
  const auto comma = line.rfind(", ");
  if (!line.ends_with(">;") || comma == std::string::npos) return;
  const std::string_view word = std::string_view(line).substr(comma + 2, line.size() - comma - 4);
  if (!is_error(word) || word.contains('<') || word.contains(' ')) return;
  if (!errors_) {
    errors_.emplace();
    for (const Token& token : tokens_.tokens) {
      if (token.kind == TokenKind::id && is_error(tokens_.of(token)))
        errors_->push_back(tokens_.of(token));
    }
    std::ranges::sort(*errors_);
  }
  if (!std::ranges::binary_search(*errors_, word)) line.replace(comma + 2, word.size(), "string");
}

/// The function that a statement means, to stand in its place.
std::optional<Fix> Parser::function_line(std::size_t first) const {
  Span where = statement_text(first);
  auto line = meant_function(tokens_.text.substr(where.begin, where.end - where.begin));
  if (!line) return std::nullopt;
  std::string unsure;
  line = lent(*std::move(line), false, unsure);
  name_error(*line);
  if (tokens_.text.substr(where.end).starts_with(';')) ++where.end;
  return Fix{where, *std::move(line)};
}

/// The line to write in the place of the function at hand.
std::string Parser::line_help(std::string_view otherwise) const {
  const auto line = function_line(statement_);
  if (!line || line->text.contains("…")) return std::string(otherwise);
  return fmt::format("write `{}`", line->text);
}

/// The same as the help of an error, behind some words, and as its fix.
Error Parser::with_line(Error error, std::size_t first, std::string_view before,
                        std::string_view otherwise) const {
  auto line = function_line(first);
  if (!line) return std::move(error).help(fmt::format("{}{}", before, otherwise));
  error = std::move(error).help(fmt::format("{}`{}`", before, line->text));
  // Whether a reference is lent or copied may be unknown: nothing is written by itself.
  const bool lends = line->text.contains("borrow<");
  return line->text.contains("…") || lends ? error : std::move(error).fix(line->span, line->text);
}

/// `int f(int a)`, `sub f()`: a function that begins with its result or with a word.
bool Parser::foreign_function(std::string_view wanted) {
  const bool word = at(TokenKind::id) || is_keyword(peek().kind);
  const bool another = at(TokenKind::id, 1) || is_keyword(peek(1).kind) || at(TokenKind::less, 1) ||
                       at(TokenKind::star, 1) || at(TokenKind::dot, 1) ||
                       (at(TokenKind::colon, 1) && at(TokenKind::colon, 2) && adjacent(2));
  if (!word || !another || at(TokenKind::func, 1) || at(TokenKind::async, 1)) return false;
  const Span where = statement_text(at_);
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  if (!text.contains('(') || !function_line(at_)) return false;
  diagnostics_.report(with_line(Error(rules::syntax, tokens_.span(peek()),
                                      fmt::format("found {}, wanted {}", found(), wanted)),
                                at_, "a function is ", ""));
  told_.push_back(where);
  return true;
}

/// `(u32, u32)` where a type is wanted.
bool Parser::tuple_in_parentheses(ast::Type& out, std::uint32_t depth) {
  const Span whole_text = type_text(peek().begin);
  if (tokens_.text.substr(whole_text.end).starts_with(" ->") ||
      tokens_.text.substr(whole_text.end).starts_with(" =>"))
    return function_as_type();
  const Token open = next();
  std::string texts;
  while (!at(TokenKind::rparen) && !at(TokenKind::end)) {
    const std::uint32_t begin = peek().begin;
    auto one = type(depth + 1);
    if (!one) return false;
    texts += texts.empty() ? "" : ", ";
    texts += tokens_.text.substr(begin, tokens_.tokens[at_ - 1].end - begin);
    out.args.push_back(std::move(*one));
    if (!eat(TokenKind::comma)) break;
  }
  const Token close = peek();
  if (!expect_close(TokenKind::rparen, open, "the type")) return false;
  const Span whole{tokens_.source, open.begin, close.end};
  const std::string mend = out.args.size() == 1 ? texts : fmt::format("tuple<{}>", texts);
  Error report(rules::syntax, whole, "found types in parentheses");
  if (out.args.empty()) {
    diagnostics_.report(std::move(report).help(
        "there is no empty tuple: leave the type out, or write `_` in a result"));
    return false;
  }
  diagnostics_.report(std::move(report).help(fmt::format("write `{}`", mend)).fix(whole, mend));
  out.kind = ast::Type::Kind::tuple;
  out.span = whole;
  return true;
}

/// `func(x: u32)` where the type of a value is wanted.
bool Parser::function_as_type() {
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(peek()), "found a function where a type is wanted")
          .help(
              "functions are not values: pass a resource with a method, or export a function that "
              "is called back"));
  std::size_t depth = 0;
  do {  // its parameters are not looked at: they may have functions again
    if (at(TokenKind::lparen)) ++depth;
    if (at(TokenKind::rparen) && depth > 0) --depth;
    next();
  } while ((depth > 0 || at(TokenKind::func) || at(TokenKind::lparen)) && !at(TokenKind::end) &&
           !at(TokenKind::semicolon));
  return false;
}

/// `ns:pkg/types.point`, the namespace being behind us.
bool Parser::type_of_package(const ast::Name& first) {
  const bool path = at(TokenKind::colon) && at(TokenKind::id, 1) && at(TokenKind::slash, 2) &&
                    at(TokenKind::id, 3) && at(TokenKind::dot, 4) && at(TokenKind::id, 5);
  if (!path) return false;
  const std::string_view interface =
      tokens_.text.substr(first.span.begin, peek(3).end - first.span.begin);
  const std::string_view name = tokens_.of(peek(5));
  const Span where{tokens_.source, first.span.begin, peek(5).end};
  diagnostics_.report(
      Error(rules::syntax, where, fmt::format("found `{}.{}` as a type", interface, name))
          .help(fmt::format("bring it in before: `use {}.{{{}}};`, then it is `{}`", interface,
                            name, name))
          .fix(where, std::string(name)));
  for (int i = 0; i < 6; ++i) next();
  return true;
}

/// `types.point`, the interface's name being behind us.
bool Parser::type_of_interface() {
  const Token interface = tokens_.tokens[at_ - 1];
  next();
  if (at(TokenKind::colon)) next();  // `types::point`
  const Token name = next();
  diagnostics_.report(
      Error(rules::syntax, {tokens_.source, interface.begin, name.end},
            fmt::format("found `{}.{}` as a type", tokens_.of(interface), tokens_.of(name)))
          .help(fmt::format("bring it in before: `use {}.{{{}}};`, then it is `{}`",
                            tokens_.of(interface), tokens_.of(name), tokens_.of(name)))
          .fix({tokens_.source, interface.begin, name.end}, std::string(tokens_.of(name))));
  return false;
}

/// `add func(…)` and `add(…)`: the name is behind us. True when what follows is a function's type,
/// as far as it is there.
bool Parser::missing_colon(std::string_view name) {
  const bool without_func = at(TokenKind::lparen);
  if (!without_func && !starts_func_type()) return false;
  const Span here{tokens_.source, tokens_.tokens[at_ - 1].end, tokens_.tokens[at_ - 1].end};
  Error report(rules::syntax, tokens_.span(peek()),
               fmt::format("found {}, wanted `:` after `{}`", found(), name));
  std::string help = fmt::format("a function is `{}: func(…)`", name);
  std::string constructor = "constructor(…)";
  const auto line = function_line(at_ - 1);
  if (line && !line->text.contains("…")) {
    const TokenKind before = at_ < 2 ? TokenKind::end : tokens_.tokens[at_ - 2].kind;
    const std::string_view way = before == TokenKind::import_   ? "import "
                                 : before == TokenKind::export_ ? "export "
                                                                : "";
    help = fmt::format("a function is `{}{}`", way, line->text);
    const auto params = line->text.substr(line->text.find('('));
    constructor = fmt::format("constructor{};", params.substr(0, params.rfind(')') + 1));
  }
  if (name == "new" || name == "init")
    help += fmt::format("; what makes a resource is `{}`", constructor);
  else if (name == "destructor" || name == "drop" || name == "dispose")
    help += "; a resource that ends needs none: dropping its handle is enough";
  diagnostics_.report(
      std::move(report).help(std::move(help)).fix(here, without_func ? ": func" : ":"));
  return true;
}

/// `f: func -> u32`, `f: func;`: the list of parameters is missing.
std::string Parser::no_parameters() const {
  const Span where = statement_text(statement_);
  std::string text(tokens_.text.substr(where.begin, where.end - where.begin));
  if (at(TokenKind::lbrace)) return "parameters go in parentheses: `func(…)`";
  if (at(TokenKind::less)) return "functions take no types: write one for each type";
  const auto func = text.find("func");
  if (func == std::string::npos || text.find_first_of("([<", func) != std::string::npos)
    return line_help("");
  return fmt::format("write `{};`", text.insert(func + 4, "()"));
}

/// `): u32` and `) => u32`. True when a type follows.
bool Parser::foreign_arrow() {
  const bool fat = at(TokenKind::equals) && at(TokenKind::greater, 1) && adjacent(1);
  if (!fat && !at(TokenKind::colon)) return false;
  const Span sign{tokens_.source, peek().begin, peek(fat ? 1 : 0).end};
  diagnostics_.report(
      Error(rules::syntax, sign, fmt::format("found `{}`, wanted `->`", fat ? "=>" : ":"))
          .help("the result goes after `->`: `func(…) -> u32`")
          .fix(sign, fat ? "->" : " ->"));
  next();
  if (fat) next();
  return true;
}

/// `self` without a type in a list of parameters: it is behind us.
bool Parser::self_parameter() {
  const Token self = tokens_.tokens[at_ - 1];
  const std::uint32_t before = tokens_.tokens[at_ - 2].end;
  const std::uint32_t end = at(TokenKind::comma) ? peek(1).begin : self.end;
  // `&self`: the sign is told with it.
  const auto sign = tokens_.text.substr(before, self.begin - before).find('&');
  const std::uint32_t begin =
      sign == std::string_view::npos ? self.begin : static_cast<std::uint32_t>(before + sign);
  told_.push_back({tokens_.source, begin, self.end});
  diagnostics_.report(Error(rules::syntax, tokens_.span(self), "found `self` among the parameters")
                          .help("a method has its resource without saying so: leave it out")
                          .fix({tokens_.source, begin, end}, ""));
  return eat(TokenKind::comma) || at(TokenKind::rparen);
}

/// `= 3`, behind what has no value.
void Parser::default_value(std::string_view what, std::string_view help) {
  const std::uint32_t before = tokens_.tokens[at_ - 1].end;
  const Token equals = next();
  if (at(TokenKind::minus)) next();
  const Token value = peek();
  if (!at(TokenKind::comma) && !at(TokenKind::rparen) && !at(TokenKind::rbrace)) next();
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(equals), fmt::format("found a value of {}", what))
          .help(std::string(help))
          .fix({tokens_.source, before, std::max(value.end, equals.end)}, ""));
}

/// `a(u32, string)`: the case's first type is behind us.
bool Parser::case_types(ast::Type& first, const Token& open) {
  std::string texts(tokens_.text.substr(open.end, tokens_.tokens[at_ - 1].end - open.end));
  ast::Type all;
  all.kind = ast::Type::Kind::tuple;
  all.span = first.span;
  all.args.push_back(std::move(first));
  while (eat(TokenKind::comma) && !at(TokenKind::rparen)) {
    const std::uint32_t begin = peek().begin;
    auto one = type();
    if (!one) return false;
    texts += ", ";
    texts += tokens_.text.substr(begin, tokens_.tokens[at_ - 1].end - begin);
    all.args.push_back(std::move(*one));
  }
  const Span whole{tokens_.source, open.end, tokens_.tokens[at_ - 1].end};
  diagnostics_.report(Error(rules::syntax, whole,
                            fmt::format("found a case of {} types, wanted one", all.args.size()))
                          .help(fmt::format("write `tuple<{}>`, or make a record of them", texts))
                          .fix(whole, fmt::format("tuple<{}>", texts)));
  first = std::move(all);
  return true;
}

/// `use types::{a}`: the first colon is at hand.
bool Parser::double_colon() {
  if (!at(TokenKind::colon) || !at(TokenKind::colon, 1) || !at(TokenKind::lbrace, 2)) return false;
  const Span both{tokens_.source, peek().begin, peek(1).end};
  constexpr std::size_t most = 200;
  std::string_view names = tokens_.text.substr(peek(2).begin, most);
  names = names.substr(0, std::min(names.find('}'), names.find('\n')));
  diagnostics_.report(
      Error(rules::syntax, both, "found `::`, wanted `.`")
          .help(fmt::format("write `use {}.{}}};`", tokens_.of(tokens_.tokens[at_ - 1]), names))
          .fix(both, "."));
  next();
  next();
  return true;
}

/// A comment of another language, a word before a function, a `;` too many: where an item of an
/// interface begins.
bool Parser::foreign_item() {
  constexpr std::string_view wanted = "a type, a function or `use`";
  static constexpr std::string_view words[] = {"public",  "private", "protected", "pub",
                                               "virtual", "extern",  "override"};
  const bool dashes = at(TokenKind::minus) && at(TokenKind::minus, 1) && adjacent(1);
  const bool semicolons = at(TokenKind::semicolon) && at(TokenKind::semicolon, 1) && adjacent(1);
  const bool parenthesis = at(TokenKind::lparen) && at(TokenKind::star, 1) && adjacent(1);
  const bool markup = at(TokenKind::less) && tokens_.text.substr(peek().begin).starts_with("<!--");
  if (dashes || semicolons || parenthesis || markup) {
    unexpected(wanted, "a comment begins with `//`, documentation with `///`");
    return true;
  }
  if (at(TokenKind::string_literal) && !at(TokenKind::colon, 1)) {
    unexpected(wanted, "documentation is a comment before the item: `/// …`");
    return true;
  }
  if (at(TokenKind::semicolon)) {
    diagnostics_.report(
        Error(rules::syntax, tokens_.span(peek()), fmt::format("found `;`, wanted {}", wanted))
            .help("remove this `;`")
            .fix(tokens_.span(peek()), ""));
    return true;
  }
  const std::string_view word = tokens_.of(peek());
  if (!at(TokenKind::id) || !at(TokenKind::id, 1) ||
      std::ranges::find(words, word) == std::end(words))
    return false;
  unexpected(wanted, fmt::format("what an interface has is public: remove `{}`", word));
  return true;
}

/// What is in the place of a `;`, in WIT's words; empty when nobody knows.
std::string Parser::tail_help(std::string_view after) const {
  if (at_word("throws") || at_word("raises"))
    return "what may fail returns it: `-> result<…, string>`, or an error type of its own";
  if (at_word("returns")) return "the result goes after `->`: `func(…) -> u32`";
  if (at(TokenKind::lbrace)) return "only the signature goes here: put a `;`";
  const bool of_world = after == "the import" || after == "the export" || after == "`include`";
  if (of_world && at(TokenKind::comma))
    return "each has a statement of its own: put a `;` and repeat the word";
  if (of_world && at(TokenKind::dot))
    return "an interface of a package is `ns:pkg/name`, with `:` and `/`";
  if (of_world && at(TokenKind::as))
    return "rename at the top of the file: `use ns:pkg/name as other;`, then `import other;`";
  if (at(TokenKind::star)) return "there are no pointers: remove the `*`";
  if (after == "the function" && at(TokenKind::comma))
    return "a function has one result: `-> tuple<…, …>`, or a record";
  return {};
}

/// What is in the place of a `{`.
std::string Parser::body_help(std::string_view what, std::string_view name) const {
  if (at(TokenKind::less)) return "types have no parameters of their own: write one for each use";
  const bool extends = at(TokenKind::colon) || at_word("extends") || at_word("implements");
  if (extends && what == "record")
    return "records do not inherit: repeat the fields, or have one of that type";
  if (extends && what == "world") return "a world takes another in by `include other;`";
  if (extends && what == "enum") return "an enum has no type of integers: remove it";
  if (extends)
    return fmt::format("nothing inherits here: put the functions of both into `{}`", name);
  if (at(TokenKind::equals)) return fmt::format("remove the `=`: `{} {} {{ … }}`", what, name);
  if (at(TokenKind::at)) return "the package has the version: `package ns:name@1.2.3;`";
  if (at(TokenKind::lparen)) return fmt::format("braces: `{} {} {{ … }}`", what, name);
  return {};
}

/// `x: u32` where a function is wanted: the name and the colon are behind us.
std::string Parser::value_help(std::string_view name) const {
  const bool type = is_keyword(peek().kind) || at(TokenKind::id);
  const bool whole = at(TokenKind::semicolon, 1) || at(TokenKind::less, 1) ||
                     at(TokenKind::comma, 1) || at(TokenKind::rbrace, 1);
  if (!type || !whole) return {};
  const Span where = type_text(peek().begin);
  if (const auto mend = wit_type(tokens_.text.substr(where.begin, where.end - where.begin)))
    return fmt::format(
        "there are functions and no values: `{0}: func() -> {1};`; fields belong in a "
        "`record`: "
        "`{0}: {1}`",
        name, *mend);
  const std::string_view more = at(TokenKind::less, 1) ? "<…>" : "";
  return fmt::format(
      "there are functions and no values: `{}: func() -> {}{}`; fields belong in a "
      "`record`",
      name, tokens_.of(peek()), more);
}

/// `interface i { … }` inside another block, which goes on behind it: then no brace is missing, and
/// the block is passed. How far is looked is limited, so that work stays linear.
bool Parser::nested_item() {
  constexpr std::size_t most = 2000;
  std::size_t depth = 0;
  std::size_t ahead = 2;
  for (; ahead < most && !at(TokenKind::end, ahead); ++ahead) {
    if (at(TokenKind::lbrace, ahead)) ++depth;
    if (at(TokenKind::rbrace, ahead) && --depth == 0) break;
  }
  if (ahead == most || !at(TokenKind::rbrace, ahead)) return false;
  // Only what closes or goes on with the block around it tells that it is inside.
  const std::size_t behind = ahead + 1;
  const bool item = at(TokenKind::colon, behind + 1) || at(TokenKind::import_, behind) ||
                    at(TokenKind::export_, behind);
  if (!at(TokenKind::rbrace, behind) && !item) return false;
  const bool world = at(TokenKind::world);
  if (!world) only_fields(at_, true);
  const std::string_view name = tokens_.of(peek(1));
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(peek()),
            fmt::format("found {} inside braces", world ? "a world" : "an interface"))
          .help(world
                    ? "worlds are declared side by side at the top of the file"
                    : fmt::format("put it at the top of the file, and name it here: `export {0};`; "
                                  "or, in a world, `export {0}: interface {{ … }}`",
                                  name)));
  lost_item_ = true;
  at_ += behind;
  return true;
}

/// `const string`, `unsigned int`: words that do not belong to a type. The word is at hand.
bool Parser::word_before_type() {
  static constexpr std::string_view words[] = {
      "const", "mut",      "readonly", "final",  "ref",      "in",       "out",
      "inout", "unsigned", "signed",   "struct", "volatile", "optional", "required"};
  const std::string_view word = tokens_.of(peek());
  const bool type = at(TokenKind::id, 1) || is_keyword(peek(1).kind);
  if (!at(TokenKind::id) || !type || std::ranges::find(words, word) == std::end(words))
    return false;
  Error report(rules::syntax, tokens_.span(peek()), fmt::format("found `{}` before a type", word));
  const std::string_view of = tokens_.of(peek(1));
  if (word == "unsigned" || word == "signed") {
    const std::string_view sign = word == "signed" ? "s" : "u";
    report = std::move(report).help(
        fmt::format("integers are `{0}8`, `{0}16`, `{0}32` and `{0}64`", sign));
  } else if (word == "optional") {
    report = std::move(report).help(fmt::format("what may be absent is `option<{}>`", of));
  } else {
    report = std::move(report)
                 .help(fmt::format("a type has no word before it: `{}`", of))
                 .fix({tokens_.source, peek().begin, peek(1).begin}, "");
  }
  diagnostics_.report(std::move(report));
  return true;
}

/// `export type x = …`, `import interface i`: `import` or `export` is behind us.
bool Parser::extern_word(bool is_import) {
  const std::string_view way = is_import ? "import" : "export";
  const bool named = at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1);
  if (!named) return false;
  const std::string_view name = tokens_.of(peek(1));
  if (starts_type_decl()) {
    error(peek(), fmt::format("found a type behind `{}`", way),
          fmt::format(
              "a type in a world has no word before it: remove `{}`; an interface takes its types "
              "along",
              way));
    return true;
  }
  if (!at(TokenKind::interface) && !at(TokenKind::world)) return false;
  const bool body = at(TokenKind::lbrace, 2);
  error(peek(), fmt::format("found the word {} behind `{}`", describe(peek().kind), way),
        at(TokenKind::world) ? "a world takes another in by `include other;`"
        : body               ? fmt::format("write `{} {}: interface {{ … }}`", way, name)
                             : fmt::format("remove it: `{} {}…;`", way, name));
  next();
  next();
  return true;
}

}  // namespace tenon::wit

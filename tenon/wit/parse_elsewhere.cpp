// SPDX-License-Identifier: Apache-2.0
// What other languages write among members, before items and in the place of types. A file of its
// own beside parse_foreign.cpp, which has types and functions; the same holds: each is taken for
// what it stands for, so that the rest is read, and the message says what to write.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/types/semver.h"
#include "tenon/wit/meant.h"
#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

/// The text with its references, `&file`, as WIT has them: lent when the file declares a resource
/// of that name, else copied. What it does not declare is in `unsure`, and taken for a resource:
/// that a value is none is an error, that a handle is given away is not.
std::string Parser::lent(std::string text, bool of_result, std::string& unsure) const {
  if (!text.contains('&')) return text;
  if (!declared_) {
    declared_.emplace();
    const std::vector<Token>& all = tokens_.tokens;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      const TokenKind kind = all[i].kind;
      const bool resource = kind == TokenKind::resource;
      const bool type = resource || kind == TokenKind::record || kind == TokenKind::variant ||
                        kind == TokenKind::enum_ || kind == TokenKind::flags;
      if (type && all[i + 1].kind == TokenKind::id)
        declared_->emplace(tokens_.of(all[i + 1]), resource);
    }
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '&') {
      out += text[at++];
      continue;
    }
    const std::size_t end =
        std::min(text.find_first_not_of(
                     "%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", at + 1),
                 text.size());
    const std::string name = text.substr(at + 1, end - at - 1);
    const auto found = declared_->find(name);
    if (!of_result && found == declared_->end()) unsure = name;
    const bool lends = !of_result && (found == declared_->end() || found->second);
    out += lends ? fmt::format("borrow<{}>", name) : name;
    at = end;
  }
  return out;
}

/// Why WIT has no such type: of a word, of `std::function<…>` by its last word, of words in quotes.
std::string Parser::absent_help(std::string_view text) {
  if (const std::string_view help = absent_type(text); !help.empty()) return std::string(help);
  if (text == "Unit" || text == "Void")
    return "there is no unit type: leave it out, or write `_` in a result";
  if (text.contains('|') || text.contains("Union[") || text.contains("Literal[")) {
    const auto words = meant_alternatives(text, "my-enum");
    if (words && words->starts_with("enum"))
      return fmt::format("one of several words is an `enum`: write `{}` before, and `my-enum` here",
                         *words);
    if (const auto types = meant_alternatives(text, "my-variant"))
      return fmt::format(
          "one of several types is a `variant`: write `{}` before, and `my-variant` here", *types);
  }
  std::string_view word = text.substr(0, text.find_first_of("<([ "));
  const auto path = word.find_last_of(":.");
  if (path == std::string_view::npos && word.size() == text.size()) return {};
  if (path != std::string_view::npos) word.remove_prefix(path + 1);
  // Of WIT's own words the parser tells what is wrong.
  return is_keyword_text(word) && path == std::string_view::npos ? std::string()
                                                                 : std::string(absent_type(word));
}

/// `public: f: func();`: the word and its colon are passed.
void Parser::access_word() {
  const bool access = at_word("public") || at_word("private") || at_word("protected");
  const bool another = (at(TokenKind::id, 2) || at(TokenKind::explicit_id, 2)) &&
                       at(TokenKind::colon, 3) && !starts_func_type(2);
  const bool own = at(TokenKind::constructor, 2) || at(TokenKind::type, 2) ||
                   at(TokenKind::record, 2) || at(TokenKind::resource, 2);
  if (!access || !at(TokenKind::colon, 1) || (!another && !own)) return;
  const std::string_view word = tokens_.of(peek());
  const Span both{tokens_.source, peek().begin, peek(1).end};
  diagnostics_.report(Error(rules::syntax, both, fmt::format("found `{}:`", word))
                          .help(fmt::format("everything here is public: remove `{}:`", word))
                          .fix({tokens_.source, both.begin, peek(2).begin}, ""));
  next();
  next();
}

/// `export type z = …` and `export f: func()` in an interface: the word is passed.
void Parser::exported_item() {
  if (!at(TokenKind::export_) || at(TokenKind::colon, 1)) return;
  const bool named = at(TokenKind::id, 2) || at(TokenKind::explicit_id, 2);
  const TokenKind kind = peek(1).kind;
  const bool type = kind == TokenKind::type || kind == TokenKind::record ||
                    kind == TokenKind::variant || kind == TokenKind::enum_ ||
                    kind == TokenKind::flags || kind == TokenKind::resource;
  const bool function = (at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1)) &&
                        at(TokenKind::colon, 2) && starts_func_type(3);
  if (!function && (!type || !named)) return;
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(peek()), "found `export` inside an interface")
          .help("a world exports an interface with all that it has: remove `export`")
          .fix({tokens_.source, peek().begin, peek(1).begin}, ""));
  next();
}

/// `type dir = "left" | "right";`: an enum. The name and the `=` are behind us.
bool Parser::words_as_type(ast::TypeDecl& out) {
  std::size_t count = 0;
  while (at(TokenKind::string_literal, count)) ++count;
  if (!at(TokenKind::semicolon, count)) return false;
  std::string names;
  for (std::size_t i = 0; i < count; ++i) {
    const Token& token = peek(i);
    const std::string_view text = tokens_.text.substr(token.begin + 1, token.end - token.begin - 2);
    const std::string name = wit_name(text);
    if (name.empty()) return false;
    names += (names.empty() ? "" : ", ") + name;
    ast::Member member;
    member.name = {text, tokens_.span(token)};
    if (name == text) out.members.push_back(std::move(member));
  }
  const Span words{tokens_.source, peek().begin, peek(count - 1).end};
  diagnostics_.report(Error(rules::syntax, words, "found words in quotes, wanted a type")
                          .help(fmt::format("write `enum {} {{ {} }}`", out.name.text, names)));
  told_.push_back(words);
  at_ += count + 1;
  if (out.members.empty()) {  // names that have to be mended: any type does
    out.alias.span = words;
    return true;
  }
  out.kind = ast::TypeDecl::Kind::enum_;
  return true;
}

/// `type y = string | number;`: a variant, or an enum of words. The name and the `=` are behind us.
bool Parser::several_types(ast::TypeDecl& out) {
  const std::uint32_t before = tokens_.tokens[at_ - 1].end;
  const auto begin = tokens_.text.find_first_not_of(" \t", before);
  if (begin == std::string_view::npos) return false;
  const Span where = type_text(static_cast<std::uint32_t>(begin));
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  const bool several = text.contains('|') || text.starts_with("Union[");
  if (!several || meant_type(text)) return false;
  const std::string name = wit_name(out.name.text);
  const auto meant = meant_alternatives(text, name.empty() ? "my-variant" : name);
  if (!meant) return false;
  diagnostics_.report(Error(rules::syntax, where, fmt::format("found `{}`, wanted one type", text))
                          .help(fmt::format("write `{}`", *meant)));
  told_.push_back(where);
  while (peek().begin < where.end && !at(TokenKind::end)) next();
  out.alias.span = where;
  return expect(TokenKind::semicolon, "the type");
}

/// `reserved 2, 15;` and `1: name: string`: the numbers of fields. True when a whole statement was
/// passed.
bool Parser::numbers_of_fields(ast::TypeDecl::Kind kind) {
  if (kind != ast::TypeDecl::Kind::record) return false;
  if (at(TokenKind::integer) && at(TokenKind::colon, 1)) {
    const Span number{tokens_.source, peek().begin, peek(2).begin};
    diagnostics_.report(Error(rules::syntax, tokens_.span(peek()),
                              fmt::format("found `{}`, wanted a field's name", tokens_.of(peek())))
                            .help("fields have no numbers: `name: string`")
                            .fix(number, ""));
    next();
    next();
    return false;
  }
  if (!at_word("reserved") || (!at(TokenKind::integer, 1) && !at(TokenKind::string_literal, 1)))
    return false;
  const Token first = next();
  while (at(TokenKind::integer) || at(TokenKind::string_literal) || at_word("to") ||
         at_word("max") || (at(TokenKind::comma) && !at(TokenKind::id, 1)))
    next();
  if (at(TokenKind::semicolon) || at(TokenKind::comma)) next();
  const Span whole{tokens_.source, first.begin, tokens_.tokens[at_ - 1].end};
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(first), "found `reserved`, wanted a field's name")
          .help("remove it: fields have no numbers, so that none is reserved")
          .fix(whole, ""));
  return true;
}

/// `variant v { string, u32 }`: the cases are types without names.
bool Parser::case_without_name() {
  constexpr std::size_t most = 40;
  const Token first = peek();
  std::size_t last = 0;
  if (at(TokenKind::less, 1)) {
    std::size_t depth = 0;
    for (last = 1; last < most; ++last) {
      if (at(TokenKind::less, last)) ++depth;
      if (at(TokenKind::greater, last) && --depth == 0) break;
    }
  }
  const bool ends = at(TokenKind::comma, last + 1) || at(TokenKind::rbrace, last + 1);
  if (!ends) return false;
  std::string_view name;
  switch (first.kind) {
    case TokenKind::string:
      name = "text";
      break;
    case TokenKind::bool_:
      name = "flag";
      break;
    case TokenKind::char_:
      name = "letter";
      break;
    case TokenKind::s8:
    case TokenKind::s16:
    case TokenKind::s32:
    case TokenKind::s64:
    case TokenKind::u8:
    case TokenKind::u16:
    case TokenKind::u32:
    case TokenKind::u64:
    case TokenKind::f32:
    case TokenKind::f64:
      name = "number";
      break;
    case TokenKind::list:
      name = "items";
      break;
    case TokenKind::option:
    case TokenKind::tuple:
    case TokenKind::map:
    case TokenKind::own:
    case TokenKind::borrow:
      name = "value";
      break;
    default:
      return false;
  }
  if (first.kind == TokenKind::list && last == 0) return false;
  const std::string_view type = tokens_.text.substr(first.begin, peek(last).end - first.begin);
  diagnostics_.report(
      Error(rules::syntax, {tokens_.source, first.begin, peek(last).end},
            fmt::format("found the type `{}`, wanted a case's name", type))
          .help(fmt::format("a case has a name before its type: `{}({})`{}", name, type,
                            last == 0 ? fmt::format("; a name that is a keyword is `%{}`", type)
                                      : std::string())));
  return true;
}

/// `square { side: f64 }` as a case: its `{` is at hand.
void Parser::fields_of_case(const ast::TypeDecl& of, std::string_view name) {
  if (of.kind == ast::TypeDecl::Kind::variant) {
    unexpected("`,` or `}`",
               fmt::format("a case has one type, which has a name: write `record {0}-data {{ … }}` "
                           "before, and `{0}({0}-data)` here",
                           name));
    return;
  }
  if (of.kind == ast::TypeDecl::Kind::flags) {
    unexpected("`,` or `}`", "flags are bits and hold nothing: fields belong in a `record`");
    return;
  }
  constexpr std::size_t most = 100;
  const std::string_view text = tokens_.text.substr(peek().begin, most);
  const auto close = text.find('}');
  const bool flat = close != std::string_view::npos && !text.substr(0, close).contains('\n') &&
                    text.find('{', 1) > close;
  unexpected(
      "`,` or `}`",
      fmt::format("a case with fields is of a `variant`, and they are a record: write "
                  "`record {0}-fields {1}` before, and `variant {2} {{ {0}({0}-fields), … }}`",
                  name, flat ? text.substr(0, close + 1) : "{ … }", of.name.text));
}

/// `interface{}` of Go as a type.
ast::Type Parser::any_value() {
  ast::Type out;
  out.span = {tokens_.source, peek().begin, peek(2).end};
  out.prim = component::PrimValType::string;
  diagnostics_.report(
      Error(rules::undefined, out.span,
            fmt::format("type `{}`",
                        tokens_.text.substr(out.span.begin, out.span.end - out.span.begin)))
          .help(std::string(absent_type("any"))));
  for (int i = 0; i < 3; ++i) next();
  return out;
}

/// `@0.2.0.input-stream`: the name of a type without its braces, which is behind us.
bool Parser::type_behind_version(std::string_view found, Span where) {
  const auto dot = found.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view version = found.substr(0, dot);
  const std::string_view name = found.substr(dot + 1);
  if (!types::is_semver(version) || !is_kebab(name)) return false;
  const std::string mend = fmt::format("{}.{{{}}}", version, name);
  diagnostics_.report(
      Error(rules::bad_version, where, fmt::format("found `{}`, wanted `{}`", found, mend))
          .help(fmt::format("the names of types belong in braces: `@{}`", mend))
          .fix(where, mend));
  return true;
}

}  // namespace tenon::wit

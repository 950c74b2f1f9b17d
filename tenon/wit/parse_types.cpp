// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "tenon/wit/parse.h"
#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

std::optional<Error> old_type(std::string_view word, Span where) {
  const std::string_view mend = word == "float32"    ? "f32"
                                : word == "float64"  ? "f64"
                                : word == "expected" ? "result"
                                                     : "";
  if (mend.empty() && word != "unit") return std::nullopt;
  Error out(rules::old_syntax, where, fmt::format("found `{}`", word));
  if (mend.empty())
    return std::move(out).help(
        "there is no unit type: leave the type out, or write `_` in a result");
  return std::move(out)
      .help(fmt::format("it is called `{}` now", mend))
      .fix(where, std::string(mend));
}

namespace {

using component::PrimValType;

struct Prim {
  TokenKind token;
  PrimValType type;
};
constexpr std::array prims = {
#define TENON_PRIM(name, text, code, size, flat, ...) Prim{TokenKind::name, PrimValType::name},
#include "tenon/types/primvaltypes.def"
};

}  // namespace

bool Parser::starts_type_decl() const {
  switch (peek().kind) {
    case TokenKind::type:
    case TokenKind::record:
    case TokenKind::variant:
    case TokenKind::enum_:
    case TokenKind::flags:
    case TokenKind::resource:
      return true;
    default:
      return false;  // NOLINT: all other tokens
  }
}

/// Spec: WIT.md "Item: `interface`" (func-type). The name and the colon are behind us.
std::optional<ast::Func> Parser::func(ast::Attributes attributes, ast::Name name) {
  ast::Func out;
  out.attributes = std::move(attributes);
  out.attributes.info.span = name.span;
  out.name = std::move(name);
  if (!func_type(out)) return std::nullopt;
  return out;
}

/// Whether the type of a function or accessor is there.
bool Parser::starts_func_type(std::size_t ahead) const {
  if (at(TokenKind::func, ahead) || at(TokenKind::async, ahead)) return true;
  const std::string_view word = tokens_.of(peek(ahead));
  return at(TokenKind::id, ahead) && (word == "get" || word == "set") &&
         at(TokenKind::lparen, ahead + 1);
}

/// `get() -> t` and `set(v: t)`. Spec: WIT.md "Item: `interface`" (func-type).
bool Parser::accessor_type(ast::Func& out) {
  out.keyword = tokens_.span(peek());
  out.accessor = tokens_.of(next()) == "get" ? Accessor::get : Accessor::set;
  if (out.async_) {
    diagnostics_.report(
        Error(rules::accessor, out.keyword, fmt::format("found `{}` as `async`", out.name.text))
            .help("a getter or setter does not wait: write an `async func`"));
    out.async_ = false;
  }
  return true;
}

bool Parser::func_type(ast::Func& out) {
  out.async_ = eat(TokenKind::async) || out.async_;
  // `add(…)`: that no colon and no `func` are there is reported already.
  const TokenKind before = tokens_.tokens[at_ - 1].kind;
  const bool bare =
      at(TokenKind::lparen) && (before == TokenKind::id || before == TokenKind::explicit_id);
  if (!bare && !at(TokenKind::func) && !(starts_func_type() && accessor_type(out))) {
    if (at(TokenKind::static_)) {
      unexpected("`func`", "`static` is only allowed inside a resource");
    } else if (at_word("fun") || at_word("function") || at_word("fn")) {
      const Span where = tokens_.span(peek());
      diagnostics_.report(
          Error(rules::syntax, where, fmt::format("found `{}`, wanted `func`", tokens_.of(peek())))
              .help("did you mean `func`?")
              .fix(where, "func"));
    } else {
      unexpected("`func`",
                 at(TokenKind::lparen)
                     ? line_help(fmt::format("a function is `{}: func(…)`", out.name.text))
                     : value_help(out.name.text));
    }
    return false;
  }
  if (out.accessor == Accessor::none && !bare) next();
  if (!params(out)) return false;
  if (!eat(TokenKind::arrow) && !foreign_arrow()) return true;
  if (at(TokenKind::lparen)) return old_results(out);
  auto result = type();
  if (!result) return false;
  out.result = std::move(*result);
  return true;
}

/// `-> (a: u32, b: u32)` and `-> (u32)` of older drafts. The fix: the one type, or a tuple of
/// them.
bool Parser::old_results(ast::Func& out) {
  const std::uint32_t before_arrow = tokens_.tokens[at_ - 2].end;
  const Token open = next();
  std::vector<ast::Type> types;
  std::string texts;
  while (!at(TokenKind::rparen) && !at(TokenKind::end)) {
    if (at(TokenKind::colon, 1)) {
      next();
      next();
    }
    const std::uint32_t begin = peek().begin;
    auto one = type();
    if (!one) break;
    texts += texts.empty() ? "" : ", ";
    texts += tokens_.text.substr(begin, tokens_.tokens[at_ - 1].end - begin);
    types.push_back(std::move(*one));
    if (!eat(TokenKind::comma)) break;
  }
  const Token close = peek();
  const bool whole = eat(TokenKind::rparen);
  const Span list{tokens_.source, open.begin, close.end};
  if (!whole) {
    diagnostics_.report(
        Error(rules::old_syntax, tokens_.span(open), "found a list of results")
            .help("a function has one result without a name: return a `tuple<…>` or a record"));
    return false;
  }
  if (types.empty()) {
    diagnostics_.report(Error(rules::old_syntax, list, "found an empty list of results")
                            .help("a function without a result has no `->`")
                            .fix({tokens_.source, before_arrow, close.end}, ""));
    return true;
  }
  const std::string mend = types.size() == 1 ? texts : "tuple<" + texts + ">";
  diagnostics_.report(
      Error(rules::old_syntax, list, "found a list of results")
          .help(fmt::format("a function has one result without a name: `-> {}`{}", mend,
                            types.size() == 1 ? "" : ", or a record to keep the names"))
          .fix(list, mend));
  out.result = std::move(types.front());
  return true;
}

bool Parser::params(ast::Func& out) {
  const Token open = peek();
  const std::string behind(out.kind == FuncKind::constructor ? "constructor"
                                                             : keyword(out.accessor));
  if (!at(TokenKind::lparen)) {
    const bool func = out.kind != FuncKind::constructor && out.accessor == Accessor::none;
    unexpected(fmt::format("`(` after `{}`", behind), func ? no_parameters() : line_help(""));
    return false;
  }
  next();
  while (!at(TokenKind::rparen)) {
    if (at(TokenKind::dot)) {
      unexpected("a parameter's name",
                 line_help("the number of parameters is fixed: pass a `list<…>`"));
      return false;
    }
    if (is_keyword(peek().kind) && !at(TokenKind::colon, 1)) {
      unexpected("a parameter's name",
                 line_help(fmt::format("every parameter has a name and a type: `func(x: {})`",
                                       tokens_.of(peek()))));
      return false;
    }
    if (!at(TokenKind::id) && !at(TokenKind::explicit_id) && !is_keyword(peek().kind)) {
      unexpected("a parameter's name", line_help(""));
      return false;
    }
    auto id = name("a parameter's name");
    if (!id) return false;
    const bool last = at(TokenKind::rparen) || at(TokenKind::comma);
    if (last && id->text == "self") {
      if (self_parameter()) continue;
      return false;
    }
    if (!at(TokenKind::colon)) {
      unexpected(fmt::format("`:` and the type of `{}`", id->text),
                 line_help("every parameter has a name and a type: `func(x: u32)`"));
      return false;
    }
    next();
    auto t = type();
    if (!t) return false;
    if (at(TokenKind::equals))
      default_value(fmt::format("the parameter `{}`", id->text),
                    "parameters have no defaults: make it an `option`, or write a second function");
    out.params.push_back({std::move(*id), std::move(*t)});
    if (eat(TokenKind::comma)) continue;
    const bool another =
        (at(TokenKind::id) || at(TokenKind::explicit_id)) && at(TokenKind::colon, 1);
    if (!another) break;
    missing_comma("parameters");
  }
  const std::string_view gap = tokens_.text.substr(peek().end, peek(1).begin - peek().end);
  if (at(TokenKind::semicolon) && at(TokenKind::colon, 2) && !gap.contains('\n')) {
    unexpected("`,` between parameters", line_help("parameters are separated by commas"));
    return false;
  }
  out.params_end = peek().end;
  return expect_close(TokenKind::rparen, open, "the parameters");
}

/// Spec: WIT.md "Items: type".
std::optional<ast::TypeDecl> Parser::type_decl(ast::Attributes attributes) {
  using Kind = ast::TypeDecl::Kind;
  const Token first = next();
  ast::TypeDecl out;
  out.attributes = std::move(attributes);
  auto id = name("the type's name");
  if (!id) return std::nullopt;
  out.attributes.info.span = id->span;
  out.name = std::move(*id);
  switch (first.kind) {
    case TokenKind::type: {
      if (at(TokenKind::colon)) {
        const Span colon{tokens_.source, tokens_.tokens[at_ - 1].end, peek().end};
        diagnostics_.report(Error(rules::syntax, tokens_.span(peek()), "found `:`, wanted `=`")
                                .help(fmt::format("an alias is `type {} = …;`", out.name.text))
                                .fix(colon, " ="));
        next();
      } else if (!eat(TokenKind::equals)) {
        unexpected(fmt::format("`=` after `{}`", out.name.text),
                   at(TokenKind::lbrace)
                       ? fmt::format("a type with fields is `record {} {{ … }}`", out.name.text)
                       : fmt::format("an alias is `type {} = …;`", out.name.text));
        return std::nullopt;
      }
      if (at(TokenKind::string_literal) && words_as_type(out)) return out;
      if (several_types(out)) return out;
      if (starts_type_decl()) {
        unexpected("a type");
        return std::nullopt;
      }
      auto target = type();
      if (!target || !expect(TokenKind::semicolon, "the type")) return std::nullopt;
      out.alias = std::move(*target);
      return out;
    }
    case TokenKind::record:
      out.kind = Kind::record;
      break;
    case TokenKind::variant:
      out.kind = Kind::variant;
      break;
    case TokenKind::enum_:
      out.kind = Kind::enum_;
      break;
    case TokenKind::flags:
      out.kind = Kind::flags;
      break;
    default:
      out.kind = Kind::resource;
      break;  // NOLINT: starts_type_decl lets no other through
  }
  const bool ok = out.kind == Kind::resource ? resource_items(out) : members(out);
  if (!ok) return std::nullopt;
  return out;
}

/// Fields, cases or flags, separated by commas.
bool Parser::members(ast::TypeDecl& out) {
  using Kind = ast::TypeDecl::Kind;
  static constexpr std::string_view whats[] = {"", "field", "case", "case", "flag"};
  const std::string_view what = whats[static_cast<std::size_t>(out.kind)];
  const Token open = peek();
  if (!eat(TokenKind::lbrace)) {
    static constexpr std::string_view kinds[] = {"type", "record", "variant", "enum", "flags"};
    unexpected(fmt::format("`{{` after `{}`", out.name.text),
               body_help(kinds[static_cast<std::size_t>(out.kind)], out.name.text));
    return false;
  }
  if (whole_body(out)) return false;
  bool whole = true;
  while (!at(TokenKind::rbrace) && !at(TokenKind::end) && !starts_top_item()) {
    if (numbers_of_fields(out.kind)) {
      whole = false;
      continue;
    }
    const std::size_t before = at_;
    if (!member(out, what)) {
      whole = false;
      if (out.kind == Kind::record && note_field(before)) continue;
      recover_member();
    }
    if (eat(TokenKind::comma)) continue;
    if (at(TokenKind::rbrace)) break;
    whole = false;
    if (at(TokenKind::semicolon)) {
      diagnostics_.report(Error(rules::syntax, tokens_.span(peek()), "found `;`, wanted `,` or `}`")
                              .help(fmt::format("{}s are separated by commas", what))
                              .fix(tokens_.span(peek()), ","));
      next();
    } else if (at(TokenKind::id) || at(TokenKind::explicit_id)) {
      missing_comma(fmt::format("{}s", what));
    } else {
      break;
    }
  }
  if (!expect_close_of(open, out.name.text)) return false;
  eat(TokenKind::semicolon);
  if (!whole && out.members.empty()) {
    passed_ = true;
    return false;
  }
  if (out.members.empty()) {
    diagnostics_.report(Error(rules::empty_type, out.name.span,
                              fmt::format("`{}`, wanted at least a {}", out.name.text, what)));
    return true;
  }
  if (out.kind == Kind::flags && out.members.size() > 32) {
    diagnostics_.report(Error(rules::too_many_flags, out.members[32].name.span,
                              fmt::format("`{}` has {}", out.name.text, out.members.size()))
                            .help("put them into two flags types"));
  }
  return true;
}

/// No `,` follows the last of `what`; they are read on.
void Parser::missing_comma(std::string_view what) {
  const std::uint32_t end = tokens_.tokens[at_ - 1].end;
  diagnostics_.report(Error(rules::syntax, {tokens_.source, end, end},
                            fmt::format("found no `,` before `{}`", tokens_.of(peek())))
                          .help(fmt::format("{} are separated by commas", what))
                          .fix({tokens_.source, end, end}, ","));
}

/// One field, case or flag, without the comma behind it.
bool Parser::member(ast::TypeDecl& out, std::string_view what) {
  using Kind = ast::TypeDecl::Kind;
  ast::Member member;
  member.docs = docs_before(peek());
  if (at(TokenKind::at)) {
    error(peek(), fmt::format("found a gate on a {}, wanted its name", what),
          "gates come before whole items; give the new shape a type of its own");
    static_cast<void>(attributes());
  }
  static constexpr std::string_view names[] = {"", "a field's name", "a case's name",
                                               "a case's name", "a flag's name"};
  if (out.kind == Kind::record && is_keyword(peek().kind) && at(TokenKind::id, 1)) {
    unexpected("a field's name", fmt::format("the name comes first: `{}: {}`", tokens_.of(peek(1)),
                                             tokens_.of(peek())));
    return false;
  }
  if ((out.kind == Kind::variant || out.kind == Kind::enum_) && at_word("case") &&
      at(TokenKind::id, 1)) {
    error(peek(), "found `case` before a case's name", "a case is its name: remove `case`");
    next();
  }
  if (out.kind == Kind::variant && case_without_name()) return false;
  auto id = name(names[static_cast<std::size_t>(out.kind)]);
  if (!id) return false;
  member.name = std::move(*id);
  if (out.kind == Kind::record) {
    if (!eat(TokenKind::colon)) {
      unexpected(fmt::format("`:` after the field `{}`", member.name.text),
                 fmt::format("a field has a type: `{}: u32`; names alone are an `enum` or `flags`",
                             member.name.text));
      return false;
    }
    member.type = type();
    if (!member.type) return false;
  } else if (out.kind == Kind::variant && at(TokenKind::lparen)) {
    const Token paren = next();
    if ((at(TokenKind::id) || at(TokenKind::explicit_id)) && at(TokenKind::colon, 1)) {
      const Span label{tokens_.source, peek().begin, peek(2).begin};
      diagnostics_.report(Error(rules::syntax, label, "found a name in a case, wanted its type")
                              .help("a case has one type without a name; make a record of several")
                              .fix(label, ""));
      next();
      next();
    }
    member.type = type();
    if (member.type && at(TokenKind::comma) && !case_types(*member.type, paren)) return false;
    if (!member.type || !expect_close(TokenKind::rparen, paren, "the case's type")) return false;
  } else if (out.kind == Kind::variant && at(TokenKind::colon)) {
    const Token colon = next();
    const std::uint32_t begin = peek().begin;
    member.type = type();
    if (!member.type) return false;
    const std::uint32_t end = tokens_.tokens[at_ - 1].end;
    diagnostics_.report(
        Error(rules::syntax, tokens_.span(colon), "found `:`, wanted `(`")
            .help(fmt::format("the type of a case goes in parentheses: `{}(…)`", member.name.text))
            .fix({tokens_.source, member.name.span.end, begin}, "(")
            .fix({tokens_.source, end, end}, ")"));
  } else if (out.kind != Kind::record && at(TokenKind::lbrace)) {
    fields_of_case(out, member.name.text);
    recover_member();
  } else if (at(TokenKind::lparen)) {
    unexpected("`,` or `}`", "only the cases of a `variant` carry a type: write `variant`");
    return false;
  }
  const bool number = at(TokenKind::colon) && at(TokenKind::integer, 1);
  if (at(TokenKind::equals) || (number && out.kind != Kind::record)) {
    const std::string_view help =
        out.kind == Kind::record ? "fields have no defaults: make it an `option`"
        : out.kind == Kind::flags
            ? "flags are bits in their order, from the lowest: leave the value out"
            : "cases are numbered in their order, from 0: leave the value out";
    default_value(fmt::format("{} `{}`", what, member.name.text), help);
  }
  out.members.push_back(std::move(member));
  return true;
}

/// After an error in a member: to the comma or brace behind it.
void Parser::recover_member() {
  std::size_t depth = 0;
  while (!at(TokenKind::end)) {
    if (depth == 0 && (at(TokenKind::comma) || at(TokenKind::rbrace) || at(TokenKind::semicolon) ||
                       starts_top_item()))
      return;
    if (at(TokenKind::lparen) || at(TokenKind::less) || at(TokenKind::lbrace)) ++depth;
    if ((at(TokenKind::rparen) || at(TokenKind::greater) || at(TokenKind::rbrace)) && depth > 0)
      --depth;
    next();
  }
}

/// Spec: WIT.md "Item: `resource`".
bool Parser::resource_items(ast::TypeDecl& out) {
  if (eat(TokenKind::semicolon)) return true;
  const Token open = peek();
  if (!eat(TokenKind::lbrace)) {
    unexpected(fmt::format("`{{` after `{}`", out.name.text), body_help("resource", out.name.text));
    return false;
  }
  while (!at(TokenKind::rbrace) && !at(TokenKind::end) && !starts_top_item()) {
    const std::size_t before = at_;
    if (auto item = method()) {
      out.methods.push_back(std::move(*item));
    } else {
      const std::size_t lines = lines_.size();
      note_method(before, out.name.text);
      if (lines_.size() > lines) resume_behind(lines_.back().where.end, before);
      if (std::exchange(passed_, false)) continue;
      if (at_ == before) next();
      recover_in_block();
    }
  }
  if (!expect_close_of(open, out.name.text)) return false;
  eat(TokenKind::semicolon);
  return true;
}

std::optional<ast::Func> Parser::method() {
  ast::Func out;
  out.attributes = attributes();
  access_word();
  statement_ = at_;
  if (at(TokenKind::async) && at(TokenKind::constructor, 1)) {
    error(peek(), "found an async constructor",
          "a constructor is not async: write `make: static async func(…)` instead");
    next();
  }
  if (at(TokenKind::constructor)) {
    const Token token = next();
    out.kind = FuncKind::constructor;
    out.name = {"constructor", tokens_.span(token)};
    out.attributes.info.span = out.name.span;
    if (!params(out)) return std::nullopt;
    if (eat(TokenKind::arrow)) {
      auto result = type();
      if (!result) return std::nullopt;
      out.result = std::move(*result);
    }
  } else {
    if (at(TokenKind::static_) && at(TokenKind::colon, 2)) {
      const Span word{tokens_.source, peek().begin, peek(1).begin};
      const std::uint32_t behind = peek(2).end;
      diagnostics_.report(
          Error(rules::old_syntax, tokens_.span(peek()), "found `static` before the name")
              .help(
                  fmt::format("it goes after the colon: `{}: static func(…)`", tokens_.of(peek(1))))
              .fix(word, "")
              .fix({tokens_.source, behind, behind}, " static"));
      next();
      out.kind = FuncKind::static_;
    }
    const bool was_static = out.kind == FuncKind::static_;
    if (!was_static && foreign_function("a method's name, or `constructor`")) return std::nullopt;
    auto id = name("a method's name, or `constructor`");
    if (!id) return std::nullopt;
    const bool glued = missing_colon(id->text);
    if (!glued && !expect_behind(TokenKind::colon, id->text)) return std::nullopt;
    out.attributes.info.span = id->span;
    out.name = std::move(*id);
    if (at(TokenKind::async) && at(TokenKind::static_, 1)) {
      const Span both{tokens_.source, peek().begin, peek(1).end};
      diagnostics_.report(Error(rules::syntax, both, "found `async static`, wanted `static async`")
                              .help("`static` comes first")
                              .fix(both, "static async"));
      next();
      next();
      out.kind = FuncKind::static_;
      out.async_ = true;
    } else {
      out.kind = eat(TokenKind::static_) || was_static ? FuncKind::static_ : FuncKind::method;
    }
    if (!func_type(out)) return std::nullopt;
  }
  if (!expect(TokenKind::semicolon, "the method")) return std::nullopt;
  return out;
}

/// Spec: WIT.md "Types".
std::optional<ast::Type> Parser::type(std::uint32_t depth) {
  using Kind = ast::Type::Kind;
  if (depth >= max_type_depth) {
    diagnostics_.report(Error(rules::too_deep, tokens_.span(peek()), "this type"));
    return std::nullopt;
  }
  if (at(TokenKind::interface) && at(TokenKind::lbrace, 1) && at(TokenKind::rbrace, 2))
    return any_value();
  if (looks_foreign()) {
    if (auto foreign = foreign_type()) return foreign;
  }
  const Token first = peek();
  ast::Type out;
  out.span = tokens_.span(first);
  for (const Prim& prim : prims) {
    if (first.kind == prim.token) {
      next();
      out.prim = prim.type;
      return out;
    }
  }
  static constexpr std::pair<TokenKind, Kind> words[] = {
      {TokenKind::list, Kind::list},     {TokenKind::map, Kind::map},
      {TokenKind::option, Kind::option}, {TokenKind::result, Kind::result},
      {TokenKind::tuple, Kind::tuple},   {TokenKind::own, Kind::own},
      {TokenKind::borrow, Kind::borrow}, {TokenKind::stream, Kind::stream},
      {TokenKind::future, Kind::future},
  };
  const auto* word = std::find_if(std::begin(words), std::end(words),
                                  [&](const auto& w) { return w.first == first.kind; });
  if (at(TokenKind::lparen)) {
    if (!tuple_in_parentheses(out, depth)) return std::nullopt;
    return out;
  }
  if (word == std::end(words)) return named_type();
  out.kind = word->second;
  next();
  const bool may_be_bare =
      out.kind == Kind::result || out.kind == Kind::stream || out.kind == Kind::future;
  if (!at(TokenKind::less) && may_be_bare) return out;
  if (!type_args(out, depth)) return std::nullopt;
  out.span.end = tokens_.tokens[at_ - 1].end;
  return out;
}

/// The length of a list, behind its comma.
bool Parser::list_length(ast::Type& out) {
  const Token number = peek();
  if (!expect(TokenKind::integer)) return false;
  const std::string_view digits = tokens_.of(number);
  const auto [end, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out.length);
  if (code != std::errc() || end != digits.data() + digits.size() || out.length == 0 ||
      digits[0] == '0')
    diagnostics_.report(Error(rules::type_rule, tokens_.span(number),
                              fmt::format("found the length {}, wanted 1 to 2^32-1", digits)));
  return true;
}

/// A comma where the type ends.
bool Parser::too_many_types(ast::Type::Kind kind, const Token& open, std::string_view word) {
  using Kind = ast::Type::Kind;
  const std::string_view number = kind == Kind::result || kind == Kind::map ? "two types"
                                  : kind == Kind::fixed_list                ? "a type and a length"
                                                                            : "one type";
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(peek()), "found `,`, wanted `>` that ends the type")
          .note(tokens_.span(open), "opened here")
          .help(fmt::format("`{}` takes {}; several are one as `tuple<…>`, or as a record", word,
                            number)));
  return false;
}

bool Parser::type_args(ast::Type& out, std::uint32_t depth) {
  using Kind = ast::Type::Kind;
  const Token open = peek();
  const std::string_view word = tokens_.text.substr(out.span.begin, out.span.end - out.span.begin);
  if (!eat(TokenKind::less)) {
    const std::string_view args = out.kind == Kind::map     ? "string, u32"
                                  : out.kind == Kind::tuple ? "u32, u32"
                                  : out.kind == Kind::own || out.kind == Kind::borrow
                                      ? "my-resource"
                                      : "u8";
    unexpected(fmt::format("`<` after `{}`", word),
               fmt::format("`{0}` says of what: `{0}<{1}>`", word, args));
    return false;
  }
  const auto arg = [&] {
    auto t = type(depth + 1);
    if (t) out.args.push_back(std::move(*t));
    return !out.args.empty() && t.has_value();
  };
  switch (out.kind) {
    case Kind::own:
    case Kind::borrow: {
      if (is_keyword(peek().kind) && (at(TokenKind::greater, 1) || at(TokenKind::less, 1))) {
        unexpected("a resource's name",
                   "only resources have handles; other values are copied: write the type alone");
        return false;
      }
      auto id = name("a resource's name");
      if (!id) return false;
      out.name = std::move(*id);
      break;
    }
    case Kind::result:
      if (!result_args(out, depth)) return false;
      break;
    case Kind::tuple:
      while (!at(TokenKind::greater)) {
        if (!arg()) return false;
        if (!eat(TokenKind::comma)) break;
      }
      if (out.args.empty())
        diagnostics_.report(
            Error(rules::empty_type, tokens_.span(open), "`tuple<>`, wanted at least one type"));
      break;
    case Kind::map:
      if (!arg() || !expect(TokenKind::comma, "the key's type") || !arg()) return false;
      break;
    case Kind::list: {
      if (!arg()) return false;
      if (at(TokenKind::semicolon) && at(TokenKind::integer, 1)) {
        diagnostics_.report(Error(rules::syntax, tokens_.span(peek()), "found `;`, wanted `,`")
                                .help("a comma goes before the length: `list<u8, 4>`")
                                .fix(tokens_.span(peek()), ","));
        next();
      } else if (!eat(TokenKind::comma)) {
        break;
      }
      if (!list_length(out)) return false;
      out.kind = Kind::fixed_list;
      break;
    }
    case Kind::prim:
    case Kind::name:
    case Kind::fixed_list:
    case Kind::option:
    case Kind::stream:
    case Kind::future:
      if (!arg()) return false;
      break;
  }
  if (at(TokenKind::comma)) return too_many_types(out.kind, open, word);
  return expect_close(TokenKind::greater, open, "the type");
}

/// `_` is only for a result's value, and only before an error's type. `ok` is the value's type
/// as it was read, or empty; `from` is where it ends.
void Parser::needless_underscore(std::string_view ok, std::uint32_t from) {
  const std::string mend = ok.empty() ? "result" : fmt::format("result<{}>", ok);
  const Token& open = tokens_.tokens[at_ - 3];
  const bool closed = at(TokenKind::greater, 1);
  const Span rest = ok.empty() ? Span{tokens_.source, open.begin, peek(closed ? 1 : 0).end}
                               : Span{tokens_.source, from, peek().end};
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(peek()), "found `_`, wanted the type of the error")
          .help(fmt::format("without one it is `{}`", mend))
          .fix(rest, ""));
  next();
}

/// `result<ok, err>`, `result<_, err>`, `result<ok>`. Spec: WIT.md "Types".
bool Parser::result_args(ast::Type& out, std::uint32_t depth) {
  const std::uint32_t begin = peek().begin;
  const bool no_ok = eat(TokenKind::underscore);
  if (!no_ok) {
    auto ok = type(depth + 1);
    if (!ok) return false;
    out.args.push_back(std::move(*ok));
    out.has_ok = true;
  }
  const std::uint32_t end = tokens_.tokens[at_ - 1].end;
  if (no_ok ? !expect(TokenKind::comma, "`_`") : !eat(TokenKind::comma)) return !no_ok;
  if (at(TokenKind::underscore)) {
    needless_underscore(no_ok ? std::string_view() : tokens_.text.substr(begin, end - begin), end);
    return true;
  }
  auto err = type(depth + 1);
  if (!err) return false;
  out.args.push_back(std::move(*err));
  out.has_err = true;
  return true;
}

/// The fix of `unit` at hand: `-> unit`, `, unit>` and `<unit>` go, `<unit,` becomes `<_,`.
std::optional<Fix> Parser::without_unit() const {
  if (at_ < 2) return std::nullopt;
  const std::vector<Token>& list = tokens_.tokens;
  const TokenKind before = list[at_ - 1].kind;
  const auto from_to = [&](std::size_t first, std::size_t last) {
    return Fix{{tokens_.source, list[first - 1].end, list[last].end}, ""};
  };
  if (before == TokenKind::arrow) return from_to(at_ - 1, at_);
  if (before == TokenKind::comma && at(TokenKind::greater, 1)) return from_to(at_ - 1, at_);
  const Token& of = list[at_ - 2];
  const bool result = of.kind == TokenKind::result || tokens_.of(of) == "expected";
  const bool bare = result || of.kind == TokenKind::stream || of.kind == TokenKind::future;
  if (before != TokenKind::less || !bare) return std::nullopt;
  if (at(TokenKind::greater, 1)) return from_to(at_ - 1, at_ + 1);
  if (result && at(TokenKind::comma, 1)) return Fix{tokens_.span(peek()), "_"};
  return std::nullopt;
}

/// `unit` is fixed by leaving it out, which its surroundings tell.
void Parser::note_old_type() {
  if (auto mend = without_unit()) old_types_.push_back({tokens_.span(peek()), std::move(*mend)});
}

std::optional<ast::Type> Parser::named_type() {
  if (word_before_type()) return std::nullopt;
  if (at_word("unit") || at_word("void")) note_old_type();
  if (at_word("expected") && at(TokenKind::less, 1)) {
    const Span where = tokens_.span(next());
    diagnostics_.report(*old_type("expected", where));
    ast::Type out;  // taken as the new spelling, so that the rest of the file is read
    out.span = where;
    out.kind = ast::Type::Kind::result;
    if (!type_args(out, 0)) return std::nullopt;
    return out;
  }
  if (at(TokenKind::id) && at(TokenKind::less, 1)) {
    foreign_generic();
    return std::nullopt;
  }
  const bool called_function = at_word("fn") || at_word("fun") || at_word("function") ||
                               at_word("callback") || at_word("closure");
  if (at(TokenKind::func) || (at(TokenKind::async) && at(TokenKind::func, 1)) ||
      (called_function && at(TokenKind::lparen, 1))) {
    function_as_type();
    return std::nullopt;
  }
  if (at(TokenKind::lbrace)) {
    unexpected("a type", "a record has a name: write `record r { … }` before, and `r` here");
    recover_member();
    return std::nullopt;
  }
  auto id = name("a type");
  if (!id) return std::nullopt;
  if (type_of_package(*id)) return std::nullopt;
  const bool colons = at(TokenKind::colon) && at(TokenKind::colon, 1) && at(TokenKind::id, 2);
  const bool apart = at(TokenKind::dot) || at(TokenKind::slash);
  if (colons || (apart && (at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1)))) {
    type_of_interface();
    return std::nullopt;
  }
  ast::Type out;
  out.kind = ast::Type::Kind::name;
  out.span = id->span;
  out.name = std::move(*id);
  return out;
}

}  // namespace tenon::wit

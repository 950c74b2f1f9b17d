// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

/// Spec: WIT.md "Item: `interface`".
std::optional<ast::Interface> Parser::interface(ast::Attributes attributes) {
  next();  // `interface`
  ast::Interface out;
  out.attributes = std::move(attributes);
  const std::size_t word = at_ - 1;
  auto id = name("the interface's name");
  if (!id) return std::nullopt;
  out.attributes.info.span = id->span;
  out.name = std::move(*id);
  if (!interface_items(out)) return std::nullopt;
  if (out.items.empty()) only_fields(word, false);
  return out;
}

bool Parser::interface_items(ast::Interface& out) {
  const Token open = peek();
  if (!eat(TokenKind::lbrace)) {
    unexpected("`{` after the interface's name", body_help("interface", out.name.text));
    return false;
  }
  while (!at(TokenKind::rbrace) && !at(TokenKind::end)) {
    if (starts_top_item()) {
      if (!nested_item()) break;
      out.partial = true;
      continue;
    }
    const std::size_t before = at_;
    if (interface_item(out)) continue;
    note_line(before, Place::interface);
    if (!std::exchange(lost_function_, false)) out.partial = true;
    if (std::exchange(passed_, false)) continue;
    if (at_ == before) next();
    recover_in_block();
  }
  expect_close(TokenKind::rbrace, open, "the interface");  // without it what was read is kept
  return true;
}

bool Parser::interface_item(ast::Interface& out) {
  ast::Attributes attrs = attributes();
  access_word();
  exported_item();
  if (at(TokenKind::use) && !at(TokenKind::colon, 1)) {
    no_external_id(attrs, "a `use`");
    auto item = use(std::move(attrs));
    if (item) out.items.emplace_back(std::move(*item));
    return item.has_value();
  }
  const bool named = at(TokenKind::colon, 1);  // then a keyword is meant as a name
  if (starts_type_decl() && !named) {
    auto item = type_decl(std::move(attrs));
    if (item) out.items.emplace_back(std::move(*item));
    return item.has_value();
  }
  if ((at(TokenKind::import_) || at(TokenKind::export_)) && !named) {
    unexpected("a type, a function or `use`", "imports and exports belong in a `world`");
    return false;
  }
  statement_ = at_;
  if (old_item() || foreign_item() || foreign_function("a type, a function or `use`")) return false;
  auto id = name("a type, a function or `use`");
  if (!id) return false;
  if (!missing_colon(id->text) && !expect_behind(TokenKind::colon, id->text)) return false;
  auto item = func(std::move(attrs), std::move(*id));
  lost_function_ = !item || !expect(TokenKind::semicolon, "the function");
  if (item) out.items.emplace_back(std::move(*item));
  return !lost_function_;
}

/// Spellings of older drafts and of other languages, with their fix. Spec: WIT.md.
bool Parser::old_item() {
  struct Old {
    std::string_view word;
    std::string_view help;
    std::string_view mend;
  };
  static constexpr std::string_view function = "`name: func(…) -> …;`";
  static constexpr Old olds[] = {
      {"struct", "a structure is a `record`", "record"},
      {"typedef", "an alias is `type name = …;`", "type"},
      {"fn", function, ""},
      {"function", function, ""},
      {"class", "an object is a `resource`", "resource"},
      {"message", "a structure is a `record`", "record"},
      {"object", "a structure is a `record`", "record"},
      {"def", function, ""},
      {"fun", function, ""},
      {"trait", "an object with functions is a `resource`", "resource"},
      {"const", "there are no constants: write a function that returns the value", ""},
      {"let", "there are no constants: write a function that returns the value", ""},
      {"var", "there are no variables: write a getter and a setter, or two functions", ""},
  };
  if (at(TokenKind::async) && (at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1))) {
    diagnostics_.report(with_line(
        Error(rules::syntax, tokens_.span(peek()), "found `async` before the name"), at_,
        "it goes before `func`: ", fmt::format("`{}: async func(…)`", tokens_.of(peek(1)))));
    return true;
  }
  if (at(TokenKind::func) && (at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1))) {
    diagnostics_.report(
        with_line(Error(rules::syntax, tokens_.span(peek()), "found `func` before the name"), at_,
                  "a function is ", fmt::format("`{}: func(…) -> …;`", tokens_.of(peek(1)))));
    return true;
  }
  // All of these are names as well: what follows tells.
  const bool named = at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1);
  if (at_word("union") && (named || at(TokenKind::lbrace, 1))) return old_union();
  const bool before_item = at(TokenKind::import_, 1) || at(TokenKind::export_, 1) ||
                           at(TokenKind::interface, 1) || at(TokenKind::world, 1);
  if (at_word("default") && (named || before_item)) {
    const Span word{tokens_.source, peek().begin, peek(1).begin};
    diagnostics_.report(Error(rules::old_syntax, tokens_.span(peek()), "found `default`")
                            .help("there is no default export any more: leave the word out")
                            .fix(word, ""));
    return true;
  }
  for (const Old& old : olds) {
    if (!at_word(old.word) || !named) continue;
    Error report(rules::old_syntax, tokens_.span(peek()), fmt::format("found `{}`", old.word));
    report = old.help == function ? with_line(std::move(report), at_, "a function is ", function)
                                  : std::move(report).help(std::string(old.help));
    // The word alone is wrong when the rest is WIT's.
    const bool alone = at(old.mend == "type" ? TokenKind::equals : TokenKind::lbrace, 2);
    if (!old.mend.empty() && alone)
      report = std::move(report).fix(tokens_.span(peek()), std::string(old.mend));
    diagnostics_.report(std::move(report));
    return true;
  }
  return false;
}

/// `union u { int a; float b; }` of C and `{ a: u32 }` of Rust. The `{` is at hand.
bool Parser::union_of_fields(const Error& report) {
  const Token& name = tokens_.tokens[at_ - 1];
  std::uint32_t end = name.end;
  const std::string_view body = body_text({tokens_.source, name.begin, name.end}, end);
  const auto inside = body.find_first_of(";:") == std::string_view::npos
                          ? std::nullopt
                          : meant_body("variant", body);
  const std::string of = wit_name(tokens_.of(name));
  if (!inside || of.empty()) return false;
  diagnostics_.report(Error(rules::old_syntax, report.span(), "found `union`"));
  lines_.push_back({{tokens_.source, report.span().begin, end},
                    fmt::format("write `variant {} {{ {} }}`", of, *inside)});
  while (peek().begin < end && !at(TokenKind::end)) next();
  eat(TokenKind::semicolon);
  passed_ = true;
  return true;
}

/// `union u { a, list<u8> }` of older drafts: its cases had types and no names. The fix gives each
/// a name.
bool Parser::old_union() {
  const Token word = next();
  Error report = Error(rules::old_syntax, tokens_.span(word), "found `union`")
                     .help("write a `variant`: each case has a name, and its type in parentheses")
                     .fix(tokens_.span(word), "variant");
  const bool named = at(TokenKind::id) || at(TokenKind::explicit_id);
  if (!named || !at(TokenKind::lbrace, 1)) {
    diagnostics_.report(std::move(report));
    return true;
  }
  next();
  if (union_of_fields(report)) return true;
  next();
  for (int number = 1; !at(TokenKind::rbrace) && !at(TokenKind::end); ++number) {
    const Token first = peek();
    const bool word_case = (at(TokenKind::id) || is_keyword(first.kind)) &&
                           (at(TokenKind::comma, 1) || at(TokenKind::rbrace, 1));
    const std::string name =
        !word_case ? fmt::format("case{}", number)
                   : fmt::format("{}{}", is_keyword(first.kind) ? "%" : "", tokens_.of(first));
    if (at(TokenKind::id) && at(TokenKind::lparen, 1))
      break;  // it has names: the word alone is wrong
    if (!type()) break;
    const std::uint32_t end = tokens_.tokens[at_ - 1].end;
    report = std::move(report).fix({tokens_.source, first.begin, first.begin}, name + "(");
    report = std::move(report).fix({tokens_.source, end, end}, ")");
    if (!eat(TokenKind::comma)) break;
  }
  diagnostics_.report(std::move(report));
  recover_member();
  while (eat(TokenKind::comma)) recover_member();
  passed_ = eat(TokenKind::rbrace);
  return true;
}

/// Spec: WIT.md "Item: `world`".
std::optional<ast::World> Parser::world(ast::Attributes attributes) {
  next();  // `world`
  ast::World out;
  out.attributes = std::move(attributes);
  auto id = name("the world's name");
  if (!id) return std::nullopt;
  out.attributes.info.span = id->span;
  out.name = std::move(*id);
  const Token open = peek();
  if (!eat(TokenKind::lbrace)) {
    unexpected("`{` after the world's name", body_help("world", out.name.text));
    return std::nullopt;
  }
  while (!at(TokenKind::rbrace) && !at(TokenKind::end)) {
    if (starts_top_item()) {
      if (!nested_item()) break;
      out.partial = true;
      continue;
    }
    const std::size_t before = at_;
    if (world_item(out)) continue;
    note_line(before, Place::world);
    out.partial = true;
    lost_function_ = false;
    if (std::exchange(passed_, false)) continue;
    if (at_ == before) next();
    recover_in_block();
  }
  expect_close(TokenKind::rbrace, open, "the world");
  return out;
}

bool Parser::world_item(ast::World& out) {
  ast::Attributes attrs = attributes();
  const auto take = [&](auto item) {
    if (item) out.items.emplace_back(std::move(*item));
    return item.has_value();
  };
  if (at(TokenKind::import_) || at(TokenKind::export_)) return take(extern_item(std::move(attrs)));
  if (at(TokenKind::use) || at(TokenKind::include)) no_external_id(attrs, "a `use` or `include`");
  if (at(TokenKind::use)) return take(use(std::move(attrs)));
  if (at(TokenKind::include)) return take(include(std::move(attrs)));
  if (starts_type_decl()) return take(type_decl(std::move(attrs)));
  if (old_item()) return false;
  if ((at(TokenKind::id) || at(TokenKind::explicit_id)) && at(TokenKind::colon, 1)) {
    unexpected("`import`, `export`, `use`, `include` or a type",
               fmt::format("in a world say which way: `import {0}: …` or `export {0}: …`",
                           tokens_.of(peek())));
    return false;
  }
  unexpected("`import`, `export`, `use`, `include` or a type");
  return false;
}

/// Spec: WIT.md "Item: `world`" (import-item, export-item). `a:b` without white space is one name
/// of a package.
std::optional<ast::Extern> Parser::extern_item(ast::Attributes attributes) {
  const Token first = next();
  ast::Extern out;
  out.attributes = std::move(attributes);
  out.is_import = first.kind == TokenKind::import_;
  statement_ = at_;
  if (old_item() || extern_word(out.is_import)) return std::nullopt;
  const bool named = at(TokenKind::colon, 1);
  const bool follows_func = starts_func_type(2) || at(TokenKind::interface, 2);
  const bool glued = adjacent(1) && adjacent(2) && !follows_func;
  if (!named || glued) {
    auto path = use_path();
    if (!path) return std::nullopt;
    out.attributes.info.span = path->span;
    out.span = path->span;
    if (!path->package && missing_colon(path->name.text)) {
      out.name = path->name;
      auto item = func(out.attributes, path->name);
      if (!item || !expect(TokenKind::semicolon, "the function")) return std::nullopt;
      out.what = std::move(*item);
      return out;
    }
    out.what = std::move(*path);
    if (!expect(TokenKind::semicolon, out.is_import ? "the import" : "the export"))
      return std::nullopt;
    return out;
  }
  auto id = name("a name");
  if (!id) return std::nullopt;
  next();  // `:`
  out.attributes.info.span = id->span;
  out.span = id->span;
  out.name = *id;
  if (starts_func_type()) {
    auto item = func(out.attributes, *id);
    if (!item || !expect(TokenKind::semicolon, "the function")) return std::nullopt;
    out.what = std::move(*item);
  } else if (at(TokenKind::interface)) {
    next();
    ast::Interface item;
    item.attributes.info = out.attributes.info;
    item.attributes.info.external_id.reset();
    item.name = *id;
    if (!interface_items(item)) return std::nullopt;
    out.what = std::move(item);
  } else if (at(TokenKind::id) || at(TokenKind::explicit_id)) {
    auto path = use_path();
    if (!path || !expect(TokenKind::semicolon, out.is_import ? "the import" : "the export"))
      return std::nullopt;
    out.what = std::move(*path);
  } else {
    unexpected("`func`, `interface` or the name of an interface");
    return std::nullopt;
  }
  return out;
}

/// Spec: WIT.md "Item: `use`".
std::optional<ast::Use> Parser::use(ast::Attributes attributes) {
  next();  // `use`
  ast::Use out;
  out.attributes = std::move(attributes);
  if (at(TokenKind::lbrace)) {
    diagnostics_.report(
        Error(rules::old_syntax, tokens_.span(peek()), "found `use { … } from …`")
            .help("the interface comes first: `use my-interface.{type-a, type-b};`"));
    while (!at(TokenKind::semicolon) && !at(TokenKind::end) && !starts_top_item()) next();
    return std::nullopt;
  }
  const std::uint32_t begin = peek().begin;
  auto path = use_path();
  if (!path) return std::nullopt;
  out.path = std::move(*path);
  const std::string_view of = tokens_.text.substr(begin, tokens_.tokens[at_ - 1].end - begin);
  const bool colons = double_colon();
  if (!colons && !at(TokenKind::dot)) {
    unexpected("`.{` and the names of types", "`use interface.{type-a, type-b};`");
    return std::nullopt;
  }
  if (!colons) next();
  if (at(TokenKind::star)) {
    unexpected("`{` and the names of types", "name each: `use interface.{type-a, type-b};`");
    return std::nullopt;
  }
  if (at(TokenKind::id)) {
    unexpected("`{` and the names of types",
               fmt::format("write `use {}.{{{}}};`", of, tokens_.of(peek())));
    return std::nullopt;
  }
  const Token open = peek();
  if (!expect(TokenKind::lbrace)) return std::nullopt;
  while (!at(TokenKind::rbrace)) {
    auto id = name("the name of a type");
    std::optional<ast::Name> as;
    const bool renamed = id && eat(TokenKind::as);
    if (renamed) as = name("the new name");
    if (!id || (renamed && !as)) {
      recover_list();
      return std::nullopt;
    }
    out.names.push_back({std::move(*id), std::move(as)});
    if (!eat(TokenKind::comma)) break;
  }
  if (!expect_close(TokenKind::rbrace, open, "the list of names")) {
    recover_list();
    return std::nullopt;
  }
  if (out.names.empty()) {
    error(open, "found no name, wanted at least one type to use");
    return std::nullopt;
  }
  if (!expect(TokenKind::semicolon, "`use`")) return std::nullopt;
  return out;
}

/// After an error in a list in braces: behind it.
void Parser::recover_list() {
  while (!at(TokenKind::rbrace) && !at(TokenKind::semicolon) && !at(TokenKind::end) &&
         !starts_top_item())
    next();
  eat(TokenKind::rbrace);
}

/// Spec: WIT.md "Item: `include`".
std::optional<ast::Include> Parser::include(ast::Attributes attributes) {
  next();  // `include`
  ast::Include out;
  out.attributes = std::move(attributes);
  auto path = use_path();
  if (!path) return std::nullopt;
  out.path = std::move(*path);
  if (!eat(TokenKind::with)) {
    if (!expect(TokenKind::semicolon, "`include`")) return std::nullopt;
    return out;
  }
  const Token open = peek();
  if (!expect(TokenKind::lbrace, "`with`")) return std::nullopt;
  while (!at(TokenKind::rbrace)) {
    auto from = name("the included name");
    const bool renamed = from && expect(TokenKind::as, "the name");
    auto to = renamed ? name("the new name") : std::nullopt;
    if (!to) {
      recover_list();
      eat(TokenKind::semicolon);
      passed_ = true;
      return std::nullopt;
    }
    out.with.push_back({std::move(*from), std::move(*to)});
    if (!eat(TokenKind::comma)) break;
  }
  if (!expect_close(TokenKind::rbrace, open, "the list of names")) return std::nullopt;
  eat(TokenKind::semicolon);
  return out;
}

}  // namespace tenon::wit

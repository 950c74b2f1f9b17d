// SPDX-License-Identifier: Apache-2.0
// What other languages have and WIT writes otherwise, or not at all. Each spelling is taken for
// what it stands for, so that the rest of the text is read, and the message says what to write.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

/// `vec<u8>`: a word that is no type of WIT's own, with types behind it. The word is at hand.
bool Parser::foreign_generic() {
  struct Word {
    std::string_view word;
    std::string_view mend;
  };
  static constexpr Word words[] = {
      {"vec", "list"},          {"array", "list"},      {"sequence", "list"},
      {"slice", "list"},        {"set", "list"},        {"optional", "option"},
      {"maybe", "option"},      {"nullable", "option"}, {"either", "result"},
      {"dict", "map"},          {"hashmap", "map"},     {"record", "map"},
      {"hash-map", "map"},      {"btree-map", "map"},   {"dictionary", "map"},
      {"object", "map"},        {"vector", "list"},     {"hash-set", "list"},
      {"deque", "list"},        {"span", "list"},       {"expected", "result"},
      {"shared-ptr", "own"},    {"unique-ptr", "own"},  {"rc", "own"},
      {"arc", "own"},           {"task", "future"},     {"channel", "stream"},
      {"observable", "stream"}, {"promise", "future"},  {"pair", "tuple"},
      {"ref", "borrow"},        {"box", "own"},         {"handle", "own"},
      {"iterator", "stream"},
  };
  const Token word = peek();
  const std::string_view text = tokens_.of(word);
  const std::string lower = to_kebab(text);
  const auto* found = std::ranges::find(words, lower, &Word::word);
  const Word own{lower, lower};  // `Option<u8>`
  if (found == std::end(words) && is_keyword_text(lower)) found = &own;
  next();
  const std::uint32_t begin = peek().begin;
  std::size_t depth = 0;
  do {  // what is inside is not looked at
    if (at(TokenKind::less)) ++depth;
    if (at(TokenKind::greater)) --depth;
    next();
  } while (depth > 0 && !at(TokenKind::end) && !at(TokenKind::semicolon));
  const std::string_view args = tokens_.text.substr(begin, tokens_.tokens[at_ - 1].end - begin);
  Error report(rules::undefined, tokens_.span(word), fmt::format("type `{}`", text));
  if (found != std::end(words)) {
    report = std::move(report)
                 .help(fmt::format("WIT calls it `{}`: `{}{}`", found->mend, found->mend, args))
                 .fix(tokens_.span(word), std::string(found->mend));
  } else {
    report = std::move(report).help(
        "only `list`, `option`, `result`, `tuple`, `map`, `stream`, `future`, `own` and `borrow` "
        "take types");
  }
  diagnostics_.report(std::move(report));
  return false;
}

/// `(u32, u32)` where a type is wanted.
bool Parser::tuple_in_parentheses(ast::Type& out, std::uint32_t depth) {
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
          .help("functions are no values: pass a resource with a method, or export a function that "
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
  std::string help = fmt::format("a function is `{}: func(…)`", name);
  if (name == "new" || name == "init")
    help += "; what makes a resource is `constructor(…)`";
  else if (name == "destructor" || name == "drop" || name == "dispose")
    help += "; a resource that ends needs none: dropping its handle is enough";
  diagnostics_.report(Error(rules::syntax, tokens_.span(peek()),
                            fmt::format("found {}, wanted `:` after `{}`", found(), name))
                          .help(help)
                          .fix(here, without_func ? ": func" : ":"));
  return true;
}

/// `): u32` and `) => u32`. True when a type follows.
bool Parser::foreign_arrow() {
  const bool fat = at(TokenKind::equals) && at(TokenKind::greater, 1) && adjacent(1);
  if (!fat && !at(TokenKind::colon)) return false;
  const Span sign{tokens_.source, peek().begin, peek(fat ? 1 : 0).end};
  diagnostics_.report(
      Error(rules::syntax, sign, fmt::format("found `{}`, wanted `->`", fat ? "=>" : ":"))
          .help("the result stands behind `->`: `func(…) -> u32`")
          .fix(sign, fat ? "->" : " ->"));
  next();
  if (fat) next();
  return true;
}

/// `self` without a type in a list of parameters: it is behind us.
bool Parser::self_parameter() {
  const Token self = tokens_.tokens[at_ - 1];
  const std::uint32_t end = at(TokenKind::comma) ? peek(1).begin : self.end;
  diagnostics_.report(Error(rules::syntax, tokens_.span(self), "found `self` among the parameters")
                          .help("a method has its resource without saying so: leave it out")
                          .fix({tokens_.source, self.begin, end}, ""));
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
  if (dashes || semicolons) {
    unexpected(wanted, "a comment begins with `//`, documentation with `///`");
    return true;
  }
  if (at(TokenKind::string_literal)) {
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
  if (at_word("returns")) return "the result stands behind `->`: `func(…) -> u32`";
  if (at(TokenKind::lbrace)) return "only the signature stands here: put a `;`";
  const bool of_world = after == "the import" || after == "the export" || after == "`include`";
  if (of_world && at(TokenKind::comma)) return "each stands alone: put a `;` and repeat the word";
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
  const std::string_view more = at(TokenKind::less, 1) ? "<…>" : "";
  return fmt::format(
      "there are functions and no values: `{}: func() -> {}{}`; fields stand in a "
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
  const std::string_view name = tokens_.of(peek(1));
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(peek()),
            fmt::format("found {} inside braces", world ? "a world" : "an interface"))
          .help(world
                    ? "worlds stand side by side at the top of the file"
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
                 .help(fmt::format("a type stands alone: `{}`", of))
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
          fmt::format("a type of a world stands alone: remove `{}`; an interface takes its types "
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

// SPDX-License-Identifier: Apache-2.0
// The parser goes on after an error and marks what it lost as `partial`, so that the resolver does
// not report names that a lost item may define. Errors of lexer and parser are collected first: if
// a whole line can be suggested, it replaces the errors about its characters.
// Spec: WIT.md "Top-level items"
#include "tenon/wit/parse.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/types/semver.h"
#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/wasi.h"

namespace tenon::wit {

namespace {

/// Reports what a parser found. Of a type that is another language's that alone is told, and not
/// each of its signs beside it; of a statement for which there is a line to write, one error.
void report_all(const Parser& parser, const Diagnostics& signs, const Diagnostics& rest,
                Diagnostics& out) {
  std::vector<bool> used(parser.lines().size());
  const auto is_in = [](const Error& error, const Parser::Line& line) {
    return error.span().begin >= line.where.begin && error.span().begin <= line.where.end;
  };
  // Of a statement of several lines the first line is the place: a sign that is wrong in a later
  // one waits for the error of the whole.
  const auto waits = [&](const Error& error, const Parser::Line& line) {
    return parser.is_later_line(error.span(), line.where) &&
           std::ranges::any_of(rest.all(), [&](const Error& other) {
             return is_in(other, line) && other.span().begin < error.span().begin;
           });
  };
  bool signs_now = true;
  const auto report = [&](const Error& error) {
    for (std::size_t i = 0; i < used.size(); ++i) {
      const Parser::Line& line = parser.lines()[i];
      if (!is_in(error, line)) continue;
      if (used[i] || (signs_now && waits(error, line))) return;
      used[i] = true;
      return out.report(Error(error).help(line.help));
    }
    out.report(error);
  };
  for (const Error& error : signs.all()) {
    if (!parser.has_told(error.span())) report(error);
  }
  signs_now = false;
  for (const Error& error : rest.all()) report(error);
  const std::size_t dropped = signs.dropped() + rest.dropped();
  for (std::size_t i = 0; i < dropped; ++i)
    out.report(signs.dropped() > 0 ? signs.all().back() : rest.all().back());
}

}  // namespace

ast::File parse(std::string_view text, std::uint32_t source, Diagnostics& diagnostics) {
  constexpr std::size_t most = 1000;
  Diagnostics signs(most);
  Diagnostics rest(most);
  Parser parser(lex(text, source, signs), rest);
  ast::File out = parser.file();
  report_all(parser, signs, rest, diagnostics);
  return out;
}

bool Parser::at_word(std::string_view word) const {
  return at(TokenKind::id) && tokens_.of(peek()) == word;
}

bool Parser::expect(TokenKind kind, std::string_view after) {
  if (eat(kind)) return true;
  if (kind == TokenKind::semicolon) return missing_semicolon(after);
  unexpected(after.empty() ? std::string(describe(kind))
                           : fmt::format("{} after {}", describe(kind), after));
  return false;
}

bool Parser::expect_behind(TokenKind kind, std::string_view name) {
  return eat(kind) || expect(kind, fmt::format("`{}`", name));
}

/// A `;` is missing: it belongs behind what was read, whatever comes next.
bool Parser::missing_semicolon(std::string_view after) {
  const Token& before = tokens_.tokens[at_ == 0 ? 0 : at_ - 1];
  const Span end{tokens_.source, before.end, before.end};
  const std::string_view gap = tokens_.text.substr(before.end, peek().begin - before.end);
  if (at(TokenKind::greater) && before.kind == TokenKind::greater) {
    diagnostics_.report(Error(rules::syntax, tokens_.span(peek()),
                              fmt::format("found `>`, wanted `;` after {}", after))
                            .help("every `<` is closed already: remove this `>`")
                            .fix(tokens_.span(peek()), ""));
    next();
    return eat(TokenKind::semicolon);
  }
  if (!gap.contains('\n') && !at(TokenKind::rbrace) && !at(TokenKind::end) && !starts_item()) {
    const bool function = after == "the function" || after == "the method";
    unexpected(fmt::format("`;` after {}", after),
               function && !at(TokenKind::lbrace) ? line_help(tail_help(after)) : tail_help(after));
    return false;
  }
  diagnostics_.report(Error(rules::syntax, end, fmt::format("found no `;` after {}", after))
                          .help("put a `;` here")
                          .fix(end, ";"));
  return true;
}

/// Whether another item of a block begins here: what is before it is whole, but for its `;`.
bool Parser::starts_item() const {
  const bool named = (at(TokenKind::id) || at(TokenKind::explicit_id)) && at(TokenKind::colon, 1);
  const bool word = at(TokenKind::use) || at(TokenKind::include) || at(TokenKind::import_) ||
                    at(TokenKind::export_) || at(TokenKind::constructor);
  const bool named_type =
      starts_type_decl() && (at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1));
  return named || word || named_type || (at(TokenKind::static_) && at(TokenKind::id, 1));
}

/// Whether the token `ahead` follows the one before it without white space.
bool Parser::adjacent(std::size_t ahead) const {
  return ahead > 0 && peek(ahead).begin == peek(ahead - 1).end;
}

void Parser::error(const Token& token, std::string detail, std::string help) {
  diagnostics_.report(
      Error(rules::syntax, tokens_.span(token), std::move(detail)).help(std::move(help)));
}

/// The token at hand as a message shows it.
std::string Parser::found() const {
  const Token& token = peek();
  const bool plain = token.kind == TokenKind::id || token.kind == TokenKind::explicit_id ||
                     token.kind == TokenKind::integer || token.kind == TokenKind::string_literal;
  return plain ? fmt::format("`{}`", tokens_.of(token)) : std::string(describe(token.kind));
}

void Parser::unexpected(std::string_view wanted, std::string help) {
  error(peek(), fmt::format("found {}, wanted {}", found(), wanted), std::move(help));
}

bool Parser::expect_close(TokenKind close, const Token& open, std::string_view of) {
  if (eat(close)) return true;
  if (at(TokenKind::greater) && close != TokenKind::greater) {
    diagnostics_.report(Error(rules::syntax, tokens_.span(peek()),
                              fmt::format("found `>`, wanted {} that ends {}", describe(close), of))
                            .help("every `<` is closed already: remove this `>`")
                            .fix(tokens_.span(peek()), ""));
    next();
    return eat(close);
  }
  // Where something else goes on, what was opened may be closed behind it.
  const bool ends = at(TokenKind::end) || at(TokenKind::semicolon) || at(TokenKind::rbrace) ||
                    at(TokenKind::rparen) || at(TokenKind::greater) || at(TokenKind::arrow) ||
                    starts_item() || starts_top_item();
  if (!ends) {
    diagnostics_.report(
        Error(rules::syntax, tokens_.span(peek()),
              fmt::format("found {}, wanted {} that ends {}", found(), describe(close), of))
            .note(tokens_.span(open), "opened here")
            .help(at(TokenKind::star) ? "there are no pointers: text is a `string`, bytes are a "
                                        "`list<u8>`, an object is a resource: `borrow<…>`"
                  : close == TokenKind::greater && (at(TokenKind::id) || is_keyword(peek().kind))
                      ? fmt::format("types are separated by commas: `, {}`", tokens_.of(peek()))
                      : std::string()));
    return false;
  }
  diagnostics_.report(
      Error(rules::unclosed, tokens_.span(peek()),
            fmt::format("found {}, wanted {} that ends {}", found(), describe(close), of))
          .note(tokens_.span(open), "opened here")
          .help(at(TokenKind::end) ? fmt::format("put {} at the end", describe(close))
                                   : fmt::format("put {} before {}", describe(close), found())));
  return false;
}

/// The `}` of a type.
bool Parser::expect_close_of(const Token& open, std::string_view name) {
  return eat(TokenKind::rbrace) || expect_close(TokenKind::rbrace, open, fmt::format("`{}`", name));
}

/// After an error inside braces: to behind the next `;` or nested block, or to the closing brace.
void Parser::recover_in_block() {
  std::size_t depth = 0;
  while (!at(TokenKind::end)) {
    if (at(TokenKind::lbrace)) ++depth;
    if (at(TokenKind::rbrace)) {
      if (depth == 0) return;
      --depth;
      next();
      if (depth == 0) {
        eat(TokenKind::semicolon);
        return;
      }
      continue;
    }
    if (at(TokenKind::semicolon) && depth == 0) {
      next();
      return;
    }
    if (depth == 0 && starts_top_item()) return;
    next();
  }
}

/// `interface name {` and its like: inside another block it shows that a brace is missing before
/// it.
bool Parser::starts_top_item() const {
  const bool word = at(TokenKind::interface) || at(TokenKind::world);
  return word && (at(TokenKind::id, 1) || at(TokenKind::explicit_id, 1)) &&
         at(TokenKind::lbrace, 2);
}

/// After an error at the top: to the next item that begins with its keyword.
void Parser::recover_to_item() {
  std::size_t depth = 0;
  while (!at(TokenKind::end)) {
    if (at(TokenKind::lbrace)) ++depth;
    if (at(TokenKind::rbrace) && depth > 0) --depth;
    if (depth == 0 && (at(TokenKind::semicolon) || at(TokenKind::rbrace))) {
      if (next().kind == TokenKind::rbrace) eat(TokenKind::semicolon);
      return;
    }
    const bool item = at(TokenKind::interface) || at(TokenKind::world) || at(TokenKind::package);
    if (depth == 0 && item) return;
    next();
  }
}

std::optional<ast::Name> Parser::name(std::string_view what) {
  if (at(TokenKind::id) || at(TokenKind::explicit_id)) {
    const Token token = next();
    std::string_view text = tokens_.of(token);
    if (token.kind == TokenKind::explicit_id) text.remove_prefix(1);
    return ast::Name{text, tokens_.span(token)};
  }
  if (at(TokenKind::string_literal)) {
    const Token token = peek();
    const std::string_view text = tokens_.text.substr(token.begin + 1, token.end - token.begin - 2);
    const std::string mend = wit_name(text);
    Error report(rules::syntax, tokens_.span(token),
                 fmt::format("found {}, wanted {}", tokens_.of(token), what));
    if (!mend.empty())
      report = std::move(report)
                   .help(fmt::format("names have no quotes: `{}`", mend))
                   .fix(tokens_.span(token), mend);
    diagnostics_.report(std::move(report));
    if (mend != text) return std::nullopt;
    next();
    return ast::Name{text, tokens_.span(token)};
  }
  if (is_keyword(peek().kind)) {
    const bool used_as_name =
        at(TokenKind::colon, 1) || at(TokenKind::comma, 1) || at(TokenKind::lbrace, 1) ||
        at(TokenKind::equals, 1) || at(TokenKind::rbrace, 1) || at(TokenKind::semicolon, 1) ||
        at(TokenKind::at, 1) || at(TokenKind::slash, 1) || at(TokenKind::dot, 1);
    const std::string_view text = tokens_.of(peek());
    Error report(rules::syntax, tokens_.span(peek()),
                 fmt::format("found the keyword `{}`, wanted {}", text, what));
    if (!used_as_name) {
      diagnostics_.report(std::move(report));
      return std::nullopt;
    }
    diagnostics_.report(std::move(report)
                            .help(fmt::format("write `%{}` to use a keyword as a name", text))
                            .fix(tokens_.span(peek()), fmt::format("%{}", text)));
    const Token token = next();
    return ast::Name{tokens_.of(token), tokens_.span(token)};
  }
  unexpected(what);
  return std::nullopt;
}

/// `v1.2` as `1.2.0`; what cannot be mended as it is.
std::string Parser::exact_version(std::string_view found) {
  for (const char* rest : {"", ".0", ".0.0"}) {
    std::string mend = std::string(found.substr(found.starts_with('v') ? 1 : 0)) + rest;
    if (types::is_semver(mend)) return mend;
  }
  return std::string(found);
}

/// A semantic version after `@`: one token, or what is there without white space. Spec: WIT.md
/// "Package declaration".
std::optional<std::string> Parser::version() {
  const auto goes_on = [&](std::size_t ahead) {
    return at(TokenKind::id, ahead) || at(TokenKind::integer, ahead) ||
           at(TokenKind::minus, ahead) || at(TokenKind::plus, ahead);
  };
  Span span = tokens_.span(peek());
  if (at(TokenKind::string_literal)) {
    const std::string mend = string_value(tokens_.of(peek())).value_or("");
    Error report(rules::bad_version, span,
                 fmt::format("found {}, wanted one such as `1.2.3`", tokens_.of(next())));
    if (types::is_semver(mend))
      report = std::move(report)
                   .help(fmt::format("a version has no quotes: `{}`", mend))
                   .fix(span, mend);
    diagnostics_.report(std::move(report));
    return std::nullopt;
  }
  if (!goes_on(0)) {
    const bool sign = at(TokenKind::greater) || at(TokenKind::equals) || at(TokenKind::less);
    unexpected("a version such as `1.2.3`",
               sign                  ? "a version is exact, without a sign before it: `@1.2.3`"
               : at(TokenKind::star) ? "a version is exact: `@1.2.3`"
                                     : "");
    return std::nullopt;
  }
  next();
  while (peek().begin == span.end &&
         (goes_on(0) || (at(TokenKind::dot) && goes_on(1) && adjacent(1))))
    span.end = next().end;
  const std::string_view found = tokens_.text.substr(span.begin, span.end - span.begin);
  if (!types::is_semver(found) && type_behind_version(found, span)) return std::nullopt;
  if (!types::is_semver(found)) {
    Error report(rules::bad_version, span,
                 fmt::format("found `{}`, wanted one such as `1.2.3`", found));
    if (const std::string mend = exact_version(found); mend != found)
      report = std::move(report)
                   .help(fmt::format("a version is three numbers: `{}`", mend))
                   .fix(span, mend);
    if (at(TokenKind::dot) && at(TokenKind::star, 1)) next(), next();
    diagnostics_.report(std::move(report));
    return std::nullopt;
  }
  return std::string(found);
}

std::optional<ast::PackageDecl> Parser::package_decl(ast::Attributes attributes) {
  const Token first = next();  // `package`
  ast::PackageDecl out;
  out.attributes = std::move(attributes);
  const auto ns = name("the package's namespace, as in `package ns:name;`");
  if (!ns) return std::nullopt;
  if (!at(TokenKind::colon)) {
    unexpected("`:` after the namespace",
               fmt::format("a package has a namespace and a name: `package my-org:{};`", ns->text));
    return std::nullopt;
  }
  next();
  const auto pkg = name("the package's name");
  if (!pkg) return std::nullopt;
  bool slashes = false;
  std::vector<ast::Name> parts = {*ns, *pkg};
  out.name.ns = ns->text;
  out.name.name = pkg->text;
  while (at(TokenKind::colon) || at(TokenKind::slash)) {
    const bool deeper = next().kind == TokenKind::slash;
    const auto part = name("the name of a nested package");
    if (!part) return std::nullopt;
    if (deeper) {
      (out.name.name += '/') += part->text;
      slashes = true;
    } else if (slashes) {
      error(peek(), "found a namespace behind a nested package",
            "namespaces come first: `package a:b:c/d;`");
      return std::nullopt;
    } else {
      (out.name.ns += ':') += out.name.name;
      out.name.name = part->text;
    }
    parts.push_back(*part);
  }
  for (const ast::Name& part : parts) {
    if (part.text == to_kebab(part.text) || !is_kebab(part.text)) continue;
    diagnostics_.report(
        Error(rules::bad_name, part.span, fmt::format("found `{}` in a package's name", part.text))
            .help(fmt::format("packages are named in lower case: `{}`", to_kebab(part.text)))
            .fix(part.span, to_kebab(part.text)));
  }
  if (eat(TokenKind::at)) {
    out.name.version = version();
    out.partial = !out.name.version;
  }
  out.span = {tokens_.source, first.begin, tokens_.tokens[at_ - 1].end};
  return out;
}

/// What to say of a path that ends with its package: the nearest one of those that are inside the
/// program when there is none of that name.
std::string Parser::package_alone(const PackageName& package) const {
  const std::string version =
      at(TokenKind::at) ? fmt::format("@{}", tokens_.of(peek(1))) : std::string();
  const std::string name = package.to_string();
  std::vector<std::string_view> known;
  for (const EmbeddedFile& file : embedded_files())
    known.push_back(types::split_version(file.package).base);
  std::string meant = name;
  if (std::ranges::find(known, name) == known.end()) {
    if (const std::string_view near = nearest(name, known); !near.empty()) meant = near;
  }
  return fmt::format("{}`{}` names a package; name one of its interfaces: `{}/…{}`",
                     meant == name ? "" : fmt::format("did you mean `{}`? ", meant), meant, meant,
                     version);
}

/// `self.i` and `pkg.i` of older drafts: the package's own items are named alone.
void Parser::old_path() {
  if ((!at_word("self") && !at_word("pkg")) || !at(TokenKind::dot, 1) || !at(TokenKind::id, 2))
    return;
  const Span word{tokens_.source, peek().begin, peek(2).begin};
  diagnostics_.report(
      Error(rules::old_syntax, tokens_.span(peek()), fmt::format("found `{}`", tokens_.of(peek())))
          .help(fmt::format("an item of the package is named alone: `{}`", tokens_.of(peek(2))))
          .fix(word, ""));
  next();
  next();
}

/// Spec: WIT.md "Item: `toplevel-use`" (use-path).
std::optional<ast::UsePath> Parser::use_path() {
  old_path();
  const Token first = peek();
  ast::UsePath out;
  if (at(TokenKind::string_literal)) {
    unexpected("the name of an interface or world",
               "the files of a folder are one package: name what is in them, such as "
               "`my-interface`, or `ns:pkg/my-interface` of a package in `deps/`");
    return std::nullopt;
  }
  auto head = name("the name of an interface or world");
  if (!head) return std::nullopt;
  const bool colons =
      at(TokenKind::colon, 0) && at(TokenKind::colon, 1) && at(TokenKind::lbrace, 2);
  if (!colons && eat(TokenKind::colon)) {
    if (at(TokenKind::colon)) {
      unexpected("a package's name", "an interface is named `namespace:package/interface`");
      return std::nullopt;
    }
    auto pkg = name("a package's name");
    if (!pkg) return std::nullopt;
    PackageName package{std::string(head->text), std::string(pkg->text), std::nullopt};
    while (eat(TokenKind::colon)) {
      pkg = name("a package's name");
      if (!pkg) return std::nullopt;
      (package.ns += ':') += package.name;
      package.name = pkg->text;
    }
    if (!at(TokenKind::slash)) {
      unexpected("`/` and the name of an interface or world", package_alone(std::move(package)));
      return std::nullopt;
    }
    next();
    auto item = name("the name of an interface or world");
    if (!item) return std::nullopt;
    while (eat(TokenKind::slash)) {
      (package.name += '/') += item->text;
      item = name("the name of an interface or world");
      if (!item) return std::nullopt;
    }
    out.package = std::move(package);
    out.name = *item;
    if (eat(TokenKind::at)) {
      out.package->version = version();
      if (!out.package->version) return std::nullopt;
    }
  } else {
    out.name = std::move(*head);
  }
  out.span = {tokens_.source, first.begin, tokens_.tokens[at_ - 1].end};
  return out;
}

/// The text of a doc comment, without its marks, behind `docs_`.
void Parser::append_doc_text(const Comment& comment) {
  std::string_view text = tokens_.text.substr(comment.begin, comment.end - comment.begin);
  if (text.starts_with("///")) {
    text.remove_prefix(3);
    if (text.starts_with(' ')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    docs_ += text;
    return;
  }
  text = text.substr(3, text.size() - 5);
  std::string out;
  bool first = true;
  while (true) {  // each line without its leading white space and star
    const auto cut = text.find('\n');
    std::string_view line = text.substr(0, cut);
    const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
    line.remove_prefix(begin);
    if (!first && line.starts_with('*')) line.remove_prefix(line.starts_with("* ") ? 2 : 1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    if (!first || !line.empty()) {
      if (!out.empty()) out += '\n';
      out += line;
    }
    first = false;
    if (cut == std::string_view::npos) break;
    text = text.substr(cut + 1);
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  docs_ += out;
}

/// The doc comments between the last token and this one.
SharedText Parser::docs_before(const Token& token) {
  const std::uint32_t from = at_ == 0 ? 0 : tokens_.tokens[at_ - 1].end;
  const std::vector<Comment>& comments = tokens_.comments;
  // The parser goes forward: comments before the last token will not be asked for again.
  while (comment_ < comments.size() && comments[comment_].begin < from) ++comment_;
  docs_.clear();
  bool any = false;
  for (std::size_t i = comment_; i < comments.size() && comments[i].begin < token.begin; ++i) {
    if (!comments[i].doc) continue;
    if (any) docs_ += '\n';
    append_doc_text(comments[i]);
    any = true;
  }
  return any ? SharedText(docs_) : SharedText();
}

/// A version of a gate; those of one file are few.
SharedText Parser::gate_version() {
  if (at(TokenKind::integer)) {
    const Span here{tokens_.source, peek().begin, peek().begin};
    diagnostics_.report(
        Error(rules::gate_syntax, tokens_.span(peek()),
              fmt::format("found `{}`, wanted `version = {}…`", tokens_.of(peek()),
                          tokens_.of(peek())))
            .help(fmt::format("write `version = {}`", exact_version(tokens_.of(peek()))))
            .fix(here, "version = "));
    return version();
  }
  if (!at_word("version")) {
    unexpected("`version = 1.2.3`", "write `version = 1.2.3` with the version of the package");
    while (!at(TokenKind::rparen) && !at(TokenKind::end) && !at(TokenKind::lbrace) &&
           !at(TokenKind::semicolon))
      next();
    return {};
  }
  next();
  if (!expect(TokenKind::equals)) return {};
  const std::optional<std::string> found = version();
  if (found && last_version_.view() != *found) last_version_ = found;
  return found ? last_version_ : SharedText();
}

/// A gate without its parentheses: `@deprecated`, `@since 1.0`.
void Parser::bare_gate(std::string_view text) {
  const bool version = at(TokenKind::integer);
  std::string help = "there are @since, @unstable, @deprecated and @external-id";
  if (text == "unstable") help = "write `@unstable(feature = name)`";
  if (text == "external-id") help = "write `@external-id(\"…\")`";
  if (text == "since" || text == "deprecated")
    help = fmt::format("write `@{}(version = {})`", text,
                       version ? exact_version(tokens_.of(peek())) : "1.2.3");
  unexpected(fmt::format("`(` after `@{}`", text), std::move(help));
  if (version) next();
}

/// One of `@since(version = v)`, `@unstable(feature = id)`, `@deprecated(version = v)`,
/// `@external-id("…")`. Spec: WIT.md "Feature gate syntax".
void Parser::gate(ast::Attributes& out) {
  const Token at_token = next();  // `@`
  const Token which = next();
  const std::string_view text = tokens_.of(which);
  const Token open = peek();
  if (!eat(TokenKind::lparen)) {
    bare_gate(text);
    return;
  }
  Stability& stability = out.info.stability;
  const bool twice = (text == "since" && stability.since) ||
                     (text == "deprecated" && stability.deprecated) ||
                     (text == "unstable" && stability.unstable_feature) ||
                     (text == "external-id" && out.info.external_id);
  if (twice) {
    diagnostics_.report(Error(rules::gate_syntax, tokens_.span(which),
                              fmt::format("found a second `@{}`, wanted one", text))
                            .note(out.gates, "the first one"));
  }
  if (text == "since") {
    stability.since = gate_version();
  } else if (text == "deprecated") {
    stability.deprecated = gate_version();
  } else if (text == "unstable") {
    if (at_word("feature")) {
      next();
      if (expect(TokenKind::equals)) {
        if (const auto feature = name("the feature's name"))
          stability.unstable_feature = feature->text;
      }
    } else if (at(TokenKind::id) || at(TokenKind::explicit_id)) {
      const Span here{tokens_.source, peek().begin, peek().begin};
      diagnostics_.report(
          Error(rules::gate_syntax, tokens_.span(peek()),
                fmt::format("found `{0}`, wanted `feature = {0}`", tokens_.of(peek())))
              .help("write `feature = ` before it")
              .fix(here, "feature = "));
      stability.unstable_feature = name("the feature's name")->text;
    } else {
      unexpected("`feature = name`");
    }
  } else if (text == "external-id") {
    if (at(TokenKind::string_literal)) {
      out.info.external_id = string_value(tokens_.of(next()));
    } else {
      unexpected("a string");
    }
  } else {
    diagnostics_.report(
        Error(rules::gate_syntax, tokens_.span(which), fmt::format("found `@{}`", text))
            .help("there are @since, @unstable, @deprecated and @external-id"));
    while (!at(TokenKind::rparen) && !at(TokenKind::end) && !at(TokenKind::lbrace) &&
           !at(TokenKind::semicolon))
      next();
  }
  // `version` ends at white space or `)`; what is left over is reported once.
  expect_close(TokenKind::rparen, open, "the gate");
  out.gates = {tokens_.source, at_token.begin, tokens_.tokens[at_ - 1].end};
}

ast::Attributes Parser::attributes() {
  ast::Attributes out;
  out.info.docs = docs_before(peek());
  while (at(TokenKind::at)) {
    const std::size_t before = at_;
    gate(out);
    if (const SharedText docs = docs_before(peek()); !docs.empty()) {
      out.info.docs =
          out.info.docs.empty() ? docs : SharedText(fmt::format("{}\n{}", *out.info.docs, *docs));
    }
    if (at_ == before) break;
  }
  return out;
}

/// Spec: WIT.md "Item: `world`" (external-id).
void Parser::no_external_id(ast::Attributes& attributes, std::string_view what) {
  if (!attributes.info.external_id) return;
  diagnostics_.report(
      Error(rules::gate_syntax, attributes.gates, fmt::format("found `@external-id` on {}", what))
          .help("imports, exports, types and functions have external ids"));
  attributes.info.external_id.reset();
}

/// Spec: WIT.md "Package declaration": no gate is before it.
void Parser::no_gates(ast::Attributes& attributes) {
  Stability& stability = attributes.info.stability;
  if (!stability.since && !stability.unstable_feature && !stability.deprecated) return;
  diagnostics_.report(Error(rules::gate_syntax, attributes.gates,
                            "found a gate before `package`, wanted it before an interface, a world "
                            "or what is in them")
                          .help("remove it: a package says what it is by its version"));
  stability = {};
}

std::optional<ast::TopUse> Parser::top_use(ast::Attributes attributes) {
  next();  // `use`
  ast::TopUse out;
  out.attributes = std::move(attributes);
  auto path = use_path();
  if (!path) return std::nullopt;
  out.path = std::move(*path);
  if (eat(TokenKind::as)) {
    auto as = name("the new name");
    if (!as) return std::nullopt;
    out.as = std::move(*as);
  }
  if (at(TokenKind::dot)) {
    unexpected("`;`",
               "types are used inside an interface or world; at the top of a file `use` names an "
               "interface");
    return std::nullopt;
  }
  if (!expect(TokenKind::semicolon, "`use`")) return std::nullopt;
  return out;
}

void Parser::nested_package(ast::PackageDecl decl, ast::File& file) {
  const Token open = next();  // `{`
  ast::NestedPackage out;
  out.decl = std::move(decl);
  out.partial = !package_items(out.items, nullptr);
  expect_close(TokenKind::rbrace, open, "the package");
  file.nested.push_back(std::move(out));
}

/// What stands at the top of a file and is no item there.
void Parser::no_item() {
  if (starts_type_decl() ||
      ((at(TokenKind::id) || at(TokenKind::explicit_id)) && at(TokenKind::colon, 1))) {
    unexpected("`package`, `use`, `interface` or `world`",
               "types and functions belong inside an interface: `interface my-interface { … }`");
    return;
  }
  const bool of_world = at(TokenKind::import_) || at(TokenKind::export_) || at(TokenKind::include);
  if (of_world && at(TokenKind::string_literal, 1)) {
    unexpected("`package`, `use`, `interface` or `world`",
               "the files of a folder are one package: nothing has to be imported");
    return;
  }
  unexpected("`package`, `use`, `interface` or `world`",
             of_world ? "imports and exports belong in a world: `world my-world { … }`" : "");
}

/// One item at the top of a file or nested package; false when it was not understood.
bool Parser::package_item(std::vector<ast::PackageItem>& items, ast::File* file) {
  ast::Attributes attrs = attributes();
  no_external_id(attrs, "an interface, a world or a package");
  switch (peek().kind) {
    case TokenKind::use: {
      auto item = top_use(std::move(attrs));
      if (item) items.emplace_back(std::move(*item));
      return item.has_value();
    }
    case TokenKind::interface: {
      auto item = interface(std::move(attrs));
      if (item) items.emplace_back(std::move(*item));
      return item.has_value();
    }
    case TokenKind::world: {
      auto item = world(std::move(attrs));
      if (item) items.emplace_back(std::move(*item));
      return item.has_value();
    }
    case TokenKind::package: {
      const Token where = peek();
      no_gates(attrs);
      const std::size_t first = at_;
      auto decl = package_decl(std::move(attrs));
      if (!decl) note_package(first);
      if (!decl) return false;
      if (file == nullptr) {
        error(where, "found a package inside a nested package, wanted an interface or world");
        return false;
      }
      if (at(TokenKind::lbrace)) {
        nested_package(std::move(*decl), *file);
        return true;
      }
      if (!expect(TokenKind::semicolon, "the package's name")) {
        note_package(first);
        return false;
      }
      if (file->package || !items.empty() || !file->nested.empty()) {
        error(where,
              "found a second package declaration or one behind other items, wanted it first in "
              "the file",
              "a further package in one file has braces: `package ns:name { … }`");
        return true;
      }
      file->package = std::move(*decl);
      return true;
    }
    default:
      break;  // NOLINT: every other token is one error
  }
  if (at_word("namespace") || at_word("Package") || at_word("module")) note_package(at_);
  if (at_word("default")) {
    diagnostics_.report(
        Error(rules::old_syntax, tokens_.span(peek()), "found `default`")
            .help("there is no default world or interface any more: leave the word out")
            .fix({tokens_.source, peek().begin, peek(1).begin}, ""));
    next();
    return package_item(items, file);
  }
  if (at(TokenKind::rbrace)) {
    error(peek(), "found `}`, which closes nothing",
          "remove it, or look for a `{` that is missing above");
    next();
    return true;
  }
  if (at(TokenKind::semicolon)) {
    diagnostics_.report(Error(rules::syntax, tokens_.span(peek()),
                              "found `;`, wanted `package`, `use`, `interface` or `world`")
                            .help("remove this `;`")
                            .fix(tokens_.span(peek()), ""));
    next();
    return true;
  }
  no_item();
  return false;
}

/// False when an item was lost.
bool Parser::package_items(std::vector<ast::PackageItem>& items, ast::File* file) {
  bool whole = true;
  while (!at(TokenKind::end)) {
    if (file == nullptr && at(TokenKind::rbrace)) return whole;
    const std::size_t before = at_;
    if (!package_item(items, file)) {
      whole = false;
      note_line(before, Place::top);
      if (at_ == before) next();
      recover_to_item();
    }
  }
  return whole;
}

ast::File Parser::file() {
  ast::File out;
  out.source = tokens_.source;
  out.partial = !package_items(out.items, &out) || lost_item_;
  out.old_types = std::move(old_types_);
  return out;
}

}  // namespace tenon::wit

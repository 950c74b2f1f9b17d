// SPDX-License-Identifier: Apache-2.0
// Where an item was not understood, the message shows the line to write, if anybody can tell: after
// the error, from the whole statement, whichever of its words was the one at fault.
#include <fmt/format.h>

#include "tenon/wit/meant.h"
#include "tenon/wit/parser.h"

namespace tenon::wit {

/// What to write in the place of the item that began with a token. Functions are tried last: most
/// other statements have no parentheses.
void Parser::note_line(std::size_t first, Place place) {
  // Behind its gates.
  while (first + 1 < tokens_.tokens.size() && tokens_.tokens[first].kind == TokenKind::at) {
    while (first < at_ && tokens_.tokens[first].kind != TokenKind::rparen) ++first;
    if (first >= at_) return;
    ++first;
  }
  const Token& token = tokens_.tokens[first];
  if (token.kind == TokenKind::end || token.kind == TokenKind::constructor) return;
  const Span where = statement_text(first);
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  if (auto help = meant_statement(text, place)) {
    // What is told of a `{` behind it is the same fault.
    const auto brace = tokens_.text.find_first_not_of(" \t\r\n", where.end);
    Span whole = where;
    if (brace != std::string_view::npos && tokens_.text[brace] == '{')
      whole.end = static_cast<std::uint32_t>(brace);
    lines_.push_back({whole, *std::move(help)});
    return;
  }
  if (way_of_all(first)) return;
  const bool way = token.kind == TokenKind::import_ || token.kind == TokenKind::export_;
  const auto line = function_line(way ? first + 1 : first);
  if (!line || line->text.contains("…")) return;
  const std::string_view word = way ? tokens_.of(token) : std::string_view();
  const std::string whole = fmt::format("{}{}{}", word, way ? " " : "", line->text);
  if (whole == fmt::format("{};", text)) return;
  if (place == Place::top) {
    lines_.push_back(
        {where,
         fmt::format("functions belong inside {}: `{} {{ {} }}`", way ? "a world" : "an interface",
                     way ? "world my-world" : "interface my-interface", whole)});
  } else if (place == Place::interface && way) {
    lines_.push_back(
        {where, fmt::format("imports and exports belong in a `world`; an interface has "
                            "the function alone: write `{}`",
                            line->text)});
  } else if (place == Place::world && !way) {
    lines_.push_back(
        {where, fmt::format("in a world say which way: `import {0}` or `export {0}`", line->text)});
  } else {
    lines_.push_back({where, fmt::format("write `{}`", whole)});
  }
}

/// `export *`: an interface has a line of its own. Those of the file are named.
bool Parser::way_of_all(std::size_t first) {
  constexpr std::size_t most = 2000;
  constexpr std::size_t shown = 5;
  const std::vector<Token>& all = tokens_.tokens;
  const TokenKind way = all[first].kind;
  if (way != TokenKind::import_ && way != TokenKind::export_) return false;
  if (first + 1 >= all.size() || all[first + 1].kind != TokenKind::star) return false;
  const std::string_view word = tokens_.of(all[first]);
  std::string names;
  std::size_t count = 0;
  for (std::size_t i = 0; i + 2 < all.size() && i < most && count < shown; ++i) {
    if (all[i].kind != TokenKind::interface || all[i + 1].kind != TokenKind::id) continue;
    names += fmt::format("{}{} {};", count++ == 0 ? "" : " ", word, tokens_.of(all[i + 1]));
  }
  if (names.empty()) names = fmt::format("{} my-interface;", word);
  lines_.push_back(
      {statement_text(first), fmt::format("each interface has a line of its own: `{}`", names)});
  return true;
}

/// The same of a resource's method; what has the resource's name or makes one is its constructor.
void Parser::note_method(std::size_t first, std::string_view resource) {
  const Token& token = tokens_.tokens[first];
  if (token.kind == TokenKind::end || token.kind == TokenKind::at) return;
  const Span where = statement_text(first);
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  const std::string_view word = tokens_.of(token);
  const bool own = text.substr(0, text.find('(')).contains("constructor");
  const bool makes = own || word == resource || word == "new" || word == "init" || word == "create";
  const auto open = text.find('(');
  if (makes && open != std::string_view::npos) {
    // `f` stands for the name, whatever is there.
    const auto line = meant_function(fmt::format("f{}", text.substr(open)));
    const auto begin = line ? line->find('(') : std::string::npos;
    const auto end = line ? line->rfind(')') : std::string::npos;
    if (begin == std::string::npos || line->contains("…")) return;
    const std::string mend = fmt::format("constructor{};", line->substr(begin, end + 1 - begin));
    if (mend == fmt::format("{};", text)) return;
    lines_.push_back({where, fmt::format("{}write `{}`",
                                         own ? ""
                                             : "what makes a resource is "
                                               "its constructor: ",
                                         mend)});
    return;
  }
  const auto line = function_line(first);
  if (!line || line->text.contains("…") || line->text == fmt::format("{};", text)) return;
  const bool ends = word == "destructor" || word == "drop" || word == "dispose" || word == "delete";
  lines_.push_back(
      {where,
       ends ? "a resource that ends needs no function: dropping its handle is enough; remove it"
            : fmt::format("write `{}`", line->text)});
}

/// The same of a record's field.
void Parser::note_field(std::size_t first) {
  const Token& token = tokens_.tokens[first];
  Span where = statement_text(first);
  std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>' && depth > 0) --depth;
    if (text[i] == ',' && depth == 0) text = text.substr(0, i);
  }
  where.end = static_cast<std::uint32_t>(where.begin + text.size());
  if (token.kind == TokenKind::end || token.kind == TokenKind::at) return;
  if (const auto field = meant_field(text); field && *field != text)
    lines_.push_back({where, fmt::format("write `{}`", *field)});
}

/// The same of a package's declaration, whose word the token is.
void Parser::note_package(std::size_t first) {
  const Span where = statement_text(first);
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  const auto blank = text.find_first_of(" :=");
  if (blank == std::string_view::npos) return;
  const auto line = meant_package(text.substr(blank));
  if (line && *line != fmt::format("{};", text))
    lines_.push_back({where, fmt::format("write `{}`", *line)});
}

}  // namespace tenon::wit

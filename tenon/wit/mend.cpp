// SPDX-License-Identifier: Apache-2.0
// Fixes are edits of tokens that leave comments alone: where a comment would be lost, there is no
// fix. All fixes of an error are applied or none, and none that overlaps an earlier one.
#include "tenon/wit/mend.h"

#include <algorithm>
#include <utility>

namespace tenon::wit {
namespace {

/// Where the attributes before a token begin: `@since(…) @external-id("…") token`.
std::size_t before_attributes(const std::vector<Token>& tokens, std::size_t at) {
  while (at > 0 && tokens[at - 1].kind == TokenKind::rparen) {
    std::size_t open = at - 1;
    while (open > 0 && tokens[open].kind != TokenKind::lparen) --open;
    if (open < 2 || tokens[open - 2].kind != TokenKind::at) break;
    at = open - 2;
  }
  return at;
}

/// The blanks before a place, when the line holds nothing else before it.
std::optional<std::string_view> indent_of(std::string_view text, std::uint32_t at) {
  const auto line = text.rfind('\n', at == 0 ? 0 : at - 1);
  const std::size_t begin = line == std::string_view::npos ? 0 : line + 1;
  const std::string_view blanks = text.substr(begin, at - begin);
  if (blanks.find_first_not_of(" \t") != std::string_view::npos) return std::nullopt;
  return blanks;
}

}  // namespace

const Tokens& Mender::tokens(std::uint32_t source) {
  const auto [it, fresh] = tokens_.try_emplace(source);
  if (fresh) {
    Diagnostics ignored;
    it->second = lex(sources_.text(source), source, ignored);
  }
  return it->second;
}

std::optional<std::size_t> Mender::at(Span name) {
  if (name.source >= sources_.size() || sources_.is_binary(name.source)) return std::nullopt;
  const auto& list = tokens(name.source).tokens;
  const auto it =
      std::lower_bound(list.begin(), list.end(), name.begin,
                       [](const Token& t, std::uint32_t begin) { return t.begin < begin; });
  if (it == list.end() || it->begin != name.begin || it->kind == TokenKind::end)
    return std::nullopt;
  return static_cast<std::size_t>(it - list.begin());
}

/// Cuts tokens out, with their line when nothing else is based on it. Nothing when a comment would
/// go along.
std::optional<Fix> Mender::cut(const Tokens& tokens, std::size_t first, std::size_t last) {
  std::uint32_t begin = tokens.tokens[first].begin;
  std::uint32_t end = tokens.tokens[last].end;
  const std::uint32_t before = first == 0 ? 0 : tokens.tokens[first - 1].end;
  const auto near =
      std::lower_bound(tokens.comments.begin(), tokens.comments.end(), before,
                       [](const Comment& c, std::uint32_t at) { return c.begin < at; });
  bool comment = false;
  for (auto c = near; c != tokens.comments.end() && c->begin < end && !comment; ++c)
    comment = c->begin >= begin || c->doc;
  if (comment) return std::nullopt;
  const auto indent = indent_of(tokens.text, begin);
  const auto behind = tokens.text.find_first_not_of(" \t\r", end);
  if (indent && behind != std::string_view::npos && tokens.text[behind] == '\n') {
    begin -= static_cast<std::uint32_t>(indent->size());
    end = static_cast<std::uint32_t>(behind + 1);
  }
  return Fix{{tokens.source, begin, end}, ""};
}

std::optional<Fix> Mender::without_statement(Span inside) {
  const auto found = at(inside);
  if (!found) return std::nullopt;
  const Tokens& all = tokens(inside.source);
  std::size_t first = *found;
  while (first > 0 && all.tokens[first].kind != TokenKind::use) --first;
  std::size_t last = *found;
  while (all.tokens[last].kind != TokenKind::semicolon && all.tokens[last].kind != TokenKind::end)
    ++last;
  if (all.tokens[first].kind != TokenKind::use || all.tokens[last].kind == TokenKind::end)
    return std::nullopt;
  return cut(all, before_attributes(all.tokens, first), last);
}

std::optional<Fix> Mender::without_use(Span local) {
  const auto found = at(local);
  if (!found || *found < 2) return std::nullopt;
  const Tokens& all = tokens(local.source);
  const auto& list = all.tokens;
  const std::size_t last = *found;
  const std::size_t first = list[last - 1].kind == TokenKind::as ? last - 2 : last;
  const bool leads = list[first - 1].kind == TokenKind::lbrace;
  const bool comma = list[last + 1].kind == TokenKind::comma;
  const TokenKind after = comma ? list[last + 2].kind : list[last + 1].kind;
  if (leads && after == TokenKind::rbrace) return without_statement(local);
  if (comma) {  // up to the next name
    auto fix = cut(all, first, last + 1);
    if (fix && fix->span.end == list[last + 1].end) {
      while (fix->span.end < list[last + 2].begin &&
             (all.text[fix->span.end] == ' ' || all.text[fix->span.end] == '\t'))
        ++fix->span.end;
    }
    return fix;
  }
  return cut(all, first - 1, last);
}

std::optional<Fix> Mender::with_gate(Span name, std::string_view gate) {
  const auto found = at(name);
  if (!found) return std::nullopt;
  const Tokens& all = tokens(name.source);
  std::size_t first = *found;
  using enum TokenKind;
  constexpr TokenKind words[] = {type,     record,    variant, enum_,   flags,
                                 resource, interface, world,   import_, export_};
  const TokenKind after = all.tokens[first + 1].kind;
  const bool in_list = after == comma || after == rbrace || after == as;
  while (in_list && first > 0 && all.tokens[first].kind != use) --first;
  if (first > 0 &&
      std::find(std::begin(words), std::end(words), all.tokens[first - 1].kind) != std::end(words))
    --first;
  first = before_attributes(all.tokens, first);
  const std::uint32_t begin = all.tokens[first].begin;
  const auto indent = indent_of(all.text, begin);
  return Fix{{name.source, begin, begin},
             std::string(gate) + (indent ? "\n" + std::string(*indent) : std::string(" "))};
}

std::string apply_fixes(std::string_view text, std::uint32_t source,
                        const std::vector<Error>& errors) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, Fix> taken;  // by where they end and begin
  const auto fits = [&](const Fix& fix) {
    const auto [fix_source, begin, end] = fix.span;
    if (fix_source != source || end > text.size() || taken.contains({end, begin})) return false;
    const auto next =
        taken.upper_bound({begin, 0xFFFFFFFF});  // the first that ends behind its begin
    return next == taken.end() || next->second.span.begin >= end;
  };
  for (const Error& error : errors) {
    if (!std::all_of(error.fixes().begin(), error.fixes().end(), fits)) continue;
    for (const Fix& fix : error.fixes())
      taken.emplace(std::pair(fix.span.end, fix.span.begin), fix);
  }
  std::string out;
  std::uint32_t at = 0;
  for (const auto& [place, fix] : taken) {
    if (fix.span.begin < at) continue;
    out += text.substr(at, fix.span.begin - at);
    out += fix.text;
    at = fix.span.end;
  }
  out += text.substr(at);
  return out;
}

}  // namespace tenon::wit

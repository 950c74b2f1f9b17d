// SPDX-License-Identifier: Apache-2.0
// Where an item was not understood, the message shows the line to write, if anybody can tell: after
// the error, from the whole statement, whichever of its words was the one at fault.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/wit/meant.h"
#include "tenon/wit/parser.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

/// What to write in the place of the item that began with a token. Other languages end a statement
/// where its line ends: when this one was understood, the next line is an item of its own.
void Parser::note_line(std::size_t first, Place place) {
  // Behind its gates, and `@dataclass`.
  while (first + 2 < tokens_.tokens.size() && tokens_.tokens[first].kind == TokenKind::at) {
    if (tokens_.tokens[first + 2].kind != TokenKind::lparen) {
      first += 2;
      continue;
    }
    while (first < at_ && tokens_.tokens[first].kind != TokenKind::rparen) ++first;
    if (first >= at_) return;
    ++first;
  }
  const std::size_t before = lines_.size();
  if (!note_statement(first, place) || lines_.size() == before || place == Place::top) return;
  resume_behind(lines_.back().where.end, first);
}

/// Goes on with the line behind a place, unless its statement goes on there.
void Parser::resume_behind(std::uint32_t end, std::size_t first) {
  constexpr std::size_t most = 200;  // tokens that are looked at, so that work stays linear
  const std::vector<Token>& all = tokens_.tokens;
  std::size_t next = first + 1;
  while (next + 1 < all.size() && next < first + most && all[next].begin < end) ++next;
  if (next + 1 >= all.size() || all[next].begin < end || at_ > next + most) return;
  const std::string_view gap = tokens_.text.substr(end, all[next].begin - end);
  const TokenKind kind = all[next].kind;
  const bool word = kind == TokenKind::id || kind == TokenKind::at || is_keyword(kind);
  if (!gap.contains('\n') || !word) return;
  at_ = next;
  passed_ = true;
}

/// The body behind a head: what its braces hold, or, behind a `:`, the lines that are further in.
/// `end` is where it ends; the text is empty when there is none, or when it is long.
std::string_view Parser::body_text(Span head, std::uint32_t& end) const {
  constexpr std::size_t most = 600;
  const std::string_view text = tokens_.text.substr(head.end, most);
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  if (text[begin] == '{') {
    std::size_t depth = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
      if (text[i] == '{') ++depth;
      if (text[i] != '}' || --depth > 0) continue;
      end = static_cast<std::uint32_t>(head.end + i + 1);
      return text.substr(begin + 1, i - begin - 1);
    }
    return {};
  }
  if (head.end == 0 || tokens_.text[head.end - 1] != ':' || !text.starts_with('\n')) return {};
  const auto line = tokens_.text.rfind('\n', head.begin) + 1;
  const std::size_t indent = head.begin - line;
  std::size_t stop = 0;
  while (stop < text.size()) {
    const auto next = text.find_first_not_of(' ', stop + 1);
    if (next == std::string_view::npos || next - stop - 1 <= indent || text[next] == '}') break;
    stop = std::min(text.find('\n', next), text.size());
  }
  end = static_cast<std::uint32_t>(head.end + stop);
  return text.substr(0, stop);
}

/// The line of one statement; false when nobody can tell. Functions are tried last: most other
/// statements have no parentheses.
bool Parser::note_statement(std::size_t first, Place place) {
  const Token& token = tokens_.tokens[first];
  if (token.kind == TokenKind::end || token.kind == TokenKind::constructor) return false;
  const Span where = statement_text(first);
  const std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  if (note_typedef(first)) return true;
  if (auto help = meant_statement(text, place)) {
    const TokenKind kind = token.kind;
    const bool type = kind == TokenKind::record || kind == TokenKind::variant ||
                      kind == TokenKind::enum_ || kind == TokenKind::flags ||
                      kind == TokenKind::resource;
    note_head(where, *std::move(help), place == Place::top && type);
    return true;
  }
  if (way_of_all(first)) return true;
  const bool way = token.kind == TokenKind::import_ || token.kind == TokenKind::export_;
  const auto line = function_line(way ? first + 1 : first);
  // `def f():` has its body behind it.
  std::uint32_t end = where.end;
  const Span whole_text{where.source, where.begin,
                        text.ends_with(':') && !body_text(where, end).empty() ? end : where.end};
  if (!line) {
    const std::string_view why = absent_function(text);
    if (!why.empty()) lines_.push_back({where, std::string(why)});
    return !why.empty();
  }
  if (line->text.contains("…")) return false;
  const std::string_view word = way ? tokens_.of(token) : std::string_view();
  const std::string whole = fmt::format("{}{}{}", word, way ? " " : "", line->text);
  if (whole == fmt::format("{};", text)) return false;
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
    lines_.push_back({whole_text, fmt::format("write `{}`", whole)});
  }
  return true;
}

/// `typedef struct { int x; } p;` of C: its name is behind its body.
bool Parser::note_typedef(std::size_t first) {
  constexpr std::size_t longest_head = 200;
  const std::string_view text = tokens_.text.substr(tokens_.tokens[first].begin, longest_head);
  static constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"typedef struct", "record"}, {"typedef union", "variant"}, {"typedef enum", "enum"}};
  for (const auto& [word, keyword] : words) {
    if (!text.starts_with(word)) continue;
    const auto brace = text.find_first_of("{;}");
    if (brace == std::string_view::npos || text[brace] != '{') continue;
    Span where = tokens_.span(tokens_.tokens[first]);
    where.end = static_cast<std::uint32_t>(where.begin + brace);
    std::uint32_t end = where.end;
    const auto inside = meant_body(keyword, body_text(where, end));
    constexpr std::size_t longest_name = 100;
    const std::string_view behind = tokens_.text.substr(end, longest_name);
    const std::string_view words_behind = behind.substr(0, behind.find(';'));
    const auto begin = words_behind.find_first_not_of(" \n");
    const std::string name =
        begin == std::string_view::npos ? std::string() : wit_name(words_behind.substr(begin));
    if (!inside || name.empty()) return false;
    where.end = static_cast<std::uint32_t>(end + words_behind.size() + 1);
    lines_.push_back({where, fmt::format("write `{} {} {{ {} }}`", keyword, name, *inside)});
    while (peek().begin < where.end && !at(TokenKind::end)) next();
    passed_ = true;
    return true;
  }
  return false;
}

/// The cases that are written as another language does, all of them in one line; true when they are
/// behind us, with the brace that closes them. The one that opens them is behind us.
bool Parser::whole_body(const ast::TypeDecl& of) {
  if (of.kind == ast::TypeDecl::Kind::record) return false;
  const Token& open = tokens_.tokens[at_ - 1];
  const Token first = peek();
  const std::string_view gap =
      tokens_.text.substr(peek(1).end, peek(2).begin - std::min(peek(2).begin, peek(1).end));
  const bool cases = at_word("case") && at(TokenKind::id, 1);
  const bool strings =
      at(TokenKind::equals, 1) && (at(TokenKind::string_literal, 2) || gap.contains('\''));
  if (!cases && !strings) return false;
  std::uint32_t end = open.begin;
  const std::string_view body = body_text({tokens_.source, open.begin, open.begin}, end);
  static constexpr std::string_view keywords[] = {"", "record", "variant", "enum", "flags"};
  const std::string keyword(keywords[static_cast<std::size_t>(of.kind)]);
  const std::string name = wit_name(of.name.text);
  const std::string help =
      meant_with_body(fmt::format("write `{} {} {{ … }}`", keyword, name), body);
  if (body.empty() || name.empty() || help.empty()) return false;
  diagnostics_.report(Error(rules::syntax, tokens_.span(first),
                            cases ? "found `case` before a case's name"
                                  : fmt::format("found a value of case `{}`", tokens_.of(first))));
  lines_.push_back({{tokens_.source, open.begin, end}, help});
  while (peek().begin < end && !at(TokenKind::end)) next();
  passed_ = true;
  return true;
}

/// The line of a statement that may have a body, which is shown with it when it is understood. A
/// type of WIT's `own` that is in a wrong place has a body that is right as it is.
void Parser::note_head(Span where, std::string help, bool own) {
  std::uint32_t end = where.end;
  const std::string_view body = body_text(where, end);
  std::string whole = body.empty() || own ? std::string() : meant_with_body(help, body);
  // What is told of a `{` behind it is the same fault.
  const auto brace = tokens_.text.find_first_not_of(" \t\r\n", where.end);
  if (!whole.empty()) help = std::move(whole);
  if (!body.empty() && !own) {
    where.end = end;  // what is in it is passed as well
  } else if (brace != std::string_view::npos && tokens_.text[brace] == '{') {
    where.end = static_cast<std::uint32_t>(brace);
  }
  lines_.push_back({where, std::move(help)});
}

/// An interface of TypeScript that holds values alone, whose word is the token: it is a record.
bool Parser::only_fields(std::size_t first, bool nested) {
  const std::vector<Token>& all = tokens_.tokens;
  // `a:` and `readonly a:`
  const auto kind = [&](std::size_t ahead) {
    return all[std::min(first + ahead, all.size() - 1)].kind;
  };
  const bool field = kind(4) == TokenKind::colon || kind(5) == TokenKind::colon;
  if (kind(2) != TokenKind::lbrace || kind(3) != TokenKind::id || !field) return false;
  const Span head{tokens_.source, all[first].begin, all[first + 1].end};
  std::uint32_t end = head.end;
  const std::string_view body = body_text(head, end);
  const auto fields = body.empty() ? std::nullopt : meant_body("record", body);
  const std::string name = wit_name(tokens_.of(all[first + 1]));
  if (!fields || name.empty()) return false;
  const std::string record = fmt::format("record {} {{ {} }}", name, *fields);
  std::string help = nested ? fmt::format("a structure is a `record`: write `{}`", record)
                            : fmt::format(
                                  "a structure is a `record`, which belongs in an interface: write "
                                  "`interface my-interface {{ {} }}`",
                                  record);
  // Statements that were understood one by one are none of a record.
  if (!lines_.empty() && lines_.back().where.begin >= head.begin) return false;
  lines_.push_back({{tokens_.source, head.begin, end}, std::move(help)});
  return true;
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
  if (!line && !text.contains('(')) {
    if (auto help = meant_statement(text, Place::interface))
      note_head(where, *std::move(help), false);
    return;
  }
  if (!line || line->text.contains("…") || line->text == fmt::format("{};", text)) return;
  const bool ends = word == "destructor" || word == "drop" || word == "dispose" || word == "delete";
  lines_.push_back(
      {where,
       ends ? "a resource that ends needs no function: dropping its handle is enough; remove it"
            : fmt::format("write `{}`", line->text)});
}

/// `x, y int` of Go: fields that share a type. `where` is what was taken, then.
std::optional<std::string> Parser::shared_field(Span statement, Span& where) const {
  const std::string_view text =
      tokens_.text.substr(statement.begin, statement.end - statement.begin);
  const auto last = text.rfind(", ");
  if (last == std::string_view::npos || text.find_first_of(":<([{") != std::string_view::npos)
    return std::nullopt;
  const auto blank = text.find(' ', last + 2);
  if (blank == std::string_view::npos) return std::nullopt;
  std::string out;
  std::string_view names = text.substr(0, blank);
  while (!names.empty()) {
    const auto end = std::min(names.find(", "), names.size());
    const auto one = meant_field(fmt::format("{}{}", names.substr(0, end), text.substr(blank)));
    if (!one) return std::nullopt;
    out += (out.empty() ? "" : ", ") + *one;
    names.remove_prefix(std::min(end + 2, names.size()));
  }
  where = statement;
  return out;
}

/// The same of a record's field. True when its line was the whole of it, and the next is at hand.
bool Parser::note_field(std::size_t first) {
  const Token& token = tokens_.tokens[first];
  Span where = statement_text(first);
  std::string_view text = tokens_.text.substr(where.begin, where.end - where.begin);
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<' || text[i] == '[' || text[i] == '(') ++depth;
    if ((text[i] == '>' || text[i] == ']' || text[i] == ')') && depth > 0) --depth;
    if (text[i] == ',' && depth == 0) text = text.substr(0, i);
  }
  where.end = static_cast<std::uint32_t>(where.begin + text.size());
  if (token.kind == TokenKind::end || token.kind == TokenKind::at) return false;
  auto field = meant_field(text);
  if (!field) field = shared_field(statement_text(first), where);
  if (!field && text.contains(" func(")) {
    lines_.push_back({where, std::string(absent_type("function"))});
    resume_behind(where.end, first);
    return std::exchange(passed_, false);
  }
  if (!field || *field == text) return false;
  auto next = tokens_.text.find_first_not_of(" \t\r\n", where.end);
  // `{ get; set; }` of C# is of the field.
  if (next != std::string_view::npos && tokens_.text.substr(next).starts_with("{ get")) {
    const auto close = tokens_.text.find('}', next);
    where.end = static_cast<std::uint32_t>(std::min(close, tokens_.text.size() - 1) + 1);
    next = tokens_.text.find_first_not_of(" \t\r\n", where.end);
  }
  const char sign = next == std::string_view::npos ? '}' : tokens_.text[next];
  const bool last = sign == ',' || sign == '}';
  lines_.push_back({where, fmt::format("write `{}{}`", *field, last ? "" : ",")});
  resume_behind(where.end, first);
  return std::exchange(passed_, false);
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

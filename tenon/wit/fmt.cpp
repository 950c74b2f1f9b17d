// SPDX-License-Identifier: Apache-2.0
// The formatter lays out tokens, not the syntax tree, so that no comment and no spelling is lost.
// It runs only on text that parses. The writer's blank lines are kept, one at most; lists are
// broken if they exceed the width or contain a comment.
#include "tenon/wit/fmt.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tenon/base/safe_text.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/parse.h"

namespace tenon::wit {
namespace {

/// Longer parameter lists and lists of used names go to one line each.
constexpr std::size_t max_width = 100;
constexpr std::size_t indent = 2;

/// Lays tokens out one by one. What is in braces is a block (one item a line) or, behind `use x.`,
/// a list of names; a list in parentheses or such braces is broken when it is too long or holds a
/// comment.
class Formatter {
 public:
  explicit Formatter(const Tokens& tokens) : tokens_(tokens) {}

  std::string run() {
    for (at_ = 0; tokens_.tokens[at_].kind != TokenKind::end; ++at_) token();
    comments_before(tokens_.tokens[at_]);
    finish_line();
    while (out_.ends_with("\n\n")) out_.pop_back();
    return std::move(out_);
  }

 private:
  enum class Group : std::uint8_t { block, members, list, broken_list };

  [[nodiscard]] const Token& peek(std::size_t ahead) const {
    return tokens_.tokens[std::min(at_ + ahead, tokens_.tokens.size() - 1)];
  }
  [[nodiscard]] TokenKind before() const {
    return at_ == 0 ? TokenKind::semicolon : tokens_.tokens[at_ - 1].kind;
  }

  void finish_line() {
    while (!line_.empty() && line_.back() == ' ') line_.pop_back();
    if (line_.empty()) return;
    out_.append(line_depth_ * indent, ' ');
    out_ += line_;
    out_ += '\n';
    line_.clear();
  }
  void put(std::string_view text) {
    if (line_.empty()) line_depth_ = groups_.size();
    line_ += text;
  }
  void space() {
    if (!line_.empty() && line_.back() != ' ') line_ += ' ';
  }

  [[nodiscard]] std::size_t newlines(std::uint32_t from, std::uint32_t to) const {
    return static_cast<std::size_t>(
        std::count(tokens_.text.begin() + from, tokens_.text.begin() + to, '\n'));
  }

  /// An empty line that the writer left between items stays, one of them; none behind `{`.
  void keep_blank(std::uint32_t from, std::uint32_t to) {
    if (newlines(from, to) < 2 || !line_.empty() || out_.empty()) return;
    if (!out_.ends_with("{\n") && !out_.ends_with("(\n") && !out_.ends_with("\n\n")) out_ += '\n';
  }

  /// Writes the comments between the last token and this one.
  void comments_before(const Token& token) {
    std::uint32_t from = at_ == 0 ? 0 : tokens_.tokens[at_ - 1].end;
    for (; comment_ < tokens_.comments.size() && tokens_.comments[comment_].begin < token.begin;
         ++comment_) {
      const Comment& comment = tokens_.comments[comment_];
      const bool own_line = newlines(from, comment.begin) > 0 || from == 0;
      const bool line_comment = tokens_.text[comment.begin + 1] == '/';
      if (own_line) {
        finish_line();
        keep_blank(from, comment.begin);
      } else if (line_.empty() && !out_.empty() && out_.back() == '\n') {
        reopen_line();
      }
      write_comment(comment, own_line);
      const bool ends_line = line_comment || newlines(comment.end, next_begin(comment, token)) > 0;
      if (ends_line)
        finish_line();
      else
        space();
      from = comment.end;
    }
    if (comment_ > 0 && from == tokens_.comments[comment_ - 1].end)
      keep_blank(from, token.begin);
    else if (line_.empty())
      keep_blank(from, token.begin);
  }

  [[nodiscard]] std::uint32_t next_begin(const Comment& comment, const Token& token) const {
    const std::size_t next = static_cast<std::size_t>(&comment - tokens_.comments.data()) + 1;
    if (next < tokens_.comments.size()) return std::min(tokens_.comments[next].begin, token.begin);
    return token.begin;
  }

  /// A comment at the end of a line that is written already goes behind it.
  void reopen_line() {
    out_.pop_back();
    const auto begin = out_.rfind('\n') + 1;
    line_ = out_.substr(begin);
    out_.erase(begin);
    const auto text = std::min(line_.find_first_not_of(' '), line_.size());
    line_depth_ = text / indent;
    line_.erase(0, text);
  }

  void write_comment(const Comment& comment, bool own_line) {
    std::string_view text = tokens_.text.substr(comment.begin, comment.end - comment.begin);
    while (text.ends_with('\r')) text.remove_suffix(1);
    const std::string_view whole = text;
    const std::size_t line_mark = comment.doc && text.starts_with("///") ? 3
                                  : text.starts_with("//")               ? 2
                                                                         : 0;
    if (!own_line && !line_.empty() && line_.back() != '(') space();
    const std::size_t depth = groups_.size();
    bool first = true;
    while (true) {
      const LineEnd cut = find_line_end(text);
      std::string_view one = text.substr(0, cut.at);
      while (!one.empty() && (one.back() == ' ' || one.back() == '\t' || one.back() == '\r'))
        one.remove_suffix(1);
      if (!first) {
        finish_line();
        const auto begin = std::min(one.find_first_not_of(" \t"), one.size());
        const bool star = begin < one.size() && one[begin] == '*';
        if (line_mark != 0) {  // to WIT the line goes on here, to an editor it does not
          line_depth_ = depth;
          line_ = fmt::format("{} {}", whole.substr(0, line_mark), one.substr(begin));
          one = {};
        } else if (star) {
          put(" ");
          one.remove_prefix(begin);
        } else if (one.empty()) {
          out_ += '\n';
        } else {  // the text of a comment keeps its own layout
          line_depth_ = 0;
          line_ = one;
          one = {};
        }
      }
      if (first) {
        if (line_.empty()) line_depth_ = depth;
      }
      line_ += one;
      first = false;
      if (cut.size == 0) break;
      text.remove_prefix(cut.at + cut.size);
    }
  }

  void token() {
    const Token& token = tokens_.tokens[at_];
    const bool closes = token.kind == TokenKind::rbrace || token.kind == TokenKind::rparen;
    comments_before(token);
    if (closes) return close(token);
    if (is_idle_comma(token)) return;
    if (needs_space(token.kind)) space();
    put(tokens_.of(token));
    if (token.kind == TokenKind::lbrace || token.kind == TokenKind::lparen) return open(token);
    if (token.kind == TokenKind::semicolon && depth_of_angles_ == 0) finish_line();
    trailing_comma();
    if (token.kind == TokenKind::less) ++depth_of_angles_;
    if (token.kind == TokenKind::greater && depth_of_angles_ > 0) --depth_of_angles_;
    if (token.kind == TokenKind::comma && depth_of_angles_ == 0 && !groups_.empty()) {
      const Group group = groups_.back();
      if (group == Group::members || group == Group::broken_list) finish_line_after_comma();
    }
  }

  /// A comma before the end of a list that is on one line says nothing.
  [[nodiscard]] bool is_idle_comma(const Token& token) const {
    if (token.kind != TokenKind::comma) return false;
    const TokenKind next = peek(1).kind;
    const bool in_list = depth_of_angles_ > 0
                             ? next == TokenKind::greater
                             : !groups_.empty() && groups_.back() == Group::list &&
                                   (next == TokenKind::rbrace || next == TokenKind::rparen);
    return in_list && !comment_inside(token, peek(1));
  }

  /// A comment behind the comma, on its line, stays with the member.
  void finish_line_after_comma() { finish_line(); }

  [[nodiscard]] bool needs_space(TokenKind kind) const {
    const TokenKind prev = before();
    if (line_.empty()) return false;
    using enum TokenKind;
    if (kind == comma || kind == semicolon || kind == greater || kind == slash || kind == dot)
      return false;
    if (kind == lparen) return false;
    if (prev == lparen || prev == less || prev == slash || prev == at || prev == dot) return false;
    if (kind == less || kind == TokenKind::at) return kind == TokenKind::at && !path_version();
    if (kind == colon) return false;
    if (prev == colon) return !glued_colon();
    if (kind == minus || kind == plus || prev == minus || prev == plus) return !adjacent();
    if (prev == lbrace) return groups_.empty() || groups_.back() != Group::list;
    return true;
  }
  [[nodiscard]] bool adjacent() const {
    return at_ > 0 && tokens_.tokens[at_ - 1].end == tokens_.tokens[at_].begin;
  }
  /// `a:b` of a package's name against `a: b` of a member.
  [[nodiscard]] bool glued_colon() const {
    if (!adjacent()) return false;
    const bool head = at_ >= 2 && tokens_.tokens[at_ - 2].end == tokens_.tokens[at_ - 1].begin;
    const TokenKind kind = tokens_.tokens[at_].kind;
    const bool name = kind == TokenKind::id || kind == TokenKind::explicit_id;
    const TokenKind after = peek(1).kind;
    const TokenKind word = at_ >= 3 ? tokens_.tokens[at_ - 3].kind : TokenKind::end;
    // `a:b:c` has a colon on either side of a name.
    const bool nested = after == TokenKind::colon || word == TokenKind::colon;
    return head && name && (after == TokenKind::slash || word == TokenKind::package || nested);
  }
  [[nodiscard]] bool path_version() const { return adjacent() && !line_.empty(); }
  void open(const Token& token) {
    if (token.kind == TokenKind::lparen || after_use_or_with()) {
      const bool gate = at_ >= 2 && tokens_.tokens[at_ - 2].kind == TokenKind::at;
      // A case has one type, behind which no comma may be.
      const bool payload = !groups_.empty() && groups_.back() == Group::members;
      const bool broken = !gate && !payload && must_break();
      groups_.push_back(broken ? Group::broken_list : Group::list);
      if (broken) finish_line();
      return;
    }
    const TokenKind word = block_word();
    const bool members = word == TokenKind::record || word == TokenKind::variant ||
                         word == TokenKind::enum_ || word == TokenKind::flags;
    if (peek(1).kind == TokenKind::rbrace && !comment_inside(token, peek(1))) {
      groups_.push_back(Group::list);  // `{}`
      return;
    }
    groups_.push_back(members ? Group::members : Group::block);
    finish_line();
  }

  void close(const Token& token) {
    const Group group = groups_.empty() ? Group::block : groups_.back();
    if (group != Group::list) finish_line();
    if (!groups_.empty()) groups_.pop_back();
    if (group != Group::list) {
      while (out_.ends_with("\n\n")) out_.pop_back();
    }
    put(tokens_.of(token));
    if (token.kind == TokenKind::rparen) {
      trailing_comma();
      return gate_end();
    }
    const TokenKind after = peek(1).kind;
    if (group != Group::list || after != TokenKind::semicolon) {
      if (after != TokenKind::semicolon || group == Group::block || group == Group::members) {
        skip_semicolon();
        finish_line();
      }
    }
  }

  /// `};` of older drafts: the semicolon is not part of the grammar.
  void skip_semicolon() {
    const TokenKind after = peek(1).kind;
    if (after != TokenKind::semicolon) return;
    ++at_;
    comments_before(tokens_.tokens[at_]);
  }

  /// A gate has a line of its own.
  void gate_end() {
    if (line_.starts_with("@") && groups_of_line_is_gate()) finish_line();
  }
  [[nodiscard]] bool groups_of_line_is_gate() const {
    std::size_t at = at_;
    int depth = 0;
    while (at > 0) {
      if (tokens_.tokens[at].kind == TokenKind::rparen) ++depth;
      if (tokens_.tokens[at].kind == TokenKind::lparen && --depth == 0) break;
      --at;
    }
    return at >= 2 && tokens_.tokens[at - 2].kind == TokenKind::at;
  }

  /// Behind the last member of a list of lines there is a comma, before any comment.
  void trailing_comma() {
    const TokenKind last = tokens_.tokens[at_].kind;
    if (groups_.empty() || last == TokenKind::comma || last == TokenKind::lbrace ||
        last == TokenKind::lparen)
      return;
    const Group group = groups_.back();
    const TokenKind next = peek(1).kind;
    const bool ends =
        (group == Group::members && next == TokenKind::rbrace) ||
        (group == Group::broken_list && (next == TokenKind::rbrace || next == TokenKind::rparen));
    if (ends) put(",");
  }

  [[nodiscard]] bool after_use_or_with() const {
    return before() == TokenKind::dot || before() == TokenKind::with;
  }

  /// The word that began the item whose `{` this is.
  [[nodiscard]] TokenKind block_word() const {
    if (at_ >= 2) {
      const TokenKind word = tokens_.tokens[at_ - 2].kind;
      if (tokens_.tokens[at_ - 1].kind == TokenKind::id ||
          tokens_.tokens[at_ - 1].kind == TokenKind::explicit_id)
        return word;
    }
    return TokenKind::end;
  }

  [[nodiscard]] bool comment_inside(const Token& from, const Token& to) const {
    const auto next = std::upper_bound(
        tokens_.comments.begin() + static_cast<std::ptrdiff_t>(comment_), tokens_.comments.end(),
        from.begin, [](std::uint32_t begin, const Comment& c) { return begin < c.begin; });
    return next != tokens_.comments.end() && next->begin < to.begin;
  }

  /// Whether the list that begins here is too long for its line or holds a comment.
  [[nodiscard]] bool must_break() const {
    std::size_t width = line_depth_ * indent + line_.size();
    int depth = 0;
    std::size_t i = at_;
    for (; i < tokens_.tokens.size(); ++i) {
      const TokenKind kind = tokens_.tokens[i].kind;
      if (kind == TokenKind::end || kind == TokenKind::semicolon) break;
      if (kind == TokenKind::lparen || kind == TokenKind::lbrace) ++depth;
      if (i > at_)
        width +=
            tokens_.of(tokens_.tokens[i]).size() +
            (kind == TokenKind::comma || kind == TokenKind::colon || kind == TokenKind::arrow ? 1
                                                                                              : 0);
      if ((kind == TokenKind::rparen || kind == TokenKind::rbrace) && --depth == 0) break;
    }
    const Token& end = tokens_.tokens[std::min(i, tokens_.tokens.size() - 1)];
    if (comment_inside(tokens_.tokens[at_], end)) return true;
    if (at_ + 1 == i) return false;
    // What follows on the line, such as a result.
    for (std::size_t k = i + 1; k < tokens_.tokens.size(); ++k) {
      const TokenKind kind = tokens_.tokens[k].kind;
      if (kind == TokenKind::end || kind == TokenKind::lbrace || kind == TokenKind::rbrace ||
          kind == TokenKind::at)
        break;
      width += tokens_.of(tokens_.tokens[k]).size() +
               (kind == TokenKind::comma || kind == TokenKind::arrow ? 2 : 0);
      if (kind == TokenKind::semicolon) break;
    }
    return width > max_width;
  }

  const Tokens& tokens_;
  std::size_t at_ = 0;
  std::size_t comment_ = 0;
  std::string out_;
  std::string line_;
  std::size_t line_depth_ = 0;
  std::vector<Group> groups_;
  int depth_of_angles_ = 0;
};

}  // namespace

std::optional<std::string> format(std::string_view text, std::uint32_t source,
                                  Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  static_cast<void>(parse(text, source, diagnostics));
  if (diagnostics.error_count() != errors) return std::nullopt;
  const Tokens tokens = lex(text, source, diagnostics);
  return Formatter(tokens).run();
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
// What is inside a paragraph. A mark is closed by the next one of its kind, so a text inside
// another has fewer kinds of marks than the one around it, and the recursion ends by itself.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tenon/base/ascii.h"
#include "tenon/wit/markdown.h"

namespace tenon::wit {
namespace {

/// Marks that do not close are not searched for to the end of the text, each of them.
constexpr std::size_t longest = 2048;

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

class Inline {
 public:
  Inline(std::string_view text, const LinkTargets& targets) : text_(text), targets_(targets) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool done = c == '\\'                                  ? escaped()
                        : c == '`'                                 ? code()
                        : c == '*' || c == '_'                     ? emphasis(c)
                        : c == '~'                                 ? struck()
                        : c == '[' || text_.substr(at_, 2) == "![" ? link()
                        : c == '<'                                 ? bracketed()
                        : c == 'h'                                 ? bare_address()
                                                                   : false;
      if (!done) text(1);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void text(std::size_t size) {
    out_ += html_escape(text_.substr(at_, size));
    at_ += size;
  }
  [[nodiscard]] std::string inner(std::string_view text) const {
    return Inline(text, targets_).run();
  }
  void element(std::string_view tag, std::string_view body, std::size_t end) {
    out_ += fmt::format("<{0}>{1}</{0}>", tag, body);
    at_ = end;
  }

  bool escaped() {
    if (at_ + 1 >= text_.size()) return false;
    const char next = text_[at_ + 1];
    if (next == '\n') {
      out_ += "<br>\n";
      at_ += 2;
      return true;
    }
    if (next <= ' ' || next > '~' || is_word(next)) return false;
    ++at_;
    text(1);
    return true;
  }

  /// As many backticks as have opened it close it; text between those may hold fewer.
  bool code() {
    const std::size_t marks = std::min(rest().find_first_not_of('`'), rest().size());
    const std::size_t begin = at_ + marks;
    const std::string_view around = text_.substr(0, begin + longest);
    for (auto end = around.find('`', begin); end != std::string_view::npos;
         end = around.find('`', end)) {
      const std::size_t run = std::min(around.find_first_not_of('`', end), around.size()) - end;
      if (run != marks) {
        end += run;
        continue;
      }
      std::string_view inside = text_.substr(begin, end - begin);
      if (inside.size() > 2 && inside.starts_with(' ') && inside.ends_with(' '))
        inside = inside.substr(1, inside.size() - 2);
      element("code", html_escape(inside), end + run);
      return true;
    }
    text(marks);
    return true;
  }

  bool emphasis(char mark) {
    const std::string_view open =
        rest().substr(0, rest().starts_with(std::string(2, mark)) ? 2 : 1);
    const std::size_t begin = at_ + open.size();
    const auto close = text_.substr(0, begin + longest).find(open, begin);
    const std::string_view inside =
        close == std::string_view::npos ? std::string_view() : text_.substr(begin, close - begin);
    const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
    // `snake_case_name` has no emphasis.
    const std::size_t end = begin + inside.size() + open.size();
    const bool in_word = mark == '_' && ((at_ > 0 && is_word(text_[at_ - 1])) ||
                                         (end < text_.size() && is_word(text_[end])));
    if (inside.empty() || blank(inside.front()) || blank(inside.back()) || in_word) {
      text(open.size());
      return true;
    }
    element(open.size() == 2 ? "strong" : "em", inner(inside), end);
    return true;
  }

  bool struck() {
    if (!rest().starts_with("~~")) return false;
    const auto close = text_.substr(0, at_ + longest).find("~~", at_ + 2);
    if (close == std::string_view::npos || close == at_ + 2) {
      text(2);
      return true;
    }
    element("del", inner(text_.substr(at_ + 2, close - at_ - 2)), close + 2);
    return true;
  }

  void anchor(std::string_view target, std::string_view body) {
    out_ += fmt::format("<a href=\"{}\">{}</a>", html_escape(target), body);
  }
  [[nodiscard]] const std::string* defined(std::string_view label) const {
    if (targets_.empty()) return nullptr;
    const auto it = targets_.find(link_label(label));
    return it == targets_.end() || !is_safe_link(it->second) ? nullptr : &it->second;
  }

  /// `[text](target)`, `[text][label]`, `[label]`; a picture is a link to it, since a page has
  /// nothing from outside. One that leads elsewhere than it may stays text.
  bool link() {
    const std::size_t open = at_ + (text_[at_] == '!' ? 2 : 1);
    const std::string_view around = text_.substr(0, open + longest);
    const auto close = around.find(']', open);
    if (close == std::string_view::npos) return false;
    const std::string_view label = text_.substr(open, close - open);
    if (label.empty() || label.contains('[')) return false;
    const char next = close + 1 < text_.size() ? text_[close + 1] : '\0';
    if (next == '(') {
      const auto end = around.find(')', close);
      if (end == std::string_view::npos) return false;
      std::string_view target = text_.substr(close + 2, end - close - 2);
      if (const auto title = target.find(" \""); title != std::string_view::npos)
        target = target.substr(0, title);
      if (target.empty() || !is_safe_link(target)) return false;
      anchor(target, inner(label));
      at_ = end + 1;
      return true;
    }
    const auto end = next == '[' ? around.find(']', close + 2) : std::string_view::npos;
    const std::string_view named =
        end == std::string_view::npos ? label : text_.substr(close + 2, end - close - 2);
    const std::string* target = defined(named.empty() ? label : named);
    if (target == nullptr) return false;
    anchor(*target, inner(label));
    at_ = (end == std::string_view::npos ? close : end) + 1;
    return true;
  }

  static bool is_address(std::string_view text) {
    return text.starts_with("https://") || text.starts_with("http://") ||
           text.starts_with("mailto:");
  }
  /// `<https://…>`.
  bool bracketed() {
    const auto end = rest().substr(0, longest).find('>');
    if (end == std::string_view::npos || !is_address(rest().substr(1))) return false;
    const std::string_view address = rest().substr(1, end - 1);
    if (address.find_first_of(" \n<\"") != std::string_view::npos) return false;
    anchor(address, html_escape(address));
    at_ += end + 1;
    return true;
  }
  /// `https://…` as it is, without the point that ends its sentence.
  bool bare_address() {
    if ((at_ > 0 && is_word(text_[at_ - 1])) || !is_address(rest()) || rest().starts_with("m"))
      return false;
    const std::string_view around = rest().substr(0, longest);
    std::string_view address = around.substr(0, around.find_first_of(" \t\n<>\"`*[]|"));
    while (!address.empty() && std::string_view(".,;:!?')").contains(address.back())) {
      if (address.back() == ')' && address.contains('(')) break;
      address.remove_suffix(1);
    }
    if (address.size() == longest || address.ends_with("//")) return false;
    anchor(address, html_escape(address));
    at_ += address.size();
    return true;
  }

  std::string_view text_;
  const LinkTargets& targets_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string link_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string markdown_inline(std::string_view text, const LinkTargets& targets) {
  return Inline(text, targets).run();
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tenon/base/safe_text.h"

namespace tenon::wit {
namespace {

/// `[text](target)` at the beginning; nothing when it is none or leads elsewhere than it may.
struct Link {
  std::string_view text;
  std::string_view target;
  std::size_t size;
};
std::optional<Link> link_at(std::string_view text) {
  constexpr std::size_t longest = 2048;  // many that do not close are not searched to the end each
  text = text.substr(0, longest);
  const auto close = text.find("](");
  if (!text.starts_with('[') || close == std::string_view::npos) return std::nullopt;
  const auto end = text.find(')', close);
  if (end == std::string_view::npos || text.substr(1, close - 1).contains('[')) return std::nullopt;
  const std::string_view target = text.substr(close + 2, end - close - 2);
  if (target.empty() || !is_safe_link(target)) return std::nullopt;
  return Link{text.substr(1, close - 1), target, end + 1};
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

bool is_item(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.starts_with("- ") || text.starts_with("* ");
}

/// Goes through docs line by line, with what is open at the moment.
class Converter {
 public:
  std::string run(std::string_view text) {
    each_source_line(text, [&](std::string_view one) { line(comment_line(one, Splices::no)); });
    flush();
    if (fenced_) out_ += "</code></pre>\n";
    close_list();
    return std::move(out_);
  }

 private:
  void line(std::string_view one) {
    const std::string_view text = trimmed(one);
    if (text.starts_with("```")) {
      flush();
      out_ += fenced_ ? "</code></pre>\n" : "<pre><code>";
      fenced_ = !fenced_;
    } else if (fenced_) {
      out_ += html_escape(one) + "\n";
    } else if (text.empty()) {
      flush();
      blank_ = true;
    } else if (const auto level = text.find_first_not_of('#');
               level > 0 && level <= 6 && text.substr(level).starts_with(' ')) {
      flush();
      close_list();
      out_ +=
          fmt::format("<p><strong>{}</strong></p>\n", markdown_inline(trimmed(text.substr(level))));
    } else if (is_item(one)) {
      flush();
      if (!list_) out_ += "<ul>\n";
      list_ = true;
      item_ = true;
      paragraph_ = text.substr(2);
    } else {
      if (blank_ && list_ && !one.starts_with(' ')) close_list();
      if (!paragraph_.empty()) paragraph_ += '\n';
      paragraph_ += text;
    }
    if (!text.empty()) blank_ = false;
  }

  void flush() {
    if (paragraph_.empty()) return;
    const std::string body = markdown_inline(paragraph_);
    out_ += item_ ? fmt::format("<li>{}</li>\n", body) : fmt::format("<p>{}</p>\n", body);
    item_ = false;
    paragraph_.clear();
  }
  void close_list() {
    if (list_) out_ += "</ul>\n";
    list_ = false;
  }

  std::string out_;
  std::string paragraph_;
  bool fenced_ = false;
  bool list_ = false;
  bool item_ = false;
  bool blank_ = false;
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

std::string markdown_inline(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto mark = text.find_first_of("`*[");
    out += html_escape(text.substr(0, mark));
    if (mark == std::string_view::npos) break;
    text.remove_prefix(mark);
    const std::string_view open = text.starts_with("**") ? "**" : text.substr(0, 1);
    const auto close = text.find(open, open.size());
    const std::string_view inside =
        text.substr(open.size(), close == std::string_view::npos ? 0 : close - open.size());
    const bool spaced = inside.empty() || inside.starts_with(' ') || inside.ends_with(' ');
    if (const auto link = link_at(text)) {
      out +=
          fmt::format("<a href=\"{}\">{}</a>", html_escape(link->target), html_escape(link->text));
      text.remove_prefix(link->size);
    } else if (open == "[" || close == std::string_view::npos || (spaced && open != "`")) {
      out += html_escape(open);
      text.remove_prefix(open.size());
    } else {
      const std::string_view tag = open == "`" ? "code" : open == "**" ? "strong" : "em";
      out += fmt::format("<{0}>{1}</{0}>", tag, html_escape(inside));
      text.remove_prefix(close + open.size());
    }
  }
  return out;
}

std::string markdown_html(std::string_view text) {
  return Converter().run(text);
}

}  // namespace tenon::wit

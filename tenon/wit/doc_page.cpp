// SPDX-License-Identifier: Apache-2.0
// Docs come from packages of any origin: everything except the page's own markup is escaped, in
// HTML and in Markdown. The style sheet is part of the page, so that one file is all there is.
#include "tenon/wit/doc_page.h"

#include <fmt/format.h>

#include <utility>

#include "tenon/base/safe_text.h"
#include "tenon/wit/markdown.h"

namespace tenon::wit {
namespace {

/// What a page looks like, in the light and in the dark. Headings of docs end at `h6`.
constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --text: #1f2328; --page: #fff; --code: #f3f4f6; --line: #d0d7de;
  --link: #0550ae; --mark: #57606a; --warn: #9a3412 }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --code: #1c2128;
  --line: #3d444d; --link: #79b8ff; --mark: #9198a1; --warn: #ffa657 } }
body { font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; line-height: 1.5;
  color: var(--text); background: var(--page) }
a { color: var(--link) }
code, pre { background: var(--code); font-size: .95em } pre { padding: .6em; overflow-x: auto }
pre code { background: none; font-size: 1em } code { padding: 0 .15em }
h1 { font-size: 2em } h2 { font-size: 1.6em; border-bottom: 1px solid var(--line); margin-top: 2em }
h3 { font-size: 1.35em } h4 { font-size: 1.2em } h5 { font-size: 1.1em } h6 { font-size: 1em }
h3, h4, h5, h6 { margin: 1.4em 0 .4em } h4 + p, h5 + p { margin-top: 0 }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid var(--line); padding: .3em .7em; text-align: left }
th { background: var(--code) } .center { text-align: center } .right { text-align: right }
blockquote { border-left: .25em solid var(--line); margin-left: 0; padding-left: 1em; color: var(--mark) }
hr { border: 0; border-top: 1px solid var(--line) }
.gate { font-size: .8rem; font-weight: normal; color: var(--mark); border: 1px solid var(--line);
  border-radius: 1em; padding: .1em .6em; margin-left: .5em }
.deprecated { color: var(--warn); border-color: var(--warn); font-weight: bold }
)";

}  // namespace

void Page::heading(int level, std::string_view text, std::string_view anchor) {
  if (html_)
    out_ += fmt::format("<h{0} id=\"{1}\">{2}</h{0}>\n", level, html_escape(anchor), text);
  else
    out_ +=
        fmt::format("{} <a id=\"{}\"></a>{}\n\n", std::string(static_cast<std::size_t>(level), '#'),
                    html_escape(anchor), text);
}

void Page::paragraph(std::string_view text) {
  out_ += html_ ? fmt::format("<p>{}</p>\n", text) : fmt::format("{}\n\n", text);
}

void Page::docs(std::string_view text, int level) {
  if (text.empty()) return;
  out_ += html_ ? markdown_html(text, level) : fmt::format("{}\n\n", safe_markdown(text, level));
}

void Page::begin_list() {
  if (html_) out_ += "<ul>\n";
}

void Page::end_list() {
  out_ += html_ ? "</ul>\n" : "\n";
}

void Page::item(std::string_view text, std::string_view docs_text) {
  const bool is_long =
      docs_text.contains("\n\n") || docs_text.contains("\n-") || docs_text.contains("\n```");
  if (html_) {
    out_ += fmt::format("<li>{}{}</li>\n", text,
                        docs_text.empty() ? std::string() : markdown_html_item(docs_text));
    return;
  }
  out_ += fmt::format("- {}", text);
  if (!docs_text.empty() && !is_long) out_ += ": " + safe_markdown_line(docs_text);
  if (!docs_text.empty() && is_long) {
    out_ += '\n';
    each_source_line(safe_markdown(docs_text, 5), [&](std::string_view line) {
      out_ += line.empty() ? "\n" : fmt::format("\n  {}", line);
    });
  }
  out_ += '\n';
}

std::string Page::link(std::string_view text, std::string_view anchor) const {
  if (html_)
    return fmt::format("<a href=\"#{}\"><code>{}</code></a>", html_escape(anchor),
                       html_escape(text));
  return fmt::format("[`{}`](#{})", text, anchor);
}

std::string Page::mono(std::string_view text) const {
  return html_ ? fmt::format("<code>{}</code>", html_escape(text)) : fmt::format("`{}`", text);
}

std::string Page::gated(std::string_view text, const Stability& s) const {
  std::string out = !s.deprecated ? std::string(text)
                    : html_       ? fmt::format("<s>{}</s>", text)
                                  : fmt::format("~~{}~~", text);
  if (s.since) out += gate("gate", fmt::format("since {}", *s.since));
  if (s.unstable_feature) out += gate("gate", fmt::format("unstable: {}", *s.unstable_feature));
  if (s.deprecated)
    out += gate("gate deprecated", fmt::format("deprecated since {}", *s.deprecated));
  return out;
}

std::string Page::take(std::string_view title) {
  if (!html_) return std::move(out_);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{}"
      "</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      html_escape(title), page_style, out_);
}

std::string Page::gate(std::string_view css, std::string_view text) const {
  if (html_) return fmt::format(" <span class=\"{}\">{}</span>", css, html_escape(text));
  return css == "gate" ? fmt::format(" ({})", text) : fmt::format(" **({})**", text);
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::wit {

/// Docs are Markdown that a stranger wrote. Their links lead to `http`, `https` and `mailto`, or
/// are relative; tags of HTML are as text; and what is open at their end does not go on behind
/// it.

/// Whether a link's target, as Markdown or HTML has it (entities, backslashes and blanks included),
/// is a relative one or of an allowed scheme.
[[nodiscard]] bool is_safe_link(std::string_view target);

/// Text fit for HTML, in attributes as well.
[[nodiscard]] std::string html_escape(std::string_view text);

/// The targets of `[label]: target` lines by their label, in lower case.
using LinkTargets = std::unordered_map<std::string, std::string>;

/// Code, emphasis and links of one paragraph as HTML. What is not understood stays text.
[[nodiscard]] std::string markdown_inline(std::string_view text, const LinkTargets& targets = {});
/// The key of a label in `LinkTargets`.
[[nodiscard]] std::string link_label(std::string_view text);

/// Whole docs as HTML: paragraphs, headings, lists, quotes, tables and code. The docs are below a
/// heading of `level`: their own headings are of the levels below it.
[[nodiscard]] std::string markdown_html(std::string_view text, int level = 0);
/// The same for docs that are in a list: what is one paragraph is without `<p>`.
[[nodiscard]] std::string markdown_html_item(std::string_view text);

/// Docs in two parts: the text above their first heading, and what begins there.
struct DocParts {
  std::string_view lead;
  std::string_view rest;
};
[[nodiscard]] DocParts split_at_heading(std::string_view text);

/// Whole docs as Markdown that is safe wherever it is rendered; their headings are of the levels
/// below `level`, where it is given.
[[nodiscard]] std::string safe_markdown(std::string_view text, int level = 0);
/// The same on one line, to follow something.
[[nodiscard]] std::string safe_markdown_line(std::string_view text);

}  // namespace tenon::wit

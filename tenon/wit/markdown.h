// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::wit {

/// Docs are Markdown that a stranger wrote. Their links lead to `http`, `https` and `mailto`, or
/// are relative; tags of HTML stand as text; and what is open at their end does not go on behind
/// it.

/// Whether a link's target, as Markdown or HTML has it (entities, backslashes and blanks included),
/// is a relative one or of an allowed scheme.
[[nodiscard]] bool is_safe_link(std::string_view target);

/// Text fit for HTML, in attributes as well.
[[nodiscard]] std::string html_escape(std::string_view text);

/// Code marks, emphasis and links of one paragraph as HTML. What is not understood stays text.
[[nodiscard]] std::string markdown_inline(std::string_view text);
/// Whole docs as HTML: paragraphs, headings, lists and fenced code as well.
[[nodiscard]] std::string markdown_html(std::string_view text);

/// Whole docs as Markdown that is safe wherever it is rendered.
[[nodiscard]] std::string safe_markdown(std::string_view text);
/// The same on one line, to stand behind something.
[[nodiscard]] std::string safe_markdown_line(std::string_view text);

}  // namespace tenon::wit

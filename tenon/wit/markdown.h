// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::wit {

/// Text fit for HTML: `&`, `<`, `>` and `"` as entities.
[[nodiscard]] std::string html_escape(std::string_view text);

/// Docs are Markdown: code marks, emphasis and links of one paragraph as HTML. What is not
/// understood stays text; links lead to `http(s)` and to places of the page alone.
[[nodiscard]] std::string markdown_inline(std::string_view text);

/// Whole docs as HTML: paragraphs, headings, lists and fenced code as well.
[[nodiscard]] std::string markdown_html(std::string_view text);

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
// Docs as HTML, block by block. The lines of a list's item or of a quote are cut free of what marks
// them and read by themselves; so deep as `deepest` and no deeper, whatever a text asks for.
#include "tenon/wit/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "tenon/base/ascii.h"
#include "tenon/base/safe_text.h"

namespace tenon::wit {
namespace {

constexpr int deepest = 8;
using Lines = std::span<const std::string>;

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}
std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto last = text.find_last_not_of(" \t");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}
bool is_blank(std::string_view line) {
  return trimmed(line).empty();
}

/// The marks that open fenced code, or nothing.
std::string_view fence_of(std::string_view line) {
  line = trimmed(line);
  const char mark = line.empty() ? '\0' : line[0];
  if (mark != '`' && mark != '~') return {};
  const std::size_t count = std::min(line.find_first_not_of(mark), line.size());
  if (count < 3 || (mark == '`' && line.substr(count).contains('`'))) return {};
  return line.substr(0, count);
}
bool closes(std::string_view line, std::string_view fence) {
  const std::string_view own = fence_of(line);
  return own.starts_with(fence) && trimmed(line) == own;
}

/// 1 to 6 for `# …`, otherwise 0.
int heading_level(std::string_view line) {
  if (indent_of(line) > 3) return 0;
  line = trimmed(line);
  const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
  const bool heads = marks >= 1 && marks <= 6 && (marks == line.size() || line[marks] == ' ');
  return heads ? static_cast<int>(marks) : 0;
}

bool is_rule(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line.size() > 200 || !std::string_view("-*_").contains(line[0])) return false;
  return std::ranges::count(line, line[0]) >= 3 &&
         line.find_first_not_of(std::string{line[0], ' '}) == std::string_view::npos;
}

/// `- `, `* `, `+ `, `3. `: where the text of the item begins, and its number.
struct Marker {
  std::size_t indent = 0;
  std::size_t text = 0;
  std::optional<std::string_view> number;
};
std::optional<Marker> marker_of(std::string_view line) {
  Marker out;
  out.indent = indent_of(line);
  const std::string_view rest = line.substr(out.indent);
  const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  std::size_t size = 1;
  if (digits > 0 && digits <= 9 && digits < rest.size() &&
      (rest[digits] == '.' || rest[digits] == ')')) {
    out.number = rest.substr(0, digits);
    size = digits + 1;
  } else if (rest.empty() || !std::string_view("-*+").contains(rest[0]) || is_rule(line)) {
    return std::nullopt;
  }
  if (rest.size() > size && rest[size] != ' ') return std::nullopt;
  const std::size_t blanks = indent_of(rest.substr(size));
  out.text = out.indent + size + (blanks >= 1 && blanks <= 4 ? blanks : 1);
  return out;
}

bool is_quote(std::string_view line) {
  return indent_of(line) <= 3 && trimmed(line).starts_with('>');
}

std::vector<std::string> cells_of(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with('|')) line.remove_prefix(1);
  std::vector<std::string> out(1);
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line.substr(at, 2) == "\\|") {
      out.back() += '|';
      ++at;
    } else if (line[at] == '|') {
      if (at + 1 < line.size()) out.emplace_back();
    } else {
      out.back() += line[at];
    }
  }
  return out;
}
/// `|---|:--:|`: how each column is; nothing when the line is no such.
std::optional<std::vector<std::string_view>> columns_of(std::string_view line) {
  if (!line.contains('-') || line.find_first_not_of(" \t|:-") != std::string_view::npos)
    return std::nullopt;
  std::vector<std::string_view> out;
  for (const std::string& cell : cells_of(line)) {
    const std::string_view one = trimmed(cell);
    const std::string_view dashes = one.substr(one.starts_with(':') ? 1 : 0,
                                               one.size() - (one.starts_with(':') ? 1 : 0) -
                                                   (one.size() > 1 && one.ends_with(':') ? 1 : 0));
    if (dashes.empty() || dashes.find_first_not_of('-') != std::string_view::npos)
      return std::nullopt;
    out.push_back(one.starts_with(':') && one.ends_with(':') ? " class=\"center\""
                  : one.ends_with(':')                       ? " class=\"right\""
                                                             : "");
  }
  return out;
}

/// `[label]: target`.
std::optional<std::pair<std::string, std::string>> definition_of(std::string_view line) {
  if (indent_of(line) > 3) return std::nullopt;
  line = trimmed(line);
  const auto close = line.find("]:");
  if (!line.starts_with('[') || close == std::string_view::npos || close < 2) return std::nullopt;
  std::string_view target = trimmed(line.substr(close + 2));
  target = target.substr(0, target.find_first_of(" \t"));
  if (target.size() > 2 && target.starts_with('<') && target.ends_with('>'))
    target = target.substr(1, target.size() - 2);
  if (target.empty()) return std::nullopt;
  return std::pair(link_label(line.substr(1, close - 1)), std::string(target));
}

class Converter {
 public:
  explicit Converter(int level) : level_(level) {}

  std::string run(std::string_view text) {
    std::vector<std::string> lines;
    each_source_line(text, [&](std::string_view one) {
      std::string line;
      for (const char c : comment_line(one, Splices::no))
        line.append(c == '\t' ? 4 : 1, c == '\t' ? ' ' : c);
      if (auto one_target = definition_of(line)) targets_.insert(*std::move(one_target));
      lines.push_back(std::move(line));
    });
    blocks(lines, 0, false);
    return std::move(out_);
  }

 private:
  /// `tight`: a paragraph is without `<p>`.
  void blocks(Lines lines, int depth, bool tight) {
    for (std::size_t at = 0; at < lines.size();) {
      const std::string& line = lines[at];
      if (is_blank(line)) {
        ++at;
      } else if (!fence_of(line).empty()) {
        at = fenced(lines, at);
      } else if (indent_of(line) >= 4) {
        at = indented(lines, at);
      } else if (const int own = heading_level(line); own != 0) {
        std::string_view text = trimmed(trimmed(line).substr(static_cast<std::size_t>(own)));
        while (text.ends_with('#')) text.remove_suffix(1);
        heading(own, trimmed(text));
        ++at;
      } else if (is_rule(line)) {
        out_ += "<hr>\n";
        ++at;
      } else if (depth < deepest && marker_of(line)) {
        at = list(lines, at, depth);
      } else if (depth < deepest && is_quote(line)) {
        at = quote(lines, at, depth);
      } else if (is_table(lines, at)) {
        at = table(lines, at);
      } else if (definition_of(line)) {
        ++at;
      } else {
        at = paragraph(lines, at, tight);
      }
    }
  }

  void heading(int own, std::string_view text) {
    const int level = std::min(level_ + own, 6);
    out_ += fmt::format("<h{0}>{1}</h{0}>\n", level, markdown_inline(text, targets_));
  }

  std::size_t fenced(Lines lines, std::size_t at) {
    const std::size_t indent = indent_of(lines[at]);
    const std::string fence(fence_of(lines[at]));
    const std::string_view info = trimmed(trimmed(lines[at]).substr(fence.size()));
    const std::string_view word = info.substr(0, info.find_first_of(" ,{"));
    out_ += word.empty() ? "<pre><code>"
                         : fmt::format("<pre><code class=\"language-{}\">", html_escape(word));
    for (++at; at < lines.size(); ++at) {
      if (closes(lines[at], fence)) {
        ++at;
        break;
      }
      out_ +=
          html_escape(std::string_view(lines[at]).substr(std::min(indent, indent_of(lines[at]))));
      out_ += '\n';
    }
    out_ += "</code></pre>\n";
    return at;
  }

  std::size_t indented(Lines lines, std::size_t at) {
    std::string code;
    std::string blanks;
    for (; at < lines.size(); ++at) {
      if (is_blank(lines[at])) {
        blanks += '\n';
        continue;
      }
      if (indent_of(lines[at]) < 4) break;
      code += blanks + lines[at].substr(4) + "\n";
      blanks.clear();
    }
    out_ += fmt::format("<pre><code>{}</code></pre>\n", html_escape(code));
    return at;
  }

  /// Whether a line ends the paragraph above it.
  static bool interrupts(const std::string& line) {
    const auto marker = marker_of(line);
    const bool lists =
        marker && (!marker->number || *marker->number == "1") &&
        !is_blank(std::string_view(line).substr(std::min(marker->text, line.size())));
    return is_blank(line) || !fence_of(line).empty() || heading_level(line) != 0 || is_rule(line) ||
           is_quote(line) || lists;
  }

  std::size_t paragraph(Lines lines, std::size_t at, bool tight) {
    std::string text;
    while (at < lines.size()) {
      const std::string& line = lines[at];
      const std::string_view bare = trimmed(line);
      if (!text.empty() && indent_of(line) <= 3 &&
          (bare.find_first_not_of('=') == std::string_view::npos ||
           bare.find_first_not_of('-') == std::string_view::npos) &&
          !bare.empty()) {
        heading(bare[0] == '=' ? 1 : 2, text);
        return at + 1;
      }
      if (!text.empty() && (interrupts(line) || is_table(lines, at))) break;
      if (!text.empty()) text += '\n';
      text += bare;
      if (line.ends_with("  ")) text += '\\';  // two blanks break the line
      ++at;
    }
    if (text.ends_with('\\')) text.pop_back();
    const std::string body = markdown_inline(text, targets_);
    out_ += tight ? body + "\n" : fmt::format("<p>{}</p>\n", body);
    return at;
  }

  std::size_t quote(Lines lines, std::size_t at, int depth) {
    std::vector<std::string> inside;
    for (; at < lines.size() && !is_blank(lines[at]); ++at) {
      if (!is_quote(lines[at])) {
        if (interrupts(lines[at])) break;
        inside.push_back(lines[at]);
        continue;
      }
      std::string_view rest = std::string_view(lines[at]).substr(indent_of(lines[at]) + 1);
      if (rest.starts_with(' ')) rest.remove_prefix(1);
      inside.emplace_back(rest);
    }
    out_ += "<blockquote>\n";
    blocks(inside, depth + 1, false);
    out_ += "</blockquote>\n";
    return at;
  }

  /// The lines of one item, cut free of their indent; `at` is behind them then.
  static std::vector<std::string> item_lines(Lines lines, std::size_t& at, const Marker& marker) {
    std::vector<std::string> out{lines[at].substr(std::min(marker.text, lines[at].size()))};
    std::string fence(fence_of(out[0]));
    for (++at; at < lines.size(); ++at) {
      const std::string& line = lines[at];
      const std::size_t indent = indent_of(line);
      const bool within = indent >= marker.text;
      if (is_blank(line)) {
        out.emplace_back();
        continue;
      }
      const bool after_blank = out.back().empty() && out.size() > 1;
      if (!within && (after_blank || !fence.empty() || interrupts(line) || marker_of(line))) break;
      out.push_back(line.substr(within ? marker.text : indent));
      if (fence.empty())
        fence = fence_of(out.back());
      else if (closes(out.back(), fence))
        fence.clear();
    }
    while (out.size() > 1 && out.back().empty()) out.pop_back();
    return out;
  }

  std::size_t list(Lines lines, std::size_t at, int depth) {
    const auto first = marker_of(lines[at]);
    std::vector<std::vector<std::string>> items;
    bool loose = false;
    while (at < lines.size()) {
      const auto marker = marker_of(lines[at]);
      if (!marker || marker->number.has_value() != first->number.has_value()) break;
      items.push_back(item_lines(lines, at, *marker));
      const bool blank_before = at < lines.size() && at > 0 && is_blank(lines[at - 1]);
      loose = loose || (blank_before && marker_of(lines[at])) || has_paragraphs(items.back());
    }
    const std::string_view tag = first->number ? "ol" : "ul";
    const bool starts = first->number && *first->number != "1";
    out_ +=
        starts ? fmt::format("<ol start=\"{}\">\n", *first->number) : fmt::format("<{}>\n", tag);
    for (const std::vector<std::string>& item : items) {
      out_ += "<li>";
      blocks(item, depth + 1, !loose);
      if (out_.ends_with('\n') && !out_.ends_with(">\n")) out_.pop_back();
      out_ += "</li>\n";
    }
    out_ += fmt::format("</{}>\n", tag);
    return at;
  }
  /// Whether blank lines are between the paragraphs of an item, fences and lists apart.
  static bool has_paragraphs(const std::vector<std::string>& item) {
    for (std::size_t k = 1; k + 1 < item.size(); ++k) {
      if (!item[k].empty()) continue;
      const std::string& next = item[k + 1];
      if (!next.empty() && indent_of(next) == 0 && !marker_of(next) && fence_of(next).empty())
        return true;
    }
    return false;
  }

  static bool is_table(Lines lines, std::size_t at) {
    if (!lines[at].contains('|') || at + 1 >= lines.size()) return false;
    const auto columns = columns_of(lines[at + 1]);
    return columns && columns->size() == cells_of(lines[at]).size();
  }
  void row(const std::string& line, std::string_view tag,
           const std::vector<std::string_view>& columns) {
    const std::vector<std::string> cells = cells_of(line);
    out_ += "<tr>";
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const std::string_view cell = k < cells.size() ? trimmed(cells[k]) : std::string_view();
      out_ += fmt::format("<{0}{1}>{2}</{0}>", tag, columns[k], markdown_inline(cell, targets_));
    }
    out_ += "</tr>\n";
  }
  std::size_t table(Lines lines, std::size_t at) {
    const std::vector<std::string_view> columns = *columns_of(lines[at + 1]);
    out_ += "<table>\n<thead>\n";
    row(lines[at], "th", columns);
    out_ += "</thead>\n<tbody>\n";
    for (at += 2; at < lines.size() && !interrupts(lines[at]); ++at) row(lines[at], "td", columns);
    out_ += "</tbody>\n</table>\n";
    return at;
  }

  int level_;
  LinkTargets targets_;
  std::string out_;
};

}  // namespace

std::string markdown_html(std::string_view text, int level) {
  return Converter(level).run(text);
}

std::string markdown_html_item(std::string_view text) {
  std::string out = Converter(5).run(text);
  constexpr std::string_view open = "<p>";
  constexpr std::string_view close = "</p>\n";
  const bool one =
      out.starts_with(open) && out.ends_with(close) && out.find(close) == out.size() - close.size();
  return one ? ": " + out.substr(open.size(), out.size() - open.size() - close.size())
             : "\n" + std::move(out);
}

DocParts split_at_heading(std::string_view text) {
  std::string fence;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!fence.empty()) {
      if (closes(line, fence)) fence.clear();
    } else if (heading_level(line) != 0) {
      return {trimmed(text.substr(0, at)), text.substr(at)};
    } else {
      fence = fence_of(line);
    }
    at = end + 1;
  }
  return {text, {}};
}

}  // namespace tenon::wit

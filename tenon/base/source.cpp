// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/source.h"

#include <algorithm>
#include <cassert>
#include <cstdio>

#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"

namespace tenon {
namespace {

constexpr std::size_t max_line_shown = 160;
constexpr std::size_t block = 256;

std::size_t count_scalars(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

struct Painter {
  bool on;
  [[nodiscard]] std::string operator()(const char* code, std::string_view text) const {
    if (!on) return std::string(text);
    return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
  }
};

std::string place(const Span& span, const SourceSet& sources) {
  assert(span.source != Span::no_source);
  if (span.source >= sources.size()) return "offset " + std::to_string(span.begin);
  const std::string out = visible(sources.name(span.source));
  if (sources.is_binary(span.source)) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "%#x", span.begin);
    return out + " at offset " + buffer;
  }
  const Position at = sources.position(span.source, span.begin);
  return out + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// `  |` lines: the source line and the caret below it.
std::string excerpt(const Span& span, const SourceSet& sources, const Painter& paint,
                    const char* code) {
  if (span.source >= sources.size() || sources.is_binary(span.source)) return {};
  const Position at = sources.position(span.source, span.begin);
  const std::string_view whole = sources.line(span.source, span.begin);
  const std::string_view text = sources.text(span.source);
  const auto line_begin = static_cast<std::size_t>(whole.data() - text.data());
  const std::size_t in_line = std::min<std::size_t>(span.begin - line_begin, whole.size());
  // A very long line is cut around the place.
  std::size_t from = in_line > max_line_shown / 2 ? in_line - max_line_shown / 2 : 0;
  while (from > 0 && (static_cast<unsigned char>(whole[from]) & 0xC0U) == 0x80U) --from;
  const std::string_view shown = whole.substr(from, max_line_shown);
  const std::string number = std::to_string(at.line);
  const std::string margin(number.size(), ' ');
  const std::size_t pad = count_scalars(visible(whole.substr(from, in_line - from)));
  const std::size_t span_size =
      std::min<std::size_t>(span.end > span.begin ? span.end - span.begin : 1,
                            whole.size() - std::min(in_line, whole.size()));
  const std::size_t carets = std::max<std::size_t>(
      1, count_scalars(visible(shown.substr(std::min(in_line - from, shown.size()), span_size))));
  std::string out = margin + " " + paint("34", "|") + "\n";
  out += paint("34", number) + " " + paint("34", "|") + " " + visible(shown) + "\n";
  out += margin + " " + paint("34", "|") + " " + std::string(pad, ' ') +
         paint(code, std::string(carets, '^')) + "\n";
  return out;
}

/// JSON must be UTF-8: what is not, is escaped as text first.
void json_safe_string(std::string& out, std::string_view text) {
  out += Json::quote(is_utf8(text) ? text : std::string_view(visible(text)));
}

void json_label(std::string& out, const Span& span, std::string_view text,
                const SourceSet& sources) {
  const bool known = span.source < sources.size();
  const Position begin =
      known ? sources.position(span.source, span.begin) : Position{0, span.begin};
  const Position end = known ? sources.position(span.source, span.end) : Position{0, span.end};
  out += "{\"file\":";
  json_safe_string(out, known ? sources.name(span.source) : std::string_view());
  out += ",\"line\":" + std::to_string(begin.line) + ",\"column\":" + std::to_string(begin.column);
  out +=
      ",\"end_line\":" + std::to_string(end.line) + ",\"end_column\":" + std::to_string(end.column);
  out += ",\"text\":";
  json_safe_string(out, text);
  out += '}';
}

}  // namespace

std::uint32_t SourceSet::add(std::string name, std::string text) {
  Source source{std::move(name), std::move(text), false, {0}, {}};
  for (std::size_t at = source.text.find('\n'); at != std::string::npos;
       at = source.text.find('\n', at + 1))
    source.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
  std::size_t scalars = 0;
  for (std::size_t at = 0; at < source.text.size(); at += block) {
    source.scalars_before.push_back(static_cast<std::uint32_t>(scalars));
    scalars += count_scalars(std::string_view(source.text).substr(at, block));
  }
  sources_.push_back(std::move(source));
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

std::uint32_t SourceSet::add_binary(std::string name) {
  sources_.push_back(Source{std::move(name), {}, true, {}, {}});
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

std::string_view SourceSet::name(std::uint32_t source) const {
  return sources_[source].name;
}
std::string_view SourceSet::text(std::uint32_t source) const {
  return sources_[source].text;
}
bool SourceSet::is_binary(std::uint32_t source) const {
  return sources_[source].binary;
}

std::uint32_t SourceSet::scalars_before(const Source& source, std::uint32_t offset) {
  if (offset == 0) return 0;
  const std::size_t at = (offset - 1) / block;
  const std::string_view rest(source.text.data() + at * block, offset - at * block);
  return source.scalars_before[at] + static_cast<std::uint32_t>(count_scalars(rest));
}

Position SourceSet::position(std::uint32_t source, std::uint32_t offset) const {
  const Source& s = sources_[source];
  if (s.binary) return {0, offset};
  offset = std::min(offset, static_cast<std::uint32_t>(s.text.size()));
  const auto next = std::upper_bound(s.line_starts.begin(), s.line_starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(next - s.line_starts.begin());
  const std::uint32_t start = s.line_starts[line - 1];
  return {line, scalars_before(s, offset) - scalars_before(s, start) + 1};
}

std::string_view SourceSet::line(std::uint32_t source, std::uint32_t offset) const {
  const Source& s = sources_[source];
  offset = std::min(offset, static_cast<std::uint32_t>(s.text.size()));
  const auto next = std::upper_bound(s.line_starts.begin(), s.line_starts.end(), offset);
  const std::uint32_t start = *(next - 1);
  std::size_t end = next == s.line_starts.end() ? s.text.size() : *next - 1;
  if (end > start && s.text[end - 1] == '\r') --end;
  return std::string_view(s.text).substr(start, end - start);
}

std::string render(const Error& error, const SourceSet& sources, const RenderOptions& options) {
  const Painter paint{options.color};
  const bool warning = error.severity() == Severity::warning;
  const char* code = warning ? "33;1" : "31;1";
  std::string out = paint(code, warning ? "warning" : "error");
  out += "[" + std::string(error.rule().id) + "]: " + visible(error.text()) + "\n";
  if (error.span().source != Span::no_source)
    out += paint("34", "  --> ") + place(error.span(), sources) + "\n";
  out += excerpt(error.span(), sources, paint, code);
  for (const Note& note : error.notes()) {
    out += paint("36", "note: ") + visible(note.text) + "\n";
    if (!note.span || note.span->source == Span::no_source) continue;
    out += paint("34", "  --> ") + place(*note.span, sources) + "\n";
    out += excerpt(*note.span, sources, paint, "36");
  }
  if (!error.help_text().empty()) {
    std::string_view help = error.help_text();
    const char* lead = "help: ";
    while (!help.empty()) {  // a help of several lines keeps them: it may be a line to paste
      const auto cut = help.find('\n');
      out += (*lead != 0 ? paint("32", lead) : "") + visible(help.substr(0, cut)) + "\n";
      help = cut == std::string_view::npos ? std::string_view() : help.substr(cut + 1);
      lead = "";
    }
  }
  return out;
}

std::string render_json(const Error& error, const SourceSet& sources) {
  std::string out = "{\"code\":";
  json_safe_string(out, error.rule().id);
  out += ",\"severity\":";
  out += error.severity() == Severity::warning ? "\"warning\"" : "\"error\"";
  out += ",\"message\":";
  json_safe_string(out, error.text());
  out += ",\"labels\":[";
  const auto base = out.size();
  if (error.span().source != Span::no_source) json_label(out, error.span(), "", sources);
  std::string notes;
  for (const Note& note : error.notes()) {
    if (note.span) {
      if (out.size() != base) out += ',';
      json_label(out, *note.span, note.text, sources);
    } else {
      if (!notes.empty()) notes += ',';
      json_safe_string(notes, note.text);
    }
  }
  out += "],\"notes\":[" + notes + "],\"help\":";
  json_safe_string(out, error.help_text());
  out += ",\"fixes\":[";
  bool first = true;
  for (const Fix& fix : error.fixes()) {
    if (!first) out += ',';
    first = false;
    json_label(out, fix.span, fix.text, sources);
  }
  out += "]}\n";
  return out;
}

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
// In C the strings and exports of a world are structures and functions with long names, and the
// compiler tells what it has found, not what the header has in its place: that is said here. The
// compiler shows the line of the source with a caret at the place, from which the expressions on
// both sides are taken.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "tenon/builder/compiler_help.h"

namespace tenon::builder::compiler_help {

Shown shown_line(std::string_view output, std::size_t at) {
  // `src/x.c:3:17: error: …`, then ` 3 | text`.
  const auto begin = output.rfind('\n', at) + 1;
  const auto severity = output.find(": error:", begin);
  const auto end = output.find('\n', at);
  if (severity == std::string_view::npos || end == std::string_view::npos) return {};
  const std::string_view place = output.substr(begin, severity - begin);
  std::size_t column = 0;
  const auto colon = place.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::from_chars(place.data() + colon + 1, place.data() + place.size(), column);
  const auto bar = output.find(" | ", end);
  if (bar == std::string_view::npos || output.find('\n', end + 1) < bar || column == 0) return {};
  const auto line_end = std::min(output.find('\n', bar), output.size());
  const std::string_view line = output.substr(bar + 3, line_end - bar - 3);
  return column > line.size() ? Shown{} : Shown{line, column - 1};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string_view expression_at(std::string_view line, std::size_t at) {
  bool quoted = false;
  std::size_t end = at;
  for (; end < line.size() && (quoted || line[end] != ';'); ++end) {
    if (line[end] == '\\') {
      ++end;
    } else if (line[end] == '"') {
      quoted = !quoted;
    }
  }
  return trimmed(line.substr(at, std::min(end, line.size()) - at));
}

namespace {

constexpr std::string_view string_type = "_string_t";

/// The expression that ends before `at`.
std::string_view expression_before(std::string_view line, std::size_t at) {
  const auto begin = line.substr(0, at).find_last_of(";{}(,");
  return trimmed(line.substr(begin == std::string_view::npos ? 0 : begin + 1,
                             at - (begin == std::string_view::npos ? 0 : begin + 1)));
}

/// The address of what an expression names.
std::string address_of(std::string_view target) {
  if (target.starts_with('*')) return std::string(trimmed(target.substr(1)));
  return fmt::format("&{}", target);
}

/// `*err = "…"` where a structure of pointer and length is wanted.
std::string string_by_pointer(std::string_view output, const GuestNames& names) {
  constexpr std::string_view kinds[] = {"assigning to '", "initializing '"};
  for (const std::string_view kind : kinds) {
    for (auto at = output.find(kind); at != std::string_view::npos;
         at = output.find(kind, at + 1)) {
      const std::string_view message = output.substr(at, output.find('\n', at) - at);
      const std::string_view type = between(message, "'", "'");
      const bool pointer = type.ends_with(fmt::format("{} *", string_type));
      if (!pointer && !type.ends_with(string_type)) continue;
      const auto from = message.find("type '");
      const auto given = between(message, pointer ? " from '" : "type '", "'");
      if (!given.contains("char") || (!pointer && from == std::string_view::npos)) continue;
      const auto [line, caret] = shown_line(output, at);
      const auto equals = line.find('=', caret);
      if (equals == std::string_view::npos) continue;
      const std::string_view value = expression_at(line, equals + 1);
      if (kind.starts_with('i')) {
        const std::string_view name = word_at(line, caret);
        if (!pointer)
          return fmt::format("a string is pointer and length: write `{} {}; {}(&{}, {});`", type,
                             name, names.string_dup, name, value);
        continue;
      }
      const std::string_view target = expression_before(line, equals);
      return fmt::format("a string is pointer and length: write `{}({}, {});`", names.string_dup,
                         pointer ? std::string(target) : address_of(target), value);
    }
  }
  return {};
}

/// A string of the world where C's own is wanted.
std::string string_as_chars(std::string_view output) {
  for (auto at = output.find("_string_t"); at != std::string_view::npos;
       at = output.find("_string_t", at + 1)) {
    const auto begin = output.rfind('\n', at) + 1;
    const std::string_view message = output.substr(begin, output.find('\n', at) - begin);
    const bool passed = message.contains("passing '") && message.contains("char *'");
    const bool printed = message.contains("format specifies type 'char *'");
    if (!passed && !printed) continue;
    if (printed)
      return "a string is pointer and length, and no zero ends it: write `%.*s` and, for `s`, "
             "`(int)s->len, (const char *)s->ptr`";
    return "a string is pointer and length, and no zero ends it: its bytes are `s->ptr`, their "
           "number is `s->len`";
  }
  return {};
}

/// The declaration of a function in the generated header.
std::string_view declaration(const GuestNames& names, std::string_view function) {
  for (const char before : {' ', '*'}) {
    const auto at = names.bindings.find(fmt::format("{}{}(", before, function));
    if (at == std::string::npos) continue;
    const auto begin = names.bindings.rfind('\n', at) + 1;
    const auto end = names.bindings.find(';', at);
    if (end == std::string::npos) continue;
    return std::string_view(names.bindings).substr(begin, end - begin);
  }
  return {};
}

/// Exports that have no definition, or one of another type.
std::string wrong_exports(std::string_view output, const GuestNames& names) {
  constexpr std::size_t most = 5;
  std::vector<std::string> lines;
  for (const std::string_view before :
       {"undefined symbol: ", "conflicting types for '", "static declaration of '"}) {
    for (auto at = output.find(before); at != std::string_view::npos;
         at = output.find(before, at + 1)) {
      const std::string_view function = word_at(output, at + before.size());
      if (!function.starts_with("exports_")) continue;
      std::string line = fmt::format("{} {{ … }}", declaration(names, function));
      if (line.size() > 6 && std::ranges::find(lines, line) == lines.end())
        lines.push_back(std::move(line));
    }
  }
  if (lines.empty()) return {};
  if (lines.size() == 1)
    return fmt::format("the generated header declares it: write `{}`", lines.front());
  const std::size_t more = lines.size() - std::min(lines.size(), most);
  lines.resize(lines.size() - more);
  return fmt::format("the generated header declares them: write\n  {}{}", fmt::join(lines, "\n  "),
                     more == 0 ? "" : fmt::format("\n  and {} more", more));
}

/// Types and functions of the world, and no header that declares them.
std::string no_header(std::string_view output, const GuestNames& names) {
  if (includes_header(names)) return {};
  const std::string stem = names.header.substr(0, names.header.rfind('.'));
  for (const std::string_view before : {"unknown type name '", "undeclared function '",
                                        "undeclared identifier '", "undefined symbol: "}) {
    if (!output.contains(fmt::format("{}{}_", before, stem)) &&
        !output.contains(fmt::format("{}exports_", before)))
      continue;
    return fmt::format("the generated header is not included: write `#include \"{}\"` at the top",
                       names.header);
  }
  return {};
}

}  // namespace

std::vector<std::string> c_declarations(const GuestNames& names) {
  std::vector<std::string> out;
  const std::string_view text = names.bindings;
  for (auto at = text.find(" exports_"); at != std::string_view::npos;
       at = text.find(" exports_", at + 1)) {
    const std::string_view function = word_at(text, at + 1);
    // Functions alone; types and the destructors that the glue has are no business of the author's.
    if (at + 1 + function.size() >= text.size() || text[at + 1 + function.size()] != '(') continue;
    const auto begin = text.rfind('\n', at) + 1;
    const auto end = text.find(';', at);
    const std::string_view line = text.substr(begin, end - begin);
    if (end != std::string_view::npos && !line.starts_with("//") && !line.contains('\n'))
      out.emplace_back(line);
  }
  return out;
}

std::string of_c(std::string_view output, const GuestNames& names) {
  if (names.string_dup.empty() && !names.header.ends_with(".h")) return {};
  if (output.contains("TENON_EXPORT") || names.sources.contains("TENON_EXPORT")) {
    const std::vector<std::string> wanted = c_declarations(names);
    if (!wanted.empty())
      return fmt::format("in C a function is exported by its name: write `{} {{ … }}`",
                         wanted.front());
  }
  for (std::string help :
       {no_header(output, names), string_by_pointer(output, names), wrong_exports(output, names),
        string_as_chars(output), of_c_values(output, names)}) {
    if (!help.empty()) return help;
  }
  return {};
}

}  // namespace tenon::builder::compiler_help

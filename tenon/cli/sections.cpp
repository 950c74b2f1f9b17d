// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

constexpr std::uint32_t max_depth = 100;

constexpr std::array<std::string_view, 14> core_names = {
    "custom", "type",  "import",  "function", "table", "memory",     "global",
    "export", "start", "element", "code",     "data",  "data count", "tag"};
constexpr std::array<std::string_view, 13> component_names = {
    "custom", "core module", "core instance", "core type", "component", "instance", "alias",
    "type",   "canon",       "start",         "import",    "export",    "value"};

/// Where a binary begins and ends, and what it is in.
struct Level {
  ByteRange range;
  std::uint32_t parent;
  std::uint32_t depth;
};

/// Reads the preamble: whether a component follows.
Result<bool> read_preamble(Reader& in) {
  const std::uint32_t begin = in.offset();
  const auto magic = TENON_TRY(in.bytes(4, "the magic bytes"));
  const std::uint32_t version = TENON_TRY(in.fixed_u32("the version"));
  if (magic[0] != 0 || magic[1] != 'a' || magic[2] != 's' || magic[3] != 'm') {
    return std::unexpected(
        Error(rules::wrong_input_kind, in.span_from(begin), "no WebAssembly binary begins here"));
  }
  return version >> 16U == 1;
}

Result<Section> read_section(Reader& in, const Level& level, bool in_component) {
  Section section;
  section.in_component = in_component;
  section.depth = level.depth;
  section.parent = level.parent;
  section.whole.begin = in.offset();
  section.id = TENON_TRY(in.u8("a section id"));
  const auto content = TENON_TRY(in.sized_bytes("a section"));
  section.whole.end = in.offset();
  section.content = {section.whole.end - static_cast<std::uint32_t>(content.size()),
                     section.whole.end};
  section.payload = section.content;
  if (section.is_custom()) {
    Reader inside(content, in.source(), section.content.begin);
    section.custom_name = TENON_TRY(inside.name("a custom section's name"));
    section.payload.begin = inside.offset();
  }
  return section;
}

}  // namespace

std::string_view kind_name(const Section& section) {
  if (section.in_component) {
    return section.id < component_names.size() ? component_names[section.id] : "unknown";
  }
  return section.id < core_names.size() ? core_names[section.id] : "unknown";
}

Result<std::vector<Section>> read_sections(ByteSpan bytes, std::uint32_t source) {
  std::vector<Section> out;
  std::vector<Level> open = {
      {{0, static_cast<std::uint32_t>(bytes.size())}, Section::no_parent, 0}};
  // One binary after the other; sorting by place puts nested sections behind their own.
  while (!open.empty()) {
    const Level level = open.back();
    open.pop_back();
    Reader in(level.range.in(bytes), source, level.range.begin);
    const bool in_component = TENON_TRY(read_preamble(in));
    while (!in.at_end()) {
      const Section section = TENON_TRY(read_section(in, level, in_component));
      out.push_back(section);
      if (!section.is_core_module() && !section.is_component()) continue;
      if (level.depth + 1 > max_depth) {
        return std::unexpected(Error(rules::wrong_input_kind,
                                     Span{source, section.whole.begin, section.whole.end},
                                     fmt::format("components nest deeper than {}", max_depth)));
      }
      open.push_back({section.content, section.whole.begin, level.depth + 1});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Section& a, const Section& b) { return a.whole.begin < b.whole.begin; });
  // A parent was noted by the place where it begins; now it has an index.
  for (Section& section : out) {
    if (section.parent == Section::no_parent) continue;
    const auto at = std::lower_bound(
        out.begin(), out.end(), section.parent,
        [](const Section& s, std::uint32_t begin) { return s.whole.begin < begin; });
    section.parent = static_cast<std::uint32_t>(at - out.begin());
  }
  return out;
}

Result<std::vector<std::uint8_t>> drop_custom_sections(
    ByteSpan bytes, std::uint32_t source, const std::function<bool(std::string_view)>& drop) {
  const std::vector<Section> sections = TENON_TRY(read_sections(bytes, source));
  // What is written so far, one writer per open binary; nested ones are closed on the way.
  struct Open {
    Writer out;
    std::uint32_t end;
    std::uint8_t id;
  };
  std::vector<Open> open;
  open.push_back({{}, static_cast<std::uint32_t>(bytes.size()), 0});
  open.back().out.bytes(bytes.first(8));
  const auto close = [&open] {
    const Open done = std::move(open.back());
    open.pop_back();
    open.back().out.u8(done.id);
    open.back().out.sized_bytes(done.out.view());
  };
  for (const Section& section : sections) {
    while (open.size() > 1 && section.whole.begin >= open.back().end) close();
    if (section.is_custom() && drop(section.custom_name)) continue;
    if (section.is_core_module() || section.is_component()) {
      open.push_back({{}, section.content.end, section.id});
      open.back().out.bytes(section.content.in(bytes).first(8));
      continue;
    }
    open.back().out.bytes(section.whole.in(bytes));
  }
  while (open.size() > 1) close();
  return open.back().out.take();
}

Result<std::vector<Producer>> read_producers(ByteSpan bytes, const Section& section,
                                             std::uint32_t source) {
  std::vector<Producer> out;
  Reader in(section.payload.in(bytes), source, section.payload.begin);
  const std::uint32_t fields = TENON_TRY(in.count("the producers' fields", 2));
  for (std::uint32_t i = 0; i < fields; ++i) {
    const std::string_view field = TENON_TRY(in.name("a field"));
    const std::uint32_t values = TENON_TRY(in.count("a field's values", 2));
    for (std::uint32_t j = 0; j < values; ++j) {
      const std::string_view name = TENON_TRY(in.name("a producer"));
      const std::string_view version = TENON_TRY(in.name("its version"));
      out.push_back({field, name, version});
    }
  }
  return out;
}

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
// Custom sections that tenon itself reads. They are hints: readers that want names ignore a section
// that is malformed (`names_of`), and only those that were asked to check custom sections report
// it.
// Spec: core/appendix/custom "Name Section"
#include "tenon/core/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/core/rules.h"

namespace tenon::core {

namespace {

Reader content_of(const Module& module, const CustomSection& section) {
  return Reader(section.content.in(module.bytes.view()), module.source,
                module.base + section.content.begin);
}

std::unexpected<Error> malformed(Span span, std::string detail) {
  return std::unexpected(Error(rules::custom_content, span, std::move(detail)));
}

/// Indices must increase; `last` is the one before, plus one.
Result<std::uint32_t> next_index(Reader& in, std::uint64_t& last) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t index = TENON_TRY(in.u32("index"));
  if (index < last)
    return malformed(in.span_from(begin), fmt::format("index {} is out of order", index));
  last = std::uint64_t{index} + 1;
  return index;
}

Result<NameMap> read_map(Reader& in) {
  const std::uint32_t n = TENON_TRY(in.count("names", 2));
  NameMap out;
  out.reserve(n);
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t index = TENON_TRY(next_index(in, last));
    const std::string_view name = TENON_TRY(in.name("name"));
    out.push_back({index, name});
  }
  return out;
}

Result<IndirectNameMap> read_indirect(Reader& in) {
  const std::uint32_t n = TENON_TRY(in.count("name maps", 2));
  IndirectNameMap out;
  out.reserve(n);
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t index = TENON_TRY(next_index(in, last));
    NameMap names = TENON_TRY(read_map(in));
    out.push_back({index, std::move(names)});
  }
  return out;
}

/// The map that a subsection id stands for, or null.
NameMap* flat_map(Names& names, unsigned id) {
  switch (id) {
    case 1:
      return &names.funcs;
    case 4:
      return &names.types;
    case 5:
      return &names.tables;
    case 6:
      return &names.mems;
    case 7:
      return &names.globals;
    case 8:
      return &names.elems;
    case 9:
      return &names.datas;
    case 11:
      return &names.tags;
    default:
      return nullptr;
  }
}
IndirectNameMap* indirect_map(Names& names, unsigned id) {
  switch (id) {
    case 2:
      return &names.locals;
    case 3:
      return &names.labels;
    case 10:
      return &names.fields;
    default:
      return nullptr;
  }
}
constexpr unsigned last_subsection = 11;

Result<void> read_subsection(Reader& in, unsigned id, Names& names) {
  if (id == 0) {
    names.module = TENON_TRY(in.name("module name"));
  } else if (NameMap* flat = flat_map(names, id)) {
    *flat = TENON_TRY(read_map(in));
  } else if (IndirectNameMap* indirect = indirect_map(names, id)) {
    *indirect = TENON_TRY(read_indirect(in));
  } else {
    in.skip(in.left());
  }
  if (!in.at_end())
    return malformed(in.here(), fmt::format("{} bytes follow the names", in.left()));
  return {};
}

void write_map(Writer& out, const NameMap& map) {
  out.u32(static_cast<std::uint32_t>(map.size()));
  for (const NameAssoc& assoc : map) {
    out.u32(assoc.index);
    out.name(assoc.name);
  }
}

}  // namespace

std::optional<std::string_view> find_name(const NameMap& map, std::uint32_t index) {
  const auto it = std::ranges::lower_bound(map, index, {}, &NameAssoc::index);
  if (it == map.end() || it->index != index) return std::nullopt;
  return it->name;
}

std::optional<std::string_view> find_name(const IndirectNameMap& map, std::uint32_t outer,
                                          std::uint32_t index) {
  const auto it = std::ranges::lower_bound(map, outer, {}, &IndirectNameAssoc::index);
  if (it == map.end() || it->index != outer) return std::nullopt;
  return find_name(it->names, index);
}

Result<Names> read_names(const Module& module, const CustomSection& section) {
  Reader in = content_of(module, section);
  Names out;
  int last = -1;
  while (!in.at_end()) {
    const std::uint32_t begin = in.offset();
    const std::uint8_t id = TENON_TRY(in.u8("name subsection"));
    if (std::cmp_less_equal(id, last)) {
      return malformed(in.span_from(begin), fmt::format("subsection {} is out of order", id));
    }
    last = id;
    const std::uint32_t size = TENON_TRY(in.u32("subsection size"));
    Reader content = TENON_TRY(in.sub(size, "name subsection"));
    TENON_TRY(read_subsection(content, id, out));
  }
  return out;
}

Names names_of(const Module& module) {
  const CustomSection* section = find_custom(module, "name");
  if (section == nullptr) return {};
  Result<Names> names = read_names(module, *section);
  return names ? *std::move(names) : Names{};
}

void write_names(Writer& out, const Names& names) {
  // The maps are looked up by id as for reading; nothing is changed.
  auto& all = const_cast<Names&>(names);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  for (unsigned id = 0; id <= last_subsection; ++id) {
    Writer content;
    if (id == 0) {
      if (!names.module) continue;
      content.name(*names.module);
    } else if (const NameMap* flat = flat_map(all, id)) {
      if (flat->empty()) continue;
      write_map(content, *flat);
    } else if (const IndirectNameMap* indirect = indirect_map(all, id)) {
      if (indirect->empty()) continue;
      content.u32(static_cast<std::uint32_t>(indirect->size()));
      for (const IndirectNameAssoc& assoc : *indirect) {
        content.u32(assoc.index);
        write_map(content, assoc.names);
      }
    }
    out.u8(static_cast<std::uint8_t>(id));
    out.sized_bytes(content.view());
  }
}

// ---- Producers ----

void Producers::set(std::string_view field, std::string_view name, std::string_view version) {
  auto it = std::ranges::find(fields, field, &Field::name);
  if (it == fields.end()) it = fields.insert(fields.end(), Field{field, {}});
  const auto value = std::ranges::find(it->values, name, &Value::name);
  if (value != it->values.end()) {
    value->version = version;
  } else {
    it->values.push_back({name, version});
  }
}

Result<Producers> read_producers(Reader& in) {
  Producers out;
  const std::uint32_t n = TENON_TRY(in.count("producer fields", 2));
  for (std::uint32_t i = 0; i < n; ++i) {
    Producers::Field field;
    field.name = TENON_TRY(in.name("producer field"));
    const std::uint32_t values = TENON_TRY(in.count("producers", 2));
    for (std::uint32_t k = 0; k < values; ++k) {
      Producers::Value value;
      value.name = TENON_TRY(in.name("producer"));
      value.version = TENON_TRY(in.name("producer version"));
      field.values.push_back(value);
    }
    out.fields.push_back(std::move(field));
  }
  if (!in.at_end())
    return malformed(in.here(), fmt::format("{} bytes follow the producers", in.left()));
  return out;
}

Result<Producers> read_producers(const Module& module, const CustomSection& section) {
  Reader in = content_of(module, section);
  return read_producers(in);
}

void write_producers(Writer& out, const Producers& producers) {
  out.u32(static_cast<std::uint32_t>(producers.fields.size()));
  for (const Producers::Field& field : producers.fields) {
    out.name(field.name);
    out.u32(static_cast<std::uint32_t>(field.values.size()));
    for (const Producers::Value& value : field.values) {
      out.name(value.name);
      out.name(value.version);
    }
  }
}

// ---- Branch hints ----

namespace {

Result<BranchHint> read_hint(Reader& in, std::uint64_t& last) {
  BranchHint hint;
  hint.offset = TENON_TRY(next_index(in, last));
  const std::uint32_t begin = in.offset();
  const std::uint32_t size = TENON_TRY(in.u32("hint size"));
  const std::uint8_t value = TENON_TRY(in.u8("hint"));
  if (size != 1 || value > 1)
    return malformed(in.span_from(begin), "a branch hint is one byte, 0 or 1");
  hint.likely = value == 1;
  return hint;
}

}  // namespace

Result<std::vector<FuncBranchHints>> read_branch_hints(const Module& module,
                                                       const CustomSection& section) {
  Reader in = content_of(module, section);
  const std::uint32_t n = TENON_TRY(in.count("functions", 2));
  std::vector<FuncBranchHints> out;
  std::uint64_t last_func = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    FuncBranchHints func;
    const auto index = TENON_TRY(next_index(in, last_func));
    func.func = FuncIdx(index);
    const std::uint32_t hints = TENON_TRY(in.count("hints", 3));
    std::uint64_t last = 0;
    for (std::uint32_t k = 0; k < hints; ++k) {
      const auto hint = TENON_TRY(read_hint(in, last));
      func.hints.push_back(hint);
    }
    out.push_back(std::move(func));
  }
  if (!in.at_end())
    return malformed(in.here(), fmt::format("{} bytes follow the hints", in.left()));
  return out;
}

void write_branch_hints(Writer& out, const std::vector<FuncBranchHints>& funcs) {
  out.u32(static_cast<std::uint32_t>(funcs.size()));
  for (const FuncBranchHints& func : funcs) {
    out.u32(func.func.value);
    out.u32(static_cast<std::uint32_t>(func.hints.size()));
    for (const BranchHint& hint : func.hints) {
      out.u32(hint.offset);
      out.u32(1);
      out.u8(hint.likely ? 1 : 0);
    }
  }
}

}  // namespace tenon::core

// SPDX-License-Identifier: Apache-2.0
// Decides whether a name section can be expressed as identifiers. Names that are empty, repeated or
// not plain get a unique identifier and an annotation with the original.
#include "tenon/text/print_names.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "tenon/core/decode_expr.h"
#include "tenon/text/lex.h"
#include "tenon/text/text_writer.h"

namespace tenon::text {
namespace {

using core::Op;

/// Counts the labels of a body as name sections do.
struct LabelCounter {
  std::uint32_t count = 0;
  template <Op op>
  void on(const core::ImmOf<op>&, std::uint32_t) {
    if constexpr (op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_table ||
                  op == Op::try_)
      ++count;
  }
};

bool in_range(const core::NameMap& names, std::uint64_t count) {
  return names.empty() || names.back().index < count;
}

std::uint64_t num_params(const core::Module& m, std::uint32_t func) {
  const core::TypeIdx type = m.func_types[func];
  return m.types.contains(type) ? m.types[type].type.func.params.size() : 0;
}

/// The functions that are imported with a type that they share: their parameters have no names in
/// text.
std::vector<bool> funcs_that_share(const core::Module& m) {
  std::vector<bool> out(m.import_groups.empty() ? 0 : m.num_imported_funcs);
  if (out.empty()) return out;
  std::size_t at = 0;
  std::uint32_t func = 0;
  const auto mark_until = [&](std::size_t end, bool shares) {
    for (; at < end; ++at) {
      if (m.imports[at].type.kind == core::ExternKind::func) out[func++] = shares;
    }
  };
  for (const core::ImportGroup& group : m.import_groups) {
    mark_until(group.first, false);
    mark_until(group.first + group.count, group.form == core::ImportGroup::Form::one_type);
  }
  return out;
}

bool locals_fit(const core::Module& m, const core::IndirectNameMap& locals) {
  const std::vector<bool> shares = funcs_that_share(m);
  return std::ranges::all_of(locals, [&](const core::IndirectNameAssoc& func) {
    if (func.index >= m.func_types.size() || func.names.empty()) return false;
    if (func.index < shares.size() && shares[func.index]) return false;
    std::uint64_t count = num_params(m, func.index);
    if (!m.is_imported(core::FuncIdx(func.index))) {
      const std::uint32_t code = func.index - m.num_imported_funcs;
      if (code >= m.codes.size()) return false;
      for (const auto& group : m.codes[code].locals) count += group.count;
    }
    return in_range(func.names, count);
  });
}

bool labels_fit(const core::Module& m, const core::IndirectNameMap& labels) {
  core::ExprScratch scratch;
  return std::ranges::all_of(labels, [&](const core::IndirectNameAssoc& func) {
    if (func.index < m.num_imported_funcs || func.names.empty()) return false;
    const std::uint32_t code = func.index - m.num_imported_funcs;
    if (code >= m.codes.size()) return false;
    LabelCounter counter;
    if (!core::decode_expr(m, m.codes[code].body, counter, scratch)) return false;
    return in_range(func.names, counter.count) &&
           std::ranges::none_of(func.names,
                                [](const core::NameAssoc& n) { return n.name.empty(); });
  });
}

bool fields_fit(const core::Module& m, const core::IndirectNameMap& fields) {
  return std::ranges::all_of(fields, [&](const core::IndirectNameAssoc& type) {
    if (!m.types.contains(core::TypeIdx(type.index)) || type.names.empty()) return false;
    const core::CompType& comp = m.types[core::TypeIdx(type.index)].type;
    return comp.kind == core::CompType::Kind::struct_ && in_range(type.names, comp.fields.size());
  });
}

/// Whether the parser would write the same section again.
bool is_reproducible(const core::Module& m, const core::CustomSection& section,
                     const core::Names& names) {
  Writer again;
  core::write_names(again, names);
  if (!std::ranges::equal(again.view(), section.content.in(m.bytes.view()))) return false;
  return in_range(names.funcs, m.func_types.size()) && in_range(names.types, m.types.size()) &&
         in_range(names.tables, m.table_types.size()) && in_range(names.mems, m.mem_types.size()) &&
         in_range(names.globals, m.global_types.size()) &&
         in_range(names.tags, m.tag_types.size()) && in_range(names.elems, m.elems.size()) &&
         in_range(names.datas, m.datas.size()) && locals_fit(m, names.locals) &&
         labels_fit(m, names.labels) && fields_fit(m, names.fields);
}

bool stands_last(const core::Module& m, const core::CustomSection& section) {
  return std::ranges::none_of(m.customs, [&](const core::CustomSection& other) {
    return &other != &section && other.name == "name";
  });
}

}  // namespace

std::string identifier(std::string_view name) {
  if (is_plain_id(name)) return "$" + std::string(name);
  TextWriter out;
  out.put('$');
  out.name_literal(name);
  return out.take();
}

Ids::Ids(const core::NameMap& names, std::uint32_t count) {
  if (names.empty()) return;
  ids_.resize(count);
  std::unordered_set<std::string_view> seen;
  std::unordered_set<std::string> made_up;
  for (const core::NameAssoc& entry : names) {
    if (entry.index >= count) continue;
    if (!entry.name.empty() && seen.insert(entry.name).second)
      ids_[entry.index] = identifier(entry.name);
  }
  for (const core::NameAssoc& entry : names) {
    if (entry.index >= count || !ids_[entry.index].empty()) continue;
    std::string unique = std::string(entry.name) + "#" + std::to_string(entry.index);
    while (seen.contains(unique) || !made_up.insert(unique).second) unique += "#";
    ids_[entry.index] = identifier(unique);
    annotations_.emplace(entry.index, std::string(entry.name));
  }
}

void Ids::hide(std::uint32_t index) {
  if (index >= ids_.size() || ids_[index].empty()) return;
  if (!annotations_.contains(index)) {
    const std::string_view id = ids_[index];
    annotations_.emplace(index,
                         id.starts_with("$\"") ? string_value(id) : std::string(id.substr(1)));
  }
  ids_[index].clear();
}

namespace {

/// Imports that share one type have no identifiers in text.
void hide_grouped(const core::Module& m, ModuleIds& ids) {
  std::array<Ids*, 5> by_kind = {&ids.funcs, &ids.tables, &ids.mems, &ids.globals, &ids.tags};
  std::array<std::uint32_t, 5> next{};
  std::size_t at = 0;
  const auto skip_until = [&](std::size_t end) {
    for (; at < end; ++at) ++next[static_cast<std::size_t>(m.imports[at].type.kind)];
  };
  for (const core::ImportGroup& group : m.import_groups) {
    skip_until(group.first);
    if (group.form != core::ImportGroup::Form::one_type) continue;
    const auto kind = static_cast<std::size_t>(group.type.kind);
    for (std::uint32_t i = 0; i < group.count; ++i) by_kind[kind]->hide(next[kind] + i);
  }
}

}  // namespace

ModuleIds module_ids(const core::Module& m) {
  ModuleIds out;
  const core::CustomSection* const section = core::find_custom(m, "name");
  if (section == nullptr || !stands_last(m, *section)) return out;
  auto names = core::read_names(m, *section);
  if (!names || !is_reproducible(m, *section, *names)) return out;
  out.names = std::move(*names);
  out.section = section;
  const auto count = [](const auto& items) { return static_cast<std::uint32_t>(items.size()); };
  out.funcs = Ids(out.names.funcs, count(m.func_types));
  out.types = Ids(out.names.types, count(m.types));
  out.tables = Ids(out.names.tables, count(m.table_types));
  out.mems = Ids(out.names.mems, count(m.mem_types));
  out.globals = Ids(out.names.globals, count(m.global_types));
  out.elems = Ids(out.names.elems, count(m.elems));
  out.datas = Ids(out.names.datas, count(m.datas));
  out.tags = Ids(out.names.tags, count(m.tag_types));
  if (!m.import_groups.empty()) hide_grouped(m, out);
  return out;
}

}  // namespace tenon::text

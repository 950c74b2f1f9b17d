// SPDX-License-Identifier: Apache-2.0
// Custom sections are checked on demand alone, so nothing here may be slow or strict for the sake
// of those who do not ask: `validate` never comes here.
#include "tenon/core/validate_custom.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <type_traits>

#include "tenon/core/decode_expr.h"
#include "tenon/core/names.h"

namespace tenon::core {

namespace {

std::unexpected<Error> wrong(Span span, std::string detail) {
  return std::unexpected(Error(rules::custom_content, span, std::move(detail)));
}

/// Walks a body along with its hints, which are in order.
struct HintVisitor {
  const std::vector<BranchHint>& hints;
  std::uint32_t begin;
  std::size_t next = 0;
  /// The first hint that is at no operator, or at one without a choice.
  std::optional<std::string> wrong;

  template <Op op>
  void on(const ImmOf<op>& /*imm*/, std::uint32_t offset) {
    if (next == hints.size() || wrong) return;
    const std::uint32_t at = offset - begin;
    if (hints[next].offset > at) return;
    if (hints[next].offset < at) {
      wrong =
          fmt::format("a branch hint at offset {}, where no operator begins", hints[next].offset);
    } else if (op != Op::br_if && op != Op::if_) {
      wrong = fmt::format("a branch hint at `{}`", info(op).text);
    }
    ++next;
  }
};

Result<void> hints_of(const Module& module, const FuncBranchHints& func, Span span) {
  const std::uint32_t index = func.func.value;
  if (index < module.num_imported_funcs ||
      index - module.num_imported_funcs >= module.codes.size()) {
    return wrong(span, fmt::format("branch hints for function {}, which has no body", index));
  }
  const Code& code = module.codes[index - module.num_imported_funcs];
  HintVisitor visitor{func.hints, code.entry.begin, 0, {}};
  TENON_TRY(decode_expr(module, code.body, visitor));
  if (visitor.wrong) return wrong(span, *visitor.wrong);
  if (visitor.next != func.hints.size()) {
    return wrong(span, fmt::format("a branch hint at offset {}, behind the body of function {}",
                                   func.hints[visitor.next].offset, index));
  }
  return {};
}

Result<void> branch_hints(const Module& module, const CustomSection& section) {
  if (&section != find_custom(module, branch_hint_section))
    return wrong(section.span, "a second section of branch hints");
  if (section.after == SectionId::code || section.after == SectionId::data)
    return wrong(section.span, "branch hints behind the code");
  const auto funcs = TENON_TRY(read_branch_hints(module, section));
  for (const FuncBranchHints& func : funcs) TENON_TRY(hints_of(module, func, section.span));
  return {};
}

// ---- Names ----

/// Names are in order of their index, so that the last one tells. An empty map has none.
template <class Map>
Result<void> in_range(const Map& names, std::uint64_t items, std::string_view what, Span span) {
  if (names.empty() || names.back().index < items) return {};
  return wrong(span, fmt::format("a name for {} {}, of {}", what, names.back().index, items));
}

struct LabelCounter {
  std::uint32_t labels = 0;

  template <Op op>
  void on(const ImmOf<op>& /*imm*/, std::uint32_t /*offset*/) {
    if constexpr (std::is_same_v<ImmOf<op>, BlockImm> || op == Op::try_table) ++labels;
  }
};

const Code* body_of(const Module& module, std::uint32_t func) {
  return func < module.num_imported_funcs ? nullptr
                                          : &module.codes[func - module.num_imported_funcs];
}

Result<void> local_names(const Module& module, const IndirectNameMap& names, Span span) {
  TENON_TRY(in_range(names, module.func_types.size(), "the locals of function", span));
  for (const IndirectNameAssoc& func : names) {
    std::uint64_t locals = module.func_type(FuncIdx(func.index)).params.size();
    if (const Code* code = body_of(module, func.index)) {
      for (const LocalGroup& group : code->locals) locals += group.count;
    }
    const std::string what = fmt::format("function {}'s local", func.index);
    TENON_TRY(in_range(func.names, locals, what, span));
  }
  return {};
}

Result<void> label_names(const Module& module, const IndirectNameMap& names, Span span) {
  TENON_TRY(in_range(names, module.func_types.size(), "the labels of function", span));
  for (const IndirectNameAssoc& func : names) {
    LabelCounter counter;
    if (const Code* code = body_of(module, func.index))
      TENON_TRY(decode_expr(module, code->body, counter));
    const std::string what = fmt::format("function {}'s label", func.index);
    TENON_TRY(in_range(func.names, counter.labels, what, span));
  }
  return {};
}

Result<void> field_names(const Module& module, const IndirectNameMap& names, Span span) {
  TENON_TRY(in_range(names, module.types.size(), "the fields of type", span));
  for (const IndirectNameAssoc& type : names) {
    const CompType& of = module.types[TypeIdx(type.index)].type;
    if (of.kind != CompType::Kind::struct_)
      return wrong(span, fmt::format("names of fields for type {}, no structure", type.index));
    const std::string what = fmt::format("type {}'s field", type.index);
    TENON_TRY(in_range(type.names, of.fields.size(), what, span));
  }
  return {};
}

/// A section of a text has no place among the others, and follows the one that it names.
bool is_last(const Module& module, const CustomSection& section) {
  for (const SectionRange& other : module.sections) {
    if (other.id != SectionId::custom && other.content.begin > section.content.begin) return false;
  }
  if (!module.datas.empty()) return section.after == SectionId::data;
  return module.codes.empty() || section.after == SectionId::code ||
         section.after == SectionId::data;
}

Result<void> names(const Module& module, const CustomSection& section) {
  const Span span = section.span;
  if (&section != find_custom(module, "name")) return wrong(span, "a second section of names");
  if (!is_last(module, section)) return wrong(span, "names before a section that they may name");
  const Names all = TENON_TRY(read_names(module, section));
  TENON_TRY(in_range(all.funcs, module.func_types.size(), "function", span));
  TENON_TRY(in_range(all.types, module.types.size(), "type", span));
  TENON_TRY(in_range(all.tables, module.table_types.size(), "table", span));
  TENON_TRY(in_range(all.mems, module.mem_types.size(), "memory", span));
  TENON_TRY(in_range(all.globals, module.global_types.size(), "global", span));
  TENON_TRY(in_range(all.elems, module.elems.size(), "element segment", span));
  TENON_TRY(in_range(all.datas, module.datas.size(), "data segment", span));
  TENON_TRY(in_range(all.tags, module.tag_types.size(), "tag", span));
  TENON_TRY(local_names(module, all.locals, span));
  TENON_TRY(label_names(module, all.labels, span));
  return field_names(module, all.fields, span);
}

}  // namespace

Result<void> validate_custom(const Module& module) {
  for (const CustomSection& section : module.customs) {
    if (section.name == branch_hint_section) TENON_TRY(branch_hints(module, section));
    if (section.name == "name") TENON_TRY(names(module, section));
    if (section.name == "producers") TENON_TRY(read_producers(module, section));
  }
  return {};
}

}  // namespace tenon::core

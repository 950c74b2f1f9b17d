// SPDX-License-Identifier: Apache-2.0
// The rules of definitions, imports and exports. Spec: core/valid/modules.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "tenon/core/module_validator.h"
#include "tenon/core/read_types.h"

namespace tenon::core {

namespace {

/// Operators that are constant by themselves; global.get depends on the global.
/// Spec: core/valid/instructions "Constant Expressions".
constexpr Op const_ops[] = {
    Op::end,
    Op::i32_const,
    Op::i64_const,
    Op::f32_const,
    Op::f64_const,
    Op::v128_const,
    Op::i32_add,
    Op::i32_sub,
    Op::i32_mul,
    Op::i64_add,
    Op::i64_sub,
    Op::i64_mul,
    Op::ref_null,
    Op::ref_func,
    Op::ref_i31,
    Op::struct_new,
    Op::struct_new_default,
    Op::array_new,
    Op::array_new_default,
    Op::array_new_fixed,
    Op::any_convert_extern,
    Op::extern_convert_any,
    Op::global_get,
};
constexpr bool is_const_op(Op op) {
  return std::ranges::find(const_ops, op) != std::end(const_ops);
}

class ConstVisitor {
 public:
  ConstVisitor(ExprChecker& checker, std::size_t num_globals, std::vector<FuncIdx>& refs)
      : checker_(checker), num_globals_(num_globals), refs_(refs) {}

  template <Op op>
  bool on(const ImmOf<op>& imm, std::uint32_t offset) {
    if constexpr (!is_const_op(op)) {
      return refuse<op>(offset, "");
    } else {
      constexpr bool extended = info(op).shape.kind == Shape::Kind::binop;
      if (extended && !checker_.context().features().has(Gate::extended_const)) {
        return refuse<op>(offset, "needs `extended-const`");
      }
      if constexpr (op == Op::global_get) {
        const auto& types = checker_.module().global_types;
        if (imm.global.value >= std::min(num_globals_, types.size())) {
          checker_.at(op, offset);
          return checker_.fail(rules::unknown_global, fmt::format("global {}", imm.global.value));
        }
        if (types[imm.global.value].mutable_) return refuse<op>(offset, "the global is mutable");
        if (imm.global.value >= checker_.module().num_imported_globals &&
            !checker_.context().features().has(Gate::gc)) {
          return refuse<op>(offset, "the global is not imported; `gc` admits that");
        }
      }
      if constexpr (op == Op::ref_func) {
        checker_.at(op, offset);
        refs_.push_back(imm.func);
        return checker_.const_ref_func(imm);
      } else {
        return checker_.template check<op>(imm, offset);
      }
    }
  }
  Error take_error() { return checker_.take_error(); }

 private:
  template <Op op>
  bool refuse(std::uint32_t offset, std::string why) {
    checker_.at(op, offset);
    return checker_.fail(rules::const_expr, std::move(why));
  }

  ExprChecker& checker_;
  std::size_t num_globals_;
  std::vector<FuncIdx>& refs_;
};

std::unexpected<Error> unknown(const Rule& rule, Span span, const char* what, std::uint32_t index) {
  return std::unexpected(Error(rule, span, fmt::format("{} {}", what, index)));
}

Result<void> check_limits(const Limits& limits, std::uint64_t most, const Rule& rule, Span span) {
  if (limits.min > most || (limits.max && *limits.max > most)) {
    const std::uint64_t found = limits.min > most ? limits.min : *limits.max;
    return std::unexpected(Error(rule, span, fmt::format("found {}, at most {}", found, most)));
  }
  if (limits.max && limits.min > *limits.max) {
    return std::unexpected(
        Error(rules::limits_order, span, fmt::format("{} and {}", limits.min, *limits.max)));
  }
  return {};
}

}  // namespace

Result<void> ModuleValidator::const_expr(ExprChecker& checker, ExprScratch& scratch, Expr expr,
                                         ValType type, std::size_t num_globals) {
  checker.begin_const(type);
  std::vector<FuncIdx> refs;
  ConstVisitor visitor(checker, num_globals, refs);
  TENON_TRY(decode_expr(module_, expr, visitor, scratch));
  for (const FuncIdx f : refs) context_.declare(f);
  return {};
}

Result<void> ModuleValidator::table_type(const TableType& type, Span span) {
  // `funcref` is the element type of every table since the first version.
  if (type.elem != ValType::ref(TypeCode::func, true)) TENON_TRY(val_type(type.elem, span));
  if (type.shared) {
    TENON_TRY(require(context_.features(), Gate::shared_everything_threads, span, "shared table"));
    TENON_TRY(shared(type.elem, span, "table"));
  }
  if (type.addr == AddrType::i64)
    TENON_TRY(require(context_.features(), Gate::memory64, span, "64-bit table"));
  const std::uint64_t most = type.addr == AddrType::i64 ? ~std::uint64_t{0} : 0xFFFFFFFF;
  return check_limits(type.limits, most, rules::table_size, span);
}

Result<void> ModuleValidator::mem_type(const MemType& type, Span span) {
  const Features& features = context_.features();
  if (type.addr == AddrType::i64)
    TENON_TRY(require(features, Gate::memory64, span, "64-bit memory"));
  if (type.page_size_log2) {
    TENON_TRY(require(features, Gate::custom_page_sizes, span, "page size"));
    if (*type.page_size_log2 != 0 && *type.page_size_log2 != 16) {
      return std::unexpected(
          Error(rules::page_size, span, fmt::format("found 2^{}", *type.page_size_log2)));
    }
  }
  // Pages that the address type reaches, all 2^64 of one byte being one too many to count.
  const unsigned bits = (type.addr == AddrType::i64 ? 64U : 32U) - type.page_log2();
  const std::uint64_t most = bits == 64 ? ~std::uint64_t{0} : std::uint64_t{1} << bits;
  TENON_TRY(check_limits(type.limits, most, rules::mem_size, span));
  if (type.shared) {
    TENON_TRY(require(features, Gate::threads, span, "shared memory"));
    if (!type.limits.max) return std::unexpected(Error(rules::shared_needs_max, span));
  }
  return {};
}

Result<void> ModuleValidator::tag_type(TagType type, Span span) {
  TENON_TRY(require(context_.features(), Gate::exceptions, span, "tag"));
  TENON_TRY(func_type(type.type, span));
  if (!module_.types[type.type].type.func.results.empty()) {
    return std::unexpected(Error(rules::tag_result, span, fmt::format("type {}", type.type.value)));
  }
  return {};
}

Result<void> ModuleValidator::imports() {
  for (const Import& import : module_.imports) TENON_TRY(import_type(import.type, import.span));
  for (const ImportGroup& group : module_.import_groups) {
    TENON_TRY(require(context_.features(), Gate::compact_imports, group.span, "group of imports"));
    // With imports the type was theirs.
    if (group.count == 0 && group.form == ImportGroup::Form::one_type) {
      TENON_TRY(import_type(group.type, group.span));
    }
  }
  return {};
}

Result<void> ModuleValidator::import_type(const ExternType& type, Span span) {
  switch (type.kind) {
    case ExternKind::func:
      return func_type(type.func, span);
    case ExternKind::table:
      return table_type(type.table, span);
    case ExternKind::mem:
      return mem_type(type.mem, span);
    case ExternKind::tag:
      return tag_type(type.tag, span);
    case ExternKind::global:
      TENON_TRY(global_type(type.global, span));
      if (!type.global.mutable_) return {};
      return require(context_.features(), Gate::mutable_global, span, "import of a mutable global");
  }
  return {};
}

Result<void> ModuleValidator::global_type(const GlobalType& type, Span span) {
  TENON_TRY(val_type(type.type, span));
  if (!type.shared) return {};
  TENON_TRY(require(context_.features(), Gate::shared_everything_threads, span, "shared global"));
  return shared(type.type, span, "global");
}

/// Numbers and vectors may be shared; no reference type is, since shared heap types are not
/// supported. Spec: the proposal `shared-everything-threads`.
Result<void> ModuleValidator::shared(ValType type, Span span, const char* what) {
  if (!type.is_ref()) return {};
  return std::unexpected(
      Error(rules::shared_type, span, fmt::format("a shared {} of `{}`", what, to_string(type))));
}

Result<void> ModuleValidator::funcs() {
  for (std::size_t i = 0; i < module_.funcs.size(); ++i) {
    TENON_TRY(func_type(module_.funcs[i].type, span_of(module_.spans.funcs, i, SectionId::func)));
  }
  return {};
}

Result<void> ModuleValidator::tables() {
  const auto span_at = [this](std::size_t i) {
    return span_of(module_.spans.tables, i, SectionId::table);
  };
  if (module_.table_types.size() > 1) {
    TENON_TRY(
        require(context_.features(), Gate::reference_types, span_at(0), "more than one table"));
  }
  ExprChecker checker(context_);
  ExprScratch scratch;
  for (std::size_t i = 0; i < module_.tables.size(); ++i) {
    const Table& t = module_.tables[i];
    const Span span = span_at(i);
    TENON_TRY(table_type(t.type, span));
    if (t.init) {
      TENON_TRY(require(context_.features(), Gate::function_references, span, "table initialiser"));
      // The globals that the module defines come later.
      TENON_TRY(const_expr(checker, scratch, *t.init, t.type.elem, module_.num_imported_globals));
    } else if (!t.type.elem.is_defaultable()) {
      return std::unexpected(
          Error(rules::type_mismatch, span,
                fmt::format("a table of {} needs an initialiser", to_string(t.type.elem))));
    }
  }
  return {};
}

Result<void> ModuleValidator::mems() {
  const auto span_at = [this](std::size_t i) {
    return span_of(module_.spans.mems, i, SectionId::mem);
  };
  if (module_.mem_types.size() > 1) {
    TENON_TRY(require(context_.features(), Gate::multi_memory, span_at(0), "more than one memory"));
  }
  for (std::size_t i = 0; i < module_.mems.size(); ++i) {
    TENON_TRY(mem_type(module_.mems[i], span_at(i)));
  }
  return {};
}

Result<void> ModuleValidator::tags() {
  for (std::size_t i = 0; i < module_.tags.size(); ++i) {
    TENON_TRY(tag_type(module_.tags[i], span_of(module_.spans.tags, i, SectionId::tag)));
  }
  return {};
}

Result<void> ModuleValidator::globals() {
  ExprChecker checker(context_);
  ExprScratch scratch;
  std::size_t known = module_.num_imported_globals;
  for (std::size_t i = 0; i < module_.globals.size(); ++i) {
    const Global& global = module_.globals[i];
    const Span span = span_of(module_.spans.globals, i, SectionId::global);
    TENON_TRY(global_type(global.type, span));
    TENON_TRY(const_expr(checker, scratch, global.init, global.type.type, known++));
  }
  return {};
}

Result<void> ModuleValidator::exports() {
  std::unordered_set<std::string_view> names;
  names.reserve(module_.exports.size());
  for (const Export& e : module_.exports) {
    if (!names.insert(e.name).second) {
      return std::unexpected(Error(rules::duplicate_export, e.span, fmt::format("`{}`", e.name)));
    }
    switch (e.kind) {
      case ExternKind::func:
        if (e.index >= module_.func_types.size())
          return unknown(rules::unknown_func, e.span, "function", e.index);
        context_.declare(FuncIdx(e.index));
        break;
      case ExternKind::table:
        if (e.index >= module_.table_types.size())
          return unknown(rules::unknown_table, e.span, "table", e.index);
        break;
      case ExternKind::mem:
        if (e.index >= module_.mem_types.size())
          return unknown(rules::unknown_mem, e.span, "memory", e.index);
        break;
      case ExternKind::tag:
        if (e.index >= module_.tag_types.size())
          return unknown(rules::unknown_tag, e.span, "tag", e.index);
        break;
      case ExternKind::global:
        if (e.index >= module_.global_types.size())
          return unknown(rules::unknown_global, e.span, "global", e.index);
        if (module_.global_types[e.index].mutable_) {
          TENON_TRY(require(context_.features(), Gate::mutable_global, e.span,
                            "export of a mutable global"));
        }
        break;
    }
  }
  return {};
}

Result<void> ModuleValidator::start() {
  if (!module_.start) return {};
  const FuncIdx f = *module_.start;
  const Span span =
      module_.spans.start == Span{} ? section_span(SectionId::start) : module_.spans.start;
  if (f.value >= module_.func_types.size())
    return unknown(rules::unknown_func, span, "function", f.value);
  const FuncType& type = module_.func_type(f);
  if (!type.params.empty() || !type.results.empty()) {
    return std::unexpected(Error(rules::start_func, span, fmt::format("function {}", f.value)));
  }
  return {};
}

Result<void> ModuleValidator::elems() {
  for (const Elem& elem : module_.elems) TENON_TRY(elem_one(elem));
  return {};
}

Result<void> ModuleValidator::data_count() {
  if (!module_.data_count) return {};
  return require(context_.features(), Gate::bulk_memory, section_span(SectionId::data_count),
                 "data count section");
}

Result<void> ModuleValidator::elem_one(const Elem& elem) {
  if (elem.mode != Elem::Mode::active) {
    TENON_TRY(
        require(context_.features(), Gate::bulk_memory, elem.span, "passive element segment"));
  }
  if (elem.type != ValType::ref(TypeCode::func, false) &&
      elem.type != ValType::ref(TypeCode::func, true)) {
    TENON_TRY(val_type(elem.type, elem.span));
  }
  ExprChecker checker(context_);
  ExprScratch scratch;
  const std::size_t num_globals = module_.global_types.size();
  if (elem.mode == Elem::Mode::active) {
    if (elem.table.value >= module_.table_types.size()) {
      return unknown(rules::unknown_table, elem.span, "table", elem.table.value);
    }
    const TableType& t = module_.table_types[elem.table.value];
    if (!context_.matcher().matches(elem.type, t.elem)) {
      return std::unexpected(Error(rules::type_mismatch, elem.span,
                                   fmt::format("elements of {}, the table has {}",
                                               to_string(elem.type), to_string(t.elem))));
    }
    if (elem.offset)
      TENON_TRY(const_expr(checker, scratch, *elem.offset, valtype(t.addr), num_globals));
  }
  for (const FuncIdx f : elem.funcs) {
    if (f.value >= module_.func_types.size())
      return unknown(rules::unknown_func, elem.span, "function", f.value);
    context_.declare(f);
  }
  for (const Expr expr : elem.exprs)
    TENON_TRY(const_expr(checker, scratch, expr, elem.type, num_globals));
  return {};
}

Result<void> ModuleValidator::datas() {
  ExprChecker checker(context_);
  ExprScratch scratch;
  for (const Data& data : module_.datas) {
    if (data.mode != Data::Mode::active) {
      TENON_TRY(require(context_.features(), Gate::bulk_memory, data.span, "passive data segment"));
      continue;
    }
    if (data.mem.value >= module_.mem_types.size()) {
      return unknown(rules::unknown_mem, data.span, "memory", data.mem.value);
    }
    const MemType& m = module_.mem_types[data.mem.value];
    if (data.offset) {
      TENON_TRY(
          const_expr(checker, scratch, *data.offset, valtype(m.addr), module_.global_types.size()));
    }
  }
  return {};
}

}  // namespace tenon::core

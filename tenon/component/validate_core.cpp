// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tenon/component/validate_impl.h"
#include "tenon/core/limits.h"
#include "tenon/core/read_types.h"
#include "tenon/core/validate.h"

namespace tenon::component {

// Core types, core modules and their types. Type indices become canonical indices of one registry,
// so that types of different modules compare.

namespace {

constexpr std::uint64_t max_pages_32 = 65536;
constexpr std::uint64_t max_pages_64 = std::uint64_t{1} << 48U;

/// What an index of a core type may name: everything below `end` that is not a module type.
bool is_type(const std::vector<Scope::CoreTypeEntry>* entries, std::uint32_t idx, std::size_t end) {
  return idx < end && (entries == nullptr || idx >= entries->size() || !(*entries)[idx].is_module);
}

}  // namespace

Result<core::ValType> Validator::core_val(core::ValType t, const std::vector<core::CanonIdx>& canon,
                                          const std::vector<Scope::CoreTypeEntry>* entries,
                                          std::size_t end) {
  if (!t.is_ref() || !t.heap().is_defined()) return t;
  const std::uint32_t idx = t.heap().index().value;
  if (!is_type(entries, idx, end)) return bad_index("type", idx, end);
  return core::ValType::ref(core::TypeIdx(canon[idx].value), t.nullable());
}

Result<void> Validator::core_limits(const core::ExternType& type) {
  const auto ordered = [&](const core::Limits& l, const char* what) -> Result<void> {
    if (l.max && *l.max < l.min) {
      return fail(rules::core_type,
                  fmt::format("{} minimum {} is larger than its maximum {}", what, l.min, *l.max));
    }
    return {};
  };
  if (type.kind == core::ExternKind::table) return ordered(type.table.limits, "table");
  if (type.kind != core::ExternKind::mem) return {};
  const std::uint64_t most = type.mem.addr == core::AddrType::i64 ? max_pages_64 : max_pages_32;
  if (type.mem.page_log2() == 16 &&
      std::max(type.mem.limits.min, type.mem.limits.max.value_or(0)) > most) {
    return fail(rules::core_type, fmt::format("memory size must be at most {} pages", most));
  }
  return ordered(type.mem.limits, "memory");
}

/// The decoder asks the same of a binary; what comes from text is asked here.
Result<void> Validator::core_val_gates(core::ValType t) const {
  const auto closed = core::closed_gate(features_, t);
  if (!closed) return {};
  return gate(*closed, fmt::format("the type `{}`", core::to_string(t)).c_str());
}

Result<void> Validator::core_type_gates(const core::SubType& type) const {
  if (type.explicit_rec) TENON_TRY(gate(core::Gate::gc, "a recursion group"));
  if (!type.final_ || !type.supers.empty()) TENON_TRY(gate(core::Gate::gc, "a subtype"));
  switch (type.type.kind) {
    case core::CompType::Kind::struct_:
      TENON_TRY(gate(core::Gate::gc, "a structure type"));
      TENON_TRY(gate(core::Gate::gc_types, "a structure type"));
      break;
    case core::CompType::Kind::array:
      TENON_TRY(gate(core::Gate::gc, "an array type"));
      TENON_TRY(gate(core::Gate::gc_types, "an array type"));
      break;
    case core::CompType::Kind::func:
      if (type.type.func.results.size() > 1)
        TENON_TRY(gate(core::Gate::multi_value, "more than one result"));
      break;
  }
  for (const core::ValType t : type.type.func.params) TENON_TRY(core_val_gates(t));
  for (const core::ValType t : type.type.func.results) TENON_TRY(core_val_gates(t));
  for (const core::FieldType& f : type.type.fields) {
    if (!f.type.is_packed()) TENON_TRY(core_val_gates(f.type));
  }
  return {};
}

Result<void> Validator::core_extern_gates(const core::ExternType& type) const {
  switch (type.kind) {
    case core::ExternKind::func:
      return {};
    case core::ExternKind::table:
      // `funcref` is the element type of every table since the first version.
      if (type.table.elem != core::funcref) TENON_TRY(core_val_gates(type.table.elem));
      if (type.table.shared)
        TENON_TRY(gate(core::Gate::shared_everything_threads, "a shared table"));
      return type.table.addr == core::AddrType::i64 ? gate(core::Gate::memory64, "a 64-bit table")
                                                    : Result<void>{};
    case core::ExternKind::mem:
      if (type.mem.shared) TENON_TRY(gate(core::Gate::threads, "a shared memory"));
      if (type.mem.page_size_log2) TENON_TRY(gate(core::Gate::custom_page_sizes, "a page size"));
      return type.mem.addr == core::AddrType::i64 ? gate(core::Gate::memory64, "a 64-bit memory")
                                                  : Result<void>{};
    case core::ExternKind::global:
      TENON_TRY(core_val_gates(type.global.type));
      if (type.global.shared)
        TENON_TRY(gate(core::Gate::shared_everything_threads, "a shared global"));
      return type.global.mutable_ ? gate(core::Gate::mutable_global, "a mutable global")
                                  : Result<void>{};
    case core::ExternKind::tag:
      return gate(core::Gate::exceptions, "a tag");
  }
  return {};
}

/// Makes the indices of an item's type canonical.
Result<core::ExternType> Validator::core_extern(const core::ExternType& type,
                                                const std::vector<core::CanonIdx>& canon,
                                                const std::vector<Scope::CoreTypeEntry>* entries) {
  core::ExternType out = type;
  const auto func = [&](core::TypeIdx idx) -> Result<core::TypeIdx> {
    if (!is_type(entries, idx.value, canon.size()))
      return bad_index("type", idx.value, canon.size());
    if (types_.core_types().kind(canon[idx.value]) != core::CompType::Kind::func) {
      return fail(rules::core_type, fmt::format("type {} is not a function type", idx.value));
    }
    return core::TypeIdx(canon[idx.value].value);
  };
  switch (type.kind) {
    case core::ExternKind::func:
      out.func = TENON_TRY(func(type.func));
      break;
    case core::ExternKind::table:
      out.table.elem = TENON_TRY(core_val(type.table.elem, canon, entries, canon.size()));
      break;
    case core::ExternKind::mem:
      break;
    case core::ExternKind::global:
      out.global.type = TENON_TRY(core_val(type.global.type, canon, entries, canon.size()));
      break;
    case core::ExternKind::tag:
      out.tag.type = TENON_TRY(func(type.tag.type));
      break;
  }
  TENON_TRY(core_limits(out));
  return out;
}

/// A recursion group of a component or module type. Spec: core/valid/types "Recursive Types".
Result<void> Validator::core_rec_group(const std::vector<core::SubType>& group, Scope& s) {
  TENON_TRY(within_limit(s.core_types.size() + group.size(), limits::index_space, "core types"));
  const auto begin = static_cast<std::uint32_t>(s.core_types.size());
  const auto size = static_cast<std::uint32_t>(group.size());
  const std::uint32_t end = begin + size;
  if (size == 0) return gate(core::Gate::gc, "a recursion group");
  const auto known = [&](core::ValType t) -> Result<void> {
    if (!t.is_ref() || !t.heap().is_defined()) return {};
    const std::uint32_t idx = t.heap().index().value;
    if (!is_type(&s.core_types, idx, end)) return bad_index("type", idx, end);
    return {};
  };
  for (std::uint32_t i = 0; i < size; ++i) {
    core::SubType type = group[i];
    TENON_TRY(core_type_gates(type));
    for (const core::ValType t : type.type.func.params) TENON_TRY(known(t));
    for (const core::ValType t : type.type.func.results) TENON_TRY(known(t));
    for (const core::FieldType& f : type.type.fields) TENON_TRY(known(f.type));
    if (type.supers.size() > 1) return fail(rules::core_type, "more than one supertype");
    if (!type.supers.empty() && !is_type(&s.core_types, type.supers[0].value, begin + i)) {
      return bad_index("type", type.supers[0].value, begin + i);
    }
    type.rec_begin = begin;
    type.rec_size = size;
    s.core_subtypes.push_back(std::move(type));
  }
  TENON_TRY(types_.core_types().intern_group(s.core_subtypes, begin, size, s.core_canon));
  for (std::uint32_t i = begin; i < end; ++i)
    s.core_types.push_back({false, s.core_canon[i].value});
  // Subtypes must match what they extend.
  const core::TypeRegistry& registry = types_.core_types();
  for (std::uint32_t i = begin; i < end; ++i) {
    const core::SubType& type = registry.type(s.core_canon[i]);
    if (type.supers.empty()) continue;
    // Matching takes steps for each supertype that is passed.
    if (registry.depth(s.core_canon[i]) > core::limits::subtyping_depth) {
      return fail(rules::limit, fmt::format("more than {} supertypes above core type {}",
                                            core::limits::subtyping_depth, i));
    }
    const core::SubType& super = registry.type(core::CanonIdx(type.supers[0].value));
    const auto each = [&](const std::vector<core::ValType>& a,
                          const std::vector<core::ValType>& b) {
      return std::ranges::equal(
          a, b, [&](core::ValType x, core::ValType y) { return registry.matches(x, y); });
    };
    bool ok = !super.final_ && super.type.kind == type.type.kind &&
              each(super.type.func.params, type.type.func.params) &&
              each(type.type.func.results, super.type.func.results) &&
              type.type.fields.size() >= super.type.fields.size();
    for (std::size_t f = 0; ok && f < super.type.fields.size(); ++f) {
      const core::FieldType& x = type.type.fields[f];
      const core::FieldType& y = super.type.fields[f];
      ok = x.mutable_ == y.mutable_ && registry.matches(x.type, y.type) &&
           (!x.mutable_ || registry.matches(y.type, x.type));
    }
    if (!ok) return fail(rules::core_type, fmt::format("type {} does not match its supertype", i));
  }
  return {};
}

Result<void> Validator::core_type(const CoreType& type) {
  if (!type.module_type) return core_rec_group(type.rec_group, scope());
  TENON_TRY(within_limit(scope().core_types.size(), limits::index_space, "core types"));
  const ModuleTid module = TENON_TRY(core_module_type(*type.module_type));
  scope().core_types.push_back({true, module.value});
  scope().core_subtypes.emplace_back();
  scope().core_canon.emplace_back();
  return {};
}

/// A module type has a type index space of its own. Spec: Explainer.md "Type Definitions".
Result<ModuleTid> Validator::core_module_type(const CoreModuleType& type) {
  TENON_TRY(at_most(type.decls.size(), limits::module_type_decls, "module type declarations"));
  Scope own(Scope::Kind::component_type);
  CoreModuleTypeInfo out;
  std::set<std::pair<std::string, std::string>> imports;
  for (const CoreModuleDecl& decl : type.decls) {
    if (const auto* d = std::get_if<CoreImportDecl>(&decl)) {
      TENON_TRY(core_extern_gates(d->type));
      const core::ExternType t = TENON_TRY(core_extern(d->type, own.core_canon, &own.core_types));
      if (!imports.emplace(d->module, d->name).second) {
        return fail(rules::core_import_twice,
                    fmt::format("duplicate import name `{}:{}`", d->module, d->name));
      }
      out.imports.push_back({d->module, d->name, t});
    } else if (const auto* t = std::get_if<CoreType>(&decl)) {
      if (t->module_type) return fail(rules::core_type, "a module type is inside a module type");
      TENON_TRY(core_rec_group(t->rec_group, own));
    } else if (const auto* a = std::get_if<CoreOuterAlias>(&decl)) {
      // Scope 0 is the module type itself.
      if (a->count > scopes_.size()) {
        return fail(rules::alias_outer,
                    fmt::format("invalid outer alias count of {}, there are {} scopes around",
                                a->count, scopes_.size()));
      }
      const Scope& from = a->count == 0 ? own : *scopes_[scopes_.size() - a->count];
      TENON_TRY(check_index(from.core_types, a->idx, "type"));
      if (from.core_types[a->idx].is_module) {
        return fail(rules::core_type, "an alias in a module type names a module type");
      }
      const Scope::CoreTypeEntry entry = from.core_types[a->idx];
      const core::CanonIdx canon = from.core_canon[a->idx];
      own.core_types.push_back(entry);
      own.core_subtypes.emplace_back();
      own.core_canon.push_back(canon);
    } else {
      const auto& d2 = std::get<CoreExportDecl>(decl);
      TENON_TRY(core_extern_gates(d2.type));
      const core::ExternType t2 = TENON_TRY(core_extern(d2.type, own.core_canon, &own.core_types));
      if (!out.add_export(d2.name, t2)) {
        return fail(rules::core_export_twice,
                    fmt::format("export name `{}` already defined", d2.name));
      }
    }
  }
  return types_.add(std::move(out));
}

/// The type of a module that is valid.
Result<ModuleTid> Validator::module_type_of(const core::Module& module) {
  const std::vector<core::CanonIdx> canon =
      TENON_TRY(types_.core_types().intern(module.types.raw()));
  CoreModuleTypeInfo out;
  std::set<std::pair<std::string_view, std::string_view>> imports;
  for (const core::Import& i : module.imports) {
    if (!imports.emplace(i.module, i.name).second) {
      return fail(rules::core_import_twice,
                  fmt::format("duplicate import name `{}:{}`", i.module, i.name));
    }
    const core::ExternType t = TENON_TRY(core_extern(i.type, canon, nullptr));
    out.imports.push_back({std::string(i.module), std::string(i.name), t});
  }
  for (const core::Export& e : module.exports) {
    const core::ExternType type = TENON_TRY(core_extern(core::type_of(module, e), canon, nullptr));
    out.add_export(std::string(e.name), type);
  }
  return types_.add(std::move(out));
}

Result<void> Validator::core_module(Component& component, std::uint32_t i, ComponentInfo& info) {
  auto& slot = std::get<std::unique_ptr<core::Module>>(component.definitions[i].def);
  auto valid = TENON_TRY(core::validate(std::move(*slot), features_));
  slot.reset();
  const ModuleTid type = TENON_TRY(module_type_of(*valid));
  info.modules.push_back(std::make_unique<const core::Validated<core::Module>>(std::move(valid)));
  return add_entity({ExternKind::core_module, type.value, {}});
}

// --- core items ----------------------------------------------------------------------------------

Result<void> Validator::add_core_item(const core::ExternType& type) {
  Scope& s = scope();
  const auto add = [&](auto& space, auto value, const char* what) -> Result<void> {
    TENON_TRY(within_limit(space.size(), limits::index_space, what));
    space.push_back(value);
    return {};
  };
  switch (type.kind) {
    case core::ExternKind::func:
      return add(s.core_funcs, core::CanonIdx(type.func.value), "core functions");
    case core::ExternKind::table:
      return add(s.core_tables, type.table, "tables");
    case core::ExternKind::mem:
      return add(s.core_mems, type.mem, "memories");
    case core::ExternKind::global:
      return add(s.core_globals, type.global, "globals");
    case core::ExternKind::tag:
      return add(s.core_tags, core::CanonIdx(type.tag.type.value), "tags");
  }
  return {};
}

Result<core::ExternType> Validator::core_item(CoreSortIdx item) {
  const Scope& s = scope();
  core::ExternType out;
  switch (item.sort) {
    case CoreSort::func:
      TENON_TRY(check_index(s.core_funcs, item.idx, "function"));
      out.kind = core::ExternKind::func;
      out.func = core::TypeIdx(s.core_funcs[item.idx].value);
      return out;
    case CoreSort::table:
      TENON_TRY(check_index(s.core_tables, item.idx, "table"));
      out.kind = core::ExternKind::table;
      out.table = s.core_tables[item.idx];
      return out;
    case CoreSort::memory:
      TENON_TRY(check_index(s.core_mems, item.idx, "memory"));
      out.kind = core::ExternKind::mem;
      out.mem = s.core_mems[item.idx];
      return out;
    case CoreSort::global:
      TENON_TRY(check_index(s.core_globals, item.idx, "global"));
      out.kind = core::ExternKind::global;
      out.global = s.core_globals[item.idx];
      return out;
    case CoreSort::tag:
      TENON_TRY(gate(core::Gate::exceptions, "a tag"));
      TENON_TRY(check_index(s.core_tags, item.idx, "tag"));
      out.kind = core::ExternKind::tag;
      out.tag.type = core::TypeIdx(s.core_tags[item.idx].value);
      return out;
    case CoreSort::type:
    case CoreSort::module:
    case CoreSort::instance:
      break;
  }
  return fail(rules::export_sort,
              "core instances export functions, tables, memories, globals and tags");
}

}  // namespace tenon::component

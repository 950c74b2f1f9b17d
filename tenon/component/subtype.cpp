// SPDX-License-Identifier: Apache-2.0
// Value and function types are interned, so equal types have equal indices; only unequal ones are
// walked, to explain the difference. Resources are nominal: matching first binds those that the
// expected type introduces to the actual ones, then compares under that substitution. Types that a
// substitution does not touch are shared, not copied.
// Spec: Explainer.md "Type Checking"
#include "tenon/component/subtype.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenon::component {

// --- substitution --------------------------------------------------------------------------------

std::optional<ResourceId> Substitution::find(ResourceId r) const {
  const auto it = resources_.find(r.value);
  if (it == resources_.end()) return std::nullopt;
  return it->second;
}

Tid Substitution::operator()(Tid t) {
  if (empty()) return t;
  if (const auto it = types_done_.find(t.value); it != types_done_.end()) return it->second;
  const Tid out = rewrite(t);
  types_done_.emplace(t.value, out);
  return out;
}

Tid Substitution::rewrite(Tid t) {
  switch (types_->kind(t)) {
    case TypeKind::resource: {
      const auto to = find(types_->resource(t));
      return to ? types_->add_resource(*to) : t;
    }
    case TypeKind::value: {
      bool changed = false;
      DefValType def = map_parts(
          types_->value(t).def,
          [&](ValType part) {
            const ValType to = (*this)(part);
            changed = changed || to != part;
            return to;
          },
          [&](TypeIdx r) {
            const Tid to = (*this)(Tid(r.value));
            changed = changed || to.value != r.value;
            return TypeIdx(to.value);
          });
      return changed ? types_->add(types_->make_value(std::move(def))) : t;
    }
    case TypeKind::func: {
      bool changed = false;
      const auto from = types_->parts(t);
      std::vector<ValType> parts(from.begin(), from.end());
      for (ValType& v : parts) {
        const ValType to = (*this)(v);
        changed = changed || to != v;
        v = to;
      }
      return changed ? types_->add_func(types_->shape(t), parts) : t;
    }
    case TypeKind::instance: {
      const InstancePayload& from = types_->instance(t);
      InstancePayload to;
      if (!rewrite(from.exports, to.exports)) return t;
      to.bound = from.bound;
      to.size = from.size;
      to.depth = from.depth;
      return types_->add(std::move(to));
    }
    case TypeKind::component: {
      const ComponentPayload& from = types_->component(t);
      ComponentPayload to;
      const bool imports = rewrite(from.imports, to.imports);
      if (!rewrite(from.exports, to.exports) && !imports) return t;
      to.import_bound = from.import_bound;
      to.export_bound = from.export_bound;
      to.size = from.size;
      to.depth = from.depth;
      return types_->add(std::move(to));
    }
  }
  return t;
}

Entity Substitution::operator()(const Entity& e) {
  Entity out = e;
  switch (e.kind) {
    case ExternKind::core_module:
      break;
    case ExternKind::value:
      out.value = (*this)(e.value);
      break;
    case ExternKind::func:
    case ExternKind::type:
    case ExternKind::component:
    case ExternKind::instance:
      out.id = (*this)(e.tid()).value;
      break;
  }
  return out;
}

bool Substitution::rewrite(const EntityMap& from, EntityMap& to) {
  bool changed = false;
  for (const EntityMap::Item& item : from.items()) {
    const Entity e = (*this)(item.entity);
    changed = changed || e.id != item.entity.id || e.value != item.entity.value;
    to.append(item.name, e);
  }
  return changed;
}

EntityMap Substitution::operator()(const EntityMap& map) {
  if (empty()) return map;
  EntityMap out;
  rewrite(map, out);
  return out;
}

// --- matching ------------------------------------------------------------------------------------

Reason Subtyping::bind(const Entity& actual, const Entity& expected,
                       const std::vector<ResourceId>& bound, Substitution& out) {
  if (actual.kind != expected.kind) return {};  // matching says so
  if (expected.kind == ExternKind::type) {
    if (types_->kind(expected.tid()) == TypeKind::resource) {
      const ResourceId wanted = types_->resource(expected.tid());
      const bool is_bound = std::ranges::find(bound, wanted) != bound.end();
      if (is_bound && !out.find(wanted)) {
        const TypeKind found = types_->kind(actual.tid());
        if (found != TypeKind::resource)
          return fmt::format("expected resource, found {}", noun(found));
        out.map(wanted, types_->resource(actual.tid()));
      }
    }
    return {};
  }
  if (expected.kind == ExternKind::instance) {
    const EntityMap& found = types_->instance(actual.tid()).exports;
    for (const EntityMap::Item& item : types_->instance(expected.tid()).exports.items()) {
      const Entity* e = found.find(item.name);
      if (e == nullptr) continue;
      if (auto why = bind(*e, item.entity, bound, out)) {
        return fmt::format("type mismatch in instance export `{}`: {}", item.name, *why);
      }
    }
  }
  return {};
}

void Subtyping::rename(const Entity& actual, const Entity& expected, Substitution& out) {
  if (expected.kind == ExternKind::type) return out.map(expected.tid(), actual.tid());
  if (expected.kind != ExternKind::instance) return;
  const EntityMap& found = types_->instance(actual.tid()).exports;
  for (const EntityMap::Item& item : types_->instance(expected.tid()).exports.items()) {
    if (const Entity* e = found.find(item.name)) rename(*e, item.entity, out);
  }
}

Reason Subtyping::match(const Entity& actual, const Entity& expected) {
  if (actual.kind != expected.kind) {
    return fmt::format("expected {}, found {}", noun(expected.kind), noun(actual.kind));
  }
  switch (expected.kind) {
    case ExternKind::core_module:
      return match_core_module(types_->core_types(), types_->module(actual.module()),
                               types_->module(expected.module()));
    case ExternKind::func:
      return match_func(actual.tid(), expected.tid());
    case ExternKind::value:
      return match_value(actual.value, expected.value);
    case ExternKind::type:
      return match_type(actual.tid(), expected.tid());
    case ExternKind::component:
      return match_component(actual.tid(), expected.tid());
    case ExternKind::instance:
      return match_instance_type(actual.tid(), expected.tid());
  }
  return {};
}

Reason Subtyping::match_type(Tid actual, Tid expected) {
  const TypeKind found = types_->kind(actual);
  const TypeKind wanted = types_->kind(expected);
  if (found != wanted) return fmt::format("expected {}, found {}", noun(wanted), noun(found));
  switch (wanted) {
    case TypeKind::value: {
      const ValType a = types_->value(actual).canon;
      const ValType b = types_->value(expected).canon;
      if (a == b) return {};
      if (b.is_prim() && !a.is_prim()) {
        return fmt::format("expected primitive, found {}", noun(types_->canon_value(a.index())));
      }
      return explain(a, b);
    }
    case TypeKind::func:
      return match_func(actual, expected);
    case TypeKind::resource:
      if (types_->resource(actual) != types_->resource(expected))
        return "resource types are not the same";
      return {};
    case TypeKind::component: {
      // Equality: each stands for the other.
      if (auto why = match_component(actual, expected)) return why;
      return match_component(expected, actual);
    }
    case TypeKind::instance: {
      if (auto why = match_instance_type(actual, expected)) return why;
      return match_instance_type(expected, actual);
    }
  }
  return {};
}

Reason Subtyping::match_func(Tid actual, Tid expected) {
  if (types_->func(actual).canon == types_->func(expected).canon) return {};
  const FuncType& a = types_->canon_func(types_->func(actual).canon);
  const FuncType& b = types_->canon_func(types_->func(expected).canon);
  if (a.async_ != b.async_) {
    return fmt::format("expected {} function, found {}", b.async_ ? "async" : "sync",
                       a.async_ ? "async" : "sync");
  }
  if (a.params.size() != b.params.size()) {
    return fmt::format("expected {} parameters, found {}", b.params.size(), a.params.size());
  }
  for (std::size_t i = 0; i < a.params.size(); ++i) {
    if (a.params[i].label != b.params[i].label) {
      return fmt::format("expected parameter named `{}`, found `{}`", b.params[i].label,
                         a.params[i].label);
    }
    if (auto why = explain(a.params[i].type, b.params[i].type)) {
      return fmt::format("type mismatch in function parameter `{}`: {}", a.params[i].label, *why);
    }
  }
  if (a.result.has_value() != b.result.has_value()) {
    return b.result ? "expected a result, found none" : "expected no result, found one";
  }
  if (a.result) {
    if (auto why = explain(*a.result, *b.result)) return "type mismatch with result type: " + *why;
  }
  return {};
}

Reason Subtyping::match_instance(const EntityMap& actual, const EntityMap& expected) {
  for (const EntityMap::Item& item : expected.items()) {
    const Entity* found = actual.find(item.name);
    if (found == nullptr) return fmt::format("missing expected export `{}`", item.name);
    if (auto why = match(*found, item.entity)) {
      return fmt::format("type mismatch in instance export `{}`: {}", item.name, *why);
    }
  }
  return {};
}

Reason Subtyping::match_instance_type(Tid actual, Tid expected) {
  if (types_->payload(actual) == types_->payload(expected)) return {};
  const std::vector<ResourceId>& bound = types_->instance(expected).bound;
  if (bound.empty())
    return match_instance(types_->instance(actual).exports, types_->instance(expected).exports);
  // An instance type as such: its own resources stand for those of the other.
  Substitution opened(*types_);
  if (auto why = bind(Entity::of(ExternKind::instance, actual),
                      Entity::of(ExternKind::instance, expected), bound, opened)) {
    return why;
  }
  const EntityMap wanted = opened(types_->instance(expected).exports);
  return match_instance(types_->instance(actual).exports, wanted);
}

/// Matches `actual` items against wanted ones that introduce resources: these become known in
/// `out`.
Reason Subtyping::match_opened(const EntityMap& actual, const EntityMap& expected,
                               const std::vector<ResourceId>& bound, Substitution& out,
                               const char* what) {
  for (const EntityMap::Item& item : expected.items()) {
    const Entity* found = actual.find(item.name);
    if (found == nullptr) return fmt::format("missing {} named `{}`", what, item.name);
    if (auto why = bind(*found, item.entity, bound, out)) {
      return fmt::format("type mismatch for {} `{}`: {}", what, item.name, *why);
    }
  }
  for (const EntityMap::Item& item : expected.items()) {
    const Entity wanted = out(item.entity);
    if (auto why = match(*actual.find(item.name), wanted)) {
      return fmt::format("type mismatch for {} `{}`: {}", what, item.name, *why);
    }
  }
  return {};
}

/// What `expected` imports must satisfy what `actual` imports; then what `actual` exports must
/// satisfy what `expected` exports.
Reason Subtyping::match_component(Tid actual, Tid expected) {
  if (types_->payload(actual) == types_->payload(expected)) return {};
  const ComponentPayload& a = types_->component(actual);
  const ComponentPayload& b = types_->component(expected);
  Substitution given(*types_);
  if (auto why = match_opened(b.imports, a.imports, a.import_bound, given, "import")) return why;
  const EntityMap exports = given(a.exports);
  Substitution opened(*types_);
  return match_opened(exports, b.exports, b.export_bound, opened, "export");
}

Reason Subtyping::match_value(ValType actual, ValType expected) {
  return explain(types_->canon(actual), types_->canon(expected));
}

/// Both canonical. Only unequal types are walked.
Reason Subtyping::explain(ValType actual, ValType expected) {
  if (actual == expected) return {};
  if (actual.is_prim() && expected.is_prim()) {
    return fmt::format("expected primitive `{}` found primitive `{}`", to_string(expected.prim()),
                       to_string(actual.prim()));
  }
  if (actual.is_prim() || expected.is_prim()) {
    const auto name = [&](ValType t) {
      return t.is_prim() ? to_string(t.prim()) : noun(types_->canon_value(t.index()));
    };
    return fmt::format("expected {}, found {}", name(expected), name(actual));
  }
  return explain_defined(types_->canon_value(actual.index()),
                         types_->canon_value(expected.index()));
}

Reason Subtyping::explain_records(const Record& a, const Record& b) {
  if (a.fields.size() != b.fields.size()) {
    return fmt::format("expected {} fields, found {}", b.fields.size(), a.fields.size());
  }
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    if (a.fields[i].label != b.fields[i].label) {
      return fmt::format("expected field name `{}`, found `{}`", b.fields[i].label,
                         a.fields[i].label);
    }
    if (const Reason why = explain(a.fields[i].type, b.fields[i].type)) {
      return fmt::format("type mismatch in record field `{}`: {}", b.fields[i].label, *why);
    }
  }
  return {};
}

Reason Subtyping::explain_variants(const Variant& a, const Variant& b) {
  if (a.cases.size() != b.cases.size()) {
    return fmt::format("expected {} cases, found {}", b.cases.size(), a.cases.size());
  }
  for (std::size_t i = 0; i < a.cases.size(); ++i) {
    const Case& x = a.cases[i];
    const Case& y = b.cases[i];
    if (x.label != y.label)
      return fmt::format("expected case named `{}`, found `{}`", y.label, x.label);
    if (x.type && !y.type) return fmt::format("expected case `{}` to have no type", y.label);
    if (!x.type && y.type)
      return fmt::format("expected case `{}` to have a type, found none", y.label);
    if (!x.type) continue;
    if (const Reason why = explain(*x.type, *y.type)) {
      return fmt::format("type mismatch in variant case `{}`: {}", y.label, *why);
    }
  }
  return {};
}

Reason Subtyping::explain_defined(const DefValType& actual, const DefValType& expected) {
  if (actual.index() != expected.index()) {
    return fmt::format("expected {}, found {}", noun(expected), noun(actual));
  }
  const auto optional = [&](const std::optional<ValType>& a, const std::optional<ValType>& b,
                            const char* what) -> Reason {
    if (a && !b) return fmt::format("expected {} type to not be present", what);
    if (!a && b) return fmt::format("expected {} type, but found none", what);
    if (!a) return {};
    auto why = explain(*a, *b);
    if (!why) return {};
    return fmt::format("type mismatch in {} variant: {}", what, *why);
  };
  const auto in = [&](ValType a, ValType b, const std::string& where) -> Reason {
    auto why = explain(a, b);
    if (!why) return {};
    return fmt::format("type mismatch in {}: {}", where, *why);
  };
  return std::visit(
      overloaded{
          [](PrimValType, PrimValType) -> Reason { return {}; },
          [&](const Record& a, const Record& b) { return explain_records(a, b); },
          [&](const Variant& a, const Variant& b) { return explain_variants(a, b); },
          [&](const List& a, const List& b) -> Reason {
            if (a.length != b.length) {
              const auto length = [](const List& l) {
                return l.length ? std::to_string(*l.length) : "any";
              };
              return fmt::format("expected a list of length {}, found {}", length(b), length(a));
            }
            return in(a.elem, b.elem, "list elements");
          },
          [&](const Tuple& a, const Tuple& b) -> Reason {
            if (a.types.size() != b.types.size()) {
              return fmt::format("expected {} types, found {}", b.types.size(), a.types.size());
            }
            for (std::size_t i = 0; i < a.types.size(); ++i) {
              if (auto why = in(a.types[i], b.types[i], fmt::format("tuple field {}", i)))
                return why;
            }
            return {};
          },
          [](const Flags&, const Flags&) -> Reason { return "mismatch in flags elements"; },
          [](const Enum&, const Enum&) -> Reason { return "mismatch in enum elements"; },
          [&](const Option& a, const Option& b) { return in(a.type, b.type, "option"); },
          [&](const ResultType& a, const ResultType& b) -> Reason {
            if (auto why = optional(a.ok, b.ok, "ok")) return why;
            return optional(a.err, b.err, "err");
          },
          [](const Own&, const Own&) -> Reason { return "resource types are not the same"; },
          [](const Borrow&, const Borrow&) -> Reason { return "resource types are not the same"; },
          [&](const Stream& a, const Stream& b) { return optional(a.type, b.type, "stream"); },
          [&](const Future& a, const Future& b) { return optional(a.type, b.type, "future"); },
          [&](const Map& a, const Map& b) -> Reason {
            if (auto why = in(a.key, b.key, "map keys")) return why;
            return in(a.value, b.value, "map values");
          },
          [](const auto&, const auto&) -> Reason { return {}; },
      },
      actual, expected);
}

// --- core types ----------------------------------------------------------------------------------

std::string to_string(const core::FuncType& type) {
  const auto list = [](const std::vector<core::ValType>& types) {
    std::string out;
    for (const core::ValType t : types) out += (out.empty() ? "" : " ") + core::to_string(t);
    return out;
  };
  return fmt::format("[{}] -> [{}]", list(type.params), list(type.results));
}

namespace {

std::string_view noun(core::ExternKind kind) {
  switch (kind) {
    case core::ExternKind::func:
      return "func";
    case core::ExternKind::table:
      return "table";
    case core::ExternKind::mem:
      return "memory";
    case core::ExternKind::global:
      return "global";
    case core::ExternKind::tag:
      return "tag";
  }
  return {};
}

/// `(func (param i32) (result i32))`.
std::string func_text(const core::FuncType& type) {
  std::string out = "(func";
  const auto list = [&](const char* what, const std::vector<core::ValType>& types) {
    if (types.empty()) return;
    out += fmt::format(" ({}", what);
    for (const core::ValType t : types) out += " " + core::to_string(t);
    out += ")";
  };
  list("param", type.params);
  list("result", type.results);
  return out + ")";
}

Reason match_limits(const core::Limits& actual, const core::Limits& expected, const char* what) {
  if (core::matches(actual, expected)) return {};
  const auto text = [](const core::Limits& l) {
    return l.max ? fmt::format("{} to {}", l.min, *l.max) : fmt::format("{} or more", l.min);
  };
  return fmt::format("mismatch in {} limits: expected {}, found {}", what, text(expected),
                     text(actual));
}

Reason match_func_type(const core::TypeRegistry& types, core::TypeIdx actual,
                       core::TypeIdx expected, bool sub) {
  const core::CanonIdx a(actual.value);
  const core::CanonIdx b(expected.value);
  if (a == b || (sub && types.matches(a, b))) return {};
  return fmt::format("expected: {}, found: {}", func_text(types.type(b).type.func),
                     func_text(types.type(a).type.func));
}

Reason match_global(const core::TypeRegistry& types, const core::GlobalType& actual,
                    const core::GlobalType& expected) {
  if (actual.mutable_ != expected.mutable_) {
    return fmt::format("expected a {} global, found a {} one",
                       expected.mutable_ ? "mutable" : "constant",
                       actual.mutable_ ? "mutable" : "constant");
  }
  const bool same = types.matches(actual.type, expected.type) &&
                    (!expected.mutable_ || types.matches(expected.type, actual.type));
  if (same && actual.shared == expected.shared) return {};
  return fmt::format("expected global type {}, found {}", core::to_string(expected.type),
                     core::to_string(actual.type));
}

Reason match_table(const core::TypeRegistry& types, const core::TableType& actual,
                   const core::TableType& expected) {
  const bool same =
      types.matches(actual.elem, expected.elem) && types.matches(expected.elem, actual.elem);
  if (!same) {
    return fmt::format("expected table element type {}, found {}", core::to_string(expected.elem),
                       core::to_string(actual.elem));
  }
  if (actual.addr != expected.addr) return "mismatch in the index type of tables";
  if (actual.shared != expected.shared) return "mismatch in the shared flag for tables";
  return match_limits(actual.limits, expected.limits, "table");
}

Reason match_memory(const core::MemType& actual, const core::MemType& expected) {
  if (actual.shared != expected.shared) return "mismatch in the shared flag for memories";
  if (actual.addr != expected.addr) return "mismatch in index type used for memories";
  if (actual.page_log2() != expected.page_log2()) return "mismatch in the page size of memories";
  return match_limits(actual.limits, expected.limits, "memory");
}

}  // namespace

Reason match_core(const core::TypeRegistry& types, const core::ExternType& actual,
                  const core::ExternType& expected) {
  if (actual.kind != expected.kind) {
    return fmt::format("expected {}, found {}", noun(expected.kind), noun(actual.kind));
  }
  switch (expected.kind) {
    case core::ExternKind::func:
      return match_func_type(types, actual.func, expected.func, true);
    case core::ExternKind::table:
      return match_table(types, actual.table, expected.table);
    case core::ExternKind::mem:
      return match_memory(actual.mem, expected.mem);
    case core::ExternKind::global:
      return match_global(types, actual.global, expected.global);
    case core::ExternKind::tag:
      return match_func_type(types, actual.tag.type, expected.tag.type, false);
  }
  return {};
}

std::string import_key(std::string_view module, std::string_view name) {
  return fmt::format("{}:{}{}", module.size(), module, name);
}

Reason match_core_module(const core::TypeRegistry& types, const CoreModuleTypeInfo& actual,
                         const CoreModuleTypeInfo& expected) {
  std::unordered_map<std::string, const core::ExternType*> provided;
  for (const CoreModuleTypeInfo::Import& i : expected.imports) {
    provided.emplace(import_key(i.module, i.name), &i.type);
  }
  for (const CoreModuleTypeInfo::Import& i : actual.imports) {
    const auto it = provided.find(import_key(i.module, i.name));
    if (it == provided.end())
      return fmt::format("missing expected import `{}::{}`", i.module, i.name);
    if (auto why = match_core(types, *it->second, i.type)) {
      return fmt::format("type mismatch in import `{}::{}`: {}", i.module, i.name, *why);
    }
  }
  for (const auto& [name, type] : expected.exports) {
    const core::ExternType* found = actual.find(name);
    if (found == nullptr) return fmt::format("missing expected export `{}`", name);
    if (auto why = match_core(types, *found, type)) {
      return fmt::format("type mismatch in export `{}`: {}", name, *why);
    }
  }
  return {};
}

}  // namespace tenon::component

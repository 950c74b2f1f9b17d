// SPDX-License-Identifier: Apache-2.0
// Type indices become `Tid`s as soon as they are read, so that types compare across scopes. Rules
// are checked here even if the decoder has checked them, because components also come from text.
// Labels of small types are compared in pairs, without allocating.
// Spec: Binary.md "Type Definitions"
#include <fmt/format.h>

#include <algorithm>

#include "tenon/component/validate_impl.h"

namespace tenon::component {

namespace {

/// Types that a key of a map may have. Spec: Explainer.md "Type Definitions" (keytype).
bool is_key_type(ValType type) {
  if (!type.is_prim()) return false;
  const PrimValType p = type.prim();
  return p != PrimValType::f32 && p != PrimValType::f64 && p != PrimValType::error_context;
}

/// So many labels are compared pairwise: nothing is allocated for them.
constexpr std::size_t few = 8;

bool any_conflict(const std::vector<std::string_view>& labels) {
  for (std::size_t i = 1; i < labels.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (types::same_key(labels[i], labels[k])) return true;
    }
  }
  return false;
}

const std::string* conflict(const std::vector<std::string>& keys, std::vector<std::size_t>& order,
                            std::size_t& at) {
  for (std::size_t i = 0; i < keys.size(); ++i) order.push_back(i);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return keys[a] != keys[b] ? keys[a] < keys[b] : a < b;
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (keys[order[i - 1]] == keys[order[i]]) {
      at = i;
      return &keys[order[i]];
    }
  }
  return nullptr;
}

}  // namespace

/// Labels of one type: in kebab case and strongly unique. Spec: Binary.md "Type Definitions".
Result<void> Validator::labels(const std::vector<std::string_view>& labels, const char* what,
                               const char* previous) {
  for (const std::string_view label : labels) {
    if (label.empty()) return fail(rules::label, fmt::format("{} name cannot be empty", what));
    if (!types::is_label(label))
      return fail(rules::label, fmt::format("{} name `{}` is not in kebab case", what, label));
  }
  if (labels.size() <= few && !any_conflict(labels)) return {};
  std::vector<std::string> keys;
  keys.reserve(labels.size());
  for (const std::string_view label : labels) keys.push_back(types::unique_key(label));
  std::vector<std::size_t> order;
  std::size_t at = 0;
  if (conflict(keys, order, at) == nullptr) return {};
  return fail(rules::label, fmt::format("{} name `{}` conflicts with previous {} name `{}`", what,
                                        labels[order[at]], previous, labels[order[at - 1]]));
}

Result<void> Validator::measured(TypeTable::Measure m) {
  if (m.size > limits::type_size) {
    return fail(rules::limit,
                fmt::format("effective type size exceeds the limit of {}", limits::type_size));
  }
  if (m.depth > limits::type_depth) {
    return fail(rules::depth,
                fmt::format("type nesting is too deep, at most {}", limits::type_depth));
  }
  return {};
}

Result<Tid> Validator::type_at(TypeIdx idx) const {
  const Scope& s = *scopes_.back();
  if (idx.value >= s.types.size()) return bad_index("type", idx.value, s.types.size());
  return s.types[idx.value];
}

/// A type index of the component's index space as a Tid. Spec: Binary.md "Type Definitions"
/// (valtype).
Result<ValType> Validator::val(ValType t) {
  if (t.is_prim()) {
    if (t.prim() == PrimValType::error_context) {
      TENON_TRY(gate(core::Gate::cm_error_context, "`error-context`"));
    }
    return t;
  }
  const Tid tid = TENON_TRY(type_at(t.index()));
  if (types_.kind(tid) != TypeKind::value) {
    return fail(rules::type_sort,
                fmt::format("type index {} is not a defined type, it is a {} type", t.index().value,
                            noun(types_.kind(tid))));
  }
  return TypeTable::val(tid);
}

Result<Tid> Validator::resource_operand(TypeIdx idx) {
  const Tid tid = TENON_TRY(type_at(idx));
  if (types_.kind(tid) != TypeKind::resource) {
    return fail(rules::not_resource, fmt::format("type index {} is not a resource type, it is a {}",
                                                 idx.value, noun(types_.kind(tid))));
  }
  return tid;
}

/// The rules of each constructor that are apart from its parts. Spec: Binary.md "Type
/// Definitions".
Result<void> Validator::record_rules(const DefValType& def) {
  const auto members = [&](bool ok, const char* detail) -> Result<void> {
    if (!ok) return fail(rules::members, detail);
    return {};
  };
  const auto views = [](const auto& items, auto get) {
    std::vector<std::string_view> out;
    for (const auto& item : items) out.push_back(get(item));
    return out;
  };
  const auto self = [](const std::string& s) -> std::string_view { return s; };
  return std::visit(
      overloaded{
          [&](const Record& r) -> Result<void> {
            TENON_TRY(members(!r.fields.empty(), "record type must have at least one field"));
            TENON_TRY(at_most(r.fields.size(), limits::members, "fields"));
            return labels(
                views(r.fields, [](const LabelValType& f) -> std::string_view { return f.label; }),
                "record field", "field");
          },
          [&](const Variant& v) -> Result<void> {
            TENON_TRY(members(!v.cases.empty(), "variant type must have at least one case"));
            TENON_TRY(at_most(v.cases.size(), limits::members, "cases"));
            return labels(views(v.cases, [](const Case& c) -> std::string_view { return c.label; }),
                          "variant case", "case");
          },
          [&](const Tuple& t) -> Result<void> {
            TENON_TRY(members(!t.types.empty(), "tuple type must have at least one type"));
            return at_most(t.types.size(), limits::members, "tuple types");
          },
          [&](const Flags& f) -> Result<void> {
            TENON_TRY(members(!f.labels.empty(), "flags must have at least one entry"));
            TENON_TRY(
                members(f.labels.size() <= limits::flags_labels, "cannot have more than 32 flags"));
            return labels(views(f.labels, self), "flag", "flag");
          },
          [&](const Enum& e) -> Result<void> {
            TENON_TRY(members(!e.labels.empty(), "enum type must have at least one variant"));
            TENON_TRY(at_most(e.labels.size(), limits::members, "enum cases"));
            return labels(views(e.labels, self), "enum tag", "tag");
          },
          [&](const List& l) -> Result<void> {
            if (!l.length) return {};
            TENON_TRY(gate(core::Gate::cm_fixed_length_lists, "a fixed-length list"));
            return members(*l.length > 0, "fixed-length lists must have more than zero elements");
          },
          [&](const Stream& s) -> Result<void> {
            TENON_TRY(gate(core::Gate::cm_async, "`stream`"));
            if (s.type && *s.type == ValType(PrimValType::char_))
              return fail(rules::stream_char, {});
            if (s.type && !s.type->is_prim() &&
                types_.canon(*s.type) == ValType(PrimValType::char_)) {
              return fail(rules::stream_char, {});
            }
            return {};
          },
          [&](const Future&) { return gate(core::Gate::cm_async, "`future`"); },
          [&](const Map& m) -> Result<void> {
            TENON_TRY(gate(core::Gate::cm_map, "`map`"));
            if (is_key_type(types_.canon(m.key))) return {};
            return fail(rules::map_key, "a key is a bool, an integer, a char or a string");
          },
          [](const auto&) -> Result<void> { return {}; },
      },
      def);
}

Result<Tid> Validator::value_type(const DefValType& def) {
  if (const auto* prim = std::get_if<PrimValType>(&def)) {
    [[maybe_unused]] const ValType checked = TENON_TRY(val(*prim));
    return types_.add(types_.make_value(def));
  }
  // Indices become Tids; the first bad one is kept.
  std::optional<Error> error;
  const auto part = [&](ValType t) -> ValType {
    if (error) return PrimValType::bool_;
    auto mapped = val(t);
    if (mapped) return *mapped;
    error = std::move(mapped).error();
    return PrimValType::bool_;
  };
  const auto resource = [&](TypeIdx idx) -> TypeIdx {
    if (error) return idx;
    auto mapped = resource_operand(idx);
    if (mapped) return TypeIdx(mapped->value);
    error = std::move(mapped).error();
    return idx;
  };
  DefValType mapped = map_parts(def, part, resource);
  if (error) return std::unexpected(std::move(*error));
  TENON_TRY(record_rules(mapped));
  ValuePayload payload = types_.make_value(std::move(mapped));
  const ValueFacts facts = types_.facts(payload.canon);
  const bool async_value =
      std::holds_alternative<Stream>(payload.def) || std::holds_alternative<Future>(payload.def);
  if (async_value && facts.has_borrow) {
    return fail(rules::borrow_place,
                fmt::format("`{}` element type cannot contain a `borrow` type", noun(payload.def)));
  }
  TENON_TRY(measured({facts.size, facts.depth}));
  if (facts.layout.size >= limits::elem_size) {
    return fail(
        rules::elem_size,
        fmt::format(
            "{} exceeds maximum byte size: found {} with 64-bit pointers, wanted less than {}",
            noun(payload.def), facts.layout.size, limits::elem_size));
  }
  return types_.add(std::move(payload));
}

Result<Tid> Validator::func_type(const FuncType& type) {
  if (type.async_) TENON_TRY(gate(core::Gate::cm_async, "an async function type"));
  TENON_TRY(at_most(type.params.size(), limits::params, "parameters"));
  parts_.clear();
  names_.clear();
  for (const LabelValType& p : type.params) {
    const ValType part = TENON_TRY(val(p.type));
    parts_.push_back(part);
    names_.push_back(p.label);
  }
  TENON_TRY(labels(names_, "function parameter", "parameter"));
  if (type.result) {
    const ValType result = TENON_TRY(val(*type.result));
    if (!result.is_prim() && types_.facts(TypeTable::tid(result)).has_borrow) {
      return fail(rules::borrow_place, "function result cannot contain a `borrow` type");
    }
    parts_.push_back(result);
  }
  const Tid out = types_.add_func(type, parts_);
  TENON_TRY(measured(types_.measure(Entity::of(ExternKind::func, out))));
  return out;
}

/// Spec: Binary.md "Type Definitions" (resourcetype).
Result<void> Validator::resource_type(const ResourceType& r) {
  if (scope().kind != Scope::Kind::component) return fail(rules::resource_place, {});
  const bool i64 = r.rep == core::ValType(core::TypeCode::i64);
  if (r.rep != core::ValType(core::TypeCode::i32) && !(i64 && features_.has(core::Gate::cm64))) {
    return fail(rules::resource_rep,
                fmt::format("resources can only be represented by `i32`, found `{}`",
                            core::to_string(r.rep)));
  }
  if (!r.dtor) return {};
  const core::CanonIdx f = TENON_TRY(func_signature(*r.dtor));
  const core::FuncType wanted{{r.rep}, {}};
  const core::FuncType& found = types_.core_types().type(f).type.func;
  if (found == wanted) return {};
  return fail(rules::dtor, fmt::format("core function {} has type {}, wanted {}", r.dtor->value,
                                       to_string(found), to_string(wanted)));
}

Result<void> Validator::type_definition(const Type& t, Resolver& resolver, DefinitionInfo& def) {
  TENON_TRY(within_limit(scope().types.size(), limits::index_space, "types"));
  if (const auto* r = std::get_if<ResourceType>(&t.def)) {
    TENON_TRY(resource_type(*r));
    const Tid tid = types_.fresh_resource_type();
    const ResourceId id = types_.resource(tid);
    scope().export_bound.push_back(id);
    scope().resources[id.value] = {ResourceInfo::Origin::defined, {}, r->rep, r->dtor};
    scope().types.push_back(tid);
    def.info = resolver.resource(id).value;
    return {};
  }
  const Tid tid = TENON_TRY(type(t));
  scope().types.push_back(tid);
  return {};
}

Result<Tid> Validator::type(const Type& type) {
  return std::visit(overloaded{
                        [&](const DefValType& t) { return value_type(t); },
                        [&](const FuncType& t) { return func_type(t); },
                        [&](const ComponentType& t) { return component_type(t); },
                        [&](const InstanceType& t) { return instance_type(t); },
                        [&](const ResourceType& t) -> Result<Tid> {
                          TENON_TRY(resource_type(t));
                          return types_.fresh_resource_type();
                        },
                    },
                    type.def);
}

// --- component and instance types ----------------------------------------------------------------

Result<Tid> Validator::component_type(const ComponentType& type) {
  if (scopes_.size() >= limits::component_depth) {
    return fail(rules::depth, fmt::format("more than {} scopes", limits::component_depth));
  }
  TENON_TRY(at_most(type.decls.size(), limits::type_decls, "declarations"));
  scopes_.push_back(std::make_unique<Scope>(Scope::Kind::component_type));
  for (const Decl& d : type.decls) TENON_TRY(decl(d));
  const Tid out = component_type_of(scope());
  scopes_.pop_back();
  TENON_TRY(measured({types_.component(out).size, types_.component(out).depth}));
  return out;
}

Result<Tid> Validator::instance_type(const InstanceType& type) {
  if (scopes_.size() >= limits::component_depth) {
    return fail(rules::depth, fmt::format("more than {} scopes", limits::component_depth));
  }
  TENON_TRY(at_most(type.decls.size(), limits::type_decls, "declarations"));
  scopes_.push_back(std::make_unique<Scope>(Scope::Kind::instance_type));
  for (const Decl& d : type.decls) TENON_TRY(decl(d));
  InstancePayload payload;
  payload.exports = std::move(scope().exports.items);
  payload.bound = scope().export_bound;
  scopes_.pop_back();
  types_.measure(payload);
  TENON_TRY(measured({payload.size, payload.depth}));
  return types_.add(std::move(payload));
}

Result<void> Validator::decl(const Decl& decl) {
  const auto named = [&](const ExternName& n, const ExternType& t, Direction d) -> Result<void> {
    NameScope& names = d == Direction::import_ ? scope().imports : scope().exports;
    std::vector<ResourceId> fresh;
    const Entity e = TENON_TRY(extern_type(t, &fresh));
    for (const ResourceId r : fresh) own_resource(r, d, ResourceInfo::Origin::bound, n.name);
    if (d == Direction::export_) TENON_TRY(exportable(e));
    TENON_TRY(visible(n, d, e));
    TENON_TRY(name(names, d, n, e));
    return add_entity(e);
  };
  return std::visit(
      overloaded{
          [&](const CoreType& t) { return core_type(t); },
          [&](const Type& t) -> Result<void> {
            TENON_TRY(within_limit(scope().types.size(), limits::index_space, "types"));
            const Tid tid = TENON_TRY(type(t));
            scope().types.push_back(tid);
            return {};
          },
          [&](const Alias& a) { return alias(a); },
          [&](const ImportDecl& d) { return named(d.name, d.type, Direction::import_); },
          [&](const ExportDecl& d) { return named(d.name, d.type, Direction::export_); },
      },
      decl);
}

Entity Validator::open(const Entity& e, std::vector<ResourceId>& fresh) {
  if (e.kind != ExternKind::instance) return e;
  const InstancePayload& from = types_.instance(e.tid());
  if (from.bound.empty()) return e;
  Substitution opened(types_);
  for (const ResourceId r : from.bound) {
    const ResourceId own = types_.fresh_resource();
    opened.map(r, own);
    fresh.push_back(own);
  }
  InstancePayload to;
  to.exports = opened(from.exports);
  to.size = from.size;
  to.depth = from.depth;
  return Entity::of(ExternKind::instance, types_.add(std::move(to)));
}

/// The type of an import, export declaration or ascription. Resources that it introduces are fresh
/// and put into `fresh`. Spec: Binary.md "Type Definitions" (externtype).
Result<Entity> Validator::extern_type(const ExternType& type, std::vector<ResourceId>* fresh) {
  const auto of_kind = [&](TypeKind kind, const char* what) -> Result<Entity> {
    const Tid tid = TENON_TRY(type_at(TypeIdx(type.idx)));
    if (types_.kind(tid) != kind) {
      return fail(rules::type_sort, fmt::format("type index {} is not {} type, it is a {} type",
                                                type.idx, what, noun(types_.kind(tid))));
    }
    return Entity::of(type.kind, tid);
  };
  switch (type.kind) {
    case ExternKind::core_module: {
      TENON_TRY(check_index(scope().core_types, type.idx, "type"));
      const Scope::CoreTypeEntry& entry = scope().core_types[type.idx];
      if (!entry.is_module) {
        return fail(rules::type_sort,
                    fmt::format("core type index {} is not a module type", type.idx));
      }
      return Entity{ExternKind::core_module, entry.id, {}};
    }
    case ExternKind::func:
      return of_kind(TypeKind::func, "a function");
    case ExternKind::component:
      return of_kind(TypeKind::component, "a component");
    case ExternKind::instance: {
      const Entity e = TENON_TRY(of_kind(TypeKind::instance, "an instance"));
      if (!types_.instance(e.tid()).bound.empty()) TENON_TRY(spend(types_.instance(e.tid()).size));
      return open(e, *fresh);
    }
    case ExternKind::type: {
      if (type.bound == TypeBoundKind::eq) {
        const Tid tid = TENON_TRY(type_at(TypeIdx(type.idx)));
        const Tid created = types_.alias(tid);
        equal_to_.emplace(created.value, tid);
        return Entity::of(ExternKind::type, created);
      }
      const Tid tid = types_.fresh_resource_type();
      fresh->push_back(types_.resource(tid));
      return Entity::of(ExternKind::type, tid);
    }
    case ExternKind::value: {
      TENON_TRY(gate(core::Gate::cm_values, "a value import or export"));
      if (type.value_eq) {
        TENON_TRY(check_index(scope().values, type.idx, "value"));
        return Entity{ExternKind::value, 0, scope().values[type.idx].type};
      }
      const ValType t = TENON_TRY(val(type.value_type));
      return Entity{ExternKind::value, 0, t};
    }
  }
  return fail(rules::type_sort, "an unknown sort");
}

}  // namespace tenon::component

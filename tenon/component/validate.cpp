// SPDX-License-Identifier: Apache-2.0
// Definitions are validated in order, each against the index spaces before it; what they resolve to
// is recorded in `ComponentInfo`, and nothing later looks a type up again. Types can be shared so
// often that walking them is exponential: walks are charged to a budget and remembered for each
// type.
// Spec: Explainer.md "Component Definitions"
#include "tenon/component/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/component/extern_kind.h"
#include "tenon/component/validate_impl.h"

namespace tenon::component {

// --- shared --------------------------------------------------------------------------------------

std::unexpected<Error> Validator::bad_index(const char* what, std::size_t idx,
                                            std::size_t size) const {
  return fail(rules::index,
              fmt::format("unknown {0}, {0} index out of bounds: found {1}, {2} defined so far",
                          what, idx, size));
}

Result<void> Validator::gate(core::Gate gate, const char* what) const {
  if (features_.has(gate)) return {};
  const std::string_view name = core::to_string(gate);
  Error error(rules::feature_off, span_, fmt::format("{} needs `{}`", what, name));
  return std::unexpected(std::move(error).help(fmt::format("pass --features {}", name)));
}

Result<void> Validator::within_limit(std::size_t size, std::uint32_t limit,
                                     const char* what) const {
  if (size < limit) return {};
  return fail(rules::limit, fmt::format("more than {} {}", limit, what));
}

/// The decoder has refused more already; what was read from text comes here first.
Result<void> Validator::at_most(std::size_t size, std::uint32_t limit, const char* what) const {
  if (size <= limit) return {};
  return fail(rules::limit, fmt::format("{} {}, at most {}", size, what, limit));
}

Result<void> Validator::spend(std::uint32_t size) {
  if (size > budget_) {
    return fail(rules::limit, fmt::format("the types of all instances have more than {} parts",
                                          limits::instantiated_size));
  }
  budget_ -= size;
  return {};
}

Result<void> Validator::walk(std::uint32_t size) {
  if (size > steps_) {
    return fail(rules::limit,
                fmt::format("more than {} parts of types to walk", limits::type_steps));
  }
  steps_ -= size;
  return {};
}

Result<void> Validator::add_entity(const Entity& e) {
  Scope& s = scope();
  const auto add = [&](auto& space, auto value, std::uint32_t limit,
                       const char* what) -> Result<void> {
    TENON_TRY(within_limit(space.size(), limit, what));
    space.push_back(value);
    return {};
  };
  switch (e.kind) {
    case ExternKind::core_module:
      return add(s.core_modules, e.module(), limits::definitions_of_a_kind, "modules");
    case ExternKind::func:
      return add(s.funcs, e.tid(), limits::index_space, "functions");
    case ExternKind::value:
      return add(s.values, Scope::ValueEntry{e.value, false, 0}, limits::definitions_of_a_kind,
                 "values");
    case ExternKind::type:
      return add(s.types, e.tid(), limits::index_space, "types");
    case ExternKind::component:
      return add(s.components, e.tid(), limits::definitions_of_a_kind, "components");
    case ExternKind::instance:
      return add(s.instances, e.tid(), limits::instances, "instances");
  }
  return {};
}

void Validator::own_resource(ResourceId r, Direction d, ResourceInfo::Origin origin,
                             std::string name) {
  Scope& s = scope();
  (d == Direction::import_ ? s.import_bound : s.export_bound).push_back(r);
  s.resources[r.value] = {origin, std::move(name), core::TypeCode::i32, std::nullopt};
}

// --- imports and exports -------------------------------------------------------------------------

Result<void> Validator::import(const Import& import, ComponentInfo& info, Resolver& resolver) {
  TENON_TRY(within_limit(scope().imports.items.items().size(), limits::imports, "imports"));
  std::vector<ResourceId> fresh;
  const Entity e = TENON_TRY(extern_type(import.type, &fresh));
  for (const ResourceId r : fresh) {
    own_resource(r, Direction::import_, ResourceInfo::Origin::imported, import.name.name);
  }
  TENON_TRY(visible(import.name, Direction::import_, e));
  TENON_TRY(name(scope().imports, Direction::import_, import.name, e));
  TENON_TRY(add_entity(e));
  info.imports.push_back({&import.name, resolver.entity(e)});
  return {};
}

Result<Entity> Validator::exported_item(const SortIdx& item) {
  const Scope& s = scope();
  const auto at = [&](const auto& space, ExternKind kind, const char* what) -> Result<Entity> {
    TENON_TRY(check_index(space, item.idx, what));
    return Entity{kind, space[item.idx].value, {}};
  };
  switch (item.sort.kind) {
    case SortKind::core:
      if (item.sort.core_sort == CoreSort::module)
        return at(s.core_modules, ExternKind::core_module, "module");
      return fail(rules::export_sort, "found a core item other than a core module");
    case SortKind::func:
      return at(s.funcs, ExternKind::func, "function");
    case SortKind::value: {
      const ValType t = TENON_TRY(use_value(item.idx));
      return Entity{ExternKind::value, 0, t};
    }
    case SortKind::type:
      return at(s.types, ExternKind::type, "type");
    case SortKind::component:
      return at(s.components, ExternKind::component, "component");
    case SortKind::instance:
      return at(s.instances, ExternKind::instance, "instance");
  }
  return fail(rules::export_sort, "found an unknown sort");
}

/// What exports a value gives it away for good, which a `borrow` cannot be.
Result<void> Validator::exportable(const Entity& e) {
  if (e.kind != ExternKind::value || e.value.is_prim() ||
      !types_.facts(TypeTable::tid(e.value)).has_borrow) {
    return {};
  }
  return fail(rules::borrow_place, "exported value type cannot contain a `borrow` type");
}

/// The type that an export gets: a supertype of the item's own, with resources of its own where it
/// says `sub resource`.
Result<Entity> Validator::ascribe(const Entity& actual, const ExternType& ascribed) {
  std::vector<ResourceId> fresh;
  const Entity wanted = TENON_TRY(extern_type(ascribed, &fresh));
  Substitution opened(types_);
  Reason why = matcher_.bind(actual, wanted, fresh, opened);
  if (!why) why = matcher_.match(actual, opened(wanted));
  if (why) return fail(rules::ascription, *why);
  for (const ResourceId r : fresh)
    own_resource(r, Direction::export_, ResourceInfo::Origin::ascribed, {});
  return wanted;
}

Result<void> Validator::export_(const Export& e, ComponentInfo& info, Resolver& resolver) {
  TENON_TRY(within_limit(scope().exports.items.items().size(), limits::exports, "exports"));
  Entity entity = TENON_TRY(exported_item(e.item));
  TENON_TRY(exportable(entity));
  if (e.ascribed) {
    entity = TENON_TRY(ascribe(entity, *e.ascribed));
  } else if (entity.kind == ExternKind::type) {
    // The new index names the type, the old one does not.
    entity.id = types_.alias(entity.tid()).value;
  }
  TENON_TRY(visible(e.name, Direction::export_, entity));
  TENON_TRY(name(scope().exports, Direction::export_, e.name, entity));
  TENON_TRY(add_entity(entity));
  if (entity.kind == ExternKind::value) scope().values.back().used = true;
  info.exports.push_back({&e.name, resolver.entity(entity), e.item});
  resolver.name_resource(info.exports.back().type, e.name.name);
  return {};
}

// --- aliases -------------------------------------------------------------------------------------

Result<void> Validator::alias(const Alias& alias) {
  const bool in_type = scope().kind != Scope::Kind::component;
  const bool is_type = alias.sort.kind == SortKind::type;
  if (alias.target == Alias::Target::outer) {
    const bool core_type =
        alias.sort.kind == SortKind::core && alias.sort.core_sort == CoreSort::type;
    if (in_type && !is_type && !core_type) {
      return fail(rules::alias_sort,
                  "aliases in component or instance types may only refer to types or instances");
    }
    return alias_outer(alias);
  }
  if (in_type && !is_type && alias.sort.kind != SortKind::instance) {
    return fail(rules::alias_sort,
                "aliases in component or instance types may only refer to types or instances");
  }
  return alias.target == Alias::Target::export_ ? alias_export(alias) : alias_core_export(alias);
}

Result<void> Validator::alias_export(const Alias& alias) {
  const std::uint32_t idx = alias.instance_or_count;
  TENON_TRY(check_index(scope().instances, idx, "instance"));
  const Entity* found = types_.instance(scope().instances[idx]).exports.find(alias.name);
  if (found == nullptr) {
    return fail(rules::alias_export,
                fmt::format("instance {} has no export named `{}`", idx, alias.name));
  }
  const std::optional<ExternKind> wanted = extern_kind(alias.sort);
  if (!wanted)
    return fail(rules::export_sort, "instances of components export no core items but modules");
  if (*wanted != found->kind) {
    return fail(rules::alias_export,
                fmt::format("export `{}` for instance {} is not a {}, it is a {}", alias.name, idx,
                            noun(*wanted), noun(found->kind)));
  }
  const Entity entity = *found;
  return add_entity(entity);
}

Result<void> Validator::alias_core_export(const Alias& alias) {
  if (alias.sort.kind != SortKind::core) {
    return fail(rules::alias_export, "core instances export core items only");
  }
  const std::uint32_t idx = alias.instance_or_count;
  TENON_TRY(check_index(scope().core_instances, idx, "core instance"));
  const Scope::CoreInstanceEntry& instance = *scope().core_instances[idx];
  const core::ExternType* found = nullptr;
  if (instance.module) {
    found = types_.module(*instance.module).find(alias.name);
  } else if (const auto it = instance.exports.find(alias.name); it != instance.exports.end()) {
    found = &it->second;
  }
  if (found == nullptr) {
    return fail(rules::alias_export,
                fmt::format("core instance {} has no export named `{}`", idx, alias.name));
  }
  const auto sort = static_cast<CoreSort>(found->kind);
  if (sort != alias.sort.core_sort) {
    return fail(rules::alias_export,
                fmt::format("export `{}` of core instance {} is of another sort", alias.name, idx));
  }
  const core::ExternType type = *found;
  if (sort == CoreSort::tag) TENON_TRY(gate(core::Gate::exceptions, "a tag"));
  return add_core_item(type);
}

Result<const Scope*> Validator::outer_scope(std::uint32_t count, bool& crosses_component) {
  if (count >= scopes_.size()) {
    return fail(rules::alias_outer,
                fmt::format("invalid outer alias count of {}, there are {} scopes around", count,
                            scopes_.size() - 1));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (scopes_[scopes_.size() - 1 - i]->kind == Scope::Kind::component) crosses_component = true;
  }
  return scopes_[scopes_.size() - 1 - count].get();
}

Result<void> Validator::outer_type(const Scope& from, bool crosses, std::uint32_t idx) {
  TENON_TRY(check_index(from.types, idx, "type"));
  const Tid type = from.types[idx];
  if (crosses) {
    // Whoever unbundles the component copies the type into it.
    Scope& s = scope();
    s.outer_type_size += types_.measure(Entity::of(ExternKind::type, type)).size;
    if (s.outer_type_size > limits::type_size) {
      return fail(rules::limit,
                  fmt::format("effective type size exceeds the limit of {}: outer aliases of types",
                              limits::type_size));
    }
    const bool local = TENON_TRY(refers_to_free_resource(type));
    if (local) return fail(rules::alias_resource, fmt::format("type {} does", idx));
  }
  return add_entity(Entity::of(ExternKind::type, type));
}

Result<void> Validator::core_outer_type(const Scope& from, std::uint32_t idx) {
  TENON_TRY(check_index(from.core_types, idx, "type"));
  Scope& s = scope();
  TENON_TRY(within_limit(s.core_types.size(), limits::index_space, "core types"));
  s.core_types.push_back(from.core_types[idx]);
  s.core_subtypes.emplace_back();
  s.core_canon.push_back(from.core_canon[idx]);
  return {};
}

Result<void> Validator::alias_outer(const Alias& alias) {
  bool crosses = false;
  const Scope* from = TENON_TRY(outer_scope(alias.instance_or_count, crosses));
  switch (alias.sort.kind) {
    case SortKind::type:
      return outer_type(*from, crosses, alias.idx);
    case SortKind::component: {
      TENON_TRY(check_index(from->components, alias.idx, "component"));
      return add_entity(Entity::of(ExternKind::component, from->components[alias.idx]));
    }
    case SortKind::core:
      if (alias.sort.core_sort == CoreSort::type) return core_outer_type(*from, alias.idx);
      if (alias.sort.core_sort == CoreSort::module) {
        TENON_TRY(check_index(from->core_modules, alias.idx, "module"));
        return add_entity({ExternKind::core_module, from->core_modules[alias.idx].value, {}});
      }
      break;
    case SortKind::func:
    case SortKind::value:
    case SortKind::instance:
      break;
  }
  return fail(rules::alias_sort,
              "outer aliases name types, components, core types and core modules");
}

namespace {

/// Collects the resources that types mention and do not bind themselves, but for those in `known`.
/// Each type is seen once: it gets the mark of this walk.
class FreeResources {
 public:
  FreeResources(const TypeTable& types, std::vector<std::uint32_t>& marks, std::uint32_t mark,
                std::unordered_set<std::uint32_t> known = {})
      : types_(types), marks_(marks), mark_(mark), known_(std::move(known)) {
    marks_.resize(std::max(marks_.size(), types_.size()), 0);
  }

  void add(const Entity& e) {
    if (e.kind == ExternKind::core_module) return;
    if (e.kind == ExternKind::value) return add(e.value);
    add(e.tid());
  }
  void add(Tid t) {
    if (std::exchange(marks_[t.value], mark_) == mark_) return;
    switch (types_.kind(t)) {
      case TypeKind::resource:
        if (!known_.contains(types_.resource(t).value)) found_.insert(types_.resource(t).value);
        return;
      case TypeKind::value: {
        const DefValType& def = types_.value(t).def;
        if (const auto* own = std::get_if<Own>(&def)) return add(Tid(own->resource.value));
        if (const auto* borrow = std::get_if<Borrow>(&def)) return add(Tid(borrow->resource.value));
        for_each_part(def, [&](ValType part) { add(part); });
        return;
      }
      case TypeKind::func:
        for (const ValType part : types_.parts(t)) add(part);
        return;
      case TypeKind::instance:
        add(types_.instance(t).exports);
        return unbind(types_.instance(t).bound);
      case TypeKind::component:
        add(types_.component(t).imports);
        add(types_.component(t).exports);
        unbind(types_.component(t).import_bound);
        return unbind(types_.component(t).export_bound);
    }
  }
  void add(const EntityMap& items) {
    for (const EntityMap::Item& item : items.items()) add(item.entity);
  }
  [[nodiscard]] bool found() const { return !found_.empty(); }

 private:
  void add(ValType t) {
    if (!t.is_prim()) add(TypeTable::tid(t));
  }
  /// Bound resources are mentioned nowhere else but inside what binds them.
  void unbind(const std::vector<ResourceId>& bound) {
    for (const ResourceId r : bound) found_.erase(r.value);
  }

  const TypeTable& types_;
  std::vector<std::uint32_t>& marks_;
  std::uint32_t mark_;
  std::unordered_set<std::uint32_t> known_;
  std::unordered_set<std::uint32_t> found_;
};

}  // namespace

/// Asked for each outer alias, of which there may be very many to one large type: each type is
/// walked once.
Result<bool> Validator::refers_to_free_resource(Tid t) {
  const auto [it, asked_first] = free_.emplace(t.value, false);
  if (!asked_first) return it->second;
  TENON_TRY(walk(types_.measure(Entity::of(ExternKind::type, t)).size));
  FreeResources free(types_, marks_, ++walks_);
  free.add(t);
  it->second = free.found();
  return it->second;
}

// --- components ----------------------------------------------------------------------------------

/// What imports and exports mention must be imported, respectively imported or exported.
Result<void> Validator::free_resources_are_known(const EntityMap& items, Direction direction) {
  const Scope& s = scope();
  std::unordered_set<std::uint32_t> known;
  for (const ResourceId r : s.import_bound) known.insert(r.value);
  if (direction == Direction::export_) {
    for (const std::uint32_t t : s.exports.named) {
      if (types_.kind(Tid(t)) == TypeKind::resource) known.insert(types_.resource(Tid(t)).value);
    }
  }
  FreeResources free(types_, marks_, ++walks_, std::move(known));
  for (const EntityMap::Item& item : items.items()) {
    free.add(item.entity);
    if (!free.found()) continue;
    return fail(rules::visibility,
                fmt::format("local resource type found in {} `{}`",
                            direction == Direction::import_ ? "import" : "export", item.name));
  }
  return {};
}

Result<void> Validator::open_for_components() const {
  return gate(core::Gate::component_model, "a component");
}

Tid Validator::component_type_of(Scope& s) {
  ComponentPayload payload;
  payload.imports = std::move(s.imports.items);
  payload.exports = std::move(s.exports.items);
  payload.import_bound = s.import_bound;
  payload.export_bound = s.export_bound;
  types_.measure(payload);
  return types_.add(std::move(payload));
}

Result<void> Validator::finish(const Component& component) {
  const Scope& s = scope();
  for (const Scope::ValueEntry& v : s.values) {
    if (v.used) continue;
    if (v.definition < component.definitions.size())
      span_ = component.definitions[v.definition].span;
    return fail(rules::value_used, "a value is never used");
  }
  TENON_TRY(free_resources_are_known(s.imports.items, Direction::import_));
  return free_resources_are_known(s.exports.items, Direction::export_);
}

void Validator::fill(ComponentInfo& info, Resolver& resolver) {
  const Scope& s = scope();
  for (const Tid f : s.funcs) info.funcs.push_back(resolver.func(f));
  for (const Tid i : s.instances) info.instances.push_back(resolver.instance(i));
  for (const Scope::ValueEntry& v : s.values) info.values.push_back(resolver.value(v.type));
  const auto size = [](const auto& space) { return static_cast<std::uint32_t>(space.size()); };
  info.num_types = size(s.types);
  info.num_components = size(s.components);
  info.num_core_modules = size(s.core_modules);
  info.num_core_instances = size(s.core_instances);
  info.num_core_funcs = size(s.core_funcs);
  info.num_core_tables = size(s.core_tables);
  info.num_core_mems = size(s.core_mems);
  info.num_core_globals = size(s.core_globals);
  info.num_core_tags = size(s.core_tags);
}

Result<Tid> Validator::component(Component& component) {
  if (scopes_.size() >= limits::component_depth) {
    return fail(rules::depth, fmt::format("more than {} scopes", limits::component_depth));
  }
  scopes_.push_back(std::make_unique<Scope>(Scope::Kind::component));
  component.info.reset(new ComponentInfo);
  ComponentInfo& info = *component.info;
  Resolver resolver(types_, scope(), info);
  info.definitions.resize(component.definitions.size());
  for (std::uint32_t i = 0; i < component.definitions.size(); ++i) {
    span_ = component.definitions[i].span;
    TENON_TRY(definition(component, i, info, resolver));
  }
  TENON_TRY(finish(component));
  fill(info, resolver);
  const Tid type = component_type_of(scope());
  scopes_.pop_back();
  return type;
}

Result<void> Validator::nested(Component& component) {
  const Span span = span_;
  const Tid type = TENON_TRY(this->component(component));
  span_ = span;
  return add_entity(Entity::of(ExternKind::component, type));
}

namespace {

/// How many items of a sort there are: the index of the next.
std::uint32_t size_of_sort(const Scope& s, const Sort& sort) {
  const auto size = [](const auto& space) { return static_cast<std::uint32_t>(space.size()); };
  switch (sort.kind) {
    case SortKind::func:
      return size(s.funcs);
    case SortKind::value:
      return size(s.values);
    case SortKind::type:
      return size(s.types);
    case SortKind::component:
      return size(s.components);
    case SortKind::instance:
      return size(s.instances);
    case SortKind::core:
      break;
  }
  switch (sort.core_sort) {
    case CoreSort::func:
      return size(s.core_funcs);
    case CoreSort::table:
      return size(s.core_tables);
    case CoreSort::memory:
      return size(s.core_mems);
    case CoreSort::global:
      return size(s.core_globals);
    case CoreSort::tag:
      return size(s.core_tags);
    case CoreSort::type:
      return size(s.core_types);
    case CoreSort::module:
      return size(s.core_modules);
    case CoreSort::instance:
      return size(s.core_instances);
  }
  return 0;
}

}  // namespace

/// One definition, and where it landed.
Result<void> Validator::definition(Component& component, std::uint32_t i, ComponentInfo& info,
                                   Resolver& resolver) {
  DefinitionInfo& def = info.definitions[i];
  const auto place = [](const auto& space) { return static_cast<std::uint32_t>(space.size()); };
  // The index space that the definition will add to is told by what grew.
  const auto grown = [&](Result<void> result, const auto& space) -> Result<void> {
    def.index = space.empty() ? DefinitionInfo::none : place(space) - 1;
    return result;
  };
  return std::visit(
      overloaded{
          [](const Custom&) -> Result<void> { return {}; },
          [&](const std::unique_ptr<core::Module>&) -> Result<void> {
            def.info = place(info.modules);
            return grown(core_module(component, i, info), scope().core_modules);
          },
          [&](const CoreInstance& x) { return grown(core_instance(x), scope().core_instances); },
          [&](const CoreType& x) { return grown(core_type(x), scope().core_types); },
          [&](const std::unique_ptr<Component>& x) {
            return grown(nested(*x), scope().components);
          },
          [&](const Instance& x) { return grown(instance(x), scope().instances); },
          [&](const Alias& x) -> Result<void> {
            def.index = size_of_sort(scope(), x.sort);
            return alias(x);
          },
          [&](const Type& x) { return grown(type_definition(x, resolver, def), scope().types); },
          [&](const Canon& x) -> Result<void> {
            def.info = place(info.canons);
            TENON_TRY(canon(x, info, resolver));
            def.index =
                x.op == CanonOp::lift ? place(scope().funcs) - 1 : place(scope().core_funcs) - 1;
            return {};
          },
          [&](const Start& x) { return start(x); },
          [&](const Import& x) -> Result<void> {
            def.index = size_of_sort(scope(), sort_of(x.type.kind));
            def.info = place(info.imports);
            return import(x, info, resolver);
          },
          [&](const Export& x) -> Result<void> {
            def.index = size_of_sort(scope(), x.item.sort);
            def.info = place(info.exports);
            return export_(x, info, resolver);
          },
          [&](const Value& x) -> Result<void> {
            TENON_TRY(value(x));
            scope().values.back().definition = i;
            def.index = place(scope().values) - 1;
            return {};
          },
      },
      component.definitions[i].def);
}

Result<core::Validated<Component>> validate(Component component, const core::Features& features,
                                            std::vector<Error>* warnings) {
  Validator validator(features, warnings);
  TENON_TRY(validator.open_for_components());
  [[maybe_unused]] const Tid type = TENON_TRY(validator.component(component));
  return core::ValidatorKey<Component>::prove(std::move(component));
}

}  // namespace tenon::component

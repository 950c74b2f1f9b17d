// SPDX-License-Identifier: Apache-2.0
// An instance's type is the component's with imported resources replaced by the arguments' and
// exported ones by fresh ones. That is a copy for each instantiation, so the parts of all of them
// together are limited.
// Spec: Explainer.md "Instance Definitions", "Type Checking"
#include <fmt/format.h>

#include <map>

#include "tenon/component/validate_impl.h"

namespace tenon::component {

// --- core instances ------------------------------------------------------------------------------

/// Spec: Explainer.md "Instance Definitions".
Result<void> Validator::core_instance(const CoreInstance& instance) {
  Scope& s = scope();
  TENON_TRY(within_limit(s.core_instances.size(), limits::index_space, "core instances"));
  TENON_TRY(at_most(instance.args.size(), limits::instance_items, "arguments"));
  TENON_TRY(at_most(instance.exports.size(), limits::instance_items, "exports"));
  auto entry = std::make_shared<Scope::CoreInstanceEntry>();
  if (!instance.module) {
    for (const CoreInlineExport& e : instance.exports) {
      const core::ExternType type = TENON_TRY(core_item(e.item));
      if (!entry->exports.emplace(e.name, type).second) {
        return fail(rules::core_export_twice,
                    fmt::format("export name `{}` already defined", e.name));
      }
    }
    s.core_instances.push_back(std::move(entry));
    return {};
  }
  TENON_TRY(check_index(s.core_modules, instance.module->value, "module"));
  entry->module = s.core_modules[instance.module->value];
  std::map<std::string_view, const Scope::CoreInstanceEntry*> args;
  for (const CoreInstantiateArg& arg : instance.args) {
    TENON_TRY(check_index(s.core_instances, arg.instance.value, "core instance"));
    if (!args.emplace(arg.name, s.core_instances[arg.instance.value].get()).second) {
      return fail(rules::arg_twice,
                  fmt::format("duplicate module instantiation argument named `{}`", arg.name));
    }
  }
  for (const CoreModuleTypeInfo::Import& import : types_.module(*entry->module).imports) {
    const auto arg = args.find(import.module);
    if (arg == args.end()) {
      return fail(rules::core_arg_missing,
                  fmt::format("missing module instantiation argument named `{}`", import.module));
    }
    const core::ExternType* found = nullptr;
    if (arg->second->module) {
      found = types_.module(*arg->second->module).find(import.name);
    } else if (const auto it = arg->second->exports.find(import.name);
               it != arg->second->exports.end()) {
      found = &it->second;
    }
    if (found == nullptr) {
      return fail(
          rules::core_arg_missing,
          fmt::format("module instantiation argument `{}` does not export an item named `{}`",
                      import.module, import.name));
    }
    if (const Reason why = match_core(types_.core_types(), *found, import.type)) {
      return fail(rules::core_arg_type,
                  fmt::format("type mismatch for export `{}` of module instantiation argument "
                              "`{}`: {}",
                              import.name, import.module, *why));
    }
  }
  s.core_instances.push_back(std::move(entry));
  return {};
}

// --- component instances -------------------------------------------------------------------------

Result<void> Validator::instance(const Instance& instance) {
  TENON_TRY(at_most(instance.args.size(), limits::instance_items, "arguments"));
  TENON_TRY(at_most(instance.exports.size(), limits::instance_items, "exports"));
  const Tid type = TENON_TRY(instance.component ? instantiate(instance) : bundle(instance));
  return add_entity(Entity::of(ExternKind::instance, type));
}

Result<Entity> Validator::item(const SortIdx& item) {
  return exported_item(item);
}

/// `(instance (export …)*)`. Spec: Explainer.md "Instance Definitions".
Result<Tid> Validator::bundle(const Instance& instance) {
  NameScope names;
  for (const InlineExport& e : instance.exports) {
    const Entity entity = TENON_TRY(item(e.item));
    TENON_TRY(exportable(entity));
    TENON_TRY(name(names, Direction::export_, e.name, entity));
  }
  InstancePayload payload;
  payload.exports = std::move(names.items);
  types_.measure(payload);
  TENON_TRY(measured({payload.size, payload.depth}));
  return types_.add(std::move(payload));
}

/// Checks the arguments against the imports and makes the instance's type: imported resources are
/// those given, all others are fresh. Spec: Explainer.md "Type Checking", Binary.md "Instance
/// Definitions".
Result<Tid> Validator::instantiate(const Instance& instance) {
  Scope& s = scope();
  TENON_TRY(check_index(s.components, instance.component->value, "component"));
  const ComponentPayload& component = types_.component(s.components[instance.component->value]);
  TENON_TRY(spend(component.size));
  EntityMap args;
  for (const InstantiateArg& arg : instance.args) {
    const Entity e = TENON_TRY(item(arg.item));
    if (!args.add(arg.name, e)) {
      return fail(rules::arg_twice,
                  fmt::format("instantiation argument `{0}` conflicts with previous argument `{0}`",
                              arg.name));
    }
  }
  for (const EntityMap::Item& import : component.imports.items()) {
    if (args.find(import.name) == nullptr) {
      return fail(rules::arg_missing, fmt::format("missing import named `{}`", import.name));
    }
  }
  Substitution given(types_);
  if (const Reason why =
          matcher_.match_opened(args, component.imports, component.import_bound, given, "import")) {
    return fail(rules::arg_type, *why);
  }
  Substitution made(types_);
  for (const ResourceId r : component.import_bound) {
    if (const auto to = given.find(r)) made.map(r, *to);
  }
  for (const ResourceId r : component.export_bound) {
    const ResourceId fresh = types_.fresh_resource();
    made.map(r, fresh);
    own_resource(fresh, Direction::export_, ResourceInfo::Origin::instance, {});
  }
  for (const EntityMap::Item& import : component.imports.items()) {
    matcher_.rename(*args.find(import.name), import.entity, made);
  }
  InstancePayload payload;
  payload.exports = made(component.exports);
  types_.measure(payload);
  TENON_TRY(measured({payload.size, payload.depth}));
  return types_.add(std::move(payload));
}

}  // namespace tenon::component

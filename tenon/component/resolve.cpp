// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tenon/component/validate_impl.h"

namespace tenon::component {

// Canonical types become entries of one component's tables, each once; only what something refers
// to.

ValType Resolver::value(ValType t) {
  return canon(types_->canon(t));
}

ValType Resolver::canon(ValType t) {
  if (t.is_prim()) return t;
  if (const auto it = values_.find(t.index().value); it != values_.end()) return it->second;
  DefValType def = map_parts(
      types_->canon_value(t.index()), [&](ValType part) { return canon(part); },
      [&](TypeIdx r) { return TypeIdx(resource(ResourceId(r.value)).value); });
  const ValType out = out_->types.push_back(std::move(def));
  values_.emplace(t.index().value, out);
  return out;
}

FuncTypeIdx Resolver::canon_func(std::uint32_t canonical) {
  if (const auto it = funcs_.find(canonical); it != funcs_.end()) return it->second;
  FuncType type = types_->canon_func(canonical);
  for (LabelValType& p : type.params) p.type = canon(p.type);
  if (type.result) type.result = canon(*type.result);
  const FuncTypeIdx out = out_->func_types.push_back(std::move(type));
  funcs_.emplace(canonical, out);
  return out;
}

FuncTypeIdx Resolver::func(Tid t) {
  return canon_func(types_->func(t).canon);
}

ResourceIdx Resolver::resource(ResourceId r) {
  if (const auto it = resources_.find(r.value); it != resources_.end()) return it->second;
  ResourceInfo info;
  info.origin = ResourceInfo::Origin::bound;
  if (const auto it = scope_->resources.find(r.value); it != scope_->resources.end()) {
    const Scope::Resource& known = it->second;
    info = {known.origin, known.name, known.rep, known.dtor};
  }
  const ResourceIdx out = out_->resources.push_back(std::move(info));
  resources_.emplace(r.value, out);
  return out;
}

ResolvedType Resolver::type(Tid t) {
  ResolvedType out;
  switch (types_->kind(t)) {
    case TypeKind::value:
      out.kind = ResolvedType::Kind::value;
      out.value = canon(types_->value(t).canon);
      break;
    case TypeKind::func:
      out.kind = ResolvedType::Kind::func;
      out.idx = func(t).value;
      break;
    case TypeKind::resource:
      out.kind = ResolvedType::Kind::resource;
      out.idx = resource(types_->resource(t)).value;
      break;
    case TypeKind::component:
      out.kind = ResolvedType::Kind::component;
      out.idx = component(t).value;
      break;
    case TypeKind::instance:
      out.kind = ResolvedType::Kind::instance;
      out.idx = instance(t).value;
      break;
  }
  return out;
}

ResolvedExtern Resolver::entity(const Entity& e) {
  ResolvedExtern out;
  out.kind = e.kind;
  switch (e.kind) {
    case ExternKind::core_module:
      out.idx = module(e.module()).value;
      break;
    case ExternKind::func:
      out.idx = func(e.tid()).value;
      break;
    case ExternKind::value:
      out.value = value(e.value);
      break;
    case ExternKind::type:
      out.type = type(e.tid());
      break;
    case ExternKind::component:
      out.idx = component(e.tid()).value;
      break;
    case ExternKind::instance:
      out.idx = instance(e.tid()).value;
      break;
  }
  return out;
}

ModuleTypeIdx Resolver::module(ModuleTid t) {
  if (const auto it = modules_.find(t.value); it != modules_.end()) return it->second;
  out_->core_types = types_->share_core_types();
  const ModuleTypeIdx out = out_->module_types.push_back(types_->share_module(t));
  modules_.emplace(t.value, out);
  return out;
}

void Resolver::name_resource(const ResolvedExtern& item, const std::string& name) {
  if (const auto r = item.resource(); r && out_->resources[*r].name.empty())
    out_->resources[*r].name = name;
}

std::vector<NamedExtern> Resolver::named(const EntityMap& map) {
  std::vector<NamedExtern> out;
  out.reserve(map.items().size());
  for (const EntityMap::Item& item : map.items()) {
    NamedExtern named{std::string(item.name), entity(item.entity)};
    name_resource(named.type, named.name);
    out.push_back(std::move(named));
  }
  return out;
}

bool Resolver::has_resources(const std::vector<NamedExtern>& items) const {
  return std::ranges::any_of(items, [&](const NamedExtern& e) {
    if (e.type.kind == ExternKind::instance)
      return out_->instance_types[e.type.instance()].has_resources;
    return e.type.resource().has_value();
  });
}

InstanceTypeIdx Resolver::instance(Tid t) {
  const std::uint32_t key = types_->payload(t);
  if (const auto it = instances_.find(key); it != instances_.end()) return it->second;
  InstanceTypeInfo info;
  info.exports = named(types_->instance(t).exports);
  info.has_resources = has_resources(info.exports);
  const InstanceTypeIdx out = out_->instance_types.push_back(std::move(info));
  instances_.emplace(key, out);
  return out;
}

ComponentTypeIdx Resolver::component(Tid t) {
  const std::uint32_t key = types_->payload(t);
  if (const auto it = components_.find(key); it != components_.end()) return it->second;
  ComponentTypeInfo info;
  info.imports = named(types_->component(t).imports);
  info.exports = named(types_->component(t).exports);
  const ComponentTypeIdx out = out_->component_types.push_back(std::move(info));
  components_.emplace(key, out);
  return out;
}

}  // namespace tenon::component

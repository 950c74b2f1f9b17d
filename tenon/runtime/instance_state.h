// SPDX-License-Identifier: Apache-2.0
#pragma once

// The implementation of an `Instance`.
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "tenon/base/stable_vector.h"
#include "tenon/component/match.h"
#include "tenon/engine/instance.h"
#include "tenon/runtime/compiled_component.h"
#include "tenon/runtime/instance.h"

namespace tenon::runtime {

/// Core items under names, made of others.
struct CoreBundle {
  const NameIndex* names = nullptr;
  std::vector<engine::Extern> items;
};
using CoreInstance = std::variant<std::monostate, engine::Instance*, CoreBundle>;

/// The environment of a canonical built-in.
struct CanonSite {
  ComponentInstance* inst = nullptr;
  const component::CanonInfo* info = nullptr;
  const component::Canon* def = nullptr;
  const ResourceType* rt = nullptr;
  CanonicalOptions opts;
};

/// Everything that one instantiation made: the index spaces of a component, and what they need.
/// Owned by its store. Spec: Explainer.md "Index Spaces".
class InstanceState {
 public:
  const CompiledComponent* compiled = nullptr;
  const InstanceState* outer = nullptr;
  ComponentInstance* inst = nullptr;
  /// Keeps the compiled component alive; for the outermost instance only.
  std::shared_ptr<const void> keep;

  std::vector<const FuncInst*> funcs;
  std::vector<const InstanceItem*> instances;
  std::vector<ComponentItem> components;
  std::vector<const ResourceType*> types;
  std::vector<ModuleItem> modules;
  std::vector<ValueItem> values;
  std::vector<CoreInstance> core_instances;
  std::vector<engine::Func> core_funcs;
  std::vector<engine::Table*> core_tables;
  std::vector<engine::Memory*> core_mems;
  std::vector<engine::Global> core_globals;
  std::vector<engine::Tag*> core_tags;

  // What the index spaces point to.
  StableVector<FuncInst> own_funcs;
  StableVector<InstanceItem> own_instances;
  StableVector<LowerSite> lower_sites;
  StableVector<CanonSite> canon_sites;

  InstanceItem exports;

  /// Forgets what only the definitions needed that were run; what the components inside refer to
  /// stays, and the memories, at which hosts and debuggers look.
  void forget_spaces();
};

/// Instantiates: `imports` are parallel to `info->imports` and fit their types.
/// Spec: Explainer.md "Component Definitions", CanonicalABI.md "Embedding".
[[nodiscard]] Made<InstanceState*> instantiate(Store& store, const CompiledComponent& component,
                                               const InstanceState* outer,
                                               ComponentInstance* parent,
                                               std::span<const Item> imports);

/// Sets the resources that a resolved type names from the item that has the type.
void bind_resources(const component::ComponentInfo& info, const component::ResolvedExtern& type,
                    const Item& item, std::vector<const ResourceType*>& resources);

/// A component's types with the resources that stand for them, for `component::Matcher`.
[[nodiscard]] inline component::TypeSide type_side(
    const component::ComponentInfo& info, const std::vector<const ResourceType*>& resources) {
  return {&info, &resources, [](const void* owner, component::ResourceIdx r) -> const void* {
            return (*static_cast<const std::vector<const ResourceType*>*>(owner))[r.value];
          }};
}

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tenon/component/info.h"
#include "tenon/runtime/resource.h"

namespace tenon::runtime {

/// A component's types with the resources that stand for them in an instance.
struct BoundTypes {
  const component::ComponentInfo* info = nullptr;
  const std::vector<const ResourceType*>* resources = nullptr;
};

/// Whether two types of different components are the same, resources by identity.
/// Spec: Explainer.md "Type Checking".
[[nodiscard]] bool same_type(const BoundTypes& a, component::ValType ta, const BoundTypes& b,
                             component::ValType tb, int depth = 0);
[[nodiscard]] bool same_func(const BoundTypes& a, const component::FuncType& fa,
                             const BoundTypes& b, const component::FuncType& fb);

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tenon/builder/module_shape.h"
#include "tenon/component/component.h"
#include "tenon/core/module.h"
#include "tenon/wit/component_type.h"

namespace tenon::builder {

/// A core module on its way into the component: the main one, or an adapter.
struct Part {
  core::Module module;
  /// Views into the module that was looked at, which must outlive the component.
  ModuleShape shape;
  /// Adapters: the module name that the main module imports from.
  std::string name;
};

/// The component of modules, the main one first, that have what the world asks for.
[[nodiscard]] component::Component compose(std::vector<Part> parts, const wit::ComponentType& type);

}  // namespace tenon::builder

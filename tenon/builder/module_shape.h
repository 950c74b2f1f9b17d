// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/base/error.h"
#include "tenon/core/module.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// What one core import of a module stands for.
struct ImportUse {
  enum class Kind : std::uint8_t { lower, resource_drop, export_resource_drop, resource_new, resource_rep, stub };
  Kind kind = Kind::lower;
  /// Of the core import.
  std::string_view module;
  std::string_view name;
  core::FuncType type;
  /// lower: the function, and the world item that it belongs to (its interface, or itself).
  const wit::Function* func = nullptr;
  const wit::WorldItem* item = nullptr;
  /// resource_*: the resource.
  wit::TypeIdx resource;
  /// lower: which canonical options it needs.
  bool needs_memory = false;
  bool needs_realloc = false;
};

/// One function that the world exports, with the names of its core exports.
struct ExportUse {
  const wit::Function* func = nullptr;
  std::string core_name;
  std::optional<std::string> post_return;
  bool needs_memory = false;
  bool needs_realloc = false;
};

/// A core module looked at as the implementation of a world.
struct ModuleShape {
  std::vector<ImportUse> imports;
  /// By export of the world: its functions in the order of the WIT.
  std::vector<std::pair<const wit::WorldItem*, std::vector<ExportUse>>> exports;
  /// Destructors by resource.
  std::map<std::uint32_t, std::string> dtors;
  std::optional<std::string> memory;
  std::optional<std::string> realloc;
  std::optional<std::string> initialize;
};

/// Finds the use of each import and export of the module, and checks their core types.
/// Spec: CanonicalABI.md "Flattening".
[[nodiscard]] Result<ModuleShape> shape_of(const core::Module& module, const wit::Packages& packages,
                                           const wit::World& world, bool stub_wasi);

}  // namespace tenon::builder

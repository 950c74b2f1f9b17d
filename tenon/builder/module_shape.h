// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/base/error.h"
#include "tenon/builder/core_names.h"
#include "tenon/core/module.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// What one core import of a module stands for.
struct ImportUse {
  enum class Kind : std::uint8_t {
    lower,    ///< a function of the world
    builtin,  ///< a canonical built-in
    stub,     ///< traps when it is called
    adapter,  ///< a function that an adapter exports
    main,     ///< of an adapter: a function that the main module exports
    memory,   ///< of an adapter: the main module's memory
  };
  Kind kind = Kind::lower;
  /// Of the core import.
  std::string_view module;
  std::string_view name;
  core::FuncType type;
  /// lower: the function, and the world item that it belongs to (its interface, or itself).
  const wit::Function* func = nullptr;
  const wit::WorldItem* item = nullptr;
  /// lower: `[async-lower]`.
  bool async_ = false;
  Builtin builtin;
  /// builtin: for what is exported, not imported.
  bool of_export = false;
  /// builtin: the resource; the stream or future type; the result of a `task.return`.
  wit::TypeIdx resource;
  std::optional<wit::ValType> payload;
  /// Which canonical options it needs.
  bool needs_memory = false;
  bool needs_realloc = false;
  /// thread.new-indirect takes functions out of the module's table.
  bool needs_table = false;
};

/// One function that the world exports, with the names of its core exports.
struct ExportUse {
  const wit::Function* func = nullptr;
  std::string core_name;
  std::optional<std::string> post_return;
  /// `[async-lift]`, with the callback, or `[async-lift-stackful]`, without.
  bool async_ = false;
  std::optional<std::string> callback;
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
  std::optional<std::string> table;
  /// What allocates for results of imports, and for parameters of exports.
  std::optional<std::string> realloc;
  std::optional<std::string> export_realloc;
  std::optional<std::string> initialize;
};

struct ShapeOptions {
  /// Imports of preview1 that nobody satisfies trap.
  bool stub_wasi = false;
  /// Module names that adapters satisfy.
  std::vector<std::string_view> adapters;
  /// The module is an adapter: it lives in the memory of the main module.
  bool is_adapter = false;
  /// The exports of the world that this module implements; nothing: all.
  std::optional<std::set<std::string, std::less<>>> exports;
};

/// Finds the use of each import and export of the module, and checks their core types.
/// Spec: CanonicalABI.md "Flattening".
[[nodiscard]] Result<ModuleShape> shape_of(const core::Module& module,
                                           const wit::Packages& packages, const wit::World& world,
                                           const ShapeOptions& options);

/// The core exports that a module may have for a function of an interface (empty: of the world),
/// the usual one first, without `cabi_post_` and the like.
[[nodiscard]] std::vector<std::string> core_export_names(std::string_view interface,
                                                         const wit::Function& func);

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
    lower,       ///< a function of the world
    builtin,     ///< a canonical built-in
    stub,        ///< traps when it is called
    adapter,     ///< a function that an adapter exports
    main,        ///< of an adapter: a function that the main module exports
    memory,      ///< the memory of the main module, which may import it too
    main_table,  ///< of an adapter: a table of the main module
    tls_base,    ///< reads or sets the base of thread-local data
  };
  Kind kind = Kind::lower;
  /// Of the core import; `field` is its name in the module, `name` what it stands for.
  std::string_view module;
  std::string_view name;
  std::string_view field;
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
  /// builtin: the name of the resource where it is imported, which may be an alias.
  wit::TypeIdx named_resource;
  std::optional<wit::ValType> payload;
  /// Which canonical options it needs.
  bool needs_memory = false;
  bool needs_realloc = false;
  /// thread.new-indirect takes functions out of the module's table.
  bool needs_table = false;

  /// tls_base: the type of the address.
  [[nodiscard]] core::ValType tls_type() const {
    return type.params.empty() ? type.results.front() : type.params.front();
  }
};

/// One function that the world exports, with the names of its core exports.
struct ExportUse {
  const wit::Function* func = nullptr;
  std::string core_name;
  core::FuncType type;
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
  /// A type of one export, by number: an interface may be exported under several names.
  using ExportedType = std::pair<const wit::WorldItem*, std::uint32_t>;
  /// Destructors by resource.
  std::map<ExportedType, std::string> dtors;
  std::optional<std::string> memory;
  /// The main module imports its memory: someone has to define it.
  std::optional<core::MemType> imported_memory;
  std::optional<std::string> table;
  /// What allocates for results of imports, and for parameters of exports.
  std::optional<std::string> realloc;
  std::optional<std::string> export_realloc;
  std::optional<std::string> initialize;
  /// `__wasm_task_hook`: is told when tasks begin and end.
  std::optional<std::string> task_hook;

  [[nodiscard]] bool needs_memory() const;
  /// For results of imports, for parameters of exports.
  [[nodiscard]] bool needs_realloc() const;
  [[nodiscard]] bool needs_export_realloc() const;
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
  /// Of imports, by number, that have another name than what they stand for.
  const std::unordered_map<std::size_t, std::string>* asked = nullptr;
};

/// An error that names threads when the module was built for them (wasi-threads or Emscripten's),
/// which components do not have.
[[nodiscard]] Result<void> check_threads(const core::Module& module);

/// Finds the use of each import and export of the module, and checks their core types.
/// Spec: CanonicalABI.md "Flattening".
[[nodiscard]] Result<ModuleShape> shape_of(const core::Module& module,
                                           const wit::Packages& packages, const wit::World& world,
                                           const ShapeOptions& options);

}  // namespace tenon::builder

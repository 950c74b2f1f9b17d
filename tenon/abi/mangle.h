// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::abi {

/// How the imports and exports of a core module name those of its world. `legacy` is what most
/// tools write; `cm32p2` is the standard mangling of the 32-bit ABI.
enum class Mangling : std::uint8_t { legacy, cm32p2 };

/// How a function is imported or exported.
enum class Calling : std::uint8_t { sync, async, async_stackful };

/// An import of a core module.
struct CoreName {
  std::string module;
  std::string field;
  friend bool operator==(const CoreName&, const CoreName&) = default;
};

/// What a core module imports to call a function of an interface; of the world itself when
/// `interface` is empty.
[[nodiscard]] CoreName import_func(Mangling mangling, std::string_view interface,
                                   std::string_view func, Calling calling = Calling::sync);
/// What it exports to be called.
[[nodiscard]] std::string export_func(Mangling mangling, std::string_view interface,
                                      std::string_view func, Calling calling = Calling::sync);
/// Its export that frees what a call of a function returned.
[[nodiscard]] std::string post_return(Mangling mangling, std::string_view interface,
                                      std::string_view func);
/// Its export that an async function without a stack of its own goes on by.
[[nodiscard]] std::string callback(std::string_view interface, std::string_view func);
/// Its import by which an exported async function gives its result.
[[nodiscard]] CoreName task_return(std::string_view interface, std::string_view func);

enum class ResourceOp : std::uint8_t { new_, rep, drop };
/// Its import to work on a resource: of an imported interface (`drop` alone), or of one that it
/// exports itself.
[[nodiscard]] CoreName resource_op(Mangling mangling, std::string_view interface,
                                   std::string_view resource, ResourceOp op, bool exported);
/// Its export that destroys a resource of its own.
[[nodiscard]] std::string destructor(Mangling mangling, std::string_view interface,
                                     std::string_view resource);

/// `stream.new` and its like, which a function's signature gives rise to: the payload type's number
/// in the signature, in the order of its occurrence. `op` is the operation's name: "stream-new",
/// "future-write".
[[nodiscard]] CoreName payload_op(std::string_view interface, std::string_view func,
                                  std::string_view op, std::uint32_t index, bool exported,
                                  bool async_lowered = false);
/// Operations of the module as a whole: "waitable-set-new", "context-get-0", "task-cancel".
[[nodiscard]] CoreName intrinsic(std::string_view op, bool exported = false);

/// The module's own exports.
[[nodiscard]] std::string_view memory_name(Mangling mangling);
[[nodiscard]] std::string_view realloc_name(Mangling mangling);
[[nodiscard]] std::string_view initialize_name(Mangling mangling);
/// What a module's allocator may be called, the usual name first.
inline constexpr std::array<std::string_view, 3> realloc_names = {"cabi_realloc", "cm32p2_realloc",
                                                                  "canonical_abi_realloc"};
/// Allocators for one direction alone, which precede `realloc_names`.
inline constexpr std::string_view import_realloc_name = "cabi_import_realloc";
inline constexpr std::string_view export_realloc_name = "cabi_export_realloc";
/// The table that linkers export.
inline constexpr std::string_view table_name = "__indirect_function_table";
/// Is called when tasks begin and end.
inline constexpr std::string_view task_hook_name = "__wasm_task_hook";

/// Whether a legacy name of a function of the world could be taken for one of the module's own
/// exports: `memory`, `_initialize`, `cabi_…`.
[[nodiscard]] bool is_own_export(std::string_view name);

// What a module is read with. Views are of the name that was given.

inline constexpr std::array<Mangling, 2> manglings = {Mangling::legacy, Mangling::cm32p2};

/// The names under which a module may export one function.
struct ExportNames {
  std::string sync;
  std::string post_return;
  /// A task with a callback, and its callback.
  std::string async;
  std::string callback;
  std::string async_stackful;
};
/// One by mangling, in the order of `manglings`; the usual one first.
[[nodiscard]] std::array<ExportNames, manglings.size()> export_names(std::string_view interface,
                                                                     std::string_view func);

/// The module name of a core import, taken apart.
struct ImportModule {
  Mangling mangling = Mangling::legacy;
  /// Built-ins for what is exported.
  bool of_export = false;
  /// The world's own functions and types; otherwise `interface` counts.
  bool root = false;
  std::string_view interface;
};
[[nodiscard]] ImportModule parse_import_module(std::string_view module);

/// A canonical built-in that a core import asks for by its name.
struct BuiltinName {
  /// As `payload_op` and `intrinsic` are given it: "stream-read", "resource-drop", "context-get".
  std::string_view op;
  /// What the name goes on about: a resource, a function (task.return), a stream or future of a
  /// function.
  enum class Arg : std::uint8_t { none, resource, func, payload };
  Arg arg = Arg::none;
  std::string_view name;
  /// Which of the function's streams and futures; a context slot.
  std::uint32_t number = 0;
  /// A stream or future without a payload.
  bool unit = false;
  bool async_ = false;
  /// A context slot of 64 bits.
  bool i64 = false;
  /// Of an error context's message: "utf8", "utf16", "latin1+utf16".
  std::string_view encoding = {};
};
/// Nothing when the name is no built-in's: then it is a function's.
[[nodiscard]] std::optional<BuiltinName> parse_builtin(std::string_view name,
                                                       const ImportModule& where);

/// The name of a function's core import without `[async-lower]`; true when it had that.
[[nodiscard]] bool strip_async_lower(std::string_view& name);

}  // namespace tenon::abi

// SPDX-License-Identifier: Apache-2.0
#pragma once

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

/// Whether a legacy name of a function of the world could be taken for one of the module's own
/// exports: `memory`, `_initialize`, `cabi_…`.
[[nodiscard]] bool is_own_export(std::string_view name);

}  // namespace tenon::abi

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/core/module.h"

namespace tenon::builder {

/// The name under which the shim exports its table and the fixups import it.
inline constexpr std::string_view shim_table = "$imports";

/// A core module of functions that only call through a table: what is imported by a module can so
/// be given before it is there. Function i has the type `types[i]` and is exported under its
/// number.
[[nodiscard]] core::Module shim_module(const std::vector<core::FuncType>& types);
/// Its counterpart: imports the table and the real functions (module "", named by number) and fills
/// the table.
[[nodiscard]] core::Module fixup_module(const std::vector<core::FuncType>& types);
/// A core module whose start function is its import ("" ""): calls `_initialize` at instantiation.
[[nodiscard]] core::Module initializer_module();

/// A function by its export name.
struct NamedFunc {
  std::string name;
  core::FuncType type;
};
/// A core module of stubs for imports of preview1 that nobody satisfies. What a libc asks before it
/// writes is answered with "bad descriptor"; every other function traps, and has a name that the
/// backtrace shows.
[[nodiscard]] core::Module stub_module(const std::vector<NamedFunc>& funcs);
/// A core module with an `fd_write` that takes all it is given and writes it nowhere. It imports
/// the memory
/// ("", "memory") of the module that calls it.
[[nodiscard]] core::Module sink_module();
/// `fd_write` of preview1, which the sink implements.
[[nodiscard]] bool is_sink(const NamedFunc& func);

/// A core module that has a memory, exported as `memory`: for modules that import theirs.
[[nodiscard]] core::Module memory_module(const core::MemType& type);
/// A core module of `get` and `set` for one value: where the base of thread-local data is in a
/// program of one thread.
[[nodiscard]] core::Module cell_module(core::ValType type);

/// What `__wasm_task_hook` learns of. The numbers are those of the WASI SDK.
enum class TaskHook : std::uint8_t {
  sync_start = 0,
  sync_finish = 1,
  async_start = 2,
  async_resume = 3,
  async_block = 4,
  async_finish = 5,
  initialize_start = 6,
  initialize_finish = 7,
  dtor_start = 8,
  dtor_finish = 9,
  realloc_start = 12,
  realloc_finish = 13,
};
/// A function that is called between two calls of the hook.
struct Hooked {
  core::FuncType type;
  std::optional<TaskHook> start;
  std::optional<TaskHook> finish;
  /// The result says whether the task goes on: 0 means `async_finish`, others `async_block`.
  bool by_code = false;
};
/// A core module of such functions, exported by number. It imports the hook ("" "hook") and the
/// functions ("" and their number).
[[nodiscard]] core::Module hook_module(const std::vector<Hooked>& funcs);

}  // namespace tenon::builder

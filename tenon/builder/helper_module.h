// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
/// writes is answered with "bad descriptor"; every other function traps, and bears a name that the
/// backtrace shows.
[[nodiscard]] core::Module stub_module(const std::vector<NamedFunc>& funcs);
/// A core module with an `fd_write` that takes all it is given and writes it nowhere. It imports
/// the memory
/// ("", "memory") of the module that calls it.
[[nodiscard]] core::Module sink_module();
/// `fd_write` of preview1, which the sink implements.
[[nodiscard]] bool is_sink(const NamedFunc& func);

}  // namespace tenon::builder

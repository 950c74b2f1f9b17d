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

/// A core module of functions that only call through a table: what is imported by a module can so be given
/// before it is there. Function i has the type `types[i]` and is exported under its number.
[[nodiscard]] core::Module shim_module(const std::vector<core::FuncType>& types);
/// Its counterpart: imports the table and the real functions (module "", named by number) and fills the table.
[[nodiscard]] core::Module fixup_module(const std::vector<core::FuncType>& types);
/// A core module whose start function is its import ("" ""): calls `_initialize` at instantiation.
[[nodiscard]] core::Module initializer_module();

/// A function by its export name.
struct NamedFunc {
  std::string name;
  core::FuncType type;
};
/// A core module whose functions trap, for imports that nobody satisfies.
[[nodiscard]] core::Module stub_module(const std::vector<NamedFunc>& funcs);

}  // namespace tenon::builder

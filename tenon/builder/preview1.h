// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tenon/builder/componentize.h"
#include "tenon/core/module.h"

namespace tenon::builder {

/// The module name of WASI preview1's functions.
inline constexpr std::string_view preview1_name = "wasi_snapshot_preview1";

/// What came before it, and what is said of it.
inline constexpr std::string_view preview0_name = "wasi_unstable";
inline constexpr std::string_view preview0_help =
    "`wasi_unstable` is older than WASI preview1 (`wasi_snapshot_preview1`), for which there is an "
    "adapter: build the module again with a current wasi-libc";

/// A core module that is inside the program, by the name of its file.
struct EmbeddedModule {
  std::string_view name;
  ByteSpan bytes;
};
/// The forms of the adapter (guest/adapter): FORM_FILES_EXIT.
[[nodiscard]] std::span<const EmbeddedModule> preview1_modules();

/// Whether the module imports functions of preview1.
[[nodiscard]] bool imports_preview1(const core::Module& module);

/// tenon's own adapter from preview1 to WASI 0.2, in the form that serves this module: as a command
/// when it exports `_start`, without files when it cannot open any. Its world imports each
/// interface in the lowest version that has what is used of it.
[[nodiscard]] Result<Adapter> preview1_adapter(const core::Module& module, AdapterCompat compat);

/// The same, of one of the embedded modules.
[[nodiscard]] Result<Adapter> preview1_adapter(const EmbeddedModule& module);

}  // namespace tenon::builder

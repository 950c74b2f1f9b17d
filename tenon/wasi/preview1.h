// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/engine/instance.h"
#include "tenon/wasi/context.h"

namespace tenon::wasi {

/// WASI preview 1 for the core modules of one store. Functions that it makes are the store's, and
/// need it and the context for as long as guests run.
///
/// A pointer outside of the guest's memory `memory`, or one that is not aligned, is a trap; what
/// else is wrong is an errno. `proc_exit` unwinds the guest: `Trap::exit_code`.
class Preview1 {
 public:
  /// The module's name in imports.
  static constexpr std::string_view module_name = "wasi_snapshot_preview1";
  /// Preview 0, which is not there.
  static constexpr std::string_view old_module_name = "wasi_unstable";

  Preview1(engine::Store& store, Context& context);
  ~Preview1();
  Preview1(const Preview1&) = delete;
  Preview1& operator=(const Preview1&) = delete;

  /// The function of that name; none when preview 1 has no such function.
  [[nodiscard]] std::optional<engine::Func> find(std::string_view name);
  /// What a module imports, all of it functions of preview 1; else an error that names the first
  /// that is not: of rule `wasi-import` when it is of WASI, else `import-missing`.
  [[nodiscard]] Result<std::vector<engine::Extern>> imports_of(const core::Module& module);

  class Host;

 private:
  std::unique_ptr<Host> host_;
};

}  // namespace tenon::wasi

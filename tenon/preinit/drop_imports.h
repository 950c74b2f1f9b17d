// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/preinit/liveness.h"

namespace tenon::preinit {

/// Imported functions of one instance's module that go, by their index.
struct DroppedImports {
  std::vector<bool> dropped;
  [[nodiscard]] bool any() const;
  /// Those of both.
  void intersect(const DroppedImports& other);
};

/// The imported functions of module `i` that its code could reach in the beginning, or its state
/// names, and that nothing reaches any more, less those that are where they cannot be left out:
/// exports, elements that cannot be null, modules with sections that name functions in a form that
/// tenon does not know. `original` is the module as it was.
[[nodiscard]] DroppedImports droppable(const LiveModule& original, const core::Module& written,
                                       std::size_t i, const Liveness& after);

/// The module without them. Functions that call them, and so never run, become `unreachable`, as
/// long as they were: offsets of code stay, and with them debugging information. O(module).
[[nodiscard]] std::vector<std::uint8_t> drop_imports(const core::Module& module,
                                                     const DroppedImports& imports);

/// (module name, name) of each.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> names_of(
    const core::Module& module, const DroppedImports& imports);

}  // namespace tenon::preinit

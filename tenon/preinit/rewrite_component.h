// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/features.h"
#include "tenon/preinit/component_tree.h"

namespace tenon::preinit {

struct ComponentChanges {
  /// One for each core instance of the tree: its module rewritten, or nothing.
  std::vector<std::optional<std::vector<std::uint8_t>>> modules;
  /// One for each core instance: the imports that its written module has no more, by module name
  /// and name.
  std::vector<std::vector<std::pair<std::string, std::string>>> dropped_imports;
  /// Functions that the component itself exports no more.
  std::vector<std::string> removed_exports;
  /// Whether imports that nothing uses any more go.
  bool remove_imports = false;
};

/// The component rewritten: each core instance is one of the module that its own state was
/// written into, a module or component that is instantiated several times with different states
/// is there several times, and start functions are gone. Nothing when there is nothing to
/// change. O(component + modules), times the copies that differ.
[[nodiscard]] Result<std::optional<std::vector<std::uint8_t>>> rewrite_component(
    const ComponentTree& tree, const ComponentChanges& changes, const core::Features& features);

}  // namespace tenon::preinit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/preinit/state.h"

namespace tenon::preinit {

/// What becomes of a module's exports.
struct ExportChanges {
  /// Functions that are exported no more.
  std::vector<std::string> removed;
  /// (new name, name): the second export takes the place and name of the first.
  std::vector<std::pair<std::string, std::string>> renamed;
};

/// The module of an instance, rewritten so that instantiating it gives the instance's state; its
/// start function is gone. Nothing when the module does that as it is. Sections that need not
/// change keep their bytes, and so do indices of everything. O(module + state).
[[nodiscard]] Result<std::optional<std::vector<std::uint8_t>>> rewrite_module(
    const InstancePlan& plan, const ExportChanges& exports);

}  // namespace tenon::preinit

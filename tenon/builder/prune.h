// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "tenon/builder/module_shape.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// Drops from the world's imports what nothing needs: functions that no module imports, types that
/// neither what is left nor the exports speak of, interfaces of which nothing is left.
void prune_world(wit::Packages& packages, wit::WorldIdx world,
                 const std::vector<const ModuleShape*>& modules);

/// A copy without the imported functions that the modules do not call, whose types alone the
/// built-ins of streams and futures name, and without what they alone need; nothing when there is
/// no such built-in. The names in the shapes are not found in the copy.
[[nodiscard]] std::optional<wit::Packages> without_named(
    const wit::Packages& packages, wit::WorldIdx world,
    const std::vector<const ModuleShape*>& modules);

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/builder/module_shape.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// Drops from the world's imports what nothing needs: functions that no module imports, types that
/// neither what is left nor the exports speak of, interfaces of which nothing is left.
void prune_world(wit::Packages& packages, wit::WorldIdx world,
                 const std::vector<const ModuleShape*>& modules);

}  // namespace tenon::builder

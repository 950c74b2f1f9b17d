// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// A page that describes a world: `WORLD.md`.
[[nodiscard]] std::vector<File> generate_markdown(const WorldPlan& plan, const Options& options);

}  // namespace tenon::bindgen

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// Bindings for a host in C++23: `WORLD_host.h`, over the runtime's typed functions.
[[nodiscard]] std::vector<File> generate_cpp_host(const WorldPlan& plan, const Options& options);

}  // namespace tenon::bindgen

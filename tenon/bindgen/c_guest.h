// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// Bindings for a guest in C11: `WORLD.h`, usable from C++ too, and `WORLD.c`.
[[nodiscard]] std::vector<File> generate_c_guest(const WorldPlan& plan, const Options& options);
/// The functions that implement the world, each function to be written.
[[nodiscard]] File stub_c_guest(const WorldPlan& plan, const Options& options);
/// What its author writes by name.
[[nodiscard]] GuestNames names_of_c_guest(const WorldPlan& plan, const Options& options);

}  // namespace tenon::bindgen

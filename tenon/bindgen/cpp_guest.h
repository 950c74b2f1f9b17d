// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// Bindings for a guest in C++23: `WORLD.hpp`, `WORLD.cpp` and what they include.
[[nodiscard]] std::vector<File> generate_cpp_guest(const WorldPlan& plan, const Options& options);
/// The class that implements the world, each function to be written.
[[nodiscard]] File stub_cpp_guest(const WorldPlan& plan, const Options& options);
/// What its author writes by name.
[[nodiscard]] GuestNames names_of_cpp_guest(const WorldPlan& plan, const Options& options);

}  // namespace tenon::bindgen

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// Bindings for a guest in Rust: a crate without dependencies that rustc compiles alone.
[[nodiscard]] std::vector<File> generate_rust_guest(const WorldPlan& plan, const Options& options);
/// The type that implements the world, each function to be written.
[[nodiscard]] File stub_rust_guest(const WorldPlan& plan, const Options& options);
/// What its author writes by name.
[[nodiscard]] GuestNames names_of_rust_guest(const WorldPlan& plan, const Options& options);

}  // namespace tenon::bindgen

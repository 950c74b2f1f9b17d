// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tenon/engine/instance.h"

namespace tenon::preinit {

/// Compares what two sets of instances hold, item by item: memories, tables, globals, segments. The
/// instances correspond one to one; functions are the same when they are at the same place. Empty
/// when nothing differs, else where the first difference is. With `less_imports` an element of
/// `b`'s tables may be null where that of `a` is a function that some instance imports: nothing
/// reaches it.
[[nodiscard]] std::string state_difference(std::span<engine::Instance* const> a,
                                           std::span<engine::Instance* const> b,
                                           bool less_imports = false);

/// Counts what the state of an instance is made of that an initialisation can leave, by its name.
using Features = std::map<std::string, std::uint64_t, std::less<>>;
void count_features(engine::Instance& instance, Features& features);
/// Everything that `count_features` knows.
[[nodiscard]] std::vector<std::string> all_features();

/// Text of a core module or a component from a seed: whatever an initialisation can change is
/// changed by its function `init`. `nothing` does nothing.
[[nodiscard]] std::string generate_module(std::uint64_t seed);
[[nodiscard]] std::string generate_component(std::uint64_t seed);

}  // namespace tenon::preinit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string_view>

#include "tenon/engine/engine.h"

// For test programs alone: the same tests under the stress settings that the environment names.
namespace tenon::engine {

/// The least value stack that the public suites fit in.
inline constexpr std::size_t least_value_stack = 32U << 10U;

/// Adds what `TENON_STRESS` lists, separated by commas: `collect`, `poison`, `far` (`Stress`),
/// `stack` (the least value stack).
inline Config stressed(Config config = {}) {
  const char* set = std::getenv("TENON_STRESS");
  std::string_view left = set == nullptr ? std::string_view() : set;
  while (!left.empty()) {
    const std::string_view one = left.substr(0, left.find(','));
    left.remove_prefix(one.size() == left.size() ? one.size() : one.size() + 1);
    if (one == "collect") config.stress.collect = true;
    if (one == "poison") config.stress.poison = true;
    if (one == "far") config.stress.far_forms = true;
    if (one == "stack") config.value_stack_bytes = least_value_stack;
  }
  return config;
}

class StressedEngine : public Engine {
 public:
  explicit StressedEngine(const Config& config = {}) : Engine(stressed(config)) {}
};

}  // namespace tenon::engine

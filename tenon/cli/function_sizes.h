// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenon/cli/input.h"
#include "tenon/cli/sections.h"

namespace tenon::cli {

/// A function that a core module defines, with the bytes of its body.
struct FunctionSize {
  /// Which of the binary's core modules, in the order of the binary.
  std::uint32_t module = 0;
  std::uint32_t index = 0;
  /// From the name section, else an export's; may be empty.
  std::string name;
  std::size_t bytes = 0;
};

/// All functions of the binary's core modules, the largest first. Modules that cannot be read have
/// none.
[[nodiscard]] std::vector<FunctionSize> function_sizes(const Input& input,
                                                       const std::vector<Section>& sections);

}  // namespace tenon::cli

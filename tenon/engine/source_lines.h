// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tenon/core/module.h"

namespace tenon::engine {

/// For each offset in the bytes of a module, the `file:line` that its debug information tells;
/// empty where it tells none. Debug information comes from strangers: what is malformed ends the
/// unit that it is in, and nothing fails for it. The file's folder is left out where it is the
/// one that the compiler ran in. O(section + offsets), of at most 64 MiB of section.
/// Spec: DWARF 5 "Line Number Information"; 2 to 5 are read.
[[nodiscard]] std::vector<std::string> source_lines(const core::Module& module,
                                                    std::span<const std::uint32_t> offsets);

}  // namespace tenon::engine

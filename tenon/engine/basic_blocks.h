// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/core/module.h"

namespace tenon::engine {

/// Operators of a body that run one after the other: control comes in at the first only. The last
/// may leave.
struct BasicBlock {
  /// `entry`, `loop`: where a counter of calls or of a loop's rounds is, if a tier has one.
  enum class Kind : std::uint8_t { entry, loop, other };
  Kind kind = Kind::other;
  /// Where in the module's bytes the first operator is.
  std::uint32_t begin = 0;
  /// Operators that the block has: what it costs in fuel, paid before the first.
  std::uint32_t operators = 0;
};

/// The basic blocks of a validated body that can be reached, in its order; the first is its entry.
/// All tiers take fuel by these, so a guest uses the same fuel in each. A call ends no block.
/// O(body).
[[nodiscard]] std::vector<BasicBlock> basic_blocks(const core::Module& module,
                                                   const core::Code& code);

}  // namespace tenon::engine

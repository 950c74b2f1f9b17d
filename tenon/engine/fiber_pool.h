// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/engine/stack_pool.h"

namespace tenon::engine {

/// Native stacks of fibers. Thread-safe.
class FiberPool : public MappedStacks {
 public:
  using MappedStacks::MappedStacks;
};

}  // namespace tenon::engine

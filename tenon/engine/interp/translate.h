// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "tenon/engine/interp/insn.h"
#include "tenon/engine/module.h"

namespace tenon::engine::interp {

/// Translates a defined function into internal form in one pass over its body. With `offsets`,
/// notes besides where in the module's bytes the operator of each instruction stands. A function
/// whose frame is too large becomes one that traps with `stack_overflow`.
std::unique_ptr<FuncCode> translate(const Module& module, u32 defined,
                                    std::vector<u32>* offsets = nullptr);

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "tenon/engine/interp/insn.h"
#include "tenon/engine/module.h"
#include "tenon/engine/store.h"

namespace tenon::engine::interp {

/// Translates a defined function into internal form in one pass over its body, or two when its
/// frame needs far forms; time and memory are linear in the body. With `offsets`, notes besides
/// where in the module's bytes the operator of each instruction is. With `asks`, looks for
/// interruptions of that store on the way and returns null when it is to trap. A function whose
/// code passes `Config::function_code_bytes` becomes one that traps with `function_too_large`, one
/// whose operands pass the value stack traps with `stack_overflow`.
std::unique_ptr<Code> translate(const Module& module, u32 defined,
                                std::vector<u32>* offsets = nullptr, Store* asks = nullptr);

}  // namespace tenon::engine::interp

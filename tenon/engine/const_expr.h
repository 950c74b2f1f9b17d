// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "tenon/engine/instance.h"

namespace tenon::engine {

/// Evaluates a constant expression of a module in one of its instances, whose imports and earlier
/// globals are. Two slots: a v128 fills both. Nothing when the heap is full.
/// Spec: core/exec/modules "Instantiation", core/valid/instructions "Constant Expressions".
std::optional<std::array<ValueSlot, 2>> evaluate(Instance& instance, core::Expr expr);

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/core/module.h"

namespace tenon::core {

/// Checks what custom sections say of a module: `name` (it follows the code and data, once,
/// and names what there is), the form of `producers`, and branch hints, which are before the
/// code, once, in order, each at a `br_if` or `if`. A module is valid without it: the specification
/// lets nobody refuse a module for its custom sections. Linear in the module. Spec:
/// core/appendix/custom; the proposal `branch-hinting`.
[[nodiscard]] Result<void> validate_custom(const Module& module);

}  // namespace tenon::core

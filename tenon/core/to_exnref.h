// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/core/module.h"

namespace tenon::core {

/// The module with `try_table` and `throw_ref` in the place of the legacy `try`, `catch`,
/// `catch_all`, `delegate` and `rethrow`: it does the same. `module` was read from a binary. Bodies
/// without them stay as they are, byte for byte; custom sections that count places in bodies (of
/// debuggers, branch hints, relocations) and names of labels are left out when a body changes.
/// Spec: the proposal `exception-handling`, legacy/exceptions.
[[nodiscard]] std::vector<std::uint8_t> to_exnref(const Validated<Module>& module);

}  // namespace tenon::core

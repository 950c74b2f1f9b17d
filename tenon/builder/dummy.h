// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/abi/mangle.h"
#include "tenon/base/error.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// A core module with the imports and exports that a world asks for, whose functions trap: what a
/// guest has to look like. Async functions are called and lifted in the way of `calling`, which
/// takes the legacy names. The module says nothing of the world yet. An error when it would have
/// more imports than a core module can: each stream and future of a type has some, and a type may
/// hold another any number of times.
[[nodiscard]] Result<std::vector<std::uint8_t>> dummy_module(
    const wit::Packages& packages, wit::WorldIdx world, abi::Mangling mangling,
    abi::Calling calling = abi::Calling::sync);

}  // namespace tenon::builder

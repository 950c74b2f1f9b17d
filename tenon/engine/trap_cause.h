// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "tenon/engine/trap.h"
#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

/// The fuel of a store before the first `set_fuel`: what code takes off it leaves it recognisable.
inline constexpr std::int64_t no_fuel_given = std::numeric_limits<std::int64_t>::min() / 2;

/// A remark on what is likely behind a trap, where its code alone points elsewhere: a stack in
/// linear memory that is used up, fuel that was never given, or the message of a panic that a guest
/// without a stream left in its memory. Linear in the module's name section, once a module.
[[nodiscard]] std::optional<Frame> cause_of(TrapCode code, const VMContext* vm,
                                            const StoreContext& store);

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"
#include "tenon/cli/command.h"
#include "tenon/engine/store.h"
#include "tenon/engine/trap.h"

namespace tenon::cli {

/// An error of `tenon run` with the option that set the limit which stopped the guest, or with the
/// way round where no option raises it. `trap`: what the guest stopped with, or null.
/// `memory_refused`: the limit of memory stood in the way of what is no trap.
[[nodiscard]] Error with_limit_help(Error error, const engine::Trap* trap, const Args& args,
                                    bool memory_refused = false);
/// Whether an instance could not be made because its memories are larger than the store allows.
[[nodiscard]] bool is_of_memory(const Error& error, const engine::Store& store);

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"
#include "tenon/cli/command.h"
#include "tenon/engine/trap.h"

namespace tenon::cli {

/// An error of `tenon run` with the option that set the limit which stopped the guest, or with the
/// way round where no option raises it. `trap`: what the guest stopped with, or null.
[[nodiscard]] Error with_limit_help(Error error, const engine::Trap* trap, const Args& args);

}  // namespace tenon::cli

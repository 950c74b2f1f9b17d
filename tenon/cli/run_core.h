// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/cli/command.h"
#include "tenon/cli/context.h"
#include "tenon/cli/input.h"

namespace tenon::cli {

/// `run` for a core module: `--invoke 'f(1, 2.5)'` calls an export with numbers and prints its
/// results, one a line; without it the module is instantiated, which runs its start function.
int run_core(Context& context, const Args& args, const Input& input);

}  // namespace tenon::cli

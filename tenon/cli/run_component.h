// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/cli/command.h"
#include "tenon/cli/context.h"
#include "tenon/cli/input.h"

namespace tenon::cli {

/// `run` for a component: `--invoke`, or `wasi:cli/run` of a command.
int run_component(Context& context, const Args& args, const Input& input);

}  // namespace tenon::cli

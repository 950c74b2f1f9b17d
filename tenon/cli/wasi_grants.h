// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/cli/command.h"
#include "tenon/wasi/context.h"

namespace tenon::cli {

/// Makes the grants of `tenon run` that its options name; the first word of the inputs is the
/// program. An error of rule `usage` where a value is not understood, of `wasi-grant` where a grant
/// cannot be made.
[[nodiscard]] Result<void> grant_wasi(const Args& args, wasi::Context& to);

/// Tells on stderr, for a program that failed, which option opens what it was refused.
void note_refusals(const Context& context, const wasi::Context& world);

/// From now on Ctrl-C ends the program with 130, wherever the guest is, and a pipe that nobody
/// reads is the guest's error.
void prepare_signals();

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"
#include "tenon/cli/command.h"
#include "tenon/cli/context.h"
#include "tenon/cli/input.h"
#include "tenon/component/component.h"
#include "tenon/core/features.h"
#include "tenon/core/module.h"

namespace tenon::cli {

/// The features that `--features`, `--all-features` and `--enable-all` ask for, from `base` on.
[[nodiscard]] Result<core::Features> features_of(const Args& args, core::Features base);

/// A core module, read from binary or text. A module read from a binary borrows from the input.
[[nodiscard]] Result<core::Module> load_module(const Input& input, const core::Features& features);
/// A component, read from binary or text, likewise.
[[nodiscard]] Result<component::Component> load_component(const Input& input,
                                                          const core::Features& features);

}  // namespace tenon::cli

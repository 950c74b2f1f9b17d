// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"
#include "tenon/cli/command.h"
#include "tenon/cli/context.h"
#include "tenon/cli/input.h"
#include "tenon/component/component.h"
#include "tenon/core/features.h"
#include "tenon/core/module.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_module.h"

namespace tenon::cli {

/// The features that `--features`, `--all-features` and `--enable-all` ask for, from `base` on.
[[nodiscard]] Result<core::Features> features_of(const Args& args, core::Features base);

/// A core module, read from binary or text. A module read from a binary borrows from the input.
[[nodiscard]] Result<core::Module> load_module(const Input& input, const core::Features& features,
                                               const text::ModuleTextOptions& options = {});
/// A component, read from binary or text, likewise.
[[nodiscard]] Result<component::Component> load_component(
    const Input& input, const core::Features& features,
    const text::ComponentTextOptions& options = {});

/// Turns a text into the binary that it stands for; a binary stays as it is. What is neither is an
/// error.
[[nodiscard]] Result<void> make_binary(Context& context, Input& input,
                                       const text::ComponentTextOptions& options = {});
/// Prints a core module or component as text, piece by piece.
[[nodiscard]] Result<void> print_input(const Input& input, const text::PrintOptions& options,
                                       const text::TextSink& sink);

}  // namespace tenon::cli

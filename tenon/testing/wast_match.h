// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/component/component.h"
#include "tenon/core/features.h"
#include "tenon/core/module.h"
#include "tenon/text/wast.h"

namespace tenon::testing {

/// Whether a value is what a script expects. Spec: interpreter README "Scripts" (result patterns).
[[nodiscard]] bool matches(const text::ScriptValue& expected, const text::ScriptValue& actual);

/// A value in short, for messages.
[[nodiscard]] std::string show(const text::ScriptValue& value);

/// The value as a component function takes it: `f32.const` and `f64.const` are written alike for
/// both kinds of functions.
[[nodiscard]] text::ComponentValue as_component_value(const text::ScriptValue& value);

/// Reads and validates a component of a script, in any of its forms.
[[nodiscard]] Result<core::Validated<component::Component>> accept_component(
    const text::Script& script, const text::ScriptModule& module, const core::Features& features);

}  // namespace tenon::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/component/component.h"
#include "tenon/core/features.h"
#include "tenon/text/wast.h"

namespace tenon::text {

struct ComponentTextOptions {
  /// Read references as they were before 2025: `(memory $i "m")`, and `(func …)` where
  /// `(core func …)` is asked for.
  bool legacy_references = false;
  /// Read words as they were: `(interface "…")`, `float32` and `float64`. Scripts may have them.
  bool legacy_words = false;
};

/// Reads a component in text form, `(component …)`, with all abbreviations written out: inline
/// aliases, types, imports, exports and instances become definitions before the one they are in,
/// identifiers of enclosing components become outer aliases. `(component binary …)` gives what
/// decoding the bytes gives. Identifiers become the `component-name` section. Spec: Explainer.md.
[[nodiscard]] Result<component::Component> parse_component(
    std::string_view text, std::uint32_t source = 0, const ComponentTextOptions& options = {});

/// Reads a component of a script, of form text or quote.
[[nodiscard]] Result<component::Component> parse_script_component(const Script& script,
                                                                  const ScriptModule& module);

}  // namespace tenon::text

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/base/error.h"
#include "tenon/component/component.h"
#include "tenon/text/print_module.h"
#include "tenon/text/text_writer.h"

namespace tenon::text {

/// A component in text form, each definition as it is in the binary: `parse_component` gives
/// the same bytes again. Identifiers are where the `component-name` section has them. The
/// component need not be valid. O(n). Spec: Explainer.md.
[[nodiscard]] Result<std::string> print_component(const component::Component& component,
                                                  const PrintOptions& options = {});
/// The same, handed on piece by piece.
[[nodiscard]] Result<void> print_component(const component::Component& component,
                                           const PrintOptions& options, const TextSink& sink);

}  // namespace tenon::text

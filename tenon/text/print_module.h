// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/base/error.h"
#include "tenon/core/module.h"
#include "tenon/text/text_writer.h"

namespace tenon::text {

struct PrintOptions {
  /// Operands inside the parentheses of their operator.
  bool fold = false;
  /// No bodies, no segments' content: imports, exports and signatures.
  bool skeleton = false;
};

/// A module in text form: `parse_module` gives the same binary again. Names are where the name
/// section has them; custom sections are `(@custom …)`. The module need not be valid, but an
/// operator that cannot be read is an error. O(n). Spec: core/text.
[[nodiscard]] Result<std::string> print_module(const core::Module& module,
                                               const PrintOptions& options = {});
/// The same, handed on piece by piece, so that memory stays small.
[[nodiscard]] Result<void> print_module(const core::Module& module, const PrintOptions& options,
                                        const TextSink& sink);

/// What is inside of `(module`: for a component's printer. `head` is the text before the
/// fields, such as `core module $m (;0;)`, without its parenthesis.
[[nodiscard]] Result<void> print_module(TextWriter& out, std::string_view head,
                                        const core::Module& module, const PrintOptions& options);

}  // namespace tenon::text

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/text/print_expr.h"

namespace tenon::text {

/// Prints a body with operands inside the parentheses of their operator. An operator takes as
/// operands what certainly gives one value each right before it; whatever else is by itself, in
/// order, so that the same operators come out again.
[[nodiscard]] Result<void> print_folded(ExprPrinter& printer, TextWriter& out,
                                        const core::Module& module, core::Expr expr,
                                        std::uint32_t func);

}  // namespace tenon::text

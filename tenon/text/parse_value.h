// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/component/types.h"
#include "tenon/text/component_scope.h"
#include "tenon/text/cursor.h"

namespace tenon::text {

/// Reads a value definition's literal into its encoded bytes: a value of the type, which the
/// innermost component names, or `(binary "…")`. Spec: Explainer.md "Value Definitions".
[[nodiscard]] Result<void> parse_value(Cursor& cursor, const Scopes& scopes,
                                       component::ValType type, std::vector<std::uint8_t>& out);

}  // namespace tenon::text

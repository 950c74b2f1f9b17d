// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/component/types.h"
#include "tenon/text/cursor.h"

namespace tenon::text {

/// Reads a value definition's literal into its encoded bytes: a primitive value, or `(binary "…")`
/// for any type. Spec: Explainer.md "Value Definitions".
[[nodiscard]] Result<void> parse_value(Cursor& cursor, component::ValType type,
                                       std::vector<std::uint8_t>& out);

}  // namespace tenon::text

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/text/cursor.h"
#include "tenon/text/wast.h"

namespace tenon::text {

/// One value of a script, core or component; with `pattern` also what only results can be
/// (`nan:canonical`, `either`, `(ref.func)`).
[[nodiscard]] Result<ScriptValue> parse_script_value(Cursor& cursor, bool pattern);

/// One component value, parentheses included; `depth` of those around it.
[[nodiscard]] Result<ComponentValue> parse_component_value(Cursor& cursor, int depth = 0);

}  // namespace tenon::text

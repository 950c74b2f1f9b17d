// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/text/cursor.h"

namespace tenon::text {

/// The content of the `producers` section that `(@producers …)` means, of a module or a component;
/// the cursor is behind the annotation's word. The fields come in one order, whatever the text's.
[[nodiscard]] Result<std::vector<std::uint8_t>> producers_content(Cursor inside);

}  // namespace tenon::text

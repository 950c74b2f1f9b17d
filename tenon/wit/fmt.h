// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tenon/base/error.h"

namespace tenon::wit {

/// WIT in canonical layout: two spaces a level, one item a line, members of types on lines of their
/// own. Every comment stays where it stood, in its words; at most one empty line stays between
/// items. Formatting the result changes nothing. A text with syntax errors is not touched: they go
/// to `diagnostics`.
[[nodiscard]] std::optional<std::string> format(std::string_view text, std::uint32_t source,
                                                Diagnostics& diagnostics);

}  // namespace tenon::wit

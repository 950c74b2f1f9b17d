// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>

#include "tenon/base/json.h"

namespace tenon::testing {

/// Refuses keys that no reader takes; the nearest is named.
[[nodiscard]] Result<void> known_keys(const Json& object,
                                      std::initializer_list<std::string_view> keys);

}  // namespace tenon::testing

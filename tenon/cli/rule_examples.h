// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tenon::cli {

/// rule_examples.txt: for each rule what breaks it and what does not.
[[nodiscard]] std::string_view rule_examples();

}  // namespace tenon::cli

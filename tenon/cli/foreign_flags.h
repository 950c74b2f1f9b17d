// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::cli {

/// What to type for an option of wasmtime's groups `-S` and `-W`, such as `-S inherit-network` or
/// `-W max-memory-size=1000`; `value` is what follows the letter. Empty for other letters.
[[nodiscard]] std::string instead_of_foreign_flag(char letter, std::string_view value);

}  // namespace tenon::cli

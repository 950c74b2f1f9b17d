// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::cli {

/// What to type for an option of wasmtime's groups `-S` and `-W`, such as `-S inherit-network` or
/// `-W max-memory-size=1000`; `value` is what follows the letter. Empty for other letters.
[[nodiscard]] std::string instead_of_foreign_flag(char letter, std::string_view value);

/// What to type for an option of other programs that `verb` has under another name, or not at all;
/// empty when there is nothing to say.
[[nodiscard]] std::string_view instead_of_option(std::string_view verb, std::string_view name);

}  // namespace tenon::cli

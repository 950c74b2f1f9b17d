// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::text {

/// Today's spelling of an operator or type of core modules that had another one once, such as
/// `local.get` for `get_local`; empty for every other word.
[[nodiscard]] std::string todays_spelling(std::string_view word);

/// What is said of a word that belongs to a proposal of core Wasm that is not supported, found
/// where `wanted` was; empty for every other word.
[[nodiscard]] std::string foreign_word(std::string_view word, std::string_view wanted);

}  // namespace tenon::text

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/core/op.h"

namespace tenon::text {

/// The operator that a keyword names, through a hash table made at compile time. Of operators that
/// share a name (`select`, `ref.test`, `ref.cast`) the first.
[[nodiscard]] std::optional<core::Op> find_operator(std::string_view word);

/// Whether a word means anything in any of the grammars of this room. Slow: for messages.
[[nodiscard]] bool is_keyword(std::string_view word);

}  // namespace tenon::text

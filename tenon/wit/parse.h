// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/wit/ast.h"
#include "tenon/wit/lex.h"

namespace tenon::wit {

/// Nesting of types (and of comments' documents) that is taken. Spec: docs/wit.md "Limits".
inline constexpr std::uint32_t max_type_depth = 100;

/// Parses one file. After an error it goes on at the next item, so that one run shows several; the
/// file then holds what was understood. `text` need not outlive the result. Spec: WIT.md, from
/// "Top-level items" on.
[[nodiscard]] ast::File parse(std::string_view text, std::uint32_t source,
                              Diagnostics& diagnostics);

/// What to say of the name of a type in older drafts (`float32`, `float64`, `expected`, `unit`)
/// that nothing has; nothing for another name. Spec: WIT.md "Types".
[[nodiscard]] std::optional<Error> old_type(std::string_view word, Span where);

}  // namespace tenon::wit

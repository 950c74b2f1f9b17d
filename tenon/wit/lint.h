// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// Reports, as warnings, what is allowed and unwise in the root packages: types and uses that nothing refers to, missing
/// docs of what is exported, gates weaker than those around them, names that collide in a target language.
void lint(const Packages& packages, Diagnostics& diagnostics);

/// Applies the mends of errors and warnings to one source's text. Of two that overlap the first counts.
[[nodiscard]] std::string apply_fixes(std::string_view text, std::uint32_t source, const std::vector<Error>& errors);

}  // namespace tenon::wit

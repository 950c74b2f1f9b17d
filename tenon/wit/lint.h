// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// Reports, as warnings, what is allowed and unwise in the root packages: types, uses, interfaces
/// and imports that nothing refers to, missing docs of what is exported, gates weaker than those
/// around them, names that collide in a target language, bytes that want a stream, errors that are
/// bare strings. What is mechanical carries its fix; `sources` holds the texts that the packages
/// were read from. The ids of rules in `allowed` are off.
void lint(const Packages& packages, const SourceSet& sources, Diagnostics& diagnostics,
          const std::vector<std::string>& allowed = {});

/// The ids of the rules that `lint` has.
[[nodiscard]] std::vector<std::string_view> lint_rules();

}  // namespace tenon::wit

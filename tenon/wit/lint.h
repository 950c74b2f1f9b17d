// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
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

/// A rule that somebody names and `lint` does not have.
struct UnknownLint {
  std::size_t index = 0;
  /// What is wrong, without a place.
  std::string detail;
  /// The rule that was meant; empty when none is near.
  std::string_view meant;
  /// All that there are, for a help where none was meant.
  std::string known;
};
/// The first of them; nothing if `lint` has all.
[[nodiscard]] std::optional<UnknownLint> unknown_lint(const std::vector<std::string>& rules);

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenon/wit/package.h"

namespace tenon::wit {

/// The step of the version number that a change asks for. Spec: https://semver.org.
enum class Step : std::uint8_t { patch, minor, major };
[[nodiscard]] std::string_view to_string(Step step);

struct Change {
  Step step = Step::patch;
  /// "interface `i`: function `f` is gone".
  std::string text;
  /// Where it is in the new text, or in the old one when it is gone.
  Span span = Span::none();
};

/// What changed from one package to its next version, as those see it who use its interfaces and
/// whose components fit its worlds; the largest steps first. Additions are minor, except what
/// components would have to bring: a new export of a world, a new field, case or flag. Changed docs
/// are patches, as is any change of what follows a feature. Interfaces of other packages that this
/// one uses are compared where their version is the same.
[[nodiscard]] std::vector<Change> diff(const Packages& before, PackageIdx old_package,
                                       const Packages& after, PackageIdx new_package);

/// The largest step; patch when nothing changed.
[[nodiscard]] Step step_of(const std::vector<Change>& changes);
/// Whether the new version number is at least that step above the old one; below 1.0.0 each part
/// counts as the one before it.
[[nodiscard]] bool is_enough(std::string_view old_version, std::string_view new_version, Step step);

}  // namespace tenon::wit

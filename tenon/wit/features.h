// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tenon/base/source.h"

namespace tenon::wit {

/// A sentence for each of the features that no `@unstable(feature = …)` of the sources names:
/// opening it has no effect. Those that open a part of the language, `cm-…`, stand before no item.
[[nodiscard]] std::vector<std::string> idle_features(const SourceSet& sources,
                                                     const std::vector<std::string>& features);

}  // namespace tenon::wit

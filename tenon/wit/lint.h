// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// Reports, as warnings, what is allowed and unwise in the root packages: types and uses that
/// nothing refers to, missing docs of what is exported, gates weaker than those around them, names
/// that collide in a target language. What is mechanical carries its mend; `sources` holds the
/// texts that the packages were read from.
void lint(const Packages& packages, const SourceSet& sources, Diagnostics& diagnostics);

}  // namespace tenon::wit

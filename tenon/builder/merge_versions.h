// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/wit/package.h"

namespace tenon::builder {

/// Where the world imports one interface in several compatible versions, as a module and its
/// adapters may do that were made at different times, only the newest stays: all that names the
/// others' types names its types. A newer version that lacks something of an older one, and what
/// the world exports too and has types of its own, stay as they are. Spec: https://semver.org,
/// Explainer.md "Canonical Interface Name".
[[nodiscard]] Result<void> merge_imports_by_version(wit::Packages& packages, wit::WorldIdx world);

}  // namespace tenon::builder

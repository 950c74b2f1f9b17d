// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/json.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// The graph as JSON, in the schema of `wasm-tools component wit --json`: the arrays `worlds`,
/// `interfaces`, `types` and `packages`, which name each other by position.
[[nodiscard]] Json to_json(const Packages& packages);

}  // namespace tenon::wit

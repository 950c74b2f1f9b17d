// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// Whether a component fits a world: it imports no more than the world does and exports no less,
/// with types that match. The error names the item. Spec: Explainer.md "Type Checking".
[[nodiscard]] Result<void> targets(ByteSpan component, const wit::Packages& packages,
                                   wit::WorldIdx world, std::uint32_t source = Span::no_source);

}  // namespace tenon::builder

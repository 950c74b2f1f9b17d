// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/bytes.h"
#include "tenon/component/component.h"
#include "tenon/core/features.h"

namespace tenon::component {

/// Reads the binary form of a component with everything inside it. `bytes` move into the component;
/// what is inside borrows from them. Spans count from `base`. O(n).
/// Spec: Binary.md "Component Definitions".
[[nodiscard]] Result<Component> decode(Blob bytes,
                                       const core::Features& features = core::Features::component(),
                                       std::uint32_t source = 0, std::uint32_t base = 0);

}  // namespace tenon::component

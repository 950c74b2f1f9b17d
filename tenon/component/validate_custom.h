// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/component/component.h"
#include "tenon/core/module.h"

namespace tenon::component {

/// Checks what the custom sections of a component say, and those of the core modules and
/// components inside it: `component-name` is once and names what there is, `producers` has its
/// form, and what belongs to a core module (`name`, branch hints) does not be in a component. A
/// component is valid without it. Spec: Binary.md "Name Section".
[[nodiscard]] Result<void> validate_custom(const core::Validated<Component>& component);

}  // namespace tenon::component

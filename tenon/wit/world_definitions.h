// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/component/component.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// Writes what a valid component imports and exports into `out`, an empty graph, as the world
/// `root:component/root`, from the component's definitions: they tell which type is which, aliases
/// of primitive types too. False for a component that is built in another way than tools build
/// them; then `out` is of no use. O(n).
[[nodiscard]] bool read_world_definitions(const component::Component& component, Packages& out);

}  // namespace tenon::wit

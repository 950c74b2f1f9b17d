// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/component/component.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// A WIT package as the binary of a component that exports one type for each interface and world;
/// docs and gates are in the custom section `package-docs`. Every interface is there with all
/// that it uses: an error when what is repeated comes to more than 4 MiB and four times what all
/// interfaces take once, or when an interface or a world needs too many others.
/// Spec: WIT.md "Package Format".
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_package(const Packages& packages,
                                                               PackageIdx package);

/// An error when the type of a world has more instances than `component::limits::instances`: with
/// all that its interfaces use, each is imported or exported as one. Linear.
[[nodiscard]] Result<void> check_instances(const Packages& packages, WorldIdx world);

/// A component that exports the type of one world, as `component-type` sections hold it.
[[nodiscard]] component::Component world_component(const Packages& packages, WorldIdx world);

/// The type of a component that fits a world. Spec: WIT.md "Package Format".
[[nodiscard]] component::ComponentType world_type(const Packages& packages, WorldIdx world);

}  // namespace tenon::wit

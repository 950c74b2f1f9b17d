// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// The interfaces that each interface needs, as far as was asked: for many worlds that have the
/// same.
using InterfaceNeeds = std::unordered_map<InterfaceIdx, std::vector<InterfaceIdx>>;

/// Adds the imports that nobody wrote and puts a world's items into the order of binaries:
/// interfaces, each after those that it needs, then types, then functions. An export that would see
/// one interface both as an import and as an export is an error. Spec: WIT.md "Transitive imports
/// and worlds".
[[nodiscard]] Result<void> elaborate(const Packages& packages, World& world);
/// The same; `needs` goes from world to world, while the interfaces stay as they are.
[[nodiscard]] Result<void> elaborate(const Packages& packages, World& world, InterfaceNeeds& needs);

/// Turns a world round: what it exports becomes what it imports; its own imports go, but for its
/// types. For those who call a component of the world.
[[nodiscard]] Result<void> importize(const Packages& packages, World& world);
/// The reverse: what it imports becomes what it exports.
[[nodiscard]] Result<void> exportize(const Packages& packages, World& world);

}  // namespace tenon::wit

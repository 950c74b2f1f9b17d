// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/component/component.h"
#include "tenon/component/validate.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// Whether a component is a WIT package: it exports component types and nothing else.
[[nodiscard]] bool is_wit_package(const component::Component& component);

/// The packages that a WIT package in binary holds: its own is the root, what it uses of others
/// is beside, as far as it is used. Docs and gates come back from `package-docs`. Spec: WIT.md
/// "Package Format".
[[nodiscard]] Result<Packages> from_component(const component::Component& component);

/// The world that a component implements: `root:component/root`, with its imports and exports and
/// the packages that they name.
[[nodiscard]] Result<Packages> world_of(const core::Validated<component::Component>& component);

/// Reads the WIT out of any binary: a WIT package, a component, or the `component-type` sections of
/// a core module.
[[nodiscard]] Result<Packages> wit_of_binary(ByteSpan bytes, std::uint32_t source = 0);

/// `ns:pkg/item@1.0.0` in its parts; nothing when the name is no such id.
struct ItemId {
  PackageName package;
  std::string item;
};
[[nodiscard]] std::optional<ItemId> parse_item_id(std::string_view id);

/// Drops types that nothing refers to and puts packages behind those that they need.
void tidy(Packages& packages);

}  // namespace tenon::wit

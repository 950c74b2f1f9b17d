// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/component/component.h"
#include "tenon/text/component_scope.h"

namespace tenon::text {

/// The content of a `component-name` section. Spec: Binary.md "Name Section".
struct ComponentNames {
  std::optional<std::string> component;
  /// Index and name by index space.
  std::array<std::vector<std::pair<std::uint32_t, std::string>>, num_spaces> items;
};

/// Writes what there is; nothing when there are no names.
void write_component_names(Writer& out, const ComponentNames& names);
/// An error where the section is malformed; whether there are such items is not asked.
[[nodiscard]] Result<ComponentNames> read_component_names(ByteSpan content);

/// How many items each definition of a component adds to which index space.
struct Defines {
  std::optional<component::Sort> sort;
  std::uint32_t count = 1;
};
[[nodiscard]] Defines defines(const component::Definition& definition);

}  // namespace tenon::text

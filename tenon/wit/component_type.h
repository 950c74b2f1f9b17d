// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/component/component.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// What names the custom sections of a core module that say which world it was made for: the name
/// begins so; what follows tells several of them apart.
inline constexpr std::string_view component_type_section = "component-type";

/// `component-type:ns:pkg@1.0.0:world`: the name of such a section for this world, unlike any
/// other's, so that a linker does not join two of them into one.
[[nodiscard]] std::string component_type_section_name(const Packages& packages, WorldIdx world);

/// The content of the section: a component that exports the world's type, with the string encoding
/// of the module's canonical options beside it. An error when the world needs too many interfaces.
[[nodiscard]] Result<std::vector<std::uint8_t>> encode_component_type(
    const Packages& packages, WorldIdx world,
    component::StringEncoding encoding = component::StringEncoding::utf8);

/// A world read back. Its packages hold what the world needs, no more.
struct ComponentType {
  Packages packages;
  WorldIdx world;
  component::StringEncoding encoding = component::StringEncoding::utf8;
};
/// Reads the content of such a section. Spans count from `base`.
[[nodiscard]] Result<ComponentType> decode_component_type(ByteSpan content,
                                                          std::uint32_t source = 0,
                                                          std::uint32_t base = 0);

/// Several worlds that one module was made for (each object file that was linked brings its own),
/// joined into one: its imports and exports are those of all. One world is returned as it is.
[[nodiscard]] Result<ComponentType> merge_component_types(std::vector<ComponentType> parts);

}  // namespace tenon::wit

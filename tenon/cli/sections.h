// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"

namespace tenon::cli {

/// A section as it is in a binary, without a look at its content. Spec: Binary.md "Component
/// Definitions", core/binary/modules "Sections".
struct Section {
  std::uint8_t id = 0;
  /// It is directly in a component (not in a core module).
  bool in_component = false;
  /// 0 for the outermost binary, one more inside each core module or component.
  std::uint32_t depth = 0;
  /// The section (a core module or component) it is in; `no_parent` at the outermost level.
  std::uint32_t parent = no_parent;
  /// A custom section's name.
  std::string_view custom_name;
  /// From its id to its end, its content, and (custom sections) what follows the name.
  ByteRange whole;
  ByteRange content;
  ByteRange payload;

  static constexpr std::uint32_t no_parent = 0xFFFFFFFF;
  [[nodiscard]] bool is_custom() const { return id == 0; }
  [[nodiscard]] bool is_core_module() const { return in_component && id == 1; }
  [[nodiscard]] bool is_component() const { return in_component && id == 4; }
};

/// The name of a section's kind: "type", "core module", "custom".
[[nodiscard]] std::string_view kind_name(const Section& section);

/// All sections of a core module or component, those of nested ones behind the section they stand
/// in. O(n); nesting deeper than 100 is refused.
[[nodiscard]] Result<std::vector<Section>> read_sections(ByteSpan bytes, std::uint32_t source);

/// The binary without the custom sections that `drop` names, at every depth.
[[nodiscard]] Result<std::vector<std::uint8_t>> drop_custom_sections(
    ByteSpan bytes, std::uint32_t source, const std::function<bool(std::string_view)>& drop);

/// One line of a producers section. Spec: tool-conventions "Producers Section".
struct Producer {
  std::string_view field;
  std::string_view name;
  std::string_view version;
};
[[nodiscard]] Result<std::vector<Producer>> read_producers(ByteSpan bytes, const Section& section,
                                                           std::uint32_t source);

}  // namespace tenon::cli

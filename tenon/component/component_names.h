// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/component/component.h"

namespace tenon::component {

/// Told what a `component-name` section says, in its order. An error ends the reading.
class ComponentNameVisitor {
 public:
  ComponentNameVisitor() = default;
  ComponentNameVisitor(const ComponentNameVisitor&) = delete;
  ComponentNameVisitor& operator=(const ComponentNameVisitor&) = delete;
  virtual ~ComponentNameVisitor() = default;
  /// The component's own name; at most once, and before all others.
  virtual void component(std::string_view name) = 0;
  /// The names that follow are of this sort. It may come again, and no name may follow.
  [[nodiscard]] virtual Result<void> sort(Sort sort) = 0;
  /// In the order of the section, whatever that is; nothing says that there is such an item.
  [[nodiscard]] virtual Result<void> name(std::uint32_t index, std::string_view name) = 0;
};

/// Reads the content of a `component-name` section. `span` is the section's, for errors. Names are
/// parts of `content`. Spec: Binary.md "Name Section".
[[nodiscard]] Result<void> read_component_names(ByteSpan content, Span span,
                                                ComponentNameVisitor& visitor);

}  // namespace tenon::component

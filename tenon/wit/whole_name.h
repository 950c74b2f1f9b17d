// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tenon/component/component.h"

namespace tenon::wit {

/// The name of an import or export as WIT has it: with whole versions, however the binary has it.
struct WholeName {
  std::string name;
  std::optional<std::string> implements;

  /// The interface that the item is, if it is one that has a name.
  [[nodiscard]] const std::string& interface() const { return implements ? *implements : name; }
};

/// A `version-suffix` belongs to the interface, which the name is or implements. Spec: Explainer.md
/// "Canonical Interface Name".
[[nodiscard]] inline WholeName whole_name(const component::ExternName& name) {
  WholeName out{name.name, std::nullopt};
  if (const std::string* const implements = name.implements()) out.implements = *implements;
  if (const std::string* const suffix = name.version_suffix())
    (out.implements ? *out.implements : out.name) += *suffix;
  return out;
}

}  // namespace tenon::wit

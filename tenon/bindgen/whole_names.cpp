// SPDX-License-Identifier: Apache-2.0
// Bindings and dummies ask the same question, and a module whose names they give differently does
// not become a component.
#include "tenon/bindgen/whole_names.h"

#include "tenon/types/semver.h"

namespace tenon::bindgen {

WholeNames::WholeNames(const wit::World& world) {
  note(world.imports);
  note(world.exports);
}

void WholeNames::note(const std::vector<wit::WorldItem>& items) {
  std::set<std::string_view> seen;
  for (const wit::WorldItem& item : items) {
    if (!std::holds_alternative<wit::InterfaceIdx>(item.item)) continue;
    const std::string_view name = types::canonical_interface(item.name);
    if (!seen.insert(name).second) twice_.insert(name);
  }
}

abi::Mangling WholeNames::mangling(std::string_view id, abi::Mangling wanted) const {
  return twice_.contains(types::canonical_interface(id)) ? abi::Mangling::legacy : wanted;
}

}  // namespace tenon::bindgen

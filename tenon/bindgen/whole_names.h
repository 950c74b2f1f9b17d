// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string_view>

#include "tenon/abi/mangle.h"
#include "tenon/wit/package.h"

namespace tenon::bindgen {

/// Which interfaces of a world keep their whole names in a core module: `cm32p2` cuts versions, and
/// two that are compatible, both imported or both exported, would have one name. The world outlives
/// it.
class WholeNames {
 public:
  explicit WholeNames(const wit::World& world);

  /// The names of the interface `id` in a module whose names are those of `wanted`.
  [[nodiscard]] abi::Mangling mangling(std::string_view id, abi::Mangling wanted) const;

 private:
  void note(const std::vector<wit::WorldItem>& items);

  std::set<std::string_view> twice_;
};

}  // namespace tenon::bindgen

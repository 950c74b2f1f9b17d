// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/wit/package.h"

namespace tenon::builder {

/// The items of a world, and the functions and types of its interfaces, by name: a module may
/// import as many of them as there are. Both arguments outlive it.
class WorldNames {
 public:
  WorldNames(const wit::Packages& packages, const wit::World& world);

  /// Null when there is none.
  [[nodiscard]] const wit::WorldItem* item(bool of_export, std::string_view name) const;
  /// An interface by its core name: the very one, or else one of a compatible version. Of several,
  /// the newest that has the function or type `member`; where none has it, the newest.
  [[nodiscard]] const wit::WorldItem* interface(bool of_export, std::string_view name,
                                                std::string_view member);
  /// The function `name` of an interface, or the item itself.
  [[nodiscard]] const wit::Function* function(const wit::WorldItem* item, std::string_view name);
  /// The type `name` of an interface, or (null) of the world's imports.
  [[nodiscard]] std::optional<wit::TypeIdx> type(const wit::WorldItem* item, std::string_view name);

 private:
  struct Side {
    std::unordered_map<std::string_view, const wit::WorldItem*> items;
    /// By what compatible versions have in common.
    std::unordered_map<std::string_view, std::vector<const wit::WorldItem*>> compatible;
  };
  struct Interface {
    std::unordered_map<std::string_view, const wit::Function*> functions;
    std::unordered_map<std::string_view, wit::TypeIdx> types;
  };

  static Side side(const std::vector<wit::WorldItem>& items);
  const Interface& interface(wit::InterfaceIdx idx);

  const wit::Packages& packages_;
  Side imports_;
  Side exports_;
  std::unordered_map<std::uint32_t, Interface> interfaces_;
};

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
// A module may import thousands of functions, each looked up by name, hence the indices. Compatible
// versions of an interface stand for each other; the newest that has the member is chosen.
#include "tenon/builder/world_names.h"

#include <algorithm>

#include "tenon/types/semver.h"

namespace tenon::builder {
namespace {

template <class Map>
typename Map::mapped_type find_in(const Map& map, const typename Map::key_type& name) {
  const auto it = map.find(name);
  return it == map.end() ? typename Map::mapped_type() : it->second;
}

}  // namespace

WorldNames::WorldNames(const wit::Packages& packages, const wit::World& world)
    : packages_(packages), imports_(side(world.imports)), exports_(side(world.exports)) {}

/// Of two of a name, the first; of compatible versions, the newest first.
WorldNames::Side WorldNames::side(const std::vector<wit::WorldItem>& items) {
  Side out;
  for (const wit::WorldItem& item : items) {
    out.items.try_emplace(item.name, &item);
    if (types::is_versioned(item.name))
      out.compatible[types::canonical_interface(item.name)].push_back(&item);
  }
  const auto version = [](const wit::WorldItem* item) {
    return types::split_version(item->name).version;
  };
  for (auto& [name, versions] : out.compatible) {
    std::ranges::sort(versions, [&](const wit::WorldItem* a, const wit::WorldItem* b) {
      const int order = types::compare_versions(version(a), version(b));
      return order != 0 ? order > 0 : a->name > b->name;
    });
  }
  return out;
}

const wit::WorldItem* WorldNames::item(bool of_export, std::string_view name) const {
  return find_in(of_export ? exports_.items : imports_.items, name);
}

const wit::WorldItem* WorldNames::interface(bool of_export, std::string_view name,
                                            std::string_view member) {
  if (const wit::WorldItem* exact = item(of_export, name); exact != nullptr) return exact;
  if (!types::is_versioned(name)) return nullptr;
  const Side& side = of_export ? exports_ : imports_;
  const auto it = side.compatible.find(types::canonical_interface(name));
  if (it == side.compatible.end()) return nullptr;
  const auto has = [&](const wit::WorldItem* one) {
    return function(one, member) != nullptr || type(one, member);
  };
  const auto found = std::ranges::find_if(it->second, has);
  return found == it->second.end() ? it->second.front() : *found;
}

const WorldNames::Interface& WorldNames::interface(wit::InterfaceIdx idx) {
  const auto [it, fresh] = interfaces_.try_emplace(idx.value);
  if (!fresh) return it->second;
  const wit::Interface& interface = packages_.interfaces[idx];
  for (const wit::Function& func : interface.functions)
    it->second.functions.try_emplace(func.name, &func);
  for (const auto& [name, type] : interface.types) it->second.types.try_emplace(name, type);
  return it->second;
}

const wit::Function* WorldNames::function(const wit::WorldItem* item, std::string_view name) {
  if (item == nullptr) return nullptr;
  if (const auto* func = std::get_if<wit::Function>(&item->item))
    return func->name == name ? func : nullptr;
  const auto* idx = std::get_if<wit::InterfaceIdx>(&item->item);
  return idx == nullptr ? nullptr : find_in(interface(*idx).functions, name);
}

std::optional<wit::TypeIdx> WorldNames::type(const wit::WorldItem* item, std::string_view name) {
  if (item == nullptr) {
    const wit::WorldItem* const import = this->item(false, name);
    const auto* type = import == nullptr ? nullptr : std::get_if<wit::TypeIdx>(&import->item);
    return type == nullptr ? std::nullopt : std::optional(*type);
  }
  const auto* idx = std::get_if<wit::InterfaceIdx>(&item->item);
  if (idx == nullptr) return std::nullopt;
  const auto& types = interface(*idx).types;
  const auto it = types.find(name);
  return it == types.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace tenon::builder

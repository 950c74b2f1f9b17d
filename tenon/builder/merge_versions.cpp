// SPDX-License-Identifier: Apache-2.0
// Only a newer release that has every function and type of the older one may replace it, since the
// module was compiled against the older names. What is exported too keeps its own types.
// Spec: Explainer.md "Canonical Interface Name"
#include "tenon/builder/merge_versions.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/types/parts.h"
#include "tenon/types/semver.h"
#include "tenon/wit/elaborate.h"

namespace tenon::builder {
namespace {

/// Old types by new ones.
using TypeMap = std::unordered_map<std::uint32_t, wit::TypeIdx>;

std::string_view version_of(const wit::WorldItem& item) {
  return types::split_version(item.name).version;
}

bool is_release(std::string_view version) {
  const auto read = types::parse_semver(version);
  return read && read->pre.empty();
}

/// The types of `from` by those of `to` that have their names; nothing when one, or a function, has
/// no counterpart.
std::optional<TypeMap> counterparts(const wit::Packages& packages, wit::InterfaceIdx from,
                                    wit::InterfaceIdx to) {
  const wit::Interface& old = packages.interfaces[from];
  const wit::Interface& young = packages.interfaces[to];
  std::set<std::string_view> functions;
  for (const wit::Function& func : young.functions) functions.insert(func.name);
  if (!std::ranges::all_of(
          old.functions, [&](const wit::Function& func) { return functions.contains(func.name); }))
    return std::nullopt;
  std::map<std::string_view, wit::TypeIdx> types;
  for (const auto& [name, type] : young.types) types.emplace(name, type);
  const auto is_resource = [&](wit::TypeIdx type) {
    return std::holds_alternative<wit::Resource>(packages.types[packages.resolve_alias(type)].def);
  };
  TypeMap out;
  for (const auto& [name, type] : old.types) {
    const auto it = types.find(name);
    if (it == types.end() || is_resource(type) != is_resource(it->second)) return std::nullopt;
    out.emplace(type.value, it->second);
  }
  return out;
}

/// Puts the new types everywhere in the place of the old ones.
class Rename {
 public:
  explicit Rename(const TypeMap& types) : types_(types) {}

  void packages(wit::Packages& packages) const {
    for (wit::TypeDef& def : packages.types) {
      if (auto* alias = std::get_if<wit::TypeAlias>(&def.def);
          alias != nullptr && value(alias->target) != alias->target)
        *alias = wit::TypeAlias(value(alias->target));
      if (auto* structure = std::get_if<wit::DefValType>(&def.def)) {
        *structure = types::map_parts(
            std::move(*structure), [&](wit::ValType t) { return value(t); },
            [&](wit::TypeIdx t) { return type(t); });
      }
    }
    for (wit::Interface& interface : packages.interfaces) {
      for (wit::Function& func : interface.functions) function(func);
    }
    for (wit::World& world : packages.worlds) {
      for (auto* items : {&world.imports, &world.exports}) {
        for (wit::WorldItem& item : *items) {
          if (auto* func = std::get_if<wit::Function>(&item.item)) function(*func);
        }
      }
    }
  }

 private:
  [[nodiscard]] wit::TypeIdx type(wit::TypeIdx t) const {
    const auto it = types_.find(t.value);
    return it == types_.end() ? t : it->second;
  }
  [[nodiscard]] wit::ValType value(wit::ValType t) const {
    return t.is_prim() ? t : wit::ValType(type(t.index()));
  }
  void function(wit::Function& func) const {
    if (func.kind != wit::FuncKind::freestanding) func.resource = type(func.resource);
    for (wit::Param& param : func.params) param.type = value(param.type);
    if (func.result) func.result = value(*func.result);
  }

  const TypeMap& types_;
};

}  // namespace

Result<void> merge_imports_by_version(wit::Packages& packages, wit::WorldIdx world_idx) {
  wit::World& world = packages.worlds[world_idx];
  const auto interface_of = [](const wit::WorldItem& item) {
    return item.implements ? nullptr : std::get_if<wit::InterfaceIdx>(&item.item);
  };
  // An import and an export of one interface share its types.
  std::set<std::uint32_t> exported;
  for (const wit::WorldItem& item : world.exports) {
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
    if (interface != nullptr && !packages.interfaces[*interface].types.empty())
      exported.insert(interface->value);
  }
  // The newest version of each; a pre-release is compatible with nothing else.
  std::map<std::string_view, const wit::WorldItem*> newest;
  const auto may_merge = [&](const wit::WorldItem& item) {
    const auto* interface = interface_of(item);
    return interface != nullptr && !exported.contains(interface->value) &&
           is_release(version_of(item));
  };
  for (const wit::WorldItem& item : world.imports) {
    if (!may_merge(item)) continue;
    const auto [it, first] = newest.emplace(types::canonical_interface(item.name), &item);
    if (!first && types::compare_versions(version_of(item), version_of(*it->second)) > 0)
      it->second = &item;
  }
  TypeMap types;
  std::set<std::string_view> gone;
  for (const wit::WorldItem& item : world.imports) {
    if (!may_merge(item)) continue;
    const wit::WorldItem* const winner = newest.at(types::canonical_interface(item.name));
    if (winner == &item) continue;
    auto map = counterparts(packages, *interface_of(item), *interface_of(*winner));
    if (!map) continue;
    types.merge(*map);
    gone.insert(item.name);
  }
  if (gone.empty()) return {};
  std::vector<wit::WorldItem> kept;
  for (const wit::WorldItem& item : world.imports) {
    if (!gone.contains(item.name)) kept.push_back(item);
  }
  Rename(types).packages(packages);
  world.imports = std::move(kept);
  return wit::elaborate(packages, world);
}

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
// A component should import only what it uses, because a host must provide every import. What is
// needed is marked from the modules' imports and the world's exports; interfaces that are imported
// and exported keep all their parts, since both sides share their types.
#include "tenon/builder/prune.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/types/parts.h"

namespace tenon::builder {
namespace {

/// A type can be needed as the imported one and as the one that an export defines again.
enum class Side : std::uint8_t { import, export_ };

/// Marks what is needed, from what the modules import and the world exports.
class Needs {
 public:
  /// `named`: so is a function that a built-in names for the sake of its types.
  Needs(const wit::Packages& packages, const wit::World& world, bool named)
      : packages_(packages), world_(world), named_(named) {
    for (const wit::WorldItem& item : world.exports) {
      if (const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item))
        exported_.insert(interface->value);
    }
    for (const wit::WorldItem& item : world.imports) {
      const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
      if (interface == nullptr || !exported_.contains(interface->value) || item.implements)
        continue;
      for (const auto& [name, type] : packages.interfaces[*interface].types)
        shared_types_.emplace(type.value, *interface);
    }
  }

  void mark(const std::vector<const ModuleShape*>& modules) {
    for (const ModuleShape* module : modules) {
      for (const ImportUse& use : module->imports) used(use);
    }
    for (const wit::WorldItem& item : world_.exports) exported(item);
    // An interface that is imported and exported keeps all its parts, so all that these need is
    // needed.
    for (const wit::WorldItem& item : world_.imports) {
      const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
      if (interface != nullptr && exported_.contains(interface->value) &&
          items_.contains(item.name))
        wait_for_all_of(*interface);
    }
    while (!waiting_.empty()) {
      const wit::InterfaceIdx interface = waiting_.back();
      waiting_.pop_back();
      all_of(interface, Side::import);
    }
  }

  [[nodiscard]] bool needs(wit::TypeIdx type) const {
    return types_.contains({type.value, Side::import});
  }
  [[nodiscard]] bool needs(const wit::Function& func) const { return funcs_.contains(&func); }
  [[nodiscard]] bool needs(const wit::WorldItem& item) const {
    if (const auto* func = std::get_if<wit::Function>(&item.item)) return needs(*func);
    if (const auto* type = std::get_if<wit::TypeIdx>(&item.item)) return needs(*type);
    const wit::Interface& interface = packages_.interfaces[std::get<wit::InterfaceIdx>(item.item)];
    return items_.contains(item.name) ||
           (!item.implements &&
            std::ranges::any_of(interface.types, [&](const auto& t) { return needs(t.second); }));
  }
  /// Exports share the interface with the import: it stays as it is.
  [[nodiscard]] bool is_shared(wit::InterfaceIdx interface) const {
    return exported_.contains(interface.value);
  }

 private:
  void used(const ImportUse& use) {
    if (use.of_export) return;
    if (use.func != nullptr && (named_ || use.kind != ImportUse::Kind::builtin))
      function(*use.func, Side::import);
    if (use.item != nullptr) items_.insert(use.item->name);
    if (use.kind != ImportUse::Kind::builtin) return;
    if (use.payload) value(*use.payload, Side::import);
    if (use.builtin.arg != Builtin::Arg::resource) return;
    type(use.resource, Side::import);
    type(use.named_resource, Side::import);
  }

  void exported(const wit::WorldItem& item) {
    if (const auto* func = std::get_if<wit::Function>(&item.item)) function(*func, Side::export_);
    if (const auto* type = std::get_if<wit::TypeIdx>(&item.item)) this->type(*type, Side::export_);
    if (const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item))
      all_of(*interface, Side::export_);
  }

  void wait_for_all_of(wit::InterfaceIdx interface) {
    if (whole_.insert(interface.value).second) waiting_.push_back(interface);
  }

  void all_of(wit::InterfaceIdx idx, Side side) {
    const wit::Interface& interface = packages_.interfaces[idx];
    for (const auto& [name, type] : interface.types) this->type(type, side);
    for (const wit::Function& func : interface.functions) function(func, side);
  }

  void function(const wit::Function& func, Side side) {
    if (side == Side::import && !funcs_.insert(&func).second) return;
    if (func.kind != wit::FuncKind::freestanding) type(func.resource, side);
    for (const wit::Param& param : func.params) value(param.type, side);
    if (func.result) value(*func.result, side);
  }

  void value(wit::ValType t, Side side) {
    if (!t.is_prim()) type(t.index(), side);
  }

  /// Types nest less deeply than the resolver's limit; a chain of aliases may be of any length.
  void type(wit::TypeIdx idx, Side side) {
    for (;;) {
      const wit::TypeDef& def = packages_.types[idx];
      const auto* owner = std::get_if<wit::InterfaceIdx>(&def.owner);
      if (owner != nullptr && side == Side::export_ && !exported_.contains(owner->value))
        side = Side::import;
      if (std::holds_alternative<wit::WorldIdx>(def.owner)) side = Side::import;
      if (!types_.insert({idx.value, side}).second) return;
      if (const auto it = shared_types_.find(idx.value);
          side == Side::import && it != shared_types_.end())
        wait_for_all_of(it->second);
      const auto* alias = std::get_if<wit::TypeAlias>(&def.def);
      if (alias == nullptr) {
        if (const auto* structure = std::get_if<wit::DefValType>(&def.def)) parts(*structure, side);
        return;
      }
      if (alias->target.is_prim()) return;
      idx = alias->target.index();
    }
  }

  void parts(const wit::DefValType& structure, Side side) {
    types::for_each_part(structure, [&](wit::ValType part) { value(part, side); });
    if (const auto* own = std::get_if<component::Own>(&structure)) type(own->resource, side);
    if (const auto* borrow = std::get_if<component::Borrow>(&structure))
      type(borrow->resource, side);
  }

  const wit::Packages& packages_;
  const wit::World& world_;
  bool named_;
  std::set<std::uint32_t> exported_;
  /// The types of what is exported and imported under its own name.
  std::unordered_map<std::uint32_t, wit::InterfaceIdx> shared_types_;
  std::set<std::uint32_t> whole_;
  std::vector<wit::InterfaceIdx> waiting_;
  std::set<std::pair<std::uint32_t, Side>> types_;
  std::set<const wit::Function*> funcs_;
  std::set<std::string_view> items_;
};

/// Writes into `to`, which is `from` or a copy of it, what of the world's imports is needed.
void keep_needed(const wit::Packages& from, wit::WorldIdx world, const Needs& needs,
                 wit::Packages& to) {
  // Whole items first: what is needed is told by places in the interfaces.
  std::vector<wit::WorldItem> kept;
  for (const wit::WorldItem& item : from.worlds[world].imports) {
    if (needs.needs(item)) kept.push_back(item);
  }
  std::set<std::uint32_t> done;
  for (const wit::WorldItem& item : kept) {
    const auto* idx = std::get_if<wit::InterfaceIdx>(&item.item);
    if (idx == nullptr || needs.is_shared(*idx) || !done.insert(idx->value).second) continue;
    std::vector<wit::Function> functions;
    for (const wit::Function& func : from.interfaces[*idx].functions) {
      if (needs.needs(func)) functions.push_back(func);
    }
    wit::Interface& interface = to.interfaces[*idx];
    std::erase_if(interface.types, [&](const auto& t) { return !needs.needs(t.second); });
    interface.functions = std::move(functions);
  }
  to.worlds[world].imports = std::move(kept);
}

}  // namespace

void prune_world(wit::Packages& packages, wit::WorldIdx world,
                 const std::vector<const ModuleShape*>& modules) {
  Needs needs(packages, packages.worlds[world], true);
  needs.mark(modules);
  keep_needed(packages, world, needs, packages);
}

std::optional<wit::Packages> without_named(const wit::Packages& packages, wit::WorldIdx world,
                                           const std::vector<const ModuleShape*>& modules) {
  const auto names_one = [](const ImportUse& use) {
    return use.kind == ImportUse::Kind::builtin && use.func != nullptr && !use.of_export;
  };
  if (std::ranges::none_of(modules, [&](const ModuleShape* module) {
        return std::ranges::any_of(module->imports, names_one);
      }))
    return std::nullopt;
  Needs needs(packages, packages.worlds[world], false);
  needs.mark(modules);
  wit::Packages out = packages;
  keep_needed(packages, world, needs, out);
  return out;
}

}  // namespace tenon::builder

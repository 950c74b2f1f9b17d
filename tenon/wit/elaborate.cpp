// SPDX-License-Identifier: Apache-2.0
// The specification lets a world omit interfaces that its imports and exports need; here they are
// added, before what needs them. An export refers to another export of the same interface if there
// is one, otherwise to an import. Chains of interfaces can be long, so the walk uses explicit
// stacks.
// Spec: WIT.md "Transitive imports and worlds"
#include "tenon/wit/elaborate.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

/// A pass over one world. Depth first with explicit stacks: chains of interfaces may be long.
class Elaborator {
 public:
  Elaborator(const Packages& packages, World& world, InterfaceNeeds& needs)
      : packages_(packages), world_(world), needs_(needs) {}

  Result<void> run() {
    sort(world_.imports);
    for (WorldItem& item : world_.imports) import(std::move(item));
    for (std::size_t i = 0; i < world_.exports.size(); ++i) {
      const WorldItem& item = world_.exports[i];
      const auto* interface = std::get_if<InterfaceIdx>(&item.item);
      if (interface != nullptr && is_id(item)) exported_[*interface] = i;
    }
    TENON_TRY(exports());
    world_.imports = std::move(imports_);
    sort(world_.imports);
    return {};
  }

 private:
  bool is_id(const WorldItem& item) const {
    const auto* interface = std::get_if<InterfaceIdx>(&item.item);
    return interface != nullptr && !item.implements &&
           packages_.interfaces[*interface].name.has_value();
  }

  /// Interfaces, types that come from one, types, functions, functions of resources.
  int rank(const WorldItem& item) const {
    if (std::holds_alternative<InterfaceIdx>(item.item)) return 0;
    if (const auto* idx = std::get_if<TypeIdx>(&item.item))
      return packages_.types[*idx].used ? 1 : 2;
    return std::get<Function>(item.item).kind == FuncKind::freestanding ? 3 : 4;
  }
  void sort(std::vector<WorldItem>& items) const {
    std::vector<WorldItem> sorted;
    sorted.reserve(items.size());
    for (int wanted = 0; wanted <= 4; ++wanted) {
      for (WorldItem& item : items) {
        if (ranks(item, wanted)) sorted.push_back(std::move(item));
      }
    }
    items = std::move(sorted);
  }
  /// Moved items have lost their name.
  bool ranks(const WorldItem& item, int wanted) const {
    return !item.name.empty() && rank(item) == wanted;
  }

  void import(WorldItem item) {
    if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) {
      for (const InterfaceIdx needed : needs(*interface)) import_implicitly(needed);
      if (is_id(item)) {
        if (const auto there = imported_.find(*interface); there != imported_.end()) {
          imports_[there->second] = std::move(item);  // a need before: what is written counts
          return;
        }
        imported_[*interface] = imports_.size();
      }
    } else if (const auto* idx = std::get_if<TypeIdx>(&item.item)) {
      if (const auto from = origin(*idx)) import_implicitly(*from);
    }
    imports_.push_back(std::move(item));
  }

  /// The interface that a `use`d type comes from.
  std::optional<InterfaceIdx> origin(TypeIdx idx) const {
    const auto* alias = std::get_if<TypeAlias>(&packages_.types[idx].def);
    if (alias == nullptr || alias->target.is_prim()) return std::nullopt;
    const auto* owner = std::get_if<InterfaceIdx>(&packages_.types[alias->target.index()].owner);
    if (owner == nullptr) return std::nullopt;
    return *owner;
  }

  const std::vector<InterfaceIdx>& needs(InterfaceIdx interface) {
    const auto [it, fresh] = needs_.try_emplace(interface);
    if (fresh) it->second = interface_needs(packages_, interface);
    return it->second;
  }

  /// Calls `visit` for the interface and all that it needs, what is needed first. `skip` cuts
  /// branches.
  template <class Skip, class Visit>
  void each_needed(InterfaceIdx root, Skip skip, Visit visit) {
    std::vector<std::pair<InterfaceIdx, std::size_t>> stack;
    if (!skip(root)) stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [interface, next] = stack.back();
      const auto& direct = needs(interface);
      if (next == direct.size()) {
        const InterfaceIdx done = interface;
        stack.pop_back();
        if (!skip(done)) visit(done);
        continue;
      }
      const InterfaceIdx needed = direct[next++];
      if (!skip(needed)) stack.emplace_back(needed, 0);
    }
  }

  void import_implicitly(InterfaceIdx interface) {
    each_needed(
        interface, [this](InterfaceIdx i) { return imported_.contains(i); },
        [this](InterfaceIdx i) {
          imported_[i] = imports_.size();
          imports_.push_back(WorldItem{packages_.id_of(i).value_or(""), i, false, true, {}});
        });
  }

  Result<void> exports() {
    std::vector<WorldItem> out;
    std::vector<bool> done(world_.exports.size(), false);
    // Functions first, as binaries have them.
    for (std::size_t i = 0; i < done.size(); ++i) {
      if (std::holds_alternative<InterfaceIdx>(world_.exports[i].item)) continue;
      done[i] = true;
      out.push_back(world_.exports[i]);
    }
    for (std::size_t i = 0; i < done.size(); ++i) {
      if (!done[i]) export_interface(i, done, out);
    }
    for (const WorldItem& item : out) {
      const auto* interface = std::get_if<InterfaceIdx>(&item.item);
      if (interface != nullptr && is_id(item) && required_.contains(*interface))
        return std::unexpected(both_ways(item, *interface));
    }
    world_.exports = std::move(out);
    return {};
  }

  /// Exports an interface after the exported ones that it needs; needs that are not exported are
  /// imported, with all that they need in turn.
  void export_interface(std::size_t start, std::vector<bool>& done, std::vector<WorldItem>& out) {
    struct Frame {
      std::size_t item;
      std::size_t next;
    };
    std::vector<Frame> stack{{start, 0}};
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const WorldItem& item = world_.exports[frame.item];
      const InterfaceIdx interface = std::get<InterfaceIdx>(item.item);
      const auto& direct = needs(interface);
      if (frame.next == direct.size()) {
        const std::size_t index = frame.item;
        stack.pop_back();
        if (done[index]) continue;
        done[index] = true;
        out.push_back(world_.exports[index]);
        continue;
      }
      const InterfaceIdx needed = direct[frame.next++];
      const auto exported = exported_.find(needed);
      if (exported == exported_.end()) {
        require(needed, item);
      } else if (!done[exported->second]) {
        stack.push_back({exported->second, 0});
      }
    }
  }

  void require(InterfaceIdx interface, const WorldItem& because) {
    each_needed(
        interface, [this](InterfaceIdx i) { return required_.contains(i); },
        [&](InterfaceIdx i) { required_.emplace(i, because.name); });
    import_implicitly(interface);
  }

  Error both_ways(const WorldItem& item, InterfaceIdx interface) const {
    const std::string& because = required_.at(interface);
    return Error(rules::transitive,
                 item.info.span == Span::none() ? world_.info.span : item.info.span,
                 fmt::format("the export `{}` is also needed as an import", item.name))
        .note(fmt::format("the export `{}` reaches it through an interface that is only imported",
                          because))
        .help("export that interface too, or do not export this one");
  }

  const Packages& packages_;
  World& world_;
  std::vector<WorldItem> imports_;
  std::unordered_map<InterfaceIdx, std::size_t> imported_;
  std::unordered_map<InterfaceIdx, std::size_t> exported_;
  std::unordered_map<InterfaceIdx, std::string> required_;
  InterfaceNeeds& needs_;
};

bool is_own_type(const WorldItem& item) {
  return std::holds_alternative<TypeIdx>(item.item);
}
bool is_resource_function(const WorldItem& item) {
  const auto* f = std::get_if<Function>(&item.item);
  return f != nullptr && f->kind != FuncKind::freestanding;
}

}  // namespace

Result<void> elaborate(const Packages& packages, World& world) {
  InterfaceNeeds needs;
  return elaborate(packages, world, needs);
}

Result<void> elaborate(const Packages& packages, World& world, InterfaceNeeds& needs) {
  return Elaborator(packages, world, needs).run();
}

Result<void> importize(const Packages& packages, World& world) {
  std::erase_if(world.imports, [](const WorldItem& item) { return !is_own_type(item); });
  std::unordered_set<std::string> names;
  for (const WorldItem& item : world.imports) names.insert(item.name);
  for (WorldItem& item : world.exports) {
    if (!names.insert(item.name).second) {
      return std::unexpected(
          Error(rules::transitive, Span::none(),
                fmt::format("the export `{}` has the name of a type of the world", item.name)));
    }
    world.imports.push_back(std::move(item));
  }
  world.exports.clear();
  return elaborate(packages, world);
}

Result<void> exportize(const Packages& packages, World& world) {
  world.exports.clear();
  std::vector<WorldItem> kept;
  for (WorldItem& item : world.imports) {
    if (is_own_type(item) || is_resource_function(item)) {
      kept.push_back(std::move(item));
    } else if (!item.implicit) {
      world.exports.push_back(std::move(item));
    }
  }
  world.imports = std::move(kept);
  return elaborate(packages, world);
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
// What was instantiated is put, specialised, right before the definition that instantiates it;
// what nothing uses any more after that is dropped. So one way serves a module that is instantiated
// once or often, one that is defined here, further out or somewhere else. Copies with the same
// bytes are in a component once.
#include "tenon/preinit/rewrite_component.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/core/decode.h"
#include "tenon/preinit/index_spaces.h"
#include "tenon/preinit/rules.h"

namespace tenon::preinit {

namespace {

using component::Component;
using runtime::CompiledComponent;

class Specialiser {
 public:
  Specialiser(const ComponentTree& tree, const ComponentChanges& changes,
              const core::Features& features)
      : tree_(tree), changes_(changes), features_(features) {
    note_parents(*tree.root->compiled);
  }

  Result<std::optional<std::vector<std::uint8_t>>> run() {
    if (!is_changed(*tree_.root) && changes_.removed_exports.empty()) return std::nullopt;
    auto component = TENON_TRY(specialise(*tree_.root));
    remove_exports(*component);
    spaces_.finish(*component, changes_.remove_imports);
    return component::encode(*component);
  }

 private:
  void note_parents(const CompiledComponent& compiled) {
    for (const auto& [at, nested] : compiled.nested) {
      parents_.emplace(nested.get(), &compiled);
      note_parents(*nested);
    }
  }

  /// Whether the definition must change so that instantiating it gives the state.
  bool is_changed(const ComponentNode& node) {
    const auto [it, added] = changed_.emplace(&node, false);
    if (!added) return it->second;
    bool changed = std::ranges::any_of(
        node.cores, [&](const auto& core) { return changes_.modules[core.second].has_value(); });
    changed = changed || std::ranges::any_of(node.compiled->def->definitions, [](const auto& d) {
                return std::holds_alternative<component::Start>(d.def);
              });
    for (const auto& child : node.children) changed = is_changed(*child) || changed;
    changed_[&node] = changed;
    return changed;
  }

  Result<std::unique_ptr<Component>> specialise(const ComponentNode& node) {
    auto decoded =
        TENON_TRY(component::decode(Blob::borrow(node.compiled->def->bytes.view()), features_));
    auto component = std::make_unique<Component>(std::move(decoded));
    spaces_.adopt(*component);
    IndexSpaces::Numbers& numbers = spaces_.numbers(*component);
    std::vector<component::Definition> old = std::move(component->definitions);
    IndexSpaces::Numbers old_numbers = std::exchange(numbers, {});
    component->definitions.clear();
    component->definitions.reserve(old.size());
    drop_given(old, node);
    // What was put in already, by its bytes.
    std::map<ByteKey, std::uint32_t> modules;
    std::map<std::vector<std::uint8_t>, std::uint32_t> components;
    for (std::uint32_t i = 0; i < old.size(); ++i) {
      if (const auto* start = std::get_if<component::Start>(&old[i].def)) {
        TENON_TRY(check_start(*start));
        continue;
      }
      if (auto* core = std::get_if<component::CoreInstance>(&old[i].def)) {
        if (core->module) TENON_TRY(place_module(*component, node, i, *core, modules));
      } else if (auto* instance = std::get_if<component::Instance>(&old[i].def)) {
        if (instance->component)
          TENON_TRY(place_component(*component, node, i, *instance, components));
      }
      component->definitions.push_back(std::move(old[i]));
      spaces_.numbers(*component).push_back(old_numbers[i]);
    }
    component->sections.clear();
    return component;
  }

  /// Takes out of instances that are made of single items what only imports wanted that are gone.
  void drop_given(std::vector<component::Definition>& old, const ComponentNode& node) {
    using Names = std::map<std::uint32_t, std::set<std::string, std::less<>>>;
    Names gone;
    Names needed;
    for (std::uint32_t i = 0; i < old.size(); ++i) {
      if (const auto* alias = std::get_if<component::Alias>(&old[i].def)) {
        if (alias->target == component::Alias::Target::core_export)
          needed[alias->instance_or_count].emplace(alias->name);
        continue;
      }
      const auto* made = std::get_if<component::CoreInstance>(&old[i].def);
      if (made == nullptr || !made->module) continue;
      const std::uint32_t core = node.cores.at(i);
      const auto& dropped = changes_.dropped_imports[core];
      for (const core::Import& import : tree_.cores[core].instance->module().core().imports) {
        const auto arg =
            std::ranges::find(made->args, import.module, &component::CoreInstantiateArg::name);
        if (arg == made->args.end()) continue;
        const bool is_gone = std::ranges::any_of(dropped, [&](const auto& d) {
          return d.first == import.module && d.second == import.name;
        });
        (is_gone ? gone : needed)[arg->instance.value].emplace(import.name);
      }
    }
    std::uint32_t index = 0;
    for (component::Definition& definition : old) {
      auto* made = std::get_if<component::CoreInstance>(&definition.def);
      if (made == nullptr) continue;
      const std::uint32_t at = index++;
      if (made->module || !gone.contains(at)) continue;
      std::erase_if(made->exports, [&](const auto& e) {
        return gone[at].contains(e.name) && !needed[at].contains(e.name);
      });
    }
  }

  /// Orders byte strings that live elsewhere.
  struct ByteKey {
    ByteSpan bytes;
    friend bool operator<(const ByteKey& a, const ByteKey& b) {
      if (a.bytes.size() != b.bytes.size()) return a.bytes.size() < b.bytes.size();
      return std::ranges::lexicographical_compare(a.bytes, b.bytes);
    }
  };

  static Result<void> check_start(const component::Start& start) {
    if (start.results == 0) return {};
    return std::unexpected(Error(rules::shape, Span::none(),
                                 "a start function of the component has a result, which others use")
                               .help("take the value from an export instead"));
  }

  Result<void> place_module(Component& out, const ComponentNode& node, std::uint32_t definition,
                            component::CoreInstance& core,
                            std::map<ByteKey, std::uint32_t>& placed) {
    const auto& bytes = changes_.modules[node.cores.at(definition)];
    if (!bytes) return {};
    const auto [it, added] = placed.emplace(ByteKey{*bytes}, 0);
    if (added) {
      it->second = spaces_.add(out, Space::core_module);
      core::Module module = TENON_TRY(core::decode(Blob::borrow(*bytes), features_));
      put(out, std::make_unique<core::Module>(std::move(module)), Space::core_module, it->second);
    }
    core.module = component::CoreModuleIdx(it->second);
    return {};
  }

  Result<void> place_component(Component& out, const ComponentNode& node, std::uint32_t definition,
                               component::Instance& instance,
                               std::map<std::vector<std::uint8_t>, std::uint32_t>& placed) {
    const ComponentNode& child = *node.children[node.instances.at(definition)];
    if (!is_changed(child)) return {};
    auto made = TENON_TRY(specialise(child));
    TENON_TRY(move_inward(*made, child, node));
    // Uses are numbers still: two that are equal are equal afterwards.
    auto [it, added] = placed.emplace(component::encode(*made), 0);
    if (added) {
      it->second = spaces_.add(out, Space::component);
      put(out, std::move(made), Space::component, it->second);
    }
    instance.component = component::ComponentIdx(it->second);
    return {};
  }

  /// A component that is defined further out than where it is instantiated now is there: its
  /// outer aliases reach as far as before.
  Result<void> move_inward(Component& made, const ComponentNode& child, const ComponentNode& node) {
    const auto parent = parents_.find(child.compiled);
    std::uint32_t by = 0;
    for (const CompiledComponent* scope = node.compiled; parent != parents_.end(); ++by) {
      if (scope == parent->second) {
        if (by != 0) shift_outer(made, by);
        return {};
      }
      const auto outer = parents_.find(scope);
      if (outer == parents_.end()) break;
      scope = outer->second;
    }
    if (is_closed(made)) return {};
    return std::unexpected(
        Error(rules::shape, Span::none(),
              "a component that is passed as an argument has aliases of what is around it")
            .help("instantiate it where it is defined"));
  }

  void put(Component& out, component::DefinitionKind def, Space space, std::uint32_t number) {
    out.definitions.push_back({std::move(def), Span::none()});
    spaces_.numbers(out).emplace_back(std::pair(space, number));
  }

  void remove_exports(Component& root) {
    IndexSpaces::Numbers& numbers = spaces_.numbers(root);
    for (std::size_t i = root.definitions.size(); i-- > 0;) {
      const auto* e = std::get_if<component::Export>(&root.definitions[i].def);
      if (e == nullptr || e->item.sort.kind != component::SortKind::func ||
          std::ranges::find(changes_.removed_exports, e->name.name) ==
              changes_.removed_exports.end())
        continue;
      const std::uint32_t item = e->item.idx;
      const std::uint32_t number = numbers[i]->second;
      root.definitions.erase(root.definitions.begin() + static_cast<std::ptrdiff_t>(i));
      numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(i));
      spaces_.replace(root, Space::func, number, item);
    }
  }

  const ComponentTree& tree_;
  const ComponentChanges& changes_;
  const core::Features& features_;
  IndexSpaces spaces_;
  std::unordered_map<const CompiledComponent*, const CompiledComponent*> parents_;
  std::unordered_map<const ComponentNode*, bool> changed_;
};

}  // namespace

Result<std::optional<std::vector<std::uint8_t>>> rewrite_component(const ComponentTree& tree,
                                                                   const ComponentChanges& changes,
                                                                   const core::Features& features) {
  return Specialiser(tree, changes, features).run();
}

}  // namespace tenon::preinit

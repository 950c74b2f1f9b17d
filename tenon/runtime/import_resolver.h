// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/component/match.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/runtime/linker.h"

namespace tenon::runtime {

/// One thing that a linker can give, under a name.
struct LinkerItem {
  std::variant<std::shared_ptr<const HostFunc>, std::shared_ptr<const ResourceType>, ModuleItem,
               ValueItem, Component, std::shared_ptr<LinkerNode>, Item>
      def;
  /// For an item of a running instance: its store.
  StoreRef store;
};
struct LinkerNode {
  std::map<std::string, LinkerItem, std::less<>> items;
  /// Of the whole linker: whether later definitions replace earlier ones.
  std::shared_ptr<bool> shadow;
};

struct InstancePre::Resolved {
  std::deque<FuncInst> funcs;
  std::deque<InstanceItem> instances;
  std::deque<std::string> texts;
  std::deque<NameIndex> names;
  std::vector<std::shared_ptr<const void>> keep;
  std::vector<Item> imports;
  /// What the component's resources stand for, as far as imports tell; others are null.
  std::vector<const ResourceType*> resources;
  /// The store that imports run in, and the first of them; null when none does.
  StoreRef store;
  std::string in_store;
  /// Extensions that the host's functions need, each once, and the first import that does.
  std::vector<std::pair<const ExtensionType*, std::string_view>> needs;
};

/// The items of linkers' nodes by name and, where no name is the same, by compatible version. Each
/// node is indexed once, when a name is first missed.
class ItemFinder {
 public:
  [[nodiscard]] const LinkerItem* find(const LinkerNode& node, std::string_view name);

 private:
  /// The highest version of each compatible line, by the canonical name; views of the node's names.
  struct Highest {
    std::string_view version;
    const LinkerItem* item = nullptr;
  };
  using Lines = std::unordered_map<std::string_view, Highest>;
  std::unordered_map<const LinkerNode*, Lines> lines_;
};

/// Turns a component's imports into the items that a linker has for them, type by type.
/// Spec: Explainer.md "Type Checking".
class ImportResolver {
 public:
  ImportResolver(const LinkerNode& root, const Component& component);
  Result<std::shared_ptr<const InstancePre::Resolved>> run();

 private:
  /// An import, or an item inside an imported instance: where it is and what is wanted.
  struct Wanted {
    const std::string& name;
    const component::ResolvedExtern& type;
    /// Names of the instances around it, joined by `#`.
    const std::string& path;
    [[nodiscard]] std::string full() const { return path.empty() ? name : path + "#" + name; }
  };

  Result<Item> resolve(const LinkerNode& node, const Wanted& want);
  Result<Item> defined(const LinkerItem& found, const Wanted& want);
  /// All items that run must run in one store, which is there.
  Result<void> same_store(const LinkerItem& found, const Wanted& want);
  Result<Item> missing_item(const LinkerNode& node, const Wanted& want);

  // What the host defines.
  Result<Item> host_func(const LinkerItem& found, const Wanted& want);
  Result<Item> host_instance(const LinkerItem& found, const Wanted& want);
  Result<Item> resource(const ResourceType* resource, const Wanted& want);

  // What any side gives.
  Result<Item> module(const ModuleItem& module, const Wanted& want);
  Result<Item> component(const ComponentItem& component, const Wanted& want);
  Result<Item> value(const ValueItem& value, const Wanted& want);

  // What runs.
  Result<Item> running(const Item& item, const Wanted& want);
  Result<Item> running_func(const FuncInst& func, const Wanted& want);
  Result<Item> running_instance(const InstanceItem& instance, const Wanted& want);
  Result<Item> running_type(const TypeItem& type, const Wanted& want);

  [[nodiscard]] bool is_known(const component::ResolvedExtern& type) const;
  Item nothing_needed(const component::ResolvedExtern& type);
  template <class F>
  Item made_instance(const component::ResolvedExtern& type, F item_of);
  [[nodiscard]] component::TypeSide ours() const { return type_side(info_, out_->resources); }

  [[nodiscard]] Error mismatch(const Wanted& want, std::string_view found) const;
  [[nodiscard]] Error of_another_engine(const Wanted& want, std::string_view found) const;
  [[nodiscard]] Error mismatch(const Wanted& want, std::string_view found,
                               const component::Mismatch& why) const;
  [[nodiscard]] Error missing_export(const component::NamedExtern& e, const InstanceItem& instance,
                                     const std::string& path) const;
  [[nodiscard]] Error missing(const LinkerNode& node, const Wanted& want) const;

  const LinkerNode& root_;
  const component::ComponentInfo& info_;
  std::uint64_t engine_id_;
  std::shared_ptr<InstancePre::Resolved> out_;
  ItemFinder finder_;
  component::Matcher matcher_;
};

/// Whether an import asks nothing of the host: types that are no resources, and instances of only
/// those.
[[nodiscard]] bool is_only_types(const component::ComponentInfo& info,
                                 const component::ResolvedExtern& type);
/// An error of linking with the versions of what made the component, as its producers section names
/// them: two sides that do not fit are often of different ages.
[[nodiscard]] Error with_producers(Error error, const Component& component);

}  // namespace tenon::runtime

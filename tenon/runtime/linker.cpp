// SPDX-License-Identifier: Apache-2.0
// Definitions are a tree of names; it is resolved against a component in import_resolver.cpp, once
// for all stores. Copies of a linker copy the nodes and share the definitions. `InstancePre` checks
// what only a store can tell: its engine, its extensions, and whether imported items are its own.
#include "tenon/runtime/linker.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "tenon/runtime/import_resolver.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

using component::ComponentInfo;
using component::ExternKind;
using component::ResolvedExtern;

namespace {

std::shared_ptr<LinkerNode> new_node(std::shared_ptr<bool> shadow) {
  auto node = std::make_shared<LinkerNode>();
  node->shadow = std::move(shadow);
  return node;
}

std::unexpected<Error> moved_from() {
  return std::unexpected(Error(rules::moved_from, Span::none(),
                               "found a linker without definitions, wanted one that holds them"));
}

/// The place of an interface whose name something else has: it takes no definitions, and names it.
std::shared_ptr<LinkerNode> taken_node(std::string_view name) {
  auto out = new_node(nullptr);
  out->items.emplace(std::string(name), LinkerItem());
  return out;
}

/// The nodes are copied, what they hold is shared.
std::shared_ptr<LinkerNode> copy_of(const LinkerNode& from, const std::shared_ptr<bool>& shadow) {
  auto out = new_node(shadow);
  out->items = from.items;
  for (auto& [name, item] : out->items) {
    if (auto* inner = std::get_if<std::shared_ptr<LinkerNode>>(&item.def))
      *inner = copy_of(**inner, shadow);
  }
  return out;
}

}  // namespace

LinkerInstance LinkerInstance::instance(std::string_view name) {
  if (node_ == nullptr || node_->shadow == nullptr) return *this;
  auto it = node_->items.find(name);
  if (it == node_->items.end()) {
    it =
        node_->items.emplace(std::string(name), LinkerItem{new_node(node_->shadow), nullptr}).first;
  }
  if (auto* node = std::get_if<std::shared_ptr<LinkerNode>>(&it->second.def))
    return LinkerInstance(*node);
  // Something else has the name: what is defined here takes its place, or is refused.
  if (!*node_->shadow) return LinkerInstance(taken_node(name));
  it->second = LinkerItem{new_node(node_->shadow), nullptr};
  return LinkerInstance(std::get<std::shared_ptr<LinkerNode>>(it->second.def));
}

Result<void> LinkerInstance::define(std::string name, std::shared_ptr<const HostFunc> func) {
  return define(std::move(name), LinkerItem{std::move(func), nullptr});
}

Result<void> LinkerInstance::define(std::string name,
                                    std::shared_ptr<const ResourceType> resource) {
  return define(std::move(name), LinkerItem{std::move(resource), nullptr});
}

Result<void> LinkerInstance::value(std::string name, Value value) {
  return define(std::move(name),
                LinkerItem{std::make_shared<const Value>(std::move(value)), nullptr});
}

Result<void> LinkerInstance::module(std::string name, const Module& module) {
  if (module.get() == nullptr) {
    return std::unexpected(
        Error(rules::moved_from, Span::none(), fmt::format("`{}` was given a null module", name)));
  }
  return define(std::move(name), LinkerItem{module.get(), nullptr});
}

Result<void> LinkerInstance::component(std::string name, const Component& component) {
  return define(std::move(name), LinkerItem{component, nullptr});
}

Result<void> LinkerInstance::item(std::string name, Store& store, const Item& item) {
  return define(std::move(name), LinkerItem{item, store.life()});
}

std::unexpected<Error> LinkerInstance::no_function(std::string_view name) {
  return std::unexpected(Error(rules::no_function, Span::none(),
                               fmt::format("`{}` was given a null or empty function", name)));
}

std::unexpected<Error> LinkerInstance::no_host() {
  return std::unexpected(Error(rules::no_function, Span::none(),
                               "`add_to_linker` was given a null or empty function to find the "
                               "host"));
}

Result<void> LinkerInstance::define(std::string name, LinkerItem item) {
  if (node_ == nullptr) return moved_from();
  if (node_->shadow == nullptr)
    return std::unexpected(Error(rules::import_defined_twice, Span::none(),
                                 fmt::format("`{}` is defined already, and not as an interface",
                                             node_->items.begin()->first)));
  const auto [it, fresh] = node_->items.try_emplace(name, item);
  if (fresh) return {};
  if (!*node_->shadow)
    return std::unexpected(
        Error(rules::import_defined_twice, Span::none(), fmt::format("`{}`", name))
            .help("define it once, or call `allow_shadowing(true)` so that the later one counts"));
  it->second = std::move(item);
  return {};
}

Linker::Linker(engine::Engine& engine)
    : engine_id_(engine.id()), root_(new_node(std::make_shared<bool>(false))) {}

Linker::Linker(const Linker& other)
    : engine_id_(other.engine_id_),
      root_(other.root_ == nullptr
                ? new_node(std::make_shared<bool>(false))
                : copy_of(*other.root_, std::make_shared<bool>(*other.root_->shadow))) {}

Linker& Linker::operator=(const Linker& other) {
  if (this != &other) *this = Linker(other);
  return *this;
}

void Linker::allow_shadowing(bool allow) {
  if (root_ != nullptr) *root_->shadow = allow;
}

bool Linker::defines(std::string_view name) const {
  return root_ != nullptr && ItemFinder().find(*root_, name) != nullptr;
}

Result<void> Linker::link(const Instance& instance) {
  TENON_TRY(instance.alive());
  const auto& exports = instance.exports();
  for (std::size_t i = 0; i < exports.items.size(); ++i) {
    TENON_TRY(root().item(std::string((*exports.names)[i]), instance.store(), exports.items[i]));
  }
  return {};
}

Result<void> Linker::link(std::string name, const Instance& instance,
                          std::string_view export_name) {
  TENON_TRY(instance.alive());
  if (export_name.empty())
    return root().item(std::move(name), instance.store(), Item(&instance.exports()));
  const auto* item = instance.find(export_name);
  if (item == nullptr) {
    return std::unexpected(
        Error(rules::export_missing, Span::none(), fmt::format("`{}`", export_name)));
  }
  return root().item(std::move(name), instance.store(), *item);
}

namespace {

/// Defines what a linker lacks of a component's imports. A resource is one wherever it is imported:
/// where it comes again under another name (`use`), nothing is wanted.
class TrapImports {
 public:
  explicit TrapImports(const ComponentInfo& info) : info_(info) {}

  Result<void> add(LinkerInstance into, const LinkerNode& node, const std::string& name,
                   const ResolvedExtern& type, const std::string& path) {
    const auto full = path.empty() ? name : path + "#" + name;
    const auto* have = finder_.find(node, name);
    if (type.kind == ExternKind::instance) return add_instance(into, node, name, type, full);
    const auto resource = type.resource();
    const bool known = resource && !known_.insert(resource->value).second;
    if (have != nullptr || known) return {};
    if (type.kind == ExternKind::func) {
      return into.func_new(
          name, [full](Store&, std::span<const Value>) -> Outcome<std::optional<Value>> {
            return std::unexpected(
                Trap(fmt::format("the import `{}` is not provided", full)).of_missing_import(full));
          });
    }
    if (resource) return into.resource(name, [](Store&, std::uint32_t) {});
    return {};
  }

 private:
  Result<void> add_instance(LinkerInstance into, const LinkerNode& node, const std::string& name,
                            const ResolvedExtern& type, const std::string& full) {
    const auto* have = finder_.find(node, name);
    const auto& exports = info_.instance_types[type.instance()].exports;
    if (have != nullptr) {
      const auto* found = std::get_if<std::shared_ptr<LinkerNode>>(&have->def);
      if (found == nullptr || has_all(**found, exports)) {
        for (const auto& e : exports) {
          if (const auto resource = e.type.resource()) known_.insert(resource->value);
        }
        return {};
      }
    }
    auto inner = into.instance(name);
    // A node of a compatible version is completed under its own name: look again by this one.
    const auto* now = finder_.find(node, name);
    auto& inner_node = *std::get<std::shared_ptr<LinkerNode>>(now->def);
    if (have != nullptr && have != now) take_over(*have, inner_node, exports);
    for (const auto& e : exports) TENON_TRY(add(inner, inner_node, e.name, e.type, full));
    return {};
  }
  /// What a compatible version has of the exports is under the new name too.
  void take_over(const LinkerItem& have, LinkerNode& into, const auto& exports) {
    const auto* from = std::get_if<std::shared_ptr<LinkerNode>>(&have.def);
    if (from == nullptr) return;
    for (const auto& e : exports) {
      if (const auto* item = finder_.find(**from, e.name)) into.items.try_emplace(e.name, *item);
    }
  }
  /// Whether an instance, perhaps of another version, serves as it is, with its own resources.
  bool has_all(const LinkerNode& node, const auto& exports) {
    return std::ranges::all_of(exports, [&](const auto& e) {
      const auto resource = e.type.resource();
      if (e.type.kind == ExternKind::type && !resource) return true;
      return finder_.find(node, e.name) != nullptr ||
             (resource && known_.contains(resource->value));
    });
  }

  const ComponentInfo& info_;
  ItemFinder finder_;
  /// Resources that have a definition.
  std::unordered_set<std::uint32_t> known_;
};

}  // namespace

Result<void> Linker::define_unknown_imports_as_traps(const Component& component) {
  if (root_ == nullptr) return moved_from();
  TrapImports imports(component.info());
  for (const auto& import : component.info().imports)
    TENON_TRY(imports.add(root(), *root_, import.name->name, import.type, {}));
  return {};
}

Result<InstancePre> Linker::instantiate_pre(const Component& component) const {
  if (component.engine_id() != engine_id_) {
    return std::unexpected(Error(rules::other_engine, Span::none(),
                                 "the component was compiled by another engine than the linker's")
                               .help(std::string(one_engine)));
  }
  if (root_ == nullptr) return moved_from();
  try {
    auto resolved = ImportResolver(*root_, component).run();
    if (!resolved) return std::unexpected(with_producers(std::move(resolved).error(), component));
    return InstancePre(component, *std::move(resolved));
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error(rules::limit, Span::none(), "out of memory"));
  }
}

Made<Instance> Linker::instantiate(Store& store, const Component& component) const {
  const auto pre = TENON_TRY(instantiate_pre(component));
  return pre.instantiate(store);
}

Made<Instance> InstancePre::instantiate(Store& store) const {
  try {
    return make(store);
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error(rules::limit, Span::none(), "out of memory"));
  }
}

Made<Instance> InstancePre::make(Store& store) const {
  if (store.engine().forked()) {
    return std::unexpected(
        Error(rules::limit, Span::none(),
              "the engine belongs to the parent of this process: a forked child may only exec"));
  }
  if (store.engine().id() != component_.engine_id()) {
    return std::unexpected(Error(rules::other_engine, Span::none(),
                                 "the store belongs to another engine than the component")
                               .help(std::string(one_engine)));
  }
  if (const auto& life = resolved_->store; life != nullptr && life->store() != &store) {
    return std::unexpected(
        Error(rules::other_store, Span::none(),
              fmt::format("the import `{}` runs in {}", resolved_->in_store,
                          life->store() != nullptr ? "another store than is instantiated in"
                                                   : "a store that is gone")));
  }
  for (const auto& [type, import] : resolved_->needs) {
    if (store.extensions().get(*type) != nullptr) continue;
    return std::unexpected(
        Error(rules::no_extension, Span::none(),
              fmt::format("the store has no `{}`, which the import `{}` needs", type->name, import))
            .help(fmt::format("call `store.emplace_extension<{}>(…)` first", type->name)));
  }
  store.keep(resolved_);
  store.keep(component_.share());
  const auto state = TENON_TRY(
      runtime::instantiate(store, component_.compiled(), nullptr, nullptr, resolved_->imports));
  return Instance(store, *state);
}

}  // namespace tenon::runtime

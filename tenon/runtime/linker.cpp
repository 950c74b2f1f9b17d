// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/linker.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/core/names.h"
#include "tenon/runtime/match.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/version.h"

namespace tenon::runtime {

using component::ComponentInfo;
using component::ExternKind;
using component::ResolvedExtern;

namespace {

std::string_view kind_text(ExternKind kind) {
  switch (kind) {
    case ExternKind::core_module:
      return "core module";
    case ExternKind::func:
      return "function";
    case ExternKind::value:
      return "value";
    case ExternKind::type:
      return "type";
    case ExternKind::component:
      return "component";
    case ExternKind::instance:
      return "instance";
  }
  return {};
}

/// An import as WIT would spell it: `inc: func(x: u32) -> u32`.
std::string spell(const ComponentInfo& info, std::string_view name, const ResolvedExtern& type) {
  if (type.kind == ExternKind::func) {
    return fmt::format("{}: {}", name,
                       to_string(FuncTypeView{&info, &info.func_types[type.func()]}));
  }
  if (type.resource()) return fmt::format("resource {}", name);
  if (type.kind == ExternKind::instance) {
    std::string out = fmt::format("interface {} {{", name);
    std::size_t shown = 0;
    const auto& exports = info.instance_types[type.instance()].exports;
    for (const auto& e : exports) {
      if (shown++ == 6) return out + fmt::format(" … {} more }}", exports.size() - 6);
      if (e.type.kind == ExternKind::type && !e.type.resource()) continue;
      out += fmt::format(" {};", spell(info, e.name, e.type));
    }
    return out + " }";
  }
  if (type.kind == ExternKind::value)
    return fmt::format("value {}: {}", name, to_string(TypeView{info.abi_types(), type.value}));
  return fmt::format("{} {}", kind_text(type.kind), name);
}

/// Whether an import asks nothing of the host: types that are no resources, and instances of only
/// those.
bool is_only_types(const ComponentInfo& info, const ResolvedExtern& type) {
  if (type.kind == ExternKind::type) return !type.resource();
  if (type.kind != ExternKind::instance) return false;
  return std::ranges::all_of(info.instance_types[type.instance()].exports,
                             [&](const auto& e) { return is_only_types(info, e.type); });
}

/// An error of linking with the versions of what made the component, as its producers section names
/// them: two sides that do not fit are often of different ages.
Error with_producers(Error error, const Component& component) {
  std::string made_by;
  for (const auto& definition : component.compiled().def->definitions) {
    const auto* custom = std::get_if<component::Custom>(&definition.def);
    if (custom == nullptr || custom->name != "producers") continue;
    Reader in(custom->content);
    const auto producers = core::read_producers(in);
    if (!producers) continue;
    for (const auto& field : producers->fields) {
      if (field.name != "processed-by") continue;
      for (const auto& by : field.values)
        made_by += fmt::format("{}{} {}", made_by.empty() ? "" : ", ", by.name, by.version);
    }
  }
  if (made_by.empty()) return error;
  return std::move(error).note("the component was made by " + made_by);
}

/// The item of that name, or of the highest compatible version.
const LinkerItem* find_item(const LinkerNode& node, std::string_view name) {
  if (const auto it = node.items.find(name); it != node.items.end()) return &it->second;
  const LinkerItem* best = nullptr;
  std::optional<Version> best_version;
  for (const auto& [have, item] : node.items) {
    if (!compatible_names(name, have)) continue;
    const auto version = parse_version(split_version(have).version);
    if (best == nullptr || version > best_version) {
      best = &item;
      best_version = version;
    }
  }
  return best;
}

}  // namespace

/// Turns imports into items, type by type.
class ImportResolver {
 public:
  ImportResolver(const LinkerNode& root, const Component& component)
      : root_(root), info_(component.info()), out_(std::make_shared<InstancePre::Resolved>()) {
    bound_.resize(info_.resources.size());
  }

  Result<std::shared_ptr<const InstancePre::Resolved>> run() {
    for (const auto& import : info_.imports) {
      auto item = TENON_TRY(resolve(root_, import.name->name, import.type, {}));
      bind_resources(info_, import.type, item, bound_);
      out_->imports.push_back(std::move(item));
    }
    return std::shared_ptr<const InstancePre::Resolved>(std::move(out_));
  }

 private:
  using Path = std::string;

  Result<Item> resolve(const LinkerNode& node, const std::string& name, const ResolvedExtern& type,
                       const Path& path) {
    const auto* found = find_item(node, name);
    if (found == nullptr) {
      if (is_only_types(info_, type)) return nothing_needed(type);
      return std::unexpected(missing(node, name, type, path));
    }
    if (const auto* item = std::get_if<Item>(&found->def)) {
      out_->store = found->store;
      return running(*item, name, type, path);
    }
    switch (type.kind) {
      case ExternKind::func:
        return func(*found, name, type, path);
      case ExternKind::instance:
        return instance(*found, name, type, path);
      case ExternKind::type:
        if (!type.resource()) return TypeItem{};
        if (const auto* r = std::get_if<std::shared_ptr<const ResourceType>>(&found->def)) {
          out_->keep.push_back(*r);
          // Known at once, so that the functions after it can be compared.
          bound_[type.resource()->value] = r->get();
          return TypeItem{r->get()};
        }
        break;
      case ExternKind::core_module:
        if (const auto* m = std::get_if<ModuleItem>(&found->def)) return *m;
        break;
      case ExternKind::component:
        if (const auto* c = std::get_if<Component>(&found->def)) {
          out_->keep.push_back(c->share());
          return ComponentItem{&c->compiled(), nullptr};
        }
        break;
      case ExternKind::value:
        if (const auto* v = std::get_if<ValueItem>(&found->def)) return value(*v, name, type, path);
        break;
    }
    return std::unexpected(mismatch(name, type, path, "something else"));
  }

  Result<Item> value(const ValueItem& found, const std::string& name, const ResolvedExtern& type,
                     const Path& path) {
    if (auto ok = check(*found, {info_.abi_types(), type.value}); !ok)
      return std::unexpected(mismatch(name, type, path, ok.error().detail()));
    return found;
  }

  Item nothing_needed(const ResolvedExtern& type) {
    if (type.kind == ExternKind::type) return TypeItem{};
    return made_instance(type,
                         [&](const component::NamedExtern& e) { return nothing_needed(e.type); });
  }

  template <class F>
  Item made_instance(const ResolvedExtern& type, F item_of) {
    const auto& exports = info_.instance_types[type.instance()].exports;
    std::vector<std::string_view> names;
    for (const auto& e : exports) names.push_back(e.name);
    auto& made = out_->instances.emplace_back();
    made.names = &out_->names.emplace_back(names);
    for (const auto& e : exports) made.items.push_back(item_of(e));
    return &made;
  }

  Result<Item> func(const LinkerItem& found, const std::string& name, const ResolvedExtern& type,
                    const Path& path) {
    const auto* host = std::get_if<std::shared_ptr<const HostFunc>>(&found.def);
    if (host == nullptr) return std::unexpected(mismatch(name, type, path, "no function"));
    const FuncTypeView view{&info_, &info_.func_types[type.func()]};
    const auto full = path.empty() ? name : path + "#" + name;
    if (auto ok = (*host)->check(view, full); !ok) {
      return std::unexpected(
          Error(rules::import_type, Span::none(), ok.error().detail())
              .note(ok.error().notes().empty() ? std::string() : ok.error().notes().front().text));
    }
    out_->keep.push_back(*host);
    auto& f = out_->funcs.emplace_back();
    f.host = host->get();
    f.type = view;
    f.name = out_->texts.emplace_back(std::vector<std::string>{full}).front();
    return &f;
  }

  Result<Item> instance(const LinkerItem& found, const std::string& name,
                        const ResolvedExtern& type, const Path& path) {
    const auto* node = std::get_if<std::shared_ptr<LinkerNode>>(&found.def);
    if (node == nullptr) return std::unexpected(mismatch(name, type, path, "no instance"));
    const auto inner = path.empty() ? name : path + "#" + name;
    std::vector<Item> items;
    for (const auto& e : info_.instance_types[type.instance()].exports) {
      auto item = TENON_TRY(resolve(**node, e.name, e.type, inner));
      bind_resources(info_, e.type, item, bound_);
      items.push_back(std::move(item));
    }
    std::size_t i = 0;
    return made_instance(type,
                         [&](const component::NamedExtern&) { return std::move(items[i++]); });
  }

  /// An item of a running instance: compared as it is.
  Result<Item> running(const Item& item, const std::string& name, const ResolvedExtern& type,
                       const Path& path) {
    switch (type.kind) {
      case ExternKind::func:
        if (const auto* const* f = std::get_if<const FuncInst*>(&item)) {
          TENON_TRY(running_func(**f, name, type, path));
          return item;
        }
        break;
      case ExternKind::instance:
        if (const auto* const* instance = std::get_if<const InstanceItem*>(&item)) {
          const auto inner = path.empty() ? name : path + "#" + name;
          for (const auto& e : info_.instance_types[type.instance()].exports) {
            const auto* found = (*instance)->find(e.name);
            if (found == nullptr) {
              if (is_only_types(info_, e.type)) continue;
              return std::unexpected(missing_export(e, **instance, inner));
            }
            const auto checked = TENON_TRY(running(*found, e.name, e.type, inner));
            bind_resources(info_, e.type, checked, bound_);
          }
          return item;
        }
        break;
      case ExternKind::type:
        if (const auto* t = std::get_if<TypeItem>(&item);
            t != nullptr && (t->resource != nullptr || !type.resource())) {
          return item;
        }
        break;
      case ExternKind::core_module:
        if (std::holds_alternative<ModuleItem>(item)) return item;
        break;
      case ExternKind::component:
        if (std::holds_alternative<ComponentItem>(item)) return item;
        break;
      case ExternKind::value:
        if (const auto* v = std::get_if<ValueItem>(&item)) return value(*v, name, type, path);
        break;
    }
    return std::unexpected(mismatch(name, type, path, "something else"));
  }
  Result<void> running_func(const FuncInst& f, const std::string& name, const ResolvedExtern& type,
                            const Path& path) {
    const auto& wanted = info_.func_types[type.func()];
    if (f.host != nullptr) {
      TENON_TRY(f.host->check({&info_, &wanted}, name));
      return {};
    }
    const BoundTypes theirs{f.type.info, &f.inst->resources};
    const BoundTypes ours{&info_, &bound_};
    if (same_func(theirs, *f.type.type, ours, wanted)) return {};
    return std::unexpected(mismatch(name, type, path, fmt::format("`{}`", to_string(f.type))));
  }

  Error mismatch(const std::string& name, const ResolvedExtern& type, const Path& path,
                 std::string_view found) {
    return Error(rules::import_type, Span::none(),
                 fmt::format("{}`{}` is {}", path.empty() ? "" : fmt::format("in `{}`: ", path),
                             name, found))
        .note(fmt::format("the component imports `{}`", spell(info_, name, type)));
  }
  Error missing_export(const component::NamedExtern& e, const InstanceItem& instance,
                       const Path& path) {
    auto error =
        Error(rules::import_missing, Span::none(), fmt::format("`{}` of `{}`", e.name, path))
            .note(fmt::format("the component imports `{}`", spell(info_, e.name, e.type)));
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < instance.items.size(); ++i) names.push_back((*instance.names)[i]);
    return with_provided(std::move(error), e.name, names);
  }
  Error missing(const LinkerNode& node, const std::string& name, const ResolvedExtern& type,
                const Path& path) {
    Error error(rules::import_missing, Span::none(),
                path.empty() ? fmt::format("{} `{}`", kind_text(type.kind), name)
                             : fmt::format("{} `{}` of `{}`", kind_text(type.kind), name, path));
    error =
        std::move(error).note(fmt::format("the component imports `{}`", spell(info_, name, type)));
    std::vector<std::string_view> names;
    for (const auto& [have, item] : node.items) {
      names.push_back(have);
      if (const auto words = compare_versions(name, have); !words.empty())
        error = std::move(error).note(words);
    }
    return with_provided(std::move(error), name, names);
  }
  /// Adds what there is instead, and the nearest of it.
  static Error with_provided(Error error, std::string_view name,
                             const std::vector<std::string_view>& names) {
    if (names.empty()) return std::move(error).note("nothing is provided there");
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 12); ++i) {
      list += fmt::format("{}`{}`", i != 0 ? ", " : "", names[i]);
    }
    error = std::move(error).note(
        fmt::format("provided there: {}{}", list, names.size() > 12 ? ", …" : ""));
    const auto near = nearest(name, names);
    if (near.empty()) return error;
    return std::move(error).help(fmt::format("the nearest name is `{}`", near));
  }

  const LinkerNode& root_;
  const ComponentInfo& info_;
  std::shared_ptr<InstancePre::Resolved> out_;
  /// The resources of the imports seen so far.
  std::vector<const ResourceType*> bound_;
};

LinkerInstance LinkerInstance::instance(std::string_view name) {
  auto it = node_->items.find(name);
  if (it == node_->items.end()) {
    it =
        node_->items.emplace(std::string(name), LinkerItem{std::make_shared<LinkerNode>(), nullptr})
            .first;
  }
  auto* node = std::get_if<std::shared_ptr<LinkerNode>>(&it->second.def);
  if (node == nullptr) {
    // Something else has the name: what is defined here takes its place.
    it->second = LinkerItem{std::make_shared<LinkerNode>(), nullptr};
    node = std::get_if<std::shared_ptr<LinkerNode>>(&it->second.def);
  }
  return {**node, *shadow_};
}

Result<void> LinkerInstance::define(std::string name, LinkerItem item) {
  const auto [it, fresh] = node_->items.try_emplace(name, item);
  if (fresh) return {};
  if (!*shadow_)
    return std::unexpected(
        Error(rules::import_defined_twice, Span::none(), fmt::format("`{}`", name)));
  it->second = std::move(item);
  return {};
}

Result<void> Linker::link(const Instance& instance) {
  const auto& exports = instance.exports();
  for (std::size_t i = 0; i < exports.items.size(); ++i) {
    TENON_TRY(root().item(std::string((*exports.names)[i]), instance.store(), exports.items[i]));
  }
  return {};
}

Result<void> Linker::link(std::string name, const Instance& instance,
                          std::string_view export_name) {
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

Result<void> trap_imports(LinkerInstance into, const LinkerNode& node, const ComponentInfo& info,
                          const std::string& name, const ResolvedExtern& type,
                          const std::string& path) {
  const auto full = path.empty() ? name : path + "#" + name;
  const auto* have = find_item(node, name);
  if (type.kind == ExternKind::instance) {
    if (have != nullptr && !std::holds_alternative<std::shared_ptr<LinkerNode>>(have->def))
      return {};
    auto inner = into.instance(name);
    // A node of a compatible version is completed under its own name: look again by this one.
    const auto* now = find_item(node, name);
    const auto& inner_node = *std::get<std::shared_ptr<LinkerNode>>(now->def);
    for (const auto& e : info.instance_types[type.instance()].exports) {
      TENON_TRY(trap_imports(inner, inner_node, info, e.name, e.type, full));
    }
    return {};
  }
  if (have != nullptr) return {};
  if (type.kind == ExternKind::func) {
    return into.func_new(
        name, [full](Store&, std::span<const Value>) -> Outcome<std::optional<Value>> {
          return std::unexpected(Trap(fmt::format("the import `{}` is not provided", full)));
        });
  }
  if (type.resource()) return into.resource(name, [](Store&, std::uint32_t) {});
  return {};
}

}  // namespace

Result<void> Linker::define_unknown_imports_as_traps(const Component& component) {
  for (const auto& import : component.info().imports) {
    TENON_TRY(trap_imports(root(), *root_, component.info(), import.name->name, import.type, {}));
  }
  return {};
}

Result<InstancePre> Linker::instantiate_pre(const Component& component) const {
  if (&component.engine() != engine_) {
    return std::unexpected(
        Error(rules::import_type, Span::none(), "the component was compiled by another engine"));
  }
  try {
    auto resolved = ImportResolver(*root_, component).run();
    if (!resolved) return std::unexpected(with_producers(std::move(resolved).error(), component));
    return InstancePre(component, *std::move(resolved));
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error(rules::limit, Span::none(), "out of memory"));
  }
}

Result<Instance> InstancePre::instantiate(Store& store) const {
  try {
    return make(store);
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error(rules::limit, Span::none(), "out of memory"));
  }
}

Result<Instance> InstancePre::make(Store& store) const {
  if (store.engine().forked()) {
    return std::unexpected(
        Error(rules::limit, Span::none(),
              "the engine belongs to the parent of this process: a forked child may only exec"));
  }
  if (&store.engine() != &component_.engine()) {
    return std::unexpected(
        Error(rules::import_type, Span::none(), "the store belongs to another engine"));
  }
  if (resolved_->store != nullptr && resolved_->store != &store) {
    return std::unexpected(Error(rules::import_type, Span::none(),
                                 "an import is an instance that runs in another store"));
  }
  store.keep(resolved_);
  store.keep(component_.share());
  const auto state = TENON_TRY(
      runtime::instantiate(store, component_.compiled(), nullptr, nullptr, resolved_->imports));
  return Instance(store, *state);
}

}  // namespace tenon::runtime

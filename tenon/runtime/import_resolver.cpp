// SPDX-License-Identifier: Apache-2.0

// Linking. Code is compiled against the types that a component declares for its imports, and trusts
// them from then on: lifting reads as many slots as the declared function has results, a call
// writes as many parameters. So nothing goes in unless its own type was compared with the declared
// one: functions and values of the host, functions, instances, types, modules and components of
// guests.
#include "tenon/runtime/import_resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/component/extern_kind.h"
#include "tenon/component/type_text.h"
#include "tenon/core/names.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/version.h"
#include "tenon/types/semver.h"

namespace tenon::runtime {

using component::ComponentInfo;
using component::ExternKind;
using component::Mismatch;
using component::ResolvedExtern;

namespace {

/// Names that a message lists, and names among which the nearest is sought.
constexpr std::size_t listed_names = 12;
constexpr std::size_t near_names = 1000;

/// As the author of a component says it, who may not know the words of the specification.
std::string_view kind_text(ExternKind kind) {
  if (kind == ExternKind::core_module) return "core module";
  if (kind == ExternKind::func) return "function";
  return component::kind_word(kind);
}

/// An import as WIT would spell it: `inc: func(x: u32) -> u32`. Instances inside of instances are
/// cut: each level shows several of the next.
std::string spell(component::TypeNames& names, std::string_view name, const ResolvedExtern& type,
                  int depth = 0) {
  constexpr int deepest = 2;
  if (type.kind == ExternKind::func)
    return fmt::format("{}: {}", name, component::type_text(names, type));
  if (type.resource()) return fmt::format("resource {}", name);
  if (type.kind == ExternKind::type)
    return fmt::format("type {} = {}", name, component::definition_text(names, type.type));
  if (type.kind == ExternKind::instance) {
    std::string out = fmt::format("interface {} {{", name);
    if (depth == deepest) return out + " … }";
    std::size_t shown = 0;
    const auto& instance = names.info().instance_types[type.instance()];
    const auto& exports = instance.exports;
    auto before = names.enter(instance);
    for (const auto& e : exports) {
      if (shown++ == 6) {
        out += fmt::format(" … {} more", exports.size() - 6);
        break;
      }
      if (e.type.kind == ExternKind::type && !e.type.resource()) continue;
      out += fmt::format(" {};", spell(names, e.name, e.type, depth + 1));
    }
    names.leave(std::move(before));
    return out + " }";
  }
  if (type.kind == ExternKind::value)
    return fmt::format("value {}: {}", name, component::type_text(names.info(), type.value));
  return fmt::format("{} {}", kind_text(type.kind), name);
}
std::string spell(const ComponentInfo& info, std::string_view name, const ResolvedExtern& type) {
  component::TypeNames names(info);
  return spell(names, name, type);
}

std::string spell(const Item& item) {
  return std::visit(
      overloaded{[](std::monostate) { return std::string("nothing"); },
                 [](const FuncInst* f) { return fmt::format("`{}`", to_string(f->type)); },
                 [](const InstanceItem*) { return std::string("an instance"); },
                 [](const ComponentItem&) { return std::string("a component"); },
                 [](const ModuleItem&) { return std::string("a core module"); },
                 [](const TypeItem& t) {
                   if (t.type() != nullptr) {
                     return fmt::format(
                         "the type `{}`",
                         component::type_text(*t.exporter().compiled->info, *t.type()));
                   }
                   return std::string(t.resource() != nullptr ? "a resource" : "a type");
                 },
                 [](const ValueItem&) { return std::string("a value"); }},
      item);
}

std::string_view spell(const LinkerItem& item) {
  return std::visit(
      overloaded{[](const std::shared_ptr<const HostFunc>&) { return "a function of the host"; },
                 [](const std::shared_ptr<const ResourceType>&) { return "a resource"; },
                 [](const ModuleItem&) { return "a core module"; },
                 [](const ValueItem&) { return "a value"; },
                 [](const Component&) { return "a component"; },
                 [](const std::shared_ptr<LinkerNode>&) { return "an instance"; },
                 [](const Item&) { return "an item of a running instance"; }},
      item.def);
}

/// Adds what there is instead, and the nearest of it.
Error with_provided(Error error, std::string_view where, std::string_view name,
                    const std::vector<std::string_view>& names, std::size_t count) {
  if (names.empty()) {
    return std::move(error).note(where.empty() ? std::string("no import is provided at all")
                                               : fmt::format("nothing is provided in `{}`", where));
  }
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), listed_names); ++i)
    list += fmt::format("{}`{}`", i != 0 ? ", " : "", names[i]);
  error = std::move(error).note(fmt::format("provided{}: {}{}",
                                            where.empty() ? "" : fmt::format(" in `{}`", where),
                                            list, count > listed_names ? ", …" : ""));
  const auto near = nearest(name, names);
  if (near.empty()) return error;
  return std::move(error).help(fmt::format("the nearest name is `{}`", near));
}

/// What compatible versions of one name have in common; nothing for a name without a version.
std::optional<std::string_view> line_of(std::string_view name) {
  if (!types::is_versioned(name)) return std::nullopt;
  return types::canonical_interface(name);
}

}  // namespace

bool is_only_types(const ComponentInfo& info, const ResolvedExtern& type) {
  if (type.kind == ExternKind::type) return !type.resource();
  if (type.kind != ExternKind::instance) return false;
  return std::ranges::all_of(info.instance_types[type.instance()].exports,
                             [&](const auto& e) { return is_only_types(info, e.type); });
}

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

const LinkerItem* ItemFinder::find(const LinkerNode& node, std::string_view name) {
  if (const auto it = node.items.find(name); it != node.items.end()) return &it->second;
  const auto line = line_of(name);
  if (!line) return nullptr;
  const auto [known, fresh] = lines_.try_emplace(&node);
  auto& lines = known->second;
  if (fresh) {
    for (const auto& [have, item] : node.items) {
      const auto of = line_of(have);
      if (!of) continue;
      const auto version = types::split_version(have).version;
      const auto [at, first] = lines.try_emplace(*of, Highest{version, &item});
      if (first || types::compare_versions(version, at->second.version) <= 0) continue;
      at->second = {version, &item};
    }
  }
  const auto it = lines.find(*line);
  return it == lines.end() ? nullptr : it->second.item;
}

ImportResolver::ImportResolver(const LinkerNode& root, const Component& component)
    : root_(root),
      info_(component.info()),
      engine_id_(component.engine_id()),
      out_(std::make_shared<InstancePre::Resolved>()) {
  out_->resources.resize(info_.resources.size());
}

Result<std::shared_ptr<const InstancePre::Resolved>> ImportResolver::run() {
  const std::string nowhere;
  for (const auto& import : info_.imports) {
    auto item = TENON_TRY(resolve(root_, {import.name->name, import.type, nowhere}));
    out_->imports.push_back(std::move(item));
  }
  return std::shared_ptr<const InstancePre::Resolved>(std::move(out_));
}

Result<Item> ImportResolver::resolve(const LinkerNode& node, const Wanted& want) {
  const auto* found = finder_.find(node, want.name);
  if (found == nullptr) return missing_item(node, want);
  if (const auto* item = std::get_if<Item>(&found->def)) {
    TENON_TRY(same_store(*found, want));
    return running(*item, want);
  }
  return defined(*found, want);
}

Result<void> ImportResolver::same_store(const LinkerItem& found, const Wanted& want) {
  const auto refused = [&](std::string why) -> std::unexpected<Error> {
    return std::unexpected(Error(rules::other_store, Span::none(),
                                 fmt::format("the import `{}` runs in {}", want.full(), why)));
  };
  // Before anything of it is looked at.
  const auto* store = found.store->store();
  if (store == nullptr) return refused("a store that is gone");
  if (store->engine().id() != engine_id_)
    return std::unexpected(of_another_engine(want, "what runs in a store"));
  if (out_->store == nullptr) {
    out_->store = found.store;
    out_->in_store = want.full();
  } else if (out_->store != found.store) {
    return refused(fmt::format("another store than the import `{}`", out_->in_store));
  }
  return {};
}

Result<Item> ImportResolver::missing_item(const LinkerNode& node, const Wanted& want) {
  if (is_known(want.type)) return nothing_needed(want.type);
  return std::unexpected(missing(node, want));
}

Result<Item> ImportResolver::defined(const LinkerItem& found, const Wanted& want) {
  switch (want.type.kind) {
    case ExternKind::func:
      return host_func(found, want);
    case ExternKind::instance:
      return host_instance(found, want);
    case ExternKind::type:
      // Of types that are no resources a host has nothing to say.
      if (!want.type.resource()) return TypeItem();
      if (const auto* r = std::get_if<std::shared_ptr<const ResourceType>>(&found.def)) {
        out_->keep.push_back(*r);
        return resource(r->get(), want);
      }
      break;
    case ExternKind::core_module:
      if (const auto* m = std::get_if<ModuleItem>(&found.def)) return module(*m, want);
      break;
    case ExternKind::component:
      if (const auto* c = std::get_if<Component>(&found.def)) {
        out_->keep.push_back(c->share());
        return component({&c->compiled(), nullptr}, want);
      }
      break;
    case ExternKind::value:
      if (const auto* v = std::get_if<ValueItem>(&found.def)) return value(*v, want);
      break;
  }
  return std::unexpected(mismatch(want, spell(found)));
}

// --- what the host defines -----------------------------------------------------------------------

/// Types that are no resources, `(type (eq $r))` of a resource that came before, and instances of
/// such: an interface that only `use`s asks for nothing.
bool ImportResolver::is_known(const ResolvedExtern& type) const {
  if (type.kind == ExternKind::type) {
    const auto resource = type.resource();
    return !resource || out_->resources[resource->value] != nullptr;
  }
  if (type.kind != ExternKind::instance) return false;
  return std::ranges::all_of(info_.instance_types[type.instance()].exports,
                             [&](const auto& e) { return is_known(e.type); });
}

Item ImportResolver::nothing_needed(const ResolvedExtern& type) {
  if (type.kind == ExternKind::type) {
    const auto resource = type.resource();
    return resource ? TypeItem(out_->resources[resource->value]) : TypeItem();
  }
  return made_instance(type,
                       [&](const component::NamedExtern& e) { return nothing_needed(e.type); });
}

template <class F>
Item ImportResolver::made_instance(const ResolvedExtern& type, F item_of) {
  const auto& exports = info_.instance_types[type.instance()].exports;
  std::vector<std::string_view> names;
  for (const auto& e : exports) names.push_back(e.name);
  auto& made = out_->instances.emplace_back();
  made.names = &out_->names.emplace_back(names);
  for (const auto& e : exports) made.items.push_back(item_of(e));
  return &made;
}

Result<Item> ImportResolver::host_func(const LinkerItem& found, const Wanted& want) {
  const auto* host = std::get_if<std::shared_ptr<const HostFunc>>(&found.def);
  if (host == nullptr) return std::unexpected(mismatch(want, spell(found)));
  const FuncTypeView view{&info_, &info_.func_types[want.type.func()]};
  const auto full = want.full();
  if (auto ok = (*host)->check(view, full); !ok) {
    Error wrong(rules::import_type, Span::none(), ok.error().detail());
    for (const Note& note : ok.error().notes()) wrong = std::move(wrong).note(note.text);
    return std::unexpected(std::move(wrong));
  }
  out_->keep.push_back(*host);
  auto& f = out_->funcs.emplace_back();
  f.host = host->get();
  f.type = view;
  f.resources = &out_->resources;
  f.name = out_->texts.emplace_back(full);
  if (const auto* type = (*host)->needs()) {
    auto& needs = out_->needs;
    if (std::ranges::find(needs, type, [](const auto& n) { return n.first; }) == needs.end())
      needs.emplace_back(type, f.name);
  }
  return &f;
}

Result<Item> ImportResolver::host_instance(const LinkerItem& found, const Wanted& want) {
  const auto* node = std::get_if<std::shared_ptr<LinkerNode>>(&found.def);
  if (node == nullptr) return std::unexpected(mismatch(want, spell(found)));
  const auto inner = want.full();
  std::vector<Item> items;
  for (const auto& e : info_.instance_types[want.type.instance()].exports) {
    auto item = TENON_TRY(resolve(**node, {e.name, e.type, inner}));
    items.push_back(std::move(item));
  }
  std::size_t i = 0;
  return made_instance(want.type,
                       [&](const component::NamedExtern&) { return std::move(items[i++]); });
}

/// Known at once, so that what comes after it can be compared. The same resource may be asked for
/// again, by `(type (eq $r))`: then it must be the same.
Result<Item> ImportResolver::resource(const ResourceType* resource, const Wanted& want) {
  auto& bound = out_->resources[want.type.resource()->value];
  if (bound != nullptr && bound != resource) {
    const auto& name = info_.resources[*want.type.resource()].name;
    return std::unexpected(
        mismatch(want, fmt::format("another resource than the one imported as `{}`", name)));
  }
  bound = resource;
  return TypeItem(resource);
}

// --- what any side gives -------------------------------------------------------------------------

Result<Item> ImportResolver::module(const ModuleItem& module, const Wanted& want) {
  if (module->engine_id() != engine_id_)
    return std::unexpected(of_another_engine(want, "a core module"));
  if (const auto why = matcher_.module(module->core(), ours(), want.type.module()))
    return std::unexpected(mismatch(want, "a core module of another type", *why));
  return module;
}

Result<Item> ImportResolver::component(const ComponentItem& component, const Wanted& want) {
  if (component.compiled->engine_id != engine_id_)
    return std::unexpected(of_another_engine(want, "a component"));
  const auto theirs = component::TypeSide::of(*component.compiled->info);
  if (const auto why = matcher_.component(theirs, ours(), want.type.component()))
    return std::unexpected(mismatch(want, "a component of another type", *why));
  return component;
}

Result<Item> ImportResolver::value(const ValueItem& value, const Wanted& want) {
  if (auto ok = check(*value, {info_.abi_types(), want.type.value}); !ok)
    return std::unexpected(mismatch(want, ok.error().detail()));
  return value;
}

// --- what runs -----------------------------------------------------------------------------------

Result<Item> ImportResolver::running(const Item& item, const Wanted& want) {
  switch (want.type.kind) {
    case ExternKind::func:
      if (const auto* const* f = std::get_if<const FuncInst*>(&item))
        return running_func(**f, want);
      break;
    case ExternKind::instance:
      if (const auto* const* instance = std::get_if<const InstanceItem*>(&item))
        return running_instance(**instance, want);
      break;
    case ExternKind::type:
      if (const auto* t = std::get_if<TypeItem>(&item)) return running_type(*t, want);
      break;
    case ExternKind::core_module:
      if (const auto* m = std::get_if<ModuleItem>(&item)) return module(*m, want);
      break;
    case ExternKind::component:
      if (const auto* c = std::get_if<ComponentItem>(&item)) return component(*c, want);
      break;
    case ExternKind::value:
      if (const auto* v = std::get_if<ValueItem>(&item)) return value(*v, want);
      break;
  }
  return std::unexpected(mismatch(want, spell(item)));
}

Result<Item> ImportResolver::running_func(const FuncInst& func, const Wanted& want) {
  const auto theirs = type_side(*func.type.info, *func.resources);
  const auto why =
      matcher_.func(theirs, *func.type.type, ours(), info_.func_types[want.type.func()]);
  if (why) return std::unexpected(mismatch(want, fmt::format("`{}`", to_string(func.type)), *why));
  return &func;
}

Result<Item> ImportResolver::running_instance(const InstanceItem& instance, const Wanted& want) {
  const auto inner = want.full();
  for (const auto& e : info_.instance_types[want.type.instance()].exports) {
    const auto* found = instance.find(e.name);
    if (found == nullptr) {
      if (is_only_types(info_, e.type)) continue;
      return std::unexpected(missing_export(e, instance, inner));
    }
    TENON_TRY(running(*found, {e.name, e.type, inner}));
  }
  return &instance;
}

Result<Item> ImportResolver::running_type(const TypeItem& type, const Wanted& want) {
  if (want.type.resource()) {
    if (type.resource() == nullptr) return std::unexpected(mismatch(want, spell(Item(type))));
    return resource(type.resource(), want);
  }
  if (type.resource() != nullptr) return std::unexpected(mismatch(want, "a resource"));
  if (type.type() == nullptr) return type;
  const auto& exporter = type.exporter();
  const auto theirs = type_side(*exporter.compiled->info, exporter.inst->resources);
  if (const auto why = matcher_.type(theirs, *type.type(), ours(), want.type.type))
    return std::unexpected(mismatch(want, spell(Item(type)), *why));
  return type;
}

// --- messages ------------------------------------------------------------------------------------

Error ImportResolver::of_another_engine(const Wanted& want, std::string_view found) const {
  return Error(rules::other_engine, Span::none(),
               fmt::format("the import `{}` is given {} of another engine than the component's",
                           want.full(), found))
      .help(std::string(one_engine));
}

Error ImportResolver::mismatch(const Wanted& want, std::string_view found) const {
  return Error(rules::import_type, Span::none(),
               fmt::format("{}`{}` is {}",
                           want.path.empty() ? "" : fmt::format("in `{}`: ", want.path), want.name,
                           found))
      .note(fmt::format("the component imports `{}`", spell(info_, want.name, want.type)));
}

Error ImportResolver::mismatch(const Wanted& want, std::string_view found,
                               const Mismatch& why) const {
  auto error = mismatch(want, found);
  // What is in the message already needs no second line.
  if (why.path.empty() && want.type.kind == ExternKind::func) return error;
  return std::move(error).note(why.text());
}

Error ImportResolver::missing_export(const component::NamedExtern& e, const InstanceItem& instance,
                                     const std::string& path) const {
  auto error = Error(rules::import_missing, Span::none(), fmt::format("`{}` of `{}`", e.name, path))
                   .note(fmt::format("the component imports `{}`", spell(info_, e.name, e.type)));
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < std::min(instance.items.size(), near_names); ++i)
    names.push_back((*instance.names)[i]);
  return with_provided(std::move(error), path, e.name, names, instance.items.size());
}

Error ImportResolver::missing(const LinkerNode& node, const Wanted& want) const {
  Error error(rules::import_missing, Span::none(),
              want.path.empty() ? fmt::format("{} `{}`", kind_text(want.type.kind), want.name)
                                : fmt::format("{} `{}` of `{}`", kind_text(want.type.kind),
                                              want.name, want.path));
  error = std::move(error).note(
      fmt::format("the component imports `{}`", spell(info_, want.name, want.type)));
  std::vector<std::string_view> names;
  std::size_t versions = 0;
  for (const auto& [have, item] : node.items) {
    if (names.size() < near_names) names.push_back(have);
    if (versions == listed_names) continue;
    const auto words = version_mismatch(want.name, have);
    if (words.empty()) continue;
    ++versions;
    error = std::move(error).note(words);
  }
  return with_provided(std::move(error), want.path, want.name, names, node.items.size());
}

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
// `include` copies the other world's items, and its types, since each world has types of its own.
// Chains of includes make that quadratic: all copies together are limited by weight
// (`max_unwritten`). Gates of another package say nothing in this one, so they are replaced by
// those of the `include`.
// Spec: WIT.md "Union of Worlds with `include`"
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "tenon/base/nearest.h"
#include "tenon/wit/elaborate.h"
#include "tenon/wit/graph_builder.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

/// What all worlds together may get by `include`, by other names for an interface and by what their
/// interfaces need. A chain of n worlds that include each other gives n² items in the end. Fields,
/// cases, parameters and each 32 bytes of a name or of docs count as an item.
constexpr std::size_t max_unwritten = 200'000;

/// Items that a text counts for, in a name or in docs.
std::size_t weight(std::string_view text) {
  constexpr std::size_t bytes_an_item = 32;
  return 1 + text.size() / bytes_an_item;
}
std::size_t weight(std::string_view name, const ItemInfo& info) {
  return weight(name) + (info.docs ? weight(info.docs) : 0);
}
/// Beside its name.
std::size_t weight(const std::vector<Param>& params) {
  std::size_t out = 0;
  for (const Param& param : params) out += weight(param.name);
  return out;
}
/// The imports that nobody wrote.
std::size_t implicit_weight(const World& world) {
  std::size_t out = 0;
  for (const WorldItem& item : world.imports) {
    if (item.implicit) out += weight(item.name);
  }
  return out;
}

bool is_id(std::string_view name) {
  return name.contains(':');
}

bool same_interface(const WorldItem& a, const WorldItem& b) {
  const auto* x = std::get_if<InterfaceIdx>(&a.item);
  const auto* y = std::get_if<InterfaceIdx>(&b.item);
  return x != nullptr && y != nullptr && *x == *y && a.implements == b.implements;
}

}  // namespace

/// Spec: WIT.md "Item: `world`".
bool Resolver::resolve_world(UnitIdx unit, Item& item) {
  const ast::World& ast = *std::get<const ast::World*>(item.ast);
  WorldBuild build;
  build.world.name = ast.name.text;
  build.world.package = units_[unit].package;
  build.world.info = ast.attributes.info;
  const WorldIdx idx = out_.worlds.push_back(build.world);
  std::vector<std::pair<std::string, TypeIdx>> types;
  TypeScope scope;
  scope.scope = item.scope;
  scope.owner = idx;
  scope.partial = ast.partial;
  scope.types = &types;
  if (ast.partial) partial_worlds_.insert(idx.value);
  bool ok = true;
  for (const ast::WorldItem& w : ast.items) {
    if (const auto* use = std::get_if<ast::Use>(&w)) {
      ok = declare_use(scope, *use) && ok;
    } else if (const auto* decl = std::get_if<ast::TypeDecl>(&w)) {
      if (keep(decl->attributes, scope, decl->name.text))
        ok = declare(scope, decl->name.text, {decl, nullptr, decl->name.span, {}, {}}) && ok;
    }
  }
  resolve_types(scope);
  for (const auto& [name, type] : types) {
    WorldItem import{name, type, false, false, out_.types[type].info};
    check_gates(unit, build.world.info, import);
    ok = add_world_item(build, std::move(import), true) && ok;
  }
  for (const ast::WorldItem& w : ast.items) {
    if (const auto* decl = std::get_if<ast::TypeDecl>(&w)) {
      if (scope.excluded.contains(decl->name.text)) continue;
      std::vector<Function> functions;
      methods(scope, *decl, functions);
      for (Function& f : functions) {
        WorldItem import{f.name, f, false, false, f.info};
        check_gates(unit, build.world.info, import);
        ok = add_world_item(build, std::move(import), true) && ok;
      }
    } else if (const auto* outside = std::get_if<ast::Extern>(&w)) {
      if (keep(outside->attributes, unit)) ok = world_extern(unit, scope, *outside, build) && ok;
    }
  }
  for (const ast::WorldItem& w : ast.items) {
    const auto* included = std::get_if<ast::Include>(&w);
    if (included != nullptr && keep(included->attributes, unit))
      ok = include(idx, item.scope, *included, build) && ok;
  }
  for (auto* items : {&build.world.imports, &build.world.exports})
    ok = pair_accessors(*items, ok && !ast.partial) && ok;
  if (!ok) return false;
  const std::size_t before = build.world.imports.size();
  const std::size_t implicit = implicit_weight(build.world);
  if (auto elaborated = elaborate(out_, build.world, interface_needs_); !elaborated) {
    diagnostics_.report(std::move(elaborated).error());
    return false;
  }
  const std::size_t after = implicit_weight(build.world);
  if (after > implicit && !charge(after - implicit, ast.name.span)) return false;
  if (build.world.imports.size() > before && !unique_imports(build.world)) return false;
  out_.worlds[idx] = std::move(build.world);
  item.world = idx;
  out_.packages[units_[unit].package].worlds.emplace_back(ast.name.text, idx);
  return true;
}

/// What the interfaces of a world need is imported too, and may have the name of another import but
/// for case and hyphens.
bool Resolver::unique_imports(const World& world) {
  std::unordered_map<std::string, const WorldItem*> seen;
  for (const WorldItem& item : world.imports) {
    const auto [there, fresh] = seen.emplace(types::unique_key(item.name), &item);
    if (fresh) continue;
    diagnostics_.report(Error(rules::duplicate, world.info.span,
                              fmt::format("the import {}", same_as(item.name, there->second->name)))
                            .help("an interface of the world needs it"));
    return false;
  }
  return true;
}

bool Resolver::add_world_item(WorldBuild& out, WorldItem item, bool is_import) {
  std::vector<WorldItem>& items = is_import ? out.world.imports : out.world.exports;
  auto& names = is_import ? out.imports : out.exports;
  const auto [taken, fresh] = names.emplace(types::unique_key(item.name), items.size());
  if (!fresh) {
    const WorldItem& other = items[taken->second];
    diagnostics_.report(Error(rules::duplicate, item.info.span,
                              fmt::format("the {} {}", is_import ? "import" : "export",
                                          same_as(unannotated(item.name), unannotated(other.name))))
                            .note(other.info.span, "also here"));
    return false;
  }
  items.push_back(std::move(item));
  return true;
}

/// Spec: WIT.md "Item: `world`" (import-item, export-item).
bool Resolver::world_extern(UnitIdx unit, TypeScope& scope, const ast::Extern& ast,
                            WorldBuild& out) {
  WorldItem item;
  item.info = ast.attributes.info;
  if (const auto* path = std::get_if<ast::UsePath>(&ast.what)) {
    const auto interface = find_interface(scope.scope, *path);
    if (!interface) return false;
    item.item = *interface;
    item.name = ast.name ? ast.name->text : *out_.id_of(*interface);
    item.implements = ast.name.has_value();
    if (item.implements && !charge(weight_of(*interface), ast.name->span)) return false;
  } else if (const auto* func = std::get_if<ast::Func>(&ast.what)) {
    auto f = function(scope, *func, std::nullopt, {});
    if (!f) return false;
    item.name = f->name;
    item.item = std::move(*f);
  } else {
    const auto& inline_interface = std::get<ast::Interface>(ast.what);
    const auto interface = resolve_interface(unit, scope.scope, inline_interface, std::nullopt);
    if (!interface) return false;
    item.name = ast.name->text;
    item.item = *interface;
  }
  check_gates(unit, out.world.info, item);
  return add_world_item(out, std::move(item), ast.is_import);
}

/// Spec: WIT.md "Union of Worlds with `include`".
bool Resolver::include(WorldIdx to, ScopeIdx scope, const ast::Include& ast, WorldBuild& out) {
  const auto found = find(scope, ast.path);
  if (!found) return false;
  if (found->item->is_interface()) {
    diagnostics_.report(
        Error(rules::wrong_kind, ast.path.span,
              fmt::format("`{}` is an interface, wanted a world", ast.path.name.text))
            .note(found->item->name().span, "defined here")
            .help("a world gets an interface by `import` or `export`"));
    return false;
  }
  if (!resolve_item(found->unit, *found->item)) return false;
  if (!charge(weight_of(found->item->world), ast.path.span)) return false;
  World from = out_.worlds[found->item->world];
  Renames renames;
  renames.used.resize(ast.with.size());
  for (std::size_t i = 0; i < ast.with.size(); ++i)
    renames.by_name.emplace(ast.with[i].from.text, i);
  adopt_types(found->item->world, to, from);
  if (found->unit != scopes_[scope].unit) {
    adopt_gates(scope, ast, from);
  } else {
    keep_gates(found->unit, ast, out.world.info, from);
  }
  bool ok = include_items(from.imports, ast, renames, out, true);
  ok = include_items(from.exports, ast, renames, out, false) && ok;
  for (std::size_t i = 0;
       i < ast.with.size() && !partial_worlds_.contains(found->item->world.value); ++i) {
    if (renames.used[i]) continue;
    std::vector<std::string_view> names;
    bool interface = false;
    const ast::Name& name = ast.with[i].from;
    if (const auto first = renames.by_name.find(name.text)->second; first != i) {
      diagnostics_.report(
          Error(rules::duplicate, name.span, fmt::format("`{}` gets two new names", name.text))
              .note(ast.with[first].from.span, "the first is here")
              .help("leave one of them out"));
      ok = false;
      continue;
    }
    const bool shown = diagnostics_.dropped() == 0;
    for (const auto* list : {&from.imports, &from.exports}) {
      if (!shown) break;
      for (const WorldItem& item : *list) {
        if (!is_id(item.name)) names.push_back(unannotated(item.name));
        interface = interface || item.name.contains("/" + std::string(name.text));
      }
    }
    const std::string_view meant = near(name.text, names);
    diagnostics_.report(
        Error(rules::undefined, name.span,
              fmt::format("`{}` in the world `{}`", name.text, from.name))
            .help(interface        ? std::string(
                                         "only plain names can be renamed: an interface keeps its own")
                  : !meant.empty() ? fmt::format("did you mean `{}`?", meant)
                  : names.empty()  ? std::string("it has no plain name")
                                   : fmt::format("it has `{}`", fmt::join(names, "`, `"))));
    ok = false;
  }
  return ok;
}

/// What an `include` of the world copies.
std::size_t Resolver::weight_of(WorldIdx idx) const {
  const World& world = out_.worlds[idx];
  std::size_t out = 0;
  for (const auto* items : {&world.imports, &world.exports}) {
    for (const WorldItem& item : *items) {
      out += weight(item.name, item.info);
      if (const auto* f = std::get_if<Function>(&item.item)) out += weight(f->params);
    }
  }
  for (const std::uint32_t type : types_of_world(idx, world)) out += weight_of(TypeIdx(type));
  return out;
}

/// What a second name for the interface repeats in all that is made of the world.
std::size_t Resolver::weight_of(InterfaceIdx idx) const {
  const Interface& interface = out_.interfaces[idx];
  std::size_t out = 0;
  for (const auto& [name, type] : interface.types) out += weight_of(type);
  for (const Function& f : interface.functions) out += weight(f.name, f.info) + weight(f.params);
  return out;
}

std::size_t Resolver::weight_of(TypeIdx idx) const {
  const TypeDef& def = out_.types[idx];
  std::size_t docs = 0;
  for (const SharedText& text : def.member_docs) docs += text ? weight(text.view()) : 0;
  std::size_t labels = 0;
  std::size_t parts = 0;
  if (const auto* made = std::get_if<DefValType>(&def.def)) {
    each_label(*made, [&](std::size_t, const std::string& label) { labels += weight(label); });
    each_type(*made, [&](ValType) { ++parts; });
  }
  return 1 + docs + std::max(labels, parts);
}

bool Resolver::charge(std::size_t items, Span where) {
  const bool before = charged_ <= max_unwritten;
  charged_ += items;
  if (charged_ <= max_unwritten) return true;
  if (before) {
    diagnostics_.report(
        Error(
            rules::too_large, where,
            fmt::format("worlds get {} items and more by `include`, by names for interfaces and by "
                        "what interfaces need, at most {} are taken",
                        charged_, max_unwritten))
            .help("a world that includes another one has all of its items: include the last of a "
                  "chain alone"));
  }
  return false;
}

/// Versions of another package say nothing in this one: what it includes is gated as the `include`
/// is, unless it follows a feature.
void Resolver::adopt_gates(ScopeIdx scope, const ast::Include& ast, World& items) {
  const Stability& here = ast.attributes.info.stability;
  const bool versioned = units_[scopes_[scope].unit].name.version.has_value();
  const auto adopt = [&](ItemInfo& info) {
    if (!versioned || !info.stability.unstable_feature) info.stability = here;
  };
  for (auto* list : {&items.imports, &items.exports}) {
    for (WorldItem& item : *list) {
      adopt(item.info);
      if (auto* f = std::get_if<Function>(&item.item)) adopt(f->info);
      if (const auto* type = std::get_if<TypeIdx>(&item.item)) adopt(out_.types[*type].info);
    }
  }
}

/// Of a world of the same package: it is there as soon as what includes it, and its items are not
/// there before.
void Resolver::keep_gates(UnitIdx unit, const ast::Include& ast, const ItemInfo& world,
                          World& items) {
  if (!units_[unit].name.version || units_[unit].fixed_gates) return;
  ItemInfo here = ast.attributes.info;
  here.span = ast.path.span;
  const GateCheck check{unit, &world};
  if (check_contained(check, here, items.name, true))
    check_refers(check, here, items.name, items.info, items.name);
  if (!here.stability.since && !here.stability.unstable_feature) here.stability = world.stability;
  for (auto* list : {&items.imports, &items.exports}) {
    for (WorldItem& item : *list) {
      const auto* interface = std::get_if<InterfaceIdx>(&item.item);
      const bool inherits = interface != nullptr && out_.interfaces[*interface].name;
      if (item.implicit) continue;
      adopt_gate(item.info, here.stability, inherits);
      if (auto* f = std::get_if<Function>(&item.item))
        adopt_gate(f->info, here.stability, f->kind != FuncKind::freestanding);
      if (const auto* type = std::get_if<TypeIdx>(&item.item))
        adopt_gate(out_.types[*type].info, here.stability, out_.types[*type].used);
    }
  }
}

/// What the items of a world name, as far as it is the world's own or anonymous, in the order of
/// the graph: what a type needs is before it.
std::vector<std::uint32_t> Resolver::types_of_world(WorldIdx world, const World& items) const {
  std::vector<std::uint32_t> out;
  std::vector<TypeIdx> work;
  std::unordered_set<std::uint32_t> seen;
  const auto visit = [&](ValType t) {
    if (!t.is_prim() && seen.insert(t.index().value).second) work.push_back(t.index());
  };
  for (const auto* list : {&items.imports, &items.exports}) {
    for (const WorldItem& item : *list) {
      if (const auto* idx = std::get_if<TypeIdx>(&item.item)) visit(*idx);
      const auto* f = std::get_if<Function>(&item.item);
      if (f == nullptr) continue;
      for (const Param& param : f->params) visit(param.type);
      if (f->result) visit(*f->result);
      if (f->kind != FuncKind::freestanding) visit(f->resource);
    }
  }
  while (!work.empty()) {
    const TypeIdx idx = work.back();
    work.pop_back();
    const TypeDef& def = out_.types[idx];
    if (def.owner != TypeOwner(world) && !std::holds_alternative<std::monostate>(def.owner))
      continue;
    out.push_back(idx.value);
    if (const auto* alias = std::get_if<TypeAlias>(&def.def)) visit(alias->target);
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) continue;
    each_type(*made, visit);
    if (const auto* own = std::get_if<component::Own>(made)) visit(own->resource);
    if (const auto* borrow = std::get_if<component::Borrow>(made)) visit(borrow->resource);
  }
  std::ranges::sort(out);
  return out;
}

/// The types of the included world become types of the including one: each world has its own.
void Resolver::adopt_types(WorldIdx from, WorldIdx to, World& items) {
  std::unordered_map<std::uint32_t, TypeIdx> copies;
  const auto map = [&](ValType t) {
    if (t.is_prim()) return t;
    const auto it = copies.find(t.index().value);
    return it == copies.end() ? t : ValType(it->second);
  };
  for (const std::uint32_t i : types_of_world(from, items)) {
    TypeDef def = out_.types[TypeIdx(i)];
    bool copy = def.owner == TypeOwner(from);
    if (copy) def.owner = to;
    if (std::holds_alternative<std::monostate>(def.owner)) {
      map_types(def, [&](ValType t) {
        copy = copy || map(t) != t;
        return t;
      });
    }
    if (!copy) continue;
    map_types(def, map);
    copies.emplace(i, out_.types.push_back(std::move(def)));
  }
  for (auto* list : {&items.imports, &items.exports}) {
    for (WorldItem& item : *list) {
      if (auto* idx = std::get_if<TypeIdx>(&item.item)) *idx = map(*idx).index();
      auto* f = std::get_if<Function>(&item.item);
      if (f == nullptr) continue;
      for (Param& param : f->params) param.type = map(param.type);
      if (f->result) f->result = map(*f->result);
      if (f->kind != FuncKind::freestanding) f->resource = map(f->resource).index();
    }
  }
}

bool Resolver::include_items(const std::vector<WorldItem>& from, const ast::Include& ast,
                             Renames& renames, WorldBuild& to, bool is_import) {
  std::vector<WorldItem>& items = is_import ? to.world.imports : to.world.exports;
  auto& names = is_import ? to.imports : to.exports;
  const std::string_view direction = is_import ? "import" : "export";
  bool ok = true;
  for (WorldItem item : from) {
    auto* func = std::get_if<Function>(&item.item);
    const bool of_resource = func != nullptr && func->kind != FuncKind::freestanding;
    // Functions of a resource follow it.
    const auto close = item.name.size() - unannotated(item.name).size();
    const auto dot =
        of_resource ? std::min(item.name.find('.'), item.name.size()) : item.name.size();
    const auto renamed =
        renames.by_name.find(std::string_view(item.name).substr(close, dot - close));
    if (renamed != renames.by_name.end() && !is_id(item.name)) {
      item.name.replace(close, dot - close, ast.with[renamed->second].to.text);
      if (!of_resource) renames.used[renamed->second] = true;
      if (func != nullptr) func->name = item.name;
      if (auto* idx = std::get_if<TypeIdx>(&item.item)) out_.types[*idx].name = item.name;
    }
    const auto [taken, fresh] = names.emplace(types::unique_key(item.name), items.size());
    if (fresh) {
      item.info.span = ast.path.span;
      items.push_back(std::move(item));
      continue;
    }
    WorldItem& other = items[taken->second];
    if (is_id(item.name) && same_interface(other, item)) {
      other.implicit =
          other.implicit && item.implicit;  // one interface, named by its id, counts once
    } else if (std::holds_alternative<TypeIdx>(item.item) &&
               std::holds_alternative<TypeIdx>(other.item) &&
               out_.resolve_alias(std::get<TypeIdx>(item.item)) ==
                   out_.resolve_alias(std::get<TypeIdx>(other.item))) {
      continue;  // the same type, used on both sides
    } else {
      diagnostics_.report(
          Error(rules::include_conflict, ast.path.span,
                fmt::format("the {} {}", direction,
                            same_as(unannotated(item.name), unannotated(other.name))))
              .note(other.info.span, "also comes from here")
              .help(fmt::format("rename one of them: `include {} with {{ {} as … }}`",
                                ast.path.name.text, unannotated(item.name))));
      ok = false;
    }
  }
  return ok;
}

}  // namespace tenon::wit

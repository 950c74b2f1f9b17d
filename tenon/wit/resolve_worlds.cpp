// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/wit/elaborate.h"
#include "tenon/wit/graph_builder.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

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
  const WorldIdx idx = out_.worlds.push_back(World{});
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
    ok = add_world_item(build, std::move(import), true) && ok;
  }
  for (const ast::WorldItem& w : ast.items) {
    if (const auto* decl = std::get_if<ast::TypeDecl>(&w)) {
      if (scope.excluded.contains(decl->name.text)) continue;
      std::vector<Function> functions;
      methods(scope, *decl, functions);
      for (Function& f : functions) {
        WorldItem import{f.name, f, false, false, f.info};
        build.world.imports.push_back(std::move(import));
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
  if (!ok) return false;
  if (auto elaborated = elaborate(out_, build.world); !elaborated) {
    diagnostics_.report(std::move(elaborated).error());
    return false;
  }
  out_.worlds[idx] = std::move(build.world);
  item.world = idx;
  out_.packages[units_[unit].package].worlds.emplace_back(ast.name.text, idx);
  return true;
}

bool Resolver::add_world_item(WorldBuild& out, WorldItem item, bool is_import) {
  std::vector<WorldItem>& items = is_import ? out.world.imports : out.world.exports;
  auto& names = is_import ? out.imports : out.exports;
  const auto [taken, fresh] = names.emplace(lower(item.name), items.size());
  if (!fresh) {
    const WorldItem& other = items[taken->second];
    diagnostics_.report(
        Error(rules::duplicate, item.info.span,
              fmt::format("the {} `{}`", is_import ? "import" : "export", item.name))
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
  World from = out_.worlds[found->item->world];
  std::vector<bool> used(ast.with.size(), false);
  adopt_types(found->item->world, to, from);
  if (found->unit != scopes_[scope].unit) adopt_gates(scope, ast, from);
  bool ok = include_items(from.imports, ast, used, out, true);
  ok = include_items(from.exports, ast, used, out, false) && ok;
  for (std::size_t i = 0; i < used.size() && !partial_worlds_.contains(found->item->world.value);
       ++i) {
    if (used[i]) continue;
    std::vector<std::string_view> names;
    bool interface = false;
    const ast::Name& name = ast.with[i].from;
    for (const auto* list : {&from.imports, &from.exports}) {
      for (const WorldItem& item : *list) {
        if (!is_id(item.name)) names.push_back(item.name);
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

/// Versions of another package say nothing in this one: what it includes is gated as the `include`
/// is, unless it stands behind a feature.
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

/// The types of the included world become types of the including one: each world has its own.
void Resolver::adopt_types(WorldIdx from, WorldIdx to, World& items) {
  std::size_t first = out_.types.size();
  for (const WorldItem& item : items.imports) {
    if (const auto* idx = std::get_if<TypeIdx>(&item.item))
      first = std::min<std::size_t>(first, idx->value);
  }
  const std::size_t end = out_.types.size();
  std::unordered_map<std::uint32_t, TypeIdx> copies;
  const auto map = [&](ValType t) {
    if (t.is_prim()) return t;
    const auto it = copies.find(t.index().value);
    return it == copies.end() ? t : ValType(it->second);
  };
  for (std::size_t i = first; i < end; ++i) {  // what a type needs stands before it
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
    copies.emplace(static_cast<std::uint32_t>(i), out_.types.push_back(std::move(def)));
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
                             std::vector<bool>& used, WorldBuild& to, bool is_import) {
  std::vector<WorldItem>& items = is_import ? to.world.imports : to.world.exports;
  auto& names = is_import ? to.imports : to.exports;
  const std::string_view direction = is_import ? "import" : "export";
  bool ok = true;
  for (WorldItem item : from) {
    auto* func = std::get_if<Function>(&item.item);
    const bool of_resource = func != nullptr && func->kind != FuncKind::freestanding;
    for (std::size_t i = 0; i < ast.with.size() && !is_id(item.name); ++i) {
      const std::string to_name(ast.with[i].to.text);
      if (of_resource) {  // they follow their resource
        const auto close = item.name.find(']') + 1;
        const auto dot = std::min(item.name.find('.'), item.name.size());
        if (item.name.substr(close, dot - close) != ast.with[i].from.text) continue;
        item.name = item.name.substr(0, close) + to_name + item.name.substr(dot);
        func->name = item.name;
        break;
      }
      if (ast.with[i].from.text != item.name) continue;
      used[i] = true;
      item.name = to_name;
      if (func != nullptr) func->name = item.name;
      if (auto* idx = std::get_if<TypeIdx>(&item.item)) out_.types[*idx].name = item.name;
      break;
    }
    const auto [taken, fresh] = names.emplace(lower(item.name), items.size());
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
                fmt::format("the {} `{}`", direction, item.name))
              .note(other.info.span, "also comes from here")
              .help(fmt::format("rename one of them: `include {} with {{ {} as … }}`",
                                ast.path.name.text, item.name)));
      ok = false;
    }
  }
  return ok;
}

}  // namespace tenon::wit

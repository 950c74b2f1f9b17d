// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/wit/elaborate.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

bool is_id(std::string_view name) { return name.contains(':'); }

bool same_interface(const WorldItem& a, const WorldItem& b) {
  const auto* x = std::get_if<InterfaceIdx>(&a.item);
  const auto* y = std::get_if<InterfaceIdx>(&b.item);
  return x != nullptr && y != nullptr && *x == *y && a.implements == b.implements;
}

}  // namespace

/// Spec: WIT.md "Item: `world`".
bool Resolver::resolve_world(UnitIdx unit, Item& item) {
  const ast::World& ast = *std::get<const ast::World*>(item.ast);
  World world;
  world.name = ast.name.text;
  world.package = units_[unit].package;
  world.info = ast.attributes.info;
  const WorldIdx idx = out_.worlds.push_back(World{});
  std::vector<std::pair<std::string, TypeIdx>> types;
  TypeScope scope;
  scope.scope = item.scope;
  scope.owner = idx;
  scope.types = &types;
  bool ok = true;
  for (const ast::WorldItem& w : ast.items) {
    if (const auto* use = std::get_if<ast::Use>(&w)) {
      ok = (!keep(use->attributes, unit) || declare_use(scope, *use)) && ok;
    } else if (const auto* decl = std::get_if<ast::TypeDecl>(&w)) {
      if (keep(decl->attributes, unit)) ok = declare(scope, decl->name.text, {decl, nullptr, decl->name.span, {}, {}}) && ok;
    }
  }
  resolve_types(scope);
  for (const auto& [name, type] : types) {
    WorldItem import{name, type, false, false, out_.types[type].info};
    ok = add_world_item(world.imports, std::move(import), "import") && ok;
  }
  for (const ast::WorldItem& w : ast.items) {
    if (const auto* decl = std::get_if<ast::TypeDecl>(&w)) {
      if (!keep(decl->attributes, unit)) continue;
      std::vector<Function> functions;
      methods(scope, *decl, functions);
      for (Function& f : functions) {
        WorldItem import{f.name, f, false, false, f.info};
        world.imports.push_back(std::move(import));
      }
    } else if (const auto* outside = std::get_if<ast::Extern>(&w)) {
      if (keep(outside->attributes, unit)) ok = world_extern(unit, scope, *outside, world) && ok;
    }
  }
  for (const ast::WorldItem& w : ast.items) {
    const auto* included = std::get_if<ast::Include>(&w);
    if (included != nullptr && keep(included->attributes, unit)) ok = include(unit, item.scope, *included, world) && ok;
  }
  if (!ok) return false;
  if (auto elaborated = elaborate(out_, world); !elaborated) {
    diagnostics_.report(std::move(elaborated).error());
    return false;
  }
  out_.worlds[idx] = std::move(world);
  item.world = idx;
  out_.packages[units_[unit].package].worlds.emplace_back(ast.name.text, idx);
  return true;
}

bool Resolver::add_world_item(std::vector<WorldItem>& items, WorldItem item, std::string_view direction) {
  for (WorldItem& other : items) {
    if (lower(other.name) != lower(item.name)) continue;
    if (is_id(item.name) && same_interface(other, item)) {
      other.implicit = other.implicit && item.implicit;
      diagnostics_.report(Error(rules::duplicate, item.info.span, fmt::format("the {} `{}`", direction, item.name))
                              .note(other.info.span, "also here"));
      return false;
    }
    diagnostics_.report(Error(rules::duplicate, item.info.span, fmt::format("the {} `{}`", direction, item.name))
                            .note(other.info.span, "also here"));
    return false;
  }
  items.push_back(std::move(item));
  return true;
}

/// Spec: WIT.md "Item: `world`" (import-item, export-item).
bool Resolver::world_extern(UnitIdx unit, TypeScope& scope, const ast::Extern& ast, World& out) {
  std::vector<WorldItem>& items = ast.is_import ? out.imports : out.exports;
  const std::string_view direction = ast.is_import ? "import" : "export";
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
  return add_world_item(items, std::move(item), direction);
}

/// Spec: WIT.md "Union of Worlds with `include`".
bool Resolver::include(UnitIdx /*unit*/, ScopeIdx scope, const ast::Include& ast, World& out) {
  const auto found = find(scope, ast.path);
  if (!found) return false;
  if (found->item->is_interface()) {
    diagnostics_.report(Error(rules::wrong_kind, ast.path.span, fmt::format("`{}` is an interface, wanted a world", ast.path.name.text))
                            .note(found->item->name().span, "defined here"));
    return false;
  }
  if (!resolve_item(found->unit, *found->item)) return false;
  const World from = out_.worlds[found->item->world];
  std::vector<bool> used(ast.with.size(), false);
  bool ok = include_items(from.imports, ast, used, out.imports, "import");
  ok = include_items(from.exports, ast, used, out.exports, "export") && ok;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) continue;
    std::vector<std::string_view> names;
    for (const auto* list : {&from.imports, &from.exports}) {
      for (const WorldItem& item : *list) {
        if (!is_id(item.name)) names.push_back(item.name);
      }
    }
    const ast::Name& name = ast.with[i].from;
    const std::string_view near = nearest(name.text, names);
    diagnostics_.report(Error(rules::undefined, name.span, fmt::format("`{}` in the world `{}`", name.text, from.name))
                            .help(near.empty() ? std::string("only plain names can be renamed, not interfaces") : fmt::format("did you mean `{}`?", near)));
    ok = false;
  }
  return ok;
}

bool Resolver::include_items(const std::vector<WorldItem>& from, const ast::Include& ast, std::vector<bool>& used,
                             std::vector<WorldItem>& to, std::string_view direction) {
  bool ok = true;
  for (WorldItem item : from) {
    if (!is_id(item.name)) {
      for (std::size_t i = 0; i < ast.with.size(); ++i) {
        if (ast.with[i].from.text != item.name) continue;
        used[i] = true;
        item.name = ast.with[i].to.text;
        if (auto* func = std::get_if<Function>(&item.item)) func->name = item.name;
        break;
      }
    }
    const auto other = std::find_if(to.begin(), to.end(), [&](const WorldItem& o) { return lower(o.name) == lower(item.name); });
    if (other == to.end()) {
      item.info.span = ast.path.span;
      to.push_back(std::move(item));
    } else if (is_id(item.name) && same_interface(*other, item)) {
      other->implicit = other->implicit && item.implicit;  // one interface, named by its id, counts once
    } else if (std::holds_alternative<TypeIdx>(item.item) && std::holds_alternative<TypeIdx>(other->item) &&
               out_.resolve_alias(std::get<TypeIdx>(item.item)) == out_.resolve_alias(std::get<TypeIdx>(other->item))) {
      continue;  // the same type, used on both sides
    } else {
      diagnostics_.report(Error(rules::include_conflict, ast.path.span, fmt::format("the {} `{}`", direction, item.name))
                              .note(other->info.span, "also comes from here")
                              .help(fmt::format("rename one of them: `include {} with {{ {} as … }}`", ast.path.name.text, item.name)));
      ok = false;
    }
  }
  return ok;
}

}  // namespace tenon::wit

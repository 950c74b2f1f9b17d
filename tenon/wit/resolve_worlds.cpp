// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tenon/base/nearest.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

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
  elaborate(world);
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

void Resolver::needs_of(ValType type, std::vector<InterfaceIdx>& out, int depth) const {
  if (type.is_prim() || depth > 200) return;
  const TypeDef& def = out_.types[type.index()];
  if (const auto* owner = std::get_if<InterfaceIdx>(&def.owner)) {
    if (std::find(out.begin(), out.end(), *owner) == out.end()) out.push_back(*owner);
    return;
  }
  if (const auto* alias = std::get_if<TypeAlias>(&def.def)) needs_of(alias->target, out, depth + 1);
  if (const auto* structure = std::get_if<DefValType>(&def.def)) {
    each_type(*structure, [&](ValType t) { needs_of(t, out, depth + 1); });
    if (const auto* own = std::get_if<component::Own>(structure)) needs_of(own->resource, out, depth + 1);
    if (const auto* borrow = std::get_if<component::Borrow>(structure)) needs_of(borrow->resource, out, depth + 1);
  }
}

/// Interfaces whose types this one uses, each once.
std::vector<InterfaceIdx> Resolver::needs_of(InterfaceIdx interface) const {
  std::vector<InterfaceIdx> out;
  for (const auto& [name, type] : out_.interfaces[interface].types) {
    const TypeDef& def = out_.types[type];
    const auto* alias = std::get_if<TypeAlias>(&def.def);
    if (def.used && alias != nullptr) needs_of(alias->target, out, 0);
  }
  std::erase(out, interface);
  return out;
}

std::vector<InterfaceIdx> Resolver::needs_of(const Function& func) const {
  std::vector<InterfaceIdx> out;
  for (const Param& param : func.params) needs_of(param.type, out, 0);
  if (func.result) needs_of(*func.result, out, 0);
  return out;
}

/// Puts an interface and what it needs into the imports, what is needed first.
void Resolver::elaborate_import(InterfaceIdx interface, std::vector<WorldItem>& out) const {
  const auto id = out_.id_of(interface);
  const bool there = std::any_of(out.begin(), out.end(), [&](const WorldItem& item) {
    const auto* other = std::get_if<InterfaceIdx>(&item.item);
    return other != nullptr && *other == interface && !item.implements;
  });
  if (there || !id) return;
  for (const InterfaceIdx needed : needs_of(interface)) elaborate_import(needed, out);
  out.push_back(WorldItem{*id, interface, false, true, {}});
}

/// Adds the imports that nobody wrote. Spec: WIT.md "Transitive imports and worlds".
void Resolver::elaborate(World& world) const {
  std::vector<WorldItem> imports;
  for (WorldItem& item : world.imports) {
    if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) {
      for (const InterfaceIdx needed : needs_of(*interface)) elaborate_import(needed, imports);
      const auto there = std::find_if(imports.begin(), imports.end(), [&](const WorldItem& o) { return o.name == item.name; });
      if (there != imports.end()) {  // it was put in before as a need: what is written counts
        *there = std::move(item);
        continue;
      }
    } else if (const auto* func = std::get_if<Function>(&item.item)) {
      for (const InterfaceIdx needed : needs_of(*func)) elaborate_import(needed, imports);
    } else {
      std::vector<InterfaceIdx> needed;
      const TypeDef& def = out_.types[std::get<TypeIdx>(item.item)];
      if (const auto* alias = std::get_if<TypeAlias>(&def.def)) needs_of(alias->target, needed, 0);
      if (const auto* structure = std::get_if<DefValType>(&def.def))
        each_type(*structure, [&](ValType t) { needs_of(t, needed, 0); });
      for (const InterfaceIdx one : needed) elaborate_import(one, imports);
    }
    imports.push_back(std::move(item));
  }
  std::set<std::uint32_t> exported;
  for (const WorldItem& item : world.exports) {
    const auto* interface = std::get_if<InterfaceIdx>(&item.item);
    if (interface != nullptr && !item.implements) exported.insert(interface->value);
  }
  std::set<std::uint32_t> seen;
  std::vector<InterfaceIdx> work;
  for (const WorldItem& item : world.exports) {
    std::vector<InterfaceIdx> needed;
    if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) needed = needs_of(*interface);
    if (const auto* func = std::get_if<Function>(&item.item)) needed = needs_of(*func);
    work.insert(work.end(), needed.begin(), needed.end());
  }
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (!seen.insert(work[i].value).second) continue;
    if (exported.contains(work[i].value)) {
      const auto deeper = needs_of(work[i]);
      work.insert(work.end(), deeper.begin(), deeper.end());
    } else {
      elaborate_import(work[i], imports);
    }
  }
  world.imports = std::move(imports);
}

}  // namespace tenon::wit

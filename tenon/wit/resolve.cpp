// SPDX-License-Identifier: Apache-2.0
// Packages first, then items, each after what it needs: both walks use explicit stacks, because
// chains can be long. A unit may be incomplete (`partial`), and then unknown names in it are not
// errors. Cycles are reported once, with the path that closes them.
// Spec: WIT.md "Name resolution"
#include "tenon/wit/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tenon/base/nearest.h"
#include "tenon/types/semver.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/wasi.h"

namespace tenon::wit {
namespace {

/// A package of WASI, whose gates are what they were when it was published.
bool is_published(const PackageName& name) {
  return name.ns == "wasi" && !embedded_package_for(name).empty();
}

/// About as many types as there will be, so that the graph need not move often.
std::size_t expected_types(const std::vector<PackageSource>& sources) {
  std::size_t out = 0;
  const auto count = [&](const std::vector<ast::PackageItem>& items) {
    for (const ast::PackageItem& item : items) {
      const auto* interface = std::get_if<ast::Interface>(&item);
      if (interface == nullptr) continue;
      for (const ast::InterfaceItem& one : interface->items) {
        if (const auto* use = std::get_if<ast::Use>(&one)) out += use->names.size();
        if (const auto* decl = std::get_if<ast::TypeDecl>(&one))
          out += 1 + 3 * decl->methods.size();
        if (const auto* func = std::get_if<ast::Func>(&one)) out += func->params.size();
      }
    }
  };
  for (const PackageSource& source : sources) {
    for (const ast::File& file : source.files) {
      count(file.items);
      for (const ast::NestedPackage& nested : file.nested) count(nested.items);
    }
  }
  return out;
}

}  // namespace

std::string same_as(std::string_view name, std::string_view other) {
  if (name == other) return fmt::format("`{}`", name);
  return fmt::format("`{}`, which is `{}` but for case and hyphens", name, other);
}

Error too_many(Span where, std::string_view of, std::size_t found, std::size_t most,
               std::string_view what) {
  return {rules::too_large, where,
          fmt::format("`{}` has {} {}, at most {} are taken", of, found, what, most)};
}

std::optional<Packages> resolve(const std::vector<PackageSource>& sources,
                                const ResolveOptions& options, Diagnostics& diagnostics) {
  Resolved out = resolve_all(sources, options, diagnostics);
  if (!out.complete) return std::nullopt;
  return std::move(out.packages);
}

Resolved resolve_all(const std::vector<PackageSource>& sources, const ResolveOptions& options,
                     Diagnostics& diagnostics) {
  return Resolver(options, diagnostics).run(sources);
}

Resolved Resolver::run(const std::vector<PackageSource>& sources) {
  resolve_all(sources);
  const auto place = [](const Reference& r) { return std::pair(r.from.source, r.from.begin); };
  std::ranges::sort(references_, {}, place);
  const auto rest = std::ranges::unique(references_, {}, place);
  references_.erase(rest.begin(), rest.end());
  return {std::move(out_), std::move(references_), !diagnostics_.has_errors()};
}

void Resolver::refer(Span from, Span target) {
  if (options_.references && target != Span::none() && from != target)
    references_.push_back({from, target});
}

void Resolver::resolve_all(const std::vector<PackageSource>& sources) {
  std::vector<UnitIdx> order;
  if (!collect(sources) || !order_packages(order)) return;
  out_.types.reserve(expected_types(sources));
  for (ScopeIdx i; i.value < scopes_.size(); ++i.value) {
    if (units_[scopes_[i].unit].root) check_top_uses(i);
  }
  for (const UnitIdx unit : order) {
    Unit& u = units_[unit];
    u.package = out_.packages.push_back(Package{u.name, u.info, {}, {}});
    resolve_items(unit);
  }
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Unit& unit = units_[UnitIdx(i)];
    if (unit.root) out_.roots.push_back(unit.package);
  }
}

UnitIdx Resolver::unit_of(const PackageName& name, Span span, bool root) {
  if (const auto found = find_unit(name)) return *found;
  Unit unit;
  unit.name = name;
  unit.span = span;
  unit.root = root;
  const UnitIdx idx = units_.push_back(std::move(unit));
  unit_by_name_.emplace(name, idx);
  return idx;
}

std::optional<UnitIdx> Resolver::find_unit(const PackageName& name) const {
  const auto it = unit_by_name_.find(name);
  if (it == unit_by_name_.end()) return std::nullopt;
  return it->second;
}

std::string ResolveOptions::opener_of(std::string_view feature) const {
  return opener ? opener(feature) : fmt::format("`--features {}`", feature);
}

bool Resolver::gate_is_open(std::string_view gate) const {
  const auto& open = options_.features;
  return options_.all_features || std::find(open.begin(), open.end(), gate) != open.end();
}

void Resolver::check_nested(const ast::PackageDecl& decl, bool from_binary) {
  const bool nested = decl.name.ns.contains(':') || decl.name.name.contains('/');
  if (!nested || from_binary || gate_is_open("cm-nested-names")) return;
  diagnostics_.report(
      Error(rules::feature_off, decl.span,
            fmt::format("`{}` has a nested namespace or package", decl.name.to_string()))
          .help(fmt::format("they are not part of WIT yet; open them with {}",
                            options_.opener_of("cm-nested-names"))));
}

/// At least one file of a package names it, and all that do agree. Spec: WIT.md "Package
/// declaration".
void Resolver::collect_source(const PackageSource& source) {
  const ast::PackageDecl* decl = nullptr;
  bool has_items = false;
  bool partial = false;
  for (const ast::File& file : source.files) {
    has_items = has_items || !file.items.empty();
    partial = partial || file.partial || (file.package && file.package->partial);
    if (!file.package) continue;
    if (decl == nullptr) {
      decl = &*file.package;
    } else if (decl->name != file.package->name) {
      diagnostics_.report(Error(rules::package_name, file.package->span,
                                fmt::format("found `{}`, wanted `{}`",
                                            file.package->name.to_string(), decl->name.to_string()))
                              .note(decl->span, "the package is named here")
                              .help("all files of one folder belong to one package; put others "
                                    "into folders below `deps/`"));
    }
  }
  if (decl == nullptr && partial) return;  // its name may be what was not understood
  if (decl == nullptr && has_items) {
    Span span = Span::none();
    if (!source.files.empty()) span = {source.files.front().source, 0, 0};
    diagnostics_.report(Error(rules::package_name, span, "no file names the package")
                            .help("begin one file with `package my-namespace:my-package;`"));
    return;
  }
  if (decl != nullptr) {
    if (const auto there = find_unit(decl->name)) {
      if (units_[*there].root || source.root) {
        diagnostics_.report(Error(rules::duplicate, decl->span,
                                  fmt::format("the package `{}`", decl->name.to_string()))
                                .note(units_[*there].span, "also defined here"));
        units_[*there].partial = true;
      }
      return;  // a dependency that several folders bring counts once
    }
    check_nested(*decl, source.from_binary);
    const UnitIdx unit = unit_of(decl->name, decl->span, source.root);
    units_[unit].partial = partial;
    units_[unit].open = source.from_binary;
    units_[unit].fixed_gates = source.from_binary || is_published(units_[unit].name);
    for (const ast::File& file : source.files) {
      if (file.package && units_[unit].info.docs.empty())
        units_[unit].info = file.package->attributes.info;
      collect_items(unit, file.items);
    }
  }
}

/// Packages in braces fill in what no folder or file brings.
void Resolver::collect_nested(const PackageSource& source) {
  for (const ast::File& file : source.files) {
    for (const ast::NestedPackage& nested : file.nested) {
      if (const auto there = find_unit(nested.decl.name)) {
        if (units_[*there].span.source == nested.decl.span.source) {
          diagnostics_.report(Error(rules::duplicate, nested.decl.span,
                                    fmt::format("the package `{}`", nested.decl.name.to_string()))
                                  .note(units_[*there].span, "also defined here"));
        }
        continue;
      }
      check_nested(nested.decl, source.from_binary);
      const UnitIdx unit = unit_of(nested.decl.name, nested.decl.span, source.root);
      units_[unit].info = nested.decl.attributes.info;
      units_[unit].partial = nested.partial || nested.decl.partial;
      units_[unit].open = source.from_binary;
      units_[unit].fixed_gates = source.from_binary || is_published(units_[unit].name);
      collect_items(unit, nested.items);
    }
  }
}

bool Resolver::collect(const std::vector<PackageSource>& sources) {
  for (const PackageSource& source : sources) {
    for (const ast::File& file : source.files) {
      for (const ast::OldType& old : file.old_types)
        old_mends_.emplace(std::pair(old.where.source, old.where.begin), old.mend);
    }
  }
  for (const PackageSource& source : sources) collect_source(source);
  for (const PackageSource& source : sources) collect_nested(source);
  if (units_.empty() && !diagnostics_.has_errors()) {
    diagnostics_.report(Error(rules::package_name, Span::none(), "the input has no package")
                            .help("a file begins with `package my-namespace:my-package;`"));
  }
  return !units_.empty();
}

void Resolver::add_item(UnitIdx unit, ScopeIdx scope,
                        std::variant<const ast::Interface*, const ast::World*> item) {
  const Item entry{item, scope, State::untouched, {}, {}};
  Unit& u = units_[unit];
  const ast::Name& name = entry.name();
  const auto [number, fresh] = u.names.insert(name.text);
  if (!fresh) {
    const Item& there = u.items[number];
    const auto kind = [](const Item& i) { return i.is_interface() ? "an interface" : "a world"; };
    Error report =
        Error(rules::duplicate, name.span,
              fmt::format("`{}` is {}, and there is {} {}", name.text, kind(entry), kind(there),
                          there.name().text == name.text
                              ? std::string("of that name")
                              : fmt::format("`{}`: case and hyphens do not tell names "
                                            "apart",
                                            there.name().text)))
            .note(there.name().span, "the other one");
    if (entry.is_interface() != there.is_interface()) {
      const ast::Name& world = entry.is_interface() ? there.name() : name;
      const std::string mend = std::string(world.text) + "-component";
      report = std::move(report)
                   .help(fmt::format("interfaces and worlds of a package share one space of names: "
                                     "rename the world, for example `{}`",
                                     mend))
                   .fix(world.span, mend);
    }
    diagnostics_.report(std::move(report));
    return;
  }
  u.items.push_back(entry);
}

void Resolver::collect_items(UnitIdx unit, const std::vector<ast::PackageItem>& items) {
  const ScopeIdx scope = scopes_.push_back(Scope{unit, {}, {}, &items});
  for (const ast::PackageItem& item : items) {
    if (const auto* use = std::get_if<ast::TopUse>(&item)) {
      const ast::Name& local = use->as ? *use->as : use->path.name;
      const auto [it, fresh] = scopes_[scope].uses.emplace(local.text, use);
      if (!fresh) {
        const ast::TopUse& other = *it->second;
        diagnostics_.report(
            Error(rules::duplicate, local.span, fmt::format("`{}`", local.text))
                .note(other.as ? other.as->span : other.path.name.span, "also used here"));
      }
    } else if (const auto* interface = std::get_if<ast::Interface>(&item)) {
      if (keep(interface->attributes, unit))
        add_item(unit, scope, interface);
      else
        units_[unit].excluded.emplace(interface->name.text,
                                      *interface->attributes.info.stability.unstable_feature);
    } else {
      const auto& world = std::get<ast::World>(item);
      if (keep(world.attributes, unit))
        add_item(unit, scope, &world);
      else
        units_[unit].excluded.emplace(world.name.text,
                                      *world.attributes.info.stability.unstable_feature);
    }
  }
  collect_needs(unit, items);
}

void Resolver::need(UnitIdx unit, const ast::UsePath& path) {
  if (!path.package) return;
  if (const auto other = find_unit(*path.package); other && *other != unit)
    units_[unit].needs.push_back(*other);
}

namespace {

/// Calls `visit` for every path that an item names.
template <class Visit>
void each_path(const ast::Interface& interface, Visit visit) {
  for (const auto& item : interface.items) {
    if (const auto* use = std::get_if<ast::Use>(&item)) visit(use->path);
  }
}

template <class Visit>
void each_path(const ast::World& world, Visit visit) {
  for (const ast::WorldItem& w : world.items) {
    if (const auto* use = std::get_if<ast::Use>(&w)) visit(use->path);
    if (const auto* include = std::get_if<ast::Include>(&w)) visit(include->path);
    const auto* item = std::get_if<ast::Extern>(&w);
    if (item == nullptr) continue;
    if (const auto* path = std::get_if<ast::UsePath>(&item->what)) visit(*path);
    if (const auto* interface = std::get_if<ast::Interface>(&item->what))
      each_path(*interface, visit);
  }
}

template <class Visit>
void each_path(const std::vector<ast::PackageItem>& items, Visit visit) {
  for (const ast::PackageItem& item : items) {
    if (const auto* use = std::get_if<ast::TopUse>(&item)) visit(use->path);
    if (const auto* interface = std::get_if<ast::Interface>(&item)) each_path(*interface, visit);
    if (const auto* world = std::get_if<ast::World>(&item)) each_path(*world, visit);
  }
}

}  // namespace

std::vector<PackageName> needed_packages(const PackageSource& source) {
  std::vector<PackageName> out;
  std::set<PackageName> seen;
  const auto visit = [&](const ast::UsePath& path) {
    if (path.package && seen.insert(*path.package).second) out.push_back(*path.package);
  };
  for (const ast::File& file : source.files) {
    each_path(file.items, visit);
    for (const auto& nested : file.nested) each_path(nested.items, visit);
  }
  return out;
}

std::set<std::string_view> bare_names(const ast::File& file) {
  std::set<std::string_view> out;
  const auto visit = [&](const ast::UsePath& path) {
    if (!path.package) out.insert(path.name.text);
  };
  for (const ast::PackageItem& item : file.items) {
    if (const auto* use = std::get_if<ast::TopUse>(&item); use != nullptr && use->as)
      visit(use->path);
    if (const auto* interface = std::get_if<ast::Interface>(&item)) each_path(*interface, visit);
    if (const auto* world = std::get_if<ast::World>(&item)) each_path(*world, visit);
  }
  return out;
}

/// A top-level `use` names an interface, or a world for an `include`, even when nothing takes it
/// up; its name is not that of another item of the file. Spec: WIT.md "Item: `toplevel-use`".
void Resolver::check_top_uses(ScopeIdx idx) {
  Scope& scope = scopes_[idx];
  if (scope.uses.empty()) return;
  std::set<std::string_view> included;
  std::map<std::string_view, const ast::Name*> own;
  for (const ast::PackageItem& item : *scope.items) {
    if (const auto* i = std::get_if<ast::Interface>(&item)) own.emplace(i->name.text, &i->name);
    const auto* world = std::get_if<ast::World>(&item);
    if (world == nullptr) continue;
    own.emplace(world->name.text, &world->name);
    for (const ast::WorldItem& w : world->items) {
      const auto* include = std::get_if<ast::Include>(&w);
      if (include != nullptr && !include->path.package) included.insert(include->path.name.text);
    }
  }
  for (const auto& [name, use] : scope.uses) {
    const ast::Name& local = use->as ? *use->as : use->path.name;
    if (!keep(use->attributes, scope.unit)) continue;
    const auto unit = use->path.package ? find_unit(*use->path.package) : scope.unit;
    if (unit && units_[*unit].excluded.contains(use->path.name.text)) continue;
    const std::size_t before = diagnostics_.error_count();
    const auto found = find(idx, use->path);
    if (!found) {
      if (diagnostics_.error_count() > before) scope.broken.insert(name);
      continue;
    }
    const ast::Name& target = found->item->name();
    if (const auto there = own.find(name); there != own.end() && there->second != &target) {
      diagnostics_.report(
          Error(rules::duplicate, local.span,
                fmt::format("`{}` is brought in by `use`, and the file has an item of that name",
                            name))
              .note(there->second->span, "the other one")
              .help(fmt::format("give it another name: `use … as my-{};`", name)));
    } else if (!found->item->is_interface() && !included.contains(name)) {
      diagnostics_.report(
          Error(rules::wrong_kind, use->path.span,
                fmt::format("`{}` is a world, wanted an interface", use->path.name.text))
              .note(target.span, "defined here")
              .help(fmt::format("a world is taken up by `include {};` in another world", name)));
    }
  }
}

/// Dependencies are noted by path; units that come later are matched when packages are ordered.
void Resolver::collect_needs(UnitIdx unit, const std::vector<ast::PackageItem>& items) {
  pending_needs_.push_back({unit, &items});
}

bool Resolver::order_packages(std::vector<UnitIdx>& order) {
  for (const auto& [unit, items] : pending_needs_) {
    each_path(*items, [&, u = unit](const ast::UsePath& path) { need(u, path); });
  }
  std::vector<UnitIdx> chain;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (!visit_package(UnitIdx(i), order, chain)) return false;
  }
  return true;
}

/// Depth first with an explicit stack of frames: a chain of packages may be long.
bool Resolver::visit_package(UnitIdx start, std::vector<UnitIdx>& order,
                             std::vector<UnitIdx>& chain) {
  constexpr std::uint8_t active = 1;
  constexpr std::uint8_t done = 2;
  if (units_[start].visit == done) return true;
  std::vector<std::size_t> next;
  chain.assign(1, start);
  next.assign(1, 0);
  units_[start].visit = active;
  while (!chain.empty()) {
    const UnitIdx unit = chain.back();
    if (next.back() == units_[unit].needs.size()) {
      units_[unit].visit = done;
      order.push_back(unit);
      chain.pop_back();
      next.pop_back();
      continue;
    }
    const UnitIdx needed = units_[unit].needs[next.back()++];
    if (units_[needed].visit == done) continue;
    if (units_[needed].visit == active) {
      std::string text;
      const auto from = std::find(chain.begin(), chain.end(), needed);
      for (auto it = from; it != chain.end(); ++it) text += units_[*it].name.to_string() + " → ";
      text += units_[needed].name.to_string();
      if (text.size() > 600) text = text.substr(0, 300) + " … " + text.substr(text.size() - 300);
      diagnostics_.report(Error(rules::cycle, units_[needed].span, text));
      return false;
    }
    units_[needed].visit = active;
    chain.push_back(needed);
    next.push_back(0);
  }
  return true;
}

/// The package whose name without a version is nearest, in the version that was asked for when
/// there is one.
std::string Resolver::nearest_package(const PackageName& name,
                                      std::vector<std::string> there) const {
  there.insert(there.end(), options_.available.begin(), options_.available.end());
  std::vector<std::string_view> stems;
  for (const std::string& one : there) stems.push_back(types::split_version(one).base);
  const std::string_view meant = near(name.ns + ":" + name.name, stems);
  if (meant.empty()) return {};
  PackageName wanted = name;
  wanted.ns = meant.substr(0, meant.rfind(':'));
  wanted.name = meant.substr(meant.rfind(':') + 1);
  std::string same = wanted.to_string();
  if (std::ranges::find(there, same) != there.end() || !embedded_package_for(wanted).empty())
    return same;
  for (const std::string& one : there) {
    if (one.starts_with(std::string(meant) + "@") || one == meant) return one;
  }
  return std::string(meant);
}

Error Resolver::package_not_found(const PackageName& name, Span span) const {
  if (diagnostics_.dropped() > 0) return Error(rules::no_package, span);
  std::string others;
  std::vector<std::string> texts;
  for (const Unit& unit : units_) {
    if (unit.name.ns == name.ns && unit.name.name == name.name) {
      others += fmt::format("{}`{}`", others.empty() ? "" : ", ", unit.name.to_string());
    }
    texts.push_back(unit.name.to_string());
  }
  Error report(rules::no_package, span, fmt::format("`{}`", name.to_string()));
  for (const std::string& one : options_.available) {
    if (one.starts_with(name.ns + ":" + name.name + "@"))
      others += fmt::format("{}`{}`", others.empty() ? "" : ", ", one);
  }
  if (!others.empty())
    return std::move(report).help(fmt::format("there is {}: name this version", others));
  if (const std::string meant = nearest_package(name, std::move(texts)); !meant.empty())
    return std::move(report).help(fmt::format("did you mean `{}`?", meant));
  return std::move(report).help(fmt::format(
      "put its WIT into a folder below `deps/`, or pass `--dep {}:{}=PATH`", name.ns, name.name));
}

/// Spec: WIT.md "Rules for feature gate usage".
bool Resolver::keep(const ast::Attributes& attributes, UnitIdx unit) {
  const Stability& s = attributes.info.stability;
  if (!s.since && !s.unstable_feature && !s.deprecated) return true;
  const std::optional<std::string>& version = units_[unit].name.version;
  if (s.since && s.unstable_feature)
    diagnostics_.report(Error(rules::gate_rule, attributes.gates,
                              "found `@since` and `@unstable` on one item, wanted one of them"));
  if (s.deprecated && !s.since && !s.unstable_feature)
    diagnostics_.report(Error(rules::gate_rule, attributes.gates,
                              "found `@deprecated` alone, wanted `@since` or `@unstable` with it"));
  if (!version) {
    if (units_[unit].partial) return true;
    diagnostics_.report(
        Error(rules::gate_rule, attributes.gates, "found a gate in a package without a version")
            .help(fmt::format("give the package a version: `package {}@0.1.0;`",
                              units_[unit].name.to_string())));
  } else if (s.since && s.since != units_[unit].good_since &&
             types::compare_versions(*s.since, *version) > 0) {
    diagnostics_.report(Error(
        rules::gate_rule, attributes.gates,
        fmt::format("found `@since` {}, and the package is of version {}", *s.since, *version)));
  }
  if (s.since && version && !diagnostics_.has_errors()) units_[unit].good_since = s.since;
  if (s.deprecated && s.since && version && types::compare_versions(*s.deprecated, *s.since) < 0)
    diagnostics_.report(
        Error(rules::gate_rule, attributes.gates,
              fmt::format("found `@deprecated` {} before `@since` {}", *s.deprecated, *s.since)));
  if (!s.unstable_feature || options_.all_features || units_[unit].open) return true;
  return std::find(options_.features.begin(), options_.features.end(), *s.unstable_feature) !=
         options_.features.end();
}

bool Resolver::keep(const ast::Attributes& attributes, TypeScope& scope, std::string_view name) {
  if (keep(attributes, scopes_[scope.scope].unit)) return true;
  scope.excluded.emplace(name, *attributes.info.stability.unstable_feature);
  return false;
}

/// A bare name is looked up in the file, then in the package. Spec: WIT.md "Name resolution".
std::optional<Resolver::Found> Resolver::find(ScopeIdx scope, const ast::UsePath& path, int depth) {
  UnitIdx unit = scopes_[scope].unit;
  if (path.package) {
    const auto found = find_unit(*path.package);
    if (!found) {
      diagnostics_.report(package_not_found(*path.package, path.span));
      return std::nullopt;
    }
    unit = *found;
  } else if (const auto use = scopes_[scope].uses.find(path.name.text);
             use != scopes_[scope].uses.end()) {
    if (scopes_[scope].broken.contains(path.name.text)) return std::nullopt;
    const ast::UsePath& target = use->second->path;
    const bool itself = !target.package && target.name.text == path.name.text;
    if (!itself) {
      refer(path.name.span, use->second->as ? use->second->as->span : target.name.span);
      if (depth > 100) {
        diagnostics_.report(
            Error(rules::cycle, target.span,
                  fmt::format("`use` of `{}` leads back to itself", path.name.text)));
        return std::nullopt;
      }
      return find(scope, target, depth + 1);
    }
  }
  Unit& u = units_[unit];
  if (const auto number = u.names.find(path.name.text)) {
    refer(path.name.span, u.items[*number].name().span);
    return Found{unit, &u.items[*number]};
  }
  if (u.partial || units_[scopes_[scope].unit].partial) return std::nullopt;
  if (diagnostics_.dropped() > 0) {  // only counted: no name is looked for
    diagnostics_.report(Error(rules::undefined, path.name.span));
    return std::nullopt;
  }
  std::vector<std::string_view> names = u.names.names();
  if (!path.package) {
    for (const auto& [name, use] : scopes_[scope].uses) {
      if (name != path.name.text) names.push_back(name);
    }
  }
  const std::string_view meant = near(path.name.text, names);
  if (const auto off = u.excluded.find(path.name.text); off != u.excluded.end()) {
    diagnostics_.report(
        Error(rules::feature_off, path.name.span,
              fmt::format("`{}` is behind the feature `{}`", path.name.text, off->second))
            .help(fmt::format("open it with {}", options_.opener_of(off->second))));
    return std::nullopt;
  }
  Error report = Error(rules::undefined, path.name.span,
                       fmt::format("`{}` in the package `{}`", path.name.text, u.name.to_string()));
  if (!meant.empty()) {
    report = std::move(report).help(fmt::format("did you mean `{}`?", meant));
  } else if (!names.empty() && names.size() <= 8) {
    std::string list;
    for (const std::string_view name : names)
      list += fmt::format("{}`{}`", list.empty() ? "" : ", ", name);
    report = std::move(report).help(fmt::format("it has {}", list));
  }
  diagnostics_.report(std::move(report));
  return std::nullopt;
}

std::optional<InterfaceIdx> Resolver::find_interface(ScopeIdx scope, const ast::UsePath& path) {
  const auto found = find(scope, path);
  if (!found) return std::nullopt;
  if (!found->item->is_interface()) {
    diagnostics_.report(Error(rules::wrong_kind, path.span,
                              fmt::format("`{}` is a world, wanted an interface", path.name.text))
                            .note(found->item->name().span, "defined here"));
    return std::nullopt;
  }
  if (!resolve_item(found->unit, *found->item)) return std::nullopt;
  return found->item->interface;
}

/// Marks an item as being resolved; a second entry is a cycle.
bool Resolver::enter(Item& item) {
  if (item.state == State::active || active_.size() >= 1000) {
    std::string text;
    const auto from = std::find(active_.begin(), active_.end(), &item);
    for (auto it = from; it != active_.end(); ++it) (text += (*it)->name().text) += " → ";
    text += item.name().text;
    if (text.size() > 600) text = text.substr(0, 300) + " … " + text.substr(text.size() - 300);
    diagnostics_.report(Error(rules::cycle, item.name().span, text));
    return false;
  }
  item.state = State::active;
  active_.push_back(&item);
  return true;
}

bool Resolver::resolve_item(UnitIdx unit, Item& item) {
  if (item.state == State::done) return true;
  if (item.state == State::failed) return false;
  if (!enter(item)) return false;
  bool ok = false;
  if (item.is_interface()) {
    const ast::Interface& ast = *std::get<const ast::Interface*>(item.ast);
    const std::size_t before = out_.interfaces.size();
    const auto idx = resolve_interface(unit, item.scope, ast, std::string(ast.name.text));
    if (idx) item.interface = *idx;
    if (out_.interfaces.size() > before)  // with an error in it, too
      out_.packages[units_[unit].package].interfaces.emplace_back(
          ast.name.text, InterfaceIdx(out_.interfaces.size() - 1));
    ok = idx.has_value();
  } else {
    ok = resolve_world(unit, item);
  }
  item.state = ok ? State::done : State::failed;
  active_.pop_back();
  return ok;
}

/// The item of this package that a path names, without a word when there is none. `via` is set to
/// the path as it is written at the item.
Resolver::Item* Resolver::peek_item(UnitIdx unit, ScopeIdx scope, const ast::UsePath& path,
                                    const ast::UsePath** via) {
  const ast::UsePath* at = &path;
  for (int depth = 0; depth < 100 && !at->package; ++depth) {
    const auto use = scopes_[scope].uses.find(at->name.text);
    if (use == scopes_[scope].uses.end() || &use->second->path == at) break;
    const bool itself = !use->second->path.package && use->second->path.name.text == at->name.text;
    if (itself) break;
    at = &use->second->path;
  }
  if (at->package && *at->package != units_[unit].name) return nullptr;
  *via = &path;
  Unit& u = units_[unit];
  const auto number = u.names.find(at->name.text);
  return number ? &u.items[*number] : nullptr;
}

void Resolver::report_cycle(const std::vector<std::pair<Item*, const ast::UsePath*>>& chain,
                            std::size_t from, const ast::UsePath& closing) {
  constexpr std::size_t shown = 8;
  std::string text;
  const std::size_t length = chain.size() - from;
  for (std::size_t i = from; i < chain.size(); ++i) {
    if (length > 2 * shown && i == from + shown)
      text += fmt::format("… {} more … → ", length - 2 * shown);
    if (length > 2 * shown && i >= from + shown && i + shown < chain.size()) continue;
    (text += chain[i].first->name().text) += " → ";
  }
  text += chain[from].first->name().text;
  Error report(rules::cycle, closing.span, std::move(text));
  for (std::size_t i = from + 1; i < chain.size() && i <= from + shown; ++i)
    report = std::move(report).note(
        chain[i].second->span, fmt::format("`{}` names `{}` here", chain[i - 1].first->name().text,
                                           chain[i].first->name().text));
  diagnostics_.report(
      std::move(report).help("move the types that both need into an interface of their own"));
}

/// Depth first with an explicit stack: chains of interfaces may be long.
void Resolver::resolve_items(UnitIdx unit) {
  struct Frame {
    std::vector<std::pair<Item*, const ast::UsePath*>> needs;
    std::size_t next = 0;
  };
  std::vector<Frame> frames;
  std::vector<std::pair<Item*, const ast::UsePath*>> chain;
  std::vector<Item>& items = units_[unit].items;
  std::vector<State> states(items.size());
  const auto state = [&](const Item* item) -> State& {
    return states[static_cast<std::size_t>(item - items.data())];
  };
  const auto push = [&](Item* item, const ast::UsePath* via) {
    Frame frame;
    const auto visit = [&](const ast::UsePath& path) {
      const ast::UsePath* at = nullptr;
      if (Item* needed = peek_item(unit, item->scope, path, &at))
        frame.needs.emplace_back(needed, at);
    };
    std::visit([&](const auto* ast) { each_path(*ast, visit); }, item->ast);
    state(item) = State::active;
    chain.emplace_back(item, via);
    frames.push_back(std::move(frame));
  };
  for (Item& one : items) {
    Item* start = &one;
    if (state(start) == State::untouched) push(start, nullptr);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next == frame.needs.size()) {
        Item* item = chain.back().first;
        state(item) = State::done;
        frames.pop_back();
        chain.pop_back();
        resolve_item(unit, *item);
        continue;
      }
      const auto [needed, via] = frame.needs[frame.next++];
      if (state(needed) == State::untouched) {
        push(needed, via);
      } else if (state(needed) == State::active && needed->state != State::failed) {
        std::size_t from = 0;
        while (chain[from].first != needed) ++from;
        report_cycle(chain, from, *via);
        for (std::size_t i = from; i < chain.size(); ++i) chain[i].first->state = State::failed;
      }
    }
  }
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/package.h"

#include <fmt/format.h>

#include <unordered_set>

#include "tenon/types/semver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

std::string PackageName::to_string() const {
  std::string out = ns + ':' + name;
  if (version) (out += '@') += *version;
  return out;
}

std::string PackageName::item_id(std::string_view item) const {
  std::string out = ns + ':' + name;
  (out += '/') += item;
  if (version) (out += '@') += *version;
  return out;
}

std::string_view unannotated(std::string_view name) {
  if (!name.starts_with('[')) return name;
  return name.substr(name.rfind(']') + 1);
}

std::string_view annotation(Accessor accessor) {
  return accessor == Accessor::get ? "[get]" : accessor == Accessor::set ? "[set]" : "";
}

std::string_view keyword(Accessor accessor) {
  return accessor == Accessor::get ? "get" : accessor == Accessor::set ? "set" : "func";
}

std::string_view Function::item_name() const {
  const std::string_view text = unannotated(name);
  if (kind == FuncKind::freestanding || kind == FuncKind::constructor) return text;
  return text.substr(text.find('.') + 1);
}

std::string_view Function::resource_name() const {
  const std::string_view text = unannotated(name);
  return text.substr(0, text.find('.'));
}

std::string Function::plain_name() const {
  return (accessor == Accessor::set ? "set-" : "") + std::string(item_name());
}

TypeAlias Packages::alias_of(ValType target) const {
  return {target, target.is_prim() ? target : ValType(resolve_alias(target.index()))};
}

/// The last alias, when it stands for a primitive type.
TypeIdx Packages::resolve_alias(TypeIdx type) const {
  for (;;) {
    const auto* alias = std::get_if<TypeAlias>(&types[type].def);
    if (alias == nullptr || alias->root.is_prim()) return type;
    type = alias->root.index();
  }
}

ValType Packages::resolve_alias(ValType type) const {
  if (type.is_prim()) return type;
  const TypeIdx idx = resolve_alias(type.index());
  if (const auto* alias = std::get_if<TypeAlias>(&types[idx].def)) return alias->target;
  return idx;
}

std::optional<std::string> Packages::id_of(InterfaceIdx interface) const {
  const Interface& i = interfaces[interface];
  if (!i.name) return std::nullopt;
  return packages[i.package].name.item_id(*i.name);
}

std::string Packages::id_of(WorldIdx world) const {
  const World& w = worlds[world];
  return packages[w.package].name.item_id(w.name);
}

namespace {

/// The flag that names a world: short when no other root package has one of that name.
std::string world_list(const Packages& packages) {
  constexpr std::size_t most = 100;
  std::string list;
  std::size_t count = 0;
  for (const PackageIdx root : packages.roots) {
    for (const auto& [name, idx] : packages.packages[root].worlds) {
      if (++count <= most) list += fmt::format("\n  --world {}", packages.id_of(idx));
    }
  }
  if (count > most) list += fmt::format("\n  and {} more", count - most);
  return list;
}

}  // namespace

Result<WorldIdx> select_world(const Packages& packages, std::optional<std::string_view> wanted) {
  std::vector<WorldIdx> fitting;
  const bool by_id = wanted && wanted->contains(':');
  std::vector<bool> is_root(packages.packages.size());
  for (const PackageIdx r : packages.roots) is_root[r.value] = true;
  for (std::size_t i = 0; i < packages.packages.size(); ++i) {
    const PackageIdx package{i};
    if (!is_root[i] && !by_id) continue;
    for (const auto& [name, idx] : packages.packages[package].worlds) {
      const std::string id = packages.id_of(idx);
      const bool same = !wanted || name == *wanted || id == *wanted ||
                        (by_id && types::split_version(id).base == *wanted);
      if (same) fitting.push_back(idx);
    }
  }
  if (fitting.size() == 1) return fitting.front();
  const std::string list = world_list(packages);
  if (list.empty()) {
    return std::unexpected(Error(rules::no_world, Span::none(), "the package has no world")
                               .help("a world says what a component imports and exports: `world "
                                     "my-world { export my-interface; }`"));
  }
  if (fitting.empty()) {
    return std::unexpected(Error(rules::no_world, Span::none(),
                                 fmt::format("found no world `{}`", wanted.value_or("")))
                               .help("these are there:" + list));
  }
  return std::unexpected(
      Error(rules::no_world, Span::none(), fmt::format("{} worlds fit", fitting.size()))
          .help("pass one of these:" + list));
}

std::unordered_map<TypeIdx, std::vector<const Function*>> functions_by_resource(
    const std::vector<Function>& functions) {
  std::unordered_map<TypeIdx, std::vector<const Function*>> out;
  for (const Function& f : functions) {
    if (f.kind != FuncKind::freestanding) out[f.resource].push_back(&f);
  }
  return out;
}

std::vector<InterfaceIdx> interface_needs(const Packages& packages, InterfaceIdx interface) {
  std::vector<InterfaceIdx> out;
  std::unordered_set<InterfaceIdx> in;
  for (const auto& [name, idx] : packages.interfaces[interface].types) {
    const auto* alias = std::get_if<TypeAlias>(&packages.types[idx].def);
    if (alias == nullptr || alias->target.is_prim()) continue;
    const auto* owner = std::get_if<InterfaceIdx>(&packages.types[alias->target.index()].owner);
    if (owner == nullptr || *owner == interface) continue;
    if (in.insert(*owner).second) out.push_back(*owner);
  }
  return out;
}

}  // namespace tenon::wit

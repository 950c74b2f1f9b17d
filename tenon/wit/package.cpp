// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/package.h"

namespace tenon::wit {

std::string PackageName::to_string() const {
  std::string out = ns + ":" + name;
  if (version) out += "@" + *version;
  return out;
}

std::string PackageName::item_id(std::string_view item) const {
  std::string out = ns + ":" + name + "/";
  out += item;
  if (version) out += "@" + *version;
  return out;
}

std::string_view Function::item_name() const {
  const std::string_view whole = name;
  if (kind == FuncKind::freestanding) return whole;
  const std::string_view rest = whole.substr(whole.find(']') + 1);
  if (kind == FuncKind::constructor) return rest;
  return rest.substr(rest.find('.') + 1);
}

TypeIdx Packages::resolve_alias(TypeIdx type) const {
  while (const auto* alias = std::get_if<TypeAlias>(&types[type].def)) {
    if (alias->target.is_prim()) break;
    type = alias->target.index();
  }
  return type;
}

ValType Packages::resolve_alias(ValType type) const {
  while (!type.is_prim()) {
    const auto* alias = std::get_if<TypeAlias>(&types[type.index()].def);
    if (alias == nullptr) break;
    type = alias->target;
  }
  return type;
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

}  // namespace tenon::wit

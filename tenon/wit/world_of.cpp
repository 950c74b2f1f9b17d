// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "tenon/wit/from_component.h"
#include "tenon/wit/graph_builder.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/whole_name.h"
#include "tenon/wit/world_definitions.h"

namespace tenon::wit {
namespace {

using component::ComponentInfo;
using component::ExternKind;
using component::NamedExtern;
using component::ResolvedExtern;
using component::ResolvedType;

/// Writes down what a component imports and exports, from its resolved types: for components whose
/// definitions cannot be followed (world_definitions.cpp). These are structures
/// without names; a structure that an interface before has under the same name is taken for a `use`
/// of it.
class WorldReader {
 public:
  WorldReader(const ComponentInfo& info, Packages& out) : info_(info), graph_(out) {}

  Result<void> run() {
    world_ = graph_.world({{"root", "component", std::nullopt}, "root"});
    for (const auto& import : info_.imports) TENON_TRY(item(*import.name, import.type, true));
    for (const auto& exported : info_.exports)
      TENON_TRY(item(*exported.name, exported.type, false));
    Packages& out = graph_.graph();
    out.roots.push_back(out.worlds[world_].package);
    return {};
  }

 private:
  /// Owners as numbers, to look them up.
  static std::uint64_t number(const TypeOwner& owner) {
    const auto* interface = std::get_if<InterfaceIdx>(&owner);
    const auto* world = std::get_if<WorldIdx>(&owner);
    const std::uint32_t idx = interface != nullptr ? interface->value
                              : world != nullptr   ? world->value
                                                   : 0;
    return (std::uint64_t{owner.index()} << 32U) | idx;
  }
  /// The named types of the graph that are one resolved structure.
  struct Named {
    /// The first of each owner, the last of each name, the last of all.
    std::unordered_map<std::uint64_t, TypeIdx> by_owner;
    std::unordered_map<std::string, TypeIdx> by_name;
    TypeIdx last;
  };

  Result<void> item(const component::ExternName& name, const ResolvedExtern& type, bool is_import) {
    WorldItem out;
    const WholeName whole = whole_name(name);
    out.name = whole.name;
    if (const std::string* id = name.external_id(); id != nullptr) out.info.external_id = *id;
    const World& w = graph_.graph().worlds[world_];
    if (type.kind == ExternKind::instance) {
      const std::string& id = whole.interface();
      const auto found =
          id.contains(':') ? graph_.interface(id) : graph_.inline_interface(w.package);
      if (!found)
        return std::unexpected(
            Error(rules::binary_wit, name.span, fmt::format("`{}` names no interface", id)));
      out.implements = whole.implements.has_value();
      const auto& exports = info_.instance_types[type.instance()];
      TENON_TRY(graph_.write_out(&exports, [&] { return bytes_of_item * exports.exports.size(); }));
      TENON_TRY(instance(*found, exports));
      out.item = *found;
    } else if (type.kind == ExternKind::func) {
      Function made = TENON_TRY(function(out.name, type.func(), world_));
      made.info.external_id = out.info.external_id;
      out.item = std::move(made);
    } else if (type.kind == ExternKind::type && is_import) {
      out.item = TENON_TRY(type_export(out.name, type.type, world_));
    } else {
      // Modules, components, values, exported types: WIT has no words for them.
      return {};
    }
    World& world = graph_.graph().worlds[world_];
    (is_import ? world.imports : world.exports).push_back(std::move(out));
    return {};
  }

  Result<void> instance(InterfaceIdx interface, const component::InstanceTypeInfo& type) {
    for (const NamedExtern& exported : type.exports) {
      if (exported.type.kind == ExternKind::type) {
        if (const auto there = graph_.find_type(interface, exported.name)) {
          remember(exported.name, interface, *there, exported.type.type);
          continue;
        }
        const TypeIdx made = TENON_TRY(type_export(exported.name, exported.type.type, interface));
        graph_.add_type(interface, exported.name, made);
      } else if (exported.type.kind == ExternKind::func) {
        Function f = TENON_TRY(function(exported.name, exported.type.func(), interface));
        graph_.add_function(interface, std::move(f));
      }
    }
    return {};
  }

  /// Resolved types are told apart by kind and index.
  static std::uint64_t key(const ResolvedType& type) {
    if (type.kind == ResolvedType::Kind::resource) return (std::uint64_t{1} << 32U) | type.idx;
    return type.value.bits();
  }

  void remember(const std::string& name, TypeOwner owner, TypeIdx type,
                const ResolvedType& resolved) {
    Named& named = named_[key(resolved)];
    named.by_owner.emplace(number(owner), type);
    named.by_name.insert_or_assign(name, type);
    named.last = type;
    owned_.emplace(std::pair(number(owner), name), type);
    anonymous_.clear();  // a part of one of these may have a name now
  }

  /// What was named before with this structure: in this interface, else under this name elsewhere.
  std::optional<TypeIdx> find(const ResolvedType& type, TypeOwner owner,
                              const std::string* name) const {
    const auto it = named_.find(key(type));
    if (it == named_.end()) return std::nullopt;
    const Named& named = it->second;
    if (const auto own = named.by_owner.find(number(owner)); own != named.by_owner.end())
      return own->second;
    if (name != nullptr) {
      if (const auto same = named.by_name.find(*name); same != named.by_name.end())
        return same->second;
    }
    if (name == nullptr || type.kind == ResolvedType::Kind::resource ||
        has_foreign(type.value, owner))
      return named.last;
    return std::nullopt;
  }

  /// What has a name in this interface itself.
  std::optional<TypeIdx> find_used(const ResolvedType& type, TypeOwner owner) const {
    const auto it = named_.find(key(type));
    if (it == named_.end()) return std::nullopt;
    const auto own = it->second.by_owner.find(number(owner));
    return own == it->second.by_owner.end() ? std::nullopt : std::optional(own->second);
  }

  static bool is_nominal(const DefValType& def) {
    return std::holds_alternative<component::Record>(def) ||
           std::holds_alternative<component::Variant>(def) ||
           std::holds_alternative<component::Enum>(def) ||
           std::holds_alternative<component::Flags>(def);
  }

  /// Whether the type is made of one that needs a name and has none here: then it was not made
  /// here.
  bool has_foreign(ValType type, TypeOwner owner) const {
    if (type.is_prim() || is_nominal(info_.types[type.index()])) return false;
    std::vector<ValType> work = {type};
    // Types are shared, so each is looked at once.
    std::set<std::uint32_t> seen;
    while (!work.empty()) {
      const ValType whole = work.back();
      work.pop_back();
      bool out = false;
      each_type(info_.types[whole.index()], [&](ValType part) {
        if (part.is_prim() || !seen.insert(part.index().value).second) return;
        ResolvedType resolved;
        resolved.value = part;
        if (find_used(resolved, owner)) return;
        out = out || is_nominal(info_.types[part.index()]);
        work.push_back(part);
      });
      if (out) return true;
    }
    return false;
  }

  Result<TypeIdx> type_export(const std::string& name, const ResolvedType& type, TypeOwner owner) {
    TypeIdx made;
    if (type.kind != ResolvedType::Kind::value && type.kind != ResolvedType::Kind::resource)
      return std::unexpected(Error(rules::binary_wit, Span::none(),
                                   fmt::format("`{}` is not a type of a value", name)));
    const bool prim = type.kind == ResolvedType::Kind::value && type.value.is_prim();
    const auto before = prim ? std::nullopt : find(type, owner, &name);
    if (before) {
      made = graph_.name_type(name, owner, *before);
    } else if (type.kind == ResolvedType::Kind::resource) {
      made = graph_.resource(name, owner);
    } else {
      ValType target = type.value;
      if (!prim) {
        DefValType structure = TENON_TRY(translate(type.value.index(), owner, 0));
        target = graph_.anonymous(std::move(structure));
      }
      made = graph_.name_type(name, owner, target);
    }
    remember(name, owner, made, type);
    return made;
  }

  /// A type where it is used: under its name, if it has one here or in what was imported.
  Result<ValType> val_type(ValType type, TypeOwner owner, int depth) {
    if (type.is_prim()) return type;
    ResolvedType resolved;
    resolved.value = type;
    if (const auto before = find_used(resolved, owner)) return ValType(*before);
    // Structures share their parts: without this one of n parts may be made 2^n times.
    const auto place = std::pair(number(owner), std::uint64_t{type.bits()});
    if (const auto made = anonymous_.find(place); made != anonymous_.end()) return made->second;
    DefValType structure = TENON_TRY(translate(type.index(), owner, depth + 1));
    const ValType made = graph_.anonymous(std::move(structure));
    anonymous_.emplace(place, made);
    return made;
  }

  Result<TypeIdx> resource(component::ResourceIdx idx, TypeOwner owner) {
    ResolvedType type;
    type.kind = ResolvedType::Kind::resource;
    type.idx = idx.value;
    if (const auto before = find(type, owner, nullptr)) return *before;
    return std::unexpected(Error(rules::binary_wit, Span::none(), "a resource without a name"));
  }

  Result<DefValType> translate(TypeIdx type, TypeOwner owner, int depth) {
    const DefValType& def = info_.types[type];
    TENON_TRY(graph_.write_out(&def, [&] { return text_size(def); }));
    if (depth > 200) return std::unexpected(Error(rules::too_deep, Span::none(), "a type"));
    if (const auto* own = std::get_if<component::Own>(&def)) {
      const TypeIdx idx = TENON_TRY(resource(component::resource_of(*own), owner));
      return component::Own{idx};
    }
    if (const auto* borrow = std::get_if<component::Borrow>(&def)) {
      const TypeIdx idx = TENON_TRY(resource(component::resource_of(*borrow), owner));
      return component::Borrow{idx};
    }
    TypeDef holder;
    holder.def = def;
    std::vector<ValType> inside;
    each_type(def, [&](ValType t) { inside.push_back(t); });
    for (ValType& t : inside) t = TENON_TRY(val_type(t, owner, depth));
    std::size_t at = 0;
    map_types(holder, [&](ValType) { return inside[at++]; });
    return std::get<DefValType>(std::move(holder.def));
  }

  Result<Function> function(const std::string& name, component::FuncTypeIdx idx, TypeOwner owner) {
    const component::FuncType& type = info_.func_types[idx];
    TENON_TRY(graph_.write_out(&type, [&] { return text_size(type.params); }));
    Function out;
    out.name = name;
    out.async_ = type.async_;
    const FunctionName parsed = parse_function_name(name);
    out.kind = parsed.kind;
    out.accessor = parsed.accessor;
    for (const auto& param : type.params) {
      const ValType t = TENON_TRY(val_type(param.type, owner, 0));
      out.params.push_back({param.label, t, Span::none()});
    }
    if (type.result) out.result = TENON_TRY(val_type(*type.result, owner, 0));
    if (out.kind == FuncKind::freestanding) return out;
    const auto own = owned_.find(std::pair(number(owner), std::string(parsed.resource)));
    if (own != owned_.end()) {
      out.resource = own->second;
      return out;
    }
    return std::unexpected(
        Error(rules::binary_wit, Span::none(),
              fmt::format("`{}` belongs to a resource that is not there", name)));
  }

  static constexpr std::size_t bytes_of_item = 64;

  const ComponentInfo& info_;
  GraphBuilder graph_;
  WorldIdx world_;
  /// By resolved type; by owner and name; what was made of structures without a name.
  std::unordered_map<std::uint64_t, Named> named_;
  std::map<std::pair<std::uint64_t, std::string>, TypeIdx> owned_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, ValType> anonymous_;
};

}  // namespace

Result<Packages> world_of(const core::Validated<component::Component>& component) {
  Packages out;
  if (!read_world_definitions(*component, out)) {
    out = {};
    TENON_TRY(WorldReader(*component->info, out).run());
  }
  TENON_TRY(check_names(out));
  tidy(out);
  return out;
}

}  // namespace tenon::wit

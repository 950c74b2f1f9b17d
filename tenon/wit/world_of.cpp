// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tenon/wit/from_component.h"
#include "tenon/wit/graph_builder.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

using component::ComponentInfo;
using component::ExternKind;
using component::NamedExtern;
using component::ResolvedExtern;
using component::ResolvedType;

/// Writes down what a component imports and exports, from its resolved types. These are structures
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
  /// A named type of the graph and the resolved structure that it is.
  struct Named {
    std::string name;
    TypeOwner owner;
    TypeIdx type;
  };

  Result<void> item(const component::ExternName& name, const ResolvedExtern& type, bool is_import) {
    WorldItem out;
    const std::string* const suffix = name.version_suffix();
    const std::string* const implements = name.implements();
    out.name = suffix != nullptr ? name.name + *suffix : name.name;
    if (const std::string* id = name.external_id(); id != nullptr) out.info.external_id = *id;
    const World& w = graph_.graph().worlds[world_];
    if (type.kind == ExternKind::instance) {
      const std::string id = implements != nullptr ? *implements : out.name;
      const auto found =
          id.contains(':') ? graph_.interface(id) : graph_.inline_interface(w.package);
      if (!found)
        return std::unexpected(
            Error(rules::binary_wit, name.span, fmt::format("`{}` names no interface", id)));
      out.implements = implements != nullptr;
      TENON_TRY(instance(*found, info_.instance_types[type.instance()]));
      out.item = *found;
    } else if (type.kind == ExternKind::func) {
      out.item = TENON_TRY(function(out.name, info_.func_types[type.func()], world_));
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
        Function f =
            TENON_TRY(function(exported.name, info_.func_types[exported.type.func()], interface));
        graph_.add_function(interface, std::move(f));
      }
    }
    return {};
  }

  /// Resolved types are told apart by kind and index.
  static std::pair<int, std::uint32_t> key(const ResolvedType& type) {
    if (type.kind == ResolvedType::Kind::resource) return {1, type.idx};
    return {0, type.value.bits()};
  }

  void remember(const std::string& name, TypeOwner owner, TypeIdx type,
                const ResolvedType& resolved) {
    named_[key(resolved)].push_back({name, owner, type});
  }

  /// What was named before with this structure: in this interface, else under this name elsewhere.
  const Named* find(const ResolvedType& type, TypeOwner owner, const std::string* name) const {
    const auto it = named_.find(key(type));
    if (it == named_.end()) return nullptr;
    const Named* best = nullptr;
    for (const Named& candidate : it->second) {
      if (candidate.owner == owner) return &candidate;
      if (name != nullptr && candidate.name == *name) best = &candidate;
    }
    if (best == nullptr && (name == nullptr || type.kind == ResolvedType::Kind::resource ||
                            has_foreign(type.value, owner)))
      return &it->second.back();
    return best;
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
        if (find_used(resolved, owner) != nullptr) return;
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
      return std::unexpected(
          Error(rules::binary_wit, Span::none(), fmt::format("`{}` is no type of a value", name)));
    const bool prim = type.kind == ResolvedType::Kind::value && type.value.is_prim();
    const Named* before = prim ? nullptr : find(type, owner, &name);
    if (before != nullptr) {
      made = graph_.name_type(name, owner, before->type);
    } else if (type.kind == ResolvedType::Kind::resource) {
      made = graph_.resource(name, owner);
    } else {
      ValType target = type.value;
      if (!prim) {
        DefValType structure = TENON_TRY(translate(info_.types[type.value.index()], owner, 0));
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
    if (const Named* before = find_used(resolved, owner)) return ValType(before->type);
    DefValType structure = TENON_TRY(translate(info_.types[type.index()], owner, depth + 1));
    return graph_.anonymous(std::move(structure));
  }

  const Named* find_used(const ResolvedType& type, TypeOwner owner) const {
    const auto it = named_.find(key(type));
    if (it == named_.end()) return nullptr;
    for (const Named& candidate : it->second) {
      if (candidate.owner == owner) return &candidate;
    }
    return nullptr;
  }

  Result<TypeIdx> resource(component::ResourceIdx idx, TypeOwner owner) {
    ResolvedType type;
    type.kind = ResolvedType::Kind::resource;
    type.idx = idx.value;
    if (const Named* before = find(type, owner, nullptr)) return before->type;
    return std::unexpected(Error(rules::binary_wit, Span::none(), "a resource without a name"));
  }

  Result<DefValType> translate(const DefValType& def, TypeOwner owner, int depth) {
    if (depth > 200) return std::unexpected(Error(rules::too_deep, Span::none(), "a type"));
    if (const auto* own = std::get_if<component::Own>(&def)) {
      const TypeIdx idx = TENON_TRY(resource(resource_of(*own), owner));
      return component::Own{idx};
    }
    if (const auto* borrow = std::get_if<component::Borrow>(&def)) {
      const TypeIdx idx = TENON_TRY(resource(resource_of(*borrow), owner));
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

  Result<Function> function(const std::string& name, const component::FuncType& type,
                            TypeOwner owner) {
    Function out;
    out.name = name;
    out.async_ = type.async_;
    const FunctionName parsed = parse_function_name(name);
    out.kind = parsed.kind;
    for (const auto& param : type.params) {
      const ValType t = TENON_TRY(val_type(param.type, owner, 0));
      out.params.push_back({param.label, t, Span::none()});
    }
    if (type.result) out.result = TENON_TRY(val_type(*type.result, owner, 0));
    if (out.kind == FuncKind::freestanding) return out;
    for (const auto& [k, list] : named_) {
      for (const Named& candidate : list) {
        if (candidate.name != parsed.resource || candidate.owner != owner) continue;
        out.resource = candidate.type;
        return out;
      }
    }
    return std::unexpected(
        Error(rules::binary_wit, Span::none(),
              fmt::format("`{}` belongs to a resource that is not there", name)));
  }

  const ComponentInfo& info_;
  GraphBuilder graph_;
  WorldIdx world_;
  std::map<std::pair<int, std::uint32_t>, std::vector<Named>> named_;
};

}  // namespace

Result<Packages> world_of(const core::Validated<component::Component>& component) {
  Packages out;
  TENON_TRY(WorldReader(*component->info, out).run());
  tidy(out);
  return out;
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
// In a binary, a type is an index: an instance type or a function of a world may name what another
// interface exports without giving it a name of its own. WIT has no words for that but `use`, so
// each such type gets one. A structure without a name may be shared by several owners; each whose
// names it has to use gets a copy.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "tenon/wit/graph_builder.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

/// Interfaces and worlds as numbers, to look them up.
using OwnerKey = std::pair<std::size_t, std::uint32_t>;

OwnerKey key(const TypeOwner& owner) {
  const auto* interface = std::get_if<InterfaceIdx>(&owner);
  const auto* world = std::get_if<WorldIdx>(&owner);
  const std::uint32_t idx = interface != nullptr ? interface->value
                            : world != nullptr   ? world->value
                                                 : 0;
  return {owner.index(), idx};
}

class Namer {
 public:
  explicit Namer(GraphBuilder& graph) : graph_(graph), out_(graph.graph()) {}

  Result<void> run() {
    TENON_TRY(measure());
    const std::size_t before = out_.types.size();
    for (std::size_t i = 0; i < before; ++i) TENON_TRY(structure(TypeIdx(i)));
    for (std::size_t i = 0; i < out_.interfaces.size(); ++i) {
      const InterfaceIdx idx(i);
      for (std::size_t f = 0; f < out_.interfaces[idx].functions.size(); ++f)
        TENON_TRY(function(out_.interfaces[idx].functions[f], idx));
    }
    for (std::size_t i = 0; i < out_.worlds.size(); ++i) {
      for (const auto items : {&World::imports, &World::exports}) {
        auto& all = out_.worlds[WorldIdx(i)].*items;
        // NOLINTNEXTLINE(modernize-loop-convert): imports grow by what is brought in
        for (std::size_t at = 0, end = all.size(); at < end; ++at) {
          auto* const f = std::get_if<Function>(&all[at].item);
          if (f == nullptr) continue;
          Function mapped = std::move(*f);
          TENON_TRY(function(mapped, WorldIdx(i)));
          all[at].item = std::move(mapped);
        }
      }
    }
    if (out_.types.size() != before) put_parts_first(out_);
    return {};
  }

 private:
  /// To whom the named types that a structure without a name is made of belong: to nobody, to one,
  /// or to several. Parts are before what is made of them.
  struct Made {
    TypeOwner one;
    bool several = false;
    std::uint32_t depth = 0;
  };

  /// Calls `visit` for each type that a structure is made of, the resource of a handle too.
  template <class Visit>
  static void each_part(const TypeDef& def, Visit visit) {
    const auto* structure = std::get_if<DefValType>(&def.def);
    if (structure == nullptr) return;
    each_type(*structure, visit);
    if (const auto* own = std::get_if<component::Own>(structure)) visit(ValType(own->resource));
    if (const auto* borrow = std::get_if<component::Borrow>(structure))
      visit(ValType(borrow->resource));
  }

  Result<void> measure() {
    made_.resize(out_.types.size());
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const TypeDef& def = out_.types[TypeIdx(i)];
      Made& made = made_[i];
      if (def.name) {
        made.one = def.owner;
        made.several = def.owner == TypeOwner();
        continue;
      }
      each_part(def, [&](ValType t) {
        if (t.is_prim()) return;
        const Made& part = made_[t.index().value];
        const bool another =
            part.one != TypeOwner() && made.one != TypeOwner() && part.one != made.one;
        made.several = made.several || part.several || another;
        if (part.one != TypeOwner()) made.one = part.one;
        made.depth = std::max(made.depth, part.depth + 1);
      });
      if (made.depth > max_type_depth)
        return std::unexpected(Error(rules::too_deep, Span::none(), "a type without a name"));
    }
    return {};
  }

  /// The parts of a named structure.
  Result<void> structure(TypeIdx idx) {
    const TypeOwner owner = out_.types[idx].owner;
    if (!out_.types[idx].name || owner == TypeOwner()) return {};
    bool fits = true;
    each_part(out_.types[idx], [&](ValType t) { fits = fits && is_of(t, owner); });
    if (fits) return {};
    TypeDef def = out_.types[idx];
    Result<void> fine = {};
    bool changed = false;
    map_types(def, [&](ValType t) { return part(owner, t, fine, changed); });
    if (fine && changed) out_.types[idx] = std::move(def);
    return fine;
  }

  Result<void> function(Function& f, TypeOwner owner) {
    for (Param& param : f.params) param.type = TENON_TRY(here(owner, param.type));
    if (f.result) f.result = TENON_TRY(here(owner, *f.result));
    return {};
  }

  ValType part(const TypeOwner& owner, ValType t, Result<void>& fine, bool& changed) {
    if (!fine) return t;
    auto made = here(owner, t);
    if (!made) {
      fine = std::unexpected(std::move(made).error());
      return t;
    }
    changed = changed || *made != t;
    return *made;
  }

  /// Whether this owner can say it as it is.
  bool is_of(ValType t, const TypeOwner& owner) const {
    if (t.is_prim()) return true;
    const Made& made = made_[t.index().value];
    return !made.several && (made.one == TypeOwner() || made.one == owner);
  }

  /// A type as this owner can say it.
  Result<ValType> here(const TypeOwner& owner, ValType t) {
    if (t.is_prim()) return t;
    if (is_of(t, owner)) return t;
    if (out_.types[t.index()].name) return use(owner, t);
    const auto place = std::pair(key(owner), t.index().value);
    if (const auto before = copies_.find(place); before != copies_.end()) return before->second;
    TypeDef def = out_.types[t.index()];
    if (const auto* structure = std::get_if<DefValType>(&def.def))
      TENON_TRY(graph_.repeat(text_size(*structure)));
    Result<void> fine = {};
    bool changed = false;
    map_types(def, [&](ValType inner) { return part(owner, inner, fine, changed); });
    if (!fine) return std::unexpected(std::move(fine).error());
    const ValType out = changed ? ValType(out_.types.push_back(std::move(def))) : t;
    copies_.emplace(place, out);
    return out;
  }

  /// A named type of another owner.
  Result<ValType> use(const TypeOwner& owner, ValType t) {
    const auto place = std::pair(key(owner), t.index().value);
    if (const auto before = copies_.find(place); before != copies_.end()) return before->second;
    ValType target = t;
    while (!target.is_prim() && !can_be_used(target.index())) {
      const TypeDef& def = out_.types[target.index()];
      const auto* alias = std::get_if<TypeAlias>(&def.def);
      if (alias == nullptr)
        return std::unexpected(Error(
            rules::binary_wit, Span::none(),
            fmt::format("found `{}` of {}, wanted a type of an interface with a name of its own",
                        def.name.value_or("a structure without a name"),
                        std::holds_alternative<InterfaceIdx>(def.owner)
                            ? "an instance under a plain name"
                            : "a world")));
      target = alias->target;
    }
    ValType out = target;
    if (!target.is_prim() && out_.types[target.index()].owner != owner) {
      // A binary names it by an index, many times over where structures are shared.
      TENON_TRY(graph_.repeat(sizeof(TypeDef) + out_.types[target.index()].name->size()));
      out = bring_in(owner, target.index());
    }
    copies_.emplace(place, out);
    return out;
  }

  bool can_be_used(TypeIdx idx) const {
    const TypeDef& def = out_.types[idx];
    const auto* interface = std::get_if<InterfaceIdx>(&def.owner);
    return interface != nullptr && def.name && out_.interfaces[*interface].name;
  }

  /// `use from.{name}`, `use from.{name as name-of-from}` where the name is taken.
  TypeIdx bring_in(const TypeOwner& owner, TypeIdx target) {
    auto& taken = names(owner);
    std::string name = *out_.types[target].name;
    const auto& from = out_.interfaces[std::get<InterfaceIdx>(out_.types[target].owner)];
    for (auto it = taken.find(name); it != taken.end(); it = taken.find(name)) {
      if (it->second && out_.resolve_alias(*it->second) == out_.resolve_alias(target))
        return *it->second;
      name += "-of-" + *from.name;
    }
    TypeDef def;
    def.name = name;
    def.owner = owner;
    def.def = out_.alias_of(target);
    def.used = true;
    const TypeIdx made = out_.types.push_back(std::move(def));
    if (const auto* interface = std::get_if<InterfaceIdx>(&owner)) {
      out_.interfaces[*interface].types.emplace_back(name, made);
    } else {
      WorldItem item;
      item.name = name;
      item.item = made;
      out_.worlds[std::get<WorldIdx>(owner)].imports.push_back(std::move(item));
    }
    taken.emplace(std::move(name), made);
    return made;
  }

  /// The names that the owner has given, with the types among them.
  using Names = std::map<std::string, std::optional<TypeIdx>, std::less<>>;
  Names& names(const TypeOwner& owner) {
    const auto [it, fresh] = names_.try_emplace(key(owner));
    if (!fresh) return it->second;
    if (const auto* interface = std::get_if<InterfaceIdx>(&owner)) {
      for (const auto& [name, idx] : out_.interfaces[*interface].types) it->second[name] = idx;
      for (const Function& f : out_.interfaces[*interface].functions)
        it->second.try_emplace(f.name, std::nullopt);
    } else if (const auto* world = std::get_if<WorldIdx>(&owner)) {
      for (const auto* items : {&out_.worlds[*world].imports, &out_.worlds[*world].exports}) {
        for (const WorldItem& item : *items) {
          const auto* idx = std::get_if<TypeIdx>(&item.item);
          it->second[item.name] = idx == nullptr ? std::nullopt : std::optional(*idx);
        }
      }
    }
    return it->second;
  }

  GraphBuilder& graph_;
  Packages& out_;
  std::vector<Made> made_;
  std::map<std::pair<OwnerKey, std::uint32_t>, ValType> copies_;
  std::map<OwnerKey, Names> names_;
};

}  // namespace

Result<void> use_foreign_types(GraphBuilder& graph) {
  return Namer(graph).run();
}

}  // namespace tenon::wit

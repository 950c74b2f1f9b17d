// SPDX-License-Identifier: Apache-2.0
// A module built from several libraries has a world from each. Named items are the same if their
// names are; types are copied in order, so that what a type refers to is there before it.
#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "tenon/wit/component_type.h"
#include "tenon/wit/elaborate.h"
#include "tenon/wit/graph_builder.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

/// Copies one graph into another: what has a name and is there already is not copied again.
class Merger {
 public:
  Merger(GraphBuilder& to, const Packages& from, WorldIdx from_world, WorldIdx to_world)
      : to_(to), from_(from), from_world_(from_world), to_world_(to_world) {
    const World& w = to_.graph().worlds[to_world_];
    for (std::size_t i = 0; i < w.imports.size(); ++i) imports_.emplace(w.imports[i].name, i);
    for (std::size_t i = 0; i < w.exports.size(); ++i) exports_.emplace(w.exports[i].name, i);
  }

  Result<void> run() {
    for (std::size_t i = 0; i < from_.types.size(); ++i) type(TypeIdx(i));
    for (std::size_t i = 0; i < from_.interfaces.size(); ++i) {
      const InterfaceIdx to = interface(InterfaceIdx(i));
      for (const Function& f : from_.interfaces[InterfaceIdx(i)].functions)
        to_.add_function(to, function(f));
    }
    const World& w = from_.worlds[from_world_];
    for (const WorldItem& item : w.imports) TENON_TRY(world_item(item, true));
    for (const WorldItem& item : w.exports) TENON_TRY(world_item(item, false));
    return {};
  }

 private:
  InterfaceIdx interface(InterfaceIdx from) {
    const auto there = interfaces_.find(from.value);
    if (there != interfaces_.end()) return there->second;
    const auto id = from_.id_of(from);
    const InterfaceIdx made =
        id ? *to_.interface(*id) : to_.inline_interface(to_.graph().worlds[to_world_].package);
    interfaces_.emplace(from.value, made);
    return made;
  }

  ValType map(ValType t) const { return t.is_prim() ? t : ValType(types_[t.index().value]); }

  Function function(Function f) const {
    for (Param& param : f.params) param.type = map(param.type);
    if (f.result) f.result = map(*f.result);
    if (f.kind != FuncKind::freestanding) f.resource = map(f.resource).index();
    return f;
  }

  void type(TypeIdx idx) {
    TypeDef def = from_.types[idx];
    map_types(def, [this](ValType t) { return map(t); });
    Packages& graph = to_.graph();
    if (const auto* owner = std::get_if<InterfaceIdx>(&def.owner)) {
      const InterfaceIdx to = interface(*owner);
      def.owner = to;
      const std::string name = def.name.value_or("");
      if (const auto there = to_.find_type(to, name)) {
        types_.push_back(*there);
      } else {
        types_.push_back(graph.types.push_back(std::move(def)));
        to_.add_type(to, name, types_.back());
      }
      return;
    }
    if (std::holds_alternative<WorldIdx>(def.owner)) {
      def.owner = to_world_;
      const auto it = imports_.find(def.name.value_or(""));
      const auto* there =
          it == imports_.end()
              ? nullptr
              : std::get_if<TypeIdx>(&graph.worlds[to_world_].imports[it->second].item);
      if (there != nullptr) {
        types_.push_back(*there);
        return;
      }
    }
    types_.push_back(graph.types.push_back(std::move(def)));
  }

  Result<void> world_item(WorldItem item, bool is_import) {
    World& w = to_.graph().worlds[to_world_];
    std::vector<WorldItem>& items = is_import ? w.imports : w.exports;
    if (auto* i = std::get_if<InterfaceIdx>(&item.item)) *i = interface(*i);
    if (auto* f = std::get_if<Function>(&item.item)) *f = function(std::move(*f));
    if (auto* t = std::get_if<TypeIdx>(&item.item)) *t = types_[t->value];
    auto& names = is_import ? imports_ : exports_;
    const auto [place, fresh] = names.emplace(item.name, items.size());
    WorldItem* const there = fresh ? nullptr : &items[place->second];
    if (there == nullptr) {
      items.push_back(std::move(item));
    } else if (there->item.index() != item.item.index()) {
      return std::unexpected(Error(rules::binary_wit, Span::none(),
                                   fmt::format("two worlds of one module have a different {} `{}`",
                                               is_import ? "import" : "export", item.name)));
    } else {
      there->implicit = there->implicit && item.implicit;
    }
    return {};
  }

  GraphBuilder& to_;
  const Packages& from_;
  WorldIdx from_world_;
  WorldIdx to_world_;
  std::map<std::uint32_t, InterfaceIdx> interfaces_;
  /// What the merged world has already, by name.
  std::unordered_map<std::string, std::size_t> imports_;
  std::unordered_map<std::string, std::size_t> exports_;
  std::vector<TypeIdx> types_;
};

}  // namespace

Result<ComponentType> merge_component_types(std::vector<ComponentType> parts) {
  if (parts.empty())
    return std::unexpected(
        Error(rules::binary_wit, Span::none(), "a module without a `component-type` section"));
  if (parts.size() == 1) return std::move(parts.front());
  ComponentType out;
  out.encoding = parts.front().encoding;
  GraphBuilder graph(out.packages);
  const ComponentType& first = parts.front();
  const World& w = first.packages.worlds[first.world];
  out.world = graph.world({first.packages.packages[w.package].name, w.name});
  for (const ComponentType& part : parts) {
    if (part.encoding != out.encoding)
      return std::unexpected(Error(rules::binary_wit, Span::none(),
                                   "the worlds of one module have different string encodings"));
    TENON_TRY(Merger(graph, part.packages, part.world, out.world).run());
  }
  World& merged = out.packages.worlds[out.world];
  TENON_TRY(elaborate(out.packages, merged));
  out.packages.roots.push_back(merged.package);
  tidy(out.packages);
  return out;
}

}  // namespace tenon::wit

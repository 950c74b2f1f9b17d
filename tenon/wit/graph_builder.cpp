// SPDX-License-Identifier: Apache-2.0
// Makes packages from binaries, where everything is found by its full name. `tidy` then drops types
// that nothing refers to and orders packages by their dependencies, because the printer and the
// encoder rely on that order.
#include "tenon/wit/graph_builder.h"

#include <fmt/format.h>

#include <utility>

#include "tenon/types/externname.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {

std::optional<ItemId> parse_item_id(std::string_view id) {
  const auto at = id.find('@');
  const auto colon = id.rfind(':', id.find('/'));  // namespaces and packages may be nested
  const auto slash = id.rfind('/', at);
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon)
    return std::nullopt;
  ItemId out;
  out.package.ns = id.substr(0, colon);
  out.package.name = id.substr(colon + 1, slash - colon - 1);
  out.item = id.substr(slash + 1, at == std::string_view::npos ? at : at - slash - 1);
  if (at != std::string_view::npos) out.package.version = std::string(id.substr(at + 1));
  return out;
}

FunctionName parse_function_name(std::string_view name) {
  const auto parsed = types::parse_extern_name(name, core::Features::all());
  FunctionName out;
  // Does not happen: the component is valid.
  if (!parsed) return out;
  out.accessor = parsed->accessor;
  switch (parsed->kind) {
    case types::NameKind::label:
    case types::NameKind::interface:
      return out;
    case types::NameKind::constructor:
      out.kind = FuncKind::constructor;
      break;
    case types::NameKind::method:
      out.kind = FuncKind::method;
      break;
    case types::NameKind::static_:
      out.kind = FuncKind::static_;
      break;
  }
  out.resource = parsed->label;
  return out;
}

namespace {
/// Of what is beside a name, in text and in memory.
constexpr std::size_t beside_name = 4;
}  // namespace

std::size_t text_size(const DefValType& def) {
  std::size_t out = 0;
  each_label(def,
             [&](std::size_t, const std::string& label) { out += beside_name + label.size(); });
  each_type(def, [&](ValType) { out += beside_name; });
  return out;
}

std::size_t text_size(const std::vector<component::LabelValType>& params) {
  std::size_t out = 0;
  for (const auto& param : params) out += beside_name + param.label.size();
  return out;
}

Result<void> GraphBuilder::repeat(std::size_t bytes) {
  constexpr std::size_t most = 8U << 20U;
  repeated_ += bytes;
  if (repeated_ <= most) return {};
  return std::unexpected(
      Error(rules::too_large, Span::none(),
            fmt::format("the types that it shares come to {} bytes and more where they are written "
                        "out, at most {} are taken",
                        repeated_, most)));
}

PackageIdx GraphBuilder::package(const PackageName& name) {
  const std::string key = name.to_string();
  if (const auto it = packages_.find(key); it != packages_.end()) return it->second;
  Package made;
  made.name = name;
  const PackageIdx idx = out_.packages.push_back(std::move(made));
  packages_.emplace(key, idx);
  return idx;
}

std::optional<InterfaceIdx> GraphBuilder::interface(std::string_view id) {
  if (const auto it = interfaces_.find(id); it != interfaces_.end()) return it->second;
  const auto parsed = parse_item_id(id);
  if (!parsed) return std::nullopt;
  const PackageIdx owner = package(parsed->package);
  Interface made;
  made.name = parsed->item;
  made.package = owner;
  const InterfaceIdx idx = out_.interfaces.push_back(std::move(made));
  out_.packages[owner].interfaces.emplace_back(parsed->item, idx);
  interfaces_.emplace(id, idx);
  return idx;
}

InterfaceIdx GraphBuilder::inline_interface(PackageIdx package) {
  Interface made;
  made.package = package;
  return out_.interfaces.push_back(std::move(made));
}

WorldIdx GraphBuilder::world(const ItemId& id) {
  const PackageIdx owner = package(id.package);
  World made;
  made.name = id.item;
  made.package = owner;
  const WorldIdx idx = out_.worlds.push_back(std::move(made));
  out_.packages[owner].worlds.emplace_back(id.item, idx);
  return idx;
}

ValType GraphBuilder::anonymous(DefValType def) {
  TypeDef made;
  made.def = std::move(def);
  return push(std::move(made));
}

TypeIdx GraphBuilder::name_type(std::string_view name, TypeOwner owner, ValType target) {
  TypeDef made;
  made.name = std::string(name);
  made.owner = owner;
  const TypeDef* from = target.is_prim() ? nullptr : &out_.types[target.index()];
  if (from != nullptr && !from->name && std::holds_alternative<DefValType>(from->def)) {
    made.def = from->def;
  } else {
    made.def = out_.alias_of(target);
    made.used = from != nullptr && from->name && from->owner != owner;
  }
  return push(std::move(made));
}

TypeIdx GraphBuilder::resource(std::string_view name, TypeOwner owner) {
  TypeDef made;
  made.name = std::string(name);
  made.owner = owner;
  made.def = Resource{};
  return push(std::move(made));
}

std::optional<TypeIdx> GraphBuilder::find_type(InterfaceIdx interface,
                                               std::string_view name) const {
  const auto types = types_.find(interface.value);
  if (types == types_.end()) return std::nullopt;
  const auto it = types->second.find(name);
  return it == types->second.end() ? std::nullopt : std::optional(it->second);
}

void GraphBuilder::add_type(InterfaceIdx interface, std::string_view name, TypeIdx type) {
  out_.interfaces[interface].types.emplace_back(name, type);
  types_[interface.value].emplace(name, type);
}

void GraphBuilder::add_function(InterfaceIdx interface, Function function) {
  if (functions_[interface.value].insert(function.name).second)
    out_.interfaces[interface].functions.push_back(std::move(function));
}

namespace {

template <class Map>
void map_function(Function& f, const Map& map) {
  for (Param& param : f.params) param.type = map(param.type);
  if (f.result) f.result = map(*f.result);
  if (f.kind != FuncKind::freestanding) f.resource = map(f.resource).index();
}

/// Keeps these types, in this order; nothing else may refer to others.
void renumber(Packages& packages, const std::vector<TypeIdx>& order) {
  std::vector<TypeIdx> to(packages.types.size());
  IndexVector<TypeIdx, TypeDef> kept;
  kept.reserve(order.size());
  for (const TypeIdx idx : order) to[idx.value] = kept.push_back(std::move(packages.types[idx]));
  packages.types = std::move(kept);
  const auto map = [&](ValType t) { return t.is_prim() ? t : ValType(to[t.index().value]); };
  for (TypeDef& def : packages.types) map_types(def, map);
  for (Interface& i : packages.interfaces) {
    for (auto& [name, idx] : i.types) idx = to[idx.value];
    for (Function& f : i.functions) map_function(f, map);
  }
  for (World& w : packages.worlds) {
    for (auto* items : {&w.imports, &w.exports}) {
      for (WorldItem& item : *items) {
        if (auto* idx = std::get_if<TypeIdx>(&item.item)) *idx = to[idx->value];
        if (auto* f = std::get_if<Function>(&item.item)) map_function(*f, map);
      }
    }
  }
}

/// Marks what is reachable and renumbers it.
class Tidier {
 public:
  explicit Tidier(Packages& packages) : packages_(packages), live_(packages.types.size(), false) {}

  void run() {
    mark_all();
    std::vector<TypeIdx> order;
    for (std::size_t i = 0; i < live_.size(); ++i) {
      if (live_[i]) order.emplace_back(i);
    }
    renumber(packages_, order);
    order_packages();
  }

 private:
  void mark(ValType type) {
    if (!type.is_prim()) work_.push_back(type.index());
  }
  void mark_function(const Function& f) {
    for (const Param& param : f.params) mark(param.type);
    if (f.result) mark(*f.result);
    if (f.kind != FuncKind::freestanding) mark(f.resource);
  }

  void mark_all() {
    for (const Interface& i : packages_.interfaces) {
      for (const auto& [name, idx] : i.types) mark(idx);
      for (const Function& f : i.functions) mark_function(f);
    }
    for (const World& w : packages_.worlds) {
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          if (const auto* idx = std::get_if<TypeIdx>(&item.item)) mark(*idx);
          if (const auto* f = std::get_if<Function>(&item.item)) mark_function(*f);
        }
      }
    }
    while (!work_.empty()) {
      const TypeIdx idx = work_.back();
      work_.pop_back();
      if (live_[idx.value]) continue;
      live_[idx.value] = true;
      const TypeDef& def = packages_.types[idx];
      if (const auto* alias = std::get_if<TypeAlias>(&def.def)) mark(alias->target);
      if (const auto* made = std::get_if<DefValType>(&def.def)) {
        each_type(*made, [&](ValType t) { mark(t); });
        if (const auto* own = std::get_if<component::Own>(made)) mark(own->resource);
        if (const auto* borrow = std::get_if<component::Borrow>(made)) mark(borrow->resource);
      }
    }
  }

  [[nodiscard]] std::vector<std::vector<std::uint32_t>> package_needs() const {
    std::vector<std::vector<std::uint32_t>> needs(packages_.packages.size());
    const auto need = [&](PackageIdx from, InterfaceIdx interface) {
      const PackageIdx on = packages_.interfaces[interface].package;
      if (on != from) needs[from.value].push_back(on.value);
    };
    for (std::size_t i = 0; i < packages_.interfaces.size(); ++i) {
      for (const InterfaceIdx used : interface_needs(packages_, InterfaceIdx(i)))
        need(packages_.interfaces[InterfaceIdx(i)].package, used);
    }
    for (const World& w : packages_.worlds) {
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          if (const auto* interface = std::get_if<InterfaceIdx>(&item.item))
            need(w.package, *interface);
        }
      }
    }
    return needs;
  }

  void order_packages() {
    const auto needs = package_needs();
    std::vector<std::uint32_t> order;
    std::vector<std::uint8_t> state(needs.size(), 0);
    std::vector<std::pair<std::uint32_t, std::size_t>> work;
    for (std::uint32_t start = 0; start < needs.size(); ++start) {
      if (state[start] != 0) continue;
      work.emplace_back(start, 0);
      state[start] = 1;
      while (!work.empty()) {
        auto& [package, next] = work.back();
        if (next == needs[package].size()) {
          order.push_back(package);
          work.pop_back();
          continue;
        }
        const std::uint32_t needed = needs[package][next++];
        if (state[needed] == 0) {
          state[needed] = 1;
          work.emplace_back(needed, 0);
        }
      }
    }
    std::vector<PackageIdx> to(order.size());
    IndexVector<PackageIdx, Package> sorted;
    for (const std::uint32_t old : order)
      to[old] = sorted.push_back(std::move(packages_.packages[PackageIdx(old)]));
    packages_.packages = std::move(sorted);
    for (Interface& i : packages_.interfaces) i.package = to[i.package.value];
    for (World& w : packages_.worlds) w.package = to[w.package.value];
    for (PackageIdx& root : packages_.roots) root = to[root.value];
  }

  Packages& packages_;
  std::vector<bool> live_;
  std::vector<TypeIdx> work_;
};

}  // namespace

void put_parts_first(Packages& packages) {
  std::vector<TypeIdx> order;
  std::vector<bool> seen(packages.types.size(), false);
  std::vector<std::pair<TypeIdx, bool>> work;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    work.emplace_back(TypeIdx(i), false);
    while (!work.empty()) {
      const auto [idx, parts_done] = work.back();
      work.pop_back();
      if (parts_done) {
        order.push_back(idx);
        continue;
      }
      if (seen[idx.value]) continue;
      seen[idx.value] = true;
      work.emplace_back(idx, true);
      TypeDef def = packages.types[idx];
      map_types(def, [&](ValType t) {
        if (!t.is_prim() && !seen[t.index().value]) work.emplace_back(t.index(), false);
        return t;
      });
    }
  }
  renumber(packages, order);
}

void tidy(Packages& packages) {
  Tidier(packages).run();
}

}  // namespace tenon::wit

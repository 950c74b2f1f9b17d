// SPDX-License-Identifier: Apache-2.0
// The binary repeats in each interface what it uses of others. Where that grows too large for
// chains of `use`, interfaces get only the slice of types that they name, ordered so that a reader
// knows the rest already. Interfaces are encoded one at a time, because the structure takes ten
// times the memory of its bytes.
// Spec: WIT.md "Package Format"
#include "tenon/wit/to_component.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "tenon/base/json.h"
#include "tenon/component/encode.h"
#include "tenon/component/limits.h"
#include "tenon/wit/graph_builder.h"
#include "tenon/wit/package_docs.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

using component::Alias;
using component::Decl;
using component::ExternKind;
using component::ExternName;
using component::ExternType;
using component::SortKind;
using component::TypeBoundKind;

/// Declarations of one component or instance type under way, with the sizes of its index spaces.
struct Decls {
  std::vector<Decl> decls;
  std::uint32_t types = 0;
  std::uint32_t instances = 0;
  /// Types of the graph that have an index here.
  std::unordered_map<TypeIdx, std::uint32_t> known;

  std::uint32_t type(component::Type type) {
    decls.emplace_back(std::move(type));
    return types++;
  }
  std::uint32_t alias(Alias alias) {
    decls.emplace_back(std::move(alias));
    return types++;
  }
};

ExternName plain(std::string name) {
  ExternName out;
  out.name = std::move(name);
  out.span = Span::none();
  return out;
}

ExternName named(const Packages& packages, const WorldItem& item) {
  ExternName out = plain(item.name);
  if (const auto* interface = std::get_if<InterfaceIdx>(&item.item);
      interface != nullptr && item.implements) {
    out.add(component::AttributeKind::implements, packages.id_of(*interface).value_or(""));
  }
  const SharedText& id = item.info.external_id;
  if (id) {
    out.add(component::AttributeKind::external_id, std::string(*id));
  }
  return out;
}

ExternName named(std::string name, const ItemInfo& info) {
  ExternName out = plain(std::move(name));
  if (info.external_id) {
    out.add(component::AttributeKind::external_id, std::string(*info.external_id));
  }
  return out;
}

ExternType of_kind(ExternKind kind, std::uint32_t idx) {
  ExternType out;
  out.kind = kind;
  out.idx = idx;
  return out;
}
ExternType type_eq(std::uint32_t idx) {
  return of_kind(ExternKind::type, idx);
}
ExternType type_resource() {
  ExternType out;
  out.kind = ExternKind::type;
  out.bound = TypeBoundKind::sub_resource;
  return out;
}

/// The interfaces whose types this one uses, directly or not, what is needed first; without those
/// that are `done`, and what they alone need.
template <class Done>
std::vector<InterfaceIdx> all_needs(const Packages& packages, InterfaceIdx interface,
                                    const Done& done) {
  std::vector<InterfaceIdx> out;
  std::unordered_set<InterfaceIdx> in;
  // (interface, whether its own needs are in already): depth first, without native recursion.
  std::vector<std::pair<InterfaceIdx, bool>> work{{interface, false}};
  const auto is_in = [&](InterfaceIdx i) { return in.contains(i) || done(i); };
  while (!work.empty()) {
    const auto [i, ready] = work.back();
    work.pop_back();
    if (is_in(i)) continue;
    if (ready) {
      in.insert(i);
      if (i != interface) out.push_back(i);
      continue;
    }
    work.emplace_back(i, true);
    const auto direct = interface_needs(packages, i);
    for (auto it = direct.rbegin(); it != direct.rend(); ++it) {
      if (!is_in(*it)) work.emplace_back(*it, false);
    }
  }
  return out;
}
std::vector<InterfaceIdx> all_needs(const Packages& packages, InterfaceIdx interface) {
  return all_needs(packages, interface, [](InterfaceIdx) { return false; });
}

/// What an interface needs of others, no more: the types that it names, and what their structures
/// name. An alias needs what it stands for, and none of the aliases between.
struct Slice {
  /// What is needed first comes first.
  std::vector<InterfaceIdx> interfaces;
  std::unordered_map<InterfaceIdx, std::vector<TypeIdx>> types;
};

class Slicer {
 public:
  explicit Slicer(const Packages& packages)
      : packages_(packages), ranks_(packages.interfaces.size()) {
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < ranks_.size(); ++i) {
      if (ranks_[i] != 0) continue;
      const InterfaceIdx interface{i};
      for (const InterfaceIdx needed : all_needs(interface)) ranks_[needed.value] = ++rank;
      ranks_[i] = ++rank;
    }
  }

  [[nodiscard]] Slice of(InterfaceIdx interface) const {
    Slice out;
    std::unordered_set<TypeIdx> seen;
    for (const auto& [name, idx] : packages_.interfaces[interface].types) {
      const auto* alias = std::get_if<TypeAlias>(&packages_.types[idx].def);
      if (alias != nullptr) add(alias->target, interface, seen, out);
    }
    for (auto& [owner, types] : out.types) {
      std::ranges::sort(types);
      out.interfaces.push_back(owner);
    }
    std::ranges::sort(out.interfaces, {}, [this](InterfaceIdx i) { return rank(i); });
    return out;
  }

  /// Lower for what is used than for what uses it.
  [[nodiscard]] std::uint32_t rank(InterfaceIdx interface) const { return ranks_[interface.value]; }

 private:
  /// Those without a rank yet.
  std::vector<InterfaceIdx> all_needs(InterfaceIdx interface) const {
    return wit::all_needs(packages_, interface,
                          [this](InterfaceIdx i) { return ranks_[i.value] != 0; });
  }

  /// Types nest less deeply than the resolver's limit.
  void add(ValType type, InterfaceIdx user, std::unordered_set<TypeIdx>& seen, Slice& out) const {
    if (type.is_prim() || !seen.insert(type.index()).second) return;
    const TypeDef& def = packages_.types[type.index()];
    const auto* owner = std::get_if<InterfaceIdx>(&def.owner);
    if (def.name && owner != nullptr && *owner != user) out.types[*owner].push_back(type.index());
    if (std::holds_alternative<TypeAlias>(def.def)) {
      const TypeIdx root = packages_.resolve_alias(type.index());
      if (root != type.index()) add(root, user, seen, out);
      return;
    }
    if (const auto* made = std::get_if<DefValType>(&def.def)) {
      each_type(*made, [&](ValType part) { add(part, user, seen, out); });
      if (const auto* own = std::get_if<component::Own>(made)) add(own->resource, user, seen, out);
      if (const auto* borrow = std::get_if<component::Borrow>(made))
        add(borrow->resource, user, seen, out);
    }
  }

  const Packages& packages_;
  std::vector<std::uint32_t> ranks_;
};

/// What the binary of a package repeats: each interface is there with all that it uses, or with its
/// slice of that, and each world with all of its interfaces. A chain of n interfaces, each using
/// the one before, comes to n² of them in the first form.
class Repetition {
 public:
  explicit Repetition(const Packages& packages, const Slicer* slicer = nullptr)
      : packages_(packages), slicer_(slicer), seen_(packages.interfaces.size(), false) {
    for (std::size_t i = 0; i < packages.interfaces.size(); ++i)
      most_ += times_once * whole(InterfaceIdx(i));
  }

  Result<void> package(PackageIdx idx) {
    const Package& p = packages_.packages[idx];
    for (const auto& [name, interface] : p.interfaces) TENON_TRY(needs(name, interface));
    for (const auto& [name, world] : p.worlds) {
      const World& w = packages_.worlds[world];
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          const auto* interface = std::get_if<InterfaceIdx>(&item.item);
          if (interface != nullptr) TENON_TRY(item_of_world(*interface, name));
        }
      }
    }
    return {};
  }

 private:
  /// Beside 4 MiB, so many times what all interfaces take when each is written once.
  static constexpr std::uint64_t times_once = 4;

  Result<void> needs(std::string_view name, InterfaceIdx interface) {
    if (slicer_ == nullptr) {
      for (const InterfaceIdx needed : all_needs(packages_, interface))
        TENON_TRY(add(types(needed), name));
      return {};
    }
    for (const auto& [owner, needed] : slicer_->of(interface).types) {
      std::uint64_t bytes = text(packages_.id_of(owner).value_or(""));
      for (const TypeIdx idx : needed) bytes += type(packages_.types[idx]);
      TENON_TRY(add(bytes, name));
    }
    return {};
  }

  Result<void> item_of_world(InterfaceIdx interface, std::string_view world) {
    if (seen_[interface.value]) return add(whole(interface), world);
    seen_[interface.value] = true;
    return {};
  }

  Result<void> add(std::uint64_t bytes, std::string_view name) {
    bytes_ += bytes;
    if (bytes_ <= most_) return {};
    return std::unexpected(
        Error(rules::too_large, Span::none(),
              fmt::format("the binary of the package up to `{}` repeats {} bytes and more of what "
                          "interfaces use, at most {} are taken",
                          name, bytes_, most_))
            .help("`use` a type from the interface that defines it, not from one that uses it"));
  }

  /// About as many bytes as the binary takes; names count most.
  std::uint64_t types(InterfaceIdx interface) {
    auto& [known, bytes] = types_[interface];
    if (known) return bytes;
    known = true;
    bytes = text(packages_.id_of(interface).value_or(""));
    for (const auto& [name, idx] : packages_.interfaces[interface].types)
      bytes += type(packages_.types[idx]);
    return bytes;
  }
  static std::uint64_t type(const TypeDef& def) {
    std::uint64_t bytes = text(def.name.value_or(""));
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) return bytes;
    each_label(*made, [&](std::size_t, const std::string& label) { bytes += text(label); });
    each_type(*made, [&](ValType) { ++bytes; });
    return bytes;
  }
  std::uint64_t whole(InterfaceIdx interface) {
    std::uint64_t out = types(interface);
    for (const Function& f : packages_.interfaces[interface].functions) out += function(f);
    return out;
  }
  static std::uint64_t function(const Function& f) {
    std::uint64_t out = text(f.name);
    for (const Param& param : f.params) out += text(param.name);
    return out;
  }
  static std::uint64_t text(std::string_view text) {
    constexpr std::uint64_t beside = 12;  // lengths, indices, the definition's head
    return text.size() + beside;
  }

  const Packages& packages_;
  const Slicer* slicer_;
  std::vector<bool> seen_;
  std::unordered_map<InterfaceIdx, std::pair<bool, std::uint64_t>> types_;
  std::uint64_t bytes_ = 0;
  std::uint64_t most_ = 4ULL << 20;
};

/// What an interface or a world needs stands as so many instances in one component type.
Result<void> within_instances(std::size_t count, std::string_view what, std::string_view name) {
  constexpr std::size_t most = component::limits::instances;
  if (count <= most) return {};
  return std::unexpected(
      Error(rules::too_large, Span::none(),
            fmt::format("the {} `{}` and what it uses come to {} interfaces, at most {} can stand "
                        "in one component",
                        what, name, count, most))
          .help("`use` a type from the interface that defines it, not from one that uses it"));
}

/// Writes one component type: interfaces as instances, aliases between them.
class Encoder {
 public:
  explicit Encoder(const Packages& packages, const Slicer* slicer = nullptr)
      : packages_(packages), slicer_(slicer) {}

  /// The declarations made so far.
  component::ComponentType take() { return {std::move(outer_.decls)}; }

  /// An error when it needs too many others.
  Result<void> interface_type(InterfaceIdx interface);
  void world(WorldIdx world);

 private:
  enum class Naming : std::uint8_t { export_, import_ };

  std::uint32_t instance_type(InterfaceIdx interface, bool types_only);
  std::uint32_t slice_type(InterfaceIdx interface, const std::vector<TypeIdx>& types);
  void import_types(InterfaceIdx interface, std::uint32_t type);
  void begin(Decls& decls, InterfaceIdx interface);
  std::uint32_t end(Decls decls);
  void world_item(const WorldItem& item, bool is_import);
  std::uint32_t func_type(const Function& func);
  ValType val_type(ValType type);
  std::uint32_t type(TypeIdx idx);
  std::uint32_t foreign(InterfaceIdx owner, TypeIdx idx);
  std::uint32_t define(const TypeDef& def);
  DefValType translate(const DefValType& def);
  std::uint32_t name_type(const TypeDef& def, ExternType type);

  const Packages& packages_;
  const Slicer* slicer_;
  bool in_slice_ = false;
  Decls outer_;
  /// Set while an instance type is written.
  Decls* inner_ = nullptr;
  std::optional<InterfaceIdx> interface_;
  Naming naming_ = Naming::import_;
  /// The instance in `outer_` that stands for an interface.
  std::unordered_map<InterfaceIdx, std::uint32_t> instances_;
  /// Its types, once aliased: (instance, type) to the index in `outer_`.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> aliased_;

  Decls& here() { return inner_ != nullptr ? *inner_ : outer_; }
};

void Encoder::import_types(InterfaceIdx interface, std::uint32_t type) {
  outer_.decls.emplace_back(component::ImportDecl{plain(packages_.id_of(interface).value_or("")),
                                                  of_kind(ExternKind::instance, type)});
  instances_[interface] = outer_.instances++;
}

Result<void> Encoder::interface_type(InterfaceIdx interface) {
  const std::string_view name = *packages_.interfaces[interface].name;
  if (slicer_ != nullptr) {
    const Slice slice = slicer_->of(interface);
    TENON_TRY(within_instances(slice.interfaces.size() + 1, "interface", name));
    for (const InterfaceIdx needed : slice.interfaces)
      import_types(needed, slice_type(needed, slice.types.at(needed)));
  } else {
    const auto needs = all_needs(packages_, interface);
    TENON_TRY(within_instances(needs.size() + 1, "interface", name));
    for (const InterfaceIdx needed : needs) import_types(needed, instance_type(needed, true));
  }
  const std::uint32_t type = instance_type(interface, false);
  outer_.decls.emplace_back(component::ExportDecl{plain(packages_.id_of(interface).value_or("")),
                                                  of_kind(ExternKind::instance, type)});
  return {};
}

void Encoder::begin(Decls& decls, InterfaceIdx interface) {
  inner_ = &decls;
  interface_ = interface;
  naming_ = Naming::export_;
}

std::uint32_t Encoder::end(Decls decls) {
  inner_ = nullptr;
  interface_.reset();
  return outer_.type({component::InstanceType{std::move(decls.decls)}});
}

/// An instance type of some types, each alias being one of what it stands for in the end.
std::uint32_t Encoder::slice_type(InterfaceIdx interface, const std::vector<TypeIdx>& types) {
  Decls decls;
  begin(decls, interface);
  in_slice_ = true;
  for (const TypeIdx idx : types) type(idx);
  in_slice_ = false;
  return end(std::move(decls));
}

/// An instance type; with `types_only` as others need it.
std::uint32_t Encoder::instance_type(InterfaceIdx interface, bool types_only) {
  Decls decls;
  begin(decls, interface);
  const Interface& i = packages_.interfaces[interface];
  for (const auto& [name, idx] : i.types) type(idx);
  if (!types_only) {
    // Functions of a resource are in the order of the resources, before the free ones: as they
    // come back when the binary is printed and read again.
    std::vector<const Function*> order;
    const auto of_resources = functions_by_resource(i.functions);
    for (const auto& [name, idx] : i.types) {
      if (const auto it = of_resources.find(idx); it != of_resources.end())
        order.insert(order.end(), it->second.begin(), it->second.end());
    }
    for (const Function& f : i.functions) {
      if (f.kind == FuncKind::freestanding) order.push_back(&f);
    }
    for (const Function* f : order) {
      const std::uint32_t idx = func_type(*f);
      decls.decls.emplace_back(
          component::ExportDecl{named(f->name, f->info), of_kind(ExternKind::func, idx)});
    }
  }
  return end(std::move(decls));
}

void Encoder::world(WorldIdx world) {
  const World& w = packages_.worlds[world];
  // Instances first, then types, then functions: a type may come from an instance, a function needs
  // types.
  for (const bool instances : {true, false}) {
    for (const WorldItem& item : w.imports) {
      if (std::holds_alternative<InterfaceIdx>(item.item) == instances) world_item(item, true);
    }
    if (instances) {
      for (const WorldItem& item : w.imports) {
        if (const auto* idx = std::get_if<TypeIdx>(&item.item)) {
          naming_ = Naming::import_;
          type(*idx);
        }
      }
    }
  }
  for (const WorldItem& item : w.exports) world_item(item, false);
}

void Encoder::world_item(const WorldItem& item, bool is_import) {
  ExternType type;
  if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) {
    type = of_kind(ExternKind::instance, instance_type(*interface, false));
    const bool is_id = !item.implements && packages_.interfaces[*interface].name.has_value();
    if (is_id) instances_[*interface] = outer_.instances;
    ++outer_.instances;
  } else if (const auto* func = std::get_if<Function>(&item.item)) {
    naming_ = Naming::import_;
    type = of_kind(ExternKind::func, func_type(*func));
  } else {
    return;  // types have been named before
  }
  if (is_import) {
    outer_.decls.emplace_back(component::ImportDecl{named(packages_, item), type});
  } else {
    outer_.decls.emplace_back(component::ExportDecl{named(packages_, item), type});
  }
}

std::uint32_t Encoder::func_type(const Function& func) {
  component::FuncType out;
  out.async_ = func.async_;
  for (const Param& param : func.params) out.params.push_back({param.name, val_type(param.type)});
  if (func.result) out.result = val_type(*func.result);
  return here().type({std::move(out)});
}

ValType Encoder::val_type(ValType t) {
  if (t.is_prim()) return t;
  return TypeIdx(type(t.index()));
}

/// The index of a type in the declarations under way; defines or aliases it first.
std::uint32_t Encoder::type(TypeIdx idx) {
  Decls& decls = here();
  if (const auto it = decls.known.find(idx); it != decls.known.end()) return it->second;
  const TypeDef& def = packages_.types[idx];
  const auto* owner = std::get_if<InterfaceIdx>(&def.owner);
  std::uint32_t out = 0;
  if (owner != nullptr && def.name && (inner_ == nullptr || *owner != *interface_)) {
    // Not kept in `known` of `outer_`: another instance may stand for the interface later.
    out = foreign(*owner, idx);
    if (inner_ == nullptr) return out;
    Alias alias;
    alias.target = Alias::Target::outer;
    alias.sort = {SortKind::type, {}};
    alias.instance_or_count = 1;
    alias.idx = out;
    out = decls.alias(std::move(alias));
  } else {
    out = define(def);
  }
  decls.known[idx] = out;
  return out;
}

/// The alias in `outer_` of another interface's type.
std::uint32_t Encoder::foreign(InterfaceIdx owner, TypeIdx idx) {
  const auto instance = instances_.find(owner);
  assert(instance != instances_.end() && "an interface that is used is imported first");
  const auto key = std::pair(instance->second, idx.value);
  if (const auto it = aliased_.find(key); it != aliased_.end()) return it->second;
  Alias alias;
  alias.target = Alias::Target::export_;
  alias.sort = {SortKind::type, {}};
  alias.instance_or_count = instance->second;
  alias.name = *packages_.types[idx].name;
  const std::uint32_t out = outer_.alias(std::move(alias));
  aliased_.emplace(key, out);
  return out;
}

std::uint32_t Encoder::define(const TypeDef& def) {
  if (std::holds_alternative<Resource>(def.def)) return name_type(def, type_resource());
  if (const auto* alias = std::get_if<TypeAlias>(&def.def)) {
    const ValType target = in_slice_ ? packages_.resolve_alias(alias->target) : alias->target;
    const std::uint32_t idx =
        target.is_prim() ? here().type({DefValType(target.prim())}) : type(target.index());
    return name_type(def, type_eq(idx));
  }
  DefValType made = translate(std::get<DefValType>(def.def));
  const std::uint32_t idx = here().type({std::move(made)});
  return def.name ? name_type(def, type_eq(idx)) : idx;
}

/// Gives a type its name: an export of the instance, an import of the world.
std::uint32_t Encoder::name_type(const TypeDef& def, ExternType type) {
  Decls& decls = here();
  ExternName name = named(def.name.value_or(""), def.info);
  if (naming_ == Naming::export_) {
    decls.decls.emplace_back(component::ExportDecl{std::move(name), type});
  } else {
    decls.decls.emplace_back(component::ImportDecl{std::move(name), type});
  }
  return decls.types++;
}

DefValType Encoder::translate(const DefValType& def) {
  TypeDef out;
  out.def = def;
  map_types(out, [&](ValType t) { return val_type(t); });
  return std::get<DefValType>(std::move(out.def));
}

void add_exported_type(component::Component& out, std::uint32_t& types, const std::string& name,
                       component::ComponentType type) {
  out.definitions.push_back({component::Type{std::move(type)}, Span::none()});
  const component::SortIdx item{{SortKind::type, {}}, types++};
  out.definitions.push_back({component::Export{plain(name), item, std::nullopt}, Span::none()});
  ++types;  // an export has an index of its own
}

/// The world's type below its id, as packages and sections hold it.
component::ComponentType wrapped_world(const Packages& packages, WorldIdx world) {
  component::ComponentType wrapper;
  wrapper.decls.emplace_back(component::Type{world_type(packages, world)});
  wrapper.decls.emplace_back(
      component::ExportDecl{plain(packages.id_of(world)), of_kind(ExternKind::component, 0)});
  return wrapper;
}

}  // namespace

component::ComponentType world_type(const Packages& packages, WorldIdx world) {
  Encoder encoder(packages);
  encoder.world(world);
  return encoder.take();
}

/// Each interface and world is encoded by itself, so that no more than one of them is in memory
/// as a structure, which takes ten times its bytes and more. Where that would repeat too much, an
/// interface is there with a slice of what it uses, and after all that it uses: who reads it then
/// knows the aliases between from the interfaces themselves.
Result<std::vector<std::uint8_t>> encode_package(const Packages& packages, PackageIdx package) {
  for (const auto& [name, world] : packages.packages[package].worlds)
    TENON_TRY(check_instances(packages, world));
  std::optional<Slicer> slicer;
  if (!Repetition(packages).package(package)) {
    slicer.emplace(packages);
    TENON_TRY(Repetition(packages, &*slicer).package(package));
  }
  std::vector<std::uint8_t> out = component::encode({});
  const std::size_t head = out.size();
  const auto append = [&](const component::Component& part) {
    const std::vector<std::uint8_t> bytes = component::encode(part);
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(head), bytes.end());
  };
  std::uint32_t types = 0;
  const auto add = [&](const std::string& name, component::ComponentType type) {
    component::Component part;
    add_exported_type(part, types, name, std::move(type));
    append(part);
  };
  const Package& p = packages.packages[package];
  auto interfaces = p.interfaces;
  if (slicer)
    std::ranges::sort(interfaces, {}, [&](const auto& i) { return slicer->rank(i.second); });
  for (const auto& [name, interface] : interfaces) {
    Encoder encoder(packages, slicer ? &*slicer : nullptr);
    TENON_TRY(encoder.interface_type(interface));
    add(name, encoder.take());
  }
  for (const auto& [name, world] : p.worlds) add(name, wrapped_world(packages, world));
  component::Component last;
  component::Custom docs;
  docs.name = package_docs_section;
  docs.content = encode_package_docs(packages, package);
  last.definitions.push_back({std::move(docs), Span::none()});
  append(last);
  return out;
}

Result<void> check_instances(const Packages& packages, WorldIdx world) {
  const World& w = packages.worlds[world];
  std::size_t count = 0;
  for (const auto* items : {&w.imports, &w.exports}) {
    for (const WorldItem& item : *items)
      count += std::holds_alternative<InterfaceIdx>(item.item) ? 1 : 0;
  }
  return within_instances(count, "world", w.name);
}

component::Component world_component(const Packages& packages, WorldIdx world) {
  component::Component out;
  std::uint32_t types = 0;
  add_exported_type(out, types, packages.worlds[world].name, wrapped_world(packages, world));
  return out;
}

}  // namespace tenon::wit

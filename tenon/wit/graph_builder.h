// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "tenon/wit/from_component.h"

namespace tenon::wit {

/// Adds interfaces to a graph by their names in a binary: each id once, each type and function of
/// it once.
class GraphBuilder {
 public:
  explicit GraphBuilder(Packages& packages) : out_(packages) {}

  PackageIdx package(const PackageName& name);
  /// The interface of that id, made when it is not there yet; nothing when the id is none.
  std::optional<InterfaceIdx> interface(std::string_view id);
  /// An interface without a name, for a world of this package.
  InterfaceIdx inline_interface(PackageIdx package);
  WorldIdx world(const ItemId& id);

  /// A type that has no name.
  ValType anonymous(DefValType def);
  /// A named type of an interface or world that stands for `target`: a structure without a name
  /// gets a name of its own, anything else an alias.
  TypeIdx name_type(std::string_view name, TypeOwner owner, ValType target);
  TypeIdx resource(std::string_view name, TypeOwner owner);

  /// The type of that name that the interface has already.
  [[nodiscard]] std::optional<TypeIdx> find_type(InterfaceIdx interface,
                                                 std::string_view name) const;
  void add_type(InterfaceIdx interface, std::string_view name, TypeIdx type);
  void add_function(InterfaceIdx interface, Function function);

  /// A binary shares types by their indices, and a graph has them where they are used: charges for
  /// one that is written out once more. An error beyond 8 MiB.
  [[nodiscard]] Result<void> repeat(std::size_t bytes);
  /// The same where `what`, told by its address, was written out before; `bytes()` is asked only
  /// then.
  template <class Bytes>
  [[nodiscard]] Result<void> write_out(const void* what, const Bytes& bytes) {
    if (written_.insert(what).second) return {};
    return repeat(bytes());
  }

  [[nodiscard]] Packages& graph() { return out_; }

 private:
  TypeIdx push(TypeDef def) { return out_.types.push_back(std::move(def)); }

  Packages& out_;
  std::size_t repeated_ = 0;
  std::unordered_set<const void*> written_;
  std::map<std::string, PackageIdx, std::less<>> packages_;
  std::map<std::string, InterfaceIdx, std::less<>> interfaces_;
  /// The types and functions of interfaces by name.
  std::map<std::uint32_t, std::map<std::string, TypeIdx, std::less<>>> types_;
  std::map<std::uint32_t, std::set<std::string>> functions_;
};

/// Replaces each type that a definition names, the resource of a handle too, by `map(type)`.
template <class Map>
void map_types(TypeDef& def, const Map& map) {
  if (auto* alias = std::get_if<TypeAlias>(&def.def))
    *alias = TypeAlias(map(alias->target), map(alias->root));
  auto* made = std::get_if<DefValType>(&def.def);
  if (made == nullptr) return;
  const auto maybe = [&](std::optional<ValType>& t) {
    if (t) t = map(*t);
  };
  std::visit(overloaded{
                 [&](component::Record& t) {
                   for (auto& field : t.fields) field.type = map(field.type);
                 },
                 [&](component::Variant& t) {
                   for (auto& c : t.cases) maybe(c.type);
                 },
                 [&](component::Tuple& t) {
                   for (ValType& type : t.types) type = map(type);
                 },
                 [&](component::List& t) { t.elem = map(t.elem); },
                 [&](component::Option& t) { t.type = map(t.type); },
                 [&](component::ResultType& t) {
                   maybe(t.ok);
                   maybe(t.err);
                 },
                 [&](component::Own& t) { t.resource = map(t.resource).index(); },
                 [&](component::Borrow& t) { t.resource = map(t.resource).index(); },
                 [&](component::Stream& t) { maybe(t.type); },
                 [&](component::Future& t) { maybe(t.type); },
                 [&](component::Map& t) {
                   t.key = map(t.key);
                   t.value = map(t.value);
                 },
                 [](auto&) {},
             },
             *made);
}

/// What the labels and parts of a structure, or the parameters of a function, come to where they
/// are written out once more; for `GraphBuilder::repeat`.
[[nodiscard]] std::size_t text_size(const DefValType& def);
[[nodiscard]] std::size_t text_size(const std::vector<component::LabelValType>& params);

/// Kind and resource's name of `[method]r.m` and its like.
struct FunctionName {
  FuncKind kind = FuncKind::freestanding;
  Accessor accessor = Accessor::none;
  std::string_view resource;
};
[[nodiscard]] FunctionName parse_function_name(std::string_view name);

/// Gives each type that an interface or world names, and that belongs to another, a `use` of its
/// own. An error when its owner has no name to use it by. The last step of building a graph.
[[nodiscard]] Result<void> use_foreign_types(GraphBuilder& graph);

/// Numbers types again so that what a type is made of is before it.
void put_parts_first(Packages& packages);

/// Whether every name is one that WIT can write, after a graph was made of a binary. O(n).
[[nodiscard]] Result<void> check_names(const Packages& packages);

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/index.h"
#include "tenon/base/shared_text.h"
#include "tenon/component/types.h"
#include "tenon/types/externname.h"

namespace tenon::wit {

struct PackageIdx : Index<PackageIdx> {
  using Index::Index;
};
struct InterfaceIdx : Index<InterfaceIdx> {
  using Index::Index;
};
struct WorldIdx : Index<WorldIdx> {
  using Index::Index;
};
/// Types share the index type of `component`, so that `DefValType` is the one type system.
using TypeIdx = component::TypeIdx;
using component::DefValType;
using component::ValType;
using types::Accessor;

/// `ns:name@1.2.3`.
struct PackageName {
  std::string ns;
  std::string name;
  /// A full semantic version, as text.
  std::optional<std::string> version;

  [[nodiscard]] std::string to_string() const;
  /// `ns:name/item@1.2.3`, the name of an interface or world in binaries.
  [[nodiscard]] std::string item_id(std::string_view item) const;
  friend bool operator==(const PackageName&, const PackageName&) = default;
  /// Some order, for look-ups; not that of versions.
  friend auto operator<=>(const PackageName&, const PackageName&) = default;
};

/// What the gates of an item say. Spec: WIT.md "Feature Gates".
struct Stability {
  SharedText since;
  SharedText unstable_feature;
  SharedText deprecated;
};

/// What every named item has.
struct ItemInfo {
  /// Text of the doc comments, without their marks, lines joined by "\n".
  SharedText docs;
  Stability stability;
  SharedText external_id;
  /// The item's name in the source (Span::none() when it came from a binary).
  Span span = Span::none();
};

/// `resource r`.
struct Resource {};
/// `type a = b`, or a `use` of another interface's type: the same type under a new name.
struct TypeAlias {
  explicit TypeAlias(ValType to) : target(to), root(to) {}
  TypeAlias(ValType to, ValType end) : target(to), root(end) {}

  ValType target;
  /// What `target` stands for, or an alias on the way there: a chain of aliases is not walked again
  /// by each that asks.
  ValType root;
};

/// Where a type was defined. Anonymous types (`list<u8>` in a signature) have no owner.
using TypeOwner = std::variant<std::monostate, InterfaceIdx, WorldIdx>;

struct TypeDef {
  std::optional<std::string> name;
  std::variant<DefValType, TypeAlias, Resource> def;
  TypeOwner owner;
  ItemInfo info;
  /// Docs of fields, cases or flags, in their order; empty or as long as they are.
  std::vector<SharedText> member_docs;
  /// Spans of their names, likewise.
  std::vector<Span> member_spans;
  /// It came in by `use` (then `def` is an alias of a type with another owner).
  bool used = false;
};

struct Param {
  std::string name;
  ValType type;
  Span span = Span::none();
};

enum class FuncKind : std::uint8_t { freestanding, method, static_, constructor };

struct Function {
  /// The name of the ABI: `add`, `[method]canvas.width`, `[constructor]canvas`, `[get]size`,
  /// `[static][set]canvas.scale`.
  std::string name;
  FuncKind kind = FuncKind::freestanding;
  /// Whether it reads or writes the property of its name.
  Accessor accessor = Accessor::none;
  /// The resource of a method, static function or constructor.
  TypeIdx resource;
  bool async_ = false;
  /// A method's first parameter is `self: borrow<resource>`.
  std::vector<Param> params;
  std::optional<ValType> result;
  ItemInfo info;

  /// The part after the resource: `width` of `[method]canvas.width` and of `[get]width`; the
  /// resource's name for a constructor.
  [[nodiscard]] std::string_view item_name() const;
  /// The resource's name of a method, static function or constructor.
  [[nodiscard]] std::string_view resource_name() const;
  /// `item_name` in languages without accessors: the setter of `width` is `set-width`.
  [[nodiscard]] std::string plain_name() const;
};

/// What follows the annotations: `canvas.width` of `[method][get]canvas.width`.
[[nodiscard]] std::string_view unannotated(std::string_view name);
/// `[get]` or `[set]`, or nothing.
[[nodiscard]] std::string_view annotation(Accessor accessor);
/// `get` or `set`, or `func`: the word of a function's type.
[[nodiscard]] std::string_view keyword(Accessor accessor);

struct Interface {
  /// Nothing for an inline interface of a world item.
  std::optional<std::string> name;
  PackageIdx package;
  /// In the order of their definition, `use`d ones included.
  std::vector<std::pair<std::string, TypeIdx>> types;
  std::vector<Function> functions;
  ItemInfo info;
};

/// One import or export of a world.
struct WorldItem {
  /// The name in the component: `ns:pkg/iface@1.0.0` for an interface named by its path, otherwise
  /// the plain name.
  std::string name;
  std::variant<InterfaceIdx, Function, TypeIdx> item;
  /// `import x: ns:pkg/iface`: a plain name that implements an interface.
  bool implements = false;
  /// An import that nobody wrote: an interface that another one `use`s. Spec: WIT.md "Elaboration".
  bool implicit = false;
  ItemInfo info;
};

struct World {
  std::string name;
  PackageIdx package;
  std::vector<WorldItem> imports;
  std::vector<WorldItem> exports;
  ItemInfo info;
};

struct Package {
  PackageName name;
  ItemInfo info;
  std::vector<std::pair<std::string, InterfaceIdx>> interfaces;
  std::vector<std::pair<std::string, WorldIdx>> worlds;
};

/// The resolved graph: the one input of everything after WIT. Packages are in topological order,
/// a package after those that it needs; so do types and interfaces.
struct Packages {
  IndexVector<TypeIdx, TypeDef> types;
  IndexVector<InterfaceIdx, Interface> interfaces;
  IndexVector<WorldIdx, World> worlds;
  IndexVector<PackageIdx, Package> packages;
  /// The packages that the input itself defined (the first is the main one), not its dependencies.
  std::vector<PackageIdx> roots;

  /// An alias of a type of this graph.
  [[nodiscard]] TypeAlias alias_of(ValType target) const;
  /// Follows aliases to the type that they stand for. O(1) for those that `alias_of` made.
  [[nodiscard]] ValType resolve_alias(ValType type) const;
  [[nodiscard]] TypeIdx resolve_alias(TypeIdx type) const;
  /// `ns:pkg/iface@1.0.0`; nothing for an inline interface.
  [[nodiscard]] std::optional<std::string> id_of(InterfaceIdx interface) const;
  [[nodiscard]] std::string id_of(WorldIdx world) const;
};

/// The world that a user means: by `name`, by `ns:pkg/name` or `ns:pkg/name@version`, or the only
/// one of the root packages. The error lists those there are with the flag to pass. Spec: WIT.md
/// "Specifying a World".
[[nodiscard]] Result<WorldIdx> select_world(const Packages& packages,
                                            std::optional<std::string_view> wanted);

/// Methods, static functions and constructors by their resource, each list in order.
[[nodiscard]] std::unordered_map<TypeIdx, std::vector<const Function*>> functions_by_resource(
    const std::vector<Function>& functions);

/// The interfaces whose types this one `use`s, each once, in their order.
[[nodiscard]] std::vector<InterfaceIdx> interface_needs(const Packages& packages,
                                                        InterfaceIdx interface);

/// Calls `visit(index, label)` for each field, case or flag of a structure that has names inside.
template <class Visit>
void each_label(const DefValType& def, Visit visit) {
  std::visit(
      [&]<class T>(const T& t) {
        if constexpr (std::is_same_v<T, component::Record>) {
          for (std::size_t i = 0; i < t.fields.size(); ++i) visit(i, t.fields[i].label);
        } else if constexpr (std::is_same_v<T, component::Variant>) {
          for (std::size_t i = 0; i < t.cases.size(); ++i) visit(i, t.cases[i].label);
        } else if constexpr (std::is_same_v<T, component::Flags> ||
                             std::is_same_v<T, component::Enum>) {
          for (std::size_t i = 0; i < t.labels.size(); ++i) visit(i, t.labels[i]);
        }
      },
      def);
}

/// Calls `visit(ValType)` for each type that a structure directly contains (not for the resource of
/// a handle).
template <class Visit>
void each_type(const DefValType& def, Visit visit) {
  std::visit(
      [&]<class T>(const T& t) {
        if constexpr (std::is_same_v<T, component::Record>) {
          for (const auto& field : t.fields) visit(field.type);
        } else if constexpr (std::is_same_v<T, component::Variant>) {
          for (const auto& c : t.cases) {
            if (c.type) visit(*c.type);
          }
        } else if constexpr (std::is_same_v<T, component::Tuple>) {
          for (const ValType type : t.types) visit(type);
        } else if constexpr (std::is_same_v<T, component::List>) {
          visit(t.elem);
        } else if constexpr (std::is_same_v<T, component::Option>) {
          visit(t.type);
        } else if constexpr (std::is_same_v<T, component::ResultType>) {
          if (t.ok) visit(*t.ok);
          if (t.err) visit(*t.err);
        } else if constexpr (std::is_same_v<T, component::Stream> ||
                             std::is_same_v<T, component::Future>) {
          if (t.type) visit(*t.type);
        } else if constexpr (std::is_same_v<T, component::Map>) {
          visit(t.key);
          visit(t.value);
        }
      },
      def);
}

}  // namespace tenon::wit

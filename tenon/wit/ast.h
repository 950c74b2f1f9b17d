// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/component/types.h"
#include "tenon/wit/package.h"

/// What a WIT file says, before any name is looked up. Spec: WIT.md, production by production.
namespace tenon::wit::ast {

/// A name as the ABI sees it (without `%`) and where it is.
/// It is a view of the file's text, which must outlive the tree.
struct Name {
  std::string_view text;
  Span span = Span::none();
};

/// `a`, or `ns:pkg/a@1.0.0`.
struct UsePath {
  /// Without it the name is looked up in the file and its package.
  std::optional<PackageName> package;
  Name name;
  Span span;
};

/// Doc comments, gates and the external id before an item.
struct Attributes {
  ItemInfo info;
  /// Where the gates are, for messages.
  Span gates = Span::none();
};

struct Type {
  enum class Kind : std::uint8_t {
    prim,
    name,
    list,
    fixed_list,
    map,
    option,
    result,
    tuple,
    own,
    borrow,
    stream,
    future,
  };
  Kind kind = Kind::prim;
  component::PrimValType prim = component::PrimValType::bool_;
  Name name;               // name, own, borrow
  std::vector<Type> args;  // list…future; result: ok and err, see below
  bool has_ok = false;     // result
  bool has_err = false;
  std::uint32_t length = 0;  // fixed_list
  Span span;
};

struct Param {
  Name name;
  Type type;
};

struct Func {
  Attributes attributes;
  Name name;
  FuncKind kind = FuncKind::freestanding;
  Accessor accessor = Accessor::none;
  /// `get` or `set`, for messages.
  Span keyword = Span::none();
  bool async_ = false;
  std::vector<Param> params;
  /// Where the parameters end.
  std::uint32_t params_end = 0;
  std::optional<Type> result;
};

struct Member {
  SharedText docs;
  Name name;
  std::optional<Type> type;
};

struct TypeDecl {
  enum class Kind : std::uint8_t { alias, record, variant, enum_, flags, resource };
  Attributes attributes;
  Kind kind = Kind::alias;
  Name name;
  Type alias;
  std::vector<Member> members;
  std::vector<Func> methods;
};

struct UseName {
  Name name;
  std::optional<Name> as;
  [[nodiscard]] const Name& local() const { return as ? *as : name; }
};
/// `use path.{a, b as c};` in an interface or world.
struct Use {
  Attributes attributes;
  UsePath path;
  std::vector<UseName> names;
};

struct Rename {
  Name from;
  Name to;
};
struct Include {
  Attributes attributes;
  UsePath path;
  std::vector<Rename> with;
};

using InterfaceItem = std::variant<Use, TypeDecl, Func>;
struct Interface {
  Attributes attributes;
  Name name;
  std::vector<InterfaceItem> items;
  /// Something in it was not understood: a name that is missing may be there.
  bool partial = false;
};

/// One import or export: `path;`, `name: func…;`, `name: interface { … }`, `name: path;`.
struct Extern {
  Attributes attributes;
  bool is_import = true;
  /// Absent for a bare path.
  std::optional<Name> name;
  std::variant<UsePath, Func, Interface> what;
  Span span;
};

using WorldItem = std::variant<Extern, Use, TypeDecl, Include>;
struct World {
  Attributes attributes;
  Name name;
  std::vector<WorldItem> items;
  bool partial = false;
};

/// `use path as name;` at the top of a file.
struct TopUse {
  Attributes attributes;
  UsePath path;
  std::optional<Name> as;
};

struct PackageDecl {
  Attributes attributes;
  PackageName name;
  Span span;
  /// Its version is no version.
  bool partial = false;
};

using PackageItem = std::variant<TopUse, Interface, World>;
struct NestedPackage {
  PackageDecl decl;
  std::vector<PackageItem> items;
  bool partial = false;
};

/// A name of a type in older drafts, and how it would be fixed where it is. It is fixed when
/// nothing has the name.
struct OldType {
  Span where;
  Fix mend;
};

struct File {
  std::uint32_t source = 0;
  std::vector<OldType> old_types;
  std::optional<PackageDecl> package;
  std::vector<PackageItem> items;
  std::vector<NestedPackage> nested;
  /// An item was lost to an error, or the package's name.
  bool partial = false;
};

}  // namespace tenon::wit::ast

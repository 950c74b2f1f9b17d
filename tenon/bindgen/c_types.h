// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/emit.h"
#include "tenon/bindgen/names.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// The C vocabulary of a world: every type gets a name, anonymous ones too, and is defined once,
/// after what it consists of. On wasm32 each structure lies in memory as the ABI wants it; the
/// header asserts it.
class CTypes {
 public:
  CTypes(const WorldPlan& plan, component::StringEncoding encoding);

  [[nodiscard]] const std::string& world() const { return world_; }
  /// `exports_ns_pkg_iface_`, the prefix of a module's items.
  [[nodiscard]] const std::string& prefix(ModuleIdx module) const { return prefixes_[module]; }
  /// The type's C name; defines it when it is new.
  std::string type(ValType type, ModuleIdx from);
  /// Member names of a record, variant, enum or flags type.
  [[nodiscard]] std::vector<std::string> members(ValType type) const;
  /// Numbers, enums, flags and handles are passed by value.
  [[nodiscard]] bool by_value(ValType type) const;
  /// A name at global scope that nothing else has.
  std::string take(std::string wanted) { return scope_.take(std::move(wanted)); }
  /// Whether values must be freed: memory or owned handles.
  [[nodiscard]] bool needs_free(ValType type) const;
  /// The statement that frees what `*place` owns.
  std::string free_call(ValType type, ModuleIdx from, std::string_view place);
  /// Handles of a resource.
  [[nodiscard]] std::string own(TypeIdx resource, ModuleIdx from) const;
  [[nodiscard]] std::string borrow(TypeIdx resource, ModuleIdx from) const;
  /// `canvas` with its module's prefix.
  [[nodiscard]] std::string resource(TypeIdx resource, ModuleIdx from) const;
  /// `borrow_canvas` with its module's prefix: the function that lends what is owned.
  [[nodiscard]] std::string lend(TypeIdx resource, ModuleIdx from) const;
  /// Defines the types of all modules: handles first, which any structure may hold.
  void define_all();
  /// The typedefs, in order; the declarations of `_free`; their definitions.
  [[nodiscard]] const std::string& definitions() const { return defs_.text(); }
  [[nodiscard]] const std::string& frees() const { return frees_.text(); }
  [[nodiscard]] const std::string& free_bodies() const { return bodies_.text(); }

 private:
  /// A resource's names: of the object's structure, the handles, and what the functions begin with.
  struct HandleNames {
    std::string base;
    std::string own;
    std::string borrow;
  };

  void name_modules();
  void name_resources();
  void define_handle(ModuleIdx module, const ResourcePlan& resource);
  [[nodiscard]] const HandleNames& handle(TypeIdx resource, ModuleIdx from) const;
  /// `X_free` for another name of a type whose values must be freed.
  void define_alias_free(ValType target, ModuleIdx from, const std::string& name);
  std::string define(TypeIdx type, ModuleIdx from, std::string name);
  std::string anonymous_name(TypeIdx type, ModuleIdx from);
  /// A word for the type inside the name of another: `string`, `point`.
  std::string short_name(ValType type, ModuleIdx from);
  /// Tells structures apart: the names of the parts, spelt out.
  std::string signature(TypeIdx type, ModuleIdx from);
  void define_constants(const wit::TypeDef& def, const std::vector<std::string>& labels,
                        std::string_view name, bool bits);
  void define_structure(TypeIdx type, ModuleIdx from, const std::string& name);
  /// The structure of a map's entries.
  std::string define_entry(const component::Map& map, ModuleIdx from, const std::string& name);
  void define_free(TypeIdx type, ModuleIdx from, const std::string& name);
  void free_list(ValType elem, ModuleIdx from, std::string_view element_place);

  const WorldPlan& plan_;
  std::string world_;
  NameScope scope_;
  IndexVector<ModuleIdx, std::string> prefixes_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, HandleNames> handles_;
  /// Names of what is defined, by module and type.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> named_;
  std::map<std::string, std::string> anonymous_;
  /// The function that frees what a type's values own, by the type's name.
  std::map<std::string, std::string> free_names_;
  Emit defs_;
  Emit frees_;
  Emit bodies_;
};

}  // namespace tenon::bindgen

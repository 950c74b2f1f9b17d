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
  explicit CTypes(const WorldPlan& plan);

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
  std::string own(TypeIdx resource, ModuleIdx from);
  std::string borrow(TypeIdx resource, ModuleIdx from);
  /// `canvas` with its module's prefix.
  [[nodiscard]] std::string resource(TypeIdx resource, ModuleIdx from) const;
  /// Defines the named types of a module.
  void define_module(ModuleIdx module);
  /// The typedefs, in order; the declarations of `_free`; their definitions.
  [[nodiscard]] const std::string& definitions() const { return defs_.text(); }
  [[nodiscard]] const std::string& frees() const { return frees_.text(); }
  [[nodiscard]] const std::string& free_bodies() const { return bodies_.text(); }

 private:
  std::string define(TypeIdx type, ModuleIdx from, std::string name);
  std::string anonymous_name(TypeIdx type, ModuleIdx from);
  /// A word for the type inside the name of another: `string`, `point`.
  std::string short_name(ValType type, ModuleIdx from);
  /// Tells structures apart: the names of the parts, spelt out.
  std::string signature(TypeIdx type, ModuleIdx from);
  void define_constants(const wit::TypeDef& def, const std::vector<std::string>& labels,
                        std::string_view name, bool bits);
  void define_structure(TypeIdx type, ModuleIdx from, const std::string& name);
  void define_free(TypeIdx type, ModuleIdx from, const std::string& name);
  void free_list(ValType elem, ModuleIdx from, std::string_view element_place);

  const WorldPlan& plan_;
  std::string world_;
  NameScope scope_;
  IndexVector<ModuleIdx, std::string> prefixes_;
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

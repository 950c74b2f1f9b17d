// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/emit.h"
#include "tenon/bindgen/names.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// Names of one module's items in C++.
struct CppModule {
  /// `::world::exports::ns::pkg::iface`.
  std::string ns;
  /// The same as it is opened: `world::exports::ns::pkg::iface`.
  std::string path;
  /// Types by their index.
  std::unordered_map<std::uint32_t, std::string> types;
  /// Names of those that are written as `using`.
  std::unordered_set<std::string> aliases;
  /// The namespace of a variant's cases, by the variant's index.
  std::unordered_map<std::uint32_t, std::string> cases;
  /// One for each function of the plan; those of resources live in their class.
  std::vector<std::string> functions;
  /// A name for each function that is its own in the whole module.
  std::vector<std::string> flat_functions;
};

/// How handles are written, `{}` being the resource's class. Imported and exported as the guest
/// sees it.
struct HandleForms {
  std::string_view own_imported = "{}";
  std::string_view own_exported = "{}";
  std::string_view lent_imported;
  std::string_view lent_exported;
  /// A lent imported resource as a parameter of its own.
  std::string_view lent_parameter;
};

/// The C++ vocabulary of a world, shared by guests and hosts: names, and types as they are written.
class CppTypes {
 public:
  CppTypes(const WorldPlan& plan, const HandleForms& forms);

  [[nodiscard]] const WorldPlan& plan() const { return plan_; }
  /// The world's namespace.
  [[nodiscard]] const std::string& world() const { return world_; }
  [[nodiscard]] const CppModule& operator[](ModuleIdx module) const { return modules_[module]; }

  /// A type as it is held: `::std::vector<::world::ns::point>`.
  [[nodiscard]] std::string type(ValType type, ModuleIdx from) const;
  [[nodiscard]] std::string type_or(const std::optional<ValType>& type, ModuleIdx from,
                                    std::string_view none) const;
  /// A type as a function takes it that only reads: views and references.
  [[nodiscard]] std::string view(ValType type, ModuleIdx from) const;
  /// The value that a view stands for when it is lowered: the view without its reference.
  [[nodiscard]] std::string view_value(ValType type, ModuleIdx from) const;
  /// A list whose elements' memory is that of C++ objects, or a string.
  [[nodiscard]] bool is_lendable(ValType type) const;
  /// Passed by value: numbers, enums, flags.
  [[nodiscard]] bool is_scalar(ValType type) const;
  /// Written as `using`: all but resources, records, variants, enums and flags.
  [[nodiscard]] bool is_alias(TypeIdx type) const;
  /// The resource's class.
  [[nodiscard]] std::string resource(TypeIdx resource, ModuleIdx from) const;
  /// Member names of a record, variant, enum or flags type.
  [[nodiscard]] std::vector<std::string> members(TypeIdx type, ModuleIdx module) const;
  /// Names for parameters, none of them a `reserved` one or one of the C library's.
  [[nodiscard]] std::vector<std::string> params(
      const wit::Function& func, bool skip_self,
      const std::unordered_set<std::string>& reserved = {}) const;
  /// Modules in the order in which their types can be defined.
  [[nodiscard]] const std::vector<ModuleIdx>& order() const { return order_; }
  /// A name for the module's own use that none of its items has.
  [[nodiscard]] std::string extra_name(ModuleIdx module, std::string_view wanted) const;
  /// A name for a parameter that the generator adds, which shadows no alias around it: g++
  /// -Wshadow.
  [[nodiscard]] std::string apart_from_aliases(ModuleIdx module, std::string wanted) const;
  /// A map is somewhere.
  [[nodiscard]] bool uses_map() const;

  /// Declares and defines a module's types, resources apart: `resource` prints the class of each.
  template <class ResourceClass>
  void emit_types(Emit& out, ModuleIdx module, ResourceClass resource) const {
    emit_forward(out, module);
    for (const auto& one : plan_.modules[module].resources) resource(one);
    emit_structures(out, module);
  }

 private:
  void name_modules();
  void name_items(ModuleIdx module, NameScope& scope);
  void emit_forward(Emit& out, ModuleIdx module) const;
  void emit_structures(Emit& out, ModuleIdx module) const;
  void emit_record(Emit& out, TypeIdx type, ModuleIdx module) const;
  void emit_variant(Emit& out, TypeIdx type, ModuleIdx module) const;
  void emit_enum(Emit& out, TypeIdx type, ModuleIdx module) const;
  void emit_flags(Emit& out, TypeIdx type, ModuleIdx module) const;
  /// The structure of a defined type, whatever its name.
  [[nodiscard]] std::string anonymous(TypeIdx type, ModuleIdx from) const;
  [[nodiscard]] std::string handle(TypeIdx resource, ModuleIdx from, bool lent) const;
  [[nodiscard]] bool comparable(TypeIdx type) const;

  const WorldPlan& plan_;
  HandleForms forms_;
  std::string world_;
  IndexVector<ModuleIdx, CppModule> modules_;
  std::vector<ModuleIdx> order_;
};

/// `NAME<Class>::as_found_` is what a class has as its member `member`, for a static assertion that
/// compares it (tenon/runtime/fits.h).
void emit_found_struct(Emit& out, std::string_view name, std::string_view member);
/// Docs of a member, from its type; empty when there are none.
[[nodiscard]] std::string_view member_doc(const wit::TypeDef& type, std::size_t i);
/// `// Generated by …` with what it was made of.
void emit_head(Emit& out, const WorldPlan& plan, const Options& options, std::string_view what);
/// A number, character or bool in C; strings have a structure of their own.
[[nodiscard]] std::string_view c_prim_type(component::PrimValType prim);
/// The integer of so many bytes for a discriminant or flags.
[[nodiscard]] std::string_view c_tag_type(std::uint32_t size);
/// A C or C++ core type.
[[nodiscard]] std::string_view core_c_type(Flat flat);
/// Text inside a C string literal.
[[nodiscard]] std::string c_escape(std::string_view text);
/// Texts with a separator between them.
[[nodiscard]] std::string join_texts(const std::vector<std::string>& texts,
                                     std::string_view separator);

}  // namespace tenon::bindgen

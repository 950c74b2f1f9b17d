// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tenon/bindgen/bindgen.h"
#include "tenon/bindgen/names.h"
#include "tenon/bindgen/plan.h"

namespace tenon::bindgen {

/// Names of one module's items in Rust.
struct RustModule {
  /// From the crate's root: `exports`, `ns`, `pkg`, `iface`.
  std::vector<std::string> path;
  std::unordered_map<std::uint32_t, std::string> types;
  /// The borrow type and the trait of an exported resource, by its index.
  std::unordered_map<std::uint32_t, std::string> borrows;
  std::unordered_map<std::uint32_t, std::string> traits;
  /// One for each function of the plan; those of resources live in their `impl`.
  std::vector<std::string> functions;
  /// A name for each function that is its own in the whole module.
  std::vector<std::string> flat_functions;
};

/// The Rust vocabulary of a world: names, and types as they are written.
class RustTypes {
 public:
  explicit RustTypes(const WorldPlan& plan);

  [[nodiscard]] const RustModule& operator[](ModuleIdx module) const { return modules_[module]; }
  /// A type as it is held. `life` is the lifetime of what it borrows.
  [[nodiscard]] std::string type(ValType type, ModuleIdx from, std::string_view life) const;
  [[nodiscard]] std::string type_or_unit(const std::optional<ValType>& type, ModuleIdx from,
                                         std::string_view life) const;
  /// A type as a function takes it that only reads.
  [[nodiscard]] std::string view(ValType type, ModuleIdx from) const;
  /// The structure of a defined type, whatever its name.
  [[nodiscard]] std::string anonymous(TypeIdx type, ModuleIdx from, std::string_view life) const;
  [[nodiscard]] std::string resource(TypeIdx resource, ModuleIdx from) const;
  /// `<'a>` when values of the type borrow.
  [[nodiscard]] std::string lifetime(TypeIdx type, std::string_view life) const;
  /// `super::` up to the root from a module.
  [[nodiscard]] std::string to_root(ModuleIdx from) const;
  /// Record fields in snake case, cases in Pascal case, flags in capitals.
  [[nodiscard]] std::vector<std::string> members(TypeIdx type) const;
  [[nodiscard]] std::vector<std::string> params(const wit::Function& func, bool skip_self) const;
  /// A number, enum or flags, or a record of such.
  [[nodiscard]] bool is_copy(ValType type) const;
  [[nodiscard]] bool is_string(ValType type) const;
  [[nodiscard]] const component::List* as_list(ValType type) const;
  /// A tuple of more members than the standard library has traits for is inside.
  [[nodiscard]] bool has_long_tuple(ValType type) const;

 private:
  [[nodiscard]] bool looks_long(const wit::DefValType& def) const;
  void name_modules();
  void name_items(ModuleIdx module, NameScope& types, NameScope& functions);
  [[nodiscard]] std::string path_to(ModuleIdx module, ModuleIdx from) const;

  const WorldPlan& plan_;
  IndexVector<ModuleIdx, RustModule> modules_;
  /// By structure: whether it holds a long tuple, as far as was asked.
  mutable std::unordered_map<const wit::DefValType*, bool> long_tuples_;
};

}  // namespace tenon::bindgen

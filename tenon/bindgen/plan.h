// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/abi/mangle.h"
#include "tenon/base/error.h"
#include "tenon/base/index.h"
#include "tenon/wit/package.h"

namespace tenon::bindgen {

using wit::TypeIdx;
using wit::ValType;

struct ModuleIdx : Index<ModuleIdx> {
  using Index::Index;
};

/// Core value types, as values are flattened to them.
enum class Flat : std::uint8_t { i32, i64, f32, f64 };
enum class Direction : std::uint8_t { import_, export_ };

/// What every generator must know of a type to lift, lower and free its values.
struct TypePlan {
  /// Spec: CanonicalABI.md "Alignment", "Element Size", "Flattening".
  std::uint64_t size = 1;
  std::uint32_t align = 1;
  /// Longer ones than fit a signature go through memory and are never asked for.
  abi::FlatTypes flat;
  /// Offsets in memory of fields or of a variant's payload (one), and the flat slot of each.
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> slots;
  /// Bytes of the discriminant of a variant, option, result or enum, or of flags.
  std::uint32_t tag = 0;
  /// A string, list or map is inside: a value owns memory.
  bool owns_memory = false;
  bool has_own = false;
  bool has_borrow = false;
  /// The bytes in memory are those of the same structure in C, C++ and Rust, whatever their value.
  bool plain = false;
  /// A stream, future or error-context is inside.
  bool unsupported = false;
};

/// One function as it crosses the boundary.
struct FuncPlan {
  const wit::Function* func = nullptr;
  /// Import: the core module that it comes from. Export: empty.
  std::string core_module;
  /// Import: the core name. Export: the name for hosts, `ns:pkg/iface@1.0.0#add`.
  std::string core_name;
  /// The core export of a guest.
  std::string export_name;
  /// The core export that frees an export's result; empty when there is nothing to free.
  std::string post_name;
  std::vector<Flat> core_params;
  std::optional<Flat> core_result;
  /// More than MAX_FLAT_PARAMS: one pointer to the parameters as a tuple.
  bool params_in_memory = false;
  /// More than MAX_FLAT_RESULTS: an import takes a pointer more, an export returns one.
  bool result_in_memory = false;
  /// Flat slot of each parameter, and its offset when the parameters are in memory.
  std::vector<std::uint32_t> slots;
  std::vector<std::uint64_t> offsets;
  std::uint64_t params_size = 0;
  std::uint32_t params_align = 1;
  /// The place in the module's `resources` of the one that it belongs to, if it is one of them.
  std::optional<std::size_t> resource;
};

/// A resource that a module defines, and its core functions.
struct ResourcePlan {
  TypeIdx type;
  std::string name;
  /// The module of the core imports below: the interface, or `[export]` and the interface.
  std::string core_module;
  std::string drop_name;
  /// Exported resources only.
  std::string new_name;
  std::string rep_name;
  std::string dtor_export;
  /// The places of its functions in the module's `functions`.
  std::vector<std::size_t> functions;
};

/// One namespace of generated code: an interface in one direction, or what is in the world
/// itself.
struct Module {
  Direction direction = Direction::import_;
  /// Nothing for the world itself.
  std::optional<wit::InterfaceIdx> interface;
  /// `ns:pkg/iface@1.0.0`, or a plain name; empty for the world itself.
  std::string id;
  /// When `id` is an interface's own: its package and name.
  std::optional<wit::PackageIdx> package;
  std::string name;
  const wit::ItemInfo* info = nullptr;
  /// Named types in the order of their definition, aliases included.
  std::vector<TypeIdx> types;
  std::vector<FuncPlan> functions;
  std::vector<ResourcePlan> resources;
  /// The places in `functions` of those that belong to no resource.
  std::vector<std::size_t> free_functions;
};

/// Everything a generator prints: the modules of one world.
struct WorldPlan {
  const wit::Packages* packages = nullptr;
  wit::WorldIdx world;
  IndexVector<TypeIdx, TypePlan> types;
  /// Imports first; the world's own imports (and types) are module 0, its own exports module 1.
  IndexVector<ModuleIdx, Module> modules;
  /// `cm32p2` in a world that exports a function with the name of one of the module's own exports.
  abi::Mangling mangling = abi::Mangling::legacy;

  [[nodiscard]] const wit::World& wit_world() const { return packages->worlds[world]; }
  [[nodiscard]] const wit::TypeDef& type(TypeIdx idx) const { return packages->types[idx]; }
  [[nodiscard]] TypePlan of(ValType type) const;
  /// Where a named type stands for code in `from`: an exported interface sees exported types.
  [[nodiscard]] ModuleIdx module_of(TypeIdx type, ModuleIdx from) const;
  /// The resource behind aliases is one that this component exports, seen from `from`.
  [[nodiscard]] bool is_exported_resource(TypeIdx resource, ModuleIdx from) const;
  /// The package's version when the world has another version of it too: their names must differ.
  [[nodiscard]] std::string version_apart(wit::PackageIdx package) const;
  /// The module's name where those of all modules are side by side: `spell1_0_0` of two versions.
  [[nodiscard]] std::string member_name(const Module& module) const;
  /// To be called when `modules` is whole: makes the look-ups above quick.
  void index();
  void index_functions(Module& module) const;
  /// The primitive type behind aliases, when it is one.
  [[nodiscard]] std::optional<component::PrimValType> prim(ValType type) const;
  /// A number, character or bool, an enum or flags.
  [[nodiscard]] bool is_scalar(ValType type) const;
  /// Labels of a record's fields, a variant's cases, an enum or flags; `f0`, `f1` … for a tuple.
  [[nodiscard]] std::vector<std::string> labels(ValType type) const;
  /// The structure of a defined type with aliases followed; nothing for resources.
  [[nodiscard]] const wit::DefValType* structure(ValType type) const;

 private:
  /// The first module of each interface, by direction: under another name, under its own.
  using Places = std::array<std::optional<ModuleIdx>, 2>;
  std::unordered_map<wit::InterfaceIdx, Places> imported_;
  std::unordered_map<wit::InterfaceIdx, Places> exported_;
  /// `ns:name` of packages that the world has in several versions.
  std::unordered_set<std::string> several_versions_;
};

/// Plans the lifting and lowering of everything that a world imports and exports. `packages` must
/// outlive the plan. Spec: CanonicalABI.md "Flattening", "Canonical Definitions".
[[nodiscard]] Result<WorldPlan> plan_world(const wit::Packages& packages, wit::WorldIdx world);

/// A function's name where all of an interface's are side by side: `canvas.set-width` of the
/// setter `[method][set]canvas.width`.
[[nodiscard]] std::string flat_name(const wit::Function& func);

[[nodiscard]] TypePlan plan_prim(component::PrimValType prim);

}  // namespace tenon::bindgen

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/abi/layout.h"
#include "tenon/component/component.h"
#include "tenon/core/match.h"
#include "tenon/core/module.h"

namespace tenon::component {

// What validation leaves behind for those who run, print or generate: every type resolved (no
// aliases, no outer references), so that nobody resolves twice. One `ComponentInfo` per component
// definition, nested ones too, held by `Component::info`; its address and those of its parts stay
// when the component moves. Indexes mean the tables of the same `ComponentInfo` only.

/// A resource type as one component definition sees it. What it stands for is known per instance:
/// the runtime keeps one table of `ResourceType`s per instance, indexed by this, and fills it
///  - when a definition `(type (resource …))` runs (`DefinitionInfo::info` is its ResourceIdx);
///  - after each import, instance and export: walk the resolved type and the actual item together,
///  and
///    where the type says `type` with a resource, set that ResourceIdx
///    (`InstanceTypeInfo::has_resources` tells what to skip). Walking one that is set already sets
///    the same again.
struct ResourceIdx : Index<ResourceIdx> {
  using Index::Index;
};
/// Resolved function types: `ComponentInfo::func_types`.
struct FuncTypeIdx : Index<FuncTypeIdx> {
  using Index::Index;
};
/// Resolved instance types: `ComponentInfo::instance_types`.
struct InstanceTypeIdx : Index<InstanceTypeIdx> {
  using Index::Index;
};
/// Resolved component types: `ComponentInfo::component_types`.
struct ComponentTypeIdx : Index<ComponentTypeIdx> {
  using Index::Index;
};

/// Types of core modules: `ComponentInfo::module_types`.
struct ModuleTypeIdx : Index<ModuleTypeIdx> {
  using Index::Index;
};

/// `Own::resource` and `Borrow::resource` of resolved types hold a ResourceIdx.
[[nodiscard]] inline ResourceIdx resource_of(const Own& own) {
  return ResourceIdx(own.resource.value);
}
[[nodiscard]] inline ResourceIdx resource_of(const Borrow& borrow) {
  return ResourceIdx(borrow.resource.value);
}

/// What a type is: an entry of the type index space, or a type import or export.
struct ResolvedType {
  enum class Kind : std::uint8_t { value, func, resource, component, instance };
  Kind kind = Kind::value;
  ValType value;
  /// FuncTypeIdx, ResourceIdx, ComponentTypeIdx or InstanceTypeIdx.
  std::uint32_t idx = 0;
};

/// The resolved type of anything that can be imported or exported.
struct ResolvedExtern {
  ExternKind kind = ExternKind::func;
  /// FuncTypeIdx, InstanceTypeIdx, ComponentTypeIdx or ModuleTypeIdx, told by `kind`.
  std::uint32_t idx = 0;
  /// For `type`.
  ResolvedType type;
  /// For `value`.
  ValType value;

  [[nodiscard]] FuncTypeIdx func() const { return FuncTypeIdx(idx); }
  [[nodiscard]] InstanceTypeIdx instance() const { return InstanceTypeIdx(idx); }
  [[nodiscard]] ComponentTypeIdx component() const { return ComponentTypeIdx(idx); }
  [[nodiscard]] ModuleTypeIdx module() const { return ModuleTypeIdx(idx); }
  /// The resource of a type import or export that is one.
  [[nodiscard]] std::optional<ResourceIdx> resource() const {
    if (kind != ExternKind::type || type.kind != ResolvedType::Kind::resource) return std::nullopt;
    return ResourceIdx(type.idx);
  }
};

struct NamedExtern {
  std::string name;
  ResolvedExtern type;
};

struct InstanceTypeInfo {
  std::vector<NamedExtern> exports;
  /// Whether a type export of it, or of an instance inside, is a resource.
  bool has_resources = false;

  [[nodiscard]] const NamedExtern* find(std::string_view name) const;
};

/// The resources of a component type belong to it (bound), they are no one's in particular: their
/// ResourceIdx only tell them apart.
struct ComponentTypeInfo {
  std::vector<NamedExtern> imports;
  std::vector<NamedExtern> exports;
};

/// The type of a core module. The type indices in it are canonical indices of a registry
/// (`ComponentInfo::core_types`).
struct CoreModuleTypeInfo {
  struct Import {
    std::string module;
    std::string name;
    core::ExternType type;
  };
  std::vector<Import> imports;
  std::vector<std::pair<std::string, core::ExternType>> exports;
  std::unordered_map<std::string, std::uint32_t> export_index;

  /// False when there is an export of that name.
  bool add_export(std::string name, const core::ExternType& type);
  [[nodiscard]] const core::ExternType* find(const std::string& name) const;
};

/// Where a resource came from.
struct ResourceInfo {
  enum class Origin : std::uint8_t {
    defined,   ///< by a type definition of this component
    imported,  ///< by an import, or from within an imported instance
    instance,  ///< out of the exports of an instance made here
    ascribed,  ///< a new name for another one: `(export "r" (type $r) (type (sub resource)))`
    bound,     ///< of a component type: never bound to anything in an instance
  };
  Origin origin = Origin::defined;
  /// The name under which it was first seen, for messages; may be empty.
  std::string name;
  /// defined: what the definition says.
  core::ValType rep = core::TypeCode::i32;
  std::optional<CoreFuncIdx> dtor;
};

/// Canonical options, resolved.
struct CanonOptions {
  StringEncoding string_encoding = StringEncoding::utf8;
  std::optional<CoreMemIdx> memory;
  std::optional<CoreFuncIdx> realloc;
  std::optional<CoreFuncIdx> post_return;
  std::optional<CoreFuncIdx> callback;
  bool async_ = false;
  /// The address type of the memory.
  abi::Ptr ptr = abi::Ptr::i32;
};

struct CanonInfo {
  CanonOp op = CanonOp::lift;
  CanonOptions options;
  /// lift: the type of the function made; lower: of the one used.
  FuncTypeIdx func_type;
  /// lift: the type that the core function has; all others: of the core function made. For lift,
  /// lower and task.return it is flattened, with the flags that say what goes through memory.
  abi::FlatFuncType flat;
  /// stream.*, future.*: the element; task.return: the result.
  std::optional<ValType> type;
  /// stream.*, future.*: the stream or future type itself.
  ValType async_type;
  /// resource.*.
  ResourceIdx resource;
};

/// What a definition added, parallel to `Component::definitions`.
struct DefinitionInfo {
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  /// The index that it got in the index space of its sort.
  std::uint32_t index = none;
  /// A place in a table of the `ComponentInfo`: `modules` for a core module, `canons` for a
  /// canonical definition, `imports` and `exports` for an import and an export, `resources` for a
  /// resource type.
  std::uint32_t info = none;
};

struct ExportInfo {
  const ExternName* name = nullptr;
  ResolvedExtern type;
  SortIdx item;
};
struct ImportInfo {
  const ExternName* name = nullptr;
  ResolvedExtern type;
};

struct ComponentInfo {
  /// Hash-consed: equal structure, equal index. Never holds a bare PrimValType.
  IndexVector<TypeIdx, DefValType> types;
  IndexVector<FuncTypeIdx, FuncType> func_types;
  IndexVector<InstanceTypeIdx, InstanceTypeInfo> instance_types;
  IndexVector<ComponentTypeIdx, ComponentTypeInfo> component_types;
  IndexVector<ResourceIdx, ResourceInfo> resources;
  /// Of the core modules that cross the component's border.
  IndexVector<ModuleTypeIdx, std::shared_ptr<const CoreModuleTypeInfo>> module_types;
  /// What the type indices in `module_types` mean; null when there are none.
  std::shared_ptr<const core::TypeRegistry> core_types;

  /// Parallel to `Component::definitions`.
  std::vector<DefinitionInfo> definitions;
  std::vector<ImportInfo> imports;
  std::vector<ExportInfo> exports;
  std::vector<CanonInfo> canons;
  /// The core modules defined here, in order. They have moved here from their definitions.
  std::vector<std::unique_ptr<const core::Validated<core::Module>>> modules;

  // The component-level index spaces (of functions and instances: their resolved types).
  IndexVector<FuncIdx, FuncTypeIdx> funcs;
  IndexVector<InstanceIdx, InstanceTypeIdx> instances;
  IndexVector<ValueIdx, ValType> values;
  // Sizes of the others, so that an instance allocates once.
  std::uint32_t num_types = 0;
  std::uint32_t num_components = 0;
  std::uint32_t num_core_modules = 0;
  std::uint32_t num_core_instances = 0;
  std::uint32_t num_core_funcs = 0;
  std::uint32_t num_core_tables = 0;
  std::uint32_t num_core_mems = 0;
  std::uint32_t num_core_globals = 0;
  std::uint32_t num_core_tags = 0;

  /// For layout and flattening.
  [[nodiscard]] abi::Types abi_types() const {
    return {this, [](const void* self, TypeIdx type) -> const DefValType& {
              return static_cast<const ComponentInfo*>(self)->types[type];
            }};
  }
};

}  // namespace tenon::component

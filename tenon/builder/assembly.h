// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/component/component.h"

namespace tenon::builder {

using component::ComponentIdx;
using component::CoreFuncIdx;
using component::CoreInstanceIdx;
using component::CoreMemIdx;
using component::CoreModuleIdx;
using component::CoreTableIdx;

/// A component under construction. Every method adds one definition and returns its index in its
/// index space. Spec: Binary.md "Component Definitions".
class Assembly {
 public:
  component::TypeIdx type(component::Type type);
  component::CoreTypeIdx core_func_type(core::FuncType type);
  /// `(import name (…))`; the index belongs to the space that the type's kind tells.
  std::uint32_t import(component::ExternName name, component::ExternType type);
  /// `(export name (…))`: every export has an index of its own.
  std::uint32_t export_(component::ExternName name, component::SortIdx item,
                        std::optional<component::ExternType> ascribed = {});
  component::TypeIdx alias_type(component::InstanceIdx instance, std::string_view name);
  component::FuncIdx alias_func(component::InstanceIdx instance, std::string_view name);
  CoreFuncIdx alias_core_func(CoreInstanceIdx instance, std::string_view name);
  CoreMemIdx alias_core_memory(CoreInstanceIdx instance, std::string_view name);
  CoreTableIdx alias_core_table(CoreInstanceIdx instance, std::string_view name);
  CoreModuleIdx core_module(core::Module module);
  CoreInstanceIdx core_instantiate(CoreModuleIdx module,
                                   std::vector<component::CoreInstantiateArg> args);
  CoreInstanceIdx core_instance(std::vector<component::CoreInlineExport> exports);
  ComponentIdx component(component::Component nested);
  component::InstanceIdx instantiate(ComponentIdx nested,
                                     std::vector<component::InstantiateArg> args);
  component::FuncIdx lift(component::LiftImm imm);
  CoreFuncIdx canon(component::CanonOp op, component::CanonImm imm);
  void custom(std::string name, std::vector<std::uint8_t> content);
  /// Takes declarations of a component type over as definitions, up to the last import: they mean
  /// the same here when nothing was added before.
  void hoist_imports(component::ComponentType type);

  /// What was imported, by name.
  [[nodiscard]] const std::map<std::string, component::ExternType, std::less<>>& imports() const {
    return imports_;
  }
  /// The index that an import got in the space of its kind.
  [[nodiscard]] std::uint32_t import_index(std::string_view name) const {
    return import_indices_.find(name)->second;
  }

  [[nodiscard]] component::Component take() { return std::move(component_); }

 private:
  void add(component::DefinitionKind def);
  component::Alias alias(component::Sort sort, component::Alias::Target target,
                         std::uint32_t instance, std::string_view name) const;
  std::uint32_t& space(component::ExternKind kind);

  component::Component component_;
  std::map<std::string, component::ExternType, std::less<>> imports_;
  std::map<std::string, std::uint32_t, std::less<>> import_indices_;
  std::uint32_t types_ = 0;
  std::uint32_t funcs_ = 0;
  std::uint32_t values_ = 0;
  std::uint32_t instances_ = 0;
  std::uint32_t components_ = 0;
  std::uint32_t core_types_ = 0;
  std::uint32_t core_funcs_ = 0;
  std::uint32_t core_memories_ = 0;
  std::uint32_t core_tables_ = 0;
  std::uint32_t core_modules_ = 0;
  std::uint32_t core_instances_ = 0;
};

/// A name without attributes.
[[nodiscard]] component::ExternName extern_name(std::string name);
/// A type of a kind that its index alone tells.
[[nodiscard]] component::ExternType extern_type(component::ExternKind kind, std::uint32_t idx);

}  // namespace tenon::builder

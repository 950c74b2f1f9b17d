// SPDX-License-Identifier: Apache-2.0
// Builds a component definition by definition and counts the index spaces while doing so, so that
// callers work with typed indices instead of numbers they have counted themselves.
#include "tenon/builder/assembly.h"

#include <cassert>
#include <memory>

namespace tenon::builder {

using component::Alias;
using component::CoreSort;
using component::ExternKind;
using component::Sort;
using component::SortKind;

component::ExternName extern_name(std::string name) {
  component::ExternName out;
  out.name = std::move(name);
  out.span = Span::none();
  return out;
}

component::ExternType extern_type(ExternKind kind, std::uint32_t idx) {
  component::ExternType out;
  out.kind = kind;
  out.idx = idx;
  return out;
}

void Assembly::add(component::DefinitionKind def) {
  component_.definitions.push_back({std::move(def), Span::none()});
}

std::uint32_t& Assembly::space(ExternKind kind) {
  switch (kind) {
    case ExternKind::core_module:
      return core_modules_;
    case ExternKind::func:
      return funcs_;
    case ExternKind::value:
      return values_;
    case ExternKind::type:
      return types_;
    case ExternKind::component:
      return components_;
    case ExternKind::instance:
      return instances_;
  }
  return types_;
}

component::TypeIdx Assembly::type(component::Type type) {
  add(std::move(type));
  return component::TypeIdx(types_++);
}

component::CoreTypeIdx Assembly::core_func_type(core::FuncType type) {
  component::CoreType group;
  group.rec_group.emplace_back().type.func = std::move(type);
  add(std::move(group));
  return component::CoreTypeIdx(core_types_++);
}

std::uint32_t Assembly::import(component::ExternName name, component::ExternType type) {
  const std::uint32_t idx = space(type.kind)++;
  imports_.emplace(name.name, type);
  import_indices_.emplace(name.name, idx);
  add(component::Import{std::move(name), type});
  return idx;
}

std::uint32_t Assembly::export_(component::ExternName name, component::SortIdx item,
                                std::optional<component::ExternType> ascribed) {
  static constexpr ExternKind kinds[] = {ExternKind::core_module, ExternKind::func,
                                         ExternKind::value,       ExternKind::type,
                                         ExternKind::component,   ExternKind::instance};
  const ExternKind kind = kinds[static_cast<std::size_t>(item.sort.kind)];
  add(component::Export{std::move(name), item, ascribed});
  return space(kind)++;
}

Alias Assembly::alias(Sort sort, Alias::Target target, std::uint32_t instance,
                      std::string_view name) const {
  Alias out;
  out.target = target;
  out.sort = sort;
  out.instance_or_count = instance;
  out.name = std::string(name);
  return out;
}

component::TypeIdx Assembly::alias_type(component::InstanceIdx instance, std::string_view name) {
  add(alias({SortKind::type, {}}, Alias::Target::export_, instance.value, name));
  return component::TypeIdx(types_++);
}

component::FuncIdx Assembly::alias_func(component::InstanceIdx instance, std::string_view name) {
  add(alias({SortKind::func, {}}, Alias::Target::export_, instance.value, name));
  return component::FuncIdx(funcs_++);
}

CoreFuncIdx Assembly::alias_core_func(CoreInstanceIdx instance, std::string_view name) {
  add(alias({SortKind::core, CoreSort::func}, Alias::Target::core_export, instance.value, name));
  return CoreFuncIdx(core_funcs_++);
}

CoreMemIdx Assembly::alias_core_memory(CoreInstanceIdx instance, std::string_view name) {
  add(alias({SortKind::core, CoreSort::memory}, Alias::Target::core_export, instance.value, name));
  return CoreMemIdx(core_memories_++);
}

CoreTableIdx Assembly::alias_core_table(CoreInstanceIdx instance, std::string_view name) {
  add(alias({SortKind::core, CoreSort::table}, Alias::Target::core_export, instance.value, name));
  return CoreTableIdx(core_tables_++);
}

CoreModuleIdx Assembly::core_module(core::Module module) {
  add(std::make_unique<core::Module>(std::move(module)));
  return CoreModuleIdx(core_modules_++);
}

CoreInstanceIdx Assembly::core_instantiate(CoreModuleIdx module,
                                           std::vector<component::CoreInstantiateArg> args) {
  component::CoreInstance instance;
  instance.module = module;
  instance.args = std::move(args);
  add(std::move(instance));
  return CoreInstanceIdx(core_instances_++);
}

CoreInstanceIdx Assembly::core_instance(std::vector<component::CoreInlineExport> exports) {
  component::CoreInstance instance;
  instance.exports = std::move(exports);
  add(std::move(instance));
  return CoreInstanceIdx(core_instances_++);
}

ComponentIdx Assembly::component(component::Component nested) {
  add(std::make_unique<component::Component>(std::move(nested)));
  return ComponentIdx(components_++);
}

component::InstanceIdx Assembly::instantiate(ComponentIdx nested,
                                             std::vector<component::InstantiateArg> args) {
  component::Instance instance;
  instance.component = nested;
  instance.args = std::move(args);
  add(std::move(instance));
  return component::InstanceIdx(instances_++);
}

component::FuncIdx Assembly::lift(component::LiftImm imm) {
  add(component::Canon{component::CanonOp::lift, std::move(imm)});
  return component::FuncIdx(funcs_++);
}

CoreFuncIdx Assembly::canon(component::CanonOp op, component::CanonImm imm) {
  add(component::Canon{op, std::move(imm)});
  return CoreFuncIdx(core_funcs_++);
}

void Assembly::custom(std::string name, std::vector<std::uint8_t> content) {
  add(component::Custom{std::move(name), std::move(content)});
}

void Assembly::hoist_imports(component::ComponentType type) {
  assert(component_.definitions.empty());
  std::size_t end = 0;
  for (std::size_t i = 0; i < type.decls.size(); ++i) {
    if (std::holds_alternative<component::ImportDecl>(type.decls[i])) end = i + 1;
  }
  for (std::size_t i = 0; i < end; ++i) {
    std::visit(
        overloaded{
            [&](component::CoreType& decl) { add(std::move(decl)); },
            [&](component::Type& decl) { this->type(std::move(decl)); },
            [&](Alias& decl) {
              if (decl.sort.kind == SortKind::instance) ++instances_;
              if (decl.sort.kind == SortKind::type) ++types_;
              add(std::move(decl));
            },
            [&](component::ImportDecl& decl) { this->import(std::move(decl.name), decl.type); },
            [](component::ExportDecl&) {},
        },
        type.decls[i]);
  }
}

}  // namespace tenon::builder

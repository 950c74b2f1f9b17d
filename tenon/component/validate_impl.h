// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tenon/component/component.h"
#include "tenon/component/info.h"
#include "tenon/component/limits.h"
#include "tenon/component/rules.h"
#include "tenon/component/subtype.h"
#include "tenon/component/typetable.h"
#include "tenon/core/features.h"
#include "tenon/types/externname.h"

namespace tenon::component {

using types::Accessor;
using types::NameKind;
using types::ParsedName;

/// Names by their strongly-unique keys. Most names are their own keys.
class UniqueNames {
 public:
  /// The name that has the same key; none when it was added.
  std::optional<std::string_view> add(std::string_view name);

 private:
  struct Item {
    std::string_view key;
    std::string_view name;
  };
  std::vector<Item> items_;
  NameIndex index_;
  std::deque<std::string> keys_;
};

/// Names of one namespace (imports or exports of a scope) and what they name.
struct NameScope {
  EntityMap items;
  UniqueNames unique;
  /// Resources that have a name at the top of this namespace, and those names.
  std::unordered_map<std::uint32_t, std::string_view> resource_names;
  std::unordered_set<std::string_view> known_resources;
  /// Types that this namespace has given a name, by Tid.
  std::unordered_set<std::uint32_t> named;
};

/// What validation knows of a component, component type or instance type while it walks it.
struct Scope {
  enum class Kind : std::uint8_t { component, component_type, instance_type };
  struct CoreTypeEntry {
    bool is_module = false;
    std::uint32_t id = 0;  // CanonIdx or ModuleTid
  };
  struct ValueEntry {
    ValType type;
    bool used = false;
    std::uint32_t definition = 0;
  };
  struct Resource {
    ResourceInfo::Origin origin = ResourceInfo::Origin::bound;
    std::string name;
    core::ValType rep = core::TypeCode::i32;
    std::optional<CoreFuncIdx> dtor;
  };
  /// A core instance: what it exports, by name.
  struct CoreInstanceEntry {
    /// Those of a module type …
    std::optional<ModuleTid> module;
    /// … or written out.
    std::unordered_map<std::string, core::ExternType> exports;
  };

  explicit Scope(Kind k) : kind(k) {}
  Kind kind;

  std::vector<CoreTypeEntry> core_types;
  /// Parallel to `core_types`: the types as written, for interning of recursion groups.
  std::vector<core::SubType> core_subtypes;
  std::vector<core::CanonIdx> core_canon;
  std::vector<ModuleTid> core_modules;
  std::vector<std::shared_ptr<const CoreInstanceEntry>> core_instances;
  std::vector<core::CanonIdx> core_funcs;
  std::vector<core::TableType> core_tables;
  std::vector<core::MemType> core_mems;
  std::vector<core::GlobalType> core_globals;
  std::vector<core::CanonIdx> core_tags;
  std::vector<Tid> types;
  std::vector<Tid> funcs;
  std::vector<ValueEntry> values;
  std::vector<Tid> instances;
  std::vector<Tid> components;

  NameScope imports;
  NameScope exports;
  std::vector<ResourceId> import_bound;
  std::vector<ResourceId> export_bound;
  std::unordered_map<std::uint32_t, Resource> resources;
  std::optional<core::ValType> context_type;
  std::uint32_t defined_modules = 0;
  std::uint32_t defined_components = 0;
  std::uint32_t defined_instances = 0;
  /// Of the types of enclosing components that aliases name, summed up.
  std::uint64_t outer_type_size = 0;
};

/// Builds the resolved tables of one component (resolve.cpp).
class Resolver {
 public:
  Resolver(const TypeTable& types, const Scope& scope, ComponentInfo& out)
      : types_(&types), scope_(&scope), out_(&out) {}

  ValType value(ValType t);
  FuncTypeIdx func(Tid t);
  ResourceIdx resource(ResourceId r);
  InstanceTypeIdx instance(Tid t);
  ComponentTypeIdx component(Tid t);
  ModuleTypeIdx module(ModuleTid t);
  ResolvedExtern entity(const Entity& e);
  /// A resource without a name takes that of the item that gives it away.
  void name_resource(const ResolvedExtern& item, const std::string& name);

 private:
  ValType canon(ValType t);
  std::vector<NamedExtern> named(const EntityMap& map);
  ResolvedType type(Tid t);
  FuncTypeIdx canon_func(std::uint32_t canon);
  [[nodiscard]] bool has_resources(const std::vector<NamedExtern>& items) const;

  const TypeTable* types_;
  const Scope* scope_;
  ComponentInfo* out_;
  std::unordered_map<std::uint32_t, ValType> values_;
  std::unordered_map<std::uint32_t, FuncTypeIdx> funcs_;
  std::unordered_map<std::uint32_t, ResourceIdx> resources_;
  std::unordered_map<std::uint32_t, InstanceTypeIdx> instances_;
  std::unordered_map<std::uint32_t, ComponentTypeIdx> components_;
  std::unordered_map<std::uint32_t, ModuleTypeIdx> modules_;
};

/// Walks a component definition by definition. One for the outermost component and all inside.
class Validator {
 public:
  Validator(const core::Features& features, std::vector<Error>* warnings)
      : features_(features), warnings_(warnings) {}

  /// An error when the gates are closed for components as such.
  [[nodiscard]] Result<void> open_for_components() const;

  /// Checks a component, fills its `info` and gives its type.
  Result<Tid> component(Component& component);

 private:
  enum class Direction : std::uint8_t { import_, export_ };

  // validate.cpp
  Result<void> definition(Component& component, std::uint32_t i, ComponentInfo& info,
                          Resolver& resolver);
  Result<void> nested(Component& component);
  Result<void> import(const Import& import, ComponentInfo& info, Resolver& resolver);
  Result<void> export_(const Export& e, ComponentInfo& info, Resolver& resolver);
  Result<Entity> exported_item(const SortIdx& item);
  Result<void> exportable(const Entity& e);
  Result<Entity> ascribe(const Entity& actual, const ExternType& ascribed);
  Result<void> alias(const Alias& alias);
  Result<void> alias_export(const Alias& alias);
  Result<void> alias_core_export(const Alias& alias);
  Result<void> alias_outer(const Alias& alias);
  Result<void> outer_type(const Scope& from, bool crosses, std::uint32_t idx);
  Result<void> core_outer_type(const Scope& from, std::uint32_t idx);
  Result<const Scope*> outer_scope(std::uint32_t count, bool& crosses_component);
  Result<bool> refers_to_free_resource(Tid t);
  Result<void> finish(const Component& component);
  Result<void> free_resources_are_known(const EntityMap& items, Direction direction);
  void fill(ComponentInfo& info, Resolver& resolver);
  Tid component_type_of(Scope& scope);

  // Shared.
  Scope& scope() { return *scopes_.back(); }
  std::unexpected<Error> fail(const Rule& rule, std::string detail) const {
    return std::unexpected(Error(rule, span_, std::move(detail)));
  }
  std::unexpected<Error> bad_index(const char* what, std::size_t idx, std::size_t size) const;
  template <class V>
  Result<void> check_index(const V& space, std::uint32_t idx, const char* what) const {
    if (idx >= space.size()) return bad_index(what, idx, space.size());
    return {};
  }
  Result<void> gate(core::Gate gate, const char* what) const;
  Result<void> within_limit(std::size_t size, std::uint32_t limit, const char* what) const;
  /// The same where `size` counts all that there are.
  Result<void> at_most(std::size_t size, std::uint32_t limit, const char* what) const;
  /// Takes from what instantiation may make, respectively from what may be walked.
  Result<void> spend(std::uint32_t size);
  Result<void> walk(std::uint32_t size);
  /// Adds an item to its index space.
  Result<void> add_entity(const Entity& e);

  // validate_types.cpp
  Result<Tid> type(const Type& type);
  Result<void> type_definition(const Type& type, Resolver& resolver, DefinitionInfo& def);
  Result<Tid> value_type(const DefValType& def);
  Result<Tid> func_type(const FuncType& type);
  Result<ValType> val(ValType t);
  Result<Tid> resource_operand(TypeIdx idx);
  Result<void> labels(const std::vector<std::string_view>& labels, const char* what,
                      const char* conflict);
  Result<void> record_rules(const DefValType& def);
  Result<void> resource_type(const ResourceType& r);
  Result<Tid> component_type(const ComponentType& type);
  Result<Tid> instance_type(const InstanceType& type);
  Result<void> decl(const Decl& decl);
  Result<Entity> extern_type(const ExternType& type, std::vector<ResourceId>* fresh);
  /// Replaces the resources that an instance type binds by fresh ones of this scope.
  Entity open(const Entity& e, std::vector<ResourceId>& fresh);
  Result<void> measured(TypeTable::Measure m);
  void own_resource(ResourceId r, Direction d, ResourceInfo::Origin origin, std::string name);

  // validate_core.cpp
  Result<void> core_type(const CoreType& type);
  Result<void> core_rec_group(const std::vector<core::SubType>& group, Scope& scope);
  Result<ModuleTid> core_module_type(const CoreModuleType& type);
  Result<core::ExternType> core_extern(const core::ExternType& type,
                                       const std::vector<core::CanonIdx>& canon,
                                       const std::vector<Scope::CoreTypeEntry>* entries);
  Result<core::ValType> core_val(core::ValType t, const std::vector<core::CanonIdx>& canon,
                                 const std::vector<Scope::CoreTypeEntry>* entries, std::size_t end);
  Result<void> core_limits(const core::ExternType& type);
  Result<void> core_val_gates(core::ValType t) const;
  Result<void> core_type_gates(const core::SubType& type) const;
  Result<void> core_extern_gates(const core::ExternType& type) const;
  Result<ModuleTid> module_type_of(const core::Module& module);
  Result<void> core_module(Component& component, std::uint32_t i, ComponentInfo& info);
  Result<void> add_core_item(const core::ExternType& type);
  Result<core::ExternType> core_item(CoreSortIdx item);

  // validate_instantiate.cpp
  Result<void> core_instance(const CoreInstance& instance);
  Result<void> instance(const Instance& instance);
  Result<Tid> instantiate(const Instance& instance);
  Result<Tid> bundle(const Instance& instance);
  Result<Entity> item(const SortIdx& item);

  // validate_names.cpp
  Result<void> name(NameScope& names, Direction d, const ExternName& name, const Entity& e);
  Result<void> annotated(const NameScope& names, const ParsedName& name, const Entity& e);
  Result<void> accessor(const NameScope& names, std::string_view whole, const ParsedName& name,
                        const Entity& e);
  const ResultType* result_type(ValType t) const;
  Result<void> annotated_resource(const NameScope& names, std::string_view name, TypeIdx resource);
  Result<void> attributes(const ExternName& name, const ParsedName& parsed, const Entity& e);
  Result<void> visible(const ExternName& name, Direction d, const Entity& e);
  bool register_named(const Entity& e, Direction d);
  /// Whether the type was made equal to one that only an export names.
  [[nodiscard]] bool names_an_export(Tid created);
  [[nodiscard]] bool all_named(Tid t, const std::unordered_set<std::uint32_t>& set) const;
  [[nodiscard]] bool all_named_in_value(const DefValType& def,
                                        const std::unordered_set<std::uint32_t>& set) const;
  [[nodiscard]] bool is_named(ValType t, const std::unordered_set<std::uint32_t>& set) const;
  [[nodiscard]] bool all_named_in_instance(Tid t,
                                           const std::unordered_set<std::uint32_t>& set) const;

  // validate_canon.cpp
  Result<void> canon(const Canon& canon, ComponentInfo& info, Resolver& resolver);
  Result<CanonInfo> lift(const LiftImm& imm, Resolver& resolver);
  Result<CanonInfo> lower(const LowerImm& imm, Resolver& resolver);
  Result<CanonInfo> builtin(const Canon& canon, Resolver& resolver);
  Result<CanonInfo> resource_builtin(CanonOp op, TypeIdx type, Resolver& resolver);
  Result<CanonInfo> context_builtin(CanonOp op, const ContextImm& imm);
  Result<CanonInfo> copy_builtin(CanonOp op, const TypeOptsImm& imm, Resolver& resolver);
  Result<CanonInfo> task_return(const TaskReturnImm& imm, Resolver& resolver);
  Result<CanonInfo> error_context_builtin(CanonOp op, const OptsImm& imm);
  Result<CanonInfo> thread_builtin(const Canon& canon);
  Result<CanonInfo> wait_builtin(CoreMemIdx idx);
  Result<CanonInfo> cancel_builtin(CanonOp op, const TypeAsyncImm& imm, Resolver& resolver);
  Result<CanonInfo> async_type_builtin(CanonOp op, TypeIdx type, Resolver& resolver);
  Result<CanonOptions> options(const CanonOpts& opts);
  Result<void> want_memory(const CanonOptions& o, const char* why);
  Result<void> want_realloc(const CanonOptions& o, const char* why);
  Result<void> want_core_func(CoreFuncIdx f, const core::FuncType& type, const char* option);
  Result<std::optional<ValType>> elem_of(TypeIdx type, bool stream, Tid& tid);
  Result<core::MemType> memory(CoreMemIdx idx);
  Result<core::CanonIdx> func_signature(CoreFuncIdx idx);
  Result<Tid> type_at(TypeIdx idx) const;

  // validate_values.cpp
  Result<void> value(const Value& value);
  Result<void> start(const Start& start);
  Result<ValType> use_value(std::uint32_t idx);
  Result<void> value_bytes(Reader& in, ValType type);
  Result<void> prim_bytes(Reader& in, PrimValType type);

  const core::Features& features_;
  std::vector<Error>* warnings_;
  TypeTable types_;
  Subtyping matcher_{types_};
  std::vector<std::unique_ptr<Scope>> scopes_;
  Span span_;
  std::uint64_t budget_ = limits::instantiated_size;
  std::uint64_t steps_ = limits::type_steps;
  /// Types that a walk has seen have its number.
  std::vector<std::uint32_t> marks_;
  std::uint32_t walks_ = 0;
  /// Answers of `refers_to_free_resource`.
  std::unordered_map<std::uint32_t, bool> free_;
  std::vector<ValType> parts_;
  std::vector<std::string_view> names_;
  /// What the type of an import or export declaration with `(eq …)` was made equal to, by Tid.
  std::unordered_map<std::uint32_t, Tid> equal_to_;
};

}  // namespace tenon::component

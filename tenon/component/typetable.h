// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/abi/layout.h"
#include "tenon/component/component.h"
#include "tenon/component/parts.h"
#include "tenon/core/match.h"

namespace tenon::component {

// What validation knows of types. One `TypeTable` per outermost component; private to the room.
//
// A `Tid` is a type with an identity: each import or export of a type gets a fresh one for the same
// structure, because the rules of external visibility ask which of them was named. Structural
// equality looks through that: value and function types are hash-consed (`canon`), so that equality
// is a comparison of two numbers, however deep the types.

struct Tid : Index<Tid> {
  using Index::Index;
};
/// An abstract resource type: fresh for each definition, `sub resource` bound and opened instance.
struct ResourceId : Index<ResourceId> {
  using Index::Index;
};
struct ModuleTid : Index<ModuleTid> {
  using Index::Index;
};

enum class TypeKind : std::uint8_t { value, func, resource, component, instance };

/// The type of an item. `id` is a Tid (func, type, component, instance) or a ModuleTid
/// (core_module).
struct Entity {
  ExternKind kind = ExternKind::func;
  std::uint32_t id = 0;
  ValType value;
  [[nodiscard]] Tid tid() const { return Tid(id); }
  [[nodiscard]] ModuleTid module() const { return ModuleTid(id); }
  static Entity of(ExternKind kind, Tid tid) { return {kind, tid.value, {}}; }
};

/// Entities by name, in their order. Small ones are searched, large ones hashed.
class EntityMap {
 public:
  struct Item {
    std::string name;
    Entity entity;
  };
  /// False when the name is there already.
  bool add(std::string name, Entity entity);
  /// For names that are known to differ.
  void append(std::string name, Entity entity);
  [[nodiscard]] const Entity* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  static constexpr std::size_t small = 8;
  std::vector<Item> items_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> index_;
};

struct ValuePayload {
  /// ValTypes and resources are Tids.
  DefValType def;
  /// A primitive, or an index of the canonical value types.
  ValType canon;
  /// With 64-bit pointers.
  abi::Layout layout;
  std::uint32_t size = 1;
  std::uint32_t depth = 1;
  bool has_borrow = false;
};
struct FuncPayload {
  FuncType type;
  std::uint32_t canon = 0;
  std::uint32_t size = 1;
  std::uint32_t depth = 1;
};
struct InstancePayload {
  EntityMap exports;
  /// Resources that belong to the type itself: opening it replaces them by fresh ones. Empty for
  /// the type of an instance that exists.
  std::vector<ResourceId> bound;
  std::uint32_t size = 1;
  std::uint32_t depth = 1;
};
struct ComponentPayload {
  EntityMap imports;
  EntityMap exports;
  /// Resources that imports introduce: instantiation replaces them by those that are given.
  std::vector<ResourceId> import_bound;
  /// Resources that each instance makes anew.
  std::vector<ResourceId> export_bound;
  std::uint32_t size = 1;
  std::uint32_t depth = 1;
};

/// A core item's type with canonical indices in the place of type indices.
struct CoreModuleTypeInfo {
  struct Import {
    std::string module;
    std::string name;
    core::ExternType type;
  };
  std::vector<Import> imports;
  std::vector<std::pair<std::string, core::ExternType>> exports;
  std::unordered_map<std::string, std::uint32_t> export_index;

  bool add_export(std::string name, const core::ExternType& type);
  [[nodiscard]] const core::ExternType* find(const std::string& name) const;
};

class TypeTable {
 public:
  struct Entry {
    TypeKind kind = TypeKind::value;
    /// A place in the payloads of its kind, or a ResourceId.
    std::uint32_t payload = 0;
  };

  Tid add(ValuePayload payload);
  Tid add(FuncPayload payload);
  Tid add(InstancePayload payload);
  Tid add(ComponentPayload payload);
  Tid add_resource(ResourceId resource);
  /// The same type with an identity of its own.
  Tid alias(Tid type) { return push(entries_[type.value]); }
  ResourceId fresh_resource() { return ResourceId(resources_++); }
  /// A new resource and its first type.
  Tid fresh_resource_type() { return add_resource(fresh_resource()); }
  ModuleTid add(CoreModuleTypeInfo type);

  [[nodiscard]] TypeKind kind(Tid t) const { return entries_[t.value].kind; }
  [[nodiscard]] const ValuePayload& value(Tid t) const {
    return values_[entries_[t.value].payload];
  }
  [[nodiscard]] const FuncPayload& func(Tid t) const { return funcs_[entries_[t.value].payload]; }
  [[nodiscard]] const InstancePayload& instance(Tid t) const {
    return instances_[entries_[t.value].payload];
  }
  [[nodiscard]] const ComponentPayload& component(Tid t) const {
    return components_[entries_[t.value].payload];
  }
  [[nodiscard]] ResourceId resource(Tid t) const { return ResourceId(entries_[t.value].payload); }
  [[nodiscard]] const CoreModuleTypeInfo& module(ModuleTid t) const { return modules_[t.value]; }
  /// Payload number: equal for aliases of one type.
  [[nodiscard]] std::uint32_t payload(Tid t) const { return entries_[t.value].payload; }

  /// A value type looked up: `ValType`s of payloads hold Tids.
  [[nodiscard]] static Tid tid(ValType t) { return Tid(t.index().value); }
  [[nodiscard]] static ValType val(Tid t) { return TypeIdx(t.value); }
  [[nodiscard]] ValType canon(ValType t) const { return t.is_prim() ? t : value(tid(t)).canon; }

  /// Completes a value type: canonical form, layout, size, depth. Its children must be in the
  /// table.
  ValuePayload make_value(DefValType def);
  FuncPayload make_func(FuncType type);
  /// Size and depth of an entity, for limits.
  struct Measure {
    std::uint32_t size = 1;
    std::uint32_t depth = 0;
  };
  [[nodiscard]] Measure measure(const Entity& e) const;
  void measure(InstancePayload& payload) const;
  void measure(ComponentPayload& payload) const;

  /// The canonical types: children are canonical, resources are ResourceIds.
  [[nodiscard]] const DefValType& canon_value(TypeIdx i) const { return canon_values_[i.value]; }
  [[nodiscard]] const FuncType& canon_func(std::uint32_t i) const { return canon_funcs_[i]; }
  /// Lays values out by Tid. Only for what `abi` asks; payloads know their own.
  [[nodiscard]] abi::Types abi_types() const {
    return {this, [](const void* self, TypeIdx t) -> const DefValType& {
              return static_cast<const TypeTable*>(self)->value(Tid(t.value)).def;
            }};
  }

  core::TypeRegistry& core_types() { return core_types_; }
  [[nodiscard]] const core::TypeRegistry& core_types() const { return core_types_; }

 private:
  Tid push(Entry entry) {
    entries_.push_back(entry);
    return Tid(entries_.size() - 1);
  }
  ValType canon_of(const DefValType& def);

  std::vector<Entry> entries_;
  std::deque<ValuePayload> values_;
  std::deque<FuncPayload> funcs_;
  std::deque<InstancePayload> instances_;
  std::deque<ComponentPayload> components_;
  std::deque<CoreModuleTypeInfo> modules_;
  std::uint32_t resources_ = 0;
  std::deque<DefValType> canon_values_;
  std::deque<FuncType> canon_funcs_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> value_hash_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> func_hash_;
  core::TypeRegistry core_types_;
};

/// `record`, `u32`, `list` …: how a type is called in messages.
[[nodiscard]] std::string_view noun(const DefValType& def);
[[nodiscard]] std::string_view noun(ExternKind kind);
[[nodiscard]] std::string_view noun(TypeKind kind);

}  // namespace tenon::component

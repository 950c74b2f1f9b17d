// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/abi/layout.h"
#include "tenon/component/component.h"
#include "tenon/component/info.h"
#include "tenon/core/match.h"
#include "tenon/types/parts.h"

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

/// Places of named items: open addressing over numbers, so that a large interface costs a few bytes
/// an item. `name_of(place)` gives an item's name back.
class NameIndex {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  template <class NameOf>
  [[nodiscard]] std::uint32_t find(std::string_view name, NameOf&& name_of) const {
    if (slots_.empty()) return none;
    for (std::size_t at = slot(name);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == none || name_of(slots_[at]) == name) return slots_[at];
    }
  }
  /// Adds the item that follows all that are in; its name is not there yet.
  template <class NameOf>
  void add(NameOf&& name_of) {
    if (std::size_t{2} * (used_ + 1) > slots_.size()) {
      slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), none);
      for (std::uint32_t i = 0; i < used_; ++i) place(i, name_of(i));
    }
    place(used_, name_of(used_));
    ++used_;
  }
  [[nodiscard]] std::uint32_t size() const { return used_; }

 private:
  [[nodiscard]] std::size_t slot(std::string_view name) const {
    return std::hash<std::string_view>{}(name) & (slots_.size() - 1);
  }
  void place(std::uint32_t item, std::string_view name) {
    std::size_t at = slot(name);
    while (slots_[at] != none) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = item;
  }

  std::vector<std::uint32_t> slots_;
  std::uint32_t used_ = 0;
};

/// Entities by name, in their order. Small ones are searched, large ones hashed. The names are
/// those of the component's definitions, which outlive the validation.
class EntityMap {
 public:
  struct Item {
    std::string_view name;
    Entity entity;
  };
  /// False when the name is there already.
  bool add(std::string_view name, Entity entity);
  /// For names that are known to differ.
  void append(std::string_view name, Entity entity);
  [[nodiscard]] const Entity* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  static constexpr std::size_t small = 8;
  std::vector<Item> items_;
  NameIndex index_;
};

struct ValuePayload {
  /// ValTypes and resources are Tids.
  DefValType def;
  /// A primitive, or an index of the canonical value types.
  ValType canon;
};
/// What equal value types have in common.
struct ValueFacts {
  /// With 64-bit pointers.
  abi::Layout layout;
  std::uint32_t size = 1;
  std::uint32_t depth = 1;
  bool has_borrow = false;
};
struct FuncPayload {
  /// The canonical type has the labels.
  std::uint32_t canon = 0;
  /// Where the types of its parameters and of its result are, with their identities.
  std::uint32_t first_part = 0;
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
  /// Resources that each instance makes again.
  std::vector<ResourceId> export_bound;
  std::uint32_t size = 1;
  std::uint32_t depth = 1;
};

class TypeTable {
 public:
  struct Entry {
    TypeKind kind = TypeKind::value;
    /// A place in the payloads of its kind, or a ResourceId.
    std::uint32_t payload = 0;
  };

  Tid add(ValuePayload payload);
  /// A function type of the shape and labels of `shape` whose parameters and result, if there is
  /// one, have the types `parts` (Tids). Its children must be in the table.
  Tid add_func(const FuncType& shape, std::span<const ValType> parts);
  Tid add(InstancePayload payload);
  Tid add(ComponentPayload payload);
  Tid add_resource(ResourceId resource);
  /// The same type with an identity of its own.
  Tid alias(Tid type) { return push(entries_[type.value]); }
  ResourceId fresh_resource() { return ResourceId(resources_++); }
  /// A new resource and its first type.
  Tid fresh_resource_type() { return add_resource(fresh_resource()); }
  ModuleTid add(CoreModuleTypeInfo type);

  /// Number of Tids.
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] TypeKind kind(Tid t) const { return entries_[t.value].kind; }
  [[nodiscard]] const ValuePayload& value(Tid t) const {
    return values_[entries_[t.value].payload];
  }
  [[nodiscard]] const FuncPayload& func(Tid t) const { return funcs_[entries_[t.value].payload]; }
  /// Labels and whatever else is no identity: its types are canonical.
  [[nodiscard]] const FuncType& shape(Tid f) const { return canon_func(func(f).canon); }
  /// Types of the parameters, then of the result if there is one. Adding a function ends it.
  [[nodiscard]] std::span<const ValType> parts(Tid f) const {
    const FuncType& type = shape(f);
    return std::span(parts_).subspan(func(f).first_part,
                                     type.params.size() + (type.result ? 1U : 0U));
  }
  [[nodiscard]] ValueFacts facts(Tid value) const { return facts(this->value(value).canon); }
  [[nodiscard]] ValueFacts facts(ValType canonical) const;
  [[nodiscard]] const InstancePayload& instance(Tid t) const {
    return instances_[entries_[t.value].payload];
  }
  [[nodiscard]] const ComponentPayload& component(Tid t) const {
    return components_[entries_[t.value].payload];
  }
  [[nodiscard]] ResourceId resource(Tid t) const { return ResourceId(entries_[t.value].payload); }
  [[nodiscard]] const CoreModuleTypeInfo& module(ModuleTid t) const { return *modules_[t.value]; }
  [[nodiscard]] const std::shared_ptr<const CoreModuleTypeInfo>& share_module(ModuleTid t) const {
    return modules_[t.value];
  }
  /// Payload number: equal for aliases of one type.
  [[nodiscard]] std::uint32_t payload(Tid t) const { return entries_[t.value].payload; }

  /// A value type looked up: `ValType`s of payloads hold Tids.
  [[nodiscard]] static Tid tid(ValType t) { return Tid(t.index().value); }
  [[nodiscard]] static ValType val(Tid t) { return TypeIdx(t.value); }
  [[nodiscard]] ValType canon(ValType t) const { return t.is_prim() ? t : value(tid(t)).canon; }

  /// Completes a value type: finds its canonical form. Its children must be in the table.
  ValuePayload make_value(DefValType def);
  /// Size and depth of an entity, for limits.
  struct Measure {
    std::uint32_t size = 1;
    std::uint32_t depth = 0;
  };
  [[nodiscard]] Measure measure(const Entity& e) const;
  void measure(InstancePayload& payload) const;
  void measure(ComponentPayload& payload) const;

  /// The canonical types: children are canonical, resources are ResourceIds.
  [[nodiscard]] const DefValType& canon_value(TypeIdx i) const {
    return canon_values_[i.value].def;
  }
  [[nodiscard]] const FuncType& canon_func(std::uint32_t i) const { return canon_funcs_[i].type; }
  /// The canonical types, for what `abi` asks.
  [[nodiscard]] abi::Types abi_types() const {
    return {this, [](const void* self, TypeIdx t) -> const DefValType& {
              return static_cast<const TypeTable*>(self)->canon_value(t);
            }};
  }

  core::TypeRegistry& core_types() { return *core_types_; }
  [[nodiscard]] const core::TypeRegistry& core_types() const { return *core_types_; }
  /// For whoever keeps a module's type longer than the validation.
  [[nodiscard]] std::shared_ptr<const core::TypeRegistry> share_core_types() const {
    return core_types_;
  }

 private:
  Tid push(Entry entry) {
    entries_.push_back(entry);
    return Tid(entries_.size() - 1);
  }
  struct CanonValue {
    DefValType def;
    ValueFacts facts;
  };
  struct CanonFunc {
    FuncType type;
    std::uint32_t size = 1;
    std::uint32_t depth = 1;
  };
  ValType canon_of(const DefValType& def);
  std::uint32_t canon_func_of(const FuncType& shape, std::span<const ValType> parts);
  [[nodiscard]] ValueFacts facts_of(const DefValType& canonical) const;

  std::vector<Entry> entries_;
  std::vector<ValType> parts_;
  std::deque<ValuePayload> values_;
  std::deque<FuncPayload> funcs_;
  std::deque<InstancePayload> instances_;
  std::deque<ComponentPayload> components_;
  std::deque<std::shared_ptr<const CoreModuleTypeInfo>> modules_;
  std::uint32_t resources_ = 0;
  std::deque<CanonValue> canon_values_;
  std::deque<CanonFunc> canon_funcs_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> value_hash_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> func_hash_;
  std::shared_ptr<core::TypeRegistry> core_types_ = std::make_shared<core::TypeRegistry>();
};

/// `record`, `u32`, `list` …: how a type is called in messages.
[[nodiscard]] std::string_view noun(const DefValType& def);
[[nodiscard]] std::string_view noun(ExternKind kind);
[[nodiscard]] std::string_view noun(TypeKind kind);

}  // namespace tenon::component

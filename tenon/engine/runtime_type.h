// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "tenon/core/limits.h"
#include "tenon/core/types.h"

namespace tenon::engine {

struct TypeGroup;
class TypeRegistry;

/// Defined types that can live at a time: ids have 24 bits, 0 is not a type, the last marks none.
inline constexpr std::uint32_t max_runtime_types = core::limits::no_type - 1;

/// How a field lies in an object of the heap.
struct FieldLayout {
  core::StorageType type;
  bool mutable_ = false;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// A defined type, one object for all modules of an engine: two types are equal exactly when their
/// addresses are. Defined heap types inside carry engine-wide ids in place of module indices.
/// Spec: core/valid/types "Type Equivalence" (iso-recursive, by rolled-up recursion groups).
struct RuntimeType {
  /// Unique among the types that live; used again once this one is gone.
  std::uint32_t id = 0;
  /// The recursion group that it is in, which counts its holders.
  TypeGroup* group = nullptr;
  bool final_ = true;
  core::CompType::Kind kind = core::CompType::Kind::func;
  /// How many supertypes are above this one: `core::limits::subtyping_depth` at most.
  std::uint32_t depth = 0;
  /// The ids of this type and of those above, root first, as far as their depths reach in; 0 behind
  /// this type's own. Few types are deeper, and a chain of its own for each would make a module's
  /// types cost the product of their number and their depth.
  static constexpr std::uint32_t near_depths = 8;
  std::array<std::uint32_t, near_depths> near{};
  /// The next type above; null for a root.
  const RuntimeType* super = nullptr;
  /// Some type above, such that the way to any depth takes O(log depth) steps over these and over
  /// `super`; a root's is itself.
  const RuntimeType* jump = nullptr;

  std::vector<core::ValType> params;
  std::vector<core::ValType> results;
  std::uint32_t param_slots = 0;
  std::uint32_t result_slots = 0;
  /// The larger of both.
  std::uint32_t call_slots = 0;

  /// Fields of a structure, the one field of an array.
  std::vector<FieldLayout> fields;
  /// Bytes of a structure with its header.
  std::uint32_t size = 0;
  /// Whether fields are references; of a function, parameters.
  bool has_refs = false;

  /// Whether this type is `other` or a declared subtype of it. Both live. Constant time where
  /// `other` is less than `near_depths` deep, else O(log depth).
  [[nodiscard]] bool is_subtype_of(const RuntimeType* other) const {
    if (other->depth < near_depths) [[likely]]
      return near[other->depth] == other->id;
    return above(other->depth) == other;
  }
  /// Sets depth and ways up of a type that has its id. The super's are set already.
  void put_below(const RuntimeType* above_it);
  /// The type at this depth, which lies above or is this one; this one itself when it is not so
  /// deep.
  [[nodiscard]] const RuntimeType* above(std::uint32_t wanted) const;
};

/// A type, kept alive. Whoever stores a type must hold it in this way, or hold something that does:
/// a module holds its types, a store the modules of its instances and the types of what the host
/// made in it. Copies may be made on any thread.
class TypeRef {
 public:
  TypeRef() = default;
  /// One more holder of a type that somebody holds.
  explicit TypeRef(const RuntimeType* type) : type_(type) { hold(); }
  TypeRef(const TypeRef& other) : type_(other.type_) { hold(); }
  TypeRef(TypeRef&& other) noexcept : type_(std::exchange(other.type_, nullptr)) {}
  TypeRef& operator=(TypeRef other) noexcept {
    std::swap(type_, other.type_);
    return *this;
  }
  ~TypeRef();

  // NOLINTNEXTLINE(google-explicit-constructor): to be used as the pointer that it holds
  operator const RuntimeType*() const { return type_; }
  const RuntimeType& operator*() const { return *type_; }
  const RuntimeType* operator->() const { return type_; }

 private:
  friend class TypeRegistry;
  void hold() const;
  const RuntimeType* type_ = nullptr;
};

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/narrow.h"
#include "tenon/core/limits.h"
#include "tenon/core/types.h"

namespace tenon::core {
struct Module;
}

namespace tenon::engine {

struct TypeGroup;
class TypeRegistry;

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

/// A recursion group: its types live and die together, once nobody holds it any more. A group holds
/// those that its types name.
struct TypeGroup {
  using Key = std::vector<std::uint32_t>;
  using Groups = std::map<Key, std::unique_ptr<TypeGroup>>;

  TypeRegistry* registry = nullptr;
  /// Becomes 0 only under the registry's lock, and is 0 never outside of it.
  std::atomic<std::uint64_t> holders = 1;
  std::unique_ptr<RuntimeType[]> types;
  std::uint32_t size = 0;
  /// Each once.
  std::vector<TypeGroup*> uses;
  Groups::iterator place;
  TypeGroup* next_dead = nullptr;
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
  void hold() const {
    if (type_ != nullptr) type_->group->holders.fetch_add(1, std::memory_order_relaxed);
  }
  const RuntimeType* type_ = nullptr;
};

/// The runtime types of a module's type index space, in its order, kept alive. Moves only.
class ModuleTypes {
 public:
  ModuleTypes() = default;
  ModuleTypes(ModuleTypes&&) noexcept = default;
  ModuleTypes& operator=(ModuleTypes&&) = delete;
  ~ModuleTypes();
  [[nodiscard]] const std::vector<const RuntimeType*>& all() const { return types_; }

 private:
  friend class TypeRegistry;
  std::vector<const RuntimeType*> types_;
  /// One for each recursion group of the module; equal ones count several times.
  std::vector<TypeGroup*> groups_;
};

/// Interns the types of all modules of an engine, as many as the ids of heap types reach. A type is
/// freed with its last holder. Thread-safe.
class TypeRegistry {
 public:
  /// Types that can live at a time: ids have 24 bits, 0 is no type, the last marks none.
  static constexpr std::uint32_t max_types = core::limits::no_type - 1;
  /// Of these, so many are kept for the host's own functions: modules cannot use them up.
  static constexpr std::uint32_t host_types = 1U << 16U;

  /// Modules may bring `limit` types, or what the ids reach.
  explicit TypeRegistry(std::uint32_t limit = max_types);
  ~TypeRegistry();
  TypeRegistry(const TypeRegistry&) = delete;
  TypeRegistry& operator=(const TypeRegistry&) = delete;

  /// The runtime types of a module. Rule `type-limit` when there is no room for them.
  [[nodiscard]] Result<ModuleTypes> intern(const core::Module& module);
  /// The final function type with these engine-wide parameters and results. Rule `type-limit`.
  [[nodiscard]] Result<TypeRef> func_type(std::span<const core::ValType> params,
                                          std::span<const core::ValType> results);
  /// The same for a function of the host's own, which there is always room for.
  TypeRef host_type(std::span<const core::ValType> params, std::span<const core::ValType> results);
  /// A type that somebody holds.
  [[nodiscard]] const RuntimeType* at(std::uint32_t id) const;
  /// Types that live.
  [[nodiscard]] std::uint32_t size() const;

  /// Subtyping between engine-wide types, which somebody holds. Spec: core/valid/matching.
  [[nodiscard]] bool matches(core::ValType sub, core::ValType super) const;
  [[nodiscard]] bool matches(core::HeapType sub, core::HeapType super) const;

 private:
  friend class TypeRef;
  friend class ModuleTypes;
  using Key = TypeGroup::Key;
  /// A module's recursion group while it is interned: types before it are known already.
  struct Source {
    std::span<const core::SubType> group;
    std::uint32_t begin = 0;
    /// The type of an index before `begin`.
    std::function<const RuntimeType*(core::TypeIdx)> before;
  };
  Key key_of(const Source& source) const;
  /// With one holder more; null beyond the limit.
  TypeGroup* intern_group(const Source& source, std::uint32_t limit);
  std::unique_ptr<TypeGroup> make_group(const Source& source) const;
  TypeGroup* intern_func(std::span<const core::ValType> params,
                         std::span<const core::ValType> results, std::uint32_t limit);
  Error too_many(std::size_t wanted) const;
  void release(TypeGroup* group);
  void destroy(TypeGroup* group);
  [[nodiscard]] std::uint32_t live() const {
    return narrow<std::uint32_t>(slots_.size() - 1 - free_ids_.size());
  }

  std::uint32_t limit_;
  mutable std::shared_mutex mutex_;
  /// By id; null where none lives.
  std::vector<const RuntimeType*> slots_;
  /// Has always room for every id, so that freeing a type needs no memory.
  std::vector<std::uint32_t> free_ids_;
  TypeGroup::Groups groups_;
};

/// A module's value type with its defined heap types made engine-wide.
[[nodiscard]] core::ValType to_runtime(core::ValType type,
                                       std::span<const RuntimeType* const> types);

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/core/types.h"

namespace tenon::engine {

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
  std::uint32_t id = 0;
  bool final_ = true;
  core::CompType::Kind kind = core::CompType::Kind::func;
  /// The chain of supertypes, from the root down to this type itself.
  std::vector<const RuntimeType*> display;

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
  bool has_refs = false;

  /// Whether this type is `other` or a declared subtype of it. Constant time.
  [[nodiscard]] bool is_subtype_of(const RuntimeType* other) const {
    const std::size_t depth = other->display.size();
    return display.size() >= depth && display[depth - 1] == other;
  }
};

/// Interns the types of all modules of an engine. Thread-safe; types live as long as the registry.
class TypeRegistry {
 public:
  TypeRegistry();
  ~TypeRegistry();
  TypeRegistry(const TypeRegistry&) = delete;
  TypeRegistry& operator=(const TypeRegistry&) = delete;

  /// The runtime types of a module's type index space, in its order.
  std::vector<const RuntimeType*> intern(const core::Module& module);
  /// The final function type with these engine-wide parameters and results.
  const RuntimeType* func_type(std::span<const core::ValType> params,
                               std::span<const core::ValType> results);
  [[nodiscard]] const RuntimeType* at(std::uint32_t id) const;

  /// Subtyping between engine-wide types. Spec: core/valid/matching.
  [[nodiscard]] bool matches(core::ValType sub, core::ValType super) const;
  [[nodiscard]] bool matches(core::HeapType sub, core::HeapType super) const;

 private:
  using Key = std::vector<std::uint32_t>;
  const RuntimeType* at_locked(std::uint32_t id) const { return &types_[id]; }
  std::uint32_t intern_group(std::span<const core::SubType> group, std::uint32_t begin,
                             std::span<const RuntimeType* const> before);
  mutable std::shared_mutex mutex_;
  std::deque<RuntimeType> types_;
  std::map<Key, std::uint32_t> groups_;
};

/// A module's value type with its defined heap types made engine-wide.
[[nodiscard]] core::ValType to_runtime(core::ValType type,
                                       std::span<const RuntimeType* const> types);

}  // namespace tenon::engine

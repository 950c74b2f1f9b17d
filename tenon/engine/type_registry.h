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
#include "tenon/engine/runtime_type.h"

namespace tenon::core {
struct Module;
}

namespace tenon::engine {

class TypeRegistry;

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
  /// Types that can live at a time.
  static constexpr std::uint32_t max_types = max_runtime_types;
  /// Of these, so many are kept for the host's own functions: modules cannot use them up.
  static constexpr std::uint32_t host_types = 1U << 16U;

  /// Modules may bring `limit` types, or what the ids reach.
  explicit TypeRegistry(std::uint32_t limit = max_types);
  ~TypeRegistry();
  /// Destroys the registry, or lets the last holder of one of its types do so.
  static void give_up(std::unique_ptr<TypeRegistry> registry);
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
  /// The engine is gone.
  bool given_up_ = false;
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

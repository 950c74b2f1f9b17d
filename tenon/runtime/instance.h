// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/runtime/compiled.h"
#include "tenon/runtime/failure.h"
#include "tenon/runtime/func.h"
#include "tenon/runtime/store.h"

namespace tenon::component {
struct ResolvedType;
}
namespace tenon::engine {
class Module;
}

namespace tenon::runtime {

class NameIndex;
struct InstanceItem;
class InstanceState;

/// A component as a value: the definition with the scopes around it.
struct ComponentItem {
  const CompiledComponent* compiled = nullptr;
  const InstanceState* outer = nullptr;
};
/// A type. Of resources it is the identity; of other types what a linker compares: the exported
/// type with the instance that exports it. A host gives no such types: both are null then.
class TypeItem {
 public:
  TypeItem() = default;
  explicit TypeItem(const ResourceType* resource) : what_(resource) {}
  TypeItem(const component::ResolvedType& type, const InstanceState& exporter)
      : what_(&exporter), type_(&type) {}

  /// Null when it is not a resource.
  [[nodiscard]] const ResourceType* resource() const {
    return type_ == nullptr ? static_cast<const ResourceType*>(what_) : nullptr;
  }
  /// Null for resources and where nothing is known.
  [[nodiscard]] const component::ResolvedType* type() const { return type_; }
  /// Whose tables `type` is in; for types alone.
  [[nodiscard]] const InstanceState& exporter() const {
    return *static_cast<const InstanceState*>(what_);
  }

 private:
  const void* what_ = nullptr;
  const component::ResolvedType* type_ = nullptr;
};
using ModuleItem = std::shared_ptr<const engine::Module>;
/// A value of a component, made by a value definition, a start function or the host.
using ValueItem = std::shared_ptr<const Value>;
/// Anything that crosses the border of a component when it is instantiated.
using Item = std::variant<std::monostate, const FuncInst*, const InstanceItem*, ComponentItem,
                          ModuleItem, TypeItem, ValueItem>;

/// A component instance as others see it: named items.
struct InstanceItem {
  const NameIndex* names = nullptr;
  std::vector<Item> items;

  [[nodiscard]] const Item* find(std::string_view name) const;
};

/// An export of an instance, for listings.
struct ExportedFunc {
  /// `func`, or `iface#func`.
  std::string name;
  const FuncInst* func = nullptr;
};

/// Ends the process: the host uses `what` after the store that it belongs to is gone.
[[noreturn, gnu::cold]] void used_after_store(std::string_view what) noexcept;

/// A component function as a value. Copies cheaply, and may outlive its store: then calls are
/// refused, and it has no name. One thread at a time, the store's.
class Func {
 public:
  // A move copies.
  Func(const Func&) = default;
  Func& operator=(const Func&) = default;
  ~Func() = default;
  Func(Store& store, const FuncInst& func) : life_(store.life()), func_(&func) {}
  /// While the store lives; afterwards this ends the process with a sentence.
  [[nodiscard]] const FuncInst& inst() const {
    if (!alive()) [[unlikely]]
      used_after_store("a function");
    return *func_;
  }
  /// Empty when the store is gone.
  [[nodiscard]] FuncTypeView type() const { return alive() ? func_->type : FuncTypeView(); }
  [[nodiscard]] std::string_view name() const { return alive() ? func_->name : std::string_view(); }
  /// Calls with dynamic values, one for each parameter; gives the result, if the function has one.
  [[nodiscard]] Outcome<std::optional<Value>> call(std::span<const Value> args) const {
    if (!alive()) [[unlikely]]
      return std::unexpected(wrong_store(*life_));
    return runtime::call(*life_->store(), *func_, args);
  }

  /// The same function with a C++ signature, or an error that says where it differs.
  template <class Signature>
  [[nodiscard]] Result<TypedFunc<Signature>> typed() const {
    TENON_TRY(check_typed(static_cast<Signature*>(nullptr)));
    return TypedFunc<Signature>(*func_);
  }

 private:
  template <class R, class... Args>
  [[nodiscard]] Result<void> check_typed(R (*)(Args...)) const {
    TENON_TRY(can_be_typed());
    return check_signature<R, Args...>(func_->type, func_->name);
  }
  /// A host's function and a 64-bit memory cannot be called so.
  [[nodiscard]] Result<void> can_be_typed() const;
  [[nodiscard]] bool alive() const { return life_->store() != nullptr; }

  StoreRef life_;
  const FuncInst* func_;
};

/// A running component. Copies cheaply, and may outlive its store: then it has no exports, and what
/// gives a `Result` gives an error. One thread at a time, the store's.
class Instance {
 public:
  // A move copies.
  Instance(const Instance&) = default;
  Instance& operator=(const Instance&) = default;
  ~Instance() = default;
  Instance(Store& store, const InstanceState& state);

  /// A function by its name: `f` of the component itself, `iface#f` of an exported interface (the
  /// version may be left out), or a bare name when one exported interface alone has it. The error
  /// lists what there is.
  [[nodiscard]] Result<Func> get_func(std::string_view name) const;
  /// The same, and an error when the instance belongs to another store.
  [[nodiscard]] Result<Func> get_func(Store& store, std::string_view name) const {
    TENON_TRY(belongs_to(store));
    return get_func(name);
  }
  template <class Signature>
  [[nodiscard]] Result<TypedFunc<Signature>> get_typed_func(Store& store,
                                                            std::string_view name) const {
    const auto func = TENON_TRY(get_func(store, name));
    return func.typed<Signature>();
  }
  /// An exported value: `v` of the component itself, `iface#v` of an exported instance.
  [[nodiscard]] Result<Value> get_value(std::string_view name) const;
  /// All functions that can be called, in the order of the exports.
  [[nodiscard]] std::vector<ExportedFunc> funcs() const;
  /// An item for a linker: an exported instance, function, module, component or resource.
  [[nodiscard]] const Item* find(std::string_view name) const {
    return life_->store() == nullptr ? nullptr : exports_->find(name);
  }
  /// An error when the store is gone. What follows is for one that lives, and ends the process with
  /// a sentence otherwise.
  [[nodiscard]] Result<void> alive() const;
  [[nodiscard]] const InstanceItem& exports() const { return check_alive(), *exports_; }
  /// The component that it is an instance of.
  [[nodiscard]] const InstanceState& state() const { return check_alive(), *state_; }
  [[nodiscard]] Store& store() const { return check_alive(), *life_->store(); }

 private:
  void check_alive() const {
    if (life_->store() == nullptr) [[unlikely]]
      used_after_store("an instance");
  }
  /// Reads nothing of a store that is gone.
  [[nodiscard]] Result<void> belongs_to(const Store& store) const;

  StoreRef life_;
  const InstanceItem* exports_;
  const InstanceState* state_;
};

}  // namespace tenon::runtime

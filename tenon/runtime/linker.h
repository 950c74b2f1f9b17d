// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tenon/runtime/instance.h"

namespace tenon::runtime {

struct LinkerItem;
struct LinkerNode;

/// Definitions under the names of one imported instance (or of the component's own imports). A
/// handle: copies define in the same place, which lives as long as any of them or the linker. One
/// thread at a time.
class LinkerInstance {
 public:
  explicit LinkerInstance(std::shared_ptr<LinkerNode> node) : node_(std::move(node)) {}

  /// A host function: a lambda or function pointer over C++ types (see typed.h), with or without a
  /// leading `Store&`. It may return `Result` or `Outcome`; an exception or an error becomes a
  /// trap. `needs`: an extension that a store must have before it is instantiated into.
  template <class F>
  [[nodiscard]] Result<void> func_wrap(std::string name, F f,
                                       const ExtensionType* needs = nullptr) {
    if constexpr (std::is_constructible_v<F, std::nullptr_t>) {
      if (f == nullptr) return no_function(name);
    }
    return define(std::move(name), make_host_func(std::move(f), needs));
  }
  /// A host function over dynamic values.
  [[nodiscard]] Result<void> func_new(std::string name, DynamicFn fn) {
    if (fn == nullptr) return no_function(name);
    return define(std::move(name), std::make_shared<DynamicHostFunc>(std::move(fn)));
  }
  /// A resource of C++ objects: `std::unique_ptr<T>` is `own`, `T&` is `borrow` in host functions.
  template <class T>
  [[nodiscard]] Result<void> resource(const std::string& name) {
    auto dtor = [](Store& store, std::uint32_t rep) { store.host_objects().destroy(rep); };
    return define(name, std::make_shared<ResourceType>(name, dtor, &host_type_tag<T>));
  }
  /// A resource whose representations are numbers that the host chooses; `dtor` runs when a guest
  /// drops one, unless it is empty.
  [[nodiscard]] Result<void> resource(const std::string& name, ResourceType::HostDtor dtor) {
    return define(name, std::make_shared<ResourceType>(name, std::move(dtor)));
  }
  /// A value, for a component that imports one.
  [[nodiscard]] Result<void> value(std::string name, Value value);
  [[nodiscard]] Result<void> module(std::string name, const Module& module);
  [[nodiscard]] Result<void> component(std::string name, const Component& component);
  /// A nested instance.
  LinkerInstance instance(std::string_view name);
  /// An item of a running instance, of the store that will be instantiated into.
  [[nodiscard]] Result<void> item(std::string name, Store& store, const Item& item);

  /// The error of one who gives a null or empty function that should find the host.
  static std::unexpected<Error> no_host();

 private:
  [[nodiscard]] Result<void> define(std::string name, std::shared_ptr<const HostFunc> func);
  [[nodiscard]] Result<void> define(std::string name, std::shared_ptr<const ResourceType> resource);
  [[nodiscard]] Result<void> define(std::string name, LinkerItem item);
  static std::unexpected<Error> no_function(std::string_view name);
  std::shared_ptr<LinkerNode> node_;
};

/// Imports resolved once, to be instantiated any number of times, by any number of threads in
/// stores of their own. Immutable; copies share.
class InstancePre {
 public:
  InstancePre(const InstancePre&) = default;
  /// A move copies: the source stays usable.
  InstancePre(InstancePre&& other) noexcept
      // NOLINTNEXTLINE(performance-move-constructor-init): as said
      : component_(other.component_), resolved_(other.resolved_) {}
  InstancePre& operator=(const InstancePre&) = default;
  InstancePre& operator=(InstancePre&& other) noexcept {
    component_ = other.component_;
    resolved_ = other.resolved_;
    return *this;
  }
  ~InstancePre() = default;
  /// Runs the instantiation in a store of the same engine, and where an import is an item of a
  /// running instance, in the store of that.
  [[nodiscard]] Made<Instance> instantiate(Store& store) const;
  [[nodiscard]] const Component& component() const { return component_; }

 private:
  friend class Linker;
  friend class ImportResolver;
  struct Resolved;
  [[nodiscard]] Made<Instance> make(Store& store) const;
  InstancePre(Component component, std::shared_ptr<const Resolved> resolved)
      : component_(std::move(component)), resolved_(std::move(resolved)) {}
  Component component_;
  std::shared_ptr<const Resolved> resolved_;
};

/// What a host gives to components, by name. Names of interfaces match exactly, or by semver where
/// both versions are of one compatible line. Belongs to no store, unless running instances are
/// given: a store that is gone, or another one, is then an error. Several threads may instantiate
/// at once, while nobody defines.
class Linker {
 public:
  explicit Linker(engine::Engine& engine);
  /// A copy has definitions of its own: what is defined in one later, the other does not have. The
  /// functions, resources and components are shared.
  Linker(const Linker& other);
  Linker& operator=(const Linker& other);
  Linker(Linker&&) noexcept = default;
  Linker& operator=(Linker&&) noexcept = default;
  ~Linker() = default;

  /// The component's own imports: functions of the world, resources, modules.
  [[nodiscard]] LinkerInstance root() { return LinkerInstance(root_); }
  /// An interface: `ns:pkg/iface@1.0.0`, or the plain name of an imported instance.
  [[nodiscard]] LinkerInstance instance(std::string_view name) { return root().instance(name); }
  /// Everything that a running instance exports, under the same names.
  [[nodiscard]] Result<void> link(const Instance& instance);
  /// A running instance, or one of its exported interfaces, for an import.
  [[nodiscard]] Result<void> link(std::string name, const Instance& instance,
                                  std::string_view export_name = {});
  /// Lets later definitions replace earlier ones of the same name.
  void allow_shadowing(bool allow);
  /// Imports that nobody defines yet trap when they are called.
  [[nodiscard]] Result<void> define_unknown_imports_as_traps(const Component& component);

  /// Whether something is defined for an import of that name, or for a compatible version of it.
  /// Looks through all definitions.
  [[nodiscard]] bool defines(std::string_view name) const;

  /// Finds every import of the component and checks its type.
  [[nodiscard]] Result<InstancePre> instantiate_pre(const Component& component) const;
  [[nodiscard]] Made<Instance> instantiate(Store& store, const Component& component) const;

 private:
  /// `Engine::id`: another engine may come to the address of one that is gone.
  std::uint64_t engine_id_;
  std::shared_ptr<LinkerNode> root_;
};

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/features.h"
#include "tenon/version.h"

namespace tenon::core {
template <class T>
class Validated;
}
namespace tenon::component {
struct Component;
struct ComponentInfo;
}  // namespace tenon::component
namespace tenon::engine {
inline namespace TENON_ABI {
class Engine;
}
class Module;
}  // namespace tenon::engine

namespace tenon::runtime {

struct CompiledComponent;

/// A validated component, compiled. Copies share it; any number of threads may use it. A move is a
/// copy: what was moved from stays usable.
class Component {
 public:
  Component(const Component&) = default;
  Component(Component&& other) noexcept
      // NOLINTNEXTLINE(performance-move-constructor-init): as said
      : data_(other.data_) {}
  Component& operator=(const Component&) = default;
  Component& operator=(Component&& other) noexcept {
    data_ = other.data_;
    return *this;
  }
  ~Component() = default;
  /// Compiles: O(types + functions), no function body is read.
  [[nodiscard]] static Result<Component> compile(engine::Engine& engine,
                                                 core::Validated<component::Component> component);
  /// Decodes, validates, compiles.
  [[nodiscard]] static Result<Component> from_bytes(
      engine::Engine& engine, std::vector<std::uint8_t> bytes,
      const core::Features& features = core::Features::component());
  [[nodiscard]] static Result<Component> from_file(
      engine::Engine& engine, const std::string& path,
      const core::Features& features = core::Features::component());

  [[nodiscard]] const CompiledComponent& compiled() const;
  /// Its types and names (component/info.h).
  [[nodiscard]] const component::ComponentInfo& info() const;
  [[nodiscard]] engine::Engine& engine() const;
  /// `Engine::id`, also when the engine is gone.
  [[nodiscard]] std::uint64_t engine_id() const;
  /// For whoever must keep the component alive.
  [[nodiscard]] std::shared_ptr<const void> share() const { return data_; }

 private:
  struct Data;
  explicit Component(std::shared_ptr<Data> data);
  std::shared_ptr<const Data> data_;
};

/// A core module for components that import one. Immutable: any number of threads may use it.
/// Copies share.
class Module {
 public:
  // A move copies.
  Module(const Module&) = default;
  Module& operator=(const Module&) = default;
  ~Module() = default;
  [[nodiscard]] static Result<Module> from_bytes(
      engine::Engine& engine, std::vector<std::uint8_t> bytes,
      const core::Features& features = core::Features::component());
  [[nodiscard]] static Result<Module> from_file(
      engine::Engine& engine, const std::string& path,
      const core::Features& features = core::Features::component());
  explicit Module(std::shared_ptr<const engine::Module> module) : module_(std::move(module)) {}
  [[nodiscard]] const std::shared_ptr<const engine::Module>& get() const { return module_; }

 private:
  std::shared_ptr<const engine::Module> module_;
};

}  // namespace tenon::runtime

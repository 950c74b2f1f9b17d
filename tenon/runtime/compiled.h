// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/component/info.h"
#include "tenon/component/validate.h"
#include "tenon/engine/engine.h"
#include "tenon/engine/module.h"
#include "tenon/runtime/shape.h"

namespace tenon::runtime {

/// Names in an order of their own, found by binary search. The texts live elsewhere.
class NameIndex {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  NameIndex() = default;
  /// Name N of the list gets number N.
  explicit NameIndex(const std::vector<std::string_view>& names);
  [[nodiscard]] std::uint32_t find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const { return names_[i]; }

 private:
  std::vector<std::string_view> names_;
  std::vector<std::uint32_t> sorted_;
};

/// A component definition ready to be instantiated: its core modules compiled, its types laid out.
/// Immutable; part of a `Component`.
struct CompiledComponent {
  const engine::Engine* engine = nullptr;
  const component::Component* def = nullptr;
  const component::ComponentInfo* info = nullptr;
  std::vector<std::shared_ptr<const engine::Module>> modules;
  /// By width of pointers: 32 bits, 64 bits.
  std::array<std::unique_ptr<Shapes>, 2> shapes;
  std::array<std::vector<FuncShape>, 2> func_shapes;
  /// Core types of what canonical definitions make, parallel to `info->canons`; null for lifts.
  std::vector<engine::TypeRef> canon_types;
  /// Nested components, by the place of their definition.
  std::unordered_map<std::uint32_t, std::unique_ptr<CompiledComponent>> nested;
  /// Names that instance definitions have: of arguments where they instantiate, of exports where
  /// they are made of items. By the place of the definition.
  std::unordered_map<std::uint32_t, NameIndex> names;
  /// What value definitions define, by their place.
  std::unordered_map<std::uint32_t, std::shared_ptr<const Value>> values;
  NameIndex exports;
  /// What one instance takes of the host's memory, without those inside and its core instances.
  std::uint64_t instance_bytes = 0;

  [[nodiscard]] const FuncShape* func_shape(component::FuncTypeIdx type, abi::Ptr ptr) const {
    return &func_shapes[ptr == abi::Ptr::i64 ? 1 : 0][type.value];
  }
};

/// A validated component, compiled. Copies share it; any number of threads may use it.
class Component {
 public:
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

  [[nodiscard]] const CompiledComponent& compiled() const { return data_->top; }
  [[nodiscard]] const component::ComponentInfo& info() const { return *data_->top.info; }
  [[nodiscard]] engine::Engine& engine() const { return *data_->engine; }
  /// For whoever must keep the component alive.
  [[nodiscard]] std::shared_ptr<const void> share() const { return data_; }

 private:
  struct Data {
    Data(engine::Engine& e, core::Validated<component::Component> c)
        : engine(&e), component(std::move(c)) {}
    engine::Engine* engine;
    core::Validated<component::Component> component;
    CompiledComponent top;
  };
  explicit Component(std::shared_ptr<Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

/// A core module for components that import one. Immutable: any number of threads may use it.
class Module {
 public:
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

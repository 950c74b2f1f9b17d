// SPDX-License-Identifier: Apache-2.0
#pragma once

// The implementation of a `Component`.
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
#include "tenon/runtime/compiled.h"
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
  std::uint64_t engine_id = 0;
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

struct Component::Data {
  Data(engine::Engine& e, core::Validated<component::Component> c)
      : engine(&e), component(std::move(c)) {}
  engine::Engine* engine;
  core::Validated<component::Component> component;
  CompiledComponent top;
};

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/component/info.h"

namespace tenon::component {

/// The first place at which one type cannot stand for another.
struct Mismatch {
  enum class Kind : std::uint8_t {
    /// The actual side imports what the other does not give.
    missing_import,
    /// The expected side has an export that the actual one lacks.
    missing_export,
    /// Both have it, and the types differ.
    type,
    /// The types are too large to be compared (`limits::type_steps`).
    limit,
  };
  Kind kind = Kind::type;
  /// The steps from the outside in, ready to be shown: "export `f`", "parameter `a`", "result".
  std::vector<std::string> path;
  /// The types at that place (type_text.h), cut when they are long: what is given and what its user
  /// wants. Within imports it is the expected side that gives. `found` is empty when nothing is.
  std::string found;
  std::string wanted;
  /// For what is missing: its name, and the same name in another version or the nearest one, which
  /// may be empty.
  std::string name;
  std::string nearest;
  bool other_version = false;

  /// "export `f`, parameter `a`: found `u32`, wanted `u64`". One line.
  [[nodiscard]] std::string text() const;
};

/// One side of a comparison: a component's types, and what its resources stand for. Resources are
/// the same when their keys are; a null key stands for nothing and equals nothing.
struct TypeSide {
  const ComponentInfo* info = nullptr;
  const void* owner = nullptr;
  const void* (*key)(const void* owner, ResourceIdx resource) = nullptr;

  /// A component that does not run: each resource stands for itself.
  [[nodiscard]] static TypeSide of(const ComponentInfo& info) {
    return {&info, &info, [](const void* owner, ResourceIdx resource) -> const void* {
              return &static_cast<const ComponentInfo*>(owner)->resources[resource];
            }};
  }
};

/// Compares types of different components, where a linker puts one for the other. One matcher
/// serves any number of comparisons and remembers what it has compared: the work for all of them
/// together is linear in the sizes of the types, and bounded. The infos, their owners' resources
/// and the modules must stay as they are while it is used. Spec: Explainer.md "Type Checking".
class Matcher {
 public:
  Matcher();
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // Each tells why `a` of the actual side cannot be where `e` of the expected one is wanted, or
  // nothing.

  /// Equality, but for names of parameters, which must be the same as well.
  [[nodiscard]] std::optional<Mismatch> func(const TypeSide& actual, const FuncType& a,
                                             const TypeSide& expected, const FuncType& e);
  [[nodiscard]] std::optional<Mismatch> value(const TypeSide& actual, ValType a,
                                              const TypeSide& expected, ValType e);
  /// Equality of types as items: what `(type (eq …))` asks for.
  [[nodiscard]] std::optional<Mismatch> type(const TypeSide& actual, const ResolvedType& a,
                                             const TypeSide& expected, const ResolvedType& e);
  /// A component against a component type: what it imports must be given, what is wanted exported.
  [[nodiscard]] std::optional<Mismatch> component(const TypeSide& actual, const TypeSide& expected,
                                                  ComponentTypeIdx e);
  /// A component against another one.
  [[nodiscard]] std::optional<Mismatch> component(const TypeSide& actual, const TypeSide& expected);
  /// A module against a module type. Spec: core/valid/matching; imports may be fewer, exports more.
  [[nodiscard]] std::optional<Mismatch> module(const core::Module& actual, const TypeSide& expected,
                                               ModuleTypeIdx e);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether a component can be where a component like `expected` is wanted: it imports no more
/// and exports no less, with types that match.
[[nodiscard]] std::optional<Mismatch> match(const ComponentInfo& actual,
                                            const ComponentInfo& expected);
/// The same for a component type that `expected` has.
[[nodiscard]] std::optional<Mismatch> match(const ComponentInfo& actual,
                                            const ComponentInfo& expected, ComponentTypeIdx type);

}  // namespace tenon::component

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tenon/abi/layout.h"
#include "tenon/component/info.h"

namespace tenon::component {

// Types as messages show them: structurally, in WIT's spelling. Long and deep ones are cut with
// `…`, so that a text has some hundred bytes whatever the type is.

/// What WIT calls the records, variants, enums, flags and resources of a component: the names under
/// which its instances and the component itself import and export them. Types are told apart by
/// what they are made of: where two names mean the same, there is none. Made in O(names); `info`
/// must outlive it.
class TypeNames {
 public:
  explicit TypeNames(const ComponentInfo& info);

  /// The names that one instance gives to its types.
  using Names = std::unordered_map<std::uint32_t, std::string_view>;
  struct Inner {
    Names types;
    Names resources;
  };
  /// Prefers the names that this instance gives from now on; what was preferred before is returned.
  /// O(exports): once for an instance, not for each of its exports.
  [[nodiscard]] Inner enter(const InstanceTypeInfo& instance);
  /// Prefers again what was preferred before `enter`.
  void leave(Inner before) { inner_ = std::move(before); }
  /// The name of a type that is no primitive, or an empty text.
  [[nodiscard]] std::string_view of(ValType type) const;
  [[nodiscard]] std::string_view of(ResourceIdx resource) const;
  [[nodiscard]] const ComponentInfo& info() const { return info_; }

 private:
  void add(std::string_view name, const ResolvedExtern& type, Names& types, Names& resources) const;
  static std::string_view find(std::uint32_t idx, const Names& inner, const Names& all);

  const ComponentInfo& info_;
  Names types_;
  Names resources_;
  Inner inner_;
};

/// `record { x: f64, y: f64 }`, `list<u8>`. Resources show as their numbers.
[[nodiscard]] std::string type_text(const abi::Types& types, ValType type);
/// The same with resources by their names.
[[nodiscard]] std::string type_text(const ComponentInfo& info, ValType type);
/// `func(a: f64, b: f64) -> f64`.
[[nodiscard]] std::string type_text(const ComponentInfo& info, const FuncType& type);
/// `resource r`, `instance`, or the type of a function, value or value type.
[[nodiscard]] std::string type_text(const ComponentInfo& info, const ResolvedExtern& type);
[[nodiscard]] std::string type_text(const ComponentInfo& info, const ResolvedType& type);

/// The same by the names of the WIT: `func(p: point) -> borrow<canvas>`. A type's own declaration
/// shows what it is made of.
[[nodiscard]] std::string type_text(const TypeNames& names, const FuncType& type);
[[nodiscard]] std::string type_text(const TypeNames& names, const ResolvedExtern& type);
/// What a type that is exported or imported is: `record { x: f64 }`, `resource r`.
[[nodiscard]] std::string definition_text(const TypeNames& names, const ResolvedType& type);

/// A core item's type in the text format: `(func (param i32) (result i64))`, `(memory 1)`. Its type
/// indices are canonical.
[[nodiscard]] std::string type_text(const core::TypeRegistry& types, const core::ExternType& type);

}  // namespace tenon::component

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tenon/component/typetable.h"

namespace tenon::component {

/// Replaces resources and types in types: what instantiation and opening do. Types that mention
/// none of them stay as they are. Each type is rewritten once. Spec: Explainer.md "Type Checking".
class Substitution {
 public:
  explicit Substitution(TypeTable& types) : types_(&types) {}

  void map(ResourceId from, ResourceId to) { resources_[from.value] = to; }
  /// Types of imports become those that were given, so that their names stay known.
  void map(Tid from, Tid to) { types_done_[from.value] = to; }
  [[nodiscard]] std::optional<ResourceId> find(ResourceId r) const;
  [[nodiscard]] bool empty() const { return resources_.empty() && types_done_.empty(); }

  Entity operator()(const Entity& e);
  Tid operator()(Tid t);
  EntityMap operator()(const EntityMap& map);

 private:
  ValType operator()(ValType t) {
    return t.is_prim() ? t : TypeTable::val((*this)(TypeTable::tid(t)));
  }
  Tid rewrite(Tid t);
  bool rewrite(const EntityMap& from, EntityMap& to);

  TypeTable* types_;
  std::unordered_map<std::uint32_t, ResourceId> resources_;
  std::unordered_map<std::uint32_t, Tid> types_done_;
};

/// Why two types do not match, as "expected …, found …"; nothing when they do.
using Reason = std::optional<std::string>;

/// Subtyping: whether `actual` may be where `expected` is wanted.
/// Spec: Explainer.md "Type Checking".
class Subtyping {
 public:
  explicit Subtyping(TypeTable& types) : types_(&types) {}

  Reason match(const Entity& actual, const Entity& expected);
  /// Gives the resources in `bound` that `expected` introduces the ones that `actual` has in their
  /// place.
  Reason bind(const Entity& actual, const Entity& expected, const std::vector<ResourceId>& bound,
              Substitution& out);
  /// Gives the types that `expected` introduces those of `actual` in their place. After matching
  /// only.
  void rename(const Entity& actual, const Entity& expected, Substitution& out);
  /// Matches each wanted item, which may introduce resources, against the actual one of its name.
  Reason match_opened(const EntityMap& actual, const EntityMap& expected,
                      const std::vector<ResourceId>& bound, Substitution& out, const char* what);
  /// Equality of value types.
  Reason match_value(ValType actual, ValType expected);

 private:
  Reason match_type(Tid actual, Tid expected);
  Reason match_func(Tid actual, Tid expected);
  Reason match_instance(const EntityMap& actual, const EntityMap& expected);
  Reason match_instance_type(Tid actual, Tid expected);
  Reason match_component(Tid actual, Tid expected);
  Reason explain(ValType actual, ValType expected);
  Reason explain_records(const Record& actual, const Record& expected);
  Reason explain_variants(const Variant& actual, const Variant& expected);
  Reason explain_defined(const DefValType& actual, const DefValType& expected);

  TypeTable* types_;
};

/// Core subtyping of an item against an import; types are canonical. Spec: core/valid/matching.
[[nodiscard]] Reason match_core(const core::TypeRegistry& types, const core::ExternType& actual,
                                const core::ExternType& expected);
/// The two names of a core import as one text, different for different pairs: names may hold any
/// character.
[[nodiscard]] std::string import_key(std::string_view module, std::string_view name);
[[nodiscard]] Reason match_core_module(const core::TypeRegistry& types,
                                       const CoreModuleTypeInfo& actual,
                                       const CoreModuleTypeInfo& expected);

/// `[i32 i32] -> [i32]`.
[[nodiscard]] std::string to_string(const core::FuncType& type);

}  // namespace tenon::component

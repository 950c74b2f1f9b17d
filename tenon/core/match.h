// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/module.h"
#include "tenon/core/types.h"

namespace tenon::core {

/// A defined type's identity: two types are equal exactly when their canonical indices are,
/// whichever modules they come from. Spec: core/valid/conventions "Defined Types".
struct CanonIdx : Index<CanonIdx> {
  using Index::Index;
};

/// Interns recursion groups up to isomorphism. An engine owns one and gives it every module's
/// types, after which types compare across modules by number; a validator has one for its module
/// alone. Not synchronised: whoever shares it between threads guards it. Ids are never reused.
class TypeRegistry {
 public:
  TypeRegistry() = default;
  TypeRegistry(TypeRegistry&&) noexcept = default;
  TypeRegistry& operator=(TypeRegistry&&) noexcept = default;
  TypeRegistry(const TypeRegistry&) = delete;
  TypeRegistry& operator=(const TypeRegistry&) = delete;
  ~TypeRegistry() = default;

  /// Interns all types of a module; the result is indexed by TypeIdx. The types must be valid.
  [[nodiscard]] Result<std::vector<CanonIdx>> intern(std::span<const SubType> types);
  /// Interns all types of another registry; the result is indexed by its CanonIdx.
  [[nodiscard]] Result<std::vector<CanonIdx>> intern(const TypeRegistry& other);

  /// Interns the group that begins at `types[begin]`. `canon` holds the ids of all types before it
  /// and receives those of the group. Its indices must be below the group's end.
  [[nodiscard]] Result<void> intern_group(std::span<const SubType> types, std::uint32_t begin,
                                          std::uint32_t size, std::vector<CanonIdx>& canon);
  /// Interns one function type that stands alone (a host function's). Its references to defined
  /// types, if any, are canonical indices.
  [[nodiscard]] Result<CanonIdx> intern_func(FuncType type);

  /// The type itself. The `TypeIdx`s in it are canonical indices.
  [[nodiscard]] const SubType& type(CanonIdx i) const { return types_[i.value].type; }
  [[nodiscard]] CompType::Kind kind(CanonIdx i) const { return types_[i.value].type.type.kind; }
  [[nodiscard]] std::size_t size() const { return types_.size(); }
  /// Length of the chain of supertypes above.
  [[nodiscard]] std::uint32_t depth(CanonIdx i) const { return types_[i.value].depth; }

  /// Whether `a` is `b` or declared below it. Spec: core/valid/matching "Defined Types". O(depth).
  [[nodiscard]] bool matches(CanonIdx a, CanonIdx b) const {
    if (a == b) return true;
    for (std::uint32_t d = depth(a); d > depth(b); --d) a = types_[a.value].super;
    return a == b;
  }
  // Matching of types whose indices are canonical. Spec: core/valid/matching.
  [[nodiscard]] bool matches(HeapType a, HeapType b) const;
  [[nodiscard]] bool matches(ValType a, ValType b) const;

 private:
  struct Entry {
    SubType type;
    CanonIdx super;
    std::uint32_t depth = 0;
  };
  struct Group {
    std::vector<std::uint32_t> words;
    std::uint32_t first = 0;
  };
  std::vector<Entry> types_;
  std::vector<Group> groups_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

/// Matching of abstract heap types. Spec: core/valid/matching "Heap Types".
[[nodiscard]] bool matches_abstract(TypeCode a, TypeCode b);
/// Whether every defined type of this kind lies below the abstract heap type.
[[nodiscard]] bool kind_matches(CompType::Kind kind, TypeCode abstract);

/// Matching inside one module: types as the module numbers them.
class TypeMatcher {
 public:
  /// Both must live longer than this.
  TypeMatcher(const IndexVector<TypeIdx, SubType>& types, TypeRegistry& registry)
      : types_(&types), registry_(&registry) {}

  /// Makes the next group known. Its indices must have been checked.
  [[nodiscard]] Result<void> add_group(std::uint32_t begin, std::uint32_t size) {
    return registry_->intern_group(types_->raw(), begin, size, canon_);
  }
  /// How many of the module's types are known so far.
  [[nodiscard]] std::size_t known() const { return canon_.size(); }
  [[nodiscard]] CanonIdx canon(TypeIdx i) const { return canon_[i.value]; }
  [[nodiscard]] const std::vector<CanonIdx>& canon() const { return canon_; }

  [[nodiscard]] bool matches(TypeIdx a, TypeIdx b) const {
    return registry_->matches(canon(a), canon(b));
  }
  [[nodiscard]] bool matches(HeapType a, HeapType b) const;
  /// Spec: core/valid/matching "Value Types".
  [[nodiscard]] bool matches(ValType a, ValType b) const {
    return a == b || a.is_bot() || (a.is_ref() && b.is_ref() && matches_ref(a, b));
  }
  [[nodiscard]] bool matches(const FieldType& a, const FieldType& b) const;
  [[nodiscard]] bool matches(const CompType& a, const CompType& b) const;
  /// Whether all of `a` match those of `b`, one by one.
  [[nodiscard]] bool matches(std::span<const ValType> a, std::span<const ValType> b) const;

 private:
  [[nodiscard]] bool matches_ref(ValType a, ValType b) const {
    return (b.nullable() || !a.nullable()) && matches(a.heap(), b.heap());
  }

  const IndexVector<TypeIdx, SubType>* types_;
  TypeRegistry* registry_;
  std::vector<CanonIdx> canon_;
};

/// Limits of an import's actual against its wanted type. Spec: core/valid/matching "Limits".
[[nodiscard]] bool matches(const Limits& actual, const Limits& wanted);

}  // namespace tenon::core

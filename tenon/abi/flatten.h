// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tenon/abi/layout.h"
#include "tenon/core/types.h"
#include "tenon/types/types.h"

namespace tenon::abi {

// Spec: CanonicalABI.md "Flattening".
inline constexpr std::size_t MAX_FLAT_PARAMS = 16;
inline constexpr std::size_t MAX_FLAT_ASYNC_PARAMS = 4;
inline constexpr std::size_t MAX_FLAT_RESULTS = 1;

/// Core types that values flatten to. Holds what any signature can: once more come than
/// `MAX_FLAT_PARAMS`, only the fact that there are too many is kept (a fixed-length list may have
/// millions).
class FlatTypes {
 public:
  /// One more type.
  void push(core::TypeCode type) {
    if (size_ < items_.size()) items_[size_] = type;
    ++size_;
  }
  /// One more of a variant's payload: joined with what another case has at the same place.
  void join_at(std::size_t at, core::TypeCode type);
  void append(const FlatTypes& other);

  /// Whether more came than fit into a signature.
  [[nodiscard]] bool exceeds(std::size_t max) const { return size_ > max; }
  /// How many there are; above `MAX_FLAT_PARAMS` it is only known that there are more.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] core::TypeCode operator[](std::size_t i) const { return items_[i]; }
  /// The types; not to be asked for when there are more than `MAX_FLAT_PARAMS`.
  [[nodiscard]] std::span<const core::TypeCode> view() const { return {items_.data(), size_}; }

 private:
  std::array<core::TypeCode, MAX_FLAT_PARAMS + 1> items_{};
  std::size_t size_ = 0;
};

/// Appends the core types of `type`. Stops once `out` is full. Spec: CanonicalABI.md "Flattening".
void flatten_type(const Types& types, ValType type, Ptr ptr, FlatTypes& out);
[[nodiscard]] FlatTypes flatten_type(const Types& types, ValType type, Ptr ptr = Ptr::i32);
[[nodiscard]] FlatTypes flatten_types(const Types& types, std::span<const ValType> list,
                                      Ptr ptr = Ptr::i32);

/// The core types of one type out of those of its parts: `child(ValType) -> FlatTypes`. Who keeps a
/// table of them pays each type once; `flatten_type` recurses. Spec: CanonicalABI.md "Flattening".
template <class Child>
[[nodiscard]] FlatTypes flatten_of(const DefValType& type, Ptr ptr, Child&& child);

/// The core types of a primitive type.
[[nodiscard]] FlatTypes flatten_prim(types::PrimValType prim, Ptr ptr);

/// The tightest core type that holds either. Spec: CanonicalABI.md "Flattening".
[[nodiscard]] constexpr core::TypeCode join(core::TypeCode a, core::TypeCode b) {
  using enum core::TypeCode;
  if (a == b) return a;
  if ((a == i32 && b == f32) || (a == f32 && b == i32)) return i32;
  return i64;
}

enum class Context : std::uint8_t { lift, lower };

/// What of the canonical options decides a core signature.
struct FlattenOptions {
  Context context = Context::lift;
  bool async_ = false;
  /// An async lift with a callback returns a packed i32, one without returns nothing.
  bool callback = false;
  Ptr ptr = Ptr::i32;
};

/// A function's core signature, and whether parameters and result go through memory.
struct FlatFuncType {
  core::FuncType type;
  /// The parameters are one pointer to a tuple in memory.
  bool params_in_memory = false;
  /// The result is in memory: behind the returned pointer (lift), or behind the pointer that is
  /// the last parameter (lower). For an async lift: behind the pointer given to `task.return`.
  bool result_in_memory = false;
};

/// The core signature of a function whose parameters and result (empty: none) flatten to these.
/// Spec: CanonicalABI.md "Flattening" (flatten_functype).
[[nodiscard]] FlatFuncType flat_signature(FlatTypes params, FlatTypes result,
                                          FlattenOptions options);
[[nodiscard]] FlatFuncType flatten_functype(const Types& types, std::span<const ValType> params,
                                            std::optional<ValType> result, FlattenOptions options);
[[nodiscard]] FlatFuncType flatten_functype(const Types& types, const types::FuncType& type,
                                            FlattenOptions options);

/// The parameters of a `task.return` for a result: flat up to `MAX_FLAT_PARAMS`, else one pointer.
/// Spec: CanonicalABI.md "canon task.return".
[[nodiscard]] FlatFuncType flatten_task_return(const Types& types, std::optional<ValType> result,
                                               Ptr ptr = Ptr::i32);

/// Whether a value of the type has a part behind a pointer: a string, a list without a length, a
/// map. These need a memory to be lowered from and a realloc to be lifted into.
[[nodiscard]] bool needs_memory(const Types& types, ValType type);

namespace impl {

/// A discriminant, then the payloads joined place by place.
struct FlatVariant {
  FlatTypes payload;
  void add(const FlatTypes& one) {
    for (std::size_t i = 0; i < std::min(one.size(), MAX_FLAT_PARAMS + 1); ++i)
      payload.join_at(i, one[i]);
  }
  [[nodiscard]] bool full() const { return payload.exceeds(MAX_FLAT_PARAMS); }
  [[nodiscard]] FlatTypes done() const {
    FlatTypes out;
    out.push(core::TypeCode::i32);
    out.append(payload);
    return out;
  }
};

}  // namespace impl

template <class Child>
FlatTypes flatten_of(const DefValType& type, Ptr ptr, Child&& child) {
  using namespace types;
  // A string has what any pointer and length have.
  const auto pointer_and_length = [&] { return flatten_prim(PrimValType::string, ptr); };
  const auto one_word = [] {
    FlatTypes out;
    out.push(core::TypeCode::i32);
    return out;
  };
  // What is too long for a signature need not be looked at further.
  const auto sequence = [&](const auto& parts, auto type_of) {
    FlatTypes out;
    for (const auto& part : parts) {
      if (out.exceeds(MAX_FLAT_PARAMS)) break;
      out.append(child(type_of(part)));
    }
    return out;
  };
  const auto variant = [&](auto... payloads) {
    impl::FlatVariant out;
    const auto add = [&](const std::optional<ValType>& payload) {
      if (payload && !out.full()) out.add(child(*payload));
    };
    (add(payloads), ...);
    return out.done();
  };
  return std::visit(
      overloaded{
          [&](PrimValType prim) { return flatten_prim(prim, ptr); },
          [&](const Record& record) {
            return sequence(record.fields, [](const LabelValType& field) { return field.type; });
          },
          [&](const Variant& v) {
            impl::FlatVariant out;
            for (const Case& c : v.cases) {
              if (c.type && !out.full()) out.add(child(*c.type));
            }
            return out.done();
          },
          [&](const List& list) {
            if (!list.length) return pointer_and_length();
            const FlatTypes elem = child(list.elem);
            FlatTypes out;
            for (std::uint32_t i = 0; i < *list.length && !out.exceeds(MAX_FLAT_PARAMS); ++i)
              out.append(elem);
            return out;
          },
          [&](const Tuple& tuple) { return sequence(tuple.types, [](ValType t) { return t; }); },
          [&](const Flags&) { return one_word(); },
          [&](const Enum&) { return one_word(); },
          [&](const Option& option) { return variant(std::optional(option.type)); },
          [&](const ResultType& result) { return variant(result.ok, result.err); },
          [&](const Own&) { return one_word(); },
          [&](const Borrow&) { return one_word(); },
          [&](const Stream&) { return one_word(); },
          [&](const Future&) { return one_word(); },
          [&](const Map&) { return pointer_and_length(); },
      },
      type);
}

}  // namespace tenon::abi

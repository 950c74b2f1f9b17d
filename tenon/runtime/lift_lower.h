// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <forward_list>
#include <span>
#include <string>
#include <vector>

#include "tenon/base/narrow.h"
#include "tenon/engine/value.h"
#include "tenon/runtime/context.h"
#include "tenon/runtime/shape.h"
#include "tenon/runtime/value.h"

namespace tenon::runtime {

using engine::ValueSlot;

// Lifting and lowering of dynamic values, by the names of definitions.py. All return false when the
// guest trapped.

/// Reads core values one after the other. A slot's low bits are the value, so reading a joined slot
/// of a variant as a narrower type is the coercion that the specification asks for. Spec:
/// CanonicalABI.md "Flat Lifting" (CoreValueIter).
class CoreValueIter {
 public:
  explicit CoreValueIter(const ValueSlot* at) : at_(at) {}
  std::uint32_t next32() { return low_bits<std::uint32_t>(*at_++); }
  std::uint64_t next64() { return *at_++; }
  std::uint64_t next_ptr(bool wide) { return wide ? next64() : next32(); }
  [[nodiscard]] const ValueSlot* at() const { return at_; }
  void skip_to(const ValueSlot* at) { at_ = at; }

 private:
  const ValueSlot* at_;
};

/// Host handles that live for one call: borrows lifted for the host (dropped afterwards), and the
/// host's own that were lent (given back afterwards).
struct HostScope {
  /// Objects of the host's that it lent: their places among the store's host objects.
  std::vector<std::uint32_t> objects;
  std::vector<HostHandle> lifted;
  std::vector<HostHandle> lent;
  /// Copies behind views of strings that are not UTF-8 in the guest.
  std::forward_list<std::string> texts;
  void leave(Store& store) noexcept;
};

/// Lowers a host handle; shared by dynamic and typed values. What the host must not pass is a trap
/// here: calls look for it before they enter the guest.
bool lower_host_handle(LiftLowerContext& cx, HostHandle handle, const ResourceType* rt, bool own,
                       std::uint32_t& i);
/// Lifts a guest's handle into the host's table.
bool lift_host_handle(LiftLowerContext& cx, std::uint32_t i, const ResourceType* rt, bool own,
                      HostHandle& handle);

/// Lifts into `Value`s. The context gets the scope.
class ValueLifter {
 public:
  /// `peek` reads for a trace: handles stay where they are, and show as their index.
  enum class Mode : std::uint8_t { take, peek };
  ValueLifter(LiftLowerContext& cx, HostScope& scope, Mode mode = Mode::take)
      : cx_(cx), mode_(mode) {
    cx.host_scope = &scope;
  }

  /// Spec: CanonicalABI.md "Loading". `ptr` is aligned and in bounds.
  bool load(std::uint64_t ptr, const Shape& t, Value& out);
  /// Spec: CanonicalABI.md "Flat Lifting".
  bool lift_flat(CoreValueIter& vi, const Shape& t, Value& out);
  /// Spec: CanonicalABI.md "Lifting and Lowering Values".
  bool lift_flat_values(CoreValueIter& vi, const FuncShape& f, std::vector<Value>& out);
  /// The result of a call: one flat value, or behind a pointer.
  bool lift_result(CoreValueIter& vi, const FuncShape& f, std::vector<Value>& out);

 private:
  bool load_list_from_range(std::uint64_t ptr, std::uint64_t length, const Shape& elem, Value& out);
  bool load_list_from_valid_range(std::uint64_t ptr, std::uint64_t length, const Shape& elem,
                                  Value& out);
  bool load_record(std::uint64_t ptr, const Shape& t, Value& out);
  bool load_variant(std::uint64_t ptr, const Shape& t, Value& out);
  bool lift_string(std::uint64_t ptr, std::uint64_t tagged_code_units, Value& out);
  bool lift_string_or_list(std::uint64_t ptr, std::uint64_t length, const Shape& t, Value& out);
  bool lift_scalar(std::uint64_t bits, const Shape& t, Value& out);
  bool lift_handle(std::uint32_t i, const Shape& t, Value& out);
  bool lift_flat_variant(CoreValueIter& vi, const Shape& t, Value& out);
  static Value make_record(const Shape& t, std::vector<Value> items);
  static Value make_variant(const Shape& t, std::uint32_t index, std::optional<Value> payload);
  bool unpack_flags(std::uint32_t bits, const Shape& t, Value& out);

  // What the host is about to allocate is charged first: the size that it has here, which may be a
  // hundred times what the guest spent.
  bool charge_items(std::uint64_t count) {
    return cx_.charge(Value::base_bytes() + allocation + count * sizeof(Value));
  }
  bool charge_case(const Shape& t, std::uint32_t index);
  static std::uint64_t text_bytes(std::string_view text) {
    return text.size() < sizeof(std::string) / 2 ? 0 : text.size() + 1 + allocation;
  }
  /// What an allocator keeps for itself.
  static constexpr std::uint64_t allocation = 16;

  LiftLowerContext& cx_;
  Mode mode_;
};

/// Which case of a variant, enum, option or result a value is.
[[nodiscard]] std::uint32_t case_index(const Value& v, const Shape& t);

class ValueLowerer {
 public:
  ValueLowerer(LiftLowerContext& cx, HostScope& scope) : cx_(cx) { cx.host_scope = &scope; }

  /// Spec: CanonicalABI.md "Storing". The value fits the type (`check`), `ptr` is aligned, in
  /// bounds.
  bool store(const Value& v, const Shape& t, std::uint64_t ptr);
  /// Writes `t.flat_count` slots from `out` on and moves it. Spec: CanonicalABI.md "Flat Lowering".
  bool lower_flat(const Value& v, const Shape& t, ValueSlot*& out);
  /// Parameters of a call, flat or through memory. Spec: "Lifting and Lowering Values".
  bool lower_flat_values(std::span<const Value> vs, const FuncShape& f, ValueSlot* out);
  /// The result of an import: into the slot, or where `out_param` points.
  bool lower_result(std::span<const Value> vs, const FuncShape& f, ValueSlot* out,
                    std::uint64_t out_param);

 private:
  bool store_list_into_range(const Value& v, const Shape& elem, std::uint64_t& ptr,
                             std::uint64_t& length);
  bool store_list_into_valid_range(const Value& v, const Shape& elem, std::uint64_t ptr);
  bool lower_string_or_list(const Value& v, const Shape& t, std::uint64_t& ptr,
                            std::uint64_t& length);
  bool lower_scalar(const Value& v, const Shape& t, std::uint64_t& bits);
  static std::uint32_t pack_flags(const Value& v, const Shape& t);
  bool lower_handle(const Value& v, const Shape& t, std::uint32_t& i);

  LiftLowerContext& cx_;
};

/// Canonical NaNs. Spec: CanonicalABI.md "Loading" (canonicalize_nan32, canonicalize_nan64).
[[nodiscard]] constexpr std::uint32_t canonicalize_nan32(std::uint32_t bits) {
  return (bits & 0x7FFFFFFFU) > 0x7F800000U ? 0x7FC00000U : bits;
}
/// The same for `n` floats one behind the other, at any alignment.
void canonicalize_f32s(std::uint8_t* at, std::uint64_t n);
void canonicalize_f64s(std::uint8_t* at, std::uint64_t n);
[[nodiscard]] constexpr std::uint64_t canonicalize_nan64(std::uint64_t bits) {
  return (bits & 0x7FFFFFFFFFFFFFFFULL) > 0x7FF0000000000000ULL ? 0x7FF8000000000000ULL : bits;
}

/// A number or bool out of the bits of its core value, whose high bits are unspecified.
/// Spec: CanonicalABI.md "Flat Lifting", "Loading".
template <class T>
[[nodiscard]] constexpr T from_slot(std::uint64_t bits) {
  if constexpr (std::same_as<T, bool>) {
    return low_bits<std::uint32_t>(bits) != 0;
  } else if constexpr (std::same_as<T, float>) {
    return std::bit_cast<float>(canonicalize_nan32(low_bits<std::uint32_t>(bits)));
  } else if constexpr (std::same_as<T, double>) {
    return std::bit_cast<double>(canonicalize_nan64(bits));
  } else {
    return low_bits<T>(bits);
  }
}
/// The bits of its core value: integers sign-extended or zero-extended to 32 bits, zero above.
/// Spec: CanonicalABI.md "Flat Lowering", "Storing".
template <class T>
[[nodiscard]] constexpr std::uint64_t to_slot(T value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? 1 : 0;
  } else if constexpr (std::same_as<T, float>) {
    return canonicalize_nan32(std::bit_cast<std::uint32_t>(value));
  } else if constexpr (std::same_as<T, double>) {
    return canonicalize_nan64(std::bit_cast<std::uint64_t>(value));
  } else if constexpr (sizeof(T) < sizeof(std::uint64_t)) {
    return low_bits<std::uint32_t>(value);
  } else {
    return low_bits<std::uint64_t>(value);
  }
}

}  // namespace tenon::runtime

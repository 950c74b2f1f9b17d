// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tenon/base/narrow.h"
#include "tenon/core/types.h"

namespace tenon::engine {

/// How values cross every boundary of the engine: 64 bits each, a v128 takes two. Narrower numbers
/// are in the low bits (the high bits of an i32 or f32 are unspecified). References:
/// funcref is a `FuncRef*`; any and extern references are tagged words (see `AnyRef`); null is 0.
using ValueSlot = std::uint64_t;

/// 128 bits of a v128, lane 0 in the lowest byte.
struct V128 {
  alignas(16) std::uint8_t bytes[16] = {};
  friend bool operator==(const V128& a, const V128& b) {
    return std::memcmp(a.bytes, b.bytes, 16) == 0;
  }
};

/// A reference below `any` or `extern`: null, a 31-bit integer, an object of the store's heap, or
/// a word of the host's (62 bits).
struct AnyRef {
  ValueSlot bits = 0;
  static constexpr AnyRef null() { return {}; }
  static constexpr AnyRef i31(std::uint32_t value) {
    return {((static_cast<ValueSlot>(value) & 0x7FFFFFFFU) << 1U) | 1U};
  }
  static constexpr AnyRef host(std::uint64_t word) { return {(word << 2U) | 2U}; }
  [[nodiscard]] constexpr bool is_null() const { return bits == 0; }
  [[nodiscard]] constexpr bool is_i31() const { return (bits & 1U) != 0; }
  [[nodiscard]] constexpr bool is_host() const { return (bits & 3U) == 2; }
  [[nodiscard]] constexpr bool is_object() const { return bits != 0 && (bits & 3U) == 0; }
  [[nodiscard]] constexpr std::uint64_t host_word() const { return bits >> 2U; }
  [[nodiscard]] constexpr std::uint32_t i31_bits() const {
    return low_bits<std::uint32_t>(bits >> 1U);
  }
  friend constexpr bool operator==(AnyRef, AnyRef) = default;
};

struct FuncRef;

/// An externref of typed functions: null, a word of the host's (`AnyRef::host`), or what a guest
/// made one by `extern.convert_any`. An object of a guest's is kept alive by what the guest does
/// with it, and by the host only through `Store::root`: one that was collected meanwhile is refused
/// with a trap when it is handed to a guest.
struct ExternRef {
  ValueSlot bits = 0;
  friend constexpr bool operator==(ExternRef, ExternRef) = default;
};

/// Slots that a value of the type takes.
[[nodiscard]] constexpr std::uint32_t slot_count(core::ValType type) {
  return type.is_vec() ? 2 : 1;
}

/// Reads and writes C++ values in slots: integers and floats of 32 and 64 bits, FuncRef*,
/// ExternRef, V128.
template <class T>
struct SlotOf {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
  static constexpr std::uint32_t slots = 1;
  static T load(const ValueSlot* at) {
    T value;
    std::memcpy(static_cast<void*>(&value), at, sizeof(T));
    return value;
  }
  static void store(ValueSlot* at, T value) {
    *at = 0;
    std::memcpy(at, &value, sizeof(T));
  }
};
template <>
struct SlotOf<V128> {
  static constexpr std::uint32_t slots = 2;
  static V128 load(const ValueSlot* at) {
    V128 value;
    std::memcpy(value.bytes, at, 16);
    return value;
  }
  static void store(ValueSlot* at, const V128& value) { std::memcpy(at, value.bytes, 16); }
};
template <>
struct SlotOf<bool> {
  static constexpr std::uint32_t slots = 1;
  static bool load(const ValueSlot* at) { return low_bits<std::uint32_t>(*at) != 0; }
  static void store(ValueSlot* at, bool value) { *at = value ? 1 : 0; }
};

/// The WebAssembly type that a C++ type stands for in typed functions.
template <class T>
consteval core::ValType valtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return core::TypeCode::f32;
  else if constexpr (std::is_same_v<T, double>)
    return core::TypeCode::f64;
  else if constexpr (std::is_same_v<T, V128>)
    return core::TypeCode::v128;
  else if constexpr (std::is_same_v<T, ExternRef>)
    return core::externref;
  else if constexpr (std::is_same_v<T, FuncRef*> || std::is_same_v<T, const FuncRef*>)
    return core::funcref;
  else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
    return sizeof(T) == 8 ? core::ValType(core::TypeCode::i64) : core::ValType(core::TypeCode::i32);
  else
    static_assert(!sizeof(T), "no WebAssembly type stands for this C++ type");
}

}  // namespace tenon::engine

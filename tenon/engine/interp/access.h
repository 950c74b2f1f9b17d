// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/insn.h"
#include "tenon/engine/interp/numeric_of.h"

// How the load and store rows read and write bytes.
namespace tenon::engine::interp {

using core::Op;
using core::Shape;
using core::TypeCode;

/// How an access is kept inside its memory: by guard pages, by a comparison with memory 0's size,
/// or in the general form {…, c: memory, d: 64-bit address}{raw: offset}.
enum class Bounds : u8 { guarded, checked, general };

template <std::size_t size, bool is_signed>
auto memory_int() {
  if constexpr (size == 1) {
    if constexpr (is_signed)
      return std::int8_t{};
    else
      return u8{};
  } else if constexpr (size == 2) {
    if constexpr (is_signed)
      return s16{};
    else
      return u16{};
  } else if constexpr (size == 4) {
    if constexpr (is_signed)
      return s32{};
    else
      return u32{};
  } else {
    if constexpr (is_signed)
      return s64{};
    else
      return u64{};
  }
}

template <Op op>
inline auto load_value(const u8* at) {
  constexpr Shape shape = core::info(op).shape;
  constexpr std::string_view text = core::info(op).text;
  using T = Cpp<shape.type>;
  if constexpr (shape.type != TypeCode::v128) {
    if constexpr (sizeof(T) == std::size_t{1} << shape.log2_size) {
      return read<T>(at);
    } else {
      using M = decltype(memory_int<std::size_t{1} << shape.log2_size, text.ends_with("_s")>());
      return static_cast<T>(static_cast<std::make_signed_t<T>>(read<M>(at)));
    }
  } else if constexpr (op == Op::v128_load) {
    return read<Vec>(at);
  } else if constexpr (op == Op::v128_load8_splat) {
    return numeric::splat(read<u8>(at));
  } else if constexpr (op == Op::v128_load16_splat) {
    return numeric::splat(read<u16>(at));
  } else if constexpr (op == Op::v128_load32_splat) {
    return numeric::splat(read<u32>(at));
  } else if constexpr (op == Op::v128_load64_splat) {
    return numeric::splat(read<u64>(at));
  } else if constexpr (op == Op::v128_load32_zero) {
    return Vec{read<u32>(at), 0};
  } else if constexpr (op == Op::v128_load64_zero) {
    return Vec{read<u64>(at), 0};
  } else {
    const Vec low = {read<u64>(at), 0};
    if constexpr (op == Op::v128_load8x8_s)
      return numeric::i16x8_extend_low_i8x16_s(low);
    else if constexpr (op == Op::v128_load8x8_u)
      return numeric::i16x8_extend_low_i8x16_u(low);
    else if constexpr (op == Op::v128_load16x4_s)
      return numeric::i32x4_extend_low_i16x8_s(low);
    else if constexpr (op == Op::v128_load16x4_u)
      return numeric::i32x4_extend_low_i16x8_u(low);
    else if constexpr (op == Op::v128_load32x2_s)
      return numeric::i64x2_extend_low_i32x4_s(low);
    else if constexpr (op == Op::v128_load32x2_u)
      return numeric::i64x2_extend_low_i32x4_u(low);
    else
      static_assert(op == Op::v128_load, "a load without its bytes");
  }
}

template <Op op, class T>
inline void store_value(u8* at, T value) {
  constexpr Shape shape = core::info(op).shape;
  if constexpr (sizeof(T) == std::size_t{1} << shape.log2_size)
    write(at, value);
  else
    write(at, static_cast<decltype(memory_int<std::size_t{1} << shape.log2_size, false>())>(value));
}

/// The address of a general access, or null when it is outside. `op` is the access's first
/// instruction.
inline u8* general_address(const VMContext* vm, u32 memory, bool wide, u64 index, u64 offset,
                           u64 size) {
  const VMMemory* m = vm->mems[memory];
  const u64 address = (wide ? index : low_bits<u32>(index)) + offset;
  if (address < offset || !in_bounds(m, address, size)) [[unlikely]]
    return nullptr;
  return m->base + address;
}

}  // namespace tenon::engine::interp

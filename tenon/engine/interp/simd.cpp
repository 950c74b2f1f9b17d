// SPDX-License-Identifier: Apache-2.0
// Operands are read from their slots alone: one handler per operator, without variants for the
// accumulator or for immediates. Accesses of a lane always take the general, checked form.
#include "tenon/base/narrow.h"
#include "tenon/engine/interp/access.h"

namespace tenon::engine::interp {

namespace {

using Kind = Shape::Kind;

template <TypeCode t, std::size_t n>
struct LaneOf;
template <>
struct LaneOf<TypeCode::i32, 16> {
  using type = u8;
};
template <>
struct LaneOf<TypeCode::i32, 8> {
  using type = u16;
};
template <>
struct LaneOf<TypeCode::i32, 4> {
  using type = u32;
};
template <>
struct LaneOf<TypeCode::i64, 2> {
  using type = u64;
};
template <>
struct LaneOf<TypeCode::f32, 4> {
  using type = float;
};
template <>
struct LaneOf<TypeCode::f64, 2> {
  using type = double;
};

/// The lane's type of a splat is told by its name alone.
template <Op op>
consteval std::size_t splat_lanes() {
  switch (op) {
    case Op::i8x16_splat:
      return 16;
    case Op::i16x8_splat:
      return 8;
    case Op::i32x4_splat:
    case Op::f32x4_splat:
      return 4;
    default:
      return 2;
  }
}

/// Operators over slots: {a: dst, b: first, c: second, d: third or lane}.
template <Op op>
TENON_OP_FN(vector_op) {
  constexpr Shape shape = core::info(op).shape;
  Slot* dst = fp + pc->a;
  const Slot* x = fp + pc->b;
  const Slot* y = fp + pc->c();
  if constexpr (shape.kind == Kind::vunop || shape.kind == Kind::vcvtop ||
                shape.kind == Kind::vtestop) {
    put<true>(Numeric<op>::call(read<Vec>(x)), dst, acc, facc);
  } else if constexpr (shape.kind == Kind::vbinop || shape.kind == Kind::vrelop) {
    put<true>(Numeric<op>::call(read<Vec>(x), read<Vec>(y)), dst, acc, facc);
  } else if constexpr (shape.kind == Kind::vternop) {
    put<true>(Numeric<op>::call(read<Vec>(x), read<Vec>(y), read<Vec>(fp + pc->d())), dst, acc,
              facc);
  } else if constexpr (shape.kind == Kind::vshiftop) {
    put<true>(Numeric<op>::call(read<Vec>(x), read<u32>(y)), dst, acc, facc);
  } else if constexpr (shape.kind == Kind::vsplat) {
    using Lane = typename LaneOf<shape.type, splat_lanes<op>()>::type;
    put<true>(numeric::splat(read<Lane>(x)), dst, acc, facc);
  } else if constexpr (shape.kind == Kind::vextract_lane) {
    using Lane = typename LaneOf<shape.type, shape.lanes>::type;
    const Lane lane = numeric::extract_lane<Lane>(read<Vec>(x), pc->d() & (shape.lanes - 1U));
    if constexpr (op == Op::i8x16_extract_lane_s)
      put<true>(low_bits<u32>(low_bits<s32>(low_bits<std::int8_t>(lane))), dst, acc, facc);
    else if constexpr (op == Op::i16x8_extract_lane_s)
      put<true>(low_bits<u32>(low_bits<s32>(low_bits<s16>(lane))), dst, acc, facc);
    else
      put<true>(lane, dst, acc, facc);
  } else if constexpr (shape.kind == Kind::vreplace_lane) {
    using Lane = typename LaneOf<shape.type, shape.lanes>::type;
    put<true>(
        numeric::replace_lane<Lane>(read<Vec>(x), pc->d() & (shape.lanes - 1U), read<Lane>(y)), dst,
        acc, facc);
  } else if constexpr (shape.kind == Kind::vshuffle) {
    // The lanes are in the next instruction.
    const auto lanes = read<std::array<u8, 16>>(pc + 1);
    put<true>(numeric::i8x16_shuffle(read<Vec>(x), read<Vec>(y), lanes), dst, acc, facc);
  }
  TENON_NEXT(shape.kind == Kind::vshuffle ? 2 : 1);
}

/// {a: dst or vector, b: address, c: memory, d: 64-bit << 8 | lane}{raw: offset}{a: vector}.
template <Op op>
TENON_OP_FN(lane_access) {
  constexpr Shape shape = core::info(op).shape;
  using Lane = decltype(memory_int<std::size_t{1} << shape.log2_size, false>());
  u8* at = general_address(vm, pc->c(), pc->d() >> 8U != 0, fp[pc->b], pc[1].raw(), sizeof(Lane));
  if (at == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  const unsigned lane = pc->d() & (16U / sizeof(Lane) - 1U);
  const Vec v = read<Vec>(fp + pc[2].a);
  if constexpr (shape.kind == Kind::vload_lane)
    put<true>(numeric::replace_lane<Lane>(v, lane, read<Lane>(at)), fp + pc->a, acc, facc);
  else
    write(at, numeric::extract_lane<Lane>(v, lane));
  TENON_NEXT(3);
}

template <Op op>
constexpr std::array<Handler, 1> row() {
  constexpr Kind kind = core::info(op).shape.kind;
  if constexpr (kind == Kind::vload_lane || kind == Kind::vstore_lane)
    return {&lane_access<op>};
  else if constexpr (kind >= Kind::vunop && kind <= Kind::vreplace_lane)
    return {&vector_op<op>};
  else
    return {};
}

}  // namespace

extern constexpr HandlerTable<1> simd = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

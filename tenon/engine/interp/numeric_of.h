// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/core/op.h"
#include "tenon/engine/numeric_simd.h"

// From an operator to its function of numeric.h: `Numeric<Op::i32_add>::call(a, b)`.
namespace tenon::engine::interp {

template <core::Op op>
struct Numeric;

#define TENON_NUM_special 0
#define TENON_NUM_const_(t) 0
#define TENON_NUM_unop(t) 1
#define TENON_NUM_binop(t) 1
#define TENON_NUM_testop(t) 1
#define TENON_NUM_relop(t) 1
#define TENON_NUM_cvtop(t, f) 1
#define TENON_NUM_load(t, n) 0
#define TENON_NUM_store(t, n) 0
#define TENON_NUM_vunop() 1
#define TENON_NUM_vbinop() 1
#define TENON_NUM_vternop() 1
#define TENON_NUM_vtestop() 1
#define TENON_NUM_vrelop() 1
#define TENON_NUM_vshiftop() 1
#define TENON_NUM_vcvtop() 1
#define TENON_NUM_vsplat(t) 0
#define TENON_NUM_vshuffle() 0
#define TENON_NUM_vextract_lane(t, n) 0
#define TENON_NUM_vreplace_lane(t, n) 0
#define TENON_NUM_vload_lane(n) 0
#define TENON_NUM_vstore_lane(n) 0
#define TENON_NUM_wide_binop() 0
#define TENON_NUM_wide_mulop() 0
#define TENON_NUM_atomic_load(t, n) 0
#define TENON_NUM_atomic_store(t, n) 0
#define TENON_NUM_atomic_rmw(t, n) 0
#define TENON_NUM_atomic_cmpxchg(t, n) 0
#define TENON_NUM_atomic_wait(t, n) 0
#define TENON_NUM_atomic_notify() 0
#define TENON_NUMERIC_0(name)
#define TENON_NUMERIC_1(name)      \
  template <>                      \
  struct Numeric<core::Op::name> { \
    template <class... T>          \
    static auto call(T... x) {     \
      return numeric::name(x...);  \
    }                              \
  };
#define TENON_NUMERIC_PICK2(n, name) TENON_NUMERIC_##n(name)
#define TENON_NUMERIC_PICK(n, name) TENON_NUMERIC_PICK2(n, name)
#define TENON_OP(name, text, opcode, Imm, shape, gate) TENON_NUMERIC_PICK(TENON_NUM_##shape, name)
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP

/// The C++ type of a type code: integers are unsigned.
template <core::TypeCode t>
struct CppOf;
template <>
struct CppOf<core::TypeCode::i32> {
  using type = std::uint32_t;
};
template <>
struct CppOf<core::TypeCode::i64> {
  using type = std::uint64_t;
};
template <>
struct CppOf<core::TypeCode::f32> {
  using type = float;
};
template <>
struct CppOf<core::TypeCode::f64> {
  using type = double;
};
template <>
struct CppOf<core::TypeCode::v128> {
  using type = numeric::Vec;
};
template <core::TypeCode t>
using Cpp = typename CppOf<t>::type;

template <class T>
inline constexpr bool is_partial = false;
template <class T>
inline constexpr bool is_partial<numeric::Partial<T>> = true;

}  // namespace tenon::engine::interp

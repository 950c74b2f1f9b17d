// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>
#if defined(__SSSE3__)
#include <immintrin.h>
#endif

#include "tenon/base/narrow.h"
#include "tenon/engine/numeric.h"

// One inline function per row of ops_simd.def that has no immediates, by the row's name, and the
// lane operators as templates. Lanes are mapped one by one; the compiler makes vector code of it.
// Spec: core/exec/numerics, "Vector Instructions".
namespace tenon::engine::numeric {

/// 128 bits in a vector register.
using Vec = std::uint64_t __attribute__((vector_size(16)));

template <class T>
inline constexpr std::size_t lanes_of = 16 / sizeof(T);
template <class T>
using Lanes = std::array<T, lanes_of<T>>;

template <class T>
inline Lanes<T> lanes(Vec v) {
  return std::bit_cast<Lanes<T>>(v);
}
template <class T>
inline Vec vec(const Lanes<T>& l) {
  return std::bit_cast<Vec>(l);
}

template <class T, class F>
inline Vec map(Vec a, F f) {
  const Lanes<T> x = lanes<T>(a);
  Lanes<T> r;
  for (std::size_t i = 0; i < lanes_of<T>; ++i) r[i] = static_cast<T>(f(x[i]));
  return vec<T>(r);
}
template <class T, class F>
inline Vec map(Vec a, Vec b, F f) {
  const Lanes<T> x = lanes<T>(a);
  const Lanes<T> y = lanes<T>(b);
  Lanes<T> r;
  for (std::size_t i = 0; i < lanes_of<T>; ++i) r[i] = static_cast<T>(f(x[i], y[i]));
  return vec<T>(r);
}
/// Lanes become all ones or all zeros.
template <class T, class F>
inline Vec compare(Vec a, Vec b, F f) {
  using U = std::conditional_t<
      sizeof(T) == 1, u8,
      std::conditional_t<sizeof(T) == 2, u16, std::conditional_t<sizeof(T) == 4, u32, u64>>>;
  const Lanes<T> x = lanes<T>(a);
  const Lanes<T> y = lanes<T>(b);
  Lanes<U> r;
  for (std::size_t i = 0; i < lanes_of<T>; ++i) r[i] = f(x[i], y[i]) ? static_cast<U>(-1) : U{0};
  return vec<U>(r);
}
template <class T>
constexpr T clamp_to(std::int64_t v) {
  return static_cast<T>(
      std::clamp<std::int64_t>(v, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

template <class T>
inline u32 all_true(Vec a) {
  u32 all = 1;
  for (const T x : lanes<T>(a)) all &= low_bits<u32>(x != 0);
  return all;
}
template <class T>
inline u32 bitmask(Vec a) {
  const Lanes<T> x = lanes<T>(a);
  u32 mask = 0;
  for (std::size_t i = 0; i < lanes_of<T>; ++i) mask |= low_bits<u32>(x[i] < 0 ? 1U : 0U) << i;
  return mask;
}
/// Lanes of two vectors, halved in width with saturation.
template <class To, class From>
inline Vec narrow(Vec a, Vec b) {
  const Lanes<From> x = lanes<From>(a);
  const Lanes<From> y = lanes<From>(b);
  Lanes<To> r;
  for (std::size_t i = 0; i < lanes_of<From>; ++i) {
    r[i] = clamp_to<To>(x[i]);
    r[i + lanes_of<From>] = clamp_to<To>(y[i]);
  }
  return vec<To>(r);
}
template <class To, class From>
inline Vec extend(Vec a, bool high) {
  const Lanes<From> x = lanes<From>(a);
  Lanes<To> r;
  for (std::size_t i = 0; i < lanes_of<To>; ++i)
    r[i] = static_cast<To>(x[i + (high ? lanes_of<To> : 0)]);
  return vec<To>(r);
}
template <class To, class From>
inline Vec extmul(Vec a, Vec b, bool high) {
  const Lanes<From> x = lanes<From>(a);
  const Lanes<From> y = lanes<From>(b);
  Lanes<To> r;
  using W = std::make_unsigned_t<To>;
  for (std::size_t i = 0; i < lanes_of<To>; ++i) {
    const std::size_t j = i + (high ? lanes_of<To> : 0);
    if constexpr (sizeof(To) < 4)
      r[i] = static_cast<To>(low_bits<s32>(x[j]) * low_bits<s32>(y[j]));
    else
      r[i] = static_cast<To>(static_cast<W>(static_cast<To>(x[j])) *
                             static_cast<W>(static_cast<To>(y[j])));
  }
  return vec<To>(r);
}
template <class To, class From>
inline Vec extadd_pairwise(Vec a) {
  const Lanes<From> x = lanes<From>(a);
  Lanes<To> r;
  for (std::size_t i = 0; i < lanes_of<To>; ++i)
    r[i] = static_cast<To>(static_cast<To>(x[2 * i]) + static_cast<To>(x[2 * i + 1]));
  return vec<To>(r);
}

#define TENON_SIMD_INT(p, S, U)                                                 \
  inline Vec p##_eq(Vec a, Vec b) {                                             \
    return compare<U>(a, b, [](U x, U y) { return x == y; });                   \
  }                                                                             \
  inline Vec p##_ne(Vec a, Vec b) {                                             \
    return compare<U>(a, b, [](U x, U y) { return x != y; });                   \
  }                                                                             \
  inline Vec p##_lt_s(Vec a, Vec b) {                                           \
    return compare<S>(a, b, [](S x, S y) { return x < y; });                    \
  }                                                                             \
  inline Vec p##_gt_s(Vec a, Vec b) {                                           \
    return compare<S>(a, b, [](S x, S y) { return x > y; });                    \
  }                                                                             \
  inline Vec p##_le_s(Vec a, Vec b) {                                           \
    return compare<S>(a, b, [](S x, S y) { return x <= y; });                   \
  }                                                                             \
  inline Vec p##_ge_s(Vec a, Vec b) {                                           \
    return compare<S>(a, b, [](S x, S y) { return x >= y; });                   \
  }                                                                             \
  inline Vec p##_abs(Vec a) {                                                   \
    return map<U>(a, [](U x) { return static_cast<S>(x) < 0 ? U(0) - x : x; }); \
  }                                                                             \
  inline Vec p##_neg(Vec a) {                                                   \
    return map<U>(a, [](U x) { return U(0) - x; });                             \
  }                                                                             \
  inline u32 p##_all_true(Vec a) {                                              \
    return all_true<U>(a);                                                      \
  }                                                                             \
  inline u32 p##_bitmask(Vec a) {                                               \
    return bitmask<S>(a);                                                       \
  }                                                                             \
  inline Vec p##_add(Vec a, Vec b) {                                            \
    return map<U>(a, b, [](U x, U y) { return x + y; });                        \
  }                                                                             \
  inline Vec p##_sub(Vec a, Vec b) {                                            \
    return map<U>(a, b, [](U x, U y) { return x - y; });                        \
  }                                                                             \
  inline Vec p##_shl(Vec a, u32 n) {                                            \
    n &= sizeof(U) * 8 - 1;                                                     \
    return map<U>(a, [n](U x) { return static_cast<U>(x << n); });              \
  }                                                                             \
  inline Vec p##_shr_s(Vec a, u32 n) {                                          \
    n &= sizeof(U) * 8 - 1;                                                     \
    return map<S>(a, [n](S x) { return static_cast<S>(x >> n); });              \
  }                                                                             \
  inline Vec p##_shr_u(Vec a, u32 n) {                                          \
    n &= sizeof(U) * 8 - 1;                                                     \
    return map<U>(a, [n](U x) { return static_cast<U>(x >> n); });              \
  }
TENON_SIMD_INT(i8x16, s8, u8)
TENON_SIMD_INT(i16x8, s16, u16)
TENON_SIMD_INT(i32x4, s32, u32)
TENON_SIMD_INT(i64x2, s64, u64)
#undef TENON_SIMD_INT

#define TENON_SIMD_SMALL(p, S, U)                                \
  inline Vec p##_lt_u(Vec a, Vec b) {                            \
    return compare<U>(a, b, [](U x, U y) { return x < y; });     \
  }                                                              \
  inline Vec p##_gt_u(Vec a, Vec b) {                            \
    return compare<U>(a, b, [](U x, U y) { return x > y; });     \
  }                                                              \
  inline Vec p##_le_u(Vec a, Vec b) {                            \
    return compare<U>(a, b, [](U x, U y) { return x <= y; });    \
  }                                                              \
  inline Vec p##_ge_u(Vec a, Vec b) {                            \
    return compare<U>(a, b, [](U x, U y) { return x >= y; });    \
  }                                                              \
  inline Vec p##_min_s(Vec a, Vec b) {                           \
    return map<S>(a, b, [](S x, S y) { return x < y ? x : y; }); \
  }                                                              \
  inline Vec p##_min_u(Vec a, Vec b) {                           \
    return map<U>(a, b, [](U x, U y) { return x < y ? x : y; }); \
  }                                                              \
  inline Vec p##_max_s(Vec a, Vec b) {                           \
    return map<S>(a, b, [](S x, S y) { return x > y ? x : y; }); \
  }                                                              \
  inline Vec p##_max_u(Vec a, Vec b) {                           \
    return map<U>(a, b, [](U x, U y) { return x > y ? x : y; }); \
  }
TENON_SIMD_SMALL(i8x16, s8, u8)
TENON_SIMD_SMALL(i16x8, s16, u16)
TENON_SIMD_SMALL(i32x4, s32, u32)
#undef TENON_SIMD_SMALL

#define TENON_SIMD_SAT(p, S, U)                                                 \
  inline Vec p##_add_sat_s(Vec a, Vec b) {                                      \
    return map<S>(a, b, [](S x, S y) { return clamp_to<S>(s32{x} + s32{y}); }); \
  }                                                                             \
  inline Vec p##_add_sat_u(Vec a, Vec b) {                                      \
    return map<U>(a, b, [](U x, U y) { return clamp_to<U>(s32{x} + s32{y}); }); \
  }                                                                             \
  inline Vec p##_sub_sat_s(Vec a, Vec b) {                                      \
    return map<S>(a, b, [](S x, S y) { return clamp_to<S>(s32{x} - s32{y}); }); \
  }                                                                             \
  inline Vec p##_sub_sat_u(Vec a, Vec b) {                                      \
    return map<U>(a, b, [](U x, U y) { return clamp_to<U>(s32{x} - s32{y}); }); \
  }                                                                             \
  inline Vec p##_avgr_u(Vec a, Vec b) {                                         \
    return map<U>(a, b, [](U x, U y) { return (u32{x} + u32{y} + 1U) / 2U; });  \
  }
TENON_SIMD_SAT(i8x16, s8, u8)
TENON_SIMD_SAT(i16x8, s16, u16)
#undef TENON_SIMD_SAT

inline Vec i16x8_mul(Vec a, Vec b) {
  return map<u16>(a, b, [](u16 x, u16 y) { return u32{x} * u32{y}; });
}
inline Vec i32x4_mul(Vec a, Vec b) {
  return map<u32>(a, b, [](u32 x, u32 y) { return x * y; });
}
inline Vec i64x2_mul(Vec a, Vec b) {
  return map<u64>(a, b, [](u64 x, u64 y) { return x * y; });
}
inline Vec i8x16_popcnt(Vec a) {
  return map<u8>(a, [](u8 x) { return std::popcount(x); });
}

inline Vec v128_not(Vec a) {
  return ~a;
}
inline Vec v128_and(Vec a, Vec b) {
  return a & b;
}
inline Vec v128_andnot(Vec a, Vec b) {
  return a & ~b;
}
inline Vec v128_or(Vec a, Vec b) {
  return a | b;
}
inline Vec v128_xor(Vec a, Vec b) {
  return a ^ b;
}
inline Vec v128_bitselect(Vec a, Vec b, Vec c) {
  return (a & c) | (b & ~c);
}
inline u32 v128_any_true(Vec a) {
  return (a[0] | a[1]) != 0;
}

inline Vec i8x16_narrow_i16x8_s(Vec a, Vec b) {
  return narrow<s8, s16>(a, b);
}
inline Vec i8x16_narrow_i16x8_u(Vec a, Vec b) {
  return narrow<u8, s16>(a, b);
}
inline Vec i16x8_narrow_i32x4_s(Vec a, Vec b) {
  return narrow<s16, s32>(a, b);
}
inline Vec i16x8_narrow_i32x4_u(Vec a, Vec b) {
  return narrow<u16, s32>(a, b);
}

#define TENON_SIMD_WIDEN(to, from, ST, UT, SF, UF)       \
  inline Vec to##_extend_low_##from##_s(Vec a) {         \
    return extend<ST, SF>(a, false);                     \
  }                                                      \
  inline Vec to##_extend_high_##from##_s(Vec a) {        \
    return extend<ST, SF>(a, true);                      \
  }                                                      \
  inline Vec to##_extend_low_##from##_u(Vec a) {         \
    return extend<UT, UF>(a, false);                     \
  }                                                      \
  inline Vec to##_extend_high_##from##_u(Vec a) {        \
    return extend<UT, UF>(a, true);                      \
  }                                                      \
  inline Vec to##_extmul_low_##from##_s(Vec a, Vec b) {  \
    return extmul<ST, SF>(a, b, false);                  \
  }                                                      \
  inline Vec to##_extmul_high_##from##_s(Vec a, Vec b) { \
    return extmul<ST, SF>(a, b, true);                   \
  }                                                      \
  inline Vec to##_extmul_low_##from##_u(Vec a, Vec b) {  \
    return extmul<UT, UF>(a, b, false);                  \
  }                                                      \
  inline Vec to##_extmul_high_##from##_u(Vec a, Vec b) { \
    return extmul<UT, UF>(a, b, true);                   \
  }
TENON_SIMD_WIDEN(i16x8, i8x16, s16, u16, s8, u8)
TENON_SIMD_WIDEN(i32x4, i16x8, s32, u32, s16, u16)
TENON_SIMD_WIDEN(i64x2, i32x4, s64, u64, s32, u32)
#undef TENON_SIMD_WIDEN

inline Vec i16x8_extadd_pairwise_i8x16_s(Vec a) {
  return extadd_pairwise<s16, s8>(a);
}
inline Vec i16x8_extadd_pairwise_i8x16_u(Vec a) {
  return extadd_pairwise<u16, u8>(a);
}
inline Vec i32x4_extadd_pairwise_i16x8_s(Vec a) {
  return extadd_pairwise<s32, s16>(a);
}
inline Vec i32x4_extadd_pairwise_i16x8_u(Vec a) {
  return extadd_pairwise<u32, u16>(a);
}

inline Vec i16x8_q15mulr_sat_s(Vec a, Vec b) {
  return map<s16>(a, b,
                  [](s16 x, s16 y) { return clamp_to<s16>((s32{x} * s32{y} + 0x4000) >> 15); });
}
inline Vec i32x4_dot_i16x8_s(Vec a, Vec b) {
  const Lanes<s16> x = lanes<s16>(a);
  const Lanes<s16> y = lanes<s16>(b);
  Lanes<u32> r;
  for (std::size_t i = 0; i < 4; ++i)
    r[i] = low_bits<u32>(s32{x[2 * i]} * s32{y[2 * i]}) +
           low_bits<u32>(s32{x[2 * i + 1]} * s32{y[2 * i + 1]});
  return vec<u32>(r);
}

#define TENON_SIMD_FLOAT(p, F, s)                                                             \
  inline Vec p##_eq(Vec a, Vec b) {                                                           \
    return compare<F>(a, b, [](F x, F y) { return x == y; });                                 \
  }                                                                                           \
  inline Vec p##_ne(Vec a, Vec b) {                                                           \
    return compare<F>(a, b, [](F x, F y) { return x != y; });                                 \
  }                                                                                           \
  inline Vec p##_lt(Vec a, Vec b) {                                                           \
    return compare<F>(a, b, [](F x, F y) { return x < y; });                                  \
  }                                                                                           \
  inline Vec p##_gt(Vec a, Vec b) {                                                           \
    return compare<F>(a, b, [](F x, F y) { return x > y; });                                  \
  }                                                                                           \
  inline Vec p##_le(Vec a, Vec b) {                                                           \
    return compare<F>(a, b, [](F x, F y) { return x <= y; });                                 \
  }                                                                                           \
  inline Vec p##_ge(Vec a, Vec b) {                                                           \
    return compare<F>(a, b, [](F x, F y) { return x >= y; });                                 \
  }                                                                                           \
  inline Vec p##_abs(Vec a) {                                                                 \
    return map<F>(a, [](F x) { return float_abs(x); });                                       \
  }                                                                                           \
  inline Vec p##_neg(Vec a) {                                                                 \
    return map<F>(a, [](F x) { return float_neg(x); });                                       \
  }                                                                                           \
  inline Vec p##_sqrt(Vec a) {                                                                \
    return map<F>(a, [](F x) { return sqrt_of(x); });                                         \
  }                                                                                           \
  inline Vec p##_ceil(Vec a) {                                                                \
    return map<F>(a, [](F x) { return ceil_of(x); });                                         \
  }                                                                                           \
  inline Vec p##_floor(Vec a) {                                                               \
    return map<F>(a, [](F x) { return floor_of(x); });                                        \
  }                                                                                           \
  inline Vec p##_trunc(Vec a) {                                                               \
    return map<F>(a, [](F x) { return trunc_of(x); });                                        \
  }                                                                                           \
  inline Vec p##_nearest(Vec a) {                                                             \
    return map<F>(a, [](F x) { return nearest_of(x); });                                      \
  }                                                                                           \
  inline Vec p##_add(Vec a, Vec b) {                                                          \
    return map<F>(a, b, [](F x, F y) { return x + y; });                                      \
  }                                                                                           \
  inline Vec p##_sub(Vec a, Vec b) {                                                          \
    return map<F>(a, b, [](F x, F y) { return x - y; });                                      \
  }                                                                                           \
  inline Vec p##_mul(Vec a, Vec b) {                                                          \
    return map<F>(a, b, [](F x, F y) { return x * y; });                                      \
  }                                                                                           \
  inline Vec p##_div(Vec a, Vec b) {                                                          \
    return map<F>(a, b, [](F x, F y) { return x / y; });                                      \
  }                                                                                           \
  inline Vec p##_min(Vec a, Vec b) {                                                          \
    return map<F>(a, b, [](F x, F y) { return float_min(x, y); });                            \
  }                                                                                           \
  inline Vec p##_max(Vec a, Vec b) {                                                          \
    return map<F>(a, b, [](F x, F y) { return float_max(x, y); });                            \
  }                                                                                           \
  inline Vec p##_pmin(Vec a, Vec b) {                                                         \
    return map<F>(a, b, [](F x, F y) { return y < x ? y : x; });                              \
  }                                                                                           \
  inline Vec p##_pmax(Vec a, Vec b) {                                                         \
    return map<F>(a, b, [](F x, F y) { return x < y ? y : x; });                              \
  }                                                                                           \
  inline Vec p##_relaxed_min(Vec a, Vec b) {                                                  \
    return p##_min(a, b);                                                                     \
  }                                                                                           \
  inline Vec p##_relaxed_max(Vec a, Vec b) {                                                  \
    return p##_max(a, b);                                                                     \
  }                                                                                           \
  /* Two roundings, everywhere: one of the results allowed, and the same on every machine. */ \
  inline Vec p##_relaxed_madd(Vec a, Vec b, Vec c) {                                          \
    return p##_add(p##_mul(a, b), c);                                                         \
  }                                                                                           \
  inline Vec p##_relaxed_nmadd(Vec a, Vec b, Vec c) {                                         \
    return p##_add(p##_neg(p##_mul(a, b)), c);                                                \
  }
TENON_SIMD_FLOAT(f32x4, float, f32)
TENON_SIMD_FLOAT(f64x2, double, f64)
#undef TENON_SIMD_FLOAT

inline Vec f32x4_demote_f64x2_zero(Vec a) {
  const Lanes<double> x = lanes<double>(a);
  return vec<float>({static_cast<float>(x[0]), static_cast<float>(x[1]), 0, 0});
}
inline Vec f64x2_promote_low_f32x4(Vec a) {
  const Lanes<float> x = lanes<float>(a);
  return vec<double>({static_cast<double>(x[0]), static_cast<double>(x[1])});
}
template <class I, class F>
inline Vec trunc_sat_lanes(Vec a) {
  const Lanes<F> x = lanes<F>(a);
  Lanes<u32> r{};
  for (std::size_t i = 0; i < lanes_of<F>; ++i) r[i] = truncate_sat<I>(x[i]);
  return vec<u32>(r);
}
inline Vec i32x4_trunc_sat_f32x4_s(Vec a) {
  return trunc_sat_lanes<s32, float>(a);
}
inline Vec i32x4_trunc_sat_f32x4_u(Vec a) {
  return trunc_sat_lanes<u32, float>(a);
}
inline Vec i32x4_trunc_sat_f64x2_s_zero(Vec a) {
  return trunc_sat_lanes<s32, double>(a);
}
inline Vec i32x4_trunc_sat_f64x2_u_zero(Vec a) {
  return trunc_sat_lanes<u32, double>(a);
}
template <class F, class I>
inline Vec convert_lanes(Vec a) {
  const Lanes<I> x = lanes<I>(a);
  Lanes<F> r;
  for (std::size_t i = 0; i < lanes_of<F>; ++i) r[i] = static_cast<F>(x[i]);
  return vec<F>(r);
}
inline Vec f32x4_convert_i32x4_s(Vec a) {
  return convert_lanes<float, s32>(a);
}
inline Vec f32x4_convert_i32x4_u(Vec a) {
  return convert_lanes<float, u32>(a);
}
inline Vec f64x2_convert_low_i32x4_s(Vec a) {
  return convert_lanes<double, s32>(a);
}
inline Vec f64x2_convert_low_i32x4_u(Vec a) {
  return convert_lanes<double, u32>(a);
}

inline Vec i8x16_swizzle(Vec a, Vec s) {
#if defined(__SSSE3__)
  // An index above 15 gets its top bit by the saturating addition, and pshufb makes zero of it.
  const __m128i idx = _mm_adds_epu8(std::bit_cast<__m128i>(s), _mm_set1_epi8(0x70));
  return std::bit_cast<Vec>(_mm_shuffle_epi8(std::bit_cast<__m128i>(a), idx));
#else
  const Lanes<u8> x = lanes<u8>(a);
  return map<u8>(s, [&x](u8 i) { return i < 16 ? x[i] : u8{0}; });
#endif
}
inline Vec i8x16_relaxed_swizzle(Vec a, Vec s) {
  return i8x16_swizzle(a, s);
}
inline Vec i8x16_shuffle(Vec a, Vec b, const std::array<u8, 16>& idx) {
#if defined(__SSSE3__)
  const auto i = std::bit_cast<__m128i>(idx);
  const __m128i low =
      _mm_shuffle_epi8(std::bit_cast<__m128i>(a), _mm_adds_epu8(i, _mm_set1_epi8(0x70)));
  const __m128i high =
      _mm_shuffle_epi8(std::bit_cast<__m128i>(b), _mm_sub_epi8(i, _mm_set1_epi8(16)));
  return std::bit_cast<Vec>(_mm_or_si128(low, high));
#else
  const Lanes<u8> x = lanes<u8>(a);
  const Lanes<u8> y = lanes<u8>(b);
  return map<u8>(std::bit_cast<Vec>(idx), [&](u8 i) { return i < 16 ? x[i] : y[i - 16U]; });
#endif
}
inline Vec i32x4_relaxed_trunc_f32x4_s(Vec a) {
  return i32x4_trunc_sat_f32x4_s(a);
}
inline Vec i32x4_relaxed_trunc_f32x4_u(Vec a) {
  return i32x4_trunc_sat_f32x4_u(a);
}
inline Vec i32x4_relaxed_trunc_f64x2_s_zero(Vec a) {
  return i32x4_trunc_sat_f64x2_s_zero(a);
}
inline Vec i32x4_relaxed_trunc_f64x2_u_zero(Vec a) {
  return i32x4_trunc_sat_f64x2_u_zero(a);
}
inline Vec i8x16_relaxed_laneselect(Vec a, Vec b, Vec m) {
  return v128_bitselect(a, b, m);
}
inline Vec i16x8_relaxed_laneselect(Vec a, Vec b, Vec m) {
  return v128_bitselect(a, b, m);
}
inline Vec i32x4_relaxed_laneselect(Vec a, Vec b, Vec m) {
  return v128_bitselect(a, b, m);
}
inline Vec i64x2_relaxed_laneselect(Vec a, Vec b, Vec m) {
  return v128_bitselect(a, b, m);
}
inline Vec i16x8_relaxed_q15mulr_s(Vec a, Vec b) {
  return i16x8_q15mulr_sat_s(a, b);
}
inline Vec i16x8_relaxed_dot_i8x16_i7x16_s(Vec a, Vec b) {
  const Lanes<s8> x = lanes<s8>(a);
  const Lanes<s8> y = lanes<s8>(b);
  Lanes<s16> r;
  for (std::size_t i = 0; i < 8; ++i)
    r[i] = low_bits<s16>(s32{x[2 * i]} * s32{y[2 * i]} + s32{x[2 * i + 1]} * s32{y[2 * i + 1]});
  return vec<s16>(r);
}
inline Vec i32x4_relaxed_dot_i8x16_i7x16_add_s(Vec a, Vec b, Vec c) {
  return i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c);
}

template <class T>
inline Vec splat(T x) {
  Lanes<T> r;
  r.fill(x);
  return vec<T>(r);
}
template <class T>
inline T extract_lane(Vec a, unsigned lane) {
  return lanes<T>(a)[lane];
}
template <class T>
inline Vec replace_lane(Vec a, unsigned lane, T x) {
  Lanes<T> r = lanes<T>(a);
  r[lane] = x;
  return vec<T>(r);
}
template <class F>
inline Vec canonicalize_lanes(Vec a) {
  return map<F>(a, [](F x) { return canonicalize(x); });
}

}  // namespace tenon::engine::numeric

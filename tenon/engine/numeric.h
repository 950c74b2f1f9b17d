// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "tenon/base/narrow.h"
#include "tenon/engine/trap.h"

// One inline function per numeric row of ops.def, by the row's name. Integers are unsigned bit
// patterns. Spec: core/exec/numerics.
namespace tenon::engine::numeric {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s8 = std::int8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;

/// The result of an operator that may trap.
template <class T>
struct Partial {
  T value{};
  bool trapped = false;
  TrapCode code = TrapCode::unreachable;
  static constexpr Partial ok(T v) { return {v, false, TrapCode::unreachable}; }
  static constexpr Partial trap(TrapCode c) { return {T{}, true, c}; }
};

template <class T>
using Signed = std::make_signed_t<T>;

template <class T>
constexpr T shift_left(T a, T b) {
  return static_cast<T>(a << (b & (sizeof(T) * 8 - 1)));
}
template <class T>
constexpr T shift_right_s(T a, T b) {
  return static_cast<T>(static_cast<Signed<T>>(a) >> (b & (sizeof(T) * 8 - 1)));
}
template <class T>
constexpr T shift_right_u(T a, T b) {
  return static_cast<T>(a >> (b & (sizeof(T) * 8 - 1)));
}

template <class T>
constexpr Partial<T> div_s(T a, T b) {
  if (b == 0) return Partial<T>::trap(TrapCode::integer_divide_by_zero);
  if (static_cast<Signed<T>>(a) == std::numeric_limits<Signed<T>>::min() && b == static_cast<T>(-1))
    return Partial<T>::trap(TrapCode::integer_overflow);
  return Partial<T>::ok(static_cast<T>(static_cast<Signed<T>>(a) / static_cast<Signed<T>>(b)));
}
template <class T>
constexpr Partial<T> div_u(T a, T b) {
  if (b == 0) return Partial<T>::trap(TrapCode::integer_divide_by_zero);
  return Partial<T>::ok(static_cast<T>(a / b));
}
template <class T>
constexpr Partial<T> rem_s(T a, T b) {
  if (b == 0) return Partial<T>::trap(TrapCode::integer_divide_by_zero);
  if (b == static_cast<T>(-1)) return Partial<T>::ok(0);
  return Partial<T>::ok(static_cast<T>(static_cast<Signed<T>>(a) % static_cast<Signed<T>>(b)));
}
template <class T>
constexpr Partial<T> rem_u(T a, T b) {
  if (b == 0) return Partial<T>::trap(TrapCode::integer_divide_by_zero);
  return Partial<T>::ok(static_cast<T>(a % b));
}

#define TENON_INT_OPS(p, T)                                          \
  inline T p##_clz(T a) {                                            \
    return static_cast<T>(std::countl_zero(a));                      \
  }                                                                  \
  inline T p##_ctz(T a) {                                            \
    return static_cast<T>(std::countr_zero(a));                      \
  }                                                                  \
  inline T p##_popcnt(T a) {                                         \
    return static_cast<T>(std::popcount(a));                         \
  }                                                                  \
  inline T p##_add(T a, T b) {                                       \
    return static_cast<T>(a + b);                                    \
  }                                                                  \
  inline T p##_sub(T a, T b) {                                       \
    return static_cast<T>(a - b);                                    \
  }                                                                  \
  inline T p##_mul(T a, T b) {                                       \
    return static_cast<T>(a * b);                                    \
  }                                                                  \
  inline Partial<T> p##_div_s(T a, T b) {                            \
    return div_s<T>(a, b);                                           \
  }                                                                  \
  inline Partial<T> p##_div_u(T a, T b) {                            \
    return div_u<T>(a, b);                                           \
  }                                                                  \
  inline Partial<T> p##_rem_s(T a, T b) {                            \
    return rem_s<T>(a, b);                                           \
  }                                                                  \
  inline Partial<T> p##_rem_u(T a, T b) {                            \
    return rem_u<T>(a, b);                                           \
  }                                                                  \
  inline T p##_and(T a, T b) {                                       \
    return a & b;                                                    \
  }                                                                  \
  inline T p##_or(T a, T b) {                                        \
    return a | b;                                                    \
  }                                                                  \
  inline T p##_xor(T a, T b) {                                       \
    return a ^ b;                                                    \
  }                                                                  \
  inline T p##_shl(T a, T b) {                                       \
    return shift_left<T>(a, b);                                      \
  }                                                                  \
  inline T p##_shr_s(T a, T b) {                                     \
    return shift_right_s<T>(a, b);                                   \
  }                                                                  \
  inline T p##_shr_u(T a, T b) {                                     \
    return shift_right_u<T>(a, b);                                   \
  }                                                                  \
  inline T p##_rotl(T a, T b) {                                      \
    return std::rotl(a, low_bits<int>(b & (sizeof(T) * 8 - 1)));     \
  }                                                                  \
  inline T p##_rotr(T a, T b) {                                      \
    return std::rotr(a, low_bits<int>(b & (sizeof(T) * 8 - 1)));     \
  }                                                                  \
  inline u32 p##_eqz(T a) {                                          \
    return a == 0;                                                   \
  }                                                                  \
  inline u32 p##_eq(T a, T b) {                                      \
    return a == b;                                                   \
  }                                                                  \
  inline u32 p##_ne(T a, T b) {                                      \
    return a != b;                                                   \
  }                                                                  \
  inline u32 p##_lt_s(T a, T b) {                                    \
    return static_cast<Signed<T>>(a) < static_cast<Signed<T>>(b);    \
  }                                                                  \
  inline u32 p##_lt_u(T a, T b) {                                    \
    return a < b;                                                    \
  }                                                                  \
  inline u32 p##_gt_s(T a, T b) {                                    \
    return static_cast<Signed<T>>(a) > static_cast<Signed<T>>(b);    \
  }                                                                  \
  inline u32 p##_gt_u(T a, T b) {                                    \
    return a > b;                                                    \
  }                                                                  \
  inline u32 p##_le_s(T a, T b) {                                    \
    return static_cast<Signed<T>>(a) <= static_cast<Signed<T>>(b);   \
  }                                                                  \
  inline u32 p##_le_u(T a, T b) {                                    \
    return a <= b;                                                   \
  }                                                                  \
  inline u32 p##_ge_s(T a, T b) {                                    \
    return static_cast<Signed<T>>(a) >= static_cast<Signed<T>>(b);   \
  }                                                                  \
  inline u32 p##_ge_u(T a, T b) {                                    \
    return a >= b;                                                   \
  }                                                                  \
  inline T p##_extend8_s(T a) {                                      \
    return static_cast<T>(static_cast<Signed<T>>(low_bits<s8>(a)));  \
  }                                                                  \
  inline T p##_extend16_s(T a) {                                     \
    return static_cast<T>(static_cast<Signed<T>>(low_bits<s16>(a))); \
  }
TENON_INT_OPS(i32, u32)
TENON_INT_OPS(i64, u64)
#undef TENON_INT_OPS

inline u64 i64_extend32_s(u64 a) {
  return static_cast<u64>(static_cast<s64>(low_bits<s32>(a)));
}

template <class F>
using BitsOf = std::conditional_t<sizeof(F) == 4, u32, u64>;
template <class F>
inline constexpr BitsOf<F> sign_bit = BitsOf<F>{1} << (sizeof(F) * 8 - 1);
template <class F>
inline constexpr BitsOf<F> canonical_nan =
    sizeof(F) == 4 ? static_cast<BitsOf<F>>(0x7FC00000U)
                   : static_cast<BitsOf<F>>(0x7FF8000000000000ULL);

/// A NaN as the deterministic profile wants it. Spec: core/appendix/profiles.
template <class F>
inline F canonicalize(F a) {
  return a != a ? std::bit_cast<F>(canonical_nan<F>) : a;
}

template <class F>
inline F float_abs(F a) {
  return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) & ~sign_bit<F>);
}
template <class F>
inline F float_neg(F a) {
  return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) ^ sign_bit<F>);
}
template <class F>
inline F float_copysign(F a, F b) {
  return std::bit_cast<F>((std::bit_cast<BitsOf<F>>(a) & ~sign_bit<F>) |
                          (std::bit_cast<BitsOf<F>>(b) & sign_bit<F>));
}
template <class F>
inline F float_min(F a, F b) {
  if (a != a || b != b) [[unlikely]]
    return a + b;
  if (a == b) return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) | std::bit_cast<BitsOf<F>>(b));
  return a < b ? a : b;
}
template <class F>
inline F float_max(F a, F b) {
  if (a != a || b != b) [[unlikely]]
    return a + b;
  if (a == b) return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) & std::bit_cast<BitsOf<F>>(b));
  return a > b ? a : b;
}
// The rounding functions of the C library keep a signalling NaN in some versions: adding zero
// quiets it.
inline float quiet(float a) {
  return a != a ? a + a : a;
}
inline double quiet(double a) {
  return a != a ? a + a : a;
}
inline float ceil_of(float a) {
  return quiet(__builtin_ceilf(a));
}
inline double ceil_of(double a) {
  return quiet(__builtin_ceil(a));
}
inline float floor_of(float a) {
  return quiet(__builtin_floorf(a));
}
inline double floor_of(double a) {
  return quiet(__builtin_floor(a));
}
inline float trunc_of(float a) {
  return quiet(__builtin_truncf(a));
}
inline double trunc_of(double a) {
  return quiet(__builtin_trunc(a));
}
inline float nearest_of(float a) {
  return quiet(__builtin_roundevenf(a));
}
inline double nearest_of(double a) {
  return quiet(__builtin_roundeven(a));
}
inline float sqrt_of(float a) {
  return __builtin_sqrtf(a);
}
inline double sqrt_of(double a) {
  return __builtin_sqrt(a);
}

#define TENON_FLOAT_OPS(p, F)       \
  inline F p##_abs(F a) {           \
    return float_abs<F>(a);         \
  }                                 \
  inline F p##_neg(F a) {           \
    return float_neg<F>(a);         \
  }                                 \
  inline F p##_ceil(F a) {          \
    return ceil_of(a);              \
  }                                 \
  inline F p##_floor(F a) {         \
    return floor_of(a);             \
  }                                 \
  inline F p##_trunc(F a) {         \
    return trunc_of(a);             \
  }                                 \
  inline F p##_nearest(F a) {       \
    return nearest_of(a);           \
  }                                 \
  inline F p##_sqrt(F a) {          \
    return sqrt_of(a);              \
  }                                 \
  inline F p##_add(F a, F b) {      \
    return a + b;                   \
  }                                 \
  inline F p##_sub(F a, F b) {      \
    return a - b;                   \
  }                                 \
  inline F p##_mul(F a, F b) {      \
    return a * b;                   \
  }                                 \
  inline F p##_div(F a, F b) {      \
    return a / b;                   \
  }                                 \
  inline F p##_min(F a, F b) {      \
    return float_min<F>(a, b);      \
  }                                 \
  inline F p##_max(F a, F b) {      \
    return float_max<F>(a, b);      \
  }                                 \
  inline F p##_copysign(F a, F b) { \
    return float_copysign<F>(a, b); \
  }                                 \
  inline u32 p##_eq(F a, F b) {     \
    return a == b;                  \
  }                                 \
  inline u32 p##_ne(F a, F b) {     \
    return a != b;                  \
  }                                 \
  inline u32 p##_lt(F a, F b) {     \
    return a < b;                   \
  }                                 \
  inline u32 p##_gt(F a, F b) {     \
    return a > b;                   \
  }                                 \
  inline u32 p##_le(F a, F b) {     \
    return a <= b;                  \
  }                                 \
  inline u32 p##_ge(F a, F b) {     \
    return a >= b;                  \
  }
TENON_FLOAT_OPS(f32, float)
TENON_FLOAT_OPS(f64, double)
#undef TENON_FLOAT_OPS

/// Exclusive bounds between which a float truncates to the integer type.
/// 2^(bits) or 2^(bits-1) is exact in either float type; below zero the bound is exclusive where
/// `min - 1` is exact, inclusive where it is not.
template <class I, class F>
constexpr F upper_bound_of() {
  F bound = 1;
  for (int i = 0; i < std::numeric_limits<I>::digits; ++i) bound *= 2;
  return bound;
}
template <class I, class F>
inline bool in_range(F a) {
  if (!(a < upper_bound_of<I, F>())) return false;
  if constexpr (std::is_unsigned_v<I>) {
    return a > F{-1};
  } else if constexpr (std::numeric_limits<I>::digits < std::numeric_limits<F>::digits) {
    return a > -upper_bound_of<I, F>() - F{1};
  } else {
    return a >= -upper_bound_of<I, F>();
  }
}
template <class I, class F>
inline Partial<std::make_unsigned_t<I>> truncate(F a) {
  using U = std::make_unsigned_t<I>;
  if (a != a) return Partial<U>::trap(TrapCode::invalid_conversion);
  if (!in_range<I, F>(a)) return Partial<U>::trap(TrapCode::integer_overflow);
  return Partial<U>::ok(static_cast<U>(static_cast<I>(a)));
}
template <class I, class F>
inline std::make_unsigned_t<I> truncate_sat(F a) {
  using U = std::make_unsigned_t<I>;
  if (a != a) return 0;
  if (in_range<I, F>(a)) return static_cast<U>(static_cast<I>(a));
  return static_cast<U>(a < 0 ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max());
}

inline Partial<u32> i32_trunc_f32_s(float a) {
  return truncate<s32>(a);
}
inline Partial<u32> i32_trunc_f32_u(float a) {
  return truncate<u32>(a);
}
inline Partial<u32> i32_trunc_f64_s(double a) {
  return truncate<s32>(a);
}
inline Partial<u32> i32_trunc_f64_u(double a) {
  return truncate<u32>(a);
}
inline Partial<u64> i64_trunc_f32_s(float a) {
  return truncate<s64>(a);
}
inline Partial<u64> i64_trunc_f32_u(float a) {
  return truncate<u64>(a);
}
inline Partial<u64> i64_trunc_f64_s(double a) {
  return truncate<s64>(a);
}
inline Partial<u64> i64_trunc_f64_u(double a) {
  return truncate<u64>(a);
}
inline u32 i32_trunc_sat_f32_s(float a) {
  return truncate_sat<s32>(a);
}
inline u32 i32_trunc_sat_f32_u(float a) {
  return truncate_sat<u32>(a);
}
inline u32 i32_trunc_sat_f64_s(double a) {
  return truncate_sat<s32>(a);
}
inline u32 i32_trunc_sat_f64_u(double a) {
  return truncate_sat<u32>(a);
}
inline u64 i64_trunc_sat_f32_s(float a) {
  return truncate_sat<s64>(a);
}
inline u64 i64_trunc_sat_f32_u(float a) {
  return truncate_sat<u64>(a);
}
inline u64 i64_trunc_sat_f64_s(double a) {
  return truncate_sat<s64>(a);
}
inline u64 i64_trunc_sat_f64_u(double a) {
  return truncate_sat<u64>(a);
}

inline u32 i32_wrap_i64(u64 a) {
  return low_bits<u32>(a);
}
inline u64 i64_extend_i32_s(u32 a) {
  return static_cast<u64>(static_cast<s64>(low_bits<s32>(a)));
}
inline u64 i64_extend_i32_u(u32 a) {
  return a;
}
inline float f32_convert_i32_s(u32 a) {
  return static_cast<float>(low_bits<s32>(a));
}
inline float f32_convert_i32_u(u32 a) {
  return static_cast<float>(a);
}
inline float f32_convert_i64_s(u64 a) {
  return static_cast<float>(static_cast<s64>(a));
}
inline float f32_convert_i64_u(u64 a) {
  return static_cast<float>(a);
}
inline double f64_convert_i32_s(u32 a) {
  return static_cast<double>(low_bits<s32>(a));
}
inline double f64_convert_i32_u(u32 a) {
  return static_cast<double>(a);
}
inline double f64_convert_i64_s(u64 a) {
  return static_cast<double>(static_cast<s64>(a));
}
inline double f64_convert_i64_u(u64 a) {
  return static_cast<double>(a);
}
inline float f32_demote_f64(double a) {
  return static_cast<float>(a);
}
inline double f64_promote_f32(float a) {
  return static_cast<double>(a);
}
inline u32 i32_reinterpret_f32(float a) {
  return std::bit_cast<u32>(a);
}
inline u64 i64_reinterpret_f64(double a) {
  return std::bit_cast<u64>(a);
}
inline float f32_reinterpret_i32(u32 a) {
  return std::bit_cast<float>(a);
}
inline double f64_reinterpret_i64(u64 a) {
  return std::bit_cast<double>(a);
}

}  // namespace tenon::engine::numeric

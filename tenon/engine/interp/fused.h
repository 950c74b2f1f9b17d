// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/insn.h"

// Superinstructions: pairs of operators that compiled code is full of, as one instruction.
namespace tenon::engine::interp {

using core::Op;

inline constexpr int not_fused = -1;

/// First operators: `t OP imm`.
inline constexpr std::array first_i32 = {Op::i32_add,   Op::i32_mul,   Op::i32_and, Op::i32_shl,
                                         Op::i32_shr_u, Op::i32_shr_s, Op::i32_rotl};
inline constexpr std::array first_i64 = {Op::i64_add,   Op::i64_mul,   Op::i64_and, Op::i64_shl,
                                         Op::i64_shr_u, Op::i64_shr_s, Op::i64_rotl};
/// Second operators: `s OP (t OP imm)`.
inline constexpr std::array second_i32 = {Op::i32_add, Op::i32_sub, Op::i32_and, Op::i32_or,
                                          Op::i32_xor};
inline constexpr std::array second_i64 = {Op::i64_add, Op::i64_sub, Op::i64_and, Op::i64_or,
                                          Op::i64_xor};
/// Second operators with another immediate: `(t OP imm) OP imm`.
inline constexpr std::array third_i32 = {Op::i32_add, Op::i32_and, Op::i32_shl, Op::i32_shr_u,
                                         Op::i32_xor};
inline constexpr std::array third_i64 = {Op::i64_add, Op::i64_and, Op::i64_shl, Op::i64_shr_u,
                                         Op::i64_xor};
/// `s OP memory[…]`.
inline constexpr std::array with_load = {
    Op::i32_add, Op::i32_sub, Op::i32_and, Op::i32_or,  Op::i32_xor, Op::i32_mul, Op::i64_add,
    Op::i64_sub, Op::i64_and, Op::i64_or,  Op::i64_xor, Op::f32_add, Op::f32_sub, Op::f32_mul,
    Op::f32_div, Op::f64_add, Op::f64_sub, Op::f64_mul, Op::f64_div};
/// Loads whose address is a sum.
inline constexpr std::array sum_loads = {Op::i32_load,     Op::i64_load,     Op::f32_load,
                                         Op::f64_load,     Op::i32_load8_s,  Op::i32_load8_u,
                                         Op::i32_load16_s, Op::i32_load16_u, Op::i64_load8_u,
                                         Op::i64_load16_u, Op::i64_load32_u, Op::i64_load32_s};
/// Stores whose address is a sum.
inline constexpr std::array sum_stores = {Op::i32_store,  Op::i64_store,   Op::f32_store,
                                          Op::f64_store,  Op::i32_store8,  Op::i32_store16,
                                          Op::i64_store8, Op::i64_store16, Op::i64_store32};
/// Comparisons that end a counting loop.
inline constexpr std::array loop_ops = {Op::i32_eq,   Op::i32_ne,   Op::i32_lt_s, Op::i32_lt_u,
                                        Op::i32_gt_s, Op::i32_gt_u, Op::i32_le_s, Op::i32_le_u,
                                        Op::i32_ge_s, Op::i32_ge_u};

template <class A>
constexpr int place_in(const A& list, Op op) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == op) return narrow<int>(i);
  }
  return not_fused;
}

/// [t in a slot, in the accumulator][stored, not].
using Quad = std::array<Handler, 4>;
constexpr std::size_t quad(bool acc, bool no_store) {
  return (acc ? 1U : 0U) + (no_store ? 2U : 0U);
}

/// {a: dst, b: t, c: s, d: imm}.
extern const std::array<std::array<Quad, second_i32.size()>, first_i32.size()> fused_slot_i32;
extern const std::array<std::array<Quad, second_i64.size()>, first_i64.size()> fused_slot_i64;
/// {a: dst, b: t, c: second imm, d: imm}.
extern const std::array<std::array<Quad, third_i32.size()>, first_i32.size()> fused_imm_i32;
extern const std::array<std::array<Quad, third_i64.size()>, first_i64.size()> fused_imm_i64;
/// {a: dst, b: s, c: address, d: offset}; the address may be in the accumulator.
extern const std::array<Quad, with_load.size()> fused_load;
/// {a: dst, b: first, c: second or its accumulator, d: offset}.
extern const std::array<Quad, sum_loads.size()> load_sum;
/// {a: dst, b: base, c: signed immediate, d: offset}.
extern const std::array<Quad, sum_loads.size()> load_plus;
/// {a: dst, b: index or its accumulator, c: base, d: offset}: base + index * size.
extern const std::array<Quad, sum_loads.size()> load_indexed;
/// {a: dst, b: x, c: signed immediate, d: offset}: x += immediate, or x = accumulator + immediate;
/// then the load from x.
extern const std::array<Quad, sum_loads.size()> load_step;
/// {a: dst, b: x, c: signed immediate, d: offset}: the load from x, then x += immediate.
extern const std::array<Handler, sum_loads.size()> load_then_step;
/// {a: base, b: value, c: signed immediate, d: offset}; [base in a slot, in the accumulator].
extern const std::array<std::array<Handler, 2>, sum_stores.size()> store_plus;
/// {a: first, b: value, c: second or its accumulator, d: offset}.
extern const std::array<std::array<Handler, 2>, sum_stores.size()> store_sum;
/// {a: x, b: step, c: slot or immediate, d: distance back}: x += step, then branch if x OP c.
/// [slot, immediate].
extern const std::array<std::array<Handler, 2>, loop_ops.size()> loop_step;

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/insn.h"
#include "tenon/engine/interp/numeric_of.h"

// Handlers of unary, binary and comparing operators, over all kinds of operands.
namespace tenon::engine::interp {

using core::Op;
using core::Shape;
using core::TypeCode;

/// Operand `which` (0 first, 1 second) of a binary instruction {a: dst, b: first, c: second}.
template <BinaryVariant v, int which, class T>
inline T operand(const Insn* pc, const Slot* fp, u64 acc, Vec facc) {
  if constexpr (which == 0) {
    if constexpr (v == bin_as || v == bin_ai)
      return from_acc<T>(acc, facc);
    else
      return read<T>(fp + pc->b);
  } else {
    if constexpr (v == bin_sa) {
      return from_acc<T>(acc, facc);
    } else if constexpr (v == bin_si || v == bin_ai) {
      if constexpr (std::is_same_v<T, double>)
        return std::bit_cast<double>(pc[1].raw());
      else if constexpr (std::is_same_v<T, float>)
        return std::bit_cast<float>(pc->imm);
      else
        return static_cast<T>(static_cast<s64>(low_bits<s32>(pc->imm)));
    } else {
      return read<T>(fp + pc->c());
    }
  }
}

/// Length in instructions.
template <BinaryVariant v, class T>
inline constexpr int binary_length =
    (v == bin_si || v == bin_ai) && std::is_same_v<T, double> ? 2 : 1;

template <Op op, BinaryVariant v, bool store>
TENON_OP_FN(binary_op) {
  using T = Cpp<core::info(op).shape.type>;
  const T x = operand<v, 0, T>(pc, fp, acc, facc);
  const T y = operand<v, 1, T>(pc, fp, acc, facc);
  const auto r = Numeric<op>::call(x, y);
  if constexpr (is_partial<std::remove_const_t<decltype(r)>>) {
    if (r.trapped) [[unlikely]]
      TENON_TRAP_OUT(r.code);
    put<store>(r.value, fp + pc->a, acc, facc);
  } else {
    put<store>(r, fp + pc->a, acc, facc);
  }
  TENON_NEXT((binary_length<v, T>));
}

template <Op op, UnaryVariant v, bool store>
TENON_OP_FN(unary_op) {
  constexpr Shape shape = core::info(op).shape;
  using T = Cpp<shape.kind == Shape::Kind::cvtop ? shape.from : shape.type>;
  T x;
  if constexpr (v == un_a)
    x = from_acc<T>(acc, facc);
  else
    x = read<T>(fp + pc->b);
  const auto r = Numeric<op>::call(x);
  if constexpr (is_partial<std::remove_const_t<decltype(r)>>) {
    if (r.trapped) [[unlikely]]
      TENON_TRAP_OUT(r.code);
    put<store>(r.value, fp + pc->a, acc, facc);
  } else {
    put<store>(r, fp + pc->a, acc, facc);
  }
  TENON_NEXT(1);
}

/// {a: first, b: second slot or 16-bit immediate, imm: distance of the target in bytes}.
template <Op op, BinaryVariant v, bool backward, bool unless>
TENON_OP_FN(branch_op) {
  using T = Cpp<core::info(op).shape.type>;
  T x;
  T y;
  if constexpr (v == bin_as || v == bin_ai)
    x = from_acc<T>(acc, facc);
  else
    x = read<T>(fp + pc->a);
  if constexpr (v == bin_sa)
    y = from_acc<T>(acc, facc);
  else if constexpr (v == bin_si || v == bin_ai)
    y = static_cast<T>(static_cast<s64>(low_bits<s16>(pc->b)));
  else
    y = read<T>(fp + pc->b);
  if ((Numeric<op>::call(x, y) != 0) != unless) {
    const Insn* target = jump(pc, pc->imm);
    if constexpr (backward) {
      if (fp >= vm->store->stack_limit.load(std::memory_order_relaxed)) [[unlikely]]
        TENON_MUSTTAIL return safepoint(target, fp, mem, vm, acc, facc);
    }
    TENON_GO(target, acc, facc);
  }
  TENON_NEXT(1);
}

template <Op op>
constexpr std::array<Handler, binary_row> binary_handlers() {
  return {&binary_op<op, bin_ss, true>,  &binary_op<op, bin_si, true>,
          &binary_op<op, bin_sa, true>,  &binary_op<op, bin_as, true>,
          &binary_op<op, bin_ai, true>,  &binary_op<op, bin_ss, false>,
          &binary_op<op, bin_si, false>, &binary_op<op, bin_sa, false>,
          &binary_op<op, bin_as, false>, &binary_op<op, bin_ai, false>};
}

template <Op op, bool backward, bool unless>
constexpr void add_branches(std::array<Handler, branch_row>& row) {
  constexpr std::size_t at = (backward ? 2 * bin_count : 0) + (unless ? bin_count : 0);
  constexpr TypeCode type = core::info(op).shape.type;
  row[at + bin_ss] = &branch_op<op, bin_ss, backward, unless>;
  row[at + bin_sa] = &branch_op<op, bin_sa, backward, unless>;
  row[at + bin_as] = &branch_op<op, bin_as, backward, unless>;
  if constexpr (type == TypeCode::i32 || type == TypeCode::i64) {
    row[at + bin_si] = &branch_op<op, bin_si, backward, unless>;
    row[at + bin_ai] = &branch_op<op, bin_ai, backward, unless>;
  }
}

template <Op op>
constexpr std::array<Handler, branch_row> branch_handlers() {
  std::array<Handler, branch_row> row{};
  add_branches<op, false, false>(row);
  add_branches<op, true, false>(row);
  constexpr TypeCode type = core::info(op).shape.type;
  // Of integers the opposite comparison serves.
  if constexpr (type == TypeCode::f32 || type == TypeCode::f64) {
    add_branches<op, false, true>(row);
    add_branches<op, true, true>(row);
  }
  return row;
}

}  // namespace tenon::engine::interp

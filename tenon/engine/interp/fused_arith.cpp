// SPDX-License-Identifier: Apache-2.0
// Two arithmetic operators in one instruction, for the pairs that compiled programs contain most
// (fused.h lists them), and the step of a counted loop. The tables are generated from those lists,
// so a new pair is one entry there.
#include "tenon/base/narrow.h"
#include "tenon/engine/interp/arith.h"
#include "tenon/engine/interp/fused.h"

namespace tenon::engine::interp {

namespace {

inline s64 small(u16 bits) {
  return low_bits<s16>(bits);
}

template <Op first, Op second, bool acc_t, bool store, bool imm>
TENON_OP_FN(pair_op) {
  using T = Cpp<core::info(first).shape.type>;
  T t;
  if constexpr (acc_t)
    t = static_cast<T>(acc);
  else
    t = read<T>(fp + pc->b);
  const T inner = Numeric<first>::call(t, static_cast<T>(small(pc->d())));
  T result;
  if constexpr (imm)
    result = Numeric<second>::call(inner, static_cast<T>(small(pc->c())));
  else
    result = Numeric<second>::call(read<T>(fp + pc->c()), inner);
  put<store>(result, fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

template <Op first, Op second, bool imm>
constexpr Quad four() {
  return {&pair_op<first, second, false, true, imm>, &pair_op<first, second, true, true, imm>,
          &pair_op<first, second, false, false, imm>, &pair_op<first, second, true, false, imm>};
}

template <const auto& firsts, const auto& seconds, bool imm>
constexpr auto table() {
  constexpr std::size_t rows = std::remove_cvref_t<decltype(firsts)>().size();
  constexpr std::size_t columns = std::remove_cvref_t<decltype(seconds)>().size();
  std::array<std::array<Quad, columns>, rows> out{};
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((out[i / columns][i % columns] = four<firsts[i / columns], seconds[i % columns], imm>()), ...);
  }(std::make_index_sequence<rows * columns>());
  return out;
}

template <Op op, bool imm>
TENON_OP_FN(step_op) {
  const u32 x = low_bits<u32>(fp[pc->a]) + low_bits<u32>(small(pc->b));
  u32 y;
  if constexpr (imm)
    y = low_bits<u32>(small(pc->c()));
  else
    y = low_bits<u32>(fp[pc->c()]);
  fp[pc->a] = x;
  if (Numeric<op>::call(x, y) != 0) {
    const Insn* target = pc - pc->d();
    if (fp >= vm->store->stack_limit.load(std::memory_order_relaxed)) [[unlikely]]
      TENON_MUSTTAIL return safepoint(target, fp, mem, vm, acc, facc);
    TENON_GO(target, x, facc);
  }
  TENON_GO(pc + 1, x, facc);
}

constexpr auto steps() {
  std::array<std::array<Handler, 2>, loop_ops.size()> out{};
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((out[i] = {&step_op<loop_ops[i], false>, &step_op<loop_ops[i], true>}), ...);
  }(std::make_index_sequence<loop_ops.size()>());
  return out;
}

}  // namespace

extern constexpr std::array<std::array<Quad, second_i32.size()>, first_i32.size()> fused_slot_i32 =
    table<first_i32, second_i32, false>();
extern constexpr std::array<std::array<Quad, second_i64.size()>, first_i64.size()> fused_slot_i64 =
    table<first_i64, second_i64, false>();
extern constexpr std::array<std::array<Quad, third_i32.size()>, first_i32.size()> fused_imm_i32 =
    table<first_i32, third_i32, true>();
extern constexpr std::array<std::array<Quad, third_i64.size()>, first_i64.size()> fused_imm_i64 =
    table<first_i64, third_i64, true>();
extern constexpr std::array<std::array<Handler, 2>, loop_ops.size()> loop_step = steps();

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
// Loads and stores of guarded memory 0 with the arithmetic around them.
#include "tenon/base/narrow.h"
#include "tenon/engine/interp/access.h"
#include "tenon/engine/interp/fused.h"

namespace tenon::engine::interp {

namespace {

template <Op op, bool acc_address, bool store>
TENON_OP_FN(operate_on_memory) {
  using T = Cpp<core::info(op).shape.type>;
  const u32 base = acc_address ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->c()]);
  const T y = read<T>(mem + u64{base} + pc->d());
  put<store>(Numeric<op>::call(read<T>(fp + pc->b), y), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

template <Op op, bool acc_second, bool store>
TENON_OP_FN(load_sum_op) {
  const u32 second = acc_second ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->c()]);
  const u32 base = low_bits<u32>(fp[pc->b]) + second;
  put<store>(load_value<op>(mem + u64{base} + pc->d()), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

template <Op op, bool acc_base, bool store>
TENON_OP_FN(load_plus_op) {
  const u32 first = acc_base ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->b]);
  const u32 base = first + low_bits<u32>(low_bits<s32>(low_bits<s16>(pc->c())));
  put<store>(load_value<op>(mem + u64{base} + pc->d()), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

template <Op op, bool acc_index, bool store>
TENON_OP_FN(load_indexed_op) {
  const u32 index = acc_index ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->b]);
  const u32 base = low_bits<u32>(fp[pc->c()]) + (index << core::info(op).shape.log2_size);
  put<store>(load_value<op>(mem + u64{base} + pc->d()), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

inline u32 small_step(u16 bits) {
  return low_bits<u32>(s32{low_bits<s16>(bits)});
}

template <Op op, bool acc_base, bool store>
TENON_OP_FN(load_step_op) {
  const u32 x = (acc_base ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->b])) + small_step(pc->c());
  fp[pc->b] = x;
  put<store>(load_value<op>(mem + u64{x} + pc->d()), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

template <Op op>
TENON_OP_FN(load_then_step_op) {
  const u32 x = low_bits<u32>(fp[pc->b]);
  put<true>(load_value<op>(mem + u64{x} + pc->d()), fp + pc->a, acc, facc);
  fp[pc->b] = x + small_step(pc->c());
  TENON_NEXT(1);
}

template <Op op, bool acc_base, bool imm>
TENON_OP_FN(store_sum_op) {
  using T = Cpp<core::info(op).shape.type>;
  u32 base = 0;
  if constexpr (imm)
    base = (acc_base ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->a])) + small_step(pc->c());
  else
    base = low_bits<u32>(fp[pc->a]) + (acc_base ? low_bits<u32>(acc) : low_bits<u32>(fp[pc->c()]));
  store_value<op>(mem + u64{base} + pc->d(), read<T>(fp + pc->b));
  TENON_NEXT(1);
}

template <bool imm>
constexpr auto store_sums() {
  std::array<std::array<Handler, 2>, sum_stores.size()> out{};
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((out[i] = {&store_sum_op<sum_stores[i], false, imm>, &store_sum_op<sum_stores[i], true, imm>}),
     ...);
  }(std::make_index_sequence<sum_stores.size()>());
  return out;
}

constexpr auto loads_then_step() {
  std::array<Handler, sum_loads.size()> out{};
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((out[i] = &load_then_step_op<sum_loads[i]>), ...);
  }(std::make_index_sequence<sum_loads.size()>());
  return out;
}

}  // namespace

#define TENON_QUADS(list, handler)                                                       \
  [] {                                                                                   \
    std::array<Quad, (list).size()> out{};                                               \
    [&]<std::size_t... i>(std::index_sequence<i...>) {                                   \
      ((out[i] = {&handler<(list)[i], false, true>, &handler<(list)[i], true, true>,     \
                  &handler<(list)[i], false, false>, &handler<(list)[i], true, false>}), \
       ...);                                                                             \
    }(std::make_index_sequence<(list).size()>());                                        \
    return out;                                                                          \
  }()

extern constexpr std::array<Quad, with_load.size()> fused_load =
    TENON_QUADS(with_load, operate_on_memory);
extern constexpr std::array<Quad, sum_loads.size()> load_sum = TENON_QUADS(sum_loads, load_sum_op);
extern constexpr std::array<Quad, sum_loads.size()> load_plus =
    TENON_QUADS(sum_loads, load_plus_op);
extern constexpr std::array<Quad, sum_loads.size()> load_indexed =
    TENON_QUADS(sum_loads, load_indexed_op);
extern constexpr std::array<Quad, sum_loads.size()> load_step =
    TENON_QUADS(sum_loads, load_step_op);
extern constexpr std::array<Handler, sum_loads.size()> load_then_step = loads_then_step();
extern constexpr std::array<std::array<Handler, 2>, sum_stores.size()> store_plus =
    store_sums<true>();
extern constexpr std::array<std::array<Handler, 2>, sum_stores.size()> store_sum =
    store_sums<false>();

}  // namespace tenon::engine::interp

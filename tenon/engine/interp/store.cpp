// SPDX-License-Identifier: Apache-2.0
// As load.cpp: one handler for each bounds check and for each place of address and value, so that
// nothing is decided while the program runs.
#include "tenon/base/narrow.h"
#include "tenon/engine/interp/access.h"

namespace tenon::engine::interp {

namespace {

/// {a: address, b: value, imm: offset}; general: {a, b, c: memory, d: 64-bit}{raw: offset}.
template <Op op, StoreVariant v, Bounds bounds>
TENON_OP_FN(store_op) {
  constexpr Shape shape = core::info(op).shape;
  constexpr u64 size = u64{1} << shape.log2_size;
  using T = Cpp<shape.type>;
  if constexpr (bounds == Bounds::general) {
    u8* at = general_address(vm, pc->c(), pc->d() != 0, fp[pc->a], pc[1].raw(), size);
    if (at == nullptr) [[unlikely]]
      TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
    store_value<op>(at, read<T>(fp + pc->b));
    TENON_NEXT(2);
  } else {
    u64 address = pc->imm;  // NOLINT(misc-const-correctness): not of every variant
    if constexpr (v == st_ss || v == st_sa || v == st_si) address += low_bits<u32>(fp[pc->a]);
    if constexpr (v == st_as) address += low_bits<u32>(acc);
    T value;
    if constexpr (v == st_sa || v == st_ka)
      value = from_acc<T>(acc, facc);
    else if constexpr (v == st_si && std::is_integral_v<T>)
      value = static_cast<T>(static_cast<s64>(low_bits<s16>(pc->b)));
    else
      value = read<T>(fp + pc->b);
    if constexpr (bounds == Bounds::checked) {
      if (!in_bounds(vm->mem0, address, size)) [[unlikely]]
        TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
    }
    store_value<op>(mem + address, value);
    TENON_NEXT(1);
  }
}

template <Op op, Bounds bounds>
constexpr void add(std::array<Handler, store_row>& row, std::size_t at) {
  row[at + st_ss] = &store_op<op, st_ss, bounds>;
  row[at + st_as] = &store_op<op, st_as, bounds>;
  row[at + st_sa] = &store_op<op, st_sa, bounds>;
  row[at + st_si] = &store_op<op, st_si, bounds>;
  row[at + st_ks] = &store_op<op, st_ks, bounds>;
  row[at + st_ka] = &store_op<op, st_ka, bounds>;
}

template <Op op>
constexpr std::array<Handler, store_row> row() {
  std::array<Handler, store_row> r{};
  if constexpr (core::info(op).shape.kind == Shape::Kind::store) {
    add<op, Bounds::guarded>(r, 0);
    add<op, Bounds::checked>(r, st_count);
    r[store_general] = &store_op<op, st_ss, Bounds::general>;
  }
  return r;
}

}  // namespace

extern constexpr HandlerTable<store_row> stores = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
// Each load exists for guarded memory (no check, a fault is the trap), checked memory, and the
// general case (other memories, 64-bit addresses, large offsets), times where the address and the
// result are. The translator picks one, so that handlers do not branch on any of it.
#include "tenon/base/narrow.h"
#include "tenon/engine/interp/access.h"

namespace tenon::engine::interp {

namespace {

/// {a: dst, b: address, imm: offset}; general: {a, b, c: memory, d: 64-bit}{raw: offset}.
template <Op op, LoadVariant v, bool store, Bounds bounds>
TENON_OP_FN(load_op) {
  constexpr u64 size = u64{1} << core::info(op).shape.log2_size;
  if constexpr (bounds == Bounds::general) {
    const u8* at = general_address(vm, pc->c(), pc->d() != 0, fp[pc->b], pc[1].raw(), size);
    if (at == nullptr) [[unlikely]]
      TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
    put<store>(load_value<op>(at), fp + pc->a, acc, facc);
    TENON_NEXT(2);
  } else {
    u64 address = pc->imm;  // NOLINT(misc-const-correctness): of some of the instances
    if constexpr (v == ld_s) address += low_bits<u32>(fp[pc->b]);
    if constexpr (v == ld_a) address += low_bits<u32>(acc);
    if constexpr (bounds == Bounds::checked) {
      if (!in_bounds(vm->mem0, address, size)) [[unlikely]]
        TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
    }
    put<store>(load_value<op>(mem + address), fp + pc->a, acc, facc);
    TENON_NEXT(1);
  }
}

template <Op op, Bounds bounds>
constexpr void add(std::array<Handler, load_row>& row, std::size_t at) {
  row[at + ld_s] = &load_op<op, ld_s, true, bounds>;
  row[at + ld_a] = &load_op<op, ld_a, true, bounds>;
  row[at + ld_k] = &load_op<op, ld_k, true, bounds>;
  row[at + ld_count + ld_s] = &load_op<op, ld_s, false, bounds>;
  row[at + ld_count + ld_a] = &load_op<op, ld_a, false, bounds>;
  row[at + ld_count + ld_k] = &load_op<op, ld_k, false, bounds>;
}

template <Op op>
constexpr std::array<Handler, load_row> row() {
  std::array<Handler, load_row> r{};
  if constexpr (core::info(op).shape.kind == Shape::Kind::load) {
    add<op, Bounds::guarded>(r, 0);
    add<op, Bounds::checked>(r, 2 * ld_count);
    r[load_general] = &load_op<op, ld_s, true, Bounds::general>;
  }
  return r;
}

}  // namespace

extern constexpr HandlerTable<load_row> loads = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

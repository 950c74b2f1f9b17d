// SPDX-License-Identifier: Apache-2.0
// Branches, constants, copies, variables.
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/exec.h"

namespace tenon::engine::interp {

TENON_OP_FN(trap_exit) {
  StoreContext* cx = vm->store;
  cx->exit_pc = pc;
  cx->exit_fp = fp;
  cx->exit_vm = vm;
  cx->exit_status = std::to_underlying(ExitStatus::trapped);
  cx->exit_code = static_cast<TrapCode>(acc);
}

TENON_OP_FN(safepoint) {
  if (ask_at(pc, fp, vm) == InterruptAction::trap) TENON_TRAP_OUT(TrapCode::interrupted);
  TENON_GO(pc, 0, facc);
}

TENON_OP_FN(landing) {}

TENON_OP_FN(enter) {
#if TENON_FAULTS
  auto* frame = static_cast<void**>(__builtin_frame_address(0));
  vm->store->activation->native_caller = frame[0];
  vm->store->activation->native_return = static_cast<void*>(frame + 1);
#endif
  TENON_GO(pc, acc, facc);
}

namespace ops {

TENON_OP_FN(unreachable) {
  TENON_TRAP_OUT(pc->imm);
}

TENON_OP_FN(copy) {
  fp[pc->a] = fp[pc->b];
  TENON_NEXT(1);
}
/// {a: dst, b: src, c: dst, d: src}, one after the other.
TENON_OP_FN(copy_2) {
  fp[pc->a] = fp[pc->b];
  fp[pc->c()] = fp[pc->d()];
  TENON_NEXT(1);
}
/// {a: dst, b: x, c: dst, d: signed immediate}: an i32 sum in two slots.
TENON_OP_FN(add_to_2) {
  const u32 sum = low_bits<u32>(fp[pc->b]) + low_bits<u32>(s32{low_bits<s16>(pc->d())});
  fp[pc->a] = sum;
  fp[pc->c()] = sum;
  TENON_GO(pc + 1, sum, facc);
}
TENON_OP_FN(copy_v128) {
  write(fp + pc->a, read<Vec>(fp + pc->b));
  TENON_NEXT(1);
}
TENON_OP_FN(copy_n) {
  std::memmove(fp + pc->a, fp + pc->b, std::size_t{pc->imm} * sizeof(Slot));
  TENON_NEXT(1);
}
/// {a: slots, imm: dst}{imm: src}.
TENON_OP_FN(copy_far) {
  std::memmove(fp + pc->imm, fp + pc[1].imm, std::size_t{pc->a} * sizeof(Slot));
  TENON_NEXT(2);
}
/// {imm: signed slots}: see `Code::windows`.
TENON_OP_FN(move_frame) {
  fp += low_bits<s32>(pc->imm);
  TENON_NEXT(1);
}
/// {imm: first slot}{imm: end}.
TENON_OP_FN(poison) {
  for (u32 i = pc->imm; i < pc[1].imm; ++i) fp[i] = poison_value;
  TENON_NEXT(2);
}
TENON_OP_FN(copy_far_get) {
  fp[pc->a] = fp[pc->imm];
  TENON_NEXT(1);
}
TENON_OP_FN(copy_far_set) {
  fp[pc->imm] = fp[pc->a];
  TENON_NEXT(1);
}
TENON_OP_FN(copy_far_get_v128) {
  write(fp + pc->a, read<Vec>(fp + pc->imm));
  TENON_NEXT(1);
}
TENON_OP_FN(copy_far_set_v128) {
  write(fp + pc->imm, read<Vec>(fp + pc->a));
  TENON_NEXT(1);
}
TENON_OP_FN(const_i32) {
  acc = pc->imm;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
TENON_OP_FN(const_i64) {
  fp[pc->a] = pc[1].raw();
  TENON_NEXT(2);
}
TENON_OP_FN(const_v128) {
  facc = read<Vec>(pc + 1);
  write(fp + pc->a, facc);
  TENON_NEXT(2);
}

TENON_OP_FN(br) {
  TENON_GO(jump(pc, pc->imm), acc, facc);
}
TENON_OP_FN(br_back) {
  TENON_SAFE_GO(jump(pc, pc->imm));
}
TENON_OP_FN(br_if_s) {
  if (low_bits<u32>(fp[pc->a]) != 0) TENON_GO(jump(pc, pc->imm), acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(br_if_a) {
  if (low_bits<u32>(acc) != 0) TENON_GO(jump(pc, pc->imm), acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(br_unless_s) {
  if (low_bits<u32>(fp[pc->a]) == 0) TENON_GO(jump(pc, pc->imm), acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(br_unless_a) {
  if (low_bits<u32>(acc) == 0) TENON_GO(jump(pc, pc->imm), acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(br_if_back_s) {
  if (low_bits<u32>(fp[pc->a]) != 0) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(1);
}
TENON_OP_FN(br_if_back_a) {
  if (low_bits<u32>(acc) != 0) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(1);
}
TENON_OP_FN(br_unless_back_s) {
  if (low_bits<u32>(fp[pc->a]) == 0) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(1);
}
TENON_OP_FN(br_unless_back_a) {
  if (low_bits<u32>(acc) == 0) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(1);
}
TENON_OP_FN(br_if_ref_null) {
  if (fp[pc->a] == 0) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(1);
}
TENON_OP_FN(br_if_ref_non_null) {
  if (fp[pc->a] != 0) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(1);
}
/// {a: index, imm: labels}, then an entry for each label and the default: {a: backward, imm:
/// distance}.
TENON_OP_FN(br_table) {
  const u32 index = low_bits<u32>(fp[pc->a]);
  const Insn* entry = pc + 1 + (index < pc->imm ? index : pc->imm);
  if (entry->a != 0) TENON_SAFE_GO(jump(entry, entry->imm));
  TENON_GO(jump(entry, entry->imm), acc, facc);
}
TENON_OP_FN(br_table_a) {
  const u32 index = low_bits<u32>(acc);
  const Insn* entry = pc + 1 + (index < pc->imm ? index : pc->imm);
  if (entry->a != 0) TENON_SAFE_GO(jump(entry, entry->imm));
  TENON_GO(jump(entry, entry->imm), acc, facc);
}

/// {a: dst, b: first, c: second, d: condition}.
TENON_OP_FN(select_s) {
  const Slot* from = low_bits<u32>(fp[pc->d()]) != 0 ? fp + pc->b : fp + pc->c();
  acc = *from;
  facc = Vec{acc, 0};
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
TENON_OP_FN(select_a) {
  const Slot* from = low_bits<u32>(acc) != 0 ? fp + pc->b : fp + pc->c();
  acc = *from;
  facc = Vec{acc, 0};
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
TENON_OP_FN(select_v128) {
  const Slot* from = low_bits<u32>(fp[pc->d()]) != 0 ? fp + pc->b : fp + pc->c();
  facc = read<Vec>(from);
  write(fp + pc->a, facc);
  TENON_NEXT(1);
}

/// {a: slot, imm: offset of the cell from the instance}.
TENON_OP_FN(global_get) {
  acc = read<u64>(reinterpret_cast<const u8*>(vm) + pc->imm);
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
TENON_OP_FN(global_get_f) {
  const u64 bits = read<u64>(reinterpret_cast<const u8*>(vm) + pc->imm);
  facc = Vec{bits, 0};
  fp[pc->a] = bits;
  TENON_NEXT(1);
}
TENON_OP_FN(global_get_import) {
  const Slot* cell = vm->globals[pc->imm];
  acc = *cell;
  facc = Vec{acc, 0};
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
TENON_OP_FN(global_get_v128) {
  facc = read<Vec>(vm->globals[pc->imm]);
  write(fp + pc->a, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(global_set) {
  write(reinterpret_cast<u8*>(vm) + pc->imm, fp[pc->a]);
  TENON_NEXT(1);
}
TENON_OP_FN(global_set_import) {
  *vm->globals[pc->imm] = fp[pc->a];
  TENON_NEXT(1);
}
TENON_OP_FN(global_set_v128) {
  write(vm->globals[pc->imm], read<Vec>(fp + pc->a));
  TENON_NEXT(1);
}

TENON_OP_FN(fuel) {
  vm->store->fuel -= pc->imm;
  if (vm->store->fuel < 0) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_fuel);
  TENON_NEXT(1);
}

TENON_OP_FN(canon_f32) {
  put<true>(numeric::canonicalize(read<float>(fp + pc->a)), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(canon_f64) {
  put<true>(numeric::canonicalize(read<double>(fp + pc->a)), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(canon_f32x4) {
  put<true>(numeric::canonicalize_lanes<float>(read<Vec>(fp + pc->a)), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}
TENON_OP_FN(canon_f64x2) {
  put<true>(numeric::canonicalize_lanes<double>(read<Vec>(fp + pc->a)), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}

/// {a: operands in a row, and two results}.
__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;
static Wide wide_at(const Slot* at) {
  return (static_cast<Wide>(at[1]) << 64U) | at[0];
}
static void put_wide(Slot* at, Wide value) {
  at[0] = static_cast<u64>(value);
  at[1] = static_cast<u64>(value >> 64U);
}
TENON_OP_FN(i64_add128) {
  put_wide(fp + pc->a, wide_at(fp + pc->a) + wide_at(fp + pc->a + 2));
  TENON_NEXT(1);
}
TENON_OP_FN(i64_sub128) {
  put_wide(fp + pc->a, wide_at(fp + pc->a) - wide_at(fp + pc->a + 2));
  TENON_NEXT(1);
}
TENON_OP_FN(i64_mul_wide_s) {
  const auto x = static_cast<SignedWide>(static_cast<s64>(fp[pc->a]));
  const auto y = static_cast<SignedWide>(static_cast<s64>(fp[pc->a + 1]));
  put_wide(fp + pc->a, static_cast<Wide>(x * y));
  TENON_NEXT(1);
}
TENON_OP_FN(i64_mul_wide_u) {
  put_wide(fp + pc->a, static_cast<Wide>(fp[pc->a]) * fp[pc->a + 1]);
  TENON_NEXT(1);
}
TENON_OP_FN(atomic_fence) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  TENON_NEXT(1);
}

}  // namespace ops
}  // namespace tenon::engine::interp

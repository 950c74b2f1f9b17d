// SPDX-License-Identifier: Apache-2.0
// Structures, arrays, casts, exceptions: the operators that use the heap.
#include "tenon/base/narrow.h"
#include "tenon/engine/builtins.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/interp/exec.h"

namespace tenon::engine::interp {

namespace {

/// How a field is kept (see `field_kind` of the translator).
enum FieldKind : u32 { field_u8, field_s8, field_u16, field_s16, field_32, field_64, field_v128 };

inline u32 bytes_of(u32 kind) {
  constexpr std::array<u32, 7> sizes = {1, 1, 2, 2, 4, 8, 16};
  return sizes[kind];
}

inline GcObject* object(Slot ref) {
  return std::bit_cast<GcObject*>(ref);
}

inline void get_field(const u8* at, u32 kind, Slot* dst, u64& acc, Vec& facc) {
  switch (kind) {
    case field_u8:
      acc = read<u8>(at);
      break;
    case field_s8:
      acc = u64{low_bits<u32>(s32{read<std::int8_t>(at)})};
      break;
    case field_u16:
      acc = read<u16>(at);
      break;
    case field_s16:
      acc = u64{low_bits<u32>(s32{read<s16>(at)})};
      break;
    case field_32:
      acc = read<u32>(at);
      break;
    case field_64:
      acc = read<u64>(at);
      break;
    default:
      facc = read<Vec>(at);
      write(dst, facc);
      return;
  }
  facc = Vec{acc, 0};
  *dst = acc;
}

inline void set_field(u8* at, u32 kind, const Slot* value) {
  std::memcpy(at, value, bytes_of(kind));
}

inline u8* element(GcObject* array, u32 kind, u64 index) {
  return array->bytes() + GcObject::header + index * bytes_of(kind);
}
/// {…}{a: nullable, imm: heap type}.
inline bool cast_fits(const VMContext* vm, const Insn* operands, Slot ref) {
  return builtins::ref_test(vm, ref, core::HeapType::from_bits(operands->imm), operands->a != 0);
}

}  // namespace

namespace ops {

/// {a: fields in a row, and the result; imm: type}.
TENON_OP_FN(struct_new) {
  TENON_BUILTIN(builtins::struct_new(vm, pc->imm, fp + pc->a, fp + pc->a));
  acc = fp[pc->a];
  TENON_NEXT(1);
}
/// {a: dst, imm: type}{imm: height}.
TENON_OP_FN(struct_new_default) {
  TENON_BUILTIN(builtins::struct_new_default(vm, pc->imm, fp + pc[1].imm, fp + pc->a));
  acc = fp[pc->a];
  TENON_NEXT(2);
}
/// {a: dst, b: reference, imm: kind << 24 | offset}.
TENON_OP_FN(struct_get) {
  GcObject* o = object(fp[pc->b]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_structure_reference);
  get_field(o->bytes() + (pc->imm & 0xFFFFFFU), pc->imm >> 24U, fp + pc->a, acc, facc);
  TENON_NEXT(1);
}
/// {a: reference, b: value, imm: kind << 24 | offset}.
TENON_OP_FN(struct_set) {
  GcObject* o = object(fp[pc->a]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_structure_reference);
  set_field(o->bytes() + (pc->imm & 0xFFFFFFU), pc->imm >> 24U, fp + pc->b);
  TENON_NEXT(1);
}

/// {a: dst, b: value, imm: height}{a: length, imm: type}.
TENON_OP_FN(array_new) {
  TENON_BUILTIN(builtins::array_new(vm, pc[1].imm, low_bits<u32>(fp[pc[1].a]), fp + pc->b,
                                    fp + pc->imm, fp + pc->a));
  acc = fp[pc->a];
  TENON_NEXT(2);
}
/// {a: dst, b: length, imm: height}{imm: type}.
TENON_OP_FN(array_new_default) {
  TENON_BUILTIN(builtins::array_new_default(vm, pc[1].imm, low_bits<u32>(fp[pc->b]), fp + pc->imm,
                                            fp + pc->a));
  acc = fp[pc->a];
  TENON_NEXT(2);
}
/// {a: elements in a row, and the result; imm: type}{imm: count}.
TENON_OP_FN(array_new_fixed) {
  TENON_BUILTIN(builtins::array_new_fixed(vm, pc->imm, pc[1].imm, fp + pc->a, fp + pc->a));
  acc = fp[pc->a];
  TENON_NEXT(2);
}
/// {a: offset, length in a row, and the result; imm: type}{imm: segment}.
TENON_OP_FN(array_new_data) {
  Slot* at = fp + pc->a;
  TENON_BUILTIN(builtins::array_new_data(vm, pc->imm, pc[1].imm, low_bits<u32>(at[0]),
                                         low_bits<u32>(at[1]), at, at));
  acc = fp[pc->a];
  TENON_NEXT(2);
}
TENON_OP_FN(array_new_elem) {
  Slot* at = fp + pc->a;
  TENON_BUILTIN(builtins::array_new_elem(vm, pc->imm, pc[1].imm, low_bits<u32>(at[0]),
                                         low_bits<u32>(at[1]), at, at));
  acc = fp[pc->a];
  TENON_NEXT(2);
}
/// {a: dst, b: array, c: index, d: kind}.
TENON_OP_FN(array_get) {
  GcObject* o = object(fp[pc->b]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  const u64 index = low_bits<u32>(fp[pc->c()]);
  if (index >= o->length) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_array);
  get_field(element(o, pc->d(), index), pc->d(), fp + pc->a, acc, facc);
  TENON_NEXT(1);
}
/// {a: array, b: index, c: value, d: kind}.
TENON_OP_FN(array_set) {
  GcObject* o = object(fp[pc->a]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  const u64 index = low_bits<u32>(fp[pc->b]);
  if (index >= o->length) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_array);
  set_field(element(o, pc->d(), index), pc->d(), fp + pc->c());
  TENON_NEXT(1);
}
TENON_OP_FN(array_len) {
  GcObject* o = object(fp[pc->b]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  acc = o->length;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: array, index, value, n in a row; imm: kind}.
TENON_OP_FN(array_fill) {
  const Slot* at = fp + pc->a;
  TENON_BUILTIN(builtins::array_fill(at[0], low_bits<u32>(at[1]), at + 2,
                                     low_bits<u32>(at[pc->imm == field_v128 ? 4 : 3])));
  TENON_NEXT(1);
}
/// {a: dst, index, src, index, n in a row}.
TENON_OP_FN(array_copy) {
  const Slot* at = fp + pc->a;
  TENON_BUILTIN(builtins::array_copy(at[0], low_bits<u32>(at[1]), at[2], low_bits<u32>(at[3]),
                                     low_bits<u32>(at[4])));
  TENON_NEXT(1);
}
/// {a: array, index, segment offset, n in a row; imm: segment}.
TENON_OP_FN(array_init_data) {
  const Slot* at = fp + pc->a;
  TENON_BUILTIN(builtins::array_init_data(vm, pc->imm, at[0], low_bits<u32>(at[1]),
                                          low_bits<u32>(at[2]), low_bits<u32>(at[3])));
  TENON_NEXT(1);
}
/// {a: array, index, segment offset, n in a row; imm: segment}.
TENON_OP_FN(array_init_elem) {
  const Slot* at = fp + pc->a;
  TENON_BUILTIN(builtins::array_init_elem(vm, pc->imm, at[0], low_bits<u32>(at[1]),
                                          low_bits<u32>(at[2]), low_bits<u32>(at[3])));
  TENON_NEXT(1);
}

/// {a: dst, b: reference}{a: nullable, imm: heap type}.
TENON_OP_FN(ref_test) {
  acc = cast_fits(vm, pc + 1, fp[pc->b]) ? 1 : 0;
  fp[pc->a] = acc;
  TENON_NEXT(2);
}
TENON_OP_FN(ref_cast) {
  acc = fp[pc->b];
  if (!cast_fits(vm, pc + 1, acc)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::cast_failure);
  fp[pc->a] = acc;
  TENON_NEXT(2);
}
/// {a: reference, imm: distance}{a: nullable, imm: heap type}.
TENON_OP_FN(br_on_cast) {
  if (cast_fits(vm, pc + 1, fp[pc->a])) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(2);
}
TENON_OP_FN(br_on_cast_fail) {
  if (!cast_fits(vm, pc + 1, fp[pc->a])) TENON_SAFE_GO(jump(pc, pc->imm));
  TENON_NEXT(2);
}
TENON_OP_FN(ref_i31) {
  acc = AnyRef::i31(low_bits<u32>(fp[pc->b])).bits;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, b: reference, imm: signed}.
TENON_OP_FN(i31_get) {
  const Slot ref = fp[pc->b];
  if (ref == 0) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_i31_reference);
  const u32 bits = AnyRef{ref}.i31_bits() & 0x7FFFFFFFU;
  acc = pc->imm != 0 ? low_bits<u32>(low_bits<s32>(bits << 1U) >> 1) : bits;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}

/// {a: payload, imm: tag}.
TENON_OP_FN(throw_) {
  TENON_BUILTIN(builtins::throw_new(vm, pc->imm, fp + pc->a));
  const Slot exn = vm->store->pending_exception;
  vm->store->pending_exception = 0;
  TENON_MUSTTAIL return throw_acc(pc, fp, mem, vm, exn, facc);
}

}  // namespace ops
}  // namespace tenon::engine::interp

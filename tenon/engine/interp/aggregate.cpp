// SPDX-License-Identifier: Apache-2.0
// Structures, arrays, casts, exceptions: the operators that use the heap.
#include "tenon/base/narrow.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/instance.h"
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

/// Room for an object; null when the heap is full. Everything that lives stands below `top`: behind
/// the operands of an instruction that takes them in a row, else at a height that the instruction
/// has as an operand. Never at the result's slot: that may be a local's.
GcObject* make(VMContext* vm, u64 bytes, const Slot* top) {
  return vm->store->store->gc_allocate(bytes, top);
}

GcObject* make_array(VMContext* vm, const RuntimeType* type, u64 length, const Slot* top) {
  GcObject* o = make(vm, GcObject::header + length * type->fields[0].size, top);
  if (o == nullptr) return nullptr;
  o->type = type;
  o->length = length;
  return o;
}

inline u8* element(GcObject* array, u32 kind, u64 index) {
  return array->bytes() + GcObject::header + index * bytes_of(kind);
}
inline bool inside(u64 at, u64 n, u64 size) {
  return at <= size && n <= size - at;
}

u32 kind_of(const FieldLayout& f) {
  switch (f.size) {
    case 1:
      return field_u8;
    case 2:
      return field_u16;
    case 4:
      return field_32;
    case 16:
      return field_v128;
    default:
      return field_64;
  }
}

void fill(GcObject* array, u32 kind, u64 at, u64 n, const Slot* value) {
  fill_elements(element(array, kind, at), bytes_of(kind), n, value);
}

/// Whether a reference is of the type. Spec: core/exec/instructions "ref.test".
bool is_of(const VMContext* vm, Slot ref, core::HeapType heap, bool nullable) {
  if (ref == 0) return nullable;
  const AnyRef any{ref};
  using core::TypeCode;
  if (heap.is_defined()) {
    const RuntimeType* want = vm->types[heap.index().value];
    if (want->kind == core::CompType::Kind::func)
      return std::bit_cast<FuncRef*>(ref)->type->is_subtype_of(want);
    return any.is_object() && object(ref)->type != nullptr &&
           object(ref)->type->is_subtype_of(want);
  }
  switch (heap.code()) {
    case TypeCode::any:
    case TypeCode::extern_:
    case TypeCode::func:
    case TypeCode::exn:
      return true;
    case TypeCode::eq:
      return any.is_i31() || any.is_object();
    case TypeCode::i31:
      return any.is_i31();
    case TypeCode::struct_:
      return any.is_object() && object(ref)->type->kind == core::CompType::Kind::struct_;
    case TypeCode::array:
      return any.is_object() && object(ref)->type->kind == core::CompType::Kind::array;
    default:
      return false;
  }
}

inline bool cast_fits(const VMContext* vm, const Insn* operands, Slot ref) {
  return is_of(vm, ref, core::HeapType::from_bits(operands->imm), operands->a != 0);
}

/// array.new_data and array.init_data: bytes of a segment, or an empty view when outside.
bool data_range(const VMContext* vm, u32 segment, u64 at, u64 bytes, ByteSpan& out) {
  const ByteSpan all = vm->instance->data(segment);
  if (!inside(at, bytes, all.size())) return false;
  out = all.subspan(at, bytes);
  return true;
}

}  // namespace

namespace ops {

/// {a: fields in a row, and the result; imm: type}.
TENON_OP_FN(struct_new) {
  const RuntimeType* type = vm->types[pc->imm];
  const Slot* value = fp + pc->a;
  u32 slots = 0;
  for (const FieldLayout& f : type->fields) slots += slot_count(f.type);
  GcObject* o = make(vm, type->size, value + slots);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  o->type = type;
  for (const FieldLayout& f : type->fields) {
    std::memcpy(o->bytes() + f.offset, value, f.size);
    value += slot_count(f.type);
  }
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, imm: type}{imm: height}.
TENON_OP_FN(struct_new_default) {
  const RuntimeType* type = vm->types[pc->imm];
  GcObject* o = make(vm, type->size, fp + pc[1].imm);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  o->type = type;
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
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
  const RuntimeType* type = vm->types[pc[1].imm];
  const u64 n = low_bits<u32>(fp[pc[1].a]);
  GcObject* o = make_array(vm, type, n, fp + pc->imm);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  fill(o, kind_of(type->fields[0]), 0, n, fp + pc->b);
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
  TENON_NEXT(2);
}
/// {a: dst, b: length, imm: height}{imm: type}.
TENON_OP_FN(array_new_default) {
  GcObject* o = make_array(vm, vm->types[pc[1].imm], low_bits<u32>(fp[pc->b]), fp + pc->imm);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
  TENON_NEXT(2);
}
/// {a: elements in a row, and the result; imm: type}{imm: count}.
TENON_OP_FN(array_new_fixed) {
  const RuntimeType* type = vm->types[pc->imm];
  const u32 n = pc[1].imm;
  const Slot* value = fp + pc->a;
  const u32 width = slot_count(type->fields[0].type);
  GcObject* o = make_array(vm, type, n, value + std::size_t{n} * width);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  const u32 kind = kind_of(type->fields[0]);
  for (u32 i = 0; i < n; ++i) set_field(element(o, kind, i), kind, value + std::size_t{i} * width);
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
  TENON_NEXT(2);
}
/// {a: offset, length in a row, and the result; imm: type}{imm: segment}.
TENON_OP_FN(array_new_data) {
  const RuntimeType* type = vm->types[pc->imm];
  const u64 n = low_bits<u32>(fp[pc->a + 1]);
  const u64 size = n * type->fields[0].size;
  ByteSpan bytes;
  if (!data_range(vm, pc[1].imm, low_bits<u32>(fp[pc->a]), size, bytes)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  GcObject* o = make_array(vm, type, n, fp + pc->a);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  if (size != 0) std::memcpy(o->bytes() + GcObject::header, bytes.data(), size);
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
  TENON_NEXT(2);
}
TENON_OP_FN(array_new_elem) {
  const RuntimeType* type = vm->types[pc->imm];
  const u64 at = low_bits<u32>(fp[pc->a]);
  const u64 n = low_bits<u32>(fp[pc->a + 1]);
  if (!inside(at, n, vm->instance->elem_size(pc[1].imm))) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  GcObject* o = make_array(vm, type, n, fp + pc->a);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  for (u64 i = 0; i < n; ++i) o->payload()[i] = vm->instance->elem(pc[1].imm, narrow<u32>(at + i));
  acc = std::bit_cast<u64>(o);
  fp[pc->a] = acc;
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
  GcObject* o = object(at[0]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  const u64 index = low_bits<u32>(at[1]);
  const u64 n = low_bits<u32>(at[pc->imm == field_v128 ? 4 : 3]);
  if (!inside(index, n, o->length)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_array);
  fill(o, pc->imm, index, n, at + 2);
  TENON_NEXT(1);
}
/// {a: dst, index, src, index, n in a row; imm: kind}.
TENON_OP_FN(array_copy) {
  const Slot* at = fp + pc->a;
  GcObject* dst = object(at[0]);
  GcObject* src = object(at[2]);
  if (dst == nullptr || src == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  const u64 to = low_bits<u32>(at[1]);
  const u64 from = low_bits<u32>(at[3]);
  const u64 n = low_bits<u32>(at[4]);
  if (!inside(to, n, dst->length) || !inside(from, n, src->length)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_array);
  if (n != 0)
    std::memmove(element(dst, pc->imm, to), element(src, pc->imm, from), n * bytes_of(pc->imm));
  TENON_NEXT(1);
}
/// {a: array, index, segment offset, n in a row; imm: segment}{imm: kind}.
TENON_OP_FN(array_init_data) {
  const Slot* at = fp + pc->a;
  GcObject* o = object(at[0]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  const u64 index = low_bits<u32>(at[1]);
  const u64 n = low_bits<u32>(at[3]);
  const u64 size = n * bytes_of(pc[1].imm);
  if (!inside(index, n, o->length)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_array);
  ByteSpan bytes;
  if (!data_range(vm, pc->imm, low_bits<u32>(at[2]), size, bytes)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  if (size != 0) std::memcpy(element(o, pc[1].imm, index), bytes.data(), size);
  TENON_NEXT(2);
}
/// {a: array, index, segment offset, n in a row; imm: segment}.
TENON_OP_FN(array_init_elem) {
  const Slot* at = fp + pc->a;
  GcObject* o = object(at[0]);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_array_reference);
  const u64 index = low_bits<u32>(at[1]);
  const u64 from = low_bits<u32>(at[2]);
  const u64 n = low_bits<u32>(at[3]);
  if (!inside(index, n, o->length)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_array);
  if (!inside(from, n, vm->instance->elem_size(pc->imm))) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  for (u64 i = 0; i < n; ++i)
    o->payload()[index + i] = vm->instance->elem(pc->imm, narrow<u32>(from + i));
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
  const Tag* tag = vm->tags[pc->imm];
  const Slot* payload = fp + pc->a;
  const u32 n = tag->type()->param_slots;
  GcObject* o = make(vm, GcObject::header + u64{n} * sizeof(Slot), payload + n);
  if (o == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_memory);
  o->tag = tag;
  if (n != 0) std::memcpy(o->payload(), payload, n * sizeof(Slot));
  TENON_MUSTTAIL return throw_acc(pc, fp, mem, vm, std::bit_cast<u64>(o), facc);
}

}  // namespace ops
}  // namespace tenon::engine::interp

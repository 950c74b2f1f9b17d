// SPDX-License-Identifier: Apache-2.0
// The translation of the operators that ops.def calls special.
#include <algorithm>
#include <cstring>

#include "tenon/base/narrow.h"
#include "tenon/core/limits.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

#define TENON_ON(name, Imm) \
  void Translator::special_op(OpTag<Op::name>, [[maybe_unused]] const core::Imm& i)

u32 Translator::pop_row(u32 n) {
  const u32 first = settle(n);
  for (u32 k = 0; k < n; ++k) pop();
  return first;
}

void Translator::row_op(Handler h, u32 first, u32 imm, std::optional<Second> second) {
  const u32 base = open_window(first);
  emit(h, first - base, 0, imm);
  if (second) emit(nullptr, second->a, 0, second->imm);
  close_window(base);
}

void Translator::row_result(Handler h, u32 first, u32 imm, Ty ty, std::optional<Second> second) {
  const u32 insn = here();
  row_op(h, first, imm, second);
  push_temp(ty);
  // Behind a window nothing is relied on.
  if (near(first)) produced(insn, first, ty, nullptr, false);
}

// ---- Parametric and variable operators ----

TENON_ON(drop, NoImm) {
  pop();
}

TENON_ON(select, NoImm) {
  Val cond = pop();
  Val y = pop();
  Val x = pop();
  const u32 dst = x.home;
  const u16 first = slot_of(x);
  const u16 second = slot_of(y);
  const Ty ty = x.ty;
  u32 insn = 0;
  if (ty == Ty::v128) {
    const u16 slot = slot_of(cond);
    insn = emit(&ops::select_v128, into(dst), first, cd(second, slot));
  } else if (in_acc(cond)) {
    take_acc(cond);
    insn = emit(&ops::select_a, into(dst), first, second);
  } else {
    const u16 slot = slot_of(cond);
    insn = emit(&ops::select_s, into(dst), first, cd(second, slot));
  }
  result(insn, dst, ty);
}
TENON_ON(select_t, SelectImm) {
  special_op(OpTag<Op::select>{}, core::NoImm{});
}

TENON_ON(local_get, LocalImm) {
  push_local(i.local.value);
}

TENON_ON(local_set, LocalImm) {
  const u32 local = i.local.value;
  const Val v = pop();
  if (v.kind == Val::Kind::local && v.local == local) return;
  settle_local(local);
  const u32 dst = local_slots_[local];
  if (near(dst) && v.kind == Val::Kind::temp && in_acc(v) && last_.retarget) {
    // What made the value writes it to the local at once.
    code_[last_.insn].a = narrow<u16>(dst);
    last_.slot = dst;
    last_.no_store = nullptr;
    last_.retarget = false;
    last_.compare = false;
    fuse_step_after_load();
    return;
  }
  move_to(v, dst);
}

TENON_ON(local_tee, LocalImm) {
  special_op(OpTag<Op::local_set>{}, i);
  push_local(i.local.value);
}

TENON_ON(global_get, GlobalImm) {
  const Ty ty = ty_of(m_.global_types[i.global.value].type);
  const u32 dst = height_;
  u32 insn = 0;
  if (ty == Ty::v128) {
    insn = emit(&ops::global_get_v128, into(dst), 0, i.global.value);
  } else if (i.global.value < m_.num_imported_globals) {
    insn = emit(&ops::global_get_import, into(dst), 0, i.global.value);
  } else {
    const u32 at = module_.offsets().globals + 16 * (i.global.value - m_.num_imported_globals);
    insn = emit(ty == Ty::f32 || ty == Ty::f64 ? &ops::global_get_f : &ops::global_get, into(dst),
                0, at);
  }
  result(insn, dst, ty);
}

TENON_ON(global_set, GlobalImm) {
  Val v = pop();
  const u16 slot = slot_of(v);
  if (v.ty == Ty::v128) {
    emit(&ops::global_set_v128, slot, 0, i.global.value);
  } else if (i.global.value < m_.num_imported_globals) {
    emit(&ops::global_set_import, slot, 0, i.global.value);
  } else {
    emit(&ops::global_set, slot, 0,
         module_.offsets().globals + 16 * (i.global.value - m_.num_imported_globals));
  }
}

// ---- Tables and memories ----

TENON_ON(table_get, TableImm) {
  Val x = pop();
  const u16 index = slot_of(x);
  result(emit(&ops::table_get, into(x.home), index, i.table.value), x.home, Ty::ref);
}
TENON_ON(table_set, TableImm) {
  Val y = pop();
  Val x = pop();
  const u16 index = slot_of(x);
  emit(&ops::table_set, index, slot_of(y), i.table.value);
}
TENON_ON(table_size, TableImm) {
  const u32 dst = height_;
  result(emit(&ops::table_size, into(dst), 0, i.table.value), dst, address_ty(i.table));
}
TENON_ON(table_grow, TableImm) {
  row_result(&ops::table_grow, pop_row(2), i.table.value, address_ty(i.table));
}
TENON_ON(table_fill, TableImm) {
  row_op(&ops::table_fill, pop_row(3), i.table.value);
}
TENON_ON(table_copy, TableCopyImm) {
  row_op(&ops::table_copy, pop_row(3), cd(i.dst.value, i.src.value));
}
TENON_ON(table_init, TableInitImm) {
  row_op(&ops::table_init, pop_row(3), i.elem.value, Second{.imm = i.table.value});
}
TENON_ON(elem_drop, ElemImm) {
  emit(&ops::elem_drop, 0, 0, i.elem.value);
}
TENON_ON(memory_size, MemImm) {
  const u32 dst = height_;
  result(emit(&ops::memory_size, into(dst), 0, i.mem.value), dst, address_ty(i.mem));
}
TENON_ON(memory_grow, MemImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::memory_grow, into(x.home), slot, i.mem.value), x.home, address_ty(i.mem));
}
TENON_ON(memory_fill, MemImm) {
  row_op(&ops::memory_fill, pop_row(3), i.mem.value);
}
TENON_ON(memory_copy, MemCopyImm) {
  row_op(&ops::memory_copy, pop_row(3), cd(i.dst.value, i.src.value));
}
TENON_ON(memory_init, MemInitImm) {
  row_op(&ops::memory_init, pop_row(3), i.data.value, Second{.imm = i.mem.value});
}
TENON_ON(data_drop, DataImm) {
  emit(&ops::data_drop, 0, 0, i.data.value);
}
TENON_ON(atomic_fence, FenceImm) {
  emit(&ops::atomic_fence);
}

// ---- References ----

TENON_ON(ref_null, HeapTypeImm) {
  push_imm(Ty::ref, 0);
}
TENON_ON(ref_is_null, NoImm) {
  push_imm(Ty::ref, 0);
  binary(Op::i64_eq);
}
TENON_ON(ref_func, FuncImm) {
  const u32 dst = height_;
  result(emit(&ops::ref_func, into(dst), 0, i.func.value), dst, Ty::ref);
}
TENON_ON(ref_eq, NoImm) {
  binary(Op::i64_eq);
}
TENON_ON(ref_as_non_null, NoImm) {
  const Val v = pop();
  Val read = v;
  emit(&ops::ref_as_non_null, slot_of(read));
  push_again(v);
}

/// A branch on the reference in `slot`, taken by `when` and not by `unless`.
void Translator::branch_on(Handler when, Handler unless, u32 slot, Control& c,
                           const core::BrOnCastImm* cast) {
  const bool direct = c.kind != Control::Kind::func && in_place(c);
  const u32 insn = emit(direct ? when : unless, slot);
  if (cast != nullptr) cast_operands(cast->to);
  forget();
  if (direct) {
    aim(insn, c);
  } else {
    jump_to(c);
    patch(insn, here());
  }
  forget();
  begin_block();
}

TENON_ON(br_on_null, LabelImm) {
  prepare(label(i.label), 1);
  const Val v = pop();
  Val read = v;
  const u16 slot = slot_of(read);
  // The value's home must not be taken by a copy on the way out, and it is not: copies go down.
  branch_on(&ops::br_if_ref_null, &ops::br_if_ref_non_null, slot, label(i.label), nullptr);
  push_again(v);
}
TENON_ON(br_on_non_null, LabelImm) {
  prepare(label(i.label), 0);
  Val v = top();
  const u16 slot = slot_of(v);
  branch_on(&ops::br_if_ref_non_null, &ops::br_if_ref_null, slot, label(i.label), nullptr);
  pop();
}

// ---- Aggregates ----

void Translator::cast_operands(ValType type) {
  emit(nullptr, type.nullable() ? 1 : 0, 0, type.heap().bits());
}

TENON_ON(br_on_cast, BrOnCastImm) {
  prepare(label(i.label), 0);
  Val v = top();
  const u16 slot = slot_of(v);
  branch_on(&ops::br_on_cast, &ops::br_on_cast_fail, slot, label(i.label), &i);
}
TENON_ON(br_on_cast_fail, BrOnCastImm) {
  prepare(label(i.label), 0);
  Val v = top();
  const u16 slot = slot_of(v);
  branch_on(&ops::br_on_cast_fail, &ops::br_on_cast, slot, label(i.label), &i);
}

namespace {

/// How a field is read and written: code in the top byte, offset below. See `FieldAccess`.
u32 field_kind(const FieldLayout& f, bool is_signed) {
  const ValType t = f.type;
  if (t.is_ref()) return 5;
  switch (t.code()) {
    case TypeCode::i8:
      return is_signed ? 1 : 0;
    case TypeCode::i16:
      return is_signed ? 3 : 2;
    case TypeCode::i32:
    case TypeCode::f32:
      return 4;
    case TypeCode::v128:
      return 6;
    default:
      return 5;
  }
}
/// The kind above the offset of a structure's field: 10,000 fields of 16 bytes fit 24 bits.
u32 field_place(const FieldLayout& f, bool is_signed) {
  static_assert(core::limits::struct_fields * 16 + GcObject::header < 1U << 24U);
  assert(f.offset < 1U << 24U);
  return f.offset | (field_kind(f, is_signed) << 24U);
}
Ty field_ty(const FieldLayout& f) {
  return f.type.is_packed() ? Ty::i32 : ty_of(f.type);
}

}  // namespace

TENON_ON(struct_new, TypeImm) {
  const u32 n = narrow<u32>(type(i.type).fields.size());
  row_result(&ops::struct_new, pop_row(n), i.type.value, Ty::ref);
  poison();
}
TENON_ON(struct_new_default, TypeImm) {
  const u32 dst = height_;
  const u32 insn = emit(&ops::struct_new_default, into(dst), 0, i.type.value);
  emit(nullptr, 0, 0, dst);
  result(insn, dst, Ty::ref);
  poison();
}
#define TENON_STRUCT_GET(name, is_signed)                                                \
  TENON_ON(name, FieldImm) {                                                             \
    const FieldLayout& f = type(i.type).fields[i.field.value];                           \
    Val x = pop();                                                                       \
    const u16 ref = slot_of(x);                                                          \
    result(emit(&ops::struct_get, into(x.home), ref, field_place(f, is_signed)), x.home, \
           field_ty(f));                                                                 \
  }
TENON_STRUCT_GET(struct_get, false)
TENON_STRUCT_GET(struct_get_s, true)
TENON_STRUCT_GET(struct_get_u, false)
TENON_ON(struct_set, FieldImm) {
  const FieldLayout& f = type(i.type).fields[i.field.value];
  Val y = pop();
  Val x = pop();
  const u16 ref = slot_of(x);
  const u16 value = slot_of(y);
  emit(&ops::struct_set, ref, value, field_place(f, false));
}
// What lives at an allocation is below an operand of its own: the result may go to a local.
TENON_ON(array_new, TypeImm) {
  const u32 live = height_;
  Val n = pop();
  Val x = pop();
  const u16 value = slot_of(x);
  const u16 length = slot_of(n);
  const u32 insn = emit(&ops::array_new, into(x.home), value, live);
  emit(nullptr, length, 0, i.type.value);
  result(insn, x.home, Ty::ref);
  poison();
}
TENON_ON(array_new_default, TypeImm) {
  const u32 live = height_;
  Val n = pop();
  const u16 length = slot_of(n);
  const u32 insn = emit(&ops::array_new_default, into(n.home), length, live);
  emit(nullptr, 0, 0, i.type.value);
  result(insn, n.home, Ty::ref);
  poison();
}
TENON_ON(array_new_fixed, ArrayFixedImm) {
  row_result(&ops::array_new_fixed, pop_row(i.count), i.type.value, Ty::ref,
             Second{.imm = i.count});
  poison();
}
TENON_ON(array_new_data, ArrayDataImm) {
  row_result(&ops::array_new_data, pop_row(2), i.type.value, Ty::ref, Second{.imm = i.data.value});
  poison();
}
TENON_ON(array_new_elem, ArrayElemImm) {
  row_result(&ops::array_new_elem, pop_row(2), i.type.value, Ty::ref, Second{.imm = i.elem.value});
  poison();
}
#define TENON_ARRAY_GET(name, is_signed)                                                          \
  TENON_ON(name, TypeImm) {                                                                       \
    const FieldLayout& f = type(i.type).fields[0];                                                \
    Val y = pop();                                                                                \
    Val x = pop();                                                                                \
    const u16 ref = slot_of(x);                                                                   \
    const u16 index = slot_of(y);                                                                 \
    result(emit(&ops::array_get, into(x.home), ref, cd(index, field_kind(f, is_signed))), x.home, \
           field_ty(f));                                                                          \
  }
TENON_ARRAY_GET(array_get, false)
TENON_ARRAY_GET(array_get_s, true)
TENON_ARRAY_GET(array_get_u, false)
TENON_ON(array_set, TypeImm) {
  const FieldLayout& f = type(i.type).fields[0];
  Val z = pop();
  Val y = pop();
  Val x = pop();
  const u16 ref = slot_of(x);
  const u16 index = slot_of(y);
  const u16 value = slot_of(z);
  emit(&ops::array_set, ref, index, cd(value, field_kind(f, false)));
}
TENON_ON(array_len, NoImm) {
  Val x = pop();
  const u16 ref = slot_of(x);
  result(emit(&ops::array_len, into(x.home), ref), x.home, Ty::i32);
}
TENON_ON(array_fill, TypeImm) {
  row_op(&ops::array_fill, pop_row(4), field_kind(type(i.type).fields[0], false));
}
TENON_ON(array_copy, ArrayCopyImm) {
  row_op(&ops::array_copy, pop_row(5), 0);
}
TENON_ON(array_init_data, ArrayDataImm) {
  row_op(&ops::array_init_data, pop_row(4), i.data.value);
}
TENON_ON(array_init_elem, ArrayElemImm) {
  row_op(&ops::array_init_elem, pop_row(4), i.elem.value);
}
#define TENON_REF_CAST(name, handler, nullable, Ty_)         \
  TENON_ON(name, HeapTypeImm) {                              \
    Val x = pop();                                           \
    const u16 ref = slot_of(x);                              \
    const u32 insn = emit(&ops::handler, into(x.home), ref); \
    cast_operands(ValType::ref(i.heap, nullable));           \
    result(insn, x.home, Ty_);                               \
  }
TENON_REF_CAST(ref_test, ref_test, false, Ty::i32)
TENON_REF_CAST(ref_test_null, ref_test, true, Ty::i32)
TENON_REF_CAST(ref_cast, ref_cast, false, Ty::ref)
TENON_REF_CAST(ref_cast_null, ref_cast, true, Ty::ref)
// One form serves references below any and below extern.
TENON_ON(any_convert_extern, NoImm) {}
TENON_ON(extern_convert_any, NoImm) {}
TENON_ON(ref_i31, NoImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::ref_i31, into(x.home), slot), x.home, Ty::ref);
}
TENON_ON(i31_get_s, NoImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::i31_get, into(x.home), slot, 1), x.home, Ty::i32);
}
TENON_ON(i31_get_u, NoImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::i31_get, into(x.home), slot, 0), x.home, Ty::i32);
}

#undef TENON_ON

// ---- Vectors, wide arithmetic and atomics, for the forms of their shapes ----

void Translator::lane_access(Op op, const core::MemArgLaneImm& imm) {
  Val y = pop();
  Val x = pop();
  const u32 dst = x.home;
  const u16 address = slot_of(x);
  const u16 value = slot_of(y);
  const core::MemArgImm& m = imm.mem;
  const u32 insn = emit(simd[static_cast<std::size_t>(op)][0], into(dst), address,
                        cd(m.mem.value, imm.lane | (wide_memory(m.mem) ? 0x100U : 0U)));
  emit_raw(m.offset);
  emit(nullptr, value);
  if (core::info(op).shape.kind == Shape::Kind::vload_lane) {
    push_temp(Ty::v128);
    produced(insn, dst, Ty::v128, nullptr);
  }
}

void Translator::shuffle(const core::ShuffleImm& imm) {
  Val y = pop();
  Val x = pop();
  const u16 first = slot_of(x);
  const u16 second = slot_of(y);
  const u32 insn =
      emit(simd[static_cast<std::size_t>(Op::i8x16_shuffle)][0], into(x.home), first, second);
  emit_bytes(imm.lanes.data());
  push_temp(Ty::v128);
  produced(insn, x.home, Ty::v128, nullptr);
}

void Translator::vector(Op op, u32 lane) {
  const core::Signature sig = core::signature(core::info(op).shape);
  std::array<u16, 3> slots{};
  std::array<Val, 3> values;
  for (u32 i = sig.num_params; i-- > 0;) values[i] = pop();
  for (u32 i = 0; i < sig.num_params; ++i) slots[i] = slot_of(values[i]);
  const u32 dst = values[0].home;
  const u32 insn = emit(simd[static_cast<std::size_t>(op)][0], into(dst), slots[0],
                        cd(slots[1], sig.num_params == 3 ? slots[2] : lane));
  const Ty ty = ty_of(sig.results[0]);
  push_temp(ty);
  produced(insn, dst, ty, nullptr);
  if (deterministic_) canonicalize(op, ty);
}

void Translator::wide(Op op) {
  const bool four = core::info(op).shape.kind == Shape::Kind::wide_binop;
  const u32 first = pop_row(four ? 4 : 2);
  Handler h = &ops::i64_add128;
  if (op == Op::i64_sub128) h = &ops::i64_sub128;
  if (op == Op::i64_mul_wide_s) h = &ops::i64_mul_wide_s;
  if (op == Op::i64_mul_wide_u) h = &ops::i64_mul_wide_u;
  row_op(h, first, 0);
  push_temp(Ty::i64);
  push_temp(Ty::i64);
}

void Translator::atomic(Op op, const core::MemArgImm& imm) {
  const core::Signature sig = core::signature(core::info(op).shape);
  std::array<Val, 3> values;
  std::array<u16, 3> slots{};
  for (u32 i = sig.num_params; i-- > 0;) values[i] = pop();
  for (u32 i = 0; i < sig.num_params; ++i) slots[i] = slot_of(values[i]);
  const u32 dst = values[0].home;
  const u32 insn = emit(atomics[static_cast<std::size_t>(op)][0], into(dst), slots[0],
                        cd(imm.mem.value, wide_memory(imm.mem) ? 1 : 0));
  emit_raw(imm.offset);
  emit(nullptr, slots[1], slots[2]);
  if (sig.num_results != 0) {
    const Ty ty = ty_of(sig.results[0]);
    push_temp(ty);
    produced(insn, dst, ty, nullptr);
  }
}

}  // namespace tenon::engine::interp

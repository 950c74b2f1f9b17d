// SPDX-License-Identifier: Apache-2.0
// The translation of the operators that ops.def calls special.
#include <algorithm>
#include <cstring>

#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

#define TENON_ON(name, Imm) \
  void Translator::special_op(OpTag<Op::name>, [[maybe_unused]] const core::Imm& i)

u32 Translator::pop_row(u32 n) {
  const u32 first = settle(n);
  for (u32 k = 0; k < n; ++k) pop();
  return first;
}

void Translator::repush(const Val& v) {
  if (v.kind == Val::Kind::local)
    push_local(v.local);
  else if (v.kind == Val::Kind::imm)
    push_imm(v.ty, v.imm);
  else
    push_temp(v.ty);
}

// ---- Control ----

TENON_ON(unreachable, NoImm) {
  emit(&ops::unreachable, 0, 0, static_cast<u32>(TrapCode::unreachable));
  unreachable_now();
}
TENON_ON(nop, NoImm) {}

TENON_ON(block, BlockImm) {
  open(Control::Kind::block, i.type);
}

TENON_ON(loop, BlockImm) {
  open(Control::Kind::loop, i.type);
  forget();
  controls_.back().start = here();
  fuel_block();
}

TENON_ON(if_, BlockImm) {
  // Parameters go home before the branch, so that both arms find them there; then the condition is
  // read from its slot.
  const bool params =
      i.type.kind == core::BlockType::Kind::type && !type(i.type.type).params.empty();
  const Condition cond =
      pop_condition(params || lazy_ != (top().kind == Val::Kind::local ? 1U : 0U));
  const u32 saved = height_;
  if (params) {
    // The condition's slot lies right above: nothing is moved there.
    open(Control::Kind::if_, i.type);
    height_ = saved;
    const u32 insn = emit_branch(cond, false, false);
    link(insn, controls_.back().pending_else);
  } else {
    const u32 insn = emit_branch(cond, false, false);
    open(Control::Kind::if_, i.type);
    link(insn, controls_.back().pending_else);
  }
  forget();
  fuel_block();
}

TENON_ON(else_, NoImm) {
  Control& c = controls_.back();
  if (!unreachable_) {
    settle(static_cast<u32>(c.result_types().size()));
    link(emit(&ops::br), c.pending);
  }
  unreachable_ = false;
  reset_to(c);
  bind(c.pending_else);
  c.kind = Control::Kind::else_;
  push_all(c.params);
  fuel_block();
}

TENON_ON(end, NoImm) {
  const Control c = controls_.back();
  const bool reachable = !unreachable_;
  if (reachable) settle(static_cast<u32>(c.result_types().size()));
  if (c.kind == Control::Kind::func) {
    bind(controls_.back().pending);
    if (reachable) emit_return();
    if (fuel_ && fuel_insn_ != Control::none) code_[fuel_insn_].imm = fuel_count_;
    // Catch clauses of the function's label are aimed when all is done.
    func_clauses_ = controls_.back().pending_clauses;
    controls_.pop_back();
    unreachable_ = true;
    return;
  }
  if (c.kind == Control::Kind::try_) {
    out_.tries.push_back({c.start, here(), c.first_clause, c.num_clauses});
  }
  unreachable_ = false;
  reset_to(c);
  bind(controls_.back().pending_else);
  bind(controls_.back().pending);
  for (u32 k = controls_.back().pending_clauses; k != Control::none;) {
    const u32 next = out_.clauses[k].target;
    out_.clauses[k].target = here();
    k = next;
  }
  controls_.pop_back();
  push_all(c.result_types());
  fuel_block();
}

TENON_ON(br, LabelImm) {
  jump_to(label(i.label));
  unreachable_now();
}

TENON_ON(br_if, LabelImm) {
  const Condition cond = pop_condition();
  branch_if(cond, label(i.label));
}

TENON_ON(br_table, BrTableImm) {
  Val index = pop();
  const auto count = static_cast<u32>(i.labels.size());
  if (in_acc(index)) {
    take_acc(index);
    emit(&ops::br_table_a, 0, 0, count);
  } else {
    const u16 slot = slot_of(index);
    emit(&ops::br_table, slot, 0, count);
  }
  const u32 first = here();
  for (u32 k = 0; k <= count; ++k) emit(nullptr);
  for (u32 k = 0; k <= count; ++k) {
    Control& c = label(k < count ? i.labels[k] : i.default_);
    if (c.kind != Control::Kind::func && in_place(c)) {
      code_[first + k].a = c.kind == Control::Kind::loop ? 1 : 0;
      aim(first + k, c);
    } else {
      // Values have to be moved on the way.
      patch(first + k, here());
      forget();
      jump_to(c);
    }
  }
  unreachable_now();
}

TENON_ON(return_, NoImm) {
  emit_return();
  unreachable_now();
}

// ---- Calls ----

void Translator::call_to(Handler h, const RuntimeType& type, u32 imm, bool extra, u32 b,
                         u32 extra_imm) {
  const u32 args = pop_row(static_cast<u32>(type.params.size()));
  const u32 insn = emit(h, args, b, imm);
  if (extra) emit(nullptr, type.param_slots, 0, extra_imm);
  push_all(type.results);
  // A frame's header may reach beyond the caller's highest slot.
  max_height_ = std::max(max_height_, args + type.call_slots);
  if (type.results.size() == 1 && type.result_slots == 1) {
    produced(insn, top().home, top().ty, nullptr, false);
  } else {
    forget();
  }
}

void Translator::tail_call_to(Handler h, const RuntimeType& type, u32 imm, bool extra, u32 extra_b,
                              u32 extra_imm) {
  const u32 args = pop_row(static_cast<u32>(type.params.size()));
  max_height_ = std::max(max_height_, args + type.call_slots);
  emit(h, args, header_, imm);
  if (extra) emit(nullptr, type.param_slots, extra_b, extra_imm);
  unreachable_now();
}

TENON_ON(call, FuncImm) {
  const RuntimeType& t = *module_.func_type(i.func);
  if (m_.is_imported(i.func))
    call_to(&ops::call_import, t, i.func.value, false, 0, 0);
  else
    call_to(&ops::call, t, i.func.value - m_.num_imported_funcs, false, t.param_slots, 0);
}

TENON_ON(return_call, FuncImm) {
  const RuntimeType& t = *module_.func_type(i.func);
  if (m_.is_imported(i.func))
    tail_call_to(&ops::return_call_import, t, i.func.value, false, 0, 0);
  else
    tail_call_to(&ops::return_call, t, i.func.value - m_.num_imported_funcs, true, 0, 0);
}

TENON_ON(call_indirect, CallIndirectImm) {
  Val index = pop();
  const u16 slot = slot_of(index);
  const bool wide = address_ty(i.table) == Ty::i64;
  max_height_ = std::max(max_height_, height_ + 1);
  call_to(wide ? &ops::call_indirect_64 : &ops::call_indirect, type(i.type), i.type.value, true,
          slot, i.table.value);
}

TENON_ON(return_call_indirect, CallIndirectImm) {
  Val index = pop();
  const u16 slot = slot_of(index);
  const bool wide = address_ty(i.table) == Ty::i64;
  tail_call_to(wide ? &ops::return_call_indirect_64 : &ops::return_call_indirect, type(i.type),
               i.type.value, true, slot, i.table.value);
}

TENON_ON(call_ref, TypeImm) {
  Val ref = pop();
  const u16 slot = slot_of(ref);
  call_to(&ops::call_ref, type(i.type), i.type.value, true, slot, 0);
}

TENON_ON(return_call_ref, TypeImm) {
  Val ref = pop();
  const u16 slot = slot_of(ref);
  tail_call_to(&ops::return_call_ref, type(i.type), i.type.value, true, slot, 0);
}

// ---- Exceptions ----

TENON_ON(try_table, TryTableImm) {
  const auto first = static_cast<u32>(out_.clauses.size());
  // Labels count from outside of the block.
  for (const core::Catch& c : i.catches) {
    Control& target = label(c.label);
    const core::Catch::Kind kind = c.kind;
    CatchClause clause{kind, c.tag.value, target.height, 0};
    const auto index = static_cast<u32>(out_.clauses.size());
    if (target.kind == Control::Kind::loop) {
      clause.target = target.start;
    } else {
      clause.target = target.pending_clauses;
      target.pending_clauses = index;
    }
    out_.clauses.push_back(clause);
  }
  open(Control::Kind::try_, i.type);
  forget();
  Control& c = controls_.back();
  c.start = here();
  c.first_clause = first;
  c.num_clauses = static_cast<u32>(i.catches.size());
}

TENON_ON(throw_, TagImm) {
  const RuntimeType& t = type(m_.tag_types[i.tag.value].type);
  const u32 first = pop_row(static_cast<u32>(t.params.size()));
  emit(&ops::throw_, first, 0, i.tag.value);
  unreachable_now();
}

TENON_ON(throw_ref, NoImm) {
  Val v = pop();
  emit(&ops::throw_ref, slot_of(v));
  unreachable_now();
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
    insn = emit(&ops::select_v128, dst, first, cd(second, slot));
  } else if (in_acc(cond)) {
    take_acc(cond);
    insn = emit(&ops::select_a, dst, first, second);
  } else {
    const u16 slot = slot_of(cond);
    insn = emit(&ops::select_s, dst, first, cd(second, slot));
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
  Val v = pop();
  if (v.kind == Val::Kind::local && v.local == local) return;
  if (local_uses_[local] != 0) settle_local(local);
  const u32 dst = local_slots_[local];
  if (!near_local(local)) {
    const u16 slot = slot_of(v);
    emit(v.ty == Ty::v128 ? &ops::copy_far_set_v128 : &ops::copy_far_set, slot, 0, dst);
    return;
  }
  if (v.kind == Val::Kind::temp && in_acc(v) && last_.retarget) {
    // What made the value writes it to the local at once.
    code_[last_.insn].a = static_cast<u16>(dst);
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
    insn = emit(&ops::global_get_v128, dst, 0, i.global.value);
  } else if (i.global.value < m_.num_imported_globals) {
    insn = emit(&ops::global_get_import, dst, 0, i.global.value);
  } else {
    const u32 at = module_.offsets().globals + 16 * (i.global.value - m_.num_imported_globals);
    insn = emit(ty == Ty::f32 || ty == Ty::f64 ? &ops::global_get_f : &ops::global_get, dst, 0, at);
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
  result(emit(&ops::table_get, x.home, slot_of(x), i.table.value), x.home, Ty::ref);
}
TENON_ON(table_set, TableImm) {
  Val y = pop();
  Val x = pop();
  const u16 index = slot_of(x);
  emit(&ops::table_set, index, slot_of(y), i.table.value);
}
TENON_ON(table_size, TableImm) {
  result(emit(&ops::table_size, height_, 0, i.table.value), height_, address_ty(i.table));
}
TENON_ON(table_grow, TableImm) {
  const u32 first = pop_row(2);
  result(emit(&ops::table_grow, first, first, i.table.value), first, address_ty(i.table));
}
TENON_ON(table_fill, TableImm) {
  const u32 first = pop_row(3);
  emit(&ops::table_fill, first, 0, i.table.value);
}
TENON_ON(table_copy, TableCopyImm) {
  const u32 first = pop_row(3);
  emit(&ops::table_copy, first, 0, cd(i.dst.value, i.src.value));
}
TENON_ON(table_init, TableInitImm) {
  const u32 first = pop_row(3);
  emit(&ops::table_init, first, 0, i.elem.value);
  emit(nullptr, 0, 0, i.table.value);
}
TENON_ON(elem_drop, ElemImm) {
  emit(&ops::elem_drop, 0, 0, i.elem.value);
}
TENON_ON(memory_size, MemImm) {
  result(emit(&ops::memory_size, height_, 0, i.mem.value), height_, address_ty(i.mem));
}
TENON_ON(memory_grow, MemImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::memory_grow, x.home, slot, i.mem.value), x.home, address_ty(i.mem));
}
TENON_ON(memory_fill, MemImm) {
  const u32 first = pop_row(3);
  emit(&ops::memory_fill, first, 0, i.mem.value);
}
TENON_ON(memory_copy, MemCopyImm) {
  const u32 first = pop_row(3);
  emit(&ops::memory_copy, first, 0, cd(i.dst.value, i.src.value));
}
TENON_ON(memory_init, MemInitImm) {
  const u32 first = pop_row(3);
  emit(&ops::memory_init, first, 0, i.data.value);
  emit(nullptr, 0, 0, i.mem.value);
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
  result(emit(&ops::ref_func, height_, 0, i.func.value), height_, Ty::ref);
}
TENON_ON(ref_eq, NoImm) {
  binary(Op::i64_eq);
}
TENON_ON(ref_as_non_null, NoImm) {
  Val v = pop();
  emit(&ops::ref_as_non_null, slot_of(v));
  repush(v);
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
  fuel_block();
}

TENON_ON(br_on_null, LabelImm) {
  Val v = pop();
  const u16 slot = slot_of(v);
  // The value's home must not be taken by a copy on the way out, and it is not: copies go down.
  branch_on(&ops::br_if_ref_null, &ops::br_if_ref_non_null, slot, label(i.label), nullptr);
  repush(v);
}
TENON_ON(br_on_non_null, LabelImm) {
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
  Val v = top();
  const u16 slot = slot_of(v);
  branch_on(&ops::br_on_cast, &ops::br_on_cast_fail, slot, label(i.label), &i);
}
TENON_ON(br_on_cast_fail, BrOnCastImm) {
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
Ty field_ty(const FieldLayout& f) {
  return f.type.is_packed() ? Ty::i32 : ty_of(f.type);
}

}  // namespace

TENON_ON(struct_new, TypeImm) {
  const RuntimeType& t = type(i.type);
  const u32 dst = pop_row(static_cast<u32>(t.fields.size()));
  result(emit(&ops::struct_new, dst, 0, i.type.value), dst, Ty::ref, false);
}
TENON_ON(struct_new_default, TypeImm) {
  result(emit(&ops::struct_new_default, height_, 0, i.type.value), height_, Ty::ref);
}
#define TENON_STRUCT_GET(name, is_signed)                                                         \
  TENON_ON(name, FieldImm) {                                                                      \
    const FieldLayout& f = type(i.type).fields[i.field.value];                                    \
    Val x = pop();                                                                                \
    const u32 insn =                                                                              \
        emit(&ops::struct_get, x.home, slot_of(x), f.offset | (field_kind(f, is_signed) << 24U)); \
    result(insn, x.home, field_ty(f));                                                            \
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
  emit(&ops::struct_set, ref, value, f.offset | (field_kind(f, false) << 24U));
}
TENON_ON(array_new, TypeImm) {
  Val n = pop();
  Val x = pop();
  const u16 value = slot_of(x);
  const u16 length = slot_of(n);
  const u32 insn = emit(&ops::array_new, x.home, value, length);
  emit(nullptr, 0, 0, i.type.value);
  result(insn, x.home, Ty::ref);
}
TENON_ON(array_new_default, TypeImm) {
  Val n = pop();
  const u16 length = slot_of(n);
  result(emit(&ops::array_new_default, n.home, length, i.type.value), n.home, Ty::ref);
}
TENON_ON(array_new_fixed, ArrayFixedImm) {
  const u32 dst = pop_row(i.count);
  const u32 insn = emit(&ops::array_new_fixed, dst, 0, i.type.value);
  emit(nullptr, 0, 0, i.count);
  result(insn, dst, Ty::ref, false);
}
TENON_ON(array_new_data, ArrayDataImm) {
  const u32 dst = pop_row(2);
  const u32 insn = emit(&ops::array_new_data, dst, 0, i.type.value);
  emit(nullptr, 0, 0, i.data.value);
  result(insn, dst, Ty::ref, false);
}
TENON_ON(array_new_elem, ArrayElemImm) {
  const u32 dst = pop_row(2);
  const u32 insn = emit(&ops::array_new_elem, dst, 0, i.type.value);
  emit(nullptr, 0, 0, i.elem.value);
  result(insn, dst, Ty::ref, false);
}
#define TENON_ARRAY_GET(name, is_signed)                                                    \
  TENON_ON(name, TypeImm) {                                                                 \
    const FieldLayout& f = type(i.type).fields[0];                                          \
    Val y = pop();                                                                          \
    Val x = pop();                                                                          \
    const u16 ref = slot_of(x);                                                             \
    const u16 index = slot_of(y);                                                           \
    result(emit(&ops::array_get, x.home, ref, cd(index, field_kind(f, is_signed))), x.home, \
           field_ty(f));                                                                    \
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
  result(emit(&ops::array_len, x.home, ref), x.home, Ty::i32);
}
TENON_ON(array_fill, TypeImm) {
  const u32 first = pop_row(4);
  emit(&ops::array_fill, first, 0, field_kind(type(i.type).fields[0], false));
}
TENON_ON(array_copy, ArrayCopyImm) {
  const u32 first = pop_row(5);
  emit(&ops::array_copy, first, 0, field_kind(type(i.dst).fields[0], false));
}
TENON_ON(array_init_data, ArrayDataImm) {
  const u32 first = pop_row(4);
  emit(&ops::array_init_data, first, 0, i.data.value);
  emit(nullptr, 0, 0, field_kind(type(i.type).fields[0], false));
}
TENON_ON(array_init_elem, ArrayElemImm) {
  const u32 first = pop_row(4);
  emit(&ops::array_init_elem, first, 0, i.elem.value);
}
#define TENON_REF_TEST(name, nullable)                         \
  TENON_ON(name, HeapTypeImm) {                                \
    Val x = pop();                                             \
    const u32 insn = emit(&ops::ref_test, x.home, slot_of(x)); \
    cast_operands(ValType::ref(i.heap, nullable));             \
    result(insn, x.home, Ty::i32);                             \
  }
TENON_REF_TEST(ref_test, false)
TENON_REF_TEST(ref_test_null, true)
#define TENON_REF_CAST(name, nullable)                         \
  TENON_ON(name, HeapTypeImm) {                                \
    Val x = pop();                                             \
    const u32 insn = emit(&ops::ref_cast, x.home, slot_of(x)); \
    cast_operands(ValType::ref(i.heap, nullable));             \
    result(insn, x.home, Ty::ref);                             \
  }
TENON_REF_CAST(ref_cast, false)
TENON_REF_CAST(ref_cast_null, true)
// One form serves references below any and below extern.
TENON_ON(any_convert_extern, NoImm) {}
TENON_ON(extern_convert_any, NoImm) {}
TENON_ON(ref_i31, NoImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::ref_i31, x.home, slot), x.home, Ty::ref);
}
TENON_ON(i31_get_s, NoImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::i31_get, x.home, slot, 1), x.home, Ty::i32);
}
TENON_ON(i31_get_u, NoImm) {
  Val x = pop();
  const u16 slot = slot_of(x);
  result(emit(&ops::i31_get, x.home, slot, 0), x.home, Ty::i32);
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
  const u32 insn = emit(simd[static_cast<std::size_t>(op)][0], dst, address,
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
      emit(simd[static_cast<std::size_t>(Op::i8x16_shuffle)][0], x.home, first, second);
  code_.emplace_back();
  std::memcpy(static_cast<void*>(&code_.back()), imm.lanes.data(), 16);
  if (offsets_ != nullptr) offsets_->push_back(offset_);
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
  const u32 insn = emit(simd[static_cast<std::size_t>(op)][0], dst, slots[0],
                        cd(slots[1], sig.num_params == 3 ? slots[2] : lane));
  const Ty ty = ty_of(sig.results[0]);
  push_temp(ty);
  produced(insn, dst, ty, nullptr);
  if (deterministic_) canonicalize(op, ty);
}

void Translator::wide(Op op) {
  const bool four = core::info(op).shape.kind == Shape::Kind::wide_binop;
  const u32 first = settle(four ? 4 : 2);
  for (int i = four ? 4 : 2; i > 0; --i) pop();
  Handler h = &ops::i64_add128;
  if (op == Op::i64_sub128) h = &ops::i64_sub128;
  if (op == Op::i64_mul_wide_s) h = &ops::i64_mul_wide_s;
  if (op == Op::i64_mul_wide_u) h = &ops::i64_mul_wide_u;
  emit(h, first, first);
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
  const u32 insn = emit(atomics[static_cast<std::size_t>(op)][0], dst, slots[0],
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

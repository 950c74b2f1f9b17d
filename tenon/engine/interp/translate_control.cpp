// SPDX-License-Identifier: Apache-2.0
// Blocks, branches, returns, calls and exceptions. Code is linear in the body: what a branch moves
// is moved by few instructions, because many values go to their homes first, once.
#include <algorithm>
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

#define TENON_ON(name, Imm) \
  void Translator::special_op(OpTag<Op::name>, [[maybe_unused]] const core::Imm& i)

// ---- Control ----

void Translator::begin_block() {
  if (!fuel_) return;
  assert(next_block_ < blocks_.size());
  emit(&ops::fuel, 0, 0, blocks_[next_block_++].operators);
}

void Translator::open(Control::Kind kind, const core::BlockType& block) {
  controls_.emplace_back();
  Control& c = controls_.back();
  c.kind = kind;
  if (block.kind == core::BlockType::Kind::value)
    c.single = block.value;
  else if (block.kind == core::BlockType::Kind::type)
    c.type = &type(block.type);
  const auto params = narrow<u32>(c.params().size());
  c.height = settle(params);
  settle_locals();
  c.values = num_values() - params;
  max_height_ = std::max(max_height_, c.height + c.result_slots());
}

void Translator::bind(u32& list) {
  for (u32 insn = list; insn != none;) {
    const u32 next = code_[insn].imm;
    patch(insn, here());
    insn = next;
  }
  list = none;
  forget();
}

void Translator::reset_to(const Control& c) {
  while (stack_.size() > c.values) pop();
  height_ = c.height;
}

void Translator::push_all(std::span<const ValType> types) {
  work(narrow<u32>(types.size()));
  for (const ValType t : types) push_temp(ty_of(t));
}

void Translator::prepare(const Control& c, u32 above) {
  if (c.arity() > few_label_values_) settle_below(above, c.arity());
}

bool Translator::in_place(const Control& c) {
  const u32 n = c.arity();
  if (n == 0) return true;
  const u32 first = num_values() - n;
  // Entries that have gone home need not be looked at again.
  while (lazy_top_ != none && lazy_top_ >= first) {
    if (stack_[lazy_top_].kind != Val::Kind::temp) return false;
    lazy_top_ = stack_[lazy_top_].below;
  }
  return stack_[first].home == c.height;
}

void Translator::move_results(const Control& c) {
  const u32 n = c.arity();
  u32 at = c.height;
  // Upwards: no value's home lies below where an earlier one goes. Temporaries are in a row.
  for (u32 i = num_values() - n; i < num_values();) {
    const Val& v = stack_[i];
    if (v.kind != Val::Kind::temp) {
      move_to(v, at);
      at += width(v.ty);
      ++i;
      continue;
    }
    u32 end = i;
    u32 slots = 0;
    if (lazy_top_ == none || lazy_top_ < i) {
      end = num_values();
      slots = height_ - v.home;
    } else {
      for (; end < num_values() && stack_[end].kind == Val::Kind::temp; ++end)
        slots += width(stack_[end].ty);
    }
    if (v.home != at) move_slots(at, v.home, slots);
    at += slots;
    i = end;
  }
}

void Translator::aim(u32 insn, Control& c) {
  if (c.kind == Control::Kind::loop)
    patch(insn, c.start);
  else
    link(insn, c.pending);
}

void Translator::jump_to(Control& c) {
  if (c.kind == Control::Kind::func) {
    emit_return();
    return;
  }
  if (!in_place(c)) move_results(c);
  const bool back = c.kind == Control::Kind::loop;
  aim(emit(back ? &ops::br_back : &ops::br), c);
}

void Translator::emit_return() {
  const auto n = narrow<u32>(func_type_.results.size());
  if (n == 0) {
    emit(&ops::ret0, 0, header_);
    return;
  }
  if (n == 1 && func_type_.result_slots == 1) {
    Val v = top();
    if (in_acc(v)) {
      take_acc(v);
      emit(v.ty == Ty::f64   ? &ops::ret1_facc64
           : v.ty == Ty::f32 ? &ops::ret1_facc32
                             : &ops::ret1_acc,
           0, header_);
    } else {
      const u16 slot = slot_of(v);
      emit(&ops::ret1, slot, header_);
    }
    return;
  }
  // Values that are elsewhere are copied to their homes, where all of them are in a row. They
  // stay on the stack as they are, for a branch that was conditional.
  if (lazy_top_ != none && lazy_top_ >= num_values() - n) {
    for (u32 i = n; i-- > 0;) {
      const Val& v = top(i);
      if (v.kind != Val::Kind::temp) move_to(v, v.home);
    }
  }
  emit_return_from(top(n - 1).home);
}

/// Returns the results that are in a row from `first` on.
void Translator::emit_return_from(u32 first) {
  const u32 slots = func_type_.result_slots;
  emit(&ops::ret_n, row_to_leave(first, slots), header_, slots);
}

Condition Translator::pop_condition(bool settle_first) {
  Val v = pop();
  Condition cond;
  if (settle_first) {
    const u16 slot = slot_of(v);
    settle_locals();
    cond.x = slot;
    return cond;
  }
  if (v.kind == Val::Kind::temp && in_acc(v)) {
    if (last_.compare && last_.insn + 1 == here()) {
      // Drop the comparison and branch on its operands.
      const Insn compare = code_.back();
      const bool imm = last_.variant == bin_si || last_.variant == bin_ai;
      const auto value = low_bits<s32>(compare.imm);
      const TypeCode t = core::info(last_.op).shape.type;
      const bool is_float = t == TypeCode::f32 || t == TypeCode::f64;
      if (!imm || (!is_float && value >= -0x8000 && value <= 0x7FFF)) {
        code_.pop_back();
        if (offsets_ != nullptr) offsets_->pop_back();
        cond.kind = Condition::Kind::compare;
        cond.op = last_.op;
        cond.variant = last_.variant;
        cond.x = compare.b;
        cond.y = imm ? low_bits<u16>(value) : compare.c();
        return cond;
      }
    }
    take_acc(v);
    cond.kind = Condition::Kind::acc;
    return cond;
  }
  cond.x = slot_of(v);
  return cond;
}

Op inverse(Op op) {
  switch (op) {
#define TENON_INVERSE(t) \
  case Op::t##_eq:       \
    return Op::t##_ne;   \
  case Op::t##_ne:       \
    return Op::t##_eq;   \
  case Op::t##_lt_s:     \
    return Op::t##_ge_s; \
  case Op::t##_lt_u:     \
    return Op::t##_ge_u; \
  case Op::t##_gt_s:     \
    return Op::t##_le_s; \
  case Op::t##_gt_u:     \
    return Op::t##_le_u; \
  case Op::t##_le_s:     \
    return Op::t##_gt_s; \
  case Op::t##_le_u:     \
    return Op::t##_gt_u; \
  case Op::t##_ge_s:     \
    return Op::t##_lt_s; \
  case Op::t##_ge_u:     \
    return Op::t##_lt_u;
    TENON_INVERSE(i32)
    TENON_INVERSE(i64)
    default:
      return op;
  }
}

u32 Translator::emit_branch(const Condition& cond, bool when, bool backward) {
  if (cond.kind == Condition::Kind::compare) {
    const TypeCode t = core::info(cond.op).shape.type;
    const bool is_float = t == TypeCode::f32 || t == TypeCode::f64;
    const Op op = !when && !is_float ? inverse(cond.op) : cond.op;
    const std::size_t row = std::size_t{cond.variant} + (backward ? 2U * bin_count : 0U) +
                            (!when && is_float ? 1U * bin_count : 0U);
    const auto& table = is_float ? float_branch : int_branch;
    return emit(table[static_cast<std::size_t>(op)][row], cond.x, cond.y);
  }
  const bool acc = cond.kind == Condition::Kind::acc;
  Handler h = nullptr;
  if (backward) {
    h = when ? (acc ? &ops::br_if_back_a : &ops::br_if_back_s)
             : (acc ? &ops::br_unless_back_a : &ops::br_unless_back_s);
  } else {
    h = when ? (acc ? &ops::br_if_a : &ops::br_if_s)
             : (acc ? &ops::br_unless_a : &ops::br_unless_s);
  }
  return emit(h, cond.x);
}

void Translator::branch_if(const Condition& cond, Control& c) {
  if (c.kind != Control::Kind::func && in_place(c)) {
    if (c.kind == Control::Kind::loop && cond.kind == Condition::Kind::compare &&
        fuse_step(cond, cond.op, c.start)) {
      forget();
      begin_block();
      return;
    }
    aim(emit_branch(cond, true, c.kind == Control::Kind::loop), c);
  } else {
    const u32 over = emit_branch(cond, false, false);
    forget();
    jump_to(c);
    patch(over, here());
    forget();
  }
  begin_block();
}

void Translator::unreachable_now() {
  unreachable_ = true;
  skipped_ = 0;
}

// ---- Operators of control ----

TENON_ON(unreachable, NoImm) {
  emit(&ops::unreachable, 0, 0, std::to_underlying(TrapCode::unreachable));
  unreachable_now();
}
TENON_ON(nop, NoImm) {}

TENON_ON(block, BlockImm) {
  open(Control::Kind::block, i.type);
}

TENON_ON(loop, BlockImm) {
  if (num_loops_++ == 0) outer_loop_ = offset_;
  open(Control::Kind::loop, i.type);
  forget();
  controls_.back().start = here();
  begin_block();
  poison();
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
  begin_block();
}

TENON_ON(else_, NoImm) {
  Control& c = controls_.back();
  if (!unreachable_) {
    settle(narrow<u32>(c.results().size()));
    link(emit(&ops::br), c.pending);
  }
  unreachable_ = false;
  reset_to(c);
  bind(c.pending_else);
  c.kind = Control::Kind::else_;
  push_all(c.params());
  begin_block();
  poison();
}

TENON_ON(end, NoImm) {
  const Control c = controls_.back();
  const bool reachable = !unreachable_;
  if (c.kind == Control::Kind::func) {
    // Branches to the function's label have returned already.
    if (reachable) emit_return();
    // Catch clauses of the function's label are aimed when all is done.
    func_clauses_ = c.pending_clauses;
    controls_.pop_back();
    unreachable_ = true;
    return;
  }
  const bool legacy = c.kind == Control::Kind::legacy_try || c.kind == Control::Kind::legacy_catch;
  if (legacy)
    end_legacy_part(true);
  else if (reachable)
    settle(narrow<u32>(c.results().size()));
  if (c.kind == Control::Kind::loop) --num_loops_;
  const u32 depth = num_controls() - 1;
  if (c.kind == Control::Kind::try_)
    out_.tries.push_back({c.start, here(), c.first_clause, c.num_clauses, depth});
  if (c.kind == Control::Kind::legacy_catch) {
    const auto first = narrow<u32>(out_.clauses.size());
    for (u32 k = c.last_clause; k != none; k = legacy_clauses_[k].second)
      out_.clauses.push_back(legacy_clauses_[k].first);
    std::reverse(out_.clauses.begin() + first, out_.clauses.end());
    out_.tries.push_back(
        {c.start, c.body_end, first, narrow<u32>(out_.clauses.size()) - first, depth});
  }
  close_block();
}

void Translator::close_block() {
  const Control c = controls_.back();
  unreachable_ = false;
  reset_to(c);
  bind(controls_.back().pending_else);
  bind(controls_.back().pending);
  for (u32 k = c.pending_clauses; k != none;) {
    const u32 next = out_.clauses[k].target;
    out_.clauses[k].target = here();
    k = next;
  }
  controls_.pop_back();
  push_all(c.results());
  begin_block();
  poison();
}

TENON_ON(br, LabelImm) {
  jump_to(label(i.label));
  unreachable_now();
}

TENON_ON(br_if, LabelImm) {
  prepare(label(i.label), 1);
  const Condition cond = pop_condition();
  branch_if(cond, label(i.label));
}

TENON_ON(br_table, BrTableImm) {
  prepare(label(i.default_), 1);
  Val index = pop();
  const auto count = narrow<u32>(i.labels.size());
  if (in_acc(index)) {
    take_acc(index);
    emit(&ops::br_table_a, 0, 0, count);
  } else {
    const u16 slot = slot_of(index);
    emit(&ops::br_table, slot, 0, count);
  }
  const u32 first = here();
  work(count);
  for (u32 k = 0; k <= count; ++k) emit(nullptr);
  ++num_tables_;
  for (u32 k = 0; k <= count; ++k) {
    Control& c = label(k < count ? i.labels[k] : i.default_);
    if (c.kind != Control::Kind::func && in_place(c)) {
      code_[first + k].a = c.kind == Control::Kind::loop ? 1 : 0;
      aim(first + k, c);
      continue;
    }
    // Values have to be moved on the way: once for each label, however often it is here.
    if (c.stub_of != num_tables_) {
      c.stub_of = num_tables_;
      c.stub = here();
      forget();
      jump_to(c);
    }
    patch(first + k, c.stub);
  }
  unreachable_now();
}

TENON_ON(return_, NoImm) {
  emit_return();
  unreachable_now();
}

// ---- Calls ----

void Translator::call_to(Handler h, const RuntimeType& type, u32 imm, Callee callee, u32 table) {
  const auto n = narrow<u32>(type.params.size());
  u32 b = type.param_slots;
  if (callee == Callee::in_slot) {
    // A window reaches it at its home only, right behind the arguments.
    const bool home = !near(top(n).home);
    if (home) settle(1);
    Val v = pop();
    b = home ? type.param_slots : slot_of(v);
  }
  const u32 args = pop_row(n);
  const u32 base = open_window(args);
  const u32 insn = emit(h, args - base, b, imm);
  if (callee == Callee::in_slot) emit(nullptr, type.param_slots, 0, table);
  close_window(base);
  push_all(type.results);
  // A frame's header may reach beyond the caller's highest slot.
  max_height_ = std::max(max_height_, args + type.call_slots);
  if (base == 0 && type.results.size() == 1 && type.result_slots == 1)
    produced(insn, top().home, top().ty, nullptr, false);
  else
    forget();
  poison();
}

void Translator::tail_call_to(Handler h, const RuntimeType& type, u32 imm, Callee callee,
                              u32 table) {
  const auto n = narrow<u32>(type.params.size());
  u32 slot = 0;
  if (callee == Callee::in_slot) {
    const bool far_row = !near(top(n).home);
    Val v = pop();
    if (far_row) {
      // The arguments are to overwrite the locals.
      slot = scratch_for();
      move_to(v, slot);
    } else {
      slot = slot_of(v);
    }
  }
  const u32 args = pop_row(n);
  max_height_ = std::max(max_height_, args + type.call_slots);
  emit(h, row_to_leave(args, type.param_slots), header_, imm);
  if (h != &ops::return_call_import) emit(nullptr, type.param_slots, slot, table);
  unreachable_now();
}

TENON_ON(call, FuncImm) {
  const RuntimeType& t = *module_.func_type(i.func);
  if (m_.is_imported(i.func))
    call_to(&ops::call_import, t, i.func.value, Callee::known, 0);
  else
    call_to(&ops::call, t, i.func.value - m_.num_imported_funcs, Callee::known, 0);
}

TENON_ON(return_call, FuncImm) {
  const RuntimeType& t = *module_.func_type(i.func);
  if (m_.is_imported(i.func))
    tail_call_to(&ops::return_call_import, t, i.func.value, Callee::known, 0);
  else
    tail_call_to(&ops::return_call, t, i.func.value - m_.num_imported_funcs, Callee::known, 0);
}

TENON_ON(call_indirect, CallIndirectImm) {
  const bool wide = address_ty(i.table) == Ty::i64;
  call_to(wide ? &ops::call_indirect_64 : &ops::call_indirect, type(i.type), i.type.value,
          Callee::in_slot, i.table.value);
}

TENON_ON(return_call_indirect, CallIndirectImm) {
  const bool wide = address_ty(i.table) == Ty::i64;
  tail_call_to(wide ? &ops::return_call_indirect_64 : &ops::return_call_indirect, type(i.type),
               i.type.value, Callee::in_slot, i.table.value);
}

TENON_ON(call_ref, TypeImm) {
  call_to(&ops::call_ref, type(i.type), i.type.value, Callee::in_slot, 0);
}

TENON_ON(return_call_ref, TypeImm) {
  tail_call_to(&ops::return_call_ref, type(i.type), i.type.value, Callee::in_slot, 0);
}

// ---- Exceptions ----

TENON_ON(try_table, TryTableImm) {
  const auto first = narrow<u32>(out_.clauses.size());
  // Labels count from outside of the block.
  for (const core::Catch& c : i.catches) {
    Control& target = label(c.label);
    const core::Catch::Kind kind = c.kind;
    CatchClause clause{kind, c.tag.value, target.height, 0};
    const auto index = narrow<u32>(out_.clauses.size());
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
  c.num_clauses = narrow<u32>(i.catches.size());
}

// ---- Legacy exceptions ----

TENON_ON(try_, BlockImm) {
  open(Control::Kind::legacy_try, i.type);
  forget();
  controls_.back().start = here();
}

void Translator::end_legacy_part(bool last) {
  Control& c = controls_.back();
  if (!unreachable_) {
    if (!in_place(c)) move_results(c);
    if (!last) link(emit(&ops::br), c.pending);
  }
  if (c.kind == Control::Kind::legacy_try) c.body_end = here();
}

/// The exception is in a slot below the clause's operands, where `rethrow` finds it.
void Translator::legacy_clause(core::Catch::Kind kind, u32 tag) {
  end_legacy_part(false);
  Control& c = controls_.back();
  unreachable_ = false;
  reset_to(c);
  forget();
  c.kind = Control::Kind::legacy_catch;
  const bool by_tag = kind == core::Catch::Kind::catch_ref;
  const u32 exception = c.height;
  const u32 before = std::exchange(c.last_clause, narrow<u32>(legacy_clauses_.size()));
  legacy_clauses_.push_back({{kind, tag, exception + (by_tag ? 1 : 0), here()}, before});
  height_ = exception + 1;
  max_height_ = std::max(max_height_, height_);
  if (by_tag) {
    // It comes behind the values.
    push_all(type(m_.tag_types[tag].type).params);
    push_temp(Ty::ref);
    move_slots(exception, top().home, 1);
    pop();
  }
  forget();
  begin_block();
  poison();
}

TENON_ON(catch_, TagImm) {
  legacy_clause(core::Catch::Kind::catch_ref, i.tag.value);
}

TENON_ON(catch_all, NoImm) {
  legacy_clause(core::Catch::Kind::catch_all_ref, 0);
}

TENON_ON(delegate, LabelImm) {
  end_legacy_part(true);
  const Control& c = controls_.back();
  const u32 depth = num_controls() - 1;
  // The label counts from outside of the block.
  if (c.start != c.body_end)
    out_.tries.push_back({c.start, c.body_end, 0, 0, depth, depth - 1 - i.label.value});
  close_block();
}

TENON_ON(rethrow, LabelImm) {
  Val v{.kind = Val::Kind::temp, .ty = Ty::ref, .home = label(i.label).height};
  emit(&ops::throw_ref, slot_of(v));
  unreachable_now();
}

TENON_ON(throw_, TagImm) {
  const RuntimeType& t = type(m_.tag_types[i.tag.value].type);
  row_op(&ops::throw_, pop_row(narrow<u32>(t.params.size())), i.tag.value);
  unreachable_now();
}

TENON_ON(throw_ref, NoImm) {
  Val v = pop();
  emit(&ops::throw_ref, slot_of(v));
  unreachable_now();
}

#undef TENON_ON

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/interp/translate.h"

#include <algorithm>

#include "tenon/engine/interp/fused.h"
#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

namespace {

/// Beyond, a function's locals lie apart and are reached by copies only.
constexpr u32 many_local_slots = 0x8000;

}  // namespace

Translator::Translator(const Module& module, u32 defined, FuncCode& out, std::vector<u32>* offsets)
    : module_(module),
      m_(module.core()),
      body_(m_.codes[defined]),
      func_type_(*module.types()[m_.funcs[defined].type.value]),
      out_(out),
      offsets_(offsets),
      defined_(defined),
      guarded_(module.engine().config().signals),
      fuel_(module.engine().config().fuel),
      deterministic_(module.engine().config().deterministic) {
  header_ = func_type_.param_slots;
  u32 slot = 0;
  auto add = [&](ValType type) {
    const Ty ty = ty_of(type);
    local_types_.push_back(ty);
    local_slots_.push_back(slot);
    slot += width(ty);
  };
  for (const ValType t : func_type_.params) add(t);
  u32 own = 0;
  for (const core::LocalGroup& g : body_.locals) own += g.count * width(ty_of(g.type));
  const bool apart = own > many_local_slots;
  slot = apart ? far_begin : header_ + header_slots;
  for (const core::LocalGroup& g : body_.locals) {
    for (u32 i = 0; i < g.count; ++i) add(g.type);
  }
  local_uses_.resize(local_types_.size());
  base_ = apart ? header_ + header_slots : slot;
  far_end_ = apart ? slot : 0;
  height_ = max_height_ = base_;
  out_.func = defined;
  out_.param_slots = header_;
  out_.zero = apart ? slot - header_ - header_slots : own;
  code_.reserve(body_.body.size() / 2 + 4);
}

bool Translator::run() {
  Control func;
  func.kind = Control::Kind::func;
  func.height = base_;
  func.results = func_type_.results;
  max_height_ = std::max(max_height_, base_ + func_type_.result_slots);
  controls_.push_back(func);
  fuel_block();
  core::ExprScratch scratch;
  const auto done = core::decode_expr(m_, body_.body, *this, scratch);
  assert(done && "a validated body decodes");
  if (!done || failed_) return false;
  if (func_clauses_ != Control::none) {
    // Exceptions caught by the function's own label return their values.
    const u32 stub = emit(&ops::ret_n, base_, header_, func_type_.result_slots);
    for (u32 c = func_clauses_; c != Control::none;) {
      const u32 next = out_.clauses[c].target;
      out_.clauses[c].target = stub;
      c = next;
    }
  }
  out_.frame = std::max(max_height_, far_end_) + 4;
  out_.insns = std::move(code_);
  out_.insns.insert(out_.insns.begin(), lead_in, Insn{});
  out_.code = out_.insns.data() + lead_in;
  return true;
}

// ---- The operand stack ----

void Translator::push_temp(Ty ty) {
  stack_.push_back({Val::Kind::temp, ty, height_, 0, 0});
  height_ += width(ty);
  if (height_ > max_height_) {
    max_height_ = height_;
    if (height_ >= far_begin) failed_ = true;
  }
}

void Translator::push_local(u32 local) {
  push_temp(local_types_[local]);
  stack_.back().kind = Val::Kind::local;
  stack_.back().local = local;
  ++local_uses_[local];
  ++lazy_;
}

void Translator::push_imm(Ty ty, u64 value) {
  push_temp(ty);
  stack_.back().kind = Val::Kind::imm;
  stack_.back().imm = value;
}

Val Translator::pop() {
  const Val v = stack_.back();
  stack_.pop_back();
  height_ = v.home;
  if (v.kind == Val::Kind::local) {
    --local_uses_[v.local];
    --lazy_;
  }
  return v;
}

void Translator::move_to(const Val& v, u32 dst) {
  const bool two = v.ty == Ty::v128;
  switch (v.kind) {
    case Val::Kind::temp:
      if (v.home == dst) break;
      if (two)
        emit(&ops::copy_v128, dst, v.home);
      else
        emit_copy(dst, v.home);
      break;
    case Val::Kind::local:
      if (near_local(v.local) && !two)
        emit_copy(dst, local_slots_[v.local]);
      else if (near_local(v.local))
        emit(&ops::copy_v128, dst, local_slots_[v.local]);
      else
        emit(two ? &ops::copy_far_get_v128 : &ops::copy_far_get, dst, 0, local_slots_[v.local]);
      break;
    case Val::Kind::imm:
      if (v.imm <= 0xFFFFFFFFU) {
        const u32 insn = emit(&ops::const_i32, dst, 0, static_cast<u32>(v.imm));
        if (v.ty != Ty::f32 && v.ty != Ty::f64) produced(insn, dst, v.ty, nullptr);
      } else {
        emit(&ops::const_i64, dst);
        emit_raw(v.imm);
      }
      break;
  }
}

void Translator::to_home(Val& v) {
  if (v.kind == Val::Kind::temp) return;
  move_to(v, v.home);
  if (v.kind == Val::Kind::local) {
    --local_uses_[v.local];
    --lazy_;
  }
  v.kind = Val::Kind::temp;
}

u16 Translator::slot_of(Val& v) {
  if (v.kind == Val::Kind::local && near_local(v.local))
    return static_cast<u16>(local_slots_[v.local]);
  if (v.kind != Val::Kind::temp) {
    // Popped already: its home is free, and it counts no more as a use of the local.
    move_to(v, v.home);
    v.kind = Val::Kind::temp;
  }
  return static_cast<u16>(v.home);
}

u32 Translator::settle(u32 n) {
  for (std::size_t i = stack_.size() - n; i < stack_.size(); ++i) to_home(stack_[i]);
  return n == 0 ? height_ : stack_[stack_.size() - n].home;
}

void Translator::settle_locals() {
  if (lazy_ == 0) return;
  for (Val& v : stack_) {
    if (v.kind == Val::Kind::local) to_home(v);
  }
}

void Translator::settle_local(u32 local) {
  if (local_uses_[local] == 0) return;
  for (Val& v : stack_) {
    if (v.kind == Val::Kind::local && v.local == local) to_home(v);
  }
}

// ---- Emission ----

u32 Translator::emit(Handler h, u32 a, u32 b, u32 imm) {
  Insn insn;
  insn.h = h;
  insn.a = static_cast<u16>(a);
  insn.b = static_cast<u16>(b);
  insn.imm = imm;
  code_.push_back(insn);
  if (offsets_ != nullptr) offsets_->push_back(offset_);
  return here() - 1;
}

u32 Translator::emit_raw(u64 bits) {
  Insn insn;
  std::memcpy(&insn.a, &bits, 8);
  code_.push_back(insn);
  if (offsets_ != nullptr) offsets_->push_back(offset_);
  return here() - 1;
}

void Translator::produced(u32 insn, u32 slot, Ty ty, Handler no_store, bool retarget) {
  last_.insn = insn;
  last_.end = here();
  last_.slot = slot;
  last_.ty = ty;
  last_.no_store = no_store;
  last_.retarget = retarget;
  last_.compare = false;
  last_.form = Form::other;
}

void Translator::produced_by(Op op, BinaryVariant variant, bool compare) {
  last_.compare = compare;
  last_.form = compare ? Form::other : Form::binary;
  last_.op = op;
  last_.variant = variant;
}

bool Translator::in_acc(const Val& v) const {
  if (last_.end != here() || v.kind == Val::Kind::imm) return false;
  const u32 slot = v.kind == Val::Kind::temp ? v.home : local_slots_[v.local];
  return slot == last_.slot && v.ty == last_.ty;
}

void Translator::take_acc(const Val& v) {
  if (v.kind == Val::Kind::temp && last_.no_store != nullptr) code_[last_.insn].h = last_.no_store;
}

// ---- Control ----

void Translator::fuel_block() {
  if (!fuel_) return;
  if (fuel_insn_ != Control::none) code_[fuel_insn_].imm = fuel_count_;
  fuel_count_ = 0;
  fuel_insn_ = emit(&ops::fuel);
}

void Translator::open(Control::Kind kind, const core::BlockType& block) {
  controls_.emplace_back();
  Control& c = controls_.back();
  c.kind = kind;
  if (block.kind == core::BlockType::Kind::value) {
    c.single = block.value;
  } else if (block.kind == core::BlockType::Kind::type) {
    c.params = type(block.type).params;
    c.results = type(block.type).results;
  }
  u32 slots = 0;
  const bool one = block.kind == core::BlockType::Kind::value;
  if (one) slots = width(ty_of(c.single));
  for (const ValType t : c.results) slots += width(ty_of(t));
  const auto params = static_cast<u32>(c.params.size());
  settle(params);
  settle_locals();
  c.height = params == 0 ? height_ : top(params - 1).home;
  c.values = static_cast<u32>(stack_.size()) - params;
  max_height_ = std::max(max_height_, c.height + slots);
  if (max_height_ >= far_begin) failed_ = true;
}

void Translator::bind(u32& list) {
  for (u32 insn = list; insn != Control::none;) {
    const u32 next = code_[insn].imm;
    patch(insn, here());
    insn = next;
  }
  list = Control::none;
  forget();
}

void Translator::reset_to(const Control& c) {
  while (stack_.size() > c.values) pop();
  height_ = c.height;
}

void Translator::push_all(std::span<const ValType> types) {
  for (const ValType t : types) push_temp(ty_of(t));
}

bool Translator::in_place(const Control& c) const {
  const auto types = label_types(c);
  const std::size_t n = types.size();
  u32 at = c.height;
  for (std::size_t i = 0; i < n; ++i) {
    const Val& v = stack_[stack_.size() - n + i];
    if (v.kind != Val::Kind::temp || v.home != at) return false;
    at += width(v.ty);
  }
  return true;
}

void Translator::move_results(const Control& c) {
  const auto types = label_types(c);
  const std::size_t n = types.size();
  u32 at = c.height;
  // Upwards: no value's home lies below where an earlier one goes.
  for (std::size_t i = 0; i < n; ++i) {
    const Val& v = stack_[stack_.size() - n + i];
    move_to(v, at);
    at += width(v.ty);
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
  const auto n = static_cast<u32>(func_type_.results.size());
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
  // Copies, because the values stay on the stack for a branch that was conditional.
  u32 at = max_height_;
  u32 first = at;
  bool settled = true;
  u32 expect = top(n - 1).home;
  for (u32 i = 0; i < n; ++i) {
    const Val& v = top(n - 1 - i);
    settled = settled && v.kind == Val::Kind::temp && v.home == expect;
    expect += width(v.ty);
  }
  if (settled) {
    first = top(n - 1).home;
  } else {
    const u32 slots = func_type_.result_slots;
    max_height_ += slots;
    if (max_height_ >= far_begin) {
      failed_ = true;
      return;
    }
    for (u32 i = 0; i < n; ++i) {
      const Val& v = top(n - 1 - i);
      move_to(v, at);
      at += width(v.ty);
    }
  }
  emit(&ops::ret_n, first, header_, func_type_.result_slots);
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
      const auto value = static_cast<s32>(compare.imm);
      const TypeCode t = core::info(last_.op).shape.type;
      const bool is_float = t == TypeCode::f32 || t == TypeCode::f64;
      if (!imm || (!is_float && value >= -0x8000 && value <= 0x7FFF)) {
        code_.pop_back();
        if (offsets_ != nullptr) offsets_->pop_back();
        cond.kind = Condition::Kind::compare;
        cond.op = last_.op;
        cond.variant = last_.variant;
        cond.x = compare.b;
        cond.y = imm ? static_cast<u16>(value) : compare.c();
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

/// The comparison that holds exactly when this one does not; integers only.
static Op inverse(Op op) {
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
      fuel_block();
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
  fuel_block();
}

void Translator::unreachable_now() {
  unreachable_ = true;
  skipped_ = 0;
}

// ---- Classes of operators ----

void Translator::constant(Op, const core::V128Imm& i) {
  const u32 dst = height_;
  push_temp(Ty::v128);
  const u32 insn = emit(&ops::const_v128, dst);
  code_.emplace_back();
  std::memcpy(static_cast<void*>(&code_.back()), i.bytes.data(), 16);
  if (offsets_ != nullptr) offsets_->push_back(offset_);
  produced(insn, dst, Ty::v128, nullptr);
}

void Translator::binary(Op op) {
  const Shape shape = core::info(op).shape;
  const Ty ty = ty_of(shape.type);
  const bool compare = shape.kind == Shape::Kind::relop;
  Val y = pop();
  Val x = pop();
  const u32 dst = x.home;
  if (x.kind == Val::Kind::imm && y.kind != Val::Kind::imm &&
      (commutes(op) || mirrored(op) != op)) {
    op = mirrored(op);
    std::swap(x, y);
  }
  if (!compare && fuse_binary(op, x, y, dst)) {
    if (deterministic_) canonicalize(op, ty);
    return;
  }
  const bool fits =
      y.kind == Val::Kind::imm &&
      (ty != Ty::i64 || static_cast<s64>(y.imm) == static_cast<s32>(static_cast<u32>(y.imm)));
  const auto index = static_cast<std::size_t>(op);
  const auto& row = ty == Ty::i32 || ty == Ty::i64 ? int_binary[index] : float_binary[index];
  BinaryVariant v = bin_ss;
  u32 insn = 0;
  if (fits) {
    u16 slot = 0;
    if (x.kind == Val::Kind::imm || (x.kind == Val::Kind::local && !near_local(x.local)))
      slot = slot_of(x);
    if (in_acc(x)) {
      take_acc(x);
      v = bin_ai;
    } else {
      slot = slot_of(x);
      v = bin_si;
    }
    insn = emit(row[v], dst, slot, static_cast<u32>(y.imm));
    if (ty == Ty::f64) emit_raw(y.imm);
  } else {
    // What must be brought near comes first; only then does an accumulator hold.
    if (x.kind == Val::Kind::imm || (x.kind == Val::Kind::local && !near_local(x.local)))
      (void)slot_of(x);
    if (y.kind == Val::Kind::imm || (y.kind == Val::Kind::local && !near_local(y.local)))
      (void)slot_of(y);
    if (in_acc(y)) {
      const bool both = in_acc(x);
      if (!both) take_acc(y);
      v = bin_sa;
      insn = emit(row[v], dst, slot_of(x));
    } else if (in_acc(x)) {
      take_acc(x);
      v = bin_as;
      insn = emit(row[v], dst, 0, slot_of(y));
    } else {
      const u16 first = slot_of(x);
      insn = emit(row[v], dst, first, slot_of(y));
    }
  }
  push_temp(compare ? Ty::i32 : ty);
  produced(insn, dst, compare ? Ty::i32 : ty, row[bin_count + v]);
  produced_by(op, v, compare);
  if (deterministic_ && !compare) canonicalize(op, ty);
}

void Translator::unary_(Op op) {
  const Shape shape = core::info(op).shape;
  const Ty result = shape.kind == Shape::Kind::testop ? Ty::i32 : ty_of(shape.type);
  Val x = pop();
  const u32 dst = x.home;
  const bool acc_compare =
      x.kind == Val::Kind::temp && in_acc(x) && last_.compare && last_.insn + 1 == here();
  if (op == Op::i32_eqz && acc_compare && inverse(last_.op) != last_.op) {
    // Not of a comparison is the opposite comparison.
    const Op other = inverse(last_.op);
    const BinaryVariant v = last_.variant;
    const auto& row = int_binary[static_cast<std::size_t>(other)];
    code_.back().h = row[v];
    push_temp(Ty::i32);
    produced(here() - 1, dst, Ty::i32, row[bin_count + v]);
    produced_by(other, v, true);
    return;
  }
  if (op == Op::i32_eqz || op == Op::i64_eqz) {
    // As a comparison with zero it fuses with a branch.
    push_temp(ty_of(shape.type));
    stack_.back() = x;
    height_ = x.home + 1;
    if (x.kind == Val::Kind::local) {
      ++local_uses_[x.local];
      ++lazy_;
    }
    push_imm(ty_of(shape.type), 0);
    binary(op == Op::i32_eqz ? Op::i32_eq : Op::i64_eq);
    return;
  }
  const auto& row = unary[static_cast<std::size_t>(op)];
  UnaryVariant v = un_s;
  u16 slot = 0;
  if (x.kind == Val::Kind::imm || (x.kind == Val::Kind::local && !near_local(x.local)))
    (void)slot_of(x);
  if (in_acc(x)) {
    take_acc(x);
    v = un_a;
  } else {
    slot = slot_of(x);
  }
  const u32 insn = emit(row[v], dst, slot);
  push_temp(result);
  produced(insn, dst, result, row[un_count + v]);
  if (deterministic_) canonicalize(op, result);
}

/// Operators that only move bits keep a NaN as it is.
static bool makes_nan(Op op) {
  switch (op) {
    case Op::f32_abs:
    case Op::f32_neg:
    case Op::f32_copysign:
    case Op::f64_abs:
    case Op::f64_neg:
    case Op::f64_copysign:
    case Op::f32_reinterpret_i32:
    case Op::f64_reinterpret_i64:
    case Op::f32x4_abs:
    case Op::f32x4_neg:
    case Op::f64x2_abs:
    case Op::f64x2_neg:
    case Op::f32x4_pmin:
    case Op::f32x4_pmax:
    case Op::f64x2_pmin:
    case Op::f64x2_pmax:
    case Op::f32x4_splat:
    case Op::f64x2_splat:
    case Op::f32x4_replace_lane:
    case Op::f64x2_replace_lane:
    case Op::f32x4_extract_lane:
    case Op::f64x2_extract_lane:
      return false;
    default:
      return true;
  }
}

void Translator::canonicalize(Op op, Ty ty) {
  if (!makes_nan(op)) return;
  Handler h = nullptr;
  if (ty == Ty::f32) h = &ops::canon_f32;
  if (ty == Ty::f64) h = &ops::canon_f64;
  const std::string_view text = core::info(op).text;
  if (ty == Ty::v128 && core::info(op).shape.kind != Shape::Kind::vrelop) {
    if (text.starts_with("f32x4.")) h = &ops::canon_f32x4;
    if (text.starts_with("f64x2.")) h = &ops::canon_f64x2;
  }
  if (h == nullptr) return;
  emit(h, top().home);
  forget();
}

Translator::Reach Translator::reach(const core::MemArgImm& imm, u32 size) const {
  const core::MemType& t = m_.mem_types[imm.mem.value];
  if (imm.mem.value != 0 || t.addr == core::AddrType::i64 || imm.offset > 0xFFFFFFFFU)
    return Reach::general;
  if (guarded_ && t.page_log2() == 16 && imm.offset + size <= Memory::guard_bytes)
    return Reach::guarded;
  return Reach::checked;
}

void Translator::load_(Op op, const core::MemArgImm& imm) {
  const Shape shape = core::info(op).shape;
  const Ty ty = ty_of(shape.type);
  const Reach how = reach(imm, 1U << shape.log2_size);
  const auto& row = loads[static_cast<std::size_t>(op)];
  Val x = pop();
  const u32 dst = x.home;
  if (how == Reach::general) {
    const u16 slot = slot_of(x);
    const u32 insn =
        emit(row[load_general], dst, slot, cd(imm.mem.value, wide_memory(imm.mem) ? 1 : 0));
    emit_raw(imm.offset);
    push_temp(ty);
    produced(insn, dst, ty, nullptr);
    return;
  }
  const u32 at = how == Reach::checked ? 2 * ld_count : 0;
  auto offset = static_cast<u32>(imm.offset);
  LoadVariant v = ld_s;
  u16 slot = 0;
  if (x.kind == Val::Kind::imm && x.imm + imm.offset <= 0xFFFFFFFFU) {
    v = ld_k;
    offset += static_cast<u32>(x.imm);
  } else {
    if (how == Reach::guarded && fuse_load(op, x, dst, offset)) return;
    if (x.kind != Val::Kind::temp) slot = slot_of(x);
    if (in_acc(x)) {
      take_acc(x);
      v = ld_a;
    } else {
      slot = slot_of(x);
    }
  }
  const u32 insn = emit(row[at + v], dst, slot, offset);
  push_temp(ty);
  produced(insn, dst, ty, row[at + ld_count + v]);
  if (how == Reach::guarded && v != ld_k) {
    last_.form = Form::load;
    last_.op = op;
    last_.variant = v == ld_a ? bin_as : bin_ss;
    if (v == ld_s) {
      last_load_.insn = insn;
      last_load_.op = op;
    }
  }
}

void Translator::store_(Op op, const core::MemArgImm& imm) {
  const Shape shape = core::info(op).shape;
  const Reach how = reach(imm, 1U << shape.log2_size);
  const auto& row = stores[static_cast<std::size_t>(op)];
  Val y = pop();
  Val x = pop();
  if (how == Reach::general) {
    const u16 address = slot_of(x);
    const u16 value = slot_of(y);
    emit(row[store_general], address, value, cd(imm.mem.value, wide_memory(imm.mem) ? 1 : 0));
    emit_raw(imm.offset);
    return;
  }
  const u32 at = how == Reach::checked ? st_count : 0;
  auto offset = static_cast<u32>(imm.offset);
  const bool fixed = x.kind == Val::Kind::imm && x.imm + imm.offset <= 0xFFFFFFFFU;
  if (fixed) offset += static_cast<u32>(x.imm);
  const auto value = static_cast<s64>(
      y.ty == Ty::i32
          ? static_cast<u64>(static_cast<s64>(static_cast<s32>(static_cast<u32>(y.imm))))
          : y.imm);
  const bool small = y.kind == Val::Kind::imm && (y.ty == Ty::i32 || y.ty == Ty::i64) &&
                     value >= -0x8000 && value <= 0x7FFF;
  if (small && !fixed) {
    const u16 address = slot_of(x);
    emit(row[at + st_si], address, static_cast<u16>(value), offset);
    return;
  }
  if (!fixed && (x.kind == Val::Kind::imm || (x.kind == Val::Kind::local && !near_local(x.local))))
    (void)slot_of(x);
  if (y.kind == Val::Kind::imm || (y.kind == Val::Kind::local && !near_local(y.local)))
    (void)slot_of(y);
  if (how == Reach::guarded && !fixed && fuse_store(op, x, y, offset)) return;
  if (in_acc(y)) {
    if (fixed || !in_acc(x)) take_acc(y);
    if (fixed)
      emit(row[at + st_ka], 0, 0, offset);
    else
      emit(row[at + st_sa], slot_of(x), 0, offset);
  } else if (!fixed && in_acc(x)) {
    take_acc(x);
    emit(row[at + st_as], 0, slot_of(y), offset);
  } else if (fixed) {
    emit(row[at + st_ks], 0, slot_of(y), offset);
  } else {
    const u16 address = slot_of(x);
    emit(row[at + st_ss], address, slot_of(y), offset);
  }
}

std::unique_ptr<FuncCode> translate(const Module& module, u32 defined, std::vector<u32>* offsets) {
  auto code = std::make_unique<FuncCode>();
  Translator translator(module, defined, *code, offsets);
  if (translator.run()) return code;
  auto trap = std::make_unique<FuncCode>();
  trap->func = defined;
  trap->param_slots = module.types()[module.core().funcs[defined].type.value]->param_slots;
  trap->frame = trap->param_slots + header_slots;
  Insn insn;
  insn.h = &ops::unreachable;
  insn.imm = static_cast<u32>(TrapCode::stack_overflow);
  trap->insns.assign(lead_in, Insn{});
  trap->insns.push_back(insn);
  trap->code = trap->insns.data() + lead_in;
  if (offsets != nullptr) offsets->assign(1, module.core().codes[defined].body.begin);
  return trap;
}

}  // namespace tenon::engine::interp

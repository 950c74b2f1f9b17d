// SPDX-License-Identifier: Apache-2.0
// One pass over the validated body. Locals and constants are pushed lazily and become operands;
// they are copied to their slot only where the local changes or control flow meets. `last_`
// remembers the instruction that filled the accumulator, so that the next may read it there or fuse
// with it. Time and code are linear in the body, whatever it looks like.
#include "tenon/engine/interp/translate.h"

#include <algorithm>
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/fused.h"
#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

Translator::Translator(const Module& module, u32 defined, Code& out, std::vector<u32>* offsets,
                       bool far, Store* asks)
    : module_(module),
      m_(module.core()),
      body_(m_.codes[defined]),
      func_type_(*module.types()[m_.funcs[defined].type.value]),
      out_(out),
      offsets_(offsets),
      asks_(asks),
      defined_(defined),
      far_(far),
      guarded_(module.engine().config().signals),
      fuel_(module.engine().config().fuel),
      deterministic_(module.engine().config().deterministic),
      poison_(module.engine().config().stress.poison) {
  const Config& config = module.engine().config();
  near_end_ = config.stress.far_forms ? 4 : 0xFF00;
  few_label_values_ = config.stress.far_forms ? 0 : 4;
  most_step_ = config.stress.far_forms ? 2 : 0xFFFF;
  most_insns_ = narrow<u32>(config.function_code_bytes / sizeof(Insn));
  // What a value stack holds, and the page that its size may be rounded up by.
  const std::size_t slots = (config.value_stack_bytes + 4096) / sizeof(Slot);
  most_height_ = narrow<u32>(std::min<std::size_t>(slots, far ? 0x7FFFFFFF : near_end_));
  header_ = func_type_.param_slots;
  scratch_ = header_ + header_slots;
  u32 slot = 0;
  auto add = [&](ValType type) {
    const Ty ty = ty_of(type);
    local_types_.push_back(ty);
    local_slots_.push_back(slot);
    slot += width(ty);
  };
  for (const ValType t : func_type_.params) add(t);
  slot = scratch_ + (far ? scratch_slots : 0);
  for (const core::LocalGroup& g : body_.locals) {
    for (u32 i = 0; i < g.count; ++i) add(g.type);
  }
  local_uses_.resize(local_types_.size());
  base_ = height_ = max_height_ = slot;
  out_.func = defined;
  out_.param_slots = header_;
  out_.zero = slot - scratch_;
  code_.reserve(body_.body.size() / 2 + 4);
  code_.resize(lead_in);
  if (offsets_ != nullptr) offsets_->assign(lead_in, 0);
}

Refusal Translator::run() {
  if (!far_ && base_ >= near_end_) return Refusal::far;
  Control func;
  func.kind = Control::Kind::func;
  func.height = base_;
  func.type = &func_type_;
  max_height_ = std::max(max_height_, base_ + func_type_.result_slots);
  controls_.push_back(func);
  if (poison_) find_last_reads();
  if (fuel_) blocks_ = basic_blocks(m_, body_);
  begin_block();
  poison();
  core::ExprScratch scratch;
  const auto done = core::decode_expr(m_, body_.body, *this, scratch);
  assert(done && "a validated body decodes");
  if (!done) too_wide();
  if (refused_ != Refusal::no) return refused_;
  assert(next_block_ == blocks_.size());
  if (func_clauses_ != none) {
    // Exceptions caught by the function's own label return their values.
    const u32 stub = here();
    emit_return_from(base_);
    for (u32 c = func_clauses_; c != none;) {
      const u32 next = out_.clauses[c].target;
      out_.clauses[c].target = stub;
      c = next;
    }
  }
  if (refused_ != Refusal::no) return refused_;
  // From here on instructions count from the first behind the lead-in.
  for (CatchClause& c : out_.clauses) c.target -= lead_in;
  for (TryRange& r : out_.tries) {
    r.begin -= lead_in;
    r.end -= lead_in;
  }
  for (Window& w : out_.windows) {
    w.begin -= lead_in;
    w.end -= lead_in;
  }
  if (offsets_ != nullptr) offsets_->erase(offsets_->begin(), offsets_->begin() + lead_in);
  out_.frame = max_height_ + 4;
  for (const u32 word : poisons_) code_[word].imm = out_.frame;
  out_.insns = std::move(code_);
  out_.code = out_.insns.data() + lead_in;
  return Refusal::no;
}

void Translator::look_up() {
  patience_ = patience;
  if (asks_ == nullptr || asks_->context().stack_limit.load(std::memory_order_relaxed) != nullptr)
    return;
  if (asks_->handle_interrupt() == InterruptAction::trap) refuse(Refusal::interrupted);
}

// ---- The operand stack ----

void Translator::push_temp(Ty ty) {
  stack_.push_back({Val::Kind::temp, ty, height_, 0, none, 0});
  height_ += width(ty);
  max_height_ = std::max(max_height_, height_);
  if (height_ > most_height_) [[unlikely]]
    refuse(far_ || height_ <= near_end_ ? Refusal::too_deep : Refusal::far);
}

void Translator::push_local(u32 local) {
  push_temp(local_types_[local]);
  Val& v = stack_.back();
  v.kind = Val::Kind::local;
  v.local = local;
  v.below = lazy_top_;
  lazy_top_ = num_values() - 1;
  ++local_uses_[local];
  ++lazy_;
}

void Translator::push_imm(Ty ty, u64 value) {
  push_temp(ty);
  Val& v = stack_.back();
  v.kind = Val::Kind::imm;
  v.imm = value;
  v.below = lazy_top_;
  lazy_top_ = num_values() - 1;
}

/// Pushes a value as it was when it was popped.
void Translator::push_again(const Val& v) {
  if (v.kind == Val::Kind::local)
    push_local(v.local);
  else if (v.kind == Val::Kind::imm)
    push_imm(v.ty, v.imm);
  else
    push_temp(v.ty);
}

Val Translator::pop() {
  const Val v = stack_.back();
  stack_.pop_back();
  height_ = v.home;
  if (lazy_top_ == num_values()) lazy_top_ = v.below;
  no_locals_before_ = std::min(no_locals_before_, num_values());
  if (v.kind == Val::Kind::local) {
    --local_uses_[v.local];
    --lazy_;
  }
  return v;
}

void Translator::move_to(const Val& v, u32 dst) {
  if (v.kind != Val::Kind::imm) {
    const u32 src = place_of(v);
    if (src != dst) move_slots(dst, src, width(v.ty));
    return;
  }
  const u32 at = reachable(dst) ? dst : scratch_;
  if (v.imm <= 0xFFFFFFFFU) {
    const u32 insn = emit(&ops::const_i32, at, 0, low_bits<u32>(v.imm));
    if (v.ty != Ty::f32 && v.ty != Ty::f64 && near(dst)) produced(insn, dst, v.ty, nullptr);
  } else {
    emit(&ops::const_i64, at);
    emit_raw(v.imm);
  }
  if (at != dst) move_slots(dst, at, 1);
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
  if (v.kind == Val::Kind::imm || !reachable(place_of(v))) {
    // Popped already: its home is free, and it counts no more as a use of the local.
    const bool home = near(v.home);
    const u32 slot = home ? v.home : scratch_for();
    move_to(v, slot);
    v.kind = home ? Val::Kind::temp : Val::Kind::scratch;
    v.local = slot;
  }
  return narrow<u16>(place_of(v));
}

void Translator::settle_below(u32 above, u32 n) {
  const u32 end = num_values() - above;
  const u32 begin = end - n;
  u32* link = &lazy_top_;
  while (*link != none && *link >= end) link = &stack_[*link].below;
  lazy_order_.clear();
  u32 i = *link;
  for (; i != none && i >= begin; i = stack_[i].below) lazy_order_.push_back(i);
  *link = i;
  work(narrow<u32>(lazy_order_.size()));
  for (auto it = lazy_order_.rbegin(); it != lazy_order_.rend(); ++it) to_home(stack_[*it]);
}

void Translator::settle_locals() {
  // What lies below `no_locals_before_` was looked at already: each entry is once.
  if (lazy_ == 0) return;
  work(num_values() - no_locals_before_);
  for (u32 i = no_locals_before_; i < num_values(); ++i) {
    if (stack_[i].kind == Val::Kind::local) to_home(stack_[i]);
  }
  no_locals_before_ = num_values();
}

void Translator::settle_local(u32 local) {
  // Near the top most often. Deep below, all of them go home together, so that nobody looks there
  // again.
  for (u32 i = num_values(); local_uses_[local] != 0 && i > no_locals_before_; --i) {
    if (num_values() - i == few_values) return settle_locals();
    Val& v = stack_[i - 1];
    if (v.kind == Val::Kind::local && v.local == local) to_home(v);
  }
}

// ---- Emission ----

void Translator::push_insn(const Insn& insn) {
  code_.push_back(insn);
  if (code_.size() > most_insns_) refuse(Refusal::too_large);
  if (offsets_ != nullptr) offsets_->push_back(offset_);
}

u32 Translator::emit(Handler h, u32 a, u32 b, u32 imm) {
  if (((a | b) >> 16U) != 0) [[unlikely]]
    too_wide();
  Insn insn;
  insn.h = h;
  insn.a = low_bits<u16>(a);
  insn.b = low_bits<u16>(b);
  insn.imm = imm;
  push_insn(insn);
  return here() - 1;
}

u32 Translator::emit_raw(u64 bits) {
  Insn insn;
  std::memcpy(&insn.a, &bits, 8);
  push_insn(insn);
  return here() - 1;
}

/// 16 bytes of data in place of an instruction.
void Translator::emit_bytes(const void* bytes) {
  Insn insn;
  std::memcpy(static_cast<void*>(&insn), bytes, sizeof(Insn));
  push_insn(insn);
}

void Translator::too_wide() {
  assert(refused_ != Refusal::no && "an operand does not fit its field");
  refuse(Refusal::too_large);
}

void Translator::patch(u32 insn, u32 target) {
  static_assert(Config::most_function_code_bytes <= 0x7FFFFFFF, "distances in bytes fit 32 bits");
  assert(refused_ != Refusal::no || (insn < most_insns_ && target <= most_insns_));
  code_[insn].imm = (target - insn) * u32{sizeof(Insn)};
}

void Translator::produced(u32 insn, u32 slot, Ty ty, Handler no_store, bool retarget) {
  if (!near(slot)) {
    move_slots(slot, scratch_, width(ty));
    last_.end = none;
    return;
  }
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
  return place_of(v) == last_.slot && v.ty == last_.ty;
}

void Translator::take_acc(const Val& v) {
  if (v.kind == Val::Kind::temp && last_.no_store != nullptr) code_[last_.insn].h = last_.no_store;
}

// ---- Classes of operators ----

void Translator::constant(Op, const core::V128Imm& i) {
  const u32 dst = height_;
  const u32 insn = emit(&ops::const_v128, into(dst));
  emit_bytes(i.bytes.data());
  result(insn, dst, Ty::v128);
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
  const bool fits = y.kind == Val::Kind::imm &&
                    (ty != Ty::i64 || static_cast<s64>(y.imm) == low_bits<s32>(y.imm));
  const auto index = static_cast<std::size_t>(op);
  const auto& row = ty == Ty::i32 || ty == Ty::i64 ? int_binary[index] : float_binary[index];
  BinaryVariant v = bin_ss;
  u32 insn = 0;
  if (fits) {
    u16 slot = 0;
    if (is_apart(x)) slot = slot_of(x);
    if (in_acc(x)) {
      take_acc(x);
      v = bin_ai;
    } else {
      slot = slot_of(x);
      v = bin_si;
    }
    insn = emit(row[v], into(dst), slot, low_bits<u32>(y.imm));
    if (ty == Ty::f64) emit_raw(y.imm);
  } else {
    // What must be brought near comes first; only then does an accumulator hold.
    if (is_apart(x)) (void)slot_of(x);
    if (is_apart(y)) (void)slot_of(y);
    if (in_acc(y)) {
      const bool both = in_acc(x);
      if (!both) take_acc(y);
      v = bin_sa;
      insn = emit(row[v], into(dst), slot_of(x));
    } else if (in_acc(x)) {
      take_acc(x);
      v = bin_as;
      insn = emit(row[v], into(dst), 0, slot_of(y));
    } else {
      const u16 first = slot_of(x);
      insn = emit(row[v], into(dst), first, slot_of(y));
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
    push_again(x);
    push_imm(ty_of(shape.type), 0);
    binary(op == Op::i32_eqz ? Op::i32_eq : Op::i64_eq);
    return;
  }
  const auto& row = unary[static_cast<std::size_t>(op)];
  UnaryVariant v = un_s;
  u16 slot = 0;
  if (is_apart(x)) (void)slot_of(x);
  if (in_acc(x)) {
    take_acc(x);
    v = un_a;
  } else {
    slot = slot_of(x);
  }
  const u32 insn = emit(row[v], into(dst), slot);
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
  const u32 home = top().home;
  if (!near(home)) move_slots(scratch_, home, width(ty));
  emit(h, into(home));
  if (!near(home)) move_slots(home, scratch_, width(ty));
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
        emit(row[load_general], into(dst), slot, cd(imm.mem.value, wide_memory(imm.mem) ? 1 : 0));
    emit_raw(imm.offset);
    push_temp(ty);
    produced(insn, dst, ty, nullptr);
    return;
  }
  const u32 at = how == Reach::checked ? 2 * ld_count : 0;
  auto offset = narrow<u32>(imm.offset);
  LoadVariant v = ld_s;
  u16 slot = 0;
  if (x.kind == Val::Kind::imm && x.imm + imm.offset <= 0xFFFFFFFFU) {
    v = ld_k;
    offset += low_bits<u32>(x.imm);
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
  const u32 insn = emit(row[at + v], into(dst), slot, offset);
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
  auto offset = narrow<u32>(imm.offset);
  const bool fixed = x.kind == Val::Kind::imm && x.imm + imm.offset <= 0xFFFFFFFFU;
  if (fixed) offset += low_bits<u32>(x.imm);
  const auto value = static_cast<s64>(
      y.ty == Ty::i32 ? static_cast<u64>(static_cast<s64>(low_bits<s32>(y.imm))) : y.imm);
  const bool small = y.kind == Val::Kind::imm && (y.ty == Ty::i32 || y.ty == Ty::i64) &&
                     value >= -0x8000 && value <= 0x7FFF;
  if (small && !fixed) {
    const u16 address = slot_of(x);
    emit(row[at + st_si], address, low_bits<u16>(value), offset);
    return;
  }
  if (!fixed && is_apart(x)) (void)slot_of(x);
  if (is_apart(y)) (void)slot_of(y);
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

namespace {

/// A function that traps when it is entered.
std::unique_ptr<Code> trapping(const Module& module, u32 defined, std::vector<u32>* offsets,
                               TrapCode why) {
  auto trap = std::make_unique<Code>();
  trap->func = defined;
  trap->param_slots = module.types()[module.core().funcs[defined].type.value]->param_slots;
  trap->frame = trap->param_slots + header_slots;
  Insn insn;
  insn.h = &ops::unreachable;
  insn.imm = std::to_underlying(why);
  trap->insns.assign(lead_in, Insn{});
  trap->insns.push_back(insn);
  trap->code = trap->insns.data() + lead_in;
  if (offsets != nullptr) offsets->assign(1, module.core().codes[defined].body.begin);
  return trap;
}

}  // namespace

std::unique_ptr<Code> translate(const Module& module, u32 defined, std::vector<u32>* offsets,
                                Store* asks) {
  Refusal refusal = Refusal::far;
  for (const bool far : {false, true}) {
    if (refusal != Refusal::far) break;
    auto code = std::make_unique<Code>();
    refusal = Translator(module, defined, *code, offsets, far, asks).run();
    if (refusal == Refusal::no) return code;
  }
  if (refusal == Refusal::interrupted) return nullptr;
  return trapping(
      module, defined, offsets,
      refusal == Refusal::too_deep ? TrapCode::stack_overflow : TrapCode::function_too_large);
}

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
// What the translator makes of several operators in a row: superinstructions (fused.h).
#include "tenon/base/narrow.h"
#include "tenon/engine/interp/fused.h"
#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

bool commutes(Op op) {
  switch (op) {
    case Op::i32_add:
    case Op::i32_mul:
    case Op::i32_and:
    case Op::i32_or:
    case Op::i32_xor:
    case Op::i64_add:
    case Op::i64_mul:
    case Op::i64_and:
    case Op::i64_or:
    case Op::i64_xor:
    case Op::i32_eq:
    case Op::i32_ne:
    case Op::i64_eq:
    case Op::i64_ne:
      return true;
    default:
      return false;
  }
}

Op mirrored(Op op) {
  switch (op) {
#define TENON_MIRROR(t)  \
  case Op::t##_lt_s:     \
    return Op::t##_gt_s; \
  case Op::t##_lt_u:     \
    return Op::t##_gt_u; \
  case Op::t##_gt_s:     \
    return Op::t##_lt_s; \
  case Op::t##_gt_u:     \
    return Op::t##_lt_u; \
  case Op::t##_le_s:     \
    return Op::t##_ge_s; \
  case Op::t##_le_u:     \
    return Op::t##_ge_u; \
  case Op::t##_ge_s:     \
    return Op::t##_le_s; \
  case Op::t##_ge_u:     \
    return Op::t##_le_u;
    TENON_MIRROR(i32)
    TENON_MIRROR(i64)
    default:
      return op;
  }
}

namespace {

bool fits_small(u64 imm, Ty ty) {
  const s64 v = ty == Ty::i32 ? low_bits<s32>(imm) : static_cast<s64>(imm);
  return v >= -0x8000 && v <= 0x7FFF;
}

/// A small signed immediate, or a slot, in the 16 bits of an operand.
u32 low(u64 imm) {
  return low_bits<u16>(imm);
}

/// The load of the whole type that an operator works on.
Op plain_load(Op op) {
  switch (core::info(op).shape.type) {
    case TypeCode::i32:
      return Op::i32_load;
    case TypeCode::i64:
      return Op::i64_load;
    case TypeCode::f32:
      return Op::f32_load;
    default:
      return Op::f64_load;
  }
}

bool commutes_any(Op op) {
  switch (op) {
    case Op::f32_add:
    case Op::f32_mul:
    case Op::f64_add:
    case Op::f64_mul:
      return true;
    default:
      return commutes(op);
  }
}

}  // namespace

bool Translator::fuse_binary(Op op, const Val& x, const Val& y, u32 dst) {
  const bool second = y.kind == Val::Kind::temp && in_acc(y);
  const bool first = !second && x.kind == Val::Kind::temp && in_acc(x);
  if ((!first && !second) || last_.insn + 1 != here()) return false;
  const Val& other = second ? x : y;
  const Ty ty = ty_of(core::info(op).shape.type);
  if (last_.form == Form::binary && (last_.variant == bin_si || last_.variant == bin_ai) &&
      (ty == Ty::i32 || ty == Ty::i64) && ty == last_.ty && fits_small(code_.back().imm, Ty::i32)) {
    const bool acc = last_.variant == bin_ai;
    const auto& firsts = ty == Ty::i32 ? first_i32 : first_i64;
    const int row = place_in(firsts, last_.op);
    if (row == not_fused) return false;
    const auto r = static_cast<std::size_t>(row);
    const bool shl = last_.op == Op::i32_shl;
    if (near_slot(other) && (second || commutes(op))) {
      const int column = place_in(ty == Ty::i32 ? second_i32 : second_i64, op);
      if (column == not_fused) return false;
      const auto& four =
          (ty == Ty::i32 ? fused_slot_i32 : fused_slot_i64)[r][static_cast<std::size_t>(column)];
      const Insn inner = take_back();
      const u32 insn =
          emit(four[quad(acc, false)], into(dst), inner.b, cd(place_of(other), low(inner.imm)));
      push_temp(ty);
      produced(insn, dst, ty, four[quad(acc, true)]);
      if (shl && op == Op::i32_add) {
        last_.form = Form::scaled;
        last_.variant = acc ? bin_as : bin_ss;
      }
      return true;
    }
    if (first && other.kind == Val::Kind::imm && fits_small(other.imm, ty)) {
      const int column = place_in(ty == Ty::i32 ? third_i32 : third_i64, op);
      if (column == not_fused) return false;
      const auto& four =
          (ty == Ty::i32 ? fused_imm_i32 : fused_imm_i64)[r][static_cast<std::size_t>(column)];
      const Insn inner = take_back();
      const u32 insn =
          emit(four[quad(acc, false)], into(dst), inner.b, cd(low(other.imm), low(inner.imm)));
      push_temp(ty);
      produced(insn, dst, ty, four[quad(acc, true)]);
      return true;
    }
    return false;
  }
  if (last_.form == Form::load && last_.op == plain_load(op) && near_slot(other) &&
      (second || commutes_any(op)) && code_.back().imm <= 0xFFFF) {
    const int row = place_in(with_load, op);
    if (row == not_fused) return false;
    const auto& four = fused_load[static_cast<std::size_t>(row)];
    const bool acc = last_.variant == bin_as;
    const u32 at = offsets_ != nullptr ? offsets_->back() : 0;
    const Insn load = take_back();
    const u32 insn = emit(four[quad(acc, false)], into(dst), place_of(other), cd(load.b, load.imm));
    if (offsets_ != nullptr) offsets_->back() = at;  // it is the load that may trap
    push_temp(ty);
    produced(insn, dst, ty, four[quad(acc, true)]);
    return true;
  }
  return false;
}

bool Translator::fuse_load(Op op, const Val& x, u32 dst, u32 offset) {
  if (offset > 0xFFFF || x.kind == Val::Kind::imm || !in_acc(x) || last_.insn + 1 != here())
    return false;
  const int place = place_in(sum_loads, op);
  if (place == not_fused) return false;
  const auto p = static_cast<std::size_t>(place);
  const Quad* four = nullptr;
  const Insn inner = code_.back();
  if (x.kind == Val::Kind::local) {
    // The address is kept in a local: `x += imm` and the load, or `x = acc + imm`.
    if (last_.form != Form::binary || last_.op != Op::i32_add || !fits_small(inner.imm, Ty::i32))
      return false;
    const bool kept = last_.variant == bin_si && inner.a == inner.b;
    if (!kept && last_.variant != bin_ai) return false;
    take_back();
    four = &load_step[p];
    const bool acc = last_.variant == bin_ai;
    const Ty ty = ty_of(core::info(op).shape.type);
    const u32 insn =
        emit((*four)[quad(acc, false)], into(dst), inner.a, cd(low(inner.imm), offset));
    push_temp(ty);
    produced(insn, dst, ty, (*four)[quad(acc, true)]);
    return true;
  }
  bool acc = false;
  u32 b = inner.b;
  u32 c = inner.c();
  if (last_.form == Form::binary && last_.op == Op::i32_add) {
    switch (last_.variant) {
      case bin_ss:
        four = &load_sum[p];
        break;
      case bin_sa:
        four = &load_sum[p];
        acc = true;
        break;
      case bin_as:
        four = &load_sum[p];
        acc = true;
        b = c;
        break;
      default:
        if (!fits_small(inner.imm, Ty::i32)) return false;
        four = &load_plus[p];
        acc = last_.variant == bin_ai;
        c = inner.imm;
        break;
    }
  } else if (last_.form == Form::scaled && inner.d() == core::info(op).shape.log2_size) {
    four = &load_indexed[p];
    acc = last_.variant == bin_as;
  } else {
    return false;
  }
  take_back();
  const Ty ty = ty_of(core::info(op).shape.type);
  const u32 insn = emit((*four)[quad(acc, false)], into(dst), b, cd(low(c), offset));
  push_temp(ty);
  produced(insn, dst, ty, (*four)[quad(acc, true)]);
  return true;
}

bool Translator::fuse_store(Op op, const Val& x, const Val& y, u32 offset) {
  // The address is a sum that nothing but the accumulator holds.
  if (offset > 0xFFFF || x.kind != Val::Kind::temp || !near_slot(y) || !in_acc(x) ||
      last_.insn + 1 != here() || last_.form != Form::binary || last_.op != Op::i32_add)
    return false;
  const int place = place_in(sum_stores, op);
  if (place == not_fused) return false;
  const auto p = static_cast<std::size_t>(place);
  const Insn inner = code_.back();
  const bool acc = last_.variant == bin_sa || last_.variant == bin_as || last_.variant == bin_ai;
  const bool imm = last_.variant == bin_si || last_.variant == bin_ai;
  if (imm && !fits_small(inner.imm, Ty::i32)) return false;
  const u32 first = last_.variant == bin_as ? inner.c() : inner.b;
  take_back();
  emit((imm ? store_plus : store_sum)[p][acc ? 1 : 0], first, place_of(y),
       cd(low(inner.imm), offset));
  return true;
}

void Translator::emit_copy(u32 dst, u32 src) {
  if (barrier_ != here() && last_copy_ + 1 == here()) {
    Insn& before = code_.back();
    before.h = &ops::copy_2;
    before.imm = cd(dst, src);
    last_copy_ = none;
    return;
  }
  if (last_.end == here() && last_.insn + 1 == here() && last_.slot == src &&
      last_.form == Form::binary && last_.op == Op::i32_add && last_.variant == bin_si &&
      code_.back().a == src && fits_small(code_.back().imm, Ty::i32)) {
    const Insn sum = take_back();
    const u32 insn = emit(&ops::add_to_2, src, sum.b, cd(dst, low(sum.imm)));
    produced(insn, src, Ty::i32, nullptr, false);
    return;
  }
  last_copy_ = emit(&ops::copy, dst, src);
}

void Translator::fuse_step_after_load() {
  // `x += imm` right behind the load through x: both at once.
  const u32 at = last_load_.insn;
  if (at == none || at + 2 != here() || barrier_ > at || last_.insn + 1 != here() ||
      last_.form != Form::binary || last_.op != Op::i32_add || last_.variant != bin_si)
    return;
  const Insn sum = code_.back();
  const Insn load = code_[at];
  if (sum.a != sum.b || sum.b != load.b || load.a == load.b || load.imm > 0xFFFF ||
      !fits_small(sum.imm, Ty::i32))
    return;
  const int place = place_in(sum_loads, last_load_.op);
  if (place == not_fused) return;
  take_back();
  code_[at].h = load_then_step[static_cast<std::size_t>(place)];
  code_[at].imm = cd(low(sum.imm), load.imm);
  produced(at, load.a, ty_of(core::info(last_load_.op).shape.type), nullptr, false);
}

bool Translator::fuse_step(const Condition& cond, Op op, u32 target) {
  // `x += imm` just before, compared where it is in the accumulator.
  if (code_.empty() || fuel_) return false;
  const Insn& step = code_.back();
  const bool imm = cond.variant == bin_ai;
  if (!imm && cond.variant != bin_as && cond.variant != bin_sa) return false;
  if (step.h != int_binary[static_cast<std::size_t>(Op::i32_add)][bin_si] || step.a != step.b ||
      !fits_small(step.imm, Ty::i32))
    return false;
  if (cond.variant == bin_sa) op = mirrored(op);
  const int place = place_in(loop_ops, op);
  const u32 distance = here() - 1 - target;
  if (place == not_fused || distance > most_step_) return false;
  const u32 other = cond.variant == bin_sa ? cond.x : cond.y;
  const Insn back = take_back();
  emit(loop_step[static_cast<std::size_t>(place)][imm ? 1 : 0], back.a, low_bits<u16>(back.imm),
       cd(other, distance));
  return true;
}

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "tenon/base/narrow.h"
#include "tenon/core/decode_expr.h"
#include "tenon/engine/basic_blocks.h"
#include "tenon/engine/interp/translate.h"

// The translator's state: what is on the operand stack, which blocks are open, what the last
// instruction left in an accumulator.
namespace tenon::engine::interp {

using core::Op;
using core::Shape;
using core::TypeCode;
using core::ValType;

template <Op op>
using OpTag = std::integral_constant<Op, op>;

/// What a value is to the interpreter: its width and which accumulator it uses.
enum class Ty : u8 { i32, i64, f32, f64, v128, ref };
inline Ty ty_of(ValType t) {
  if (t.is_ref()) return Ty::ref;
  switch (t.code()) {
    case TypeCode::i64:
      return Ty::i64;
    case TypeCode::f32:
      return Ty::f32;
    case TypeCode::f64:
      return Ty::f64;
    case TypeCode::v128:
      return Ty::v128;
    default:
      return Ty::i32;
  }
}
inline u32 width(Ty t) {
  return t == Ty::v128 ? 2 : 1;
}

/// No instruction, no entry, no list.
inline constexpr u32 none = 0xFFFFFFFF;

/// A value on the operand stack. Its home is the slot that its height gives; a temporary stands
/// there, a local or a constant is moved there only when it must. A popped value whose home is far
/// may be in a scratch slot.
struct Val {
  enum class Kind : u8 { temp, local, imm, scratch };
  Kind kind = Kind::temp;
  Ty ty = Ty::i32;
  u32 home = 0;
  /// The local, or the scratch slot.
  u32 local = 0;
  /// The next entry below this one that was pushed as a local or a constant.
  u32 below = none;
  u64 imm = 0;
};

/// An open block.
struct Control {
  enum class Kind : u8 { func, block, loop, if_, else_, try_, legacy_try, legacy_catch };
  Kind kind = Kind::block;
  /// A block type of one result keeps it here.
  ValType single;
  /// The block's type; null when it has neither parameters nor results but `single`.
  const RuntimeType* type = nullptr;
  /// Height in slots and in values below the parameters.
  u32 height = 0;
  u32 values = 0;
  /// Loop, try: its first instruction. Of a legacy `try` also the end of its body, and the last of
  /// its clauses so far.
  u32 start = 0;
  u32 body_end = 0;
  u32 last_clause = none;
  /// Branches that wait for the end, and for the else: a list through their immediates.
  u32 pending = none;
  u32 pending_else = none;
  /// Catch clauses that wait for the end: a list through their targets.
  u32 pending_clauses = none;
  u32 first_clause = 0;
  u32 num_clauses = 0;
  /// Where the br_table of this number moves values on their way here.
  u32 stub = none;
  u32 stub_of = 0;

  [[nodiscard]] std::span<const ValType> params() const {
    return type == nullptr ? std::span<const ValType>() : type->params;
  }
  /// Valid until another block opens.
  [[nodiscard]] std::span<const ValType> results() const {
    if (!single.is_bot()) return {&single, 1};
    return type == nullptr ? std::span<const ValType>() : type->results;
  }
  [[nodiscard]] u32 result_slots() const {
    if (!single.is_bot()) return width(ty_of(single));
    return type == nullptr ? 0 : type->result_slots;
  }
  // What a branch to the label brings.
  [[nodiscard]] std::span<const ValType> label_types() const {
    return kind == Kind::loop ? params() : results();
  }
  [[nodiscard]] u32 arity() const { return narrow<u32>(label_types().size()); }
  [[nodiscard]] u32 label_slots() const {
    if (kind != Kind::loop) return result_slots();
    return type == nullptr ? 0 : type->param_slots;
  }
};

/// A condition that was popped: a fused comparison, or a value.
struct Condition {
  enum class Kind : u8 { compare, slot, acc };
  Kind kind = Kind::slot;
  bool negate = false;
  Op op = Op::i32_eq;
  BinaryVariant variant = bin_ss;
  u16 x = 0;
  u16 y = 0;
};

[[nodiscard]] bool commutes(Op op);
/// The comparison of exchanged operands.
[[nodiscard]] Op mirrored(Op op);
/// The comparison that holds exactly when this one does not; integers only.
[[nodiscard]] Op inverse(Op op);

/// Why a translation was given up.
enum class Refusal : u8 {
  no,
  /// Slots are needed that only the far forms reach: to be translated again with them.
  far,
  /// The code passes the stated size.
  too_large,
  /// The operand stack alone passes every value stack of the engine.
  too_deep,
  interrupted
};

class Translator {
 public:
  /// `far`: with far forms. `asks`: the store that is asked about interruptions on the way.
  Translator(const Module& module, u32 defined, Code& out, std::vector<u32>* offsets, bool far,
             Store* asks);
  Refusal run();

  template <Op op>
  void on(const core::ImmOf<op>& imm, u32 offset) {
    offset_ = offset;
    if (refused_ != Refusal::no) return;
    scratch_used_ = 0;
    work(1);
    if (unreachable_) {
      skip<op>(imm);
      return;
    }
    constexpr Shape shape = core::info(op).shape;
    using enum Shape::Kind;
    if constexpr (shape.kind == special)
      special_op(OpTag<op>{}, imm);
    else if constexpr (shape.kind == const_)
      constant(op, imm);
    else if constexpr (shape.kind == binop || shape.kind == relop)
      binary(op);
    else if constexpr (shape.kind == unop || shape.kind == testop || shape.kind == cvtop)
      unary_(op);
    else if constexpr (shape.kind == load)
      load_(op, imm);
    else if constexpr (shape.kind == store)
      store_(op, imm);
    else if constexpr (shape.kind == vload_lane || shape.kind == vstore_lane)
      lane_access(op, imm);
    else if constexpr (shape.kind == vshuffle)
      shuffle(imm);
    else if constexpr (shape.kind == vextract_lane || shape.kind == vreplace_lane)
      vector(op, imm.lane);
    else if constexpr (shape.kind >= vunop && shape.kind <= vsplat)
      vector(op, 0);
    else if constexpr (shape.kind == wide_binop || shape.kind == wide_mulop)
      wide(op);
    else if constexpr (shape.is_atomic())
      atomic(op, imm);
    else
      static_assert(shape.kind == special, "an operator without its translation");
  }

 private:
  // The operand stack.
  void push_temp(Ty ty);
  void push_local(u32 local);
  void push_imm(Ty ty, u64 value);
  Val pop();
  void push_again(const Val& v);
  u32 num_controls() const { return narrow<u32>(controls_.size()); }
  u32 num_values() const { return narrow<u32>(stack_.size()); }
  const Val& top(u32 depth = 0) const { return stack_[stack_.size() - 1 - depth]; }
  /// The slot where a value can be read; brings it near first.
  u16 slot_of(Val& v);
  void move_to(const Val& v, u32 dst);
  void to_home(Val& v);
  /// Brings the top `n` values to their homes; the slot of the first.
  u32 settle(u32 n) {
    settle_below(0, n);
    return n == 0 ? height_ : stack_[stack_.size() - n].home;
  }
  /// The same for the `n` values below the top `above` (0 or 1).
  void settle_below(u32 above, u32 n);
  void settle_locals();
  void settle_local(u32 local);
  /// How many entries `settle_local` looks through before it settles every local.
  static constexpr u32 few_values = 64;

  // Slots: near ones fit an operand, far ones are reached by copies and through windows.
  bool near(u32 slot) const { return slot < near_end_; }
  bool near_local(u32 local) const { return near(local_slots_[local]); }
  /// Where an instruction writes a value whose home this is: there, or in the scratch slot of
  /// results, from where `produced` moves it.
  u32 into(u32 home) const { return near(home) ? home : scratch_; }
  /// Whether a slot can be in an operand.
  bool reachable(u32 slot) const {
    return near(slot) || (far_ && slot >= scratch_ && slot < scratch_ + scratch_slots);
  }
  /// Whether a value must be copied before an instruction can read it.
  bool is_apart(const Val& v) const { return v.kind == Val::Kind::imm || !reachable(place_of(v)); }
  u32 scratch_for();
  void move_slots(u32 dst, u32 src, u32 n);
  /// The slot of a value, wherever it is.
  u32 place_of(const Val& v) const {
    return v.kind == Val::Kind::temp    ? v.home
           : v.kind == Val::Kind::local ? local_slots_[v.local]
                                        : v.local;
  }
  /// Instructions whose operands are in a row from `first` on count their slots from here: 0, or
  /// from a frame pointer that is moved up until `close_window`.
  u32 open_window(u32 first);
  void close_window(u32 base);
  /// A row as the first `n` slots behind the scratch slots: for instructions that leave the frame.
  u32 row_to_leave(u32 first, u32 n);

  // Emission.
  u32 emit(Handler h, u32 a = 0, u32 b = 0, u32 imm = 0);
  u32 emit_raw(u64 bits);
  void emit_bytes(const void* bytes16);
  void push_insn(const Insn& insn);
  u32 cd(u32 c, u32 d) {
    if (((c | d) >> 16U) != 0) too_wide();
    return (c & 0xFFFFU) | (d << 16U);
  }
  /// An operand that does not fit its field: a fault of the translator, which must not run.
  void too_wide();
  void refuse(Refusal why) {
    if (refused_ == Refusal::no) refused_ = why;
  }
  /// So many values or operators were looked at: from time to time asks for interruptions.
  void work(u32 n) {
    out_.work += n;
    patience_ -= narrow<std::int32_t>(std::min(n, 0xFFFFFFU));
    if (patience_ <= 0) [[unlikely]]
      look_up();
  }
  void look_up();
  /// Notes that the instruction at `insn` left its result in `slot` and in an accumulator; moves it
  /// there when the slot is far.
  void produced(u32 insn, u32 slot, Ty ty, Handler no_store, bool retarget = true);
  void produced_by(Op op, BinaryVariant variant, bool compare);
  bool in_acc(const Val& v) const;
  void take_acc(const Val& v);
  /// A label is here, or the accumulators were overwritten: nothing before may be relied on.
  void forget() {
    last_.end = none;
    barrier_ = here();
  }

  // Control.
  Control& label(core::LabelIdx l) { return controls_[controls_.size() - 1 - l.value]; }
  void open(Control::Kind kind, const core::BlockType& type);
  void bind(u32& list);
  void reset_to(const Control& c);
  void push_all(std::span<const ValType> types);
  /// Before a branch that may not be taken: many values for the label, below the top `above`, go to
  /// their homes, so that each branch moves them at once.
  void prepare(const Control& c, u32 above);
  /// Whether the values for a label are where it wants them.
  bool in_place(const Control& c);
  void move_results(const Control& c);
  /// Links a branch to a label, or sets its distance.
  void aim(u32 insn, Control& c);
  void jump_to(Control& c);
  void emit_return();
  void emit_return_from(u32 first);
  /// `settle_first`: locals on the stack go home, so the condition is taken from a slot.
  Condition pop_condition(bool settle_first = false);
  /// Emits a conditional branch without a target; its place.
  u32 emit_branch(const Condition& cond, bool when, bool backward);
  void branch_if(const Condition& cond, Control& c);
  void unreachable_now();
  /// A basic block begins here.
  void begin_block();
  /// The innermost block ends here: what waits for its end, and its results.
  void close_block();
  /// The end of the body of a legacy `try` or of one of its clauses.
  void end_legacy_part(bool last);
  void legacy_clause(core::Catch::Kind kind, u32 tag);
  void link(u32 insn, u32& list) {
    code_[insn].imm = list;
    list = insn;
  }
  void patch(u32 insn, u32 target);
  u32 here() const { return narrow<u32>(code_.size()); }
  template <Op op>
  void skip([[maybe_unused]] const core::ImmOf<op>& imm) {
    if constexpr (op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_table ||
                  op == Op::try_)
      ++skipped_;
    else if constexpr (op == Op::else_ || op == Op::catch_ || op == Op::catch_all) {
      if (skipped_ == 0) special_op(OpTag<op>{}, imm);
    } else if constexpr (op == Op::delegate) {
      if (skipped_ == 0)
        special_op(OpTag<op>{}, imm);
      else
        --skipped_;
    } else if constexpr (op == Op::end) {
      if (skipped_ == 0)
        special_op(OpTag<Op::end>{}, {});
      else
        --skipped_;
    }
  }

  // Stress (translate_stress.cpp).
  void find_last_reads();
  void poison();

  // Classes of operators.
  void constant(Op, const core::I32Imm& i) { push_imm(Ty::i32, low_bits<u32>(i.value)); }
  void constant(Op, const core::I64Imm& i) { push_imm(Ty::i64, static_cast<u64>(i.value)); }
  void constant(Op, const core::F32Imm& i) { push_imm(Ty::f32, i.bits); }
  void constant(Op, const core::F64Imm& i) { push_imm(Ty::f64, i.bits); }
  void constant(Op, const core::V128Imm& i);
  void binary(Op op);
  void unary_(Op op);
  void load_(Op op, const core::MemArgImm& imm);
  void store_(Op op, const core::MemArgImm& imm);
  void lane_access(Op op, const core::MemArgLaneImm& imm);
  void shuffle(const core::ShuffleImm& imm);
  void vector(Op op, u32 lane);
  void wide(Op op);
  void atomic(Op op, const core::MemArgImm& imm);
  void canonicalize(Op op, Ty ty);
  /// What a call takes besides its arguments: nothing, or an index or a reference.
  enum class Callee : u8 { known, in_slot };
  void call_to(Handler h, const RuntimeType& type, u32 imm, Callee callee, u32 table);
  void tail_call_to(Handler h, const RuntimeType& type, u32 imm, Callee callee, u32 table);
  /// Operands settled in a row at `a`; they are popped. The slot of the first.
  u32 pop_row(u32 n);
  void result(u32 insn, u32 dst, Ty ty, bool retarget = true) {
    push_temp(ty);
    produced(insn, dst, ty, nullptr, retarget);
  }
  /// An instruction over a row of operands at `first`, with a second word where there is one.
  struct Second {
    u32 a = 0;
    u32 imm = 0;
  };
  void row_op(Handler h, u32 first, u32 imm, std::optional<Second> second = std::nullopt);
  /// The same with a result in the row's first slot.
  void row_result(Handler h, u32 first, u32 imm, Ty ty,
                  std::optional<Second> second = std::nullopt);
  void branch_on(Handler when, Handler unless, u32 slot, Control& c, const core::BrOnCastImm* cast);
  void cast_operands(ValType type);
  enum class Reach : u8 { guarded, checked, general };
  Reach reach(const core::MemArgImm& imm, u32 size) const;
  bool wide_memory(core::MemIdx m) const {
    return m_.mem_types[m.value].addr == core::AddrType::i64;
  }
  Ty address_ty(core::MemIdx m) const { return wide_memory(m) ? Ty::i64 : Ty::i32; }
  Ty address_ty(core::TableIdx t) const {
    return m_.table_types[t.value].addr == core::AddrType::i64 ? Ty::i64 : Ty::i32;
  }
  const RuntimeType& type(core::TypeIdx t) const { return *module_.types()[t.value]; }

  // Special operators.
#define TENON_OP(name, text, opcode, Imm, shape, gate) \
  void special_op(OpTag<Op::name>, const core::Imm& i);
#include "tenon/core/ops.def"
#undef TENON_OP

  const Module& module_;
  const core::Module& m_;
  const core::Code& body_;
  const RuntimeType& func_type_;
  Code& out_;
  std::vector<u32>* offsets_;
  Store* asks_;
  /// Begins with the lead-in.
  std::vector<Insn> code_;
  std::vector<Val> stack_;
  std::vector<Control> controls_;
  std::vector<Ty> local_types_;
  std::vector<u32> local_slots_;
  std::vector<u32> local_uses_;  // values on the stack that stand for the local
  std::vector<u32> lazy_order_;
  /// `Stress::poison`: words that wait for the end of the frame, and locals by their last use.
  std::vector<u32> poisons_;
  std::vector<std::pair<u32, u32>> dying_;
  std::size_t next_dying_ = 0;
  /// The topmost entry of the stack that was pushed as a local or a constant; the others follow
  /// through `Val::below`. Entries that have gone home since stay in the list until it is walked.
  u32 lazy_top_ = none;
  u32 lazy_ = 0;  // values that stand for locals
  /// Entries of the stack before this one do not stand for locals.
  u32 no_locals_before_ = 0;
  u32 header_ = 0;
  u32 base_ = 0;
  u32 height_ = 0;
  u32 max_height_ = 0;
  u32 near_end_;
  u32 scratch_ = 0;
  u32 scratch_used_ = 0;
  u32 most_height_;
  u32 most_insns_;
  u32 few_label_values_;
  u32 most_step_;
  std::int32_t patience_ = patience;
  u32 offset_ = 0;
  u32 skipped_ = 0;
  u32 num_loops_ = 0;   // that are open
  u32 outer_loop_ = 0;  // where the outermost of them began
  u32 defined_;
  u32 num_tables_ = 0;
  u32 func_clauses_ = none;
  /// Clauses of legacy `try`s, each with the one before it of the same `try`: they go to the code
  /// when their block ends, where they are in a row.
  std::vector<std::pair<CatchClause, u32>> legacy_clauses_;
  Refusal refused_ = Refusal::no;
  bool far_;
  bool unreachable_ = false;
  bool guarded_;
  bool fuel_;
  bool deterministic_;
  bool poison_;
  /// Where fuel is counted, and which of them comes next.
  std::vector<BasicBlock> blocks_;
  std::size_t next_block_ = 0;
  struct {
    u32 insn = 0;
    u32 end = none;
    u32 slot = 0;
    Ty ty = Ty::i32;
    Handler no_store = nullptr;
    bool retarget = false;
    bool compare = false;
    /// What a superinstruction may be made of: an operator with an immediate or two slots, a
    /// guarded load, or `s + (t << n)` of an earlier fusion.
    enum class Form : u8 { other, binary, load, scaled } form = Form::other;
    Op op = Op::i32_eq;
    BinaryVariant variant = bin_ss;
  } last_;
  using Form = decltype(last_)::Form;
  bool fuse_binary(Op op, const Val& x, const Val& y, u32 dst);
  bool fuse_load(Op op, const Val& x, u32 dst, u32 offset);
  bool fuse_store(Op op, const Val& x, const Val& y, u32 offset);
  bool fuse_step(const Condition& cond, Op op, u32 target);
  void fuse_step_after_load();
  /// One slot to another; two copies in a row are one instruction.
  void emit_copy(u32 dst, u32 src);
  /// Instructions before this one are not merged with those behind.
  u32 barrier_ = 0;
  u32 last_copy_ = none;
  /// The last guarded load with its address in a slot.
  struct {
    u32 insn = none;
    Op op = Op::i32_load;
  } last_load_;
  /// Takes back the last instruction, whose result nothing but the accumulator holds.
  Insn take_back() {
    const Insn insn = code_.back();
    code_.pop_back();
    if (offsets_ != nullptr) offsets_->pop_back();
    if (last_load_.insn == here()) last_load_.insn = none;
    return insn;
  }
  bool near_slot(const Val& v) const { return v.kind != Val::Kind::imm && reachable(place_of(v)); }
  /// Scratch slots of the far forms: two for a result, then those of operands.
  static constexpr u32 scratch_slots = 14;
  /// Operators between two looks for interruptions.
  static constexpr std::int32_t patience = 4096;
};

}  // namespace tenon::engine::interp

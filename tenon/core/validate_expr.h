// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/core/decode_expr.h"
#include "tenon/core/match.h"
#include "tenon/core/module.h"
#include "tenon/core/op.h"

// Validation of function bodies, one operator at a time, and what a translator needs to run along
// with it. A translator is an observer:
//
//   struct Translator {
//     template <Op op>
//     bool on(const ImmOf<op>& imm, std::uint32_t offset, const ExprChecker& state);  // or void
//     Error take_error();                       // only when `on` returns bool and may say false
//   };
//   ValidationContext context(module);          // of a Validated<Module>; keep it with the module
//   ExprValidator<Translator> validator(context, translator);   // reuse it: its stacks keep their
//   memory for each function: TENON_TRY(validator.run(FuncIdx));
//
// `on` is called after the operator passed its checks, so `state` is the state behind it:
// `state.operands()` and `height()` are the operand stack as it is now, `height_before()` what it
// was before (operands popped and pushed follow), `reachable_before()` is false for dead code,
// which a translator skips, `frames()` the control stack (the innermost last), `closed()` the frame
// that `end` or `else` has just closed, and `popped()` the first popped operand type of operators
// whose immediates do not tell it (select, drop, ref.is_null ...). Types of labels come from
// `label_types`. In dead code the stack holds bottoms and may be shorter than the types ask for.

namespace tenon::core {

/// What all bodies of a module are checked against. Read only, so threads share one.
/// The module must live longer and stay in its place.
class ValidationContext {
 public:
  /// For a module that is valid already, as an engine has it: all gates open.
  explicit ValidationContext(const Validated<Module>& module);
  ValidationContext(ValidationContext&&) noexcept = default;
  ValidationContext& operator=(ValidationContext&&) noexcept = default;
  ValidationContext(const ValidationContext&) = delete;
  ValidationContext& operator=(const ValidationContext&) = delete;
  ~ValidationContext() = default;

  [[nodiscard]] const Module& module() const { return *module_; }
  [[nodiscard]] const Features& features() const { return features_; }
  [[nodiscard]] const TypeMatcher& matcher() const { return matcher_; }
  /// Whether the function is mentioned outside of bodies, so that `ref.func` may name it.
  /// Spec: core/valid/conventions "Contexts", C.REFS.
  [[nodiscard]] bool is_declared(FuncIdx f) const {
    return (declared_[f.value / 64] >> (f.value % 64) & 1U) != 0;
  }

 private:
  friend class ModuleValidator;
  ValidationContext(const Module& module, const Features& features);
  void declare(FuncIdx f) { declared_[f.value / 64] |= std::uint64_t{1} << (f.value % 64); }

  const Module* module_;
  Features features_;
  std::unique_ptr<TypeRegistry> registry_;
  TypeMatcher matcher_;
  std::vector<std::uint64_t> declared_;
};

/// One entry of the control stack.
struct ControlFrame {
  enum class Kind : std::uint8_t {
    func,
    block,
    loop,
    if_,
    else_,
    try_table,
    // Legacy exceptions: the body of `try`, and its clauses.
    try_,
    catch_,
    catch_all
  };
  Kind kind = Kind::func;
  /// Whether the rest of the block cannot be reached.
  bool unreachable = false;
  BlockType type;
  /// Operands below the block's parameters.
  std::uint32_t height = 0;
  /// Entries of the list of initialised locals when the block began.
  std::uint32_t init_height = 0;
  /// Of the opcode that opened it, in Module::bytes.
  std::uint32_t offset = 0;
  /// Number of the last br_table that looked at it.
  std::uint32_t seen = 0;
};

/// The validation algorithm: operand and control stacks of one body.
/// Spec: core/appendix/algorithm. Operators are checked by `check<op>`; after false `take_error`.
class ExprChecker {
 public:
  explicit ExprChecker(const ValidationContext& context);
  ExprChecker(const ExprChecker&) = delete;
  ExprChecker& operator=(const ExprChecker&) = delete;

  // ---- What an observer sees ----

  [[nodiscard]] const ValidationContext& context() const { return *context_; }
  [[nodiscard]] const Module& module() const { return *module_; }
  /// The operand stack, all blocks of it, the top last.
  [[nodiscard]] std::span<const ValType> operands() const { return {stack_.get(), height()}; }
  [[nodiscard]] std::uint32_t height() const {
    return static_cast<std::uint32_t>(top_ - stack_.get());
  }
  /// Before the operator.
  [[nodiscard]] std::uint32_t height_before() const { return height_before_; }
  [[nodiscard]] bool reachable_before() const { return reachable_before_; }
  [[nodiscard]] bool reachable() const { return frames_.empty() || !frames_.back().unreachable; }
  [[nodiscard]] std::span<const ControlFrame> frames() const { return frames_; }
  [[nodiscard]] const ControlFrame& frame(LabelIdx label) const {
    return frames_[frames_.size() - 1 - label.value];
  }
  /// The frame that the last `end` or `else` closed.
  [[nodiscard]] const ControlFrame& closed() const { return closed_; }
  /// The type popped first (the topmost but for a condition) by select, drop and the operators on
  /// references. Bottom when unknown.
  [[nodiscard]] ValType popped() const { return popped_; }
  /// The spans point into the module, or into `type` itself: it must stay while they are used.
  [[nodiscard]] std::span<const ValType> params(const BlockType& type) const {
    if (type.kind != BlockType::Kind::type) return {};
    return module_->types[type.type].type.func.params;
  }
  [[nodiscard]] std::span<const ValType> results(const BlockType& type) const {
    switch (type.kind) {
      case BlockType::Kind::empty:
        return {};
      case BlockType::Kind::value:
        return {&type.value, 1};
      case BlockType::Kind::type:
        return module_->types[type.type].type.func.results;
    }
    return {};
  }
  /// What a branch to the frame takes along.
  [[nodiscard]] std::span<const ValType> label_types(const ControlFrame& frame) const {
    return frame.kind == ControlFrame::Kind::loop ? params(frame.type) : results(frame.type);
  }
  /// Parameters and declared locals.
  [[nodiscard]] std::uint32_t num_locals() const { return num_locals_; }
  [[nodiscard]] ValType local_type(LocalIdx i) const {
    return i.value < flat_locals_.size() ? flat_locals_[i.value] : far_local_type(i.value);
  }

  // ---- Driving it ----

  /// Begins a function body. False: the error is set.
  bool begin_func(FuncIdx func);
  /// Begins a constant expression of the given type.
  void begin_const(ValType result);
  /// Checks one operator.
  template <Op op>
  bool check(const ImmOf<op>& imm, std::uint32_t offset);
  /// Says where and at which operator errors are, for visitors that refuse one themselves.
  void at(Op op, std::uint32_t offset) {
    op_ = op;
    offset_ = offset;
  }
  /// Notes the state before an operator, for observers.
  void note_before() {
    height_before_ = height();
    reachable_before_ = reachable();
  }
  /// The error after false. Where both walk and check failed the check's comes first.
  [[nodiscard]] Error take_error() {
    Error error = std::move(*error_);
    error_.reset();
    return error;
  }
  bool fail(const Rule& rule, std::string detail);
  /// `ref.func` in a constant expression, where naming a function declares it.
  bool const_ref_func(FuncImm imm);

 private:
  // Operand stack.
  void push(ValType type) {
    if (top_ == limit_) [[unlikely]]
      grow(1);
    *top_++ = type;
  }
  [[gnu::always_inline]] bool pop(ValType wanted) {
    if (top_ > base_ && top_[-1] == wanted) [[likely]] {
      --top_;
      return true;
    }
    return pop_slow(wanted);
  }
  bool pop_slow(ValType wanted);
  bool pop_any(ValType& out);
  bool pop_ref(ValType& out);
  bool pop_all(std::span<const ValType> types);
  void push_all(std::span<const ValType> types);
  bool check_top(std::span<const ValType> types);
  void grow(std::size_t n);
  void set_unreachable();

  // Control stack.
  void push_frame(ControlFrame::Kind kind, const BlockType& type);
  bool check_block_type(const BlockType& type);
  bool check_frame_end();
  bool block(ControlFrame::Kind kind, const BlockType& type);
  bool else_();
  bool end();
  bool check_label(LabelIdx label);
  void sync_base() { base_ = stack_.get() + frames_.back().height; }

  // Shaped operators.
  template <Op op>
  [[gnu::always_inline]] bool shaped(const ImmOf<op>& imm);
  template <Op op>
  [[gnu::always_inline]] bool plain(TypeCode addr);
  bool plain_slow(const Signature& sig, TypeCode addr);
  bool check_memarg(const MemArgImm& imm, const Shape& shape, TypeCode& addr);

  // Special operators. Spec: core/valid/instructions.
  [[gnu::always_inline]] bool local_get(LocalIdx i) {
    if (i.value < flat_locals_.size() && flat_locals_[i.value].is_defaultable()) [[likely]] {
      push(flat_locals_[i.value]);
      return true;
    }
    return local_get_slow(i);
  }
  [[gnu::always_inline]] bool local_set(LocalIdx i) {
    if (i.value < flat_locals_.size() && flat_locals_[i.value].is_defaultable()) [[likely]]
      return pop(flat_locals_[i.value]);
    return local_set_slow(i);
  }
  [[gnu::always_inline]] bool local_tee(LocalIdx i) {
    if (!local_set(i)) return false;
    push(local_type(i));
    return true;
  }
  bool local_get_slow(LocalIdx i);
  bool local_set_slow(LocalIdx i);
  bool global_get(GlobalIdx i);
  bool global_set(GlobalIdx i);
  bool table_op(Op op, TableIdx i);
  bool table_copy(const TableCopyImm& imm);
  bool table_init(const TableInitImm& imm);
  bool memory_op(Op op, MemIdx i);
  bool memory_copy(const MemCopyImm& imm);
  bool memory_init(const MemInitImm& imm);
  bool br(LabelIdx label);
  bool br_if(LabelIdx label);
  bool br_table(const BrTableImm& imm);
  bool br_on_null(LabelIdx label);
  bool br_on_non_null(LabelIdx label);
  bool br_on_cast(Op op, const BrOnCastImm& imm);
  bool return_();
  bool call_type(const FuncType& type, bool tail);
  bool call(FuncIdx f, bool tail);
  bool call_indirect(const CallIndirectImm& imm, bool tail);
  bool call_ref(TypeIdx type, bool tail);
  bool throw_(TagIdx tag);
  bool throw_ref();
  bool try_table(const TryTableImm& imm);
  bool check_catch(const Catch& clause);
  /// Ends the innermost frame, which must be one of a `try` where a clause may be.
  bool end_before_clause(bool is_delegate);
  bool legacy_catch(TagIdx tag);
  bool legacy_catch_all();
  bool delegate_(LabelIdx label);
  bool rethrow_(LabelIdx label);
  bool drop();
  bool select();
  bool select_t(const SelectImm& imm);
  bool ref_null(HeapType heap);
  bool ref_is_null();
  bool ref_as_non_null();
  bool ref_func(FuncIdx f);
  bool ref_eq();
  bool ref_test(Op op, HeapType heap);
  bool struct_new(Op op, TypeIdx type);
  bool struct_access(Op op, const FieldImm& imm);
  bool array_new(Op op, TypeIdx type);
  bool array_new_fixed(const ArrayFixedImm& imm);
  bool array_access(Op op, TypeIdx type);
  bool array_fill(TypeIdx type);
  bool array_copy(const ArrayCopyImm& imm);
  bool array_data(Op op, const ArrayDataImm& imm);
  bool array_elem(Op op, const ArrayElemImm& imm);
  bool convert_extern(TypeCode from, TypeCode to);
  template <Op op>
  bool special(const ImmOf<op>& imm);
  template <Op op>
  bool special_store(const ImmOf<op>& imm);
  template <Op op>
  bool special_reference(const ImmOf<op>& imm);

  // Lookups that fail with an error.
  bool check_type_index(TypeIdx i);
  const FuncType* func_type(TypeIdx i);
  const std::vector<FieldType>* fields_of(TypeIdx i, CompType::Kind kind);
  const FieldType* array_field(TypeIdx i, bool must_be_mutable);
  bool check_heap_type(HeapType heap);
  bool check_val_type(ValType type);
  const TableType* table(TableIdx i);
  const MemType* mem(MemIdx i);
  bool check_data(DataIdx i);
  bool check_elem(ElemIdx i);
  /// The error of a closed gate that the operator needs, or `what` of it.
  bool open(Gate gate, std::string_view what = {});
  [[nodiscard]] Span locals_span(FuncIdx func) const;
  bool check_local_group(FuncIdx func, const LocalGroup& group);
  /// Whether a table index of `call_indirect` is the zero byte of Wasm 1.0.
  [[nodiscard]] bool has_zero_table_byte() const;
  /// What memories were named and addressed with before `multi-memory` and `memory64`.
  bool check_memarg_bytes();
  bool check_memory_byte();
  bool mismatch(ValType found, ValType wanted);

  [[nodiscard]] ValType far_local_type(std::uint32_t i) const;
  [[nodiscard]] bool is_init(std::uint32_t local) const {
    return (init_[local / 64] >> (local % 64) & 1U) != 0;
  }
  void mark_init(std::uint32_t local);
  void reset_init(std::uint32_t height);
  void add_locals(std::uint32_t n, ValType type);
  void reset(BlockType type);

  const ValidationContext* context_;
  const Module* module_;
  // The operand stack: [stack_, top_); base_ is where the innermost block begins.
  std::unique_ptr<ValType[]> stack_;
  ValType* top_ = nullptr;
  ValType* base_ = nullptr;
  ValType* limit_ = nullptr;
  /// Memory 0 has 32-bit addresses, and no gate is closed that its accesses would have to be read
  /// for.
  bool mem0_is_i32_ = false;
  bool reachable_before_ = true;
  Op op_ = Op::nop;
  std::uint32_t offset_ = 0;
  std::uint32_t height_before_ = 0;
  std::uint32_t num_locals_ = 0;
  std::uint32_t br_table_number_ = 0;
  /// The first locals one by one; beyond, runs by their end. A body may announce 50,000 locals in
  /// four bytes, so listing them all would be quadratic.
  std::vector<ValType> flat_locals_;
  struct LocalRun {
    std::uint32_t end;
    ValType type;
  };
  std::vector<LocalRun> far_locals_;
  /// One bit per local once a type without default occurred, and what was set, in order.
  std::vector<std::uint64_t> init_;
  std::vector<std::uint32_t> init_list_;
  std::vector<ControlFrame> frames_;
  ControlFrame closed_;
  ValType popped_;
  std::optional<Error> error_;
};

/// An observer that does not look: plain validation.
struct NoObserver {
  template <Op op>
  void on(const ImmOf<op>& /*imm*/, std::uint32_t /*offset*/, const ExprChecker& /*state*/) {}
};

/// Checks bodies with an observer beside it. See the head of this file.
template <class Observer = NoObserver>
class ExprValidator {
 public:
  ExprValidator(const ValidationContext& context, Observer& observer)
      : checker_(context), observer_(observer) {}

  /// Walks one defined function's body.
  [[nodiscard]] Result<void> run(FuncIdx func) {
    const Module& module = checker_.module();
    if (!checker_.begin_func(func)) return std::unexpected(checker_.take_error());
    const Code& code = module.codes[func.value - module.num_imported_funcs];
    return decode_expr(module, code.body, *this, scratch_);
  }
  [[nodiscard]] const ExprChecker& checker() const { return checker_; }

  // For decode_expr.
  template <Op op>
  [[gnu::always_inline]] bool on(const ImmOf<op>& imm, std::uint32_t offset) {
    if constexpr (std::is_same_v<Observer, NoObserver>) {
      return checker_.template check<op>(imm, offset);
    } else {
      checker_.note_before();
      if (!checker_.template check<op>(imm, offset)) return false;
      if constexpr (std::is_void_v<decltype(observer_.template on<op>(imm, offset, checker_))>) {
        observer_.template on<op>(imm, offset, checker_);
        return true;
      } else {
        observer_failed_ = !observer_.template on<op>(imm, offset, checker_);
        return !observer_failed_;
      }
    }
  }
  [[nodiscard]] Error take_error() {
    if constexpr (requires { observer_.take_error(); }) {
      if (std::exchange(observer_failed_, false)) return observer_.take_error();
    }
    return checker_.take_error();
  }

 private:
  ExprChecker checker_;
  Observer& observer_;
  ExprScratch scratch_;
  bool observer_failed_ = false;
};

// ---- Inline part of the checker ----

template <Op op>
[[gnu::always_inline]] inline bool ExprChecker::plain(TypeCode addr) {
  static constexpr Signature sig = signature(info(op).shape);
  constexpr std::size_t n = sig.num_params;
  // The operands as wanted, in one comparison per operand; anything else the slow way.
  bool fast = top_ - base_ >= static_cast<std::ptrdiff_t>(n);
  if (fast) {
    for (std::size_t i = 0; i < n; ++i) {
      const TypeCode code = sig.params[i] == TypeCode::bot ? addr : sig.params[i];
      fast &=
          top_[static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(n)] == ValType(code);
    }
  }
  if (!fast) [[unlikely]]
    return plain_slow(sig, addr);
  if constexpr (sig.num_results > n) {
    push(sig.results[0]);
  } else {
    top_ -= n;
    for (std::size_t i = 0; i < sig.num_results; ++i) *top_++ = sig.results[i];
  }
  return true;
}

template <Op op>
[[gnu::always_inline]] inline bool ExprChecker::shaped(const ImmOf<op>& imm) {
  static constexpr Shape shape = info(op).shape;
  if constexpr (shape.is_memory()) {
    const MemArgImm* memarg = nullptr;
    if constexpr (std::is_same_v<ImmOf<op>, MemArgLaneImm>) {
      memarg = &imm.mem;
      if (imm.lane >= shape.lanes) [[unlikely]]
        return fail(rules::lane, std::to_string(imm.lane));
    } else {
      memarg = &imm;
    }
    if constexpr (!shape.is_atomic()) {
      if (mem0_is_i32_ && memarg->mem.value == 0 && memarg->align <= shape.log2_size &&
          memarg->offset <= 0xFFFFFFFF) [[likely]]
        return plain<op>(TypeCode::i32);
    }
    TypeCode addr = TypeCode::bot;
    return check_memarg(*memarg, shape, addr) && plain<op>(addr);
  } else {
    if constexpr (std::is_same_v<ImmOf<op>, LaneImm>) {
      if (imm.lane >= shape.lanes) [[unlikely]]
        return fail(rules::lane, std::to_string(imm.lane));
    }
    if constexpr (std::is_same_v<ImmOf<op>, ShuffleImm>) {
      for (const std::uint8_t lane : imm.lanes) {
        if (lane >= 2 * shape.lanes) return fail(rules::lane, std::to_string(lane));
      }
    }
    return plain<op>(TypeCode::bot);
  }
}

/// The special rows, by hand: control, calls, locals and globals; the rest below.
template <Op op>
[[gnu::always_inline]] inline bool ExprChecker::special(const ImmOf<op>& imm) {
  using enum Op;
  using Kind = ControlFrame::Kind;
  constexpr auto one_of = [](auto... ops) { return ((op == ops) || ...); };
  if constexpr (op == nop || op == atomic_fence)
    return true;
  else if constexpr (op == local_get)
    return this->local_get(imm.local);
  else if constexpr (op == local_set)
    return this->local_set(imm.local);
  else if constexpr (op == local_tee)
    return this->local_tee(imm.local);
  else if constexpr (op == global_get)
    return this->global_get(imm.global);
  else if constexpr (op == global_set)
    return this->global_set(imm.global);
  else if constexpr (op == unreachable)
    return set_unreachable(), true;
  else if constexpr (op == Op::block)
    return this->block(Kind::block, imm.type);
  else if constexpr (op == loop)
    return this->block(Kind::loop, imm.type);
  else if constexpr (op == if_) {
    return this->check_block_type(imm.type) && pop(TypeCode::i32) &&
           this->block(Kind::if_, imm.type);
  } else if constexpr (op == Op::else_)
    return this->else_();
  else if constexpr (op == Op::end)
    return this->end();
  else if constexpr (op == Op::br)
    return this->br(imm.label);
  else if constexpr (op == Op::br_if)
    return this->br_if(imm.label);
  else if constexpr (op == Op::br_table)
    return this->br_table(imm);
  else if constexpr (op == Op::br_on_null)
    return this->br_on_null(imm.label);
  else if constexpr (op == Op::br_on_non_null)
    return this->br_on_non_null(imm.label);
  else if constexpr (one_of(Op::br_on_cast, br_on_cast_fail))
    return this->br_on_cast(op, imm);
  else if constexpr (op == Op::return_)
    return this->return_();
  else if constexpr (one_of(Op::call, return_call))
    return this->call(imm.func, op == return_call);
  else if constexpr (one_of(Op::call_indirect, return_call_indirect))
    return this->call_indirect(imm, op == return_call_indirect);
  else if constexpr (one_of(Op::call_ref, return_call_ref))
    return this->call_ref(imm.type, op == return_call_ref);
  else if constexpr (op == Op::throw_)
    return this->throw_(imm.tag);
  else if constexpr (op == Op::throw_ref)
    return this->throw_ref();
  else if constexpr (op == Op::try_table)
    return this->try_table(imm);
  else if constexpr (op == Op::try_)
    return this->block(Kind::try_, imm.type);
  else if constexpr (op == Op::catch_)
    return this->legacy_catch(imm.tag);
  else if constexpr (op == Op::catch_all)
    return this->legacy_catch_all();
  else if constexpr (op == Op::delegate)
    return this->delegate_(imm.label);
  else if constexpr (op == Op::rethrow)
    return this->rethrow_(imm.label);
  else if constexpr (op == Op::drop)
    return this->drop();
  else if constexpr (op == Op::select)
    return this->select();
  else if constexpr (op == Op::select_t)
    return this->select_t(imm);
  else
    return special_store<op>(imm);
}

/// Tables and memories.
template <Op op>
[[gnu::always_inline]] inline bool ExprChecker::special_store(const ImmOf<op>& imm) {
  using enum Op;
  if constexpr (std::is_same_v<ImmOf<op>, TableImm>)
    return table_op(op, imm.table);
  else if constexpr (op == Op::table_copy)
    return this->table_copy(imm);
  else if constexpr (op == Op::table_init)
    return this->table_init(imm);
  else if constexpr (op == elem_drop)
    return check_elem(imm.elem);
  else if constexpr (std::is_same_v<ImmOf<op>, MemImm>)
    return memory_op(op, imm.mem);
  else if constexpr (op == Op::memory_copy)
    return this->memory_copy(imm);
  else if constexpr (op == Op::memory_init)
    return this->memory_init(imm);
  else if constexpr (op == data_drop)
    return check_data(imm.data);
  else
    return special_reference<op>(imm);
}

/// References and aggregates.
template <Op op>
[[gnu::always_inline]] inline bool ExprChecker::special_reference(const ImmOf<op>& imm) {
  using enum Op;
  constexpr auto one_of = [](auto... ops) { return ((op == ops) || ...); };
  if constexpr (op == Op::ref_null)
    return this->ref_null(imm.heap);
  else if constexpr (op == Op::ref_is_null)
    return this->ref_is_null();
  else if constexpr (op == Op::ref_as_non_null)
    return this->ref_as_non_null();
  else if constexpr (op == Op::ref_func)
    return this->ref_func(imm.func);
  else if constexpr (op == Op::ref_eq)
    return this->ref_eq();
  else if constexpr (one_of(Op::ref_test, ref_test_null, ref_cast, ref_cast_null))
    return this->ref_test(op, imm.heap);
  else if constexpr (one_of(Op::struct_new, struct_new_default))
    return this->struct_new(op, imm.type);
  else if constexpr (std::is_same_v<ImmOf<op>, FieldImm>)
    return struct_access(op, imm);
  else if constexpr (one_of(Op::array_new, array_new_default))
    return this->array_new(op, imm.type);
  else if constexpr (op == Op::array_new_fixed)
    return this->array_new_fixed(imm);
  else if constexpr (one_of(array_get, array_get_s, array_get_u, array_set))
    return array_access(op, imm.type);
  else if constexpr (op == array_len)
    return pop(ValType::ref(TypeCode::array, true)) && (push(TypeCode::i32), true);
  else if constexpr (op == Op::array_fill)
    return this->array_fill(imm.type);
  else if constexpr (op == Op::array_copy)
    return this->array_copy(imm);
  else if constexpr (std::is_same_v<ImmOf<op>, ArrayDataImm>)
    return array_data(op, imm);
  else if constexpr (std::is_same_v<ImmOf<op>, ArrayElemImm>)
    return array_elem(op, imm);
  else if constexpr (op == any_convert_extern)
    return convert_extern(TypeCode::extern_, TypeCode::any);
  else if constexpr (op == extern_convert_any)
    return convert_extern(TypeCode::any, TypeCode::extern_);
  else if constexpr (op == ref_i31)
    return pop(TypeCode::i32) && (push(ValType::ref(TypeCode::i31, false)), true);
  else if constexpr (one_of(i31_get_s, i31_get_u))
    return pop(ValType::ref(TypeCode::i31, true)) && (push(TypeCode::i32), true);
  else
    static_assert(op == nop, "a special row without its rule");
}

template <Op op>
[[gnu::always_inline]] inline bool ExprChecker::check(const ImmOf<op>& imm, std::uint32_t offset) {
  static constexpr OpInfo row = info(op);
  constexpr bool is_float = row.gate == Gate::mvp &&
                            (row.shape.type == TypeCode::f32 || row.shape.type == TypeCode::f64 ||
                             row.shape.from == TypeCode::f32 || row.shape.from == TypeCode::f64);
  constexpr Gate gate = is_float ? Gate::floats : row.gate;
  offset_ = offset;
  op_ = op;
  if constexpr (gate != Gate::mvp) {
    if (!context_->features().has(gate)) [[unlikely]]
      return open(gate);
  }
  if constexpr (row.shape.kind == Shape::Kind::special)
    return special<op>(imm);
  else
    return shaped<op>(imm);
}

}  // namespace tenon::core

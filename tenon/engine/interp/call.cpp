// SPDX-License-Identifier: Apache-2.0
// Calls and returns. A callee's frame begins at its arguments; behind its parameters are the
// return pc and the caller's frame. The native stack is not used.
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/interp/exec.h"

namespace tenon::engine::interp {

namespace {

[[gnu::always_inline]] inline Slot bits(const void* p) {
  return std::bit_cast<Slot>(p);
}
template <class T>
[[gnu::always_inline]] inline T* pointer(Slot s) {
  return std::bit_cast<T*>(s);
}

[[gnu::always_inline]] inline bool fits(const VMContext* vm, const Slot* fp, const FuncCode* code) {
  return fp + code->frame <= vm->store->stack_limit.load(std::memory_order_relaxed);
}

[[gnu::always_inline]] inline void zero_locals(Slot* at, u32 n) {
  for (u32 i = 0; i < n; ++i) {
    at[i] = 0;
    asm volatile("");  // a few stores, not a call of memset
  }
}

/// Copies a few slots to a place further up, which they may reach into.
[[gnu::always_inline]] inline void move_up(Slot* to, const Slot* from, u32 n) {
  while (n-- != 0) {
    to[n] = from[n];
    asm volatile("");  // a few stores, not a call of memmove
  }
}

/// Writes the header and clears the locals of a frame.
[[gnu::always_inline]] inline void open_frame(Slot* fp, u32 params, const FuncCode* code,
                                              const Insn* ret, const Slot* caller) {
  Slot* header = fp + params;
  header[0] = bits(ret);
  header[1] = bits(caller);
  zero_locals(header + header_slots, code->zero);
}

}  // namespace

TENON_OP_FN(call_slow) {
  StoreContext* cx = vm->store;
  if (cx->stack_limit.load(std::memory_order_relaxed) == nullptr) {
    if (ask_at(pc, fp, vm) == InterruptAction::trap) TENON_TRAP_OUT(TrapCode::interrupted);
    TENON_GO(pc, 0, facc);
  }
  TENON_TRAP_OUT(TrapCode::stack_overflow);
}

TENON_OP_FN(host_failed) {
  StoreContext* cx = vm->store;
  if (static_cast<HostStatus>(acc) == HostStatus::exception) {
    const Slot exn = cx->store->pending_exception();
    cx->store->set_pending_exception(0);
    TENON_MUSTTAIL return throw_acc(pc, fp, mem, vm, exn, facc);
  }
  cx->exit_pc = pc;
  cx->exit_fp = fp;
  cx->exit_vm = vm;
  cx->exit_status = std::to_underlying(ExitStatus::trap_pending);
}

TENON_OP_FN(throw_acc) {
  StoreContext* cx = vm->store;
  const Unwound to = unwind(*cx, pc, fp, vm, acc);
  if (to == Unwound::at_bridge) TENON_TRAP_OUT(TrapCode::uncaught_exception);
  if (to == Unwound::interrupted) TENON_TRAP_OUT(TrapCode::interrupted);
  if (to == Unwound::caught) {
    fp = cx->exit_fp;
    vm = cx->exit_vm;
    mem = vm->mem0_base;
    // A handler may be the head of a loop.
    const auto* target = static_cast<const Insn*>(cx->exit_pc);
    if (fp >= cx->stack_limit.load(std::memory_order_relaxed)) [[unlikely]]
      TENON_MUSTTAIL return safepoint(target, fp, mem, vm, 0, facc);
    TENON_GO(target, 0, facc);
  }
  cx->store->set_pending_exception(acc);
  cx->exit_pc = pc;
  cx->exit_fp = fp;
  cx->exit_vm = vm;
  cx->exit_status = std::to_underlying(ExitStatus::exception);
}

namespace {

/// Enters code of this instance: arguments at `args`, goes on at `ret` afterwards.
#define TENON_ENTER_SAME(index_, args_, params_, ret_)                          \
  do {                                                                          \
    const u32 index__ = (index_);                                               \
    const FuncCode* code_ = vm->codes[index__].load(std::memory_order_acquire); \
    Slot* callee_ = (args_);                                                    \
    if (!fits(vm, callee_, code_)) [[unlikely]]                                 \
      TENON_MUSTTAIL return call_slow(pc, fp, mem, vm, 0, facc);                \
    open_frame(callee_, (params_), code_, (ret_), fp);                          \
    const Insn* entry_ = code_->code;                                           \
    TENON_MUSTTAIL return entry_->h(entry_, callee_, mem, vm, index__, facc);   \
  } while (false)

/// Calls a function of the host: acc is the FuncRef, the arguments are at slot `a`; `length`
/// instructions further it goes on.
template <int length>
TENON_OP_FN(call_host) {
  const auto* ref = std::bit_cast<const FuncRef*>(acc);
  Slot* args = fp + pc->a;
  StoreContext* cx = vm->store;
  Activation* act = cx->activation;
  act->call_pc = pc;
  act->call_fp = fp;
  act->call_vm = vm;
  cx->stack_top = args + ref->type->call_slots;
  const HostStatus status = ref->host(ref->env, vm, args);
  if (status != HostStatus::ok) [[unlikely]]
    TENON_MUSTTAIL return host_failed(pc, fp, mem, vm, static_cast<u64>(status), Vec{});
  const Slot result = args[0];
  TENON_GO(pc + length, result, (Vec{result, 0}));
}

/// The same where the function has a bridge: through it when it is open.
template <int length>
TENON_OP_FN(call_bridge) {
  const Bridge* bridge = std::bit_cast<const FuncRef*>(acc)->bridge;
  StoreContext* cx = vm->store;
  if (!*bridge->may_leave || !*bridge->may_enter || cx->bridge_depth >= cx->bridge_depth_limit)
      [[unlikely]]
    TENON_MUSTTAIL return call_host<length>(pc, fp, mem, vm, acc, facc);
  VMContext* to = bridge->vmctx;
  const FuncCode* code = to->codes[bridge->code_index].load(std::memory_order_acquire);
  Slot* args = fp + pc->a;
  Slot* callee = args + bridge_slots;
  if (!fits(vm, callee, code)) [[unlikely]]
    TENON_MUSTTAIL return call_slow(pc, fp, mem, vm, 0, facc);
  const u32 params = bridge->param_slots;
  move_up(callee, args, params);
  args[0] = bits(pc + length);
  args[1] = bits(fp);
  args[2] = bits(vm);
  args[3] = bits(bridge);
  Slot* record = args + 4;
  std::memcpy(record, bridge->record.data(), sizeof(bridge->record));
  record[0] = bits(cx->bridge_record);
  cx->bridge_record = record;
  ++cx->bridge_depth;
  ++*bridge->entered;
  open_frame(callee, params, code, &bridge_insn, args);
  const Insn* entry = code->code;
  TENON_MUSTTAIL return entry->h(entry, callee, to->mem0_base, to, bridge->code_index, facc);
}

/// Calls a function of the host or of another instance: acc is the FuncRef, the arguments are at
/// slot `a`; `length` instructions further it goes on.
template <int length>
TENON_OP_FN(call_other) {
  const auto* ref = std::bit_cast<const FuncRef*>(acc);
  if (ref->bridge != nullptr) TENON_MUSTTAIL return call_bridge<length>(pc, fp, mem, vm, acc, facc);
  if (ref->host != nullptr) [[likely]]
    TENON_MUSTTAIL return call_host<length>(pc, fp, mem, vm, acc, facc);
  Slot* args = fp + pc->a;
  const RuntimeType* type = ref->type;
  VMContext* to = ref->vmctx;
  const FuncCode* code = to->codes[ref->code_index].load(std::memory_order_acquire);
  Slot* callee = args + cross_slots;
  if (!fits(vm, callee, code)) [[unlikely]]
    TENON_MUSTTAIL return call_slow(pc, fp, mem, vm, 0, facc);
  move_up(callee, args, type->param_slots);
  args[0] = bits(pc + length);
  args[1] = bits(fp);
  args[2] = bits(vm);
  args[3] = type->result_slots;
  open_frame(callee, type->param_slots, code, &cross_insn, args);
  const Insn* entry = code->code;
  TENON_MUSTTAIL return entry->h(entry, callee, to->mem0_base, to, ref->code_index, facc);
}

/// The same as a tail call; `b` is the slot of this frame's own header.
TENON_OP_FN(tail_call_other) {
  const auto* ref = std::bit_cast<const FuncRef*>(acc);
  Slot* args = fp + pc->a;
  const Slot* header = fp + pc->b;
  const RuntimeType* type = ref->type;
  if (ref->host != nullptr) {
    StoreContext* cx = vm->store;
    Activation* act = cx->activation;
    act->call_pc = pc;
    act->call_fp = fp;
    act->call_vm = vm;
    cx->stack_top = args + type->call_slots;
    const HostStatus status = ref->host(ref->env, vm, args);
    if (status != HostStatus::ok) [[unlikely]]
      TENON_MUSTTAIL return host_failed(pc, fp, mem, vm, static_cast<u64>(status), Vec{});
    const auto* ret = pointer<const Insn>(header[0]);
    Slot* caller = pointer<Slot>(header[1]);
    std::memmove(fp, args, std::size_t{type->result_slots} * sizeof(Slot));
    const Slot result = fp[0];
    fp = caller;
    TENON_GO(ret, result, (Vec{result, 0}));
  }
  VMContext* to = ref->vmctx;
  const FuncCode* code = to->codes[ref->code_index].load(std::memory_order_acquire);
  if (!fits(vm, fp + cross_slots, code)) [[unlikely]]
    TENON_MUSTTAIL return call_slow(pc, fp, mem, vm, 0, facc);
  const auto* ret = pointer<const Insn>(header[0]);
  Slot* caller = pointer<Slot>(header[1]);
  Slot* callee = fp;
  const std::size_t bytes = std::size_t{type->param_slots} * sizeof(Slot);
  if (ret == &cross_insn || to == vm) {
    // The way back is there already: another instance's tail calls do not pile up.
    std::memmove(callee, args, bytes);
  } else {
    callee = fp + cross_slots;
    std::memmove(callee, args, bytes);
    fp[0] = bits(ret);
    fp[1] = bits(caller);
    fp[2] = bits(vm);
    fp[3] = type->result_slots;
    ret = &cross_insn;
    caller = fp;
  }
  open_frame(callee, type->param_slots, code, ret, caller);
  const Insn* entry = code->code;
  TENON_MUSTTAIL return entry->h(entry, callee, to->mem0_base, to, ref->code_index, facc);
}

/// Looks an indirect callee up: its FuncRef, or null with the trap in `code`.
[[gnu::always_inline]] inline const FuncRef* indirect_callee(const VMContext* vm, u32 table,
                                                             u64 index, u32 type_index,
                                                             TrapCode& code) {
  const VMTable* t = vm->tables[table];
  if (index >= t->size) [[unlikely]] {
    code = TrapCode::undefined_element;
    return nullptr;
  }
  const TableEntry* entry = t->entries + index;
  const RuntimeType* want = vm->types[type_index];
  if (entry->type != want) [[unlikely]] {
    if (entry->ref == 0) {
      code = TrapCode::uninitialized_element;
      vm->store->exit_detail = index;
      return nullptr;
    }
    if (!entry->type->is_subtype_of(want)) {
      code = TrapCode::indirect_call_mismatch;
      return nullptr;
    }
  }
  return std::bit_cast<const FuncRef*>(entry->ref);
}

}  // namespace

namespace ops {

/// {a: arguments, b: parameter slots, imm: defined function}.
TENON_OP_FN(call) {
  TENON_ENTER_SAME(pc->imm, fp + pc->a, pc->b, pc + 1);
}

/// {a: arguments, imm: imported function}.
TENON_OP_FN(call_import) {
  TENON_MUSTTAIL return call_other<1>(pc, fp, mem, vm, std::bit_cast<u64>(vm->imports[pc->imm]),
                                      facc);
}

/// {a: arguments, b: index, imm: type}{a: parameter slots, imm: table}.
#define TENON_CALL_INDIRECT(Index)                                                       \
  TrapCode code = TrapCode::undefined_element;                                           \
  const FuncRef* ref =                                                                   \
      indirect_callee(vm, pc[1].imm, static_cast<Index>(fp[pc->b]), pc->imm, code);      \
  if (ref == nullptr) [[unlikely]]                                                       \
    TENON_TRAP_OUT(code);                                                                \
  if (ref->vmctx != vm) [[unlikely]]                                                     \
    TENON_MUSTTAIL return call_other<2>(pc, fp, mem, vm, std::bit_cast<u64>(ref), facc); \
  TENON_ENTER_SAME(ref->code_index, fp + pc->a, pc[1].a, pc + 2)
TENON_OP_FN(call_indirect) {
  TENON_CALL_INDIRECT(u32);
}
TENON_OP_FN(call_indirect_64) {
  TENON_CALL_INDIRECT(u64);
}

/// {a: arguments, b: reference}{a: parameter slots}.
TENON_OP_FN(call_ref) {
  const auto* ref = std::bit_cast<const FuncRef*>(fp[pc->b]);
  if (ref == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_function_reference);
  if (ref->vmctx != vm) [[unlikely]]
    TENON_MUSTTAIL return call_other<2>(pc, fp, mem, vm, std::bit_cast<u64>(ref), facc);
  TENON_ENTER_SAME(ref->code_index, fp + pc->a, pc[1].a, pc + 2);
}

#define TENON_TAIL_SAME(index_, params_)                                        \
  do {                                                                          \
    const u32 index__ = (index_);                                               \
    const u32 params__ = (params_);                                             \
    const FuncCode* code_ = vm->codes[index__].load(std::memory_order_acquire); \
    if (!fits(vm, fp, code_)) [[unlikely]]                                      \
      TENON_MUSTTAIL return call_slow(pc, fp, mem, vm, 0, facc);                \
    const auto* ret_ = pointer<const Insn>(fp[pc->b]);                          \
    const Slot* caller_ = pointer<Slot>(fp[pc->b + 1]);                         \
    std::memmove(fp, fp + pc->a, std::size_t{params__} * sizeof(Slot));         \
    open_frame(fp, params__, code_, ret_, caller_);                             \
    TENON_GO(code_->code, index__, facc);                                       \
  } while (false)

/// {a: arguments, b: own header, imm: defined function}{a: parameter slots}.
TENON_OP_FN(return_call) {
  TENON_TAIL_SAME(pc->imm, pc[1].a);
}
/// {a: arguments, b: own header, imm: imported function}.
TENON_OP_FN(return_call_import) {
  TENON_MUSTTAIL return tail_call_other(pc, fp, mem, vm, std::bit_cast<u64>(vm->imports[pc->imm]),
                                        facc);
}
/// {a: arguments, b: own header, imm: type}{a: parameter slots, b: index, imm: table}.
#define TENON_TAIL_INDIRECT(Index)                                                         \
  TrapCode code = TrapCode::undefined_element;                                             \
  const FuncRef* ref =                                                                     \
      indirect_callee(vm, pc[1].imm, static_cast<Index>(fp[pc[1].b]), pc->imm, code);      \
  if (ref == nullptr) [[unlikely]]                                                         \
    TENON_TRAP_OUT(code);                                                                  \
  if (ref->vmctx != vm) [[unlikely]]                                                       \
    TENON_MUSTTAIL return tail_call_other(pc, fp, mem, vm, std::bit_cast<u64>(ref), facc); \
  TENON_TAIL_SAME(ref->code_index, pc[1].a)
TENON_OP_FN(return_call_indirect) {
  TENON_TAIL_INDIRECT(u32);
}
TENON_OP_FN(return_call_indirect_64) {
  TENON_TAIL_INDIRECT(u64);
}
/// {a: arguments, b: own header}{a: parameter slots, b: reference}.
TENON_OP_FN(return_call_ref) {
  const auto* ref = std::bit_cast<const FuncRef*>(fp[pc[1].b]);
  if (ref == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_function_reference);
  if (ref->vmctx != vm) [[unlikely]]
    TENON_MUSTTAIL return tail_call_other(pc, fp, mem, vm, std::bit_cast<u64>(ref), facc);
  TENON_TAIL_SAME(ref->code_index, pc[1].a);
}

/// Returns: {a: first result, b: header, imm: result slots}.
TENON_OP_FN(ret0) {
  const auto* ret = pointer<const Insn>(fp[pc->b]);
  fp = pointer<Slot>(fp[pc->b + 1]);
  TENON_GO(ret, acc, facc);
}
TENON_OP_FN(ret1) {
  const auto* ret = pointer<const Insn>(fp[pc->b]);
  Slot* caller = pointer<Slot>(fp[pc->b + 1]);
  const Slot value = fp[pc->a];
  fp[0] = value;
  fp = caller;
  TENON_GO(ret, value, (Vec{value, 0}));
}
TENON_OP_FN(ret1_acc) {
  const auto* ret = pointer<const Insn>(fp[pc->b]);
  Slot* caller = pointer<Slot>(fp[pc->b + 1]);
  fp[0] = acc;
  fp = caller;
  TENON_GO(ret, acc, facc);
}
TENON_OP_FN(ret1_facc64) {
  const auto* ret = pointer<const Insn>(fp[pc->b]);
  Slot* caller = pointer<Slot>(fp[pc->b + 1]);
  fp[0] = facc[0];
  fp = caller;
  TENON_GO(ret, acc, facc);
}
TENON_OP_FN(ret1_facc32) {
  const auto* ret = pointer<const Insn>(fp[pc->b]);
  Slot* caller = pointer<Slot>(fp[pc->b + 1]);
  write(fp, from_acc<float>(acc, facc));
  fp = caller;
  TENON_GO(ret, acc, facc);
}
TENON_OP_FN(ret_n) {
  const auto* ret = pointer<const Insn>(fp[pc->b]);
  Slot* caller = pointer<Slot>(fp[pc->b + 1]);
  std::memmove(fp, fp + pc->a, std::size_t{pc->imm} * sizeof(Slot));
  fp = caller;
  TENON_GO(ret, acc, facc);
}

TENON_OP_FN(exit) {
  vm->store->exit_status = std::to_underlying(ExitStatus::returned);
}

/// Back in the instance that called across: fp is the frame in front of the callee's.
TENON_OP_FN(cross_return) {
  const auto* ret = pointer<const Insn>(fp[0]);
  Slot* caller = pointer<Slot>(fp[1]);
  vm = pointer<VMContext>(fp[2]);
  std::memmove(fp, fp + cross_slots, static_cast<std::size_t>(fp[3]) * sizeof(Slot));
  const Slot value = fp[0];
  fp = caller;
  mem = vm->mem0_base;
  TENON_GO(ret, value, (Vec{value, 0}));
}

/// Back in the instance that called across a bridge.
TENON_OP_FN(bridge_return) {
  const auto* ret = pointer<const Insn>(fp[0]);
  Slot* caller = pointer<Slot>(fp[1]);
  vm = pointer<VMContext>(fp[2]);
  --*pointer<const Bridge>(fp[3])->entered;
  StoreContext* cx = vm->store;
  cx->bridge_record = std::bit_cast<void*>(fp[4]);
  --cx->bridge_depth;
  const Slot value = fp[bridge_slots];
  fp[0] = value;
  fp = caller;
  mem = vm->mem0_base;
  TENON_GO(ret, value, (Vec{value, 0}));
}

/// First instruction of a function that has no code yet: acc is its index among the defined ones.
TENON_OP_FN(lazy_compile) {
  const auto index = low_bits<u32>(acc);
  TrapCode why = TrapCode::out_of_memory;
  // Who is asked about interruptions meanwhile finds no place where a host function was called.
  vm->store->activation->call_pc = nullptr;
  const FuncCode* code = vm->module->code().compile(index, *vm->store->store, why);
  if (code == nullptr) [[unlikely]]
    TENON_TRAP_OUT(why);
  if (fp + code->frame > vm->store->stack_end) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::stack_overflow);
  zero_locals(fp + code->param_slots + header_slots, code->zero);
  TENON_GO(code->code, acc, facc);
}

TENON_OP_FN(throw_ref) {
  if (fp[pc->a] == 0) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_exception_reference);
  TENON_MUSTTAIL return throw_acc(pc, fp, mem, vm, fp[pc->a], facc);
}

}  // namespace ops

const Insn exit_insn = {.h = &ops::exit};
const Insn cross_insn = {.h = &ops::cross_return};
const Insn bridge_insn = {.h = &ops::bridge_return};

}  // namespace tenon::engine::interp

// SPDX-License-Identifier: Apache-2.0
// Loads, stores and read-modify-writes are the machine's own. Where a guest waits, its thread
// sleeps in `AtomicWait`, and looks for interruptions whenever it is woken for another reason.
#include <algorithm>

#include "tenon/engine/atomic_wait.h"
#include "tenon/engine/interp/access.h"
#include "tenon/engine/interp/exec.h"

namespace tenon::engine::interp {

namespace {

using Kind = Shape::Kind;

template <Op op, class M>
inline M rmw(M* at, M value) {
  constexpr std::string_view text = core::info(op).text;
  if constexpr (text.contains(".add"))
    return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".sub"))
    return __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".and"))
    return __atomic_fetch_and(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".xor"))
    return __atomic_fetch_xor(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".or"))
    return __atomic_fetch_or(at, value, __ATOMIC_SEQ_CST);
  else
    return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);
}

/// When a time-out in nanoseconds ends; negative: never.
Waiter::Time end_of(s64 timeout) {
  const auto now = Waiter::Time::clock::now();
  const auto left = Waiter::Time::max() - now;
  if (timeout < 0 || std::chrono::nanoseconds(timeout) >= left) return Waiter::Time::max();
  return now + std::chrono::nanoseconds(timeout);
}

constexpr u32 wait_interrupted = 3;

/// The result of `memory.atomic.wait`, or that the guest is to trap.
template <class M>
[[gnu::noinline]] u32 wait_at(const Insn* pc, Slot* fp, VMContext* vm, M* at, M expected,
                              s64 timeout) {
  Store& store = *vm->store->store;
  const SharedMemory memory = vm->mems[pc->c()]->memory->shared();
  AtomicWait wait(memory.state(), store, at);
  if (!wait.begin(expected)) return 1;
  const Waiter::Time end = end_of(timeout);
  while (true) {
    const AtomicWait::Woken woken = wait.sleep(end);
    if (woken == AtomicWait::Woken::notified) return 0;
    if (woken == AtomicWait::Woken::timed_out) return 2;
    // The watchdog may be a moment late.
    vm->store->stack_limit.store(nullptr, std::memory_order_release);
    if (ask_at(pc, fp, vm) == InterruptAction::trap) return wait_interrupted;
  }
}

[[gnu::noinline]] u32 notify_at(Memory& memory, const void* at, u32 count) {
  return memory.is_shared() ? memory.shared().state().notify(at, count) : 0;
}

/// {a: dst, b: address, c: memory, d: 64-bit}{raw: offset}{a: operand, b: second operand}.
template <Op op>
TENON_OP_FN(atomic_op) {
  constexpr Shape shape = core::info(op).shape;
  using T = Cpp<shape.type>;
  using M = decltype(memory_int<std::size_t{1} << shape.log2_size, false>());
  u8* bytes = general_address(vm, pc->c(), pc->d() != 0, fp[pc->b], pc[1].raw(), sizeof(M));
  if (bytes == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  if (reinterpret_cast<std::uintptr_t>(bytes) % sizeof(M) != 0) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::unaligned_atomic);
  auto* at = reinterpret_cast<M*>(bytes);
  const u64 x = fp[pc[2].a];
  if constexpr (shape.kind == Kind::atomic_load) {
    put<true>(static_cast<T>(__atomic_load_n(at, __ATOMIC_SEQ_CST)), fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_store) {
    __atomic_store_n(at, static_cast<M>(x), __ATOMIC_SEQ_CST);
  } else if constexpr (shape.kind == Kind::atomic_rmw) {
    put<true>(static_cast<T>(rmw<op, M>(at, static_cast<M>(x))), fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_cmpxchg) {
    // What is expected is wrapped to the width of the cell first, as what is stored is.
    M old = static_cast<M>(x);
    __atomic_compare_exchange_n(at, &old, static_cast<M>(fp[pc[2].b]), false, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    put<true>(static_cast<T>(old), fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_wait) {
    // Nobody could ever wake who waits in another memory.
    if (!vm->mems[pc->c()]->memory->is_shared()) [[unlikely]]
      TENON_TRAP_OUT(TrapCode::expected_shared_memory);
    const u32 result = wait_at<M>(pc, fp, vm, at, static_cast<M>(x), static_cast<s64>(fp[pc[2].b]));
    if (result == wait_interrupted) [[unlikely]]
      TENON_TRAP_OUT(TrapCode::interrupted);
    put<true>(result, fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_notify) {
    put<true>(notify_at(*vm->mems[pc->c()]->memory, at, low_bits<u32>(x)), fp + pc->a, acc, facc);
  }
  TENON_NEXT(3);
}

template <Op op>
constexpr std::array<Handler, 1> row() {
  if constexpr (core::info(op).shape.is_atomic())
    return {&atomic_op<op>};
  else
    return {};
}

}  // namespace

extern constexpr HandlerTable<1> atomics = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

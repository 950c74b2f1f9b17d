// SPDX-License-Identifier: Apache-2.0
// Calls from the host into guests, and how they end. The outermost call of a thread readies it and
// the store; every call checks that both stacks have room. Hot: nothing is allocated or looked up,
// and what is rare is a function of its own.
#include <pthread.h>

#include <atomic>
#include <optional>
#include <utility>

#include "tenon/base/contract.h"
#include "tenon/base/narrow.h"
#include "tenon/engine/code.h"
#include "tenon/engine/fiber.h"
#include "tenon/engine/interp/exec.h"
#include "tenon/engine/signals.h"

namespace tenon::engine {

namespace {

/// What a thread needs before its first call into a guest.
struct ThreadState {
  /// Lowest native stack address that a guest may be called from; null before the first call. What
  /// host functions may use lies below.
  const std::uint8_t* native_floor = nullptr;
  /// Whether faults of guests can be handled here.
  bool faults = false;
};
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the thread
thread_local ThreadState this_thread;
constexpr std::size_t native_reserve = 64U << 10U;

[[gnu::noinline]] void prepare_thread(bool signals) {
  // An engine without signals leaves the thread's as they are.
  if (signals) prepare_thread_for_faults();
  this_thread.faults = this_thread.faults || signals;
  if (this_thread.native_floor != nullptr) return;
  pthread_attr_t attr;
  void* at = nullptr;
  std::size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attr) == 0) {
    pthread_attr_getstack(&attr, &at, &size);
    pthread_attr_destroy(&attr);
  }
  if (at != nullptr)
    this_thread.native_floor = static_cast<const std::uint8_t*>(at) + native_reserve;
}

/// Readies the store for the outermost call of a thread. False: there is no memory for a value
/// stack.
bool begin_outermost(Store& store, const std::uint8_t* native) {
  const Config& config = store.engine().config();
  ready_thread(config);
  if (store.context().stack_top == nullptr && !store.ensure_stack()) [[unlikely]]
    return false;
  const std::uint8_t* floor = this_thread.native_floor;
  // Any number may be configured: the difference must not pass zero.
  const bool more =
      native > floor && narrow<std::size_t>(native - floor) > config.native_stack_bytes;
  store.context().native_limit = more ? native - config.native_stack_bytes : floor;
  return true;
}

}  // namespace

void ready_thread(const Config& config) {
  const ThreadState& thread = this_thread;
  if (thread.native_floor == nullptr || (config.signals && !thread.faults)) [[unlikely]]
    prepare_thread(config.signals);
}

namespace {

/// A trap before any code ran.
bool refuse(Store& store, TrapCode code) {
  store.context().exit_status = std::to_underlying(ExitStatus::refused);
  store.set_trap(code);
  try {
    Trap trap(code);
    trap.append(store.backtrace());
    store.set_trap(std::move(trap));
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): then without a backtrace
  }
  return false;
}

/// The same for a child that fork made. What is destroyed after its engine, such as an `Own`, ends
/// the process: nothing of the engine may be used.
[[gnu::noinline]] bool refuse_forked(Store& store) {
  if (store.engine_is_gone())
    contract_broken("a guest was called after its Engine was destroyed: declare the engine first");
  store.context().exit_status = std::to_underlying(ExitStatus::refused);
  store.set_trap(TrapCode::host, "an engine does not go on in a forked child");
  return false;
}

bool invoke_host(const FuncRef* func, ValueSlot* slots) {
  return func->host(func->env, nullptr, slots) == HostStatus::ok;
}

/// A few words, most often one or two: a loop that stays one.
inline void copy_slots(ValueSlot* to, const ValueSlot* from, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i) {
    to[i] = from[i];
    asm volatile("");
  }
}

/// Whether the frame fits, after the interruption that was asked for, if any.
[[gnu::noinline]] std::optional<TrapCode> refuse_frame(Store& store, const ValueSlot* end) {
  const StoreContext& cx = store.context();
  if (cx.stack_limit.load(std::memory_order_relaxed) == nullptr &&
      store.handle_interrupt() == InterruptAction::trap)
    return TrapCode::interrupted;
  if (end > cx.stack_end) return TrapCode::stack_overflow;
  return std::nullopt;
}

/// An activation on the store, while this lives; whatever ends it, the store is as before.
struct Entered {
  Entered(StoreContext& context, Activation& activation)
      : cx(context), act(activation), before(set_running(&context)) {
    enter(&act);
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  ~Entered() {
    set_running(before);
    enter(act.outer);
    cx.stack_top = act.base;
    if (returned) return;
    if (cx.bridge_record != act.bridge_record && cx.abandoned != nullptr)
      cx.abandoned(cx.bridge_record, act.bridge_record);
    cx.bridge_record = act.bridge_record;
    cx.bridge_depth = act.bridge_depth;
    if (cx.lent_stack && act.outer == nullptr && !cx.on_fiber) act.store->return_stack();
  }
  /// A thread that destroys the store meanwhile finds it, and ends the process.
  void enter(Activation* activation) const {
    std::atomic_ref(cx.activation).store(activation, std::memory_order_relaxed);
  }
  StoreContext& cx;
  Activation& act;
  StoreContext* before;
  bool returned = false;
};

}  // namespace

bool invoke(const FuncRef* func, ValueSlot* slots) {
  if (func->host != nullptr) return invoke_host(func, slots);
  Store& store = *func->store;
  StoreContext& cx = store.context();
  const auto* native = static_cast<const std::uint8_t*>(__builtin_frame_address(0));
  const bool outermost = cx.activation == nullptr;
  if (outermost && !store.engine_lives()) [[unlikely]]
    return refuse_forked(store);
  if (outermost) cx.growth_refused = false;
  if (outermost && !cx.on_fiber) {
    if (!begin_outermost(store, native)) [[unlikely]]
      return refuse(store, TrapCode::out_of_memory);
  }
  if (native < cx.native_limit) [[unlikely]]
    return refuse(store, TrapCode::stack_overflow);
  VMContext* vm = func->vmctx;
  const RuntimeType* type = func->type;
  const FuncCode* code = vm->codes[func->code_index].load(std::memory_order_acquire);
  ValueSlot* fp = cx.stack_top;
  const std::uint32_t params = type->param_slots;
  const ValueSlot* end = fp + type->call_slots + interp::header_slots;
  if (fp + code->frame > end) end = fp + code->frame;
  if (end > cx.stack_limit.load(std::memory_order_relaxed)) [[unlikely]] {
    if (const auto refused = refuse_frame(store, end)) return refuse(store, *refused);
  }
  copy_slots(fp, slots, params);
  ValueSlot* header = fp + params;
  header[0] = std::bit_cast<ValueSlot>(&interp::exit_insn);
  header[1] = std::bit_cast<ValueSlot>(fp);
  for (std::uint32_t i = 0; i < code->zero; ++i) {
    header[interp::header_slots + i] = 0;
    asm volatile("");
  }

  Activation act;
  act.outer = cx.activation;
  act.store = &store;
  act.base = fp;
  act.vm = vm;
  act.bridge_record = cx.bridge_record;
  act.bridge_depth = cx.bridge_depth;
  {
    Entered entered(cx, act);
    interp::run(code->code, fp, vm, func->code_index);
    if (static_cast<ExitStatus>(cx.exit_status) != ExitStatus::returned) [[unlikely]] {
      store.note_exit(act);
      return false;
    }
    entered.returned = true;
  }
  copy_slots(slots, fp, type->result_slots);
  if (cx.lent_stack) [[unlikely]] {
    if (outermost && !cx.on_fiber) store.return_stack();
  }
  return true;
}

bool Store::between_calls() const {
  return context_.activation == nullptr && !Fiber::guests_outside(*this);
}

bool Store::refused() const {
  return context_.exit_status == std::to_underlying(ExitStatus::refused);
}

namespace {

bool check_values(Store& store, std::span<const core::ValType> types, const ValueSlot* at) {
  for (const core::ValType t : types) {
    if (!store.accepts(*at, t)) {
      store.set_trap(TrapCode::host,
                     "found a reference of another type or to an object that was collected, wanted "
                     "one that the host keeps by `Store::root`");
      return false;
    }
    at += slot_count(t);
  }
  return true;
}

}  // namespace

bool check_references(const FuncRef* func, const ValueSlot* slots) {
  return check_values(*func->store, func->type->params, slots);
}

bool check_results(Store& store, std::span<const core::ValType> types, const ValueSlot* slots) {
  return check_values(store, types, slots);
}

Trap take_trap(const FuncRef* func) {
  return func->store->take_trap();
}

HostStatus raise(Store& store, Trap trap) {
  // An exception that a nested call left uncaught goes on as the exception it is.
  if (trap.code() == TrapCode::uncaught_exception && store.pending_exception() != 0)
    return HostStatus::exception;
  store.set_trap(std::move(trap));
  return HostStatus::trap;
}

HostStatus raise_current_exception(Store& store) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    store.set_trap(TrapCode::out_of_memory);
  } catch (const Exit& exit) {
    store.set_exit(exit);
  } catch (Trap& trap) {
    store.set_trap(std::move(trap));
  } catch (const std::exception& e) {
    const auto* carries = dynamic_cast<const CarriesTrap*>(&e);
    const Trap* trap = carries != nullptr ? carries->trap() : nullptr;
    if (trap != nullptr)
      store.set_trap(*trap);
    else
      store.set_trap(TrapCode::host,
                     e.what() != nullptr ? e.what() : "host function threw an exception");
  } catch (...) {
    store.set_trap(TrapCode::host, "host function threw an exception");
  }
  return HostStatus::trap;
}

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
// Faults in guard pages become traps. A handler of the interpreter that touches a guard page is
// left by sending control to `landing`, with the stack as it was when the first handler was
// entered: handlers tail-call each other, so that is the frame to return from. Everything here is
// async-signal-safe.
#include "tenon/engine/signals.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "tenon/engine/code.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/interp/exec.h"
#include "tenon/engine/store.h"

#if TENON_FAULTS
// Bounds of the section that holds all handlers; made by the linker.
extern "C" const char __start_tenon_interp[];  // NOLINT
extern "C" const char __stop_tenon_interp[];   // NOLINT
#endif

namespace tenon::engine {

namespace {

// Signals belong to the process: these are the only variables of their kind. Those of a thread are
// in place from its beginning: the handler must not allocate them, as it would in a library that
// was loaded later.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
[[gnu::tls_model("initial-exec")]] thread_local StoreContext* running = nullptr;
/// Where on the stack a chained handler was called from: it may call back into this one, if it was
/// installed in between, and that is a loop. It may also leave by longjmp, so it proves nothing
/// alone.
[[gnu::tls_model("initial-exec")]] thread_local const char* chained_at = nullptr;
struct sigaction old_segv;
struct sigaction old_bus;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

[[gnu::noinline]] void call_old(int signal, siginfo_t* info, void* context) {
  const struct sigaction& old = signal == SIGBUS ? old_bus : old_segv;
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  const bool looping = chained_at != nullptr && here < chained_at && chained_at - here < (64 << 10);
  const bool with_info = (old.sa_flags & SA_SIGINFO) != 0 && old.sa_sigaction != nullptr;
  const bool plain =
      (old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN;
  if (!looping && (with_info || plain)) {
    chained_at = here;
    if (with_info)
      old.sa_sigaction(signal, info, context);
    else
      old.sa_handler(signal);
    chained_at = nullptr;
    return;
  }
  // Nobody else wants it: the fault happens again and ends the process as it would have.
  struct sigaction none = {};
  none.sa_handler = SIG_DFL;
  sigaction(signal, &none, nullptr);
}

#if TENON_FAULTS

/// Whether an address lies in a memory of the store.
bool is_guest_address(const Store& store, const void* address) {
  for (const auto& memory : store.memories()) {
    if (memory->reserves(address)) return true;
  }
  return false;
}

/// The instruction whose handler faulted: pc may have moved on already by the time of the access.
const interp::Insn* faulting_insn(const interp::Insn* pc, std::uintptr_t ip) {
  const interp::Insn* best = pc;
  std::uintptr_t nearest = 0;
  for (const interp::Insn* candidate : {pc, pc - 1, pc - 2}) {
    const auto entry = reinterpret_cast<std::uintptr_t>(candidate->h);
    if (entry <= ip && entry > nearest) {
      nearest = entry;
      best = candidate;
    }
  }
  return best;
}

/// Where the guest is, from the registers that handlers pass on. A build that instruments them
/// may keep these elsewhere, so nothing is believed unseen: without them the trap has no backtrace.
void note_place(StoreContext& cx, const interp::Insn* pc, ValueSlot* fp, const VMContext* vm,
                std::uintptr_t ip) {
  cx.exit_pc = nullptr;
  cx.exit_fp = nullptr;
  cx.exit_vm = nullptr;
  if (fp < cx.activation->base || fp >= cx.stack_end) return;
  for (const auto& instance : cx.store->instances()) {
    if (instance->vmctx() != vm) continue;
    const FuncCode* code = instance->module().code().find(pc).code;
    if (code == nullptr || code->tier->instance_at != InstanceAt::handler_register) return;
    cx.exit_pc = faulting_insn(pc, ip);
    cx.exit_fp = fp;
    cx.exit_vm = instance->vmctx();
    return;
  }
}

bool handle_fault(siginfo_t* info, ucontext_t* context) {
  StoreContext* cx = running;
  if (cx == nullptr || cx->activation == nullptr) return false;
  auto* regs = context->uc_mcontext.gregs;
  const auto ip = static_cast<std::uintptr_t>(regs[REG_RIP]);
  if (ip < reinterpret_cast<std::uintptr_t>(__start_tenon_interp) ||
      ip >= reinterpret_cast<std::uintptr_t>(__stop_tenon_interp))
    return false;
  if (!is_guest_address(*cx->store, info->si_addr)) return false;
  // NOLINTBEGIN(performance-no-int-to-ptr): the kernel gives registers as numbers
  note_place(*cx, reinterpret_cast<const interp::Insn*>(regs[REG_R12]),
             reinterpret_cast<ValueSlot*>(regs[REG_R13]),
             reinterpret_cast<const VMContext*>(regs[REG_R15]), ip);
  // NOLINTEND(performance-no-int-to-ptr)
  cx->exit_status = std::to_underlying(ExitStatus::trapped);
  cx->exit_code = TrapCode::out_of_bounds_memory;
  regs[REG_RBP] = reinterpret_cast<greg_t>(cx->activation->native_caller);
  regs[REG_RSP] = reinterpret_cast<greg_t>(cx->activation->native_return);
  regs[REG_RIP] = reinterpret_cast<greg_t>(&interp::landing);
  return true;
}

void on_fault(int signal, siginfo_t* info, void* context) {
  if (handle_fault(info, static_cast<ucontext_t*>(context))) return;
  call_old(signal, info, context);
}

bool install(int signal, struct sigaction& old) {
  struct sigaction now = {};
  if (sigaction(signal, nullptr, &now) != 0) return false;
  if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == &on_fault) return true;
  struct sigaction ours = {};
  ours.sa_sigaction = &on_fault;
  ours.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  sigemptyset(&ours.sa_mask);
  old = now;
  return sigaction(signal, &ours, nullptr) == 0;
}

/// A thread's alternative stack, given back when the thread ends.
struct AltStack {
  static constexpr std::size_t bytes = 64U << 10U;
  void* at = nullptr;
  bool prepared = false;
  ~AltStack() {
    if (at == nullptr) return;
    stack_t off = {};
    off.ss_flags = SS_DISABLE;
    sigaltstack(&off, nullptr);
    munmap(at, bytes);
  }
};
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the thread
thread_local AltStack alt_stack;

#endif

}  // namespace

bool install_fault_handlers() {
#if TENON_FAULTS
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return install(SIGSEGV, old_segv) && install(SIGBUS, old_bus);
#else
  return false;
#endif
}

void prepare_thread_for_faults() {
#if TENON_FAULTS
  if (alt_stack.prepared) [[likely]]
    return;
  alt_stack.prepared = true;
  // Servers block every signal in their threads and take them elsewhere; these two are the
  // thread's own doing and can be taken nowhere else.
  sigset_t faults;
  sigemptyset(&faults);
  sigaddset(&faults, SIGSEGV);
  sigaddset(&faults, SIGBUS);
  pthread_sigmask(SIG_UNBLOCK, &faults, nullptr);
  stack_t have = {};
  if (sigaltstack(nullptr, &have) == 0 && (have.ss_flags & SS_DISABLE) == 0) return;
  void* at =
      mmap(nullptr, AltStack::bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return;
  alt_stack.at = at;
  stack_t ours = {};
  ours.ss_sp = at;
  ours.ss_size = AltStack::bytes;
  sigaltstack(&ours, nullptr);
#endif
}

[[gnu::noinline]] StoreContext* set_running(StoreContext* context) {
  StoreContext* before = running;
  running = context;
  return before;
}

}  // namespace tenon::engine

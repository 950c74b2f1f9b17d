// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tenon/base/stable_vector.h"
#include "tenon/engine/engine.h"
#include "tenon/engine/func.h"
#include "tenon/engine/global.h"
#include "tenon/engine/memory.h"
#include "tenon/engine/trap.h"
#include "tenon/engine/vmcontext.h"
#include "tenon/engine/wait.h"

namespace tenon::engine {

class GcHeap;
class Fiber;
struct GcObject;
class Instance;
class Store;

/// Where WebAssembly frames live: slots behind a guard page. From the engine's pool.
struct ValueStack {
  ValueSlot* begin = nullptr;
  ValueSlot* end = nullptr;
};

/// What a store may use at most. Going beyond fails the allocation, the growth or the
/// instantiation.
struct StoreLimits {
  /// Bytes of all linear memories together.
  std::uint64_t memory_bytes = ~std::uint64_t{0};
  /// Elements of all tables together.
  std::uint64_t table_elements = 100'000'000;
  std::uint32_t instances = 10'000;
  std::uint32_t memories = 10'000;
  std::uint32_t tables = 10'000;
  std::uint64_t gc_heap_bytes = 256ULL << 20U;
  /// Bytes of the host's own memory that instances take: their contexts (globals, imports, function
  /// references), element segments, tables (16 bytes an element), tags, and what a layer above
  /// charges (`Store::charge_host`). Linear memories and the heap have limits of their own.
  std::uint64_t host_bytes = std::uint64_t{1} << 30U;

  /// Lets a guest have so many bytes of linear memory, and of the host's as many: at least 64 MiB,
  /// which ordinary programs do not reach, and no more than before.
  void limit_memory(std::uint64_t bytes) {
    memory_bytes = bytes;
    host_bytes = std::min(host_bytes, std::max(bytes, std::uint64_t{64} << 20U));
  }
};

/// An item that instances import and export. Valid as long as its store.
using Extern = std::variant<Func, Table*, Memory*, Global, Tag*>;

[[nodiscard]] inline core::ExternKind kind_of(const Extern& e) {
  return static_cast<core::ExternKind>(e.index());
}

/// What to do at a safepoint after an interruption was asked for.
enum class InterruptAction : std::uint8_t { go_on, trap };

/// Asks a store to stop, from any thread (but not from a signal handler) and even after the store
/// is gone.
class InterruptHandle {
 public:
  struct State;
  explicit InterruptHandle(std::shared_ptr<State> state) : state_(std::move(state)) {}
  // A move copies.
  InterruptHandle(const InterruptHandle&) = default;
  InterruptHandle& operator=(const InterruptHandle&) = default;
  ~InterruptHandle() = default;
  /// The running guest traps (`interrupted`) at its next loop back-edge or call, or asks
  /// `on_interrupt`. While no guest runs, the next call does. See `Store::clear_interrupt` for when
  /// the request ends.
  void interrupt() const;

 private:
  std::shared_ptr<State> state_;
};

/// Everything that execution makes: instances, memories, tables, host functions, the heap.
/// One thread at a time. What it made lives until the store does.
class Store {
 public:
  explicit Store(Engine& engine, const StoreLimits& limits = {}, void* data = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] Engine& engine() const { return engine_; }
  /// Whether guests may run: neither is the engine gone nor is this a forked child.
  [[nodiscard]] bool engine_lives() const { return *engine_life_ == Engine::alive; }
  [[nodiscard]] bool engine_is_gone() const { return *engine_life_ == Engine::gone; }
  [[nodiscard]] const StoreLimits& limits() const { return limits_; }
  /// The host's own.
  [[nodiscard]] void* data() const { return data_; }
  void set_data(void* data) { data_ = data; }

  // Making things.
  /// A host function in raw form; `env` must live as long as the store, which holds the type.
  Func host_func(const RuntimeType* type, HostFn fn, void* env) {
    keep_type(type);
    return host_func_of_held(type, fn, env);
  }
  /// The same for a type that somebody else holds as long as the store lives.
  Func host_func_of_held(const RuntimeType* type, HostFn fn, void* env);
  /// A typed host function: `R f(Args...)` or `R f(Caller&, Args...)`; R may be `Outcome<R>`.
  template <class F>
  Func host_func(F f) {
    return wrap<HostTraits<F>>(std::move(f));
  }
  /// Nothing when a limit or the system forbids it.
  Memory* new_memory(const core::MemType& type, const MemoryImage* image = nullptr);
  /// The store's view of a shared memory of the same engine: as a rule what instances of the store
  /// import, the same for each call. Nothing when there is no room for it.
  Memory* import_memory(const SharedMemory& shared);
  /// The element type is engine-wide.
  Table* new_table(const core::TableType& type, ValueSlot init = 0);
  Global new_global(const core::GlobalType& type, const ValueSlot* value);
  Tag* new_tag(const RuntimeType* type);

  // Interruption. Checks are at loop back-edges and calls, and where the host calls a guest;
  // never inside an operation. A call of the host's that is refused there runs no code of the guest
  // (`refused`).
  //
  // An interruption that was asked for stays asked for until the host has answered it: every guest
  // of the store traps until then, also those further out when a host function makes nothing of the
  // trap of a guest that it called. It is answered
  //  - when the outermost call has returned, if a guest trapped because of it in that call: the
  //    next call runs;
  //  - when `on_interrupt` returns `go_on`;
  //  - by `clear_interrupt`.
  // Fuel that is used up likewise stays used up until `set_fuel`.
  [[nodiscard]] InterruptHandle interrupt_handle() const;
  /// From this time on every guest of the store traps (`interrupted`) until the deadline is changed
  /// or removed; a time that has passed holds at once. Nothing but this function changes it. A
  /// deadline for which there is no memory, or no thread to watch it, counts as passed. Takes less
  /// than a microsecond however many stores have deadlines.
  void set_deadline(std::optional<std::chrono::steady_clock::time_point> when);
  /// Takes back an interruption that is not answered yet, if there is one.
  void clear_interrupt();
  /// Called at a safepoint when an interruption was asked for (not for a deadline); without a
  /// callback, and when it throws, the guest traps. It must not destroy the store; calls of its
  /// guests trap in it.
  void on_interrupt(std::move_only_function<InterruptAction(Store*)> callback);
  /// For host functions that must wait: blocks until one of the events is ready, or until a time,
  /// and tells how many are (0: the time has come). An interruption and the deadline end it with
  /// the trap `interrupted`, which the host function returns. Waits as the store's waiter does.
  [[nodiscard]] Outcome<std::size_t> wait(std::span<WaitEvent> events,
                                          std::optional<Waiter::Time> until = std::nullopt);
  /// Puts another way to wait in the place of `Waiter::poll()`; null puts that back. Not while a
  /// host function waits.
  void set_waiter(std::shared_ptr<Waiter> waiter);
  /// At most 2^63 - 1 counts. Only engines with `Config::fuel` count.
  void set_fuel(std::uint64_t fuel) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    context_.fuel = static_cast<std::int64_t>(std::min(fuel, most));
  }
  [[nodiscard]] std::uint64_t fuel() const {
    return context_.fuel < 0 ? 0 : static_cast<std::uint64_t>(context_.fuel);
  }

  // Traps and exceptions on their way out.
  void set_trap(Trap trap) { context_.trap = std::move(trap); }
  /// The same from a code and a message; when there is no memory for them, the trap says that.
  void set_trap(TrapCode code, std::string_view message = {}) noexcept;
  /// The same for an exit.
  void set_exit(Exit exit) noexcept;
  [[nodiscard]] Trap take_trap() noexcept;
  /// An exception on its way becomes a trap, where none may pass.
  void exception_to_trap() noexcept;
  /// The exception object on its way (exnref), or 0.
  [[nodiscard]] ValueSlot pending_exception() const { return context_.pending_exception; }
  void set_pending_exception(ValueSlot exn) { context_.pending_exception = exn; }
  /// Makes an exception object and leaves it as pending; a raw host function returns what this
  /// returns.
  HostStatus throw_exception(Tag* tag, std::span<const ValueSlot> payload);
  /// The backtrace of the code that is running now (called from a host function).
  [[nodiscard]] std::vector<Frame> backtrace() const;

  // References kept by the host across collections.
  /// Keeps what `slot` refers to alive until `unroot`. The address must stay valid.
  void root(ValueSlot* slot);
  void unroot(ValueSlot* slot);
  /// Whether a value may stand for a type of a reference: it is null or of that type, and an object
  /// lives. Functions cannot be looked at and pass. For values that a host kept.
  [[nodiscard]] bool accepts(ValueSlot value, core::ValType type) const;
  /// Frees what nothing refers to any more; from a host function or between calls.
  void collect_garbage();

  // For the engine's own parts.
  [[nodiscard]] StoreContext& context() { return context_; }
  [[nodiscard]] const StoreContext& context() const { return context_; }
  /// Zeroed memory for an object, after a collection if need be; null when the heap is full. Slots
  /// of the running stack from `top` on are dead.
  GcObject* gc_allocate(std::uint64_t bytes, const ValueSlot* top);
  /// Values that a constant expression under way holds, two slots each.
  void set_temporary_roots(const std::vector<ValueSlot>* roots) { temporary_roots_ = roots; }
  [[nodiscard]] std::vector<std::unique_ptr<Instance>>& instances() { return instances_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Memory>>& memories() const { return memories_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Table>>& tables() const { return tables_; }
  /// Holds a type as long as the store lives.
  void keep_type(const RuntimeType* type);
  void keep_type(core::ValType type);
  [[nodiscard]] bool charge_memory(std::uint64_t bytes);
  void release_memory(std::uint64_t bytes) { used_memory_ -= bytes; }
  [[nodiscard]] bool charge_table(std::uint64_t elements);
  void release_table(std::uint64_t elements) { used_tables_ -= elements; }
  /// Charges memory of the host's that stands for something of a guest's, before it is allocated.
  /// False: that would pass `StoreLimits::host_bytes`, and nothing was charged. What lives as long
  /// as the store is never released.
  [[nodiscard]] bool charge_host(std::uint64_t bytes);
  void release_host(std::uint64_t bytes) { used_host_ -= bytes; }
  /// Bytes charged so.
  [[nodiscard]] std::uint64_t host_bytes() const { return used_host_; }
  /// For long work outside of a guest's code, such as an instantiation: whether an interruption was
  /// asked for or a deadline has passed, and the guest shall stop. Asks `on_interrupt` as a
  /// safepoint does. One load when there is no reason.
  [[nodiscard]] bool interrupted() {
    return context_.stack_limit.load(std::memory_order_relaxed) == nullptr &&
           handle_interrupt() == InterruptAction::trap;
  }
  /// The same for what is not code of a guest: also when the deadline's watchdog is late.
  [[nodiscard]] bool must_stop();
  /// Whether `must_stop` has to be asked: nothing is answered here.
  [[nodiscard]] bool may_have_to_stop() const;
  /// `Time::max()` without one.
  [[nodiscard]] Waiter::Time deadline() const;
  /// The store's waiter, made when it is first asked for; null when the system has none to give.
  [[nodiscard]] std::shared_ptr<Waiter> waiter();
  /// What to do where `stack_limit` is null. Where the guest goes on, the limit is as it should be.
  InterruptAction handle_interrupt();
  /// Whether no guest of the store is on any stack that runs or waits for one that runs.
  [[nodiscard]] bool between_calls() const;
  /// Of a call that failed: whether it was refused before any code of the guest ran.
  [[nodiscard]] bool refused() const;
  void collect(const ValueSlot* top);
  /// Builds the trap of a call that left with this status.
  void note_exit(const Activation& activation) noexcept;
  /// The value stack that runs now; fibers bring their own.
  [[nodiscard]] bool ensure_stack();
  /// Gives the value stack back to the pool; between calls, not on a fiber.
  void return_stack();

 private:
  friend class Fiber;
  friend class AtomicWait;
  Memory* new_shared_memory(const core::MemType& type, const MemoryImage* image);
  /// Asks the callback.
  InterruptAction ask_host();
  Func host_func_of(std::span<const core::ValType> params, std::span<const core::ValType> results,
                    HostFn fn, void* env);
  template <class Traits, class F>
  Func wrap(F f) {
    auto thunk = std::make_shared<HostThunk<F>>(HostThunk<F>{this, std::move(f)});
    using Sig = typename Traits::signature;
    constexpr auto results = ResultSlots<typename Traits::result>::types();
    const auto params = []<class... Ts>(std::type_identity<std::tuple<Ts...>>) {
      return std::array<core::ValType, sizeof...(Ts)>{valtype_of<Ts>()...};
    }(std::type_identity<typename Traits::params>{});
    void* env = thunk.get();
    keep_.push_back(std::move(thunk));
    return host_func_of(params, results, &Sig::template call<F, Traits::with_caller>, env);
  }

  Engine& engine_;
  Engine::LifeByte engine_life_;
  StoreLimits limits_;
  void* data_;
  StoreContext context_;
  std::unique_ptr<GcHeap> gc_;
  std::uint64_t used_memory_ = 0;
  std::uint64_t used_tables_ = 0;
  std::uint64_t used_host_ = 0;
  std::shared_ptr<InterruptHandle::State> interrupt_;
  std::move_only_function<InterruptAction(Store*)> on_interrupt_;
  /// Whether the callback runs, and whether it has put another in its place.
  bool asking_host_ = false;
  bool callback_changed_ = false;
  Fiber* fiber_ = nullptr;
  std::vector<ValueSlot*> roots_;
  const std::vector<ValueSlot>* temporary_roots_ = nullptr;
  /// The payload of an exception that is being made.
  std::span<const ValueSlot> thrown_;
  /// For each fiber the execution that does not run: its own while it waits, its resumer's while
  /// it runs. Their value stacks hold references.
  std::vector<const Execution*> parked_;
  ValueStack stack_;
  // What an idle store holds is mostly empty: these cost a pointer or three then.
  StableVector<FuncRef> host_funcs_;
  std::vector<std::shared_ptr<void>> keep_;
  /// Types of what the host made here. Those of guests are held by their instances' modules.
  std::vector<TypeRef> kept_types_;
  std::vector<std::unique_ptr<Memory>> memories_;
  /// Those of them that are views of shared memories.
  std::vector<Memory*> shared_memories_;
  std::vector<std::unique_ptr<Table>> tables_;
  StableVector<std::array<ValueSlot, 2>> host_globals_;
  StableVector<Tag> tags_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace tenon::engine

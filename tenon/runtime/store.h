// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/stable_vector.h"
#include "tenon/engine/engine.h"
#include "tenon/engine/store.h"
#include "tenon/runtime/context.h"
#include "tenon/runtime/extensions.h"
#include "tenon/runtime/resource.h"
#include "tenon/runtime/thread.h"

namespace tenon::runtime {

using engine::Outcome;
using engine::Trap;

/// What a store may use at most. A plain value: the store copies it.
struct StoreLimits {
  engine::StoreLimits core;
  /// Handles of one component instance.
  std::uint32_t handles = 1'000'000;
  std::uint32_t component_instances = 10'000;
  /// Nested calls between components and the host.
  std::uint32_t call_depth = 1'000;
  /// Bytes that one call may make the host read and keep: what a guest passes out. Strings that
  /// overlap count each time.
  std::uint64_t lift_bytes = std::uint64_t{128} << 20U;
  /// Bytes that one call may carry from one component to another.
  std::uint64_t copy_bytes = std::uint64_t{1} << 30U;
};

class InstanceState;

class Store;

/// Whether a store still exists. Handles that may outlive their store hold one of these. Any thread
/// may ask; only the thread that uses the store can rely on the answer yes.
class StoreLife {
 public:
  constexpr explicit StoreLife(Store* store) : store_(store) {}
  /// Null when the store is gone.
  [[nodiscard]] Store* store() const { return store_.load(std::memory_order_relaxed); }

 private:
  friend class Store;
  mutable std::atomic<Store*> store_;
};
using StoreRef = std::shared_ptr<const StoreLife>;
/// For empty handles: the life of no store. Costs no allocation and no reference count.
[[nodiscard]] inline StoreRef no_store() {
  static constinit const StoreLife gone(nullptr);
  return {StoreRef(), &gone};
}
/// Why a call was refused in the store that was given: its own is gone, or another one, perhaps of
/// another engine.
[[gnu::cold]] Trap wrong_store(const StoreLife& life, const Store* given = nullptr) noexcept;
/// What is said of something that belongs to one store and is used with another.
[[nodiscard]] Error of_another(std::string_view what, const Store& its, const Store& given);

/// Called at every crossing of a component boundary when tracing is on.
struct CallEvent {
  enum class Kind : std::uint8_t { call, return_, trap };
  Kind kind = Kind::call;
  /// Whether the component called out (an import) or was called (an export).
  bool import = false;
  std::string_view name;
  std::uint32_t depth = 0;
  /// Arguments of a call, the result (none or one) of a return.
  std::span<const Value> values;
};
using TraceFn = std::function<void(const CallEvent& event)>;

/// What runs: instances, their memories and handles, resources that the host holds. One thread at a
/// time uses it; it may move between threads between calls. Everything in it dies with it; handles
/// (`Instance`, `Func`, `TypedFunc`, `Own`) that are left then refuse every call.
///
/// A store that closes first runs every destructor while all of its guests live: those of the
/// host's resources that guests hold, those of the objects behind them, then the guests' own for
/// what the host still holds. `drop`, and so `~Own`, leaves that to the closing store. Destructors
/// of guests are under the deadline, the interruption and the fuel as all calls do; whether they
/// trap is irrelevant then. What one guest holds of another ends without a destructor.
class Store {
 public:
  explicit Store(engine::Engine& engine, const StoreLimits& limits = {}, void* data = nullptr);
  /// The store must not be in the middle of a call, and no `Returned` may be left (`busy`): that
  /// ends the program.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// A number that no other store of the process has or had: what tells a store from another that
  /// came to the same address later. Never 0.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// For whoever keeps something of the store that may outlive it.
  [[nodiscard]] const StoreRef& life() const { return life_; }
  [[nodiscard]] engine::Engine& engine() const { return core_.engine(); }
  [[nodiscard]] engine::Store& core() { return core_; }
  [[nodiscard]] const StoreLimits& limits() const { return limits_; }
  /// The host's own.
  [[nodiscard]] void* data() const { return core_.data(); }
  void set_data(void* data) { core_.set_data(data); }
  /// The host's own of exactly this type, or null: what host functions find the context of their
  /// store by. A look into a table: no lock, no allocation.
  template <class T>
  [[nodiscard]] T* extension() const noexcept {
    return extensions_.get<T>();
  }
  /// Makes the object of this type; it need not be movable. It lives until the store closes: it is
  /// destroyed after all destructors of resources have run, guests' and the host's, in the reverse
  /// order of making, and while the store can still be asked for the others. One that is there
  /// already is replaced, which no host function that uses it may be in the middle of. Its
  /// destructor must not throw.
  template <class T, class... Args>
  T& emplace_extension(Args&&... args) {
    return extensions_.emplace<T>(std::forward<Args>(args)...);
  }
  [[nodiscard]] const Extensions& extensions() const { return extensions_; }

  // Interruption; what each promises is in engine/store.h. A call that is refused because of
  // one before any code of the guest ran leaves the instance as it was.
  [[nodiscard]] engine::InterruptHandle interrupt_handle() const {
    return core_.interrupt_handle();
  }
  void set_deadline(std::optional<std::chrono::steady_clock::time_point> when) {
    core_.set_deadline(when);
  }
  /// The same, as the time that guests may run from now on. A duration that the clock cannot
  /// represent removes the deadline; NaN is no time at all.
  template <class Rep, class Period>
  void set_deadline(std::chrono::duration<Rep, Period> from_now) {
    using Clock = std::chrono::steady_clock;
    const auto now = Clock::now();
    const std::chrono::duration<double> seconds = from_now;
    if (!(seconds.count() > 0)) return core_.set_deadline(now);
    if (seconds >= Clock::time_point::max() - now) return core_.set_deadline(std::nullopt);
    core_.set_deadline(now + std::chrono::duration_cast<Clock::duration>(from_now));
  }
  void clear_interrupt() { core_.clear_interrupt(); }
  void on_interrupt(std::move_only_function<engine::InterruptAction(engine::Store*)> callback) {
    core_.on_interrupt(std::move(callback));
  }
  /// For host functions that must wait: `engine::Store::wait`. On a thread of the store (`spawn`)
  /// the others run meanwhile.
  [[nodiscard]] Outcome<std::size_t> wait(
      std::span<engine::WaitEvent> events,
      std::optional<engine::Waiter::Time> until = std::nullopt) {
    if (threads_ == nullptr || !threads_->inside()) return core_.wait(events, until);
    return threads_->park(events, until.value_or(engine::Waiter::Time::max()));
  }
  /// How they wait; null: `Waiter::poll()`. Not while one does.
  void set_waiter(std::shared_ptr<engine::Waiter> waiter) { core_.set_waiter(std::move(waiter)); }
  // Threads: calls of the host's that have stacks of their own, so that one can wait while others
  // run. They run in `run_ready` and nowhere else. An instance in which a call waits cannot be
  // entered meanwhile.
  /// Queues a function that calls guests of this store. A store that closes unwinds what has not
  /// ended. An exception that leaves it ends this thread alone; `run_threads` returns the first as
  /// a trap, and `threads().take_trap()` for hosts that call `run_ready`. The trap here: `body` is
  /// empty, or there is no memory for a stack.
  [[nodiscard]] Outcome<void> spawn(std::move_only_function<void()> body);
  /// Runs each thread that is ready until it waits or ends. True: some are left, which wait
  /// (`wait_ready`). Does nothing and returns false on a thread of the store, in a host function
  /// that its guest called, and in a waiter.
  bool run_ready() { return threads_ != nullptr && threads_->run_ready(); }
  /// Runs all threads to their end. A trap where `run_ready` would do nothing, or the first that
  /// left a thread's function.
  [[nodiscard]] Outcome<void> run_threads();
  [[nodiscard]] Threads& threads();

  /// What guests may still use, one unit an operator, in calls and instantiations from now on; at
  /// most 2^63 - 1 counts. An error when the engine was made without `Config::fuel`: nothing would
  /// stop them.
  [[nodiscard]] Result<void> set_fuel(std::uint64_t fuel);
  [[nodiscard]] std::uint64_t fuel() const { return core_.fuel(); }

  /// Whether a guest of this store is on the stack, a call waits for its `Returned` to go, or a
  /// destructor of a host's resource runs.
  [[nodiscard]] bool busy() const { return depth() != 0 || uses_ != 0; }
  /// Resources that the host holds here.
  [[nodiscard]] HostTable& host_handles() { return host_handles_; }
  /// C++ objects behind the host's resources.
  [[nodiscard]] HostObjects& host_objects() { return host_objects_; }
  /// Drops a resource that the host holds: runs its destructor when it is owned. The trap is the
  /// destructor's (an exception of a host's destructor is one). While a call runs in the instance
  /// that must be entered for that, as in a host function that it called, the destructor waits
  /// until the call has returned or trapped; one of an instance that traps meanwhile never runs.
  [[nodiscard]] Outcome<void> drop(HostHandle handle);
  /// The same for callers that cannot handle a trap, such as `~Own`: `take_drop_trap` returns it.
  void drop_quietly(HostHandle handle) noexcept;
  /// The first trap since the last call of this that no caller could receive: of a destructor that
  /// `~Own` ran or that had to wait, or of a post-return that `~Returned` ran.
  [[nodiscard]] std::optional<Trap> take_drop_trap() {
    return std::exchange(drop_trap_, std::nullopt);
  }

  /// Makes a resource type of the host's; lives as long as the store.
  const ResourceType* new_resource_type(std::string name, ResourceType::HostDtor dtor,
                                        const void* host_type = nullptr);
  const ResourceType* new_resource_type(std::string name, ComponentInstance* impl,
                                        engine::FuncRef* dtor);
  /// Null when the limit is reached.
  ComponentInstance* new_component_instance(ComponentInstance* parent);
  /// Keeps something alive as long as the store.
  void keep(std::shared_ptr<const void> thing) {
    if (keep_.capacity() == 0) keep_.reserve(2);
    keep_.push_back(std::move(thing));
  }
  /// An instance's exports and what they need; used by the instantiation.
  std::vector<std::unique_ptr<InstanceState>>& instances() { return instances_; }

  /// Bytes of strings and lists that were copied between the host and guests so far. What is filled
  /// in place (`Fill`) or seen in place (`call_view`) is not copied.
  [[nodiscard]] std::uint64_t copied_bytes() const { return copied_bytes_; }
  void note_copied(std::uint64_t bytes) { copied_bytes_ += bytes; }

  /// Traces the imports of components that are instantiated while a trace is set. The function may
  /// replace itself; the calls that it makes are not traced. An exception that it throws becomes a
  /// trap of the traced call.
  void set_trace(TraceFn trace);
  [[nodiscard]] bool traced() const { return trace_ != nullptr; }
  /// Calls the trace function, if one is set.
  void tell(const CallEvent& event);

  /// Leaves a trap for the call that is running. Returns false.
  bool trap(std::string message);
  [[nodiscard]] Trap take_trap() { return core_.take_trap(); }

  /// The innermost task, or null.
  [[nodiscard]] Task* current_task() const {
    return static_cast<Task*>(core_.context().bridge_record);
  }

  /// A task on the native stack while it lives: the innermost one, and again when it goes.
  class TaskScope {
   public:
    TaskScope(Store& store, ComponentInstance* inst) : store_(store) {
      task_.inst = inst;
      task_.state = Task::State::started;
      join();
    }
    ~TaskScope() { leave(); }
    TaskScope(const TaskScope&) = delete;
    TaskScope& operator=(const TaskScope&) = delete;
    Task& task() { return task_; }

    /// Takes the task out of the calls under way, while its result is kept or others run that are
    /// none of its; `join` puts it back.
    void leave() {
      auto& cx = store_.core_.context();
      --cx.bridge_depth;
      cx.bridge_record = task_.outer;
    }
    void join() {
      auto& cx = store_.core_.context();
      task_.outer = store_.current_task();
      cx.bridge_record = &task_;
      ++cx.bridge_depth;
    }

   private:
    Store& store_;
    Task task_;
  };
  [[nodiscard]] std::uint32_t depth() const { return core_.context().bridge_depth; }
  /// Whether so many more calls may be on the stack. Compares with a limit that is 0 while
  /// destructors wait, so that calls go by here and not across bridges.
  [[nodiscard]] bool may_nest(std::uint32_t more) {
    return depth() + more <= core_.context().bridge_depth_limit || may_nest_slowly(more);
  }

  /// Drops one representation: the only place where destructors run. `caller` is the instance that
  /// drops it, null for the host. False: it trapped.
  bool drop_rep(const ResourceType& rt, std::uint64_t rep, ComponentInstance* caller) noexcept;
  /// Runs the destructors that waited for calls which have returned or trapped.
  void run_waiting_drops() noexcept;
  [[nodiscard]] bool drops_wait() const { return with_drops_ != nullptr; }
  /// Keeps a trap for `take_drop_trap`.
  void note_drop_trap(Trap trap) noexcept {
    if (!drop_trap_) drop_trap_ = std::move(trap);
  }
  /// Counts results that the host keeps in the guest's memory.
  void begin_view() { ++uses_; }
  void end_view() { --uses_; }
  /// Code of the host's runs that needs the store and that no guest has called.
  class Use {
   public:
    explicit Use(Store& store) : store_(store) { ++store_.uses_; }
    ~Use() { --store_.uses_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Store& store_;
  };

 private:
  bool may_nest_slowly(std::uint32_t more) noexcept;
  bool try_drop(HostHandle handle);
  void wait_to_drop(HostHandle handle, ComponentInstance& root) noexcept;
  /// The next outermost instance whose drops can be done.
  [[nodiscard]] ComponentInstance* next_to_drop() const;
  void discard_drops() noexcept;
  void close() noexcept;
  bool close_guests_tables() noexcept;
  bool close_host_objects() noexcept;
  bool close_host_handles() noexcept;

  // First, so that it goes last: code and modules that instances run.
  std::vector<std::shared_ptr<const void>> keep_;
  engine::Store core_;
  std::uint64_t id_;
  StoreRef life_;
  StoreLimits limits_;
  std::uint64_t copied_bytes_ = 0;
  HostTable host_handles_;
  HostObjects host_objects_;
  StableVector<ResourceType> resource_types_;
  StableVector<ComponentInstance> component_instances_;
  std::vector<std::unique_ptr<InstanceState>> instances_;
  Extensions extensions_;
  /// Made when it is first asked for.
  std::unique_ptr<Threads> threads_;
  std::shared_ptr<const TraceFn> trace_;
  /// The first outermost instance for which destructors wait.
  ComponentInstance* with_drops_ = nullptr;
  std::optional<Trap> drop_trap_;
  std::uint32_t uses_ = 0;
  bool telling_ = false;
  bool dropping_ = false;
  bool closing_ = false;
};

/// Runs a core function of a guest; an exception that it lets out becomes a trap.
[[gnu::always_inline]] inline bool invoke_guest(Store& store, const engine::FuncRef* func,
                                                engine::ValueSlot* slots) {
  if (engine::invoke(func, slots)) [[likely]]
    return true;
  store.core().exception_to_trap();
  return false;
}

}  // namespace tenon::runtime

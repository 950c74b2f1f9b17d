// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tenon/engine/wait.h"

namespace tenon::runtime {

class Store;

/// The threads of a store: functions of the host with a stack of their own. While one waits
/// (`Store::wait`), the others run. The store owns them, and only the thread that uses the store
/// may call this. Threads that are ready wait in a queue until the host runs it. Spec:
/// CanonicalABI.md "Thread State".
class Threads {
 public:
  using Time = engine::Waiter::Time;

  explicit Threads(Store& store);
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  /// What has not ended is unwound: its waits give a trap.
  ~Threads();

  /// False: there is no memory for a stack.
  bool add(std::move_only_function<void()> body);
  /// Why they cannot be run now, or null: one of them runs, a call of the store is under way, or
  /// the host waits for them (`wait_ready`).
  [[nodiscard]] const char* refuses_to_run() const;
  /// Runs each that is ready until it waits or ends. True: some are left. Where they cannot be run
  /// it does nothing and returns false.
  bool run_ready();
  /// Whether one is ready. If not, adds what they wait for; `note_ready` must follow.
  [[nodiscard]] bool collect(std::vector<engine::WaitEvent>& events, Time& until);
  /// After a wait for what was collected, `events` from `at` on: queues those that are ready. One
  /// that was added meanwhile is in the queue already.
  void note_ready(std::span<const engine::WaitEvent> events, std::size_t& at);
  /// Whether the host waits for what was collected.
  [[nodiscard]] bool awaited() const { return awaited_; }
  /// The wait is over, and nobody calls `note_ready`.
  void end_wait() { awaited_ = false; }
  /// Keeps what left the function of one of them, for `take_trap`.
  void note_trap(engine::Trap trap) noexcept {
    if (!trap_) trap_ = std::move(trap);
  }
  /// The first since the last call.
  [[nodiscard]] std::optional<engine::Trap> take_trap() {
    return std::exchange(trap_, std::nullopt);
  }
  /// Whether the caller runs on one of them, so that it may park.
  [[nodiscard]] bool inside() const { return running_ != nullptr; }
  /// Lets others run until an event is ready, the time has come or the store must stop.
  [[nodiscard]] engine::Outcome<std::size_t> park(std::span<engine::WaitEvent> events, Time until);

 private:
  struct Thread;

  /// Puts those that wait and fulfil a condition into the queue.
  template <class F>
  void wake(F is_ready);

  Store& store_;
  /// In the order in which they became ready.
  std::vector<std::unique_ptr<Thread>> ready_;
  std::vector<std::unique_ptr<Thread>> waiting_;
  Thread* running_ = nullptr;
  std::optional<engine::Trap> trap_;
  /// Between `collect` and `note_ready`: those that wait must stay as they are.
  bool awaited_ = false;
};

/// Waits until a thread of one of the stores is ready, or until a time. The stores share the waiter
/// of the first from then on; all of them must be used by the calling thread. The waiter may begin
/// threads (`Store::spawn`) but not run them.
/// The host's mistake with threads, as what a call gives.
[[nodiscard]] engine::Trap threads_refused(const char* why);
[[nodiscard]] engine::Outcome<void> wait_ready(
    std::span<Store* const> stores, std::optional<engine::Waiter::Time> until = std::nullopt);

}  // namespace tenon::runtime

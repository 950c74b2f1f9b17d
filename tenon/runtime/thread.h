// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tenon/engine/wait.h"

namespace tenon::runtime {

class Store;

/// Calls of the host's that have stacks of their own: while one waits (`Store::wait`), others of
/// the store run. Owned by its store, used by the store's thread alone. Spec: CanonicalABI.md
/// "Thread State"; the host is who resumes them.
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
  /// Runs each that is ready until it waits or ends. True: some are left.
  bool run_ready();
  /// Whether one is ready. If not, adds what they wait for.
  bool collect(std::vector<engine::WaitEvent>& events, Time& until);
  /// After a wait for what was collected, `events` from `at` on: notes which are ready.
  void note_ready(std::span<const engine::WaitEvent> events, std::size_t& at);
  /// Whether the caller runs on one of them, so that it may park.
  [[nodiscard]] bool inside() const { return running_ != nullptr; }
  /// Lets others run until an event is ready, the time has come or the store must stop.
  [[nodiscard]] engine::Outcome<std::size_t> park(std::span<engine::WaitEvent> events, Time until);

 private:
  struct Thread;

  Store& store_;
  std::vector<std::unique_ptr<Thread>> threads_;
  Thread* running_ = nullptr;
};

/// Waits until a thread of one of the stores is ready, or until a time. The stores share the waiter
/// of the first from then on; all of them must be used by the calling thread.
[[nodiscard]] engine::Outcome<void> wait_ready(
    std::span<Store* const> stores, std::optional<engine::Waiter::Time> until = std::nullopt);

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "tenon/engine/trap.h"

namespace tenon::engine {

/// A file descriptor that a host function waits for.
struct WaitEvent {
  int fd = -1;
  bool read = false;
  bool write = false;
  /// Set by the wait: what was asked for does not block now. A descriptor that is broken, closed at
  /// the other end or not open is ready too, so that its next use tells.
  bool ready = false;
};

/// How host functions of a store wait (`Store::wait`). The default blocks the thread in `ppoll`; a
/// host with a loop of its own derives from this. May be shared by stores. `wait` is called by the
/// threads that use those stores, `wake` by any.
class Waiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() = default;

  /// Returns when one of the events is ready, at `until` (`Time::max()`: never), or after `wake`;
  /// earlier is allowed. Whoever calls looks again at why it may go on. A trap ends the guest's
  /// call. Calls of the stores that wait are under way: it may not run their threads.
  [[nodiscard]] virtual Outcome<void> wait(std::span<WaitEvent> events, Time until) = 0;
  /// Ends a wait that is under way, or else the next one. Called when a store that waits so is
  /// interrupted.
  virtual void wake() noexcept = 0;

  /// The default: `ppoll`, and an `eventfd` that wakes it. Null when the system has no descriptor
  /// left.
  [[nodiscard]] static std::shared_ptr<Waiter> poll();
};

/// Why there is no waiter.
[[nodiscard]] Trap no_waiter();

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tenon/engine/store.h"

namespace tenon::engine {

/// What an interruption needs of a store; outlives it.
struct InterruptHandle::State {
  std::mutex mutex;
  /// Null once the store is gone.
  StoreContext* context = nullptr;
  /// Whether the store has a value stack, and with it a limit to lower; before that, a request
  /// waits.
  bool ready = false;
  std::atomic<bool> early = false;
  /// Only the store's own thread looks at it.
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

/// One thread an engine that interrupts stores whose time is up; started by the first deadline.
class Watchdog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  void add(Time when, std::weak_ptr<InterruptHandle::State> state);

 private:
  struct Entry {
    Time when;
    std::weak_ptr<InterruptHandle::State> state;
  };
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry> entries_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace tenon::engine

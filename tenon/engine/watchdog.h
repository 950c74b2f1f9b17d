// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tenon/engine/store.h"

namespace tenon::engine {

/// What interruptions and deadlines need of a store; outlives it. The store's thread, the watchdog
/// and whoever holds a handle share it.
struct InterruptHandle::State {
  using Time = std::chrono::steady_clock::time_point;

  /// Taken after the watchdog's own lock where both are needed.
  std::mutex mutex;
  /// Null once the store is gone.
  StoreContext* context = nullptr;
  /// An interruption was asked for and is not answered.
  bool asked = false;
  /// A guest trapped because of it.
  bool delivered = false;
  /// When guests must end; `max` without a deadline.
  Time deadline = Time::max();
  /// When the watchdog looks at this store; `max` while it does not. Never later than `deadline`
  /// while that lies ahead. Earlier is harmless: the watchdog looks, and comes again.
  Time watched = Time::max();
  /// How the store's host functions wait; null while none has. Woken by an interruption.
  std::shared_ptr<Waiter> waiter;
  /// Where the store's thread sleeps in `memory.atomic.wait`; woken by an interruption as well.
  std::condition_variable parked;
  /// Where the watchdog notes the place of this store's entry; guarded by its lock.
  std::uint32_t slot = 0;
};

/// One thread an engine that makes stores look at the clock when their deadlines pass; started by
/// the first deadline. It holds at most one entry for each store, in a heap by time. Thread-safe.
class Watchdog {
 public:
  using State = InterruptHandle::State;
  using Time = State::Time;
  /// What it did so far, for tests and benchmarks.
  struct Counters {
    /// Stores that it watches now.
    std::size_t entries = 0;
    /// Entries of the heap that were written.
    std::uint64_t moves = 0;
    /// How often its thread was woken before its time.
    std::uint64_t notifications = 0;
    /// How often it woke, for either reason.
    std::uint64_t wakes = 0;
    /// How often an entry was due.
    std::uint64_t looks = 0;
  };

  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Looks at the store no later than at its deadline. False: there is no memory or no thread for
  /// that, and nothing has changed.
  [[nodiscard]] bool watch(State& state) noexcept;
  /// Removes the store's entry, if it has one.
  void forget(State& state) noexcept;
  [[nodiscard]] Counters counters() const;

 private:
  struct Entry {
    Time when;
    State* state;
    std::uint32_t slot;
  };
  void run();
  /// The first entry is due: its store looks at the clock, or the entry moves to the deadline.
  void look(Time now);
  void put(std::size_t place, const Entry& entry);
  void sift_up(std::size_t place);
  void sift_down(std::size_t place);
  std::uint32_t new_slot();
  void remove(std::size_t place);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  /// Four children an entry, the earliest first.
  std::vector<Entry> heap_;
  /// By slot: the place of the entry, so that moves stay within these two arrays. Of a slot that is
  /// free: the next one, counted from 1.
  std::vector<std::uint32_t> places_;
  std::uint32_t free_slot_ = 0;
  /// When the thread wakes by itself, while it sleeps.
  Time sleeps_until_ = Time::max();
  /// The thread is yet to look at the first entry before it sleeps.
  bool awake_ = true;
  Counters counters_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "tenon/engine/memory.h"
#include "tenon/engine/shared_memory.h"
#include "tenon/engine/wait.h"
#include "tenon/engine/watchdog.h"

namespace tenon::engine {

/// A thread that waits at a place of a shared memory. It lies on that thread's stack.
struct Waiting {
  Waiting* before = nullptr;
  Waiting* after = nullptr;
  const void* at = nullptr;
  /// The store's, whose lock guards `notified`.
  std::shared_ptr<InterruptHandle::State> store;
  /// Guarded by the queue's lock: it is in the queue, and nobody has taken it out.
  bool queued = false;
  bool notified = false;
};

/// Who waits at the places that fall into one line, the first that came first.
struct WaitLine {
  Waiting* first = nullptr;
  Waiting* last = nullptr;
};

/// A share of those who wait, by place: a hash table that grows with them, so that whoever notifies
/// meets few who wait at other places. Where there is no room to grow, the lines become longer.
class WaitQueue {
 public:
  std::mutex mutex;

  // All of it under the lock.
  void put(Waiting& waiting);
  void take_out(Waiting& waiting);
  /// Takes at most `count` who wait at this place out; they are linked by `after`.
  Waiting* take(const void* at, std::uint32_t count, std::uint32_t& taken);
  /// How many of other places were met so far, for tests.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }

 private:
  std::span<WaitLine> lines() { return many_.empty() ? std::span(few_) : std::span(many_); }
  WaitLine& line_of(const void* at);
  void grow() noexcept;

  std::array<WaitLine, 4> few_;
  std::vector<WaitLine> many_;
  std::size_t count_ = 0;
  std::uint64_t passed_ = 0;
};

/// What all views of a shared memory have in common.
struct SharedMemoryState {
  SharedMemoryState(Engine& engine, const core::MemType& type, const MemorySlot& slot,
                    std::uint64_t max_bytes, std::shared_ptr<const MemoryImage> image)
      : memory(engine, type, slot, max_bytes, std::move(image)), engine_id(engine.id()) {}

  /// It owns its reservation, which no pool of the engine gets back: the memory may outlive the
  /// engine.
  Memory memory;
  std::uint64_t engine_id;
  /// Held while it grows.
  std::mutex growing;
  std::array<WaitQueue, 16> queues;

  WaitQueue& queue_of(const void* at);
  /// Wakes at most `count` threads that wait at this place.
  std::uint32_t notify(const void* at, std::uint32_t count);
};

/// One wait of a store's thread. A thread that is notified returns, however the wait ends
/// otherwise, so none who notifies counts a thread that has gone.
class AtomicWait {
 public:
  AtomicWait(SharedMemoryState& memory, Store& store, const void* at);
  ~AtomicWait() { leave(); }
  AtomicWait(const AtomicWait&) = delete;
  AtomicWait& operator=(const AtomicWait&) = delete;

  /// Begins to wait if the place holds the value: whoever changes it and notifies afterwards wakes
  /// this thread.
  template <class T>
  [[nodiscard]] bool begin(T expected) {
    const std::lock_guard lock(queue_.mutex);
    if (__atomic_load_n(static_cast<const T*>(waiting_.at), __ATOMIC_SEQ_CST) != expected)
      return false;
    queue_.put(waiting_);
    began_ = true;
    return true;
  }
  /// `disturbed`: the store may have a reason to stop; then the caller asks it, and sleeps again.
  enum class Woken : std::uint8_t { notified, timed_out, disturbed };
  [[nodiscard]] Woken sleep(Waiter::Time until);

 private:
  /// Ends the wait. False: the thread has been notified.
  bool leave();

  WaitQueue& queue_;
  Store& store_;
  Waiting waiting_;
  bool began_ = false;
};

}  // namespace tenon::engine

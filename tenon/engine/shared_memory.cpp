// SPDX-License-Identifier: Apache-2.0
// Memories that stores share, and the threads that wait in them. The bytes lie in one reservation
// that never moves, and their count in one cell that all instances read. A thread that waits sleeps
// under the lock of its own store's interruptions, so that one condition wakes it for a
// notification, an interruption and, by its time-out, a deadline; queues only say who waits where.
// Locks are taken one at a time: who notifies takes the threads out of their queue first and wakes
// them afterwards.
#include "tenon/engine/shared_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/engine/atomic_wait.h"
#include "tenon/engine/memory_pool.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/store.h"

namespace tenon::engine {

Result<SharedMemory> SharedMemory::create(Engine& engine, const core::MemType& type,
                                          const MemoryImage* image) {
  const auto unfit = [](std::string why) {
    return std::unexpected(Error(rules::shared_memory, Span::none(), std::move(why)));
  };
  if (!type.shared) return unfit("the type is not `shared`");
  if (!type.limits.max) return unfit("the type has no maximum");
  if (type.limits.min > *type.limits.max) {
    return unfit(fmt::format("the minimum of {} pages is above the maximum of {}", type.limits.min,
                             *type.limits.max));
  }
  const auto no_room = [&] {
    return std::unexpected(
        Error(rules::engine_limit, Span::none(),
              fmt::format("no room for a shared memory of up to {} pages", *type.limits.max)));
  };
  const auto how = Memory::plan(type, engine.config().signals);
  if (!how) return no_room();
  const std::uint64_t bytes = type.limits.min << type.page_log2();
  auto slot = engine.memory_pool().take(how->reserve, bytes, image);
  if (!slot) return no_room();
  try {
    auto state = std::make_shared<SharedMemoryState>(
        engine, type, *slot, how->max, image == nullptr ? nullptr : image->shared_from_this());
    state->memory.self_ = state;
    return SharedMemory(std::move(state));
  } catch (const std::bad_alloc&) {
    engine.memory_pool().give_back(*slot, image);
    return no_room();
  }
}

Engine& SharedMemory::engine() const {
  return state_->memory.engine();
}

core::MemType SharedMemory::type() const {
  return state_->memory.type();
}

std::uint64_t SharedMemory::size() const {
  return state_->memory.size();
}

std::optional<std::uint64_t> SharedMemory::grow(std::uint64_t delta_pages, Store& payer) const {
  return state_->memory.grow(delta_pages, payer);
}

Memory* Caller::memory_of(Memory& memory) const {
  return memory.is_shared() ? store_.import_memory(memory.shared()) : &memory;
}

std::uint8_t* SharedMemory::place(std::uint64_t at, std::uint64_t len) const {
  const std::uint64_t have = size();
  return at > have || len > have - at ? nullptr : state_->memory.base() + at;
}

bool SharedMemory::read(std::uint64_t at, std::span<std::uint8_t> out) const {
  const std::uint8_t* from = place(at, out.size());
  if (from == nullptr) return false;
  for (std::uint8_t& byte : out) byte = __atomic_load_n(from++, __ATOMIC_RELAXED);
  return true;
}

bool SharedMemory::write(std::uint64_t at, std::span<const std::uint8_t> bytes) const {
  std::uint8_t* to = place(at, bytes.size());
  if (to == nullptr) return false;
  for (const std::uint8_t byte : bytes) __atomic_store_n(to++, byte, __ATOMIC_RELAXED);
  return true;
}

std::uint32_t SharedMemory::notify(std::uint64_t at, std::uint32_t count) const {
  const std::uint8_t* p = place(at, 4);
  return p == nullptr ? 0 : state_->notify(p, count);
}

// ---- Waiting ----

namespace {

/// Mixes all bits of the host's address, which the guest does not know: no choice of places makes
/// them fall into one line. The lowest four bits choose the queue, the next ones the line.
std::uint64_t hash_of(const void* at) {
  auto h = reinterpret_cast<std::uintptr_t>(at);
  h = (h ^ h >> 33U) * 0xFF51AFD7ED558CCDU;
  h = (h ^ h >> 33U) * 0xC4CEB9FE1A85EC53U;
  return h ^ h >> 33U;
}

void append(WaitLine& line, Waiting& waiting) {
  waiting.before = line.last;
  waiting.after = nullptr;
  (line.last == nullptr ? line.first : line.last->after) = &waiting;
  line.last = &waiting;
}

}  // namespace

WaitQueue& SharedMemoryState::queue_of(const void* at) {
  return queues[hash_of(at) % 16];
}

WaitLine& WaitQueue::line_of(const void* at) {
  const std::span<WaitLine> all = lines();
  return all[(hash_of(at) >> 4U) % all.size()];
}

void WaitQueue::grow() noexcept {
  try {
    std::vector<WaitLine> more(lines().size() * 4);
    const std::vector<WaitLine> old(lines().begin(), lines().end());
    many_ = std::move(more);
    // Who waits at one place comes from one line, and stays in the order of coming.
    for (const WaitLine& line : old) {
      for (Waiting* w = line.first; w != nullptr;) {
        Waiting* const next = w->after;
        append(line_of(w->at), *w);
        w = next;
      }
    }
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): it works as it is
  }
}

void WaitQueue::put(Waiting& waiting) {
  if (count_ >= lines().size()) grow();
  append(line_of(waiting.at), waiting);
  waiting.queued = true;
  ++count_;
}

void WaitQueue::take_out(Waiting& waiting) {
  WaitLine& line = line_of(waiting.at);
  (waiting.before == nullptr ? line.first : waiting.before->after) = waiting.after;
  (waiting.after == nullptr ? line.last : waiting.after->before) = waiting.before;
  waiting.queued = false;
  --count_;
}

Waiting* WaitQueue::take(const void* at, std::uint32_t count, std::uint32_t& taken) {
  Waiting* out = nullptr;
  Waiting** end = &out;
  for (Waiting* w = line_of(at).first; w != nullptr && taken < count;) {
    Waiting* const next = w->after;
    if (w->at == at) {
      take_out(*w);
      w->after = nullptr;
      *end = w;
      end = &w->after;
      ++taken;
    } else {
      ++passed_;
    }
    w = next;
  }
  return out;
}

std::uint32_t SharedMemoryState::notify(const void* at, std::uint32_t count) {
  WaitQueue& queue = queue_of(at);
  Waiting* woken = nullptr;
  std::uint32_t n = 0;
  {
    const std::lock_guard lock(queue.mutex);
    woken = queue.take(at, count, n);
  }
  while (woken != nullptr) {
    // Once it is told, the thread goes, and what lies on its stack with it.
    Waiting& w = *std::exchange(woken, woken->after);
    const std::shared_ptr<InterruptHandle::State> store = w.store;
    const std::lock_guard lock(store->mutex);
    w.notified = true;
    store->parked.notify_one();
  }
  return n;
}

AtomicWait::AtomicWait(SharedMemoryState& memory, Store& store, const void* at)
    : queue_(memory.queue_of(at)), store_(store) {
  waiting_.at = at;
  waiting_.store = store.interrupt_;
}

AtomicWait::Woken AtomicWait::sleep(Waiter::Time until) {
  InterruptHandle::State& state = *waiting_.store;
  {
    std::unique_lock lock(state.mutex);
    while (true) {
      if (waiting_.notified) return Woken::notified;
      // Whoever interrupts from here on wakes this thread.
      if (store_.may_have_to_stop()) return Woken::disturbed;
      if (until != Waiter::Time::max() && Waiter::Time::clock::now() >= until) break;
      const Waiter::Time end = std::min(until, store_.deadline());
      if (end == Waiter::Time::max())
        state.parked.wait(lock);
      else
        state.parked.wait_until(lock, end);
    }
  }
  return leave() ? Woken::timed_out : Woken::notified;
}

bool AtomicWait::leave() {
  if (!std::exchange(began_, false)) return !waiting_.notified;
  {
    const std::lock_guard lock(queue_.mutex);
    if (waiting_.queued) {
      queue_.take_out(waiting_);
      return true;
    }
  }
  // Somebody has taken it out and is about to say so.
  std::unique_lock lock(waiting_.store->mutex);
  waiting_.store->parked.wait(lock, [&] { return waiting_.notified; });
  return false;
}

}  // namespace tenon::engine

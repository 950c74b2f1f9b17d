// SPDX-License-Identifier: Apache-2.0
// Deadlines. The watchdog decides nothing: it lowers the limit that running code compares its
// stack with, and the store then looks at the clock itself (`Store::handle_interrupt`). So an entry
// that is too early costs one look, and most deadlines never touch the heap: one that moves to a
// later time leaves its entry where it is, and the watchdog moves it when it is due.
//
// To wake a thread costs ten times what the heap does, so deadlines that come earlier and earlier
// must not each wake the watchdog. It sleeps half the way to the first of them at most: what wakes
// it is a deadline half as far as all before, and between two times that it wakes by itself there
// are few of those. An hour takes some twenty short wakes. Without entries it sleeps on.
#include "tenon/engine/watchdog.h"

#include <algorithm>
#include <system_error>

#include "tenon/base/narrow.h"

namespace tenon::engine {

namespace {

/// Entries handled before others may have the lock.
constexpr int batch = 64;
/// Children of an entry.
constexpr std::size_t arity = 4;
/// To a deadline as near as this it sleeps all the way.
constexpr std::chrono::milliseconds near{2};
/// A deadline may fire so much too late; no thread is woken for less.
constexpr std::chrono::microseconds granularity{250};

/// When to wake for a deadline.
Watchdog::Time half_way(Watchdog::Time when, Watchdog::Time now) {
  return when - now <= near ? when : now + (when - now) / 2;
}

}  // namespace

void InterruptHandle::interrupt() const {
  std::shared_ptr<Waiter> waiter;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->context == nullptr) return;
    state_->asked = true;
    state_->delivered = false;
    state_->context->stack_limit.store(nullptr, std::memory_order_release);
    waiter = state_->waiter;
    state_->parked.notify_all();
  }
  // Outside of the lock: it is the host's code.
  if (waiter != nullptr) waiter->wake();
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool Watchdog::watch(State& state) noexcept try {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  const std::lock_guard of_state(state.mutex);
  if (state.deadline >= state.watched) return true;
  if (state.watched == Time::max()) {
    state.slot = new_slot();
    heap_.push_back({state.deadline, &state, state.slot});
    places_[state.slot] = narrow<std::uint32_t>(heap_.size() - 1);
    ++counters_.moves;
  } else {
    heap_[places_[state.slot]].when = state.deadline;
  }
  state.watched = state.deadline;
  sift_up(places_[state.slot]);
  if (!awake_ && state.deadline < sleeps_until_ - granularity) {
    awake_ = true;
    ++counters_.notifications;
    wake_.notify_one();
  }
  return true;
} catch (const std::bad_alloc&) {
  return false;
} catch (const std::system_error&) {
  return false;
}

void Watchdog::forget(State& state) noexcept {
  const std::scoped_lock lock(mutex_, state.mutex);
  if (state.watched == Time::max()) return;
  state.watched = Time::max();
  remove(places_[state.slot]);
}

Watchdog::Counters Watchdog::counters() const {
  const std::lock_guard lock(mutex_);
  Counters out = counters_;
  out.entries = heap_.size();
  return out;
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const Time now = std::chrono::steady_clock::now();
    for (int n = 0; n < batch && !heap_.empty() && heap_.front().when <= now; ++n) look(now);
    sleeps_until_ = heap_.empty() ? Time::max() : half_way(heap_.front().when, now);
    awake_ = false;
    if (sleeps_until_ == Time::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, sleeps_until_);
    }
    ++counters_.wakes;
    awake_ = true;
  }
}

void Watchdog::look(Time now) {
  ++counters_.looks;
  State& state = *heap_.front().state;
  const std::lock_guard lock(state.mutex);
  if (state.deadline > now && state.deadline != Time::max()) {
    heap_.front().when = state.deadline;
    state.watched = state.deadline;
    sift_down(0);
    return;
  }
  if (state.deadline <= now && state.context != nullptr)
    state.context->stack_limit.store(nullptr, std::memory_order_release);
  state.watched = Time::max();
  remove(0);
}

/// Throws when there is no memory, then nothing has changed; the heap has room for one more after.
std::uint32_t Watchdog::new_slot() {
  if (heap_.size() == heap_.capacity()) heap_.reserve(2 * heap_.size() + 16);
  if (free_slot_ == 0) {
    places_.push_back(0);
    return narrow<std::uint32_t>(places_.size() - 1);
  }
  const std::uint32_t slot = free_slot_ - 1;
  free_slot_ = places_[slot];
  return slot;
}

void Watchdog::put(std::size_t place, const Entry& entry) {
  heap_[place] = entry;
  places_[entry.slot] = narrow<std::uint32_t>(place);
  ++counters_.moves;
}

void Watchdog::sift_up(std::size_t place) {
  const Entry entry = heap_[place];
  const std::size_t from = place;
  while (place != 0) {
    const std::size_t parent = (place - 1) / arity;
    if (heap_[parent].when <= entry.when) break;
    put(place, heap_[parent]);
    place = parent;
  }
  if (place != from) put(place, entry);
}

void Watchdog::sift_down(std::size_t place) {
  const Entry entry = heap_[place];
  const std::size_t from = place;
  for (std::size_t first = arity * place + 1; first < heap_.size(); first = arity * place + 1) {
    const std::size_t end = std::min(first + arity, heap_.size());
    std::size_t child = first;
    for (std::size_t i = first + 1; i < end; ++i) {
      if (heap_[i].when < heap_[child].when) child = i;
    }
    if (entry.when <= heap_[child].when) break;
    put(place, heap_[child]);
    place = child;
  }
  if (place != from) put(place, entry);
}

void Watchdog::remove(std::size_t place) {
  const std::uint32_t slot = heap_[place].slot;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place != heap_.size()) {
    put(place, last);
    sift_up(place);
    sift_down(places_[last.slot]);
  }
  places_[slot] = free_slot_;
  free_slot_ = slot + 1;
}

}  // namespace tenon::engine

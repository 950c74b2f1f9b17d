// SPDX-License-Identifier: Apache-2.0
// Deadlines. The watchdog decides nothing: it lowers the limit that running code compares its
// stack with, and the store then looks at the clock itself (`Store::handle_interrupt`). So an entry
// that is too early costs one look, and most deadlines never touch the heap: one that moves to a
// later time leaves its entry where it is, and the watchdog moves it when it is due.
#include "tenon/engine/watchdog.h"

#include <system_error>

namespace tenon::engine {

namespace {

/// Entries handled before others may have the lock.
constexpr int batch = 64;

}  // namespace

void InterruptHandle::interrupt() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->context == nullptr) return;
  state_->asked = true;
  state_->delivered = false;
  state_->context->stack_limit.store(nullptr, std::memory_order_release);
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Watchdog::watch(State& state) noexcept try {
  bool earliest = false;
  {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    const std::lock_guard of_state(state.mutex);
    if (state.deadline >= state.watched) return true;
    if (state.watched == Time::max()) {
      heap_.push_back({state.deadline, &state});
      state.place = heap_.size() - 1;
      ++counters_.moves;
    } else {
      heap_[state.place].when = state.deadline;
    }
    state.watched = state.deadline;
    sift_up(state.place);
    if (state.deadline < sleeps_until_) {
      earliest = true;
      sleeps_until_ = state.deadline;
      ++counters_.notifications;
    }
  }
  if (earliest) wake_.notify_one();
  return true;
} catch (const std::bad_alloc&) {
  return false;
} catch (const std::system_error&) {
  return false;
}

void Watchdog::forget(State& state) noexcept {
  const std::lock_guard lock(mutex_);
  const std::lock_guard of_state(state.mutex);
  if (state.watched == Time::max()) return;
  state.watched = Time::max();
  remove(state.place);
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
    sleeps_until_ = heap_.empty() ? Time::max() : heap_.front().when;
    if (sleeps_until_ == Time::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, sleeps_until_);
    }
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

void Watchdog::put(std::size_t place, const Entry& entry) {
  heap_[place] = entry;
  entry.state->place = place;
  ++counters_.moves;
}

void Watchdog::sift_up(std::size_t place) {
  const Entry entry = heap_[place];
  const std::size_t from = place;
  while (place != 0) {
    const std::size_t parent = (place - 1) / 2;
    if (heap_[parent].when <= entry.when) break;
    put(place, heap_[parent]);
    place = parent;
  }
  if (place != from) put(place, entry);
}

void Watchdog::sift_down(std::size_t place) {
  const Entry entry = heap_[place];
  const std::size_t from = place;
  for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
    if (entry.when <= heap_[child].when) break;
    put(place, heap_[child]);
    place = child;
  }
  if (place != from) put(place, entry);
}

void Watchdog::remove(std::size_t place) {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  put(place, last);
  sift_up(place);
  sift_down(last.state->place);
}

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/watchdog.h"

#include <algorithm>

namespace tenon::engine {

void InterruptHandle::interrupt() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->context == nullptr) return;
  if (state_->ready)
    state_->context->stack_limit.store(nullptr, std::memory_order_release);
  else
    state_->early = true;
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::add(Time when, std::weak_ptr<InterruptHandle::State> state) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({when, std::move(state)});
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  wake_.notify_all();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const Time now = std::chrono::steady_clock::now();
    std::erase_if(entries_, [&](const Entry& e) {
      const auto state = e.state.lock();
      if (state == nullptr) return true;
      if (e.when > now) return false;
      InterruptHandle(state).interrupt();
      return true;
    });
    if (entries_.empty()) {
      wake_.wait(lock);
    } else {
      const Time next =
          std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
            return a.when < b.when;
          })->when;
      wake_.wait_until(lock, next);
    }
  }
}

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
// The store owns the threads, and the host drives them: nothing runs but inside `run_ready`. A call
// that waits holds its instances closed, because a guest built for one stack at a time keeps that
// stack in its memory: who entered meanwhile would write over frames that are yet to return.
#include "tenon/runtime/thread.h"

#include <algorithm>
#include <utility>

#include "tenon/engine/fiber.h"
#include "tenon/runtime/store.h"

namespace tenon::runtime {

using engine::Outcome;
using engine::WaitEvent;

/// One of them: owns its stack.
struct Threads::Thread {
  std::unique_ptr<engine::Fiber> fiber;
  /// What it waits for; of one that is ready no longer looked at.
  std::span<engine::WaitEvent> events;
  Time until = Time::min();
  bool ready = true;
};

namespace {
Trap closed() {
  return Trap("the store of the waiting call was closed");
}
}  // namespace

Threads::Threads(Store& store) : store_(store) {}

Threads::~Threads() {
  // Each runs to its end here, and may begin others.
  while (!threads_.empty()) {
    const auto thread = std::move(threads_.back());
    threads_.pop_back();
    running_ = thread.get();
    thread->fiber.reset();
  }
  running_ = nullptr;
}

bool Threads::add(std::move_only_function<void()> body) {
  auto thread = std::make_unique<Thread>();
  thread->fiber = engine::Fiber::create(store_.core(), std::move(body));
  if (thread->fiber == nullptr) return false;
  threads_.push_back(std::move(thread));
  return true;
}

bool Threads::run_ready() {
  // On one of them: it would be resumed while it runs.
  if (running_ != nullptr) return false;
  // Those that are there now: who begins another one does not keep the host from its loop.
  const auto count = threads_.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto& thread = *threads_[i];
    if (!thread.ready) continue;
    running_ = &thread;
    thread.fiber->resume();
    running_ = nullptr;
  }
  std::erase_if(threads_, [](const auto& thread) { return thread->fiber->done(); });
  return !threads_.empty();
}

bool Threads::collect(std::vector<WaitEvent>& events, Time& until) {
  const bool stop = store_.core().may_have_to_stop();
  for (const auto& thread : threads_) {
    thread->ready = thread->ready || stop;
    if (thread->ready) return true;
    events.insert(events.end(), thread->events.begin(), thread->events.end());
    until = std::min(until, thread->until);
  }
  until = std::min(until, store_.core().deadline());
  return false;
}

void Threads::note_ready(std::span<const WaitEvent> events, std::size_t& at) {
  const bool stop = store_.core().may_have_to_stop();
  const auto now = Time::clock::now();
  for (const auto& thread : threads_) {
    for (auto& event : thread->events) event.ready = events[at++].ready;
    thread->ready =
        stop || thread->until <= now || std::ranges::any_of(thread->events, &WaitEvent::ready);
  }
}

Outcome<void> wait_ready(std::span<Store* const> stores, std::optional<Threads::Time> until) {
  if (stores.empty()) return {};
  const auto waiter = stores.front()->core().waiter();
  if (waiter == nullptr) return std::unexpected(engine::no_waiter());
  std::vector<WaitEvent> events;
  auto next = until.value_or(Threads::Time::max());
  for (auto* store : stores) {
    // Before the look at what it waits for: an interruption from now on wakes.
    store->core().set_waiter(waiter);
    if (store->threads().collect(events, next)) return {};
  }
  auto waited = waiter->wait(events, next);
  std::size_t at = 0;
  for (auto* store : stores) store->threads().note_ready(events, at);
  return waited;
}

Outcome<std::size_t> Threads::park(std::span<WaitEvent> events, Time until) {
  auto& thread = *running_;
  auto& core = store_.core();
  for (auto& event : events) event.ready = false;
  while (true) {
    if (thread.fiber == nullptr) return std::unexpected(closed());
    if (core.must_stop()) return std::unexpected(Trap(engine::TrapCode::interrupted));
    thread.events = events;
    thread.until = until;
    thread.ready = false;
    for (auto* t = store_.current_task(); t != nullptr; t = t->outer) t->inst->begin_view();
    const bool resumed = thread.fiber->suspend();
    for (auto* t = store_.current_task(); t != nullptr; t = t->outer) t->inst->end_view();
    thread.events = {};
    if (!resumed) return std::unexpected(closed());
    const auto ready = std::ranges::count_if(events, &WaitEvent::ready);
    if (ready != 0) return static_cast<std::size_t>(ready);
    if (until != Time::max() && Time::clock::now() >= until) return 0;
  }
}

}  // namespace tenon::runtime

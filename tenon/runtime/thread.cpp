// SPDX-License-Identifier: Apache-2.0
// The store owns the threads, and the host drives them: nothing runs but inside `run_ready`. A call
// that waits holds its instances closed, because a guest built for one stack at a time keeps that
// stack in its memory: who entered meanwhile would write over frames that are yet to return.
#include "tenon/runtime/thread.h"

#include <algorithm>
#include <utility>

#include "tenon/engine/fiber.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/store.h"

namespace tenon::runtime {

using engine::Outcome;
using engine::Trap;
using engine::WaitEvent;

/// One of them: owns its stack.
struct Threads::Thread {
  std::unique_ptr<engine::Fiber> fiber;
  /// What it waits for.
  std::span<engine::WaitEvent> events;
  Time until = Time::min();
};

namespace {
Trap closed() {
  return Trap("the store of the waiting call was closed");
}
}  // namespace

Threads::Threads(Store& store) : store_(store) {}

Threads::~Threads() {
  // Each runs to its end here, and may begin others.
  for (auto* queue : {&waiting_, &ready_}) {
    while (!queue->empty()) {
      const auto thread = std::move(queue->back());
      queue->pop_back();
      running_ = thread.get();
      thread->fiber.reset();
    }
  }
  running_ = nullptr;
}

bool Threads::add(std::move_only_function<void()> body) {
  auto thread = std::make_unique<Thread>();
  thread->fiber = engine::Fiber::create(store_.core(), std::move(body));
  if (thread->fiber == nullptr) return false;
  ready_.push_back(std::move(thread));
  return true;
}

const char* Threads::refuses_to_run() const {
  if (running_ != nullptr) return "a thread of the store cannot run the others to their end";
  if (awaited_) return "threads of the store cannot run while the host waits for them";
  // It has its stack in the guest's memory, and does not keep the instance closed as a thread that
  // waits does.
  if (!store_.core().between_calls())
    return "threads of the store cannot run inside a call of the store";
  return nullptr;
}

bool Threads::run_ready() {
  if (refuses_to_run() != nullptr) return false;
  // Those that are there now: who begins another one does not keep the host from its loop.
  for (auto& thread : std::exchange(ready_, {})) {
    running_ = thread.get();
    thread->fiber->resume();
    running_ = nullptr;
    if (!thread->fiber->done()) waiting_.push_back(std::move(thread));
  }
  return !ready_.empty() || !waiting_.empty();
}

template <class F>
void Threads::wake(F is_ready) {
  std::size_t kept = 0;
  for (auto& thread : waiting_) {
    if (is_ready(std::as_const(*thread))) {
      ready_.push_back(std::move(thread));
    } else {
      std::swap(waiting_[kept++], thread);
    }
  }
  waiting_.resize(kept);
}

bool Threads::collect(std::vector<WaitEvent>& events, Time& until) {
  if (store_.core().may_have_to_stop()) wake([](const Thread&) { return true; });
  if (!ready_.empty()) return true;
  // The caller named the store twice.
  if (awaited_) return false;
  for (const auto& thread : waiting_) {
    events.insert(events.end(), thread->events.begin(), thread->events.end());
    until = std::min(until, thread->until);
  }
  until = std::min(until, store_.core().deadline());
  awaited_ = true;
  return false;
}

void Threads::note_ready(std::span<const WaitEvent> events, std::size_t& at) {
  if (!std::exchange(awaited_, false)) return;
  const bool stop = store_.core().may_have_to_stop();
  const auto now = Time::clock::now();
  wake([&](const Thread& thread) {
    for (auto& event : thread.events) event.ready = events[at++].ready;
    return stop || thread.until <= now || std::ranges::any_of(thread.events, &WaitEvent::ready);
  });
}

engine::Trap threads_refused(const char* why) {
  return Trap::refused(Error(rules::threads_busy, Span::none(), why));
}

Outcome<void> wait_ready(std::span<Store* const> stores, std::optional<Threads::Time> until) {
  if (stores.empty()) return {};
  if (std::ranges::find(stores, nullptr) != stores.end())
    return std::unexpected(threads_refused("`wait_ready` was given a null store"));
  const auto waiter = stores.front()->core().waiter();
  if (waiter == nullptr) return std::unexpected(engine::no_waiter());
  for (auto* store : stores) {
    if (store->threads().awaited())
      return std::unexpected(threads_refused("the host already waits for threads of the store"));
  }
  // The waiter is the host's: it may throw.
  struct Awaited {
    std::span<Store* const> stores;
    ~Awaited() {
      for (auto* store : stores) store->threads().end_wait();
    }
  } const awaited{stores};
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

// SPDX-License-Identifier: Apache-2.0
// `poll_oneoff`: what is ready is told at once; else the store waits, so that an interruption and a
// deadline end the wait, and other stores of the thread go on. Where time stands still, it is moved
// to the first time that somebody waits for.
#include <algorithm>
#include <limits>

#include "tenon/base/narrow.h"
#include "tenon/engine/store.h"
#include "tenon/wasi/preview1/host.h"

namespace tenon::wasi {
namespace {

using p1::Errno;
using p1::EventType;
using p1::stop;

constexpr std::uint32_t subscription_size = 48;
constexpr std::uint32_t event_size = 32;
/// What one call may wait for, here and in the adapter (guest/adapter/poll.cpp), where each takes a
/// pollable of those that a program may hold.
constexpr std::uint32_t most_subscriptions = 8192;
/// Operators of a guest that a subscription is worth.
constexpr std::uint64_t subscription_fuel = 16;
constexpr auto never = std::numeric_limits<std::uint64_t>::max();

std::uint64_t later(std::uint64_t now, std::uint64_t by) {
  return by > never - now ? never : now + by;
}

}  // namespace

struct Preview1::Host::Waiting {
  struct Event {
    std::uint64_t userdata = 0;
    std::uint16_t error = 0;
    EventType type = EventType::clock;
    std::uint64_t bytes = 0;
  };
  struct Timer {
    std::uint64_t userdata = 0;
    std::uint64_t due = 0;
  };
  std::vector<Event> ready;
  std::vector<Timer> timers;
  /// Beside each other: what is waited for, and the event that it makes.
  std::vector<engine::WaitEvent> events;
  std::vector<Event> pending;
};

p1::Answer<void> Preview1::Host::subscribe(std::span<const std::uint8_t> subscription,
                                           Waiting& waiting) {
  Waiting::Event event;
  event.userdata = p1::load<std::uint64_t>(subscription, 0);
  const std::uint8_t tag = subscription[8];
  if (tag > std::to_underlying(EventType::fd_write)) return stop(Errno::inval);
  event.type = static_cast<EventType>(tag);
  if (event.type == EventType::clock) {
    const auto id = p1::load<std::uint32_t>(subscription, 16);
    const auto timeout = p1::load<std::uint64_t>(subscription, 24);
    const auto flags = p1::load<std::uint16_t>(subscription, 40);
    if (id > 1 || (flags & ~1U) != 0) return stop(Errno::inval);
    Clock& clock = *world().clock;
    std::uint64_t due = timeout;
    if ((flags & 1U) == 0) {
      due = later(clock.monotonic(), timeout);
    } else if (id == 0) {
      const std::uint64_t wall = clock.wall().clamped_nanoseconds();
      due = timeout <= wall ? 0 : later(clock.monotonic(), timeout - wall);
    }
    waiting.timers.push_back({event.userdata, due});
    return {};
  }
  const bool read = event.type == EventType::fd_read;
  const auto found = table_.find(p1::load<std::uint32_t>(subscription, 16));
  if (!found) {
    event.error = found.error().number();
    waiting.ready.push_back(event);
    return {};
  }
  const p1::Entry& entry = **found;
  const p1::Rights needed = read ? p1::rights::fd_read : p1::rights::fd_write;
  if ((entry.base & needed) == 0) {
    event.error = std::to_underlying(Errno::badf);
    waiting.ready.push_back(event);
    return {};
  }
  if (entry.wait_fd() < 0) {
    event.bytes = 1;
    if (read && !entry.is_stream()) {
      const auto stat = entry.file->stat();
      const std::uint64_t size = stat ? stat->size : 0;
      event.bytes = size > entry.position ? size - entry.position : 0;
    }
    waiting.ready.push_back(event);
    return {};
  }
  event.bytes = 1;
  waiting.events.push_back({entry.wait_fd(), read, !read, false});
  waiting.pending.push_back(event);
  return {};
}

/// Until something is ready.
p1::Answer<void> Preview1::Host::wait_for(Waiting& waiting) {
  Clock& clock = *world().clock;
  std::uint64_t first = never;
  for (const Waiting::Timer& timer : waiting.timers) first = std::min(first, timer.due);
  while (true) {
    const std::uint64_t now = clock.monotonic();
    for (const Waiting::Timer& timer : waiting.timers) {
      if (timer.due <= now) waiting.ready.push_back({timer.userdata, 0, EventType::clock, 0});
    }
    const auto due = clock.host_time(first);
    const bool time_stands = !due && !waiting.timers.empty();
    const bool may_block = waiting.ready.empty() && !time_stands;
    if (may_block || !waiting.events.empty()) {
      const auto until = may_block ? due.value_or(engine::Waiter::Time::max())
                                   : engine::Waiter::Time::clock::now();
      const p1::Guest guest = guest_;
      const auto ready = store_.wait(waiting.events, until);
      // Another guest may have called meanwhile.
      guest_ = guest;
      if (!ready) return stop(ready.error());
      for (std::size_t i = 0; *ready != 0 && i < waiting.events.size(); ++i) {
        if (waiting.events[i].ready) waiting.ready.push_back(waiting.pending[i]);
      }
    }
    if (!waiting.ready.empty()) return {};
    if (time_stands) clock.advance(first);
  }
}

p1::Answer<void> Preview1::Host::poll_oneoff(Ptr in, Ptr out, Size count, Ptr result) {
  if (count == 0 || count > most_subscriptions) return stop(Errno::inval);
  TENON_TRY(charge(subscription_fuel * count));
  const auto subscriptions = TENON_TRY(guest_.items(in, count, subscription_size, 8));
  const auto events = TENON_TRY(guest_.items(out, count, event_size, 8));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  Waiting waiting;
  for (std::size_t i = 0; i < count; ++i)
    TENON_TRY(subscribe(subscriptions.subspan(i * subscription_size, subscription_size), waiting));
  TENON_TRY(wait_for(waiting));
  std::ranges::fill(events.first(waiting.ready.size() * event_size), std::uint8_t{0});
  for (std::size_t i = 0; i < waiting.ready.size(); ++i) {
    const Waiting::Event& event = waiting.ready[i];
    const auto to = events.subspan(i * event_size, event_size);
    p1::store(to, 0, event.userdata);
    p1::store(to, 8, event.error);
    p1::store(to, 10, std::to_underlying(event.type));
    p1::store(to, 16, event.bytes);
  }
  return guest_.put(result, narrow<std::uint32_t>(waiting.ready.size()));
}

}  // namespace tenon::wasi

// SPDX-License-Identifier: Apache-2.0
// Waiting for clocks and streams. Files are always ready, but for those that are streams: one is
// open of such a file while it is waited for.
#include "clocks.h"
#include "errors.h"
#include "files.h"

namespace adapter {
namespace {

/// What one call may wait for. A host answers `subscribe` with a pollable or ends the program: what
/// is more than hosts give is refused before.
constexpr uint32_t most_subscriptions = 8192;

/// What comes of a subscription: a pollable, or an event at once.
struct Awaited {
  bool is_pollable;
  Handle pollable;
  Errno error;
  uint64_t nbytes;
  /// What the pollable is of, to be dropped after it; 0 for none.
  Handle stream = 0;
};

Awaited now(Errno error, uint64_t nbytes = 0) {
  return {false, 0, error, nbytes};
}

Awaited of_clock(const Subscription& s) {
  const bool absolute = (s.clock.flags & 1U) != 0;
  if (s.clock.id == Clock::monotonic) {
    return {true,
            absolute ? wasi_subscribe_instant(s.clock.timeout)
                     : wasi_subscribe_duration(s.clock.timeout),
            Errno::success, 0};
  }
  if (s.clock.id != Clock::realtime) return now(Errno::notsup);
  uint64_t span = s.clock.timeout;
  if (absolute) {
    Datetime time;
    wasi_wall_now(&time);
    const uint64_t passed = nanoseconds(time);
    span = span > passed ? span - passed : 0;
  }
  return {true, wasi_subscribe_duration(span), Errno::success, 0};
}

/// A FIFO or a terminal.
[[maybe_unused]] Awaited of_flow(const Descriptor& d, bool reads) {
  Outcome<Handle> stream;
  if (reads) {
    wasi_read_stream(d.handle, 0, &stream);
  } else {
    wasi_append_stream(d.handle, &stream);
  }
  if (stream.failed) return now(errno_of(stream.code));
  const Handle pollable =
      reads ? wasi_subscribe_input(stream.value) : wasi_subscribe_output(stream.value);
  return {true, pollable, Errno::success, 1, stream.value};
}

Awaited of_file(const Descriptor& d, bool reads) {
  if (d.kind == Kind::directory) return now(Errno::badf);
  if constexpr (has_files) {
    if (d.is_stream) return of_flow(d, reads);
    if (!reads) return now(Errno::success, 1);
    Outcome<DescriptorStat> stat;
    wasi_stat(d.handle, &stat);
    if (stat.failed) return now(errno_of(stat.code));
    return now(Errno::success, stat.value.size > d.position ? stat.value.size - d.position : 0);
  }
  return now(Errno::badf);
}

Awaited of_stream(const Subscription& s) {
  const bool reads = s.type == EventType::fd_read;
  Descriptor* const d = find(s.fd);
  if (d == nullptr) return now(Errno::badf);
  if (d->kind == Kind::input)
    return reads ? Awaited{true, wasi_subscribe_input(input_of(*d)), Errno::success, 1}
                 : now(Errno::badf);
  if (d->kind == Kind::output)
    return reads ? now(Errno::badf)
                 : Awaited{true, wasi_subscribe_output(output_of(*d)), Errno::success, 1};
  return of_file(*d, reads);
}

Awaited await(const Subscription& s) {
  if (s.type == EventType::clock) return of_clock(s);
  if (s.type != EventType::fd_read && s.type != EventType::fd_write) return now(Errno::inval);
  return of_stream(s);
}

void put(Event& out, const Subscription& s, const Awaited& awaited) {
  clear(&out, sizeof out);
  out.userdata = s.userdata;
  out.error = static_cast<uint16_t>(awaited.error);
  out.type = s.type;
  out.nbytes = awaited.nbytes;
}

}  // namespace
}  // namespace adapter

using namespace adapter;

PREVIEW1(poll_oneoff)
(const Subscription* subscriptions, Event* events, uint32_t count, uint32_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  *out = 0;
  if (count == 0 || count > most_subscriptions) return Errno::inval;
  // Room for the pollables, what they are of, their subscriptions, and what the host answers.
  const uint32_t bytes = count * sizeof(uint32_t);
  Arena& room = scratch();
  auto* const pollables = static_cast<Handle*>(room.reallocate(nullptr, 0, 4, bytes));
  auto* const indices = static_cast<uint32_t*>(room.reallocate(nullptr, 0, 4, bytes));
  auto* const streams = static_cast<Handle*>(room.reallocate(nullptr, 0, 4, bytes));
  uint32_t waiting = 0;
  uint32_t ready = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const Subscription& s = subscriptions[i];
    const Awaited awaited = await(s);
    if (awaited.is_pollable) {
      pollables[waiting] = awaited.pollable;
      streams[waiting] = awaited.stream;
      indices[waiting++] = i;
    } else {
      put(events[ready++], s, awaited);
    }
  }
  // What is there already is not kept waiting.
  if (ready == 0) {
    List<uint32_t> found;
    {
      const Into into(room);
      wasi_poll(pollables, waiting, &found);
    }
    for (uint32_t i = 0; i < found.size; ++i) {
      const Subscription& s = subscriptions[indices[found.data[i]]];
      put(events[ready++], s, {true, 0, Errno::success, s.type == EventType::clock ? 0ULL : 1ULL});
    }
  }
  for (uint32_t i = 0; i < waiting; ++i) {
    wasi_drop_pollable(pollables[i]);
    if (streams[i] == 0) continue;
    if (subscriptions[indices[i]].type == EventType::fd_read) {
      wasi_drop_input(streams[i]);
    } else {
      wasi_drop_output(streams[i]);
    }
  }
  *out = ready;
  return Errno::success;
}

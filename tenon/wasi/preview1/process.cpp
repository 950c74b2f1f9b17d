// SPDX-License-Identifier: Apache-2.0
// Functions of preview 1 that are about no file: arguments, environment, clocks, random bytes, the
// end of the program.
#include <fmt/format.h>

#include "tenon/base/file.h"
#include "tenon/base/narrow.h"
#include "tenon/engine/store.h"
#include "tenon/wasi/preview1/host.h"

namespace tenon::wasi {

using p1::ClockId;
using p1::Errno;
using p1::stop;

Preview1::Host::Host(engine::Store& store, Context& context)
    : store_(store), context_(context), table_(context.state().quota) {
  using namespace p1;
  const ContextState& state = context.state();
  const auto add = [&](Entry entry) { static_cast<void>(table_.add(std::move(entry))); };
  const auto stream = [&](std::shared_ptr<InputSource> in, std::shared_ptr<OutputSink> out) {
    Entry entry;
    entry.base = rights::stream | (in != nullptr ? rights::fd_read : rights::fd_write);
    entry.in = std::move(in);
    entry.out = std::move(out);
    add(std::move(entry));
  };
  stream(state.in, nullptr);
  stream(nullptr, state.out);
  stream(nullptr, state.err);
  for (const Preopen& preopen : state.preopens) {
    Entry entry;
    entry.file = preopen.directory;
    entry.preopen = preopen.guest;
    entry.base = rights::directory;
    entry.inheriting = rights::directory | rights::file;
    if (!preopen.directory->may_mutate()) {
      entry.base &= ~rights::mutating;
      entry.inheriting &= ~rights::mutating;
    }
    add(std::move(entry));
  }
}

void Preview1::Host::enter(engine::VMContext* caller) {
  engine::Instance* instance = caller == nullptr ? nullptr : caller->instance;
  if (instance != last_caller_) {
    last_caller_ = instance;
    last_memory_ = instance == nullptr ? nullptr : instance->memory("memory");
    if (last_memory_ == nullptr && instance != nullptr && caller->mem0 != nullptr)
      last_memory_ = caller->mem0->memory;
  }
  guest_.enter(last_memory_);
}

p1::Answer<void> Preview1::Host::charge(std::uint64_t units) {
  if (!store_.engine().config().fuel) return {};
  const std::uint64_t left = store_.fuel();
  if (units > left) {
    store_.set_fuel(0);
    return stop(engine::Trap(engine::TrapCode::out_of_fuel));
  }
  store_.set_fuel(left - units);
  return {};
}

p1::Answer<void> Preview1::Host::put_sizes(std::span<const std::string> texts, Ptr count,
                                           Ptr size) {
  std::uint64_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 1;
  if (bytes > UINT32_MAX) return stop(ErrorCode::overflow);
  TENON_TRY(guest_.put(count, narrow<std::uint32_t>(texts.size())));
  TENON_TRY(guest_.put(size, narrow<std::uint32_t>(bytes)));
  return {};
}

p1::Answer<void> Preview1::Host::put_text(std::span<const std::string> texts, Ptr pointers,
                                          Ptr buffer) {
  std::uint64_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 1;
  const auto at = TENON_TRY(guest_.items(pointers, texts.size(), 4, 4));
  const auto to = TENON_TRY(guest_.bytes(buffer, bytes));
  std::size_t used = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    p1::store(at, 4 * i, low_bits<std::uint32_t>(buffer + used));
    // With the NUL behind it.
    std::memcpy(to.data() + used, texts[i].c_str(), texts[i].size() + 1);
    used += texts[i].size() + 1;
  }
  return {};
}

std::vector<std::string> Preview1::Host::environment() {
  if (world().env.empty()) world().refusals->note(Refused::environment);
  std::vector<std::string> out;
  for (const auto& [name, value] : world().env) out.push_back(name + '=' + value);
  return out;
}

p1::Answer<void> Preview1::Host::args_get(Ptr argv, Ptr buffer) {
  return put_text(world().args, argv, buffer);
}
p1::Answer<void> Preview1::Host::args_sizes_get(Ptr count, Ptr size) {
  return put_sizes(world().args, count, size);
}
p1::Answer<void> Preview1::Host::environ_get(Ptr environ, Ptr buffer) {
  return put_text(environment(), environ, buffer);
}
p1::Answer<void> Preview1::Host::environ_sizes_get(Ptr count, Ptr size) {
  return put_sizes(environment(), count, size);
}

p1::Answer<void> Preview1::Host::clock_res_get(std::uint32_t id, Ptr result) {
  const Clock& clock = *world().clock;
  switch (static_cast<ClockId>(id)) {
    case ClockId::realtime:
      return guest_.put(result, clock.wall_resolution());
    case ClockId::monotonic:
      return guest_.put(result, clock.monotonic_resolution());
    case ClockId::process_cputime:
    case ClockId::thread_cputime:
      break;
  }
  return stop(Errno::inval);
}

p1::Answer<void> Preview1::Host::clock_time_get(std::uint32_t id, std::uint64_t, Ptr result) {
  Clock& clock = *world().clock;
  switch (static_cast<ClockId>(id)) {
    case ClockId::realtime:
      return guest_.put(result, clock.wall().clamped_nanoseconds());
    case ClockId::monotonic:
      return guest_.put(result, clock.monotonic());
    case ClockId::process_cputime:
    case ClockId::thread_cputime:
      break;
  }
  return stop(Errno::inval);
}

p1::Answer<NoReturn> Preview1::Host::proc_exit(std::uint32_t code) {
  // The adapter keeps the same bits, so that a component ends as its module does.
  return stop(engine::Trap(engine::Exit{engine::Exit{static_cast<std::int32_t>(code)}.status()}));
}
p1::Answer<void> Preview1::Host::proc_raise(std::uint32_t) {
  return stop(Errno::notsup);
}
p1::Answer<void> Preview1::Host::sched_yield() {
  return {};
}

p1::Answer<void> Preview1::Host::random_get(Ptr buffer, Size size) {
  const auto to = TENON_TRY(guest_.bytes(buffer, size));
  if (size > world().max_random_size) {
    world().refusals->note(Refused::random_size);
    return stop(engine::Trap(fmt::format("`random_get` asks for {} bytes; a call gives {} at most",
                                         size, world().max_random_size)));
  }
  TENON_TRY(charge(size / 8));
  TENON_TRY(world().random->fill(to));
  return {};
}

// No socket is ever handed to a guest of preview 1.
p1::Answer<void> Preview1::Host::sock_accept(Fd fd, std::uint32_t, Ptr) {
  TENON_TRY(table_.check(fd));
  return stop(Errno::notsock);
}
p1::Answer<void> Preview1::Host::sock_recv(Fd fd, Ptr, Size, std::uint32_t, Ptr, Ptr) {
  TENON_TRY(table_.check(fd));
  return stop(Errno::notsock);
}
p1::Answer<void> Preview1::Host::sock_send(Fd fd, Ptr, Size, std::uint32_t, Ptr) {
  TENON_TRY(table_.check(fd));
  return stop(Errno::notsock);
}
p1::Answer<void> Preview1::Host::sock_shutdown(Fd fd, std::uint32_t) {
  TENON_TRY(table_.check(fd));
  return stop(Errno::notsock);
}

}  // namespace tenon::wasi

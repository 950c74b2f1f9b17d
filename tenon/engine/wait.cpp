// SPDX-License-Identifier: Apache-2.0
// Waiting of host functions. A host function that blocked in the system by itself would sleep past
// the store's deadline and past interruptions, which can only stop code of guests. So it asks the
// store, whose loop here owns the reasons to stop; how the thread sleeps is the `Waiter`'s
// business.
#include "tenon/engine/wait.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "tenon/base/narrow.h"
#include "tenon/engine/store.h"
#include "tenon/engine/watchdog.h"

namespace tenon::engine {

namespace {

class PollWaiter final : public Waiter {
 public:
  explicit PollWaiter(int wake_fd) : wake_fd_(wake_fd) {}
  ~PollWaiter() override { close(wake_fd_); }

  Outcome<void> wait(std::span<WaitEvent> events, Time until) override {
    // On the stack while there are few: several threads may wait at once.
    constexpr std::size_t few = 16;
    if (events.size() >= few) return wait_for_many(events, until);
    std::array<pollfd, few> small;
    const auto fds = std::span(small).first(events.size() + 1);
    for (std::size_t i = 0; i < events.size(); ++i) fds[i] = {events[i].fd, wanted(events[i]), 0};
    TENON_TRY(sleep(fds, until));
    for (std::size_t i = 0; i < events.size(); ++i) events[i].ready = fds[i].revents != 0;
    return {};
  }
  void wake() noexcept override {
    const std::uint64_t one = 1;
    // It can only fail because there are enough already.
    (void)!write(wake_fd_, &one, sizeof(one));
  }

 private:
  static short wanted(const WaitEvent& event) {
    return narrow<short>((event.read ? POLLIN : 0) | (event.write ? POLLOUT : 0));
  }
  /// The system takes no more entries than a process may have files, so each file has one.
  Outcome<void> wait_for_many(std::span<WaitEvent> events, Time until) {
    std::vector<pollfd> fds;
    std::unordered_map<int, std::size_t> entry_of;
    fds.reserve(events.size() + 1);
    for (const WaitEvent& event : events) {
      const auto [at, fresh] = entry_of.try_emplace(event.fd, fds.size());
      if (fresh) fds.push_back({event.fd, 0, 0});
      fds[at->second].events = narrow<short>(fds[at->second].events | wanted(event));
    }
    fds.emplace_back();
    TENON_TRY(sleep(fds, until));
    for (WaitEvent& event : events) {
      const int seen = fds[entry_of.find(event.fd)->second].revents;
      event.ready = (seen & (wanted(event) | POLLERR | POLLHUP | POLLNVAL)) != 0;
    }
    return {};
  }
  /// The last entry is for the call that wakes.
  Outcome<void> sleep(std::span<pollfd> fds, Time until) const {
    fds.back() = {wake_fd_, POLLIN, 0};
    std::optional<timespec> timeout = timeout_of(until);
    if (ppoll(fds.data(), fds.size(), timeout ? &*timeout : nullptr, nullptr) < 0) {
      if (errno == EINTR) return {};
      return std::unexpected(Trap("the system cannot wait for so many files"));
    }
    // Before the caller looks at why it was woken, so that no later wake is taken away.
    if (fds.back().revents != 0) {
      std::uint64_t count = 0;
      (void)!read(wake_fd_, &count, sizeof(count));
    }
    return {};
  }
  static std::optional<timespec> timeout_of(Time until) {
    if (until == Time::max()) return std::nullopt;
    using std::chrono::nanoseconds;
    // A time far away may not fit; waking early does no harm.
    constexpr auto most = std::chrono::hours(1);
    const auto now = Time::clock::now();
    const auto left = until <= now         ? nanoseconds(0)
                      : until - now < most ? nanoseconds(until - now)
                                           : nanoseconds(most);
    constexpr std::int64_t second = 1'000'000'000;
    return timespec{left.count() / second, left.count() % second};
  }

  int wake_fd_;
};

}  // namespace

Trap no_waiter() {
  return Trap("the system has no file descriptor left to wait with");
}

std::shared_ptr<Waiter> Waiter::poll() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return nullptr;
  try {
    return std::make_shared<PollWaiter>(fd);
  } catch (const std::bad_alloc&) {
    close(fd);
    return nullptr;
  }
}

void Store::set_waiter(std::shared_ptr<Waiter> waiter) {
  const std::lock_guard lock(interrupt_->mutex);
  interrupt_->waiter.swap(waiter);
}

std::shared_ptr<Waiter> Store::waiter() {
  const std::lock_guard lock(interrupt_->mutex);
  if (interrupt_->waiter == nullptr) interrupt_->waiter = Waiter::poll();
  return interrupt_->waiter;
}

bool Store::must_stop() {
  if (interrupted()) return true;
  // The watchdog may be a moment late, and a wait must not begin again meanwhile.
  const auto deadline = interrupt_->deadline;
  if (deadline == Waiter::Time::max() || Waiter::Time::clock::now() < deadline) return false;
  context_.stack_limit.store(nullptr, std::memory_order_release);
  return true;
}

Waiter::Time Store::deadline() const {
  return interrupt_->deadline;
}

bool Store::may_have_to_stop() const {
  return context_.stack_limit.load(std::memory_order_relaxed) == nullptr ||
         (deadline() != Waiter::Time::max() && Waiter::Time::clock::now() >= deadline());
}

Outcome<std::size_t> Store::wait(std::span<WaitEvent> events, std::optional<Waiter::Time> until) {
  const auto how = waiter();
  if (how == nullptr) return std::unexpected(no_waiter());
  const auto end = until.value_or(Waiter::Time::max());
  while (true) {
    // Whoever interrupts from here on wakes the waiter.
    if (must_stop()) return std::unexpected(Trap(TrapCode::interrupted));
    for (auto& event : events) event.ready = false;
    if (auto waited = how->wait(events, std::min(end, interrupt_->deadline)); !waited)
      return std::unexpected(std::move(waited).error());
    const auto ready = std::ranges::count_if(events, &WaitEvent::ready);
    if (ready != 0) return static_cast<std::size_t>(ready);
    if (end != Waiter::Time::max() && Waiter::Time::clock::now() >= end && !must_stop()) return 0;
  }
}

}  // namespace tenon::engine

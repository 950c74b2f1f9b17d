// SPDX-License-Identifier: Apache-2.0
// The monotonic clock counts from the clock's creation, so guests learn nothing of the host's
// uptime. The fixed clock moves only when a guest waits, which makes runs reproducible and waits
// instantaneous.
#include "tenon/wasi/core/clock.h"

#include <ctime>
#include <limits>

namespace tenon::wasi {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t in_nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * second +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t resolution_of(clockid_t id) {
  timespec time{};
  if (::clock_getres(id, &time) != 0) return 1;
  const std::uint64_t found = in_nanoseconds(time);
  return found == 0 ? 1 : found;
}

class HostClock final : public Clock {
 public:
  Timestamp wall() override {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return {time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec)};
  }
  std::uint64_t wall_resolution() const override { return resolution_of(CLOCK_REALTIME); }
  std::uint64_t monotonic() override {
    const auto passed = std::chrono::steady_clock::now() - begin_;
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(passed).count());
  }
  std::uint64_t monotonic_resolution() const override { return resolution_of(CLOCK_MONOTONIC); }
  std::optional<HostTime> host_time(std::uint64_t monotonic) override {
    const auto most =
        static_cast<std::uint64_t>(std::chrono::nanoseconds(HostTime::max() - begin_).count());
    if (monotonic >= most) return HostTime::max();
    return begin_ + std::chrono::nanoseconds(static_cast<std::int64_t>(monotonic));
  }
  void advance(std::uint64_t) override {}

 private:
  const HostTime begin_ = std::chrono::steady_clock::now();
};

class FixedClock final : public Clock {
 public:
  explicit FixedClock(Timestamp at) : begin_(at) {}
  Timestamp wall() override {
    const auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const std::uint64_t nanoseconds = begin_.nanoseconds + passed_ % second;
    const std::uint64_t seconds = passed_ / second + nanoseconds / second;
    Timestamp now{0, static_cast<std::uint32_t>(nanoseconds % second)};
    if (begin_.seconds >= 0 && seconds > limit - static_cast<std::uint64_t>(begin_.seconds)) {
      now.seconds = std::numeric_limits<std::int64_t>::max();
    } else {
      now.seconds = begin_.seconds + static_cast<std::int64_t>(seconds);
    }
    return now;
  }
  std::uint64_t wall_resolution() const override { return 1; }
  std::uint64_t monotonic() override { return passed_; }
  std::uint64_t monotonic_resolution() const override { return 1; }
  std::optional<HostTime> host_time(std::uint64_t) override { return std::nullopt; }
  void advance(std::uint64_t monotonic) override {
    if (monotonic > passed_) passed_ = monotonic;
  }

 private:
  Timestamp begin_;
  std::uint64_t passed_ = 0;
};

}  // namespace

std::uint64_t Timestamp::clamped_nanoseconds() const {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  if (seconds < 0) return 0;
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole > (most - nanoseconds) / second) return most;
  return whole * second + nanoseconds;
}

Timestamp Timestamp::from_nanoseconds(std::uint64_t since_1970) {
  return {static_cast<std::int64_t>(since_1970 / second),
          static_cast<std::uint32_t>(since_1970 % second)};
}

std::shared_ptr<Clock> Clock::host() {
  return std::make_shared<HostClock>();
}

std::shared_ptr<Clock> Clock::fixed(Timestamp at) {
  return std::make_shared<FixedClock>(at);
}

}  // namespace tenon::wasi

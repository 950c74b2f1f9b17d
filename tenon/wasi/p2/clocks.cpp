// SPDX-License-Identifier: Apache-2.0

// wasi:clocks. A monotonic time that lies further ahead than the clock can count never comes; a
// wall time before 1970 is told as 1970, because the interface has no sign.
// Spec: wasi:clocks/monotonic-clock, wasi:clocks/wall-clock, wasi:clocks/timezone.
#include <limits>

#include "tenon/wasi/p2/host.h"

namespace tenon::wasi::p2 {
namespace {

class Timer final : public Waitable {
 public:
  explicit Timer(std::uint64_t at) : at_(at) {}
  bool collect(WaitSet& set) override {
    if (at_ != never) set.timer(at_);
    return false;
  }
  static constexpr auto never = std::numeric_limits<std::uint64_t>::max();

 private:
  std::uint64_t at_;
};

struct MonotonicClock : Interface {
  using Interface::Interface;
  [[nodiscard]] std::uint64_t now() const { return host.clock().monotonic(); }
  [[nodiscard]] std::uint64_t resolution() const { return host.clock().monotonic_resolution(); }
  [[nodiscard]] std::unique_ptr<api::io::poll::pollable> subscribe_instant(
      std::uint64_t when) const {
    return std::make_unique<Pollable>(host, std::make_shared<Timer>(when));
  }
  [[nodiscard]] std::unique_ptr<api::io::poll::pollable> subscribe_duration(
      std::uint64_t when) const {
    const auto start = now();
    return subscribe_instant(when > Timer::never - start ? Timer::never : start + when);
  }
};

struct WallClock : Interface {
  using Interface::Interface;
  using Datetime = api::clocks::wall_clock::datetime;
  [[nodiscard]] Datetime now() const {
    const auto at = host.clock().wall();
    if (at.seconds < 0) return {};
    return {static_cast<std::uint64_t>(at.seconds), at.nanoseconds};
  }
  [[nodiscard]] Datetime resolution() const {
    constexpr std::uint64_t second = 1'000'000'000;
    const auto ns = host.clock().wall_resolution();
    return {ns / second, static_cast<std::uint32_t>(ns % second)};
  }
};

/// The host's time zone is none of the guest's: it is told UTC.
struct Timezone : Interface {
  using Interface::Interface;
  using Datetime = api::clocks::wall_clock::datetime;
  [[nodiscard]] api::clocks::timezone::timezone_display display(Datetime /*when*/) const {
    api::clocks::timezone::timezone_display out;
    out.name = "UTC";
    return out;
  }
  [[nodiscard]] std::int32_t utc_offset(Datetime /*when*/) const { return 0; }
};

}  // namespace

Result<void> add_clocks(Linker& linker) {
  TENON_TRY(api::clocks::monotonic_clock::add_to_linker(linker, Find<MonotonicClock>()));
  TENON_TRY(api::clocks::wall_clock::add_to_linker(linker, Find<WallClock>()));
  TENON_TRY(api::clocks::timezone::add_to_linker(linker, Find<Timezone>()));
  return {};
}

}  // namespace tenon::wasi::p2

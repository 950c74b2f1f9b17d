// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>

namespace tenon::wasi {

/// A point of time: seconds since 1970-01-01T00:00:00Z, before it negative, and the nanoseconds
/// that follow (below 10^9).
struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;

  /// In nanoseconds since 1970, as preview 1 counts: what lies before is 0, what lies behind the
  /// year 2554 the largest number.
  [[nodiscard]] std::uint64_t clamped_nanoseconds() const;
  [[nodiscard]] static Timestamp from_nanoseconds(std::uint64_t since_1970);
};

/// The clocks of a guest. Monotonic time is in nanoseconds from a start of the clock's own.
class Clock {
 public:
  using HostTime = std::chrono::steady_clock::time_point;

  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Timestamp wall() = 0;
  [[nodiscard]] virtual std::uint64_t wall_resolution() const = 0;
  [[nodiscard]] virtual std::uint64_t monotonic() = 0;
  [[nodiscard]] virtual std::uint64_t monotonic_resolution() const = 0;
  /// When a monotonic time comes on the host's clock; `HostTime::max()` when never. None: time does
  /// not pass by itself, and who waits calls `advance`.
  [[nodiscard]] virtual std::optional<HostTime> host_time(std::uint64_t monotonic) = 0;
  /// Of a clock that does not run by itself: it becomes this monotonic time, if it is not later.
  virtual void advance(std::uint64_t monotonic) = 0;

  /// The host's clocks. Monotonic time begins when this is called, so that it tells nothing of the
  /// host.
  [[nodiscard]] static std::shared_ptr<Clock> host();
  /// Begins at that wall time and at monotonic time 0, and moves only when a guest waits.
  [[nodiscard]] static std::shared_ptr<Clock> fixed(Timestamp at);
};

}  // namespace tenon::wasi

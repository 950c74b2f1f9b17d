// SPDX-License-Identifier: Apache-2.0
#include "clocks.h"

using namespace adapter;

namespace adapter {

uint64_t nanoseconds(const Datetime& time) {
  constexpr uint64_t second = 1'000'000'000;
  constexpr uint64_t last = ~uint64_t{0};
  // What does not fit is the last moment that does.
  if (time.seconds >= last / second) return last;
  return time.seconds * second + time.nanoseconds;
}

}  // namespace adapter

PREVIEW1(clock_res_get)(Clock clock, uint64_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  if (clock == Clock::monotonic) {
    *out = wasi_monotonic_resolution();
  } else if (clock == Clock::realtime) {
    Datetime step;
    wasi_wall_resolution(&step);
    *out = nanoseconds(step);
  } else {
    return Errno::badf;
  }
  return Errno::success;
}

PREVIEW1(clock_time_get)(Clock clock, uint64_t /*precision*/, uint64_t* out) {
  if (clock == Clock::monotonic) {
    *out = wasi_monotonic_now();
  } else if (clock == Clock::realtime) {
    *out = 0;
    REFUSE_WHILE_ALLOCATING(Errno::success);
    Datetime now;
    wasi_wall_now(&now);
    *out = nanoseconds(now);
  } else {
    return Errno::badf;
  }
  return Errno::success;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace tenon::bench {

/// One result: `NAME VALUE` on a line of its own. The unit is the last word of the name
/// (`decode.mb_per_s`, `call.nop.ns`), so that `compare.py` can put peers beside it.
inline void report(std::string_view name, double value) {
  std::printf("%.*s %.4g\n", static_cast<int>(name.size()), name.data(), value);
  std::fflush(stdout);
}

/// Says what a benchmark needs that it was not given; the exit code of one that was left out.
inline int skip(const char* usage) {
  std::fprintf(stderr, "skipped, for want of a file: %s\n", usage);
  return 0;
}

/// Seconds of wall-clock time that `work` takes: the least of `times` runs.
template <class Work>
double least_seconds(int times, Work&& work) {
  double least = 1e300;
  for (int i = 0; i < times; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (taken.count() < least) least = taken.count();
  }
  return least;
}

/// CPU time so far, in seconds: of the whole process, or of this thread.
inline double cpu_seconds(clockid_t whose = CLOCK_PROCESS_CPUTIME_ID) {
  timespec now{};
  ::clock_gettime(whose, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Nanoseconds a call takes when it runs `n` times in a row: the least of five rounds, in CPU time
/// of this thread, so that what else the machine does counts for little.
template <class Call>
double nanoseconds_per_call(long n, Call&& call) {
  double least = 1e300;
  for (int round = 0; round < 5; ++round) {
    const double begin = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (long i = 0; i < n; ++i) call();
    const double taken = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
    if (taken < least) least = taken;
  }
  return least * 1e9 / static_cast<double>(n);
}

}  // namespace tenon::bench

// SPDX-License-Identifier: Apache-2.0
// What `set_deadline` costs while 100,000 stores have deadlines: set in order and in none, moved to
// later and to earlier times, each earlier than all others, removed, and set by one store of many
// again and again. Nanoseconds of wall-clock time a call, as the watchdog's thread counts too: the
// least of five rounds; then how late a deadline fires that many others follow.

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/report.h"
#include "tenon/engine/store.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace): a program of one file
using Clock = std::chrono::steady_clock;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t count = 100'000;
constexpr int rounds = 5;

struct Pattern {
  std::string name;
  double least = 1e300;
};

template <class Set>
void measure(Pattern& pattern, std::deque<engine::Store>& stores, Set&& set) {
  const auto begin = Clock::now();
  for (std::size_t n = 0; n < stores.size(); ++n) set(stores[n], n);
  const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
  pattern.least = std::min(pattern.least, taken.count() / static_cast<double>(stores.size()));
}

/// A number below `count` for each store, without any order.
std::size_t scattered(std::size_t n) {
  return n * 7919 % count;
}

/// How long after its time a deadline is seen, in milliseconds.
double lateness(engine::Store& store) {
  const auto when = Clock::now() + milliseconds(7);
  store.set_deadline(when);
  while (store.context().stack_limit.load() != nullptr && Clock::now() < when + hours(1)) {
  }
  const std::chrono::duration<double, std::milli> late = Clock::now() - when;
  store.set_deadline(std::nullopt);
  return late.count();
}

}  // namespace

int main() {
  Pattern in_order{"in_order"};
  Pattern mixed{"scattered"};
  Pattern later{"later"};
  Pattern earlier_than_all{"earlier_than_all"};
  Pattern nearer{"nearer_and_nearer"};
  Pattern earlier{"earlier_scattered"};
  Pattern removed{"removed"};
  Pattern again{"set_again_after_removal"};
  Pattern dropped{"store_dropped"};
  std::vector<double> late;
  for (int round = 0; round < rounds; ++round) {
    engine::Engine engine;
    std::deque<engine::Store> stores;
    for (std::size_t n = 0; n < count; ++n) stores.emplace_back(engine);
    const auto far = Clock::now() + hours(10);
    measure(mixed, stores,
            [&](auto& s, auto n) { s.set_deadline(far + microseconds(scattered(n))); });
    measure(later, stores,
            [&](auto& s, auto n) { s.set_deadline(far + hours(1) + microseconds(n)); });
    measure(earlier_than_all, stores,
            [&](auto& s, auto n) { s.set_deadline(far - microseconds(n)); });
    measure(earlier, stores,
            [&](auto& s, auto n) { s.set_deadline(far - hours(1) - microseconds(scattered(n))); });
    // From nine hours to a second.
    const auto step =
        microseconds((std::int64_t{9} * 3600 - 1) * 1'000'000 / static_cast<std::int64_t>(count));
    measure(nearer, stores, [&](auto& s, auto n) { s.set_deadline(far - hours(1) - step * n); });
    for (int n = 0; n < 20; ++n) late.push_back(lateness(stores[static_cast<std::size_t>(n)]));
    measure(removed, stores, [](auto& s, auto) { s.set_deadline(std::nullopt); });
    measure(again, stores,
            [&](auto& s, auto n) { s.set_deadline(far - hours(2) + microseconds(n)); });
    // Ends in the order in which they began; the cost of a store's own end is among it.
    const auto begin = Clock::now();
    while (!stores.empty()) stores.pop_front();
    const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
    dropped.least = std::min(dropped.least, taken.count() / static_cast<double>(count));
    for (std::size_t n = 0; n < count; ++n) stores.emplace_back(engine);
    measure(in_order, stores, [&](auto& s, auto n) { s.set_deadline(far + microseconds(n)); });
  }
  for (const auto* pattern : {&in_order, &mixed, &later, &earlier_than_all, &earlier, &nearer,
                              &removed, &again, &dropped})
    bench::report("deadlines." + pattern->name + ".ns", pattern->least);
  std::sort(late.begin(), late.end());
  bench::report("deadlines.late.middle.ms", late[late.size() / 2]);
  bench::report("deadlines.late.most.ms", late.back());
  return 0;
}

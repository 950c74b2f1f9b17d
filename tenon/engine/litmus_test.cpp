// SPDX-License-Identifier: Apache-2.0
// Litmus tests: threads that really run at a time, an iteration beside an iteration, with places of
// its own each. What sequentially consistent operators must never show does not show; what plain
// ones show are values that somebody wrote. Spec: the proposal `threads`, "Relaxed memory model".
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tenon/engine/shared_memory.h"
#include "tenon/engine/store.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Results = std::array<std::uint32_t, 4>;
using Counts = std::map<Results, int>;

constexpr std::uint64_t stride = 256;
constexpr std::uint64_t first_place = 65536;
constexpr std::uint64_t results_at = 128;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

class Litmus : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] static bool atomic() { return GetParam(); }

  /// Runs each body on a thread of its own. In a body `X` and `Y` are the places, `LOAD` and
  /// `STORE` the operators, and `R0` to `R3` where results go.
  Counts run(const std::vector<std::string>& bodies) {
    const char* set = std::getenv("TENON_WAITS");
    const int rounds = std::min(16'000, 1000 * (set == nullptr ? 1 : std::max(1, std::atoi(set))));
    core::MemType type;
    type.shared = true;
    type.limits = {64, 64};
    const auto memory = SharedMemory::create(engine, type);
    if (!memory) {
      ADD_FAILURE();
      return {};
    }
    std::vector<std::thread> threads;
    for (const std::string& body : bodies) {
      threads.emplace_back([&] {
        Store store(engine);
        Instance& instance =
            make(store, module(body, bodies.size()), {store.import_memory(*memory)});
        EXPECT_TRUE(get<void(std::int32_t)>(instance, "run")(rounds));
      });
    }
    for (std::thread& thread : threads) thread.join();
    Counts counts;
    for (int i = 0; i < rounds; ++i) {
      Results results;
      for (std::size_t k = 0; k < results.size(); ++k) {
        const auto at = first_place + static_cast<std::uint64_t>(i) * stride + results_at + k * 4;
        results[k] = memory->load<std::uint32_t>(at).value();
      }
      ++counts[results];
    }
    for (const auto& [results, count] : counts) {
      std::string name = "seen";
      for (const std::uint32_t r : results) name += "_" + std::to_string(r);
      RecordProperty(name, count);
    }
    return counts;
  }

  StressedEngine engine;

 private:
  /// All threads meet before each iteration, at a counter; who comes first spins for a while.
  static std::string module(const std::string& body, std::size_t threads) {
    std::string text = R"((module
      (import "m" "mem" (memory 64 64 shared))
      (func (export "run") (param $rounds i32) (local $p i32) (local $all i32) (local $spin i32)
        (local $seen i32)
        (local.set $p (i32.const 65536))
        (loop $round
          (local.set $all (i32.add (local.get $all) (i32.const THREADS)))
          (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
          (local.set $spin (i32.const 0))
          (loop $meet
            (local.set $seen (i32.atomic.load (i32.const 0)))
            (if (i32.lt_u (local.get $seen) (local.get $all)) (then
              (local.set $spin (i32.add (local.get $spin) (i32.const 1)))
              (if (i32.gt_u (local.get $spin) (i32.const 1000)) (then
                (drop (memory.atomic.wait32 (i32.const 0) (local.get $seen) (i64.const 100000)))))
              (br $meet))))
          BODY
          (local.set $p (i32.add (local.get $p) (i32.const 256)))
          (br_if $round
            (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))))
      )";
    text = replaced(text, "BODY", body);
    text = replaced(text, "THREADS", std::to_string(threads));
    text = replaced(text, "LOAD", atomic() ? "i32.atomic.load" : "i32.load");
    text = replaced(text, "STORE", atomic() ? "i32.atomic.store" : "i32.store");
    for (unsigned k = 0; k < 4; ++k) {
      text =
          replaced(text, "(R" + std::to_string(k),
                   "(i32.store offset=" + std::to_string(results_at + 4 * k) + " (local.get $p)");
    }
    text = replaced(text, " X", " (local.get $p)");
    return replaced(text, " Y", " (i32.add (local.get $p) (i32.const 64))");
  }
};

INSTANTIATE_TEST_SUITE_P(Operators, Litmus, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Atomic" : "Plain"; });

TEST_P(Litmus, StoreBuffering) {
  const Counts seen =
      run({"(STORE X (i32.const 1)) (R0 (LOAD Y))", "(STORE Y (i32.const 1)) (R1 (LOAD X))"});
  for (const auto& [r, count] : seen) {
    EXPECT_LE(std::max(r[0], r[1]), 1U);
    // Plain stores may wait in the buffer of their processor.
    if (atomic()) EXPECT_NE(r[0] + r[1], 0U) << count << " times";
  }
}

TEST_P(Litmus, LoadBuffering) {
  const Counts seen =
      run({"(R0 (LOAD Y)) (STORE X (i32.const 1))", "(R1 (LOAD X)) (STORE Y (i32.const 1))"});
  for (const auto& [r, count] : seen) {
    EXPECT_LE(std::max(r[0], r[1]), 1U);
    if (atomic()) EXPECT_NE(r[0] + r[1], 2U) << count << " times";
  }
}

TEST_P(Litmus, MessagePassing) {
  const Counts seen =
      run({"(STORE X (i32.const 42)) (STORE Y (i32.const 1))", "(R0 (LOAD Y)) (R1 (LOAD X))"});
  for (const auto& [r, count] : seen) {
    EXPECT_LE(r[0], 1U);
    EXPECT_TRUE(r[1] == 0 || r[1] == 42) << r[1];
    if (atomic()) EXPECT_FALSE(r[0] == 1 && r[1] == 0) << count << " times";
  }
}

// Two readers agree on the order of two writers.
TEST_P(Litmus, IndependentReadsOfIndependentWrites) {
  const Counts seen = run({"(STORE X (i32.const 1))", "(STORE Y (i32.const 1))",
                           "(R0 (LOAD X)) (R1 (LOAD Y))", "(R2 (LOAD Y)) (R3 (LOAD X))"});
  for (const auto& [r, count] : seen)
    if (atomic()) EXPECT_NE(r, (Results{1, 0, 1, 0})) << count << " times";
}

TEST_P(Litmus, AReaderNeverSeesAPlaceGoBack) {
  const Counts seen =
      run({"(STORE X (i32.const 1)) (STORE X (i32.const 2))", "(R0 (LOAD X)) (R1 (LOAD X))"});
  for (const auto& [r, count] : seen)
    if (atomic()) EXPECT_LE(r[0], r[1]) << count << " times";
}

TEST_P(Litmus, AReadModifyWriteIsOneStep) {
  const Counts seen =
      run({"(R0 (i32.atomic.rmw.add X (i32.const 1)))", "(R1 (i32.atomic.rmw.add X (i32.const 1)))",
           "(R2 (i32.atomic.rmw.add X (i32.const 1)))"});
  for (const auto& [r, count] : seen)
    EXPECT_EQ((1U << r[0] | 1U << r[1] | 1U << r[2]), 7U) << count;
}

}  // namespace
}  // namespace tenon::engine

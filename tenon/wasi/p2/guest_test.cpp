// SPDX-License-Identifier: Apache-2.0
// Guests of WASI 0.2 that wait: what else runs meanwhile, and what ends it.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tenon/runtime/embed_test.h"
#include "tenon/wasi/context.h"

namespace tenon::wasi {
namespace {

using std::chrono::milliseconds;
using HostClock = std::chrono::steady_clock;

/// `sleep` waits so many nanoseconds; `hold` takes so many pollables and keeps them.
constexpr std::string_view sleeper = R"((component
  (import "wasi:io/poll@0.2.1" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.12" (instance $clock
    (alias outer 1 $pollable (type $q))
    (export "pollable" (type $r (eq $q)))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $r))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $now (canon lower (func $clock "now")))
  (core func $drop (canon resource.drop $pollable))
  (core module $M
    (import "" "block" (func $block (param i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "sleep") (param i64)
      (local $p i32)
      (local.set $p (call $subscribe (local.get 0)))
      (call $block (local.get $p))
      (call $drop (local.get $p)))
    (func (export "hold") (param i32)
      (loop $again
        (drop (call $subscribe (i64.const 1)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $again (local.get 0)))))
  (core instance $m (instantiate $M (with "" (instance
    (export "block" (func $block))
    (export "subscribe" (func $subscribe))
    (export "drop" (func $drop))))))
  (func (export "sleep") (param "ns" u64) (canon lift (core func $m "sleep")))
  (func (export "hold") (param "count" u32) (canon lift (core func $m "hold")))
  (func (export "now") (result u64) (canon lift (core func $now)))))";

/// `poll` gives a list of so many times the same pollable, and behind them one that never is ready,
/// to `poll`; its result is the number of indices that come back.
constexpr std::string_view poller = R"((component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $q))
    (export "pollable" (type $r (eq $q)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $r))))))
  (core module $Memory
    (global $free (mut i32) (i32.const 1048576))
    (memory (export "memory") 40)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3)))))
  (core instance $memory (instantiate $Memory))
  (core func $poll (canon lower (func $poll "poll") (memory (core memory $memory "memory"))
    (realloc (core func $memory "realloc"))))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $M
    (import "" "memory" (memory 1))
    (import "" "poll" (func $poll (param i32 i32 i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (func (export "poll") (param $count i32) (result i32) (local $p i32) (local $at i32)
      (local.set $p (call $subscribe (i64.const 0)))
      (local.set $at (i32.const 64))
      (loop $next
        (i32.store (local.get $at) (local.get $p))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (i32.add (i32.const 64) (i32.shl (local.get $count) (i32.const 2))))))
      (i32.store (local.get $at) (call $subscribe (i64.const -1)))
      (call $poll (i32.const 64) (i32.add (local.get $count) (i32.const 1)) (i32.const 0))
      (i32.load (i32.const 4))))
  (core instance $m (instantiate $M (with "" (instance
    (export "memory" (memory $memory "memory"))
    (export "poll" (func $poll))
    (export "subscribe" (func $subscribe))))))
  (func (export "poll") (param "count" u32) (result u32) (canon lift (core func $m "poll")))))";

constexpr std::uint64_t hour = 3'600'000'000'000;

class WaitingGuest : public Embed {
 protected:
  WaitingGuest() {
    EXPECT_TRUE(add_to_linker(linker));
    store.emplace_extension<Context>();
  }
  runtime::TypedFunc<void(std::uint64_t)> sleep_of(Store& in) {
    return *instantiate(in, sleeper).get_typed_func<void(std::uint64_t)>(in, "sleep");
  }
};

TEST_F(WaitingGuest, BlocksNoOtherStoreOfTheThread) {
  Store other(engine);
  other.emplace_extension<Context>();
  std::string order;
  const auto slow = sleep_of(store);
  const auto quick = sleep_of(other);
  ASSERT_TRUE(store.spawn([&] {
    EXPECT_TRUE(slow(200'000'000));
    order += "slow ";
  }));
  ASSERT_TRUE(other.spawn([&] {
    EXPECT_TRUE(quick(1'000'000));
    order += "quick ";
  }));
  const std::array stores{&store, &other};
  const auto turn = [&] {
    const bool left = store.run_ready();
    return other.run_ready() || left;
  };
  while (turn()) ASSERT_TRUE(runtime::wait_ready(stores));
  EXPECT_EQ(order, "quick slow ");
}

TEST_F(WaitingGuest, IsEndedByTheDeadline) {
  const auto sleep = sleep_of(store);
  store.set_deadline(HostClock::now() + milliseconds(10));
  const auto done = sleep(hour);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), engine::TrapCode::interrupted);
}

TEST_F(WaitingGuest, IsEndedByAnInterruption) {
  const auto sleep = sleep_of(store);
  std::thread other([handle = store.interrupt_handle()] { handle.interrupt(); });
  const auto done = sleep(hour);
  other.join();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), engine::TrapCode::interrupted);
}

TEST_F(WaitingGuest, MovesAClockThatStandsStill) {
  store.extension<Context>()->fix_clock({.seconds = 1000});
  const auto instance = instantiate(store, sleeper);
  const auto sleep = *instance.get_typed_func<void(std::uint64_t)>(store, "sleep");
  const auto now = *instance.get_typed_func<std::uint64_t()>(store, "now");
  const auto before = *now();
  ASSERT_TRUE(sleep(hour));
  EXPECT_EQ(*now() - before, hour);
}

TEST_F(WaitingGuest, PollsListsOfEveryLength) {
  const auto poll =
      *instantiate(store, poller).get_typed_func<std::uint32_t(std::uint32_t)>(store, "poll");
  for (const std::uint32_t count : {1U, 100U, 100'000U}) EXPECT_EQ(poll(count).value_or(0), count);
}

TEST_F(WaitingGuest, HoldsNoMoreThanItMay) {
  store.extension<Context>()->set_max_resources(5);
  const std::array few{Value::u32(5)};
  const std::array many{Value::u32(6)};
  EXPECT_EQ(call(instantiate(store, sleeper), few, "hold"), "done");
  EXPECT_EQ(store.extension<Context>()->open_resources(), 5U);
  EXPECT_EQ(call(instantiate(store, sleeper), many, "hold"),
            "the guest holds as many resources of WASI as it may");
}

TEST_F(WaitingGuest, IsRefusedWithoutAContext) {
  Store bare(engine);
  const auto made = linker.instantiate(bare, compile(engine, sleeper));
  ASSERT_FALSE(made);
  EXPECT_NE(words(made.error()).find("tenon::wasi::Context"), std::string::npos)
      << words(made.error());
}

}  // namespace
}  // namespace tenon::wasi

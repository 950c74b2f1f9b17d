// SPDX-License-Identifier: Apache-2.0
// Deadlines and interruptions hold until the host changes or answers them, whatever it does in
// between, and cost nothing that grows with calls or stores.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "tenon/engine/fiber.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"
#include "tenon/engine/watchdog.h"

namespace tenon::engine {
namespace {

using Engine = StressedEngine;

using Clock = std::chrono::steady_clock;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::string_view guest = R"((module
  (import "" "host" (func $host))
  (func (export "spin") (loop $l (br $l)))
  (func (export "quick") (result i32) (i32.const 7))
  (func (export "ask") (call $host))
  (func (export "ask-spin") (call $host) (loop $l (br $l)))
  (func $callee) (func (export "ask-call") (call $host) (call $callee))))";

class Deadline : public ::testing::Test {
 protected:
  Deadline() : instance(make(store, guest, {store.host_func([this] { host(); })})) {}

  TrapCode trap_of(std::string_view name) {
    std::array<ValueSlot, 1> slots{};
    const auto outcome = instance.func(name)->call(slots);
    EXPECT_FALSE(outcome) << name;
    return outcome ? TrapCode::host : outcome.error().code();
  }
  bool runs() { return get<int()>(instance, "quick")().has_value(); }
  [[nodiscard]] Watchdog::Counters counters() const { return engine_.watchdog().counters(); }
  void wait_until_due(Clock::time_point when) {
    std::this_thread::sleep_until(when);
    while (store.context().stack_limit.load() != nullptr) std::this_thread::yield();
  }

  mutable Engine engine_;
  Store store{engine_};
  std::move_only_function<void()> host = [] {};
  Instance& instance;
};

TEST_F(Deadline, ThatFiredHoldsForTheNextGuestToo) {
  store.set_deadline(Clock::now() + milliseconds(5));
  for (int n = 0; n < 3; ++n) EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
  EXPECT_FALSE(runs()) << "a call is refused where it begins";
}

TEST_F(Deadline, InThePastHoldsAtOnce) {
  store.set_deadline(Clock::now() - milliseconds(1));
  EXPECT_EQ(trap_of("quick"), TrapCode::interrupted);
  EXPECT_TRUE(store.refused());
  store.set_deadline(Clock::time_point::min());
  EXPECT_FALSE(runs());
  EXPECT_EQ(counters().entries, 0U);
}

TEST_F(Deadline, SwallowedByAHostFunctionStopsTheOuterGuest) {
  host = [&] { EXPECT_EQ(trap_of("spin"), TrapCode::interrupted); };
  store.set_deadline(Clock::now() + milliseconds(5));
  EXPECT_EQ(trap_of("ask-spin"), TrapCode::interrupted);
  EXPECT_EQ(trap_of("ask-call"), TrapCode::interrupted);
}

TEST_F(Deadline, ThatIsMovedOrRemovedAfterItFiredLetsGuestsRun) {
  const auto when = Clock::now() + milliseconds(2);
  store.set_deadline(when);
  wait_until_due(when);
  store.set_deadline(Clock::now() + hours(1));
  EXPECT_TRUE(runs());
  store.set_deadline(Clock::now() - milliseconds(1));
  EXPECT_FALSE(runs());
  store.set_deadline(std::nullopt);
  EXPECT_TRUE(runs());
  store.set_deadline(Clock::time_point::max());
  EXPECT_TRUE(runs());
}

TEST_F(Deadline, SetAndRemovedInsideAHostFunctionHoldsForItsCaller) {
  host = [&] { store.set_deadline(Clock::now() + milliseconds(2)); };
  EXPECT_EQ(trap_of("ask-spin"), TrapCode::interrupted);
  EXPECT_FALSE(runs());
  store.set_deadline(std::nullopt);
  host = [&] {
    store.set_deadline(Clock::now() - milliseconds(2));
    EXPECT_FALSE(runs());
    store.set_deadline(std::nullopt);
  };
  EXPECT_TRUE(get<void()>(instance, "ask-call")());
}

TEST_F(Deadline, MadeEarlierWakesTheWatchdog) {
  store.set_deadline(Clock::now() + hours(1));
  store.set_deadline(Clock::now() + milliseconds(3));
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
}

TEST_F(Deadline, MovedLaterAgainAndAgainFiresAtTheLast) {
  for (int n = 0; n < 50; ++n) {
    const auto when = Clock::now() + milliseconds(3);
    store.set_deadline(when);
    EXPECT_TRUE(runs() || Clock::now() >= when);
    std::this_thread::sleep_for(microseconds(200));
  }
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
}

TEST_F(Deadline, OfATrapWithAnotherCauseHoldsOn) {
  host = [this] {
    store.set_deadline(Clock::now() + milliseconds(5));
    throw std::runtime_error("no");
  };
  EXPECT_EQ(trap_of("ask"), TrapCode::host);
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
}

TEST_F(Deadline, InterruptionIsAnsweredWhenTheOutermostCallReturns) {
  const auto handle = store.interrupt_handle();
  handle.interrupt();
  EXPECT_EQ(trap_of("quick"), TrapCode::interrupted) << "asked for while no guest ran";
  EXPECT_TRUE(runs());
  host = [&] {
    handle.interrupt();
    EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
    EXPECT_EQ(trap_of("quick"), TrapCode::interrupted) << "within the same outermost call";
  };
  EXPECT_EQ(trap_of("ask-spin"), TrapCode::interrupted);
  EXPECT_TRUE(runs());
  EXPECT_EQ(trap_of("ask-call"), TrapCode::interrupted);
  EXPECT_TRUE(runs());
  EXPECT_TRUE(get<void()>(instance, "ask")()) << "it returned before it looked";
  EXPECT_TRUE(runs()) << "a guest of that call had trapped: answered";
}

TEST_F(Deadline, InterruptionOfACallThatEndedBeforeHoldsForTheNext) {
  host = [&] { store.interrupt_handle().interrupt(); };
  EXPECT_TRUE(get<void()>(instance, "ask")());
  EXPECT_FALSE(runs());
  EXPECT_TRUE(runs());
}

TEST_F(Deadline, InterruptionAskedForTwiceIsTwo) {
  store.interrupt_handle().interrupt();
  EXPECT_FALSE(runs());
  store.interrupt_handle().interrupt();
  store.interrupt_handle().interrupt();
  EXPECT_FALSE(runs());
  EXPECT_TRUE(runs());
}

TEST_F(Deadline, InterruptionThatTheHostTakesBackIsGone) {
  store.interrupt_handle().interrupt();
  store.clear_interrupt();
  EXPECT_TRUE(runs());
  host = [&] {
    store.interrupt_handle().interrupt();
    EXPECT_FALSE(runs());
    store.clear_interrupt();
    EXPECT_TRUE(runs());
  };
  EXPECT_TRUE(get<void()>(instance, "ask-call")());
}

TEST_F(Deadline, ACallbackThatGoesOnAnswersAnInterruptionButNoDeadline) {
  int asked = 0;
  store.on_interrupt([&](Store*) { return ++asked, InterruptAction::go_on; });
  store.interrupt_handle().interrupt();
  EXPECT_TRUE(runs());
  EXPECT_EQ(asked, 1);
  store.set_deadline(Clock::now() + milliseconds(2));
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
  EXPECT_EQ(asked, 1);
}

TEST_F(Deadline, ACallbackThatTrapsIsNotAskedAgainForTheSameInterruption) {
  int asked = 0;
  store.on_interrupt([&](Store*) { return ++asked, InterruptAction::trap; });
  host = [&] {
    store.interrupt_handle().interrupt();
    EXPECT_FALSE(runs());
  };
  EXPECT_EQ(trap_of("ask-spin"), TrapCode::interrupted);
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(runs());
}

TEST_F(Deadline, ACallbackMayThrowCallGuestsSetDeadlinesAndReplaceItself) {
  store.on_interrupt([&](Store*) -> InterruptAction { throw 1; });
  store.interrupt_handle().interrupt();
  EXPECT_FALSE(runs());
  store.on_interrupt([&](Store* s) {
    EXPECT_FALSE(runs()) << "the guest's stack is in use";
    s->set_deadline(Clock::now() + milliseconds(2));
    s->on_interrupt(nullptr);
    return InterruptAction::go_on;
  });
  store.interrupt_handle().interrupt();
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted) << "the deadline that it set";
  store.set_deadline(std::nullopt);
  store.interrupt_handle().interrupt();
  EXPECT_FALSE(runs()) << "it took itself away";
}

// A callback that collected, or made an instance whose constants took a collection, freed what the
// interrupted guest held above its last call of a host function; and a backtrace began there.
TEST_F(Deadline, WhatAGuestHoldsLivesWhileTheCallbackCollects) {
  auto& i = make(store, R"((module (import "" "host" (func $host))
    (type $s (struct (field i32)))
    (type $kept (func (param i64 i64 i64 i64 (ref $s)) (result i64 i64 i64 i64 (ref $s))))
    (func $asks (call $host))
    (func $holds (result i32) (local $n i32)
      (call $asks)
      (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (struct.new $s (i32.const 42))
      (loop $l (type $kept)
        (drop (struct.new $s (i32.const 7)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 9))))
      (struct.get $s 0) (return))
    (func (export "f") (result i32) (call $holds))))",
                 {store.host_func([&] { store.interrupt_handle().interrupt(); })});
  int asked = 0;
  std::size_t frames = 0;
  store.on_interrupt([&](Store* s) {
    ++asked;
    s->collect_garbage();
    frames = s->backtrace().size();
    return InterruptAction::go_on;
  });
  EXPECT_EQ(get<int()>(i, "f")().value(), 42);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(frames, 2U) << "a backtrace begins where the guest stands";
}

/// `f` calls 300 functions deep, each with 1,000 regions that do not catch, then the host.
constexpr std::string_view unwinding = R"((module (import "" "boom" (func $boom))
  (import "" "tag" (tag $t (param i32)))
  (func $down (param i32)
    (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (call $boom)))
    REGIONS)
  (func (export "f") (result i32)
    (block $h (result i32) (try_table (catch $t $h) (call $down (i32.const 300))) (i32.const 0)))))";

TEST_F(Deadline, InterruptionIsLookedForWhileAHandlerIs) {
  Tag* tag =
      store.new_tag(engine_.types().host_type(std::array{core::ValType(core::TypeCode::i32)}, {}));
  const Func boom = store.host_func([&]() -> Outcome<void> {
    store.interrupt_handle().interrupt();
    (void)store.throw_exception(tag, std::array<ValueSlot, 1>{42});
    return std::unexpected(Trap(TrapCode::uncaught_exception));
  });
  std::string wat(unwinding);
  wat.replace(wat.find("REGIONS"), 7, times(1000, "(block (try_table (catch_all 0)))\n"));
  const auto f = get<int()>(make(store, wat, {boom, tag}), "f");
  const auto outcome = f();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), TrapCode::interrupted);
  EXPECT_GT(outcome.error().backtrace().size(), 1U) << "only where the handler was entered";
  // One who goes on finds the handler, and what was thrown has outlived the collection.
  int asked = 0;
  store.on_interrupt([&](Store* s) {
    ++asked;
    s->collect_garbage();
    return InterruptAction::go_on;
  });
  EXPECT_EQ(f().value(), 42);
  EXPECT_EQ(asked, 1);
}

TEST_F(Deadline, InterruptionInAFiberIsNotAnsweredWhileAGuestWaitsOutside) {
  host = [&] {
    auto inner = [&] { EXPECT_EQ(trap_of("spin"), TrapCode::interrupted); };
    store.interrupt_handle().interrupt();
    EXPECT_TRUE(Fiber::create(store, inner)->resume());
    EXPECT_TRUE(Fiber::create(store, inner)->resume()) << "no outermost call began in between";
  };
  EXPECT_EQ(trap_of("ask-spin"), TrapCode::interrupted);
  EXPECT_TRUE(runs());
}

TEST_F(Deadline, FuelThatIsUsedUpStaysUsedUp) {
  Config config;
  config.fuel = true;
  Engine counting(config);
  Store limited(counting);
  Instance* inner = nullptr;
  const auto swallow =
      limited.host_func([&] { EXPECT_FALSE(get<void()>(*inner, "spin")()) << "no fuel"; });
  auto& outer = make(limited, guest, {swallow});
  inner = &make(limited, guest, {swallow});
  limited.set_fuel(10'000);
  EXPECT_EQ(get<void()>(outer, "ask-spin")().error().code(), TrapCode::out_of_fuel);
  EXPECT_EQ(get<int()>(outer, "quick")().error().code(), TrapCode::out_of_fuel);
  limited.set_fuel(10'000);
  EXPECT_TRUE(get<int()>(outer, "quick")());
}

TEST_F(Deadline, AMillionAreReplacedRemovedAndPassed) {
  constexpr int calls = 1'000'000;
  const auto quick = get<int()>(instance, "quick");
  int refused = 0;
  for (int n = 0; n < calls; ++n) {
    switch (n % 4) {
      case 0:
        store.set_deadline(Clock::now() + milliseconds(200));
        break;
      case 1:
        store.set_deadline(Clock::now() + hours(1));
        break;
      case 2:
        store.set_deadline(std::nullopt);
        break;
      default:
        if (n % 1000 == 3) store.set_deadline(Clock::now() - milliseconds(1));
    }
    refused += quick() ? 0 : 1;
  }
  EXPECT_EQ(refused, calls / 1000);
  const auto seen = counters();
  EXPECT_LE(seen.entries, 1U);
  // One look at least 200 ms after the other, and nothing in the heap meanwhile.
  EXPECT_LT(seen.looks, 10'000U);
  EXPECT_LT(seen.moves, 20'000U);
  EXPECT_LT(seen.notifications, 10'000U);
}

TEST_F(Deadline, OfAHundredThousandStoresCostsAFewMovesEach) {
  constexpr std::size_t count = 100'000;
  std::deque<Store> stores;
  const auto begin = Clock::now() + hours(1);
  for (std::size_t n = 0; n < count; ++n) {
    stores.emplace_back(engine_).set_deadline(begin + microseconds((n * 7919) % count));
  }
  EXPECT_EQ(counters().entries, count);
  // A place found from the bottom: two moves on the average.
  EXPECT_LT(counters().moves, 4 * count);
  auto before = counters();
  for (auto& s : stores) s.set_deadline(begin + hours(1));
  EXPECT_EQ(counters().moves, before.moves) << "a later deadline leaves the entry where it is";
  EXPECT_EQ(counters().notifications, before.notifications);
  for (std::size_t n = 0; n < count; ++n) stores[n].set_deadline(begin - microseconds(n));
  // To the top at worst: log2 of the number.
  EXPECT_LT(counters().moves - before.moves, 18 * count);
  // Half the way from an hour to nothing, once a wake; and the wakes are few.
  EXPECT_LT(counters().notifications - before.notifications, 30U);
  EXPECT_EQ(counters().entries, count);
  before = counters();
  stores.clear();
  EXPECT_LT(counters().moves - before.moves, 18 * count);
  EXPECT_EQ(counters().entries, 0U);
}

TEST_F(Deadline, EachEarlierThanAllBeforeWakesTheWatchdogSeldom) {
  constexpr std::size_t count = 20'000;
  std::deque<Store> stores;
  const auto begin = Clock::now() + hours(2);
  for (std::size_t n = 0; n < count; ++n)
    stores.emplace_back(engine_).set_deadline(begin - microseconds(350'000 * n));
  const auto seen = counters();
  EXPECT_EQ(seen.entries, count);
  EXPECT_LT(seen.notifications, 100U) << "once where the time left is half of what it was";
  EXPECT_EQ(seen.looks, 0U);
  store.set_deadline(Clock::now() + milliseconds(3));
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted) << "and the earliest of all fires";
}

TEST_F(Deadline, FarAwayWakesTheWatchdogSeldomAndNoneNever) {
  {
    Store other(engine_);
    other.set_deadline(Clock::now() + milliseconds(40));
  }
  store.set_deadline(Clock::now() + milliseconds(80));
  EXPECT_EQ(trap_of("spin"), TrapCode::interrupted);
  // Half the way, and half of the rest, and so on down to 2 ms.
  EXPECT_LT(counters().wakes, 20U);
  store.set_deadline(Clock::now() + hours(3));
  store.set_deadline(std::nullopt);
  std::this_thread::sleep_for(milliseconds(20));
  const auto before = counters();
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_LE(counters().wakes, before.wakes + 1) << "nothing to do, or one entry that is removed";
}

TEST_F(Deadline, ManyThatPassTogetherStopTheirStores) {
  std::deque<Store> stores;
  const auto when = Clock::now() + milliseconds(20);
  for (int n = 0; n < 500; ++n) stores.emplace_back(engine_).set_deadline(when);
  std::this_thread::sleep_until(when);
  for (auto& s : stores) {
    auto& i = make(s, "(module (func (export \"spin\") (loop $l (br $l))))");
    EXPECT_EQ(get<void()>(i, "spin")().error().code(), TrapCode::interrupted);
  }
  EXPECT_EQ(counters().entries, 0U);
}

TEST_F(Deadline, RacesWithInterruptionsAndTheEndOfStores) {
  constexpr int threads = 4;
  constexpr int rounds = 300;
  const auto module = compile(engine_, R"((module (func (export "spin") (loop $l (br $l)))
    (func (export "quick") (result i32) (i32.const 7))))");
  std::mutex mutex;
  std::array<std::optional<InterruptHandle>, threads> handles;
  std::atomic<int> running = threads;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> pool;
  for (int t = 0; t < threads; ++t) {
    pool.emplace_back([&, t] {
      for (int n = 0; n < rounds; ++n) {
        Store own(engine_);
        {
          const std::lock_guard lock(mutex);
          handles[static_cast<std::size_t>(t)] = own.interrupt_handle();
        }
        auto made = Instance::create(own, module, {});
        if (!made) continue;
        for (int k = 0; k < 20; ++k) {
          own.set_deadline(Clock::now() + microseconds(50 * ((n + k) % 7)));
          (void)get<int()>(**made, "quick")();
          if (k % 3 == 0) own.set_deadline(std::nullopt);
        }
        own.set_deadline(Clock::now() + microseconds(200));
        const auto outcome = get<void()>(**made, "spin")();
        if (outcome || outcome.error().code() != TrapCode::interrupted) ++wrong;
      }
      --running;
    });
  }
  std::thread asks([&] {
    while (running != 0) {
      for (auto& h : handles) {
        const std::unique_lock lock(mutex);
        if (const auto handle = h) handle->interrupt();
      }
      std::this_thread::sleep_for(microseconds(100));
    }
  });
  for (auto& t : pool) t.join();
  asks.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(counters().entries, 0U);
}

}  // namespace
}  // namespace tenon::engine

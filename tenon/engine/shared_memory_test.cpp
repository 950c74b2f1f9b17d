// SPDX-License-Identifier: Apache-2.0
// Memories that several stores use at a time, each on a thread: they see each other's writes and
// growth, and threads wait for each other without a lost wake-up.
#include "tenon/engine/shared_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <latch>
#include <thread>

#include "tenon/engine/atomic_wait.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/store.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

core::MemType shared_type(std::uint64_t min, std::uint64_t max) {
  core::MemType type;
  type.limits = {min, max};
  type.shared = true;
  return type;
}

/// How many times as much is done as in the ordinary run: `TENON_WAITS`.
std::int32_t often() {
  const char* set = std::getenv("TENON_WAITS");
  return set == nullptr ? 1 : std::max(1, std::atoi(set));
}

constexpr const char* wat = R"((module
  (import "m" "mem" (memory 1 100 shared))
  (export "mem" (memory 0))
  (func (export "wait") (param i32 i64) (result i32)
    (memory.atomic.wait32 (i32.const 64) (local.get 0) (local.get 1)))
  (func (export "wait64") (param i64 i64) (result i32)
    (memory.atomic.wait64 (i32.const 128) (local.get 0) (local.get 1)))
  (func (export "notify") (param i32) (result i32)
    (memory.atomic.notify (i32.const 64) (local.get 0)))
  (func (export "add") (param i32 i32) (result i32)
    (i32.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  ;; A ping-pong over one cell: waits while it holds what the other shall take away.
  (func (export "play") (param $mine i32) (param $other i32) (param $rounds i32)
    (loop $round
      (loop $wait
        (if (i32.ne (i32.atomic.load (i32.const 64)) (local.get $mine))
          (then
            (drop (memory.atomic.wait32 (i32.const 64) (local.get $other) (i64.const -1)))
            (br $wait))))
      (i32.atomic.store (i32.const 64) (local.get $other))
      (drop (memory.atomic.notify (i32.const 64) (i32.const -1)))
      (br_if $round (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1))))))
  ;; A ring: each waits for its own cell to become the round, and sets the next one's.
  (func (export "ring") (param $mine i32) (param $next i32) (param $rounds i32) (param $first i32)
    (local $round i32) (local $seen i32)
    (loop $again
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (loop $wait
        (local.set $seen (i32.atomic.load (local.get $mine)))
        (if (i32.lt_u (local.get $seen) (local.get $round)) (then
          (drop (memory.atomic.wait32 (local.get $mine) (local.get $seen) (i64.const -1)))
          (br $wait))))
      (i32.atomic.store (local.get $next) (i32.add (local.get $round) (local.get $first)))
      (drop (memory.atomic.notify (local.get $next) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $round) (local.get $rounds)))))
  (func (export "wait_for_page") (result i32)
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))
    (i32.load (i32.const 65536)))
  ;; A futex mutex around a plain counter.
  (func (export "count") (param $rounds i32) (local $c i32)
    (loop $round
      (local.set $c (i32.atomic.rmw.cmpxchg (i32.const 256) (i32.const 0) (i32.const 1)))
      (if (local.get $c) (then
        (loop $again
          (if (i32.or (i32.eq (local.get $c) (i32.const 2))
                      (i32.ne (i32.atomic.rmw.cmpxchg (i32.const 256) (i32.const 1) (i32.const 2))
                              (i32.const 0)))
            (then (drop (memory.atomic.wait32 (i32.const 256) (i32.const 2) (i64.const -1)))))
          (local.set $c (i32.atomic.rmw.cmpxchg (i32.const 256) (i32.const 0) (i32.const 2)))
          (br_if $again (local.get $c)))))
      (i32.store (i32.const 320) (i32.add (i32.load (i32.const 320)) (i32.const 1)))
      (if (i32.ne (i32.atomic.rmw.sub (i32.const 256) (i32.const 1)) (i32.const 1)) (then
        (i32.atomic.store (i32.const 256) (i32.const 0))
        (drop (memory.atomic.notify (i32.const 256) (i32.const 1)))))
      (br_if $round (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1))))))))";

class Shared : public ::testing::Test {
 protected:
  Instance& instance_in(Store& store) {
    auto made = Instance::create(store, module, std::array{Extern(store.import_memory(memory))});
    if (!made) {
      ADD_FAILURE() << text(made.error());
      std::terminate();
    }
    return **made;
  }
  StressedEngine engine;
  std::shared_ptr<const Module> module = compile(engine, wat);
  SharedMemory memory = SharedMemory::create(engine, shared_type(1, 100)).value();
};

// What was moved from was a null, which every function dereferenced.
TEST_F(Shared, AMemoryThatWasMovedFromIsStillOne) {
  const SharedMemory moved = std::move(memory);
  EXPECT_EQ(memory.size(), moved.size());  // NOLINT(bugprone-use-after-move): what is tested
}

TEST_F(Shared, StoresSeeEachOthersWritesAndGrowth) {
  Store one(engine);
  Store two(engine);
  Instance& a = instance_in(one);
  Instance& b = instance_in(two);
  EXPECT_EQ((get<std::int32_t(std::int32_t, std::int32_t)>(a, "add")(0, 5).value_or(-1)), 0);
  EXPECT_EQ((get<std::int32_t(std::int32_t, std::int32_t)>(b, "add")(0, 1).value_or(-1)), 5);
  const std::uint8_t* base = a.memory("mem")->base();
  const auto load = get<std::int32_t(std::int32_t)>(b, "load");
  EXPECT_EQ(load(65536).error().code(), TrapCode::out_of_bounds_memory);
  EXPECT_EQ(get<std::int32_t(std::int32_t)>(a, "grow")(3).value_or(-1), 1);
  EXPECT_EQ(get<std::int32_t()>(b, "size")().value_or(-1), 4);
  EXPECT_EQ(load(65536).value_or(-1), 0);
  EXPECT_EQ(memory.size(), 4U << 16U);
  EXPECT_EQ(b.memory("mem")->base(), base) << "it has moved";
  EXPECT_EQ(get<std::int32_t(std::int32_t)>(b, "grow")(97).value_or(0), -1) << "beyond its maximum";
  EXPECT_EQ(memory.load<std::uint32_t>(0), 6U);
}

TEST_F(Shared, AStoreHasOneViewOfIt) {
  Store store(engine);
  Memory* view = store.import_memory(memory);
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(store.import_memory(memory), view);
  EXPECT_EQ(instance_in(store).memory("mem"), view);
  EXPECT_TRUE(view->is_shared());
  EXPECT_EQ(view->shared(), memory);
  Engine other;
  Store foreign(other);
  EXPECT_EQ(foreign.import_memory(memory), nullptr) << "of another engine";
}

TEST_F(Shared, TheHostHasNoViewOfItsBytes) {
  Store store(engine);
  const Memory* view = store.import_memory(memory);
  EXPECT_TRUE(view->bytes().empty());
  EXPECT_FALSE(view->range(0, 1));
  const std::array<std::uint8_t, 3> in = {1, 2, 3};
  EXPECT_TRUE(memory.write(65533, in));
  std::array<std::uint8_t, 3> out{};
  EXPECT_TRUE(memory.read(65533, out));
  EXPECT_EQ(out, in);
  EXPECT_FALSE(memory.write(65534, in));
  EXPECT_FALSE(memory.read(~std::uint64_t{0}, out));
  EXPECT_FALSE(memory.load<std::uint32_t>(2)) << "not aligned";
  EXPECT_FALSE(memory.load<std::uint64_t>(65536)) << "outside";
  EXPECT_EQ(memory.fetch_add<std::uint16_t>(8, 7), 0);
  EXPECT_EQ(memory.compare_exchange<std::uint16_t>(8, 7, 9), 7);
  EXPECT_EQ(memory.exchange<std::uint16_t>(8, 1), 9);
}

// A shared memory that a module defines; another store imports it from the instance.
TEST_F(Shared, AnotherStoreImportsWhatAnInstanceExports) {
  auto first = std::make_unique<Store>(engine);
  Instance& owner = make(*first, R"((module
    (memory (export "mem") 1 2 shared) (data (i32.const 0) "abcd")))");
  Store second(engine);
  Instance& user = make(second, R"((module
    (import "m" "mem" (memory 1 2 shared))
    (func (export "load") (result i32) (i32.load (i32.const 0)))))",
                        {*owner.find("mem")});
  first.reset();
  EXPECT_EQ(get<std::int32_t()>(user, "load")().value_or(0), 0x64636261);
}

TEST_F(Shared, OtherMemoriesDoNotStandForIt) {
  Store store(engine);
  core::MemType plain = shared_type(1, 100);
  plain.shared = false;
  const auto made = Instance::create(store, module, std::array{Extern(store.new_memory(plain))});
  ASSERT_FALSE(made);
  EXPECT_EQ(std::get<Error>(made.error()).rule().id, rules::import_type.id);
  const auto refused = [&](const core::MemType& type) {
    const auto memory = SharedMemory::create(engine, type);
    if (memory) return std::string("made");
    EXPECT_EQ(memory.error().rule().id, rules::shared_memory.id);
    return memory.error().text();
  };
  EXPECT_EQ(refused(plain), "a type that a shared memory cannot have: the type is not `shared`");
  core::MemType open = shared_type(1, 100);
  open.limits.max.reset();
  EXPECT_EQ(refused(open), "a type that a shared memory cannot have: the type has no maximum");
  EXPECT_EQ(refused(shared_type(3, 2)),
            "a type that a shared memory cannot have: the minimum of 3 pages is above the maximum "
            "of 2");
}

TEST_F(Shared, AnImportThatIsNullIsAnError) {
  Store store(engine);
  const auto made =
      Instance::create(store, module, std::array{Extern(static_cast<Memory*>(nullptr))});
  ASSERT_FALSE(made);
  EXPECT_EQ(std::get<Error>(made.error()).rule().id, rules::import_type.id);
}

// The thread that waits would go on with what is freed.
TEST_F(Shared, AStoreThatIsDestroyedWhileItsGuestWaitsEndsTheProcessAndSaysWhy) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto store = std::make_unique<Store>(engine);
        Instance& waits = instance_in(*store);
        std::thread([&] {
          static_cast<void>(get<std::int32_t(std::int32_t, std::int64_t)>(waits, "wait")(0, -1));
        }).detach();
        std::this_thread::sleep_for(milliseconds(100));
        store.reset();
      },
      "destroyed while a guest runs or waits in it");
}

TEST_F(Shared, GrowthIsChargedToTheStoreThatGrows) {
  StoreLimits limits;
  limits.memory_bytes = 65536;
  Store poor(engine, limits);
  Store rich(engine);
  Instance& a = instance_in(poor);
  Instance& b = instance_in(rich);
  EXPECT_EQ(get<std::int32_t(std::int32_t)>(a, "grow")(2).value_or(0), -1);
  EXPECT_EQ(get<std::int32_t(std::int32_t)>(b, "grow")(2).value_or(0), 1);
  EXPECT_EQ(get<std::int32_t(std::int32_t)>(a, "grow")(1).value_or(0), 3);
}

TEST_F(Shared, AWaitTellsWhyItEnds) {
  Store store(engine);
  Instance& instance = instance_in(store);
  const auto wait = get<std::int32_t(std::int32_t, std::int64_t)>(instance, "wait");
  const auto wait64 = get<std::int32_t(std::int64_t, std::int64_t)>(instance, "wait64");
  EXPECT_EQ(wait(1, -1).value_or(-1), 1) << "another value";
  EXPECT_EQ(wait64(1, -1).value_or(-1), 1) << "another value";
  EXPECT_EQ(wait(0, 0).value_or(-1), 2) << "no time";
  EXPECT_EQ(wait(0, 1'000'000).value_or(-1), 2) << "a millisecond";
  EXPECT_EQ(wait64(0, 1'000'000).value_or(-1), 2) << "a millisecond";
  EXPECT_EQ(get<std::int32_t(std::int32_t)>(instance, "notify")(-1).value_or(-1), 0);
  Instance& plain = make(store, R"((module (memory 1)
    (func (export "wait") (result i32)
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))))");
  EXPECT_EQ(get<std::int32_t()>(plain, "wait")().error().code(), TrapCode::expected_shared_memory);
}

TEST_F(Shared, ADeadlineAndAnInterruptionEndAWait) {
  Store store(engine);
  const auto wait = get<std::int32_t(std::int32_t, std::int64_t)>(instance_in(store), "wait");
  store.set_deadline(Clock::now() + milliseconds(5));
  EXPECT_EQ(wait(0, -1).error().code(), TrapCode::interrupted);
  store.set_deadline(std::nullopt);
  std::thread other([handle = store.interrupt_handle()] {
    std::this_thread::sleep_for(milliseconds(5));
    handle.interrupt();
  });
  EXPECT_EQ(wait(0, -1).error().code(), TrapCode::interrupted);
  other.join();
  EXPECT_EQ(memory.notify(64), 0U) << "nobody waits any more";
}

// The host says that the guest shall go on waiting.
TEST_F(Shared, AnInterruptionThatIsAnsweredDoesNotEndAWait) {
  Store store(engine);
  const auto wait = get<std::int32_t(std::int32_t, std::int64_t)>(instance_in(store), "wait");
  std::atomic<int> asked = 0;
  store.on_interrupt([&](Store*) {
    ++asked;
    return InterruptAction::go_on;
  });
  std::thread other([&, handle = store.interrupt_handle()] {
    handle.interrupt();
    while (asked == 0) std::this_thread::yield();
    while (memory.notify(64) == 0) std::this_thread::yield();
  });
  EXPECT_EQ(wait(0, -1).value_or(-1), 0);
  other.join();
  EXPECT_GE(asked, 1);
}

TEST_F(Shared, NotifyWakesAsManyAsItSaysAndTheFirstFirst) {
  constexpr int n = 4;
  std::atomic<int> woken = 0;
  std::array<std::thread, n> threads;
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      Store store(engine);
      const auto wait = get<std::int32_t(std::int32_t, std::int64_t)>(instance_in(store), "wait");
      EXPECT_EQ(wait(0, -1).value_or(-1), 0);
      ++woken;
    });
  }
  std::uint32_t told = 0;
  while (told < n) {
    const std::uint32_t now = memory.notify(64, 1);
    EXPECT_LE(now, 1U);
    told += now;
    if (now == 0) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(woken, n);
  EXPECT_EQ(memory.notify(64), 0U);
}

TEST_F(Shared, PingPongLosesNoWakeUp) {
  const std::int32_t rounds = 2'000 * often();
  const auto play = [&](std::int32_t mine, std::int32_t other) {
    Store store(engine);
    const auto f = get<void(std::int32_t, std::int32_t, std::int32_t)>(instance_in(store), "play");
    EXPECT_TRUE(f(mine, other, rounds));
  };
  std::thread one(play, 0, 1);
  std::thread two(play, 1, 0);
  one.join();
  two.join();
}

// Each step is one wait and one notify of one thread: a wake-up that is lost stops all of them.
TEST_F(Shared, EightThreadsWakeEachOtherInARing) {
  constexpr std::int32_t n = 8;
  const std::int32_t rounds = 250 * often();
  const auto cell = [](std::int32_t i) { return 1024 + i % n * 64; };
  ASSERT_TRUE(memory.store<std::uint32_t>(1024, 1));
  std::array<std::thread, n> threads;
  for (std::int32_t i = 0; i < n; ++i) {
    threads[static_cast<std::size_t>(i)] = std::thread([&, i] {
      Store store(engine);
      const auto ring = get<void(std::int32_t, std::int32_t, std::int32_t, std::int32_t)>(
          instance_in(store), "ring");
      EXPECT_TRUE(ring(cell(i), cell(i + 1), rounds, i == n - 1 ? 1 : 0));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory.load<std::uint32_t>(1024), static_cast<std::uint32_t>(rounds) + 1);
}

TEST_F(Shared, EightThreadsCountUnderAMutexOfTheGuests) {
  const std::int32_t rounds = std::max(20'000, 250 * often());
  std::latch all(8);
  std::array<std::thread, 8> threads;
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      Store store(engine);
      const auto count = get<void(std::int32_t)>(instance_in(store), "count");
      all.arrive_and_wait();
      EXPECT_TRUE(count(rounds));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory.load<std::uint32_t>(320), 8U * static_cast<std::uint32_t>(rounds));
}

// Stores come and go while a thread waits in the same memory; the handles of the host go first.
TEST_F(Shared, AStoreMayGoWhileAnotherThreadWaits) {
  std::thread waiter([&] {
    Store store(engine);
    const auto wait = get<std::int32_t(std::int32_t, std::int64_t)>(instance_in(store), "wait");
    EXPECT_EQ(wait(0, -1).value_or(-1), 0);
  });
  for (int i = 0; i < 20; ++i) {
    Store store(engine);
    const auto wait = get<std::int32_t(std::int32_t, std::int64_t)>(instance_in(store), "wait");
    EXPECT_EQ(wait(0, 100'000).value_or(-1), 2);
  }
  while (memory.notify(64) == 0) std::this_thread::yield();
  waiter.join();
}

TEST_F(Shared, ThreadsGrowItAtATime) {
  std::array<std::thread, 4> threads;
  std::atomic<std::int64_t> grown = 0;
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      Store store(engine);
      Instance& instance = instance_in(store);
      const auto grow = get<std::int32_t(std::int32_t)>(instance, "grow");
      const auto load = get<std::int32_t(std::int32_t)>(instance, "load");
      for (int i = 0; i < 40; ++i) {
        const std::int32_t old = grow(1).value_or(-2);
        if (old >= 0) ++grown;
        if (old >= 0) EXPECT_EQ(load(old << 16U).value_or(-1), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(grown, 99);
  EXPECT_EQ(memory.type().limits.min, 100U);
}

TEST_F(Shared, AThreadThatWaitedSeesWhatHasGrown) {
  std::thread waiter([&] {
    Store store(engine);
    EXPECT_EQ(get<std::int32_t()>(instance_in(store), "wait_for_page")().value_or(-1), 7);
  });
  Store store(engine);
  EXPECT_EQ(memory.grow(1, store), 1U);
  EXPECT_TRUE(memory.store<std::uint32_t>(65536, 7));
  while (memory.notify(64) == 0) std::this_thread::yield();
  waiter.join();
}

TEST_F(Shared, AHostFunctionSeesTheViewOfTheStoreThatCalls) {
  constexpr std::string_view text = R"((module
    (import "m" "mem" (memory 1 100 shared)) (import "m" "f" (func $f))
    (func (export "g") (call $f))))";
  for (int i = 0; i < 2; ++i) {
    Store store(engine);
    int calls = 0;
    Instance& instance =
        make(store, text, {store.import_memory(memory), store.host_func([&](Caller& caller) {
                             ++calls;
                             Memory* view = caller.memory();
                             ASSERT_EQ(view, store.import_memory(memory));
                             EXPECT_EQ(&view->store(), &store);
                             EXPECT_TRUE(view->is_shared());
                             EXPECT_EQ(view->shared(), memory);
                             EXPECT_TRUE(view->bytes().empty());
                             EXPECT_TRUE(view->grow(1));
                           })});
    EXPECT_TRUE(get<void()>(instance, "g")());
    EXPECT_EQ(calls, 1);
  }
  EXPECT_EQ(memory.size(), 3U << 16U);
}

TEST(SharedMemory, MayOutliveItsEngine) {
  std::optional<SharedMemory> memory;
  std::optional<Engine> engine(std::in_place);
  memory = SharedMemory::create(*engine, shared_type(1, 2)).value();
  {
    Store store(*engine);
    ASSERT_NE(store.import_memory(*memory), nullptr);
    EXPECT_EQ(memory->grow(1, store), 1U);
  }
  engine.reset();
  EXPECT_TRUE(memory->store<std::uint32_t>(65536, 7));
  EXPECT_EQ(memory->load<std::uint32_t>(65536), 7U);
  EXPECT_EQ(memory->notify(0), 0U);
  engine.emplace();
  Store store(*engine);
  EXPECT_EQ(store.import_memory(*memory), nullptr) << "of another engine at the same place";
  memory.reset();
}

// Waiting is cheap however many others wait elsewhere, and those of one place come in their order.
TEST(SharedMemory, ManyWaitersAtManyPlaces) {
  Engine engine;
  const SharedMemory memory = SharedMemory::create(engine, shared_type(16, 16)).value();
  SharedMemoryState& state = memory.state();
  constexpr std::size_t places = 10'000;
  std::vector<Waiting> all(places * 3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].at = state.memory.base() + i % places * 64;
    state.queue_of(all[i].at).put(all[i]);
  }
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < places; ++i) {
    WaitQueue& queue = state.queue_of(all[i].at);
    std::uint32_t taken = 0;
    const Waiting* first = queue.take(all[i].at, 2, taken);
    ASSERT_EQ(taken, 2U);
    ASSERT_EQ(first, &all[i]);
    ASSERT_EQ(first->after, &all[i + places]);
    queue.take_out(all[i + 2 * places]);
    taken = 0;
    ASSERT_EQ(queue.take(all[i].at, 1, taken), nullptr);
  }
  for (WaitQueue& queue : state.queues) passed += queue.passed();
  EXPECT_LT(passed, 10 * places);
}

// Spec: the proposal `threads`, "exec/instructions" `atomic.rmw.cmpxchg`: packed ones wrap first.
TEST_F(Shared, ANarrowCompareExchangeWrapsWhatIsExpected) {
  Store store(engine);
  for (const auto& [type, width, bits] : {std::tuple("i32", "8", 8),
                                          {"i32", "16", 16},
                                          {"i64", "8", 8},
                                          {"i64", "16", 16},
                                          {"i64", "32", 32}}) {
    const std::string t = type;
    Instance& instance =
        make(store,
             "(module (import \"m\" \"mem\" (memory 1 100 shared)) (func (export \"f\") (param i64 "
             "i64) (result i64)" +
                 std::string(t == "i32" ? "(i64.extend_i32_u" : "(i64.or (i64.const 0)") + "(" + t +
                 ".atomic.rmw" + width + ".cmpxchg_u (i32.const 512)" +
                 (t == "i32" ? "(i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 1))"
                             : "(local.get 0) (local.get 1)") +
                 "))))",
             {store.import_memory(memory)});
    const auto f = get<std::int64_t(std::int64_t, std::int64_t)>(instance, "f");
    constexpr std::uint64_t all = 0x1111'1111'1111'1111;
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    ASSERT_TRUE(memory.store<std::uint64_t>(512, all));
    EXPECT_EQ(f(0, 0x2222'2222'2222'2222).value_or(-1), static_cast<std::int64_t>(all & mask));
    EXPECT_EQ(memory.load<std::uint64_t>(512), all) << type << width;
    EXPECT_EQ(f(all, 0x2222'2222'2222'2222).value_or(-1), static_cast<std::int64_t>(all & mask));
    EXPECT_EQ(memory.load<std::uint64_t>(512), (all & ~mask) | (0x2222'2222'2222'2222 & mask))
        << type << width;
  }
}

// What traps, in both widths of addresses: a place off its alignment, one that is not all inside.
TEST_F(Shared, AWaitWhereThereIsNoCellTraps) {
  for (const bool wide : {false, true}) {
    core::MemType type = shared_type(1, 3);
    if (wide) type.addr = core::AddrType::i64;
    const auto own = SharedMemory::create(engine, type);
    ASSERT_TRUE(own);
    Store store(engine);
    const std::string address = wide ? "i64" : "i32";
    const auto f = [&](const std::string& body) {
      Instance& instance =
          make(store,
               "(module (import \"m\" \"mem\" (memory " + std::string(wide ? "i64 " : "") +
                   "1 3 shared)) (func (export \"f\") (param i64) (result i32) " +
                   (wide ? "" : "(local $p i32) (local.set $p (i32.wrap_i64 (local.get 0)))") +
                   "(memory.atomic." + body + ")))",
               {store.import_memory(*own)});
      return get<std::int32_t(std::int64_t)>(instance, "f");
    };
    const std::string p = wide ? " (local.get 0)" : " (local.get $p)";
    const auto wait32 = f("wait32" + p + " (i32.const 1) (i64.const -1)");
    const auto wait64 = f("wait64" + p + " (i64.const 1) (i64.const -1)");
    const auto notify = f("notify" + p + " (i32.const 1)");
    const auto beyond = f("wait32 offset=65536" + p + " (i32.const 1) (i64.const -1)");
    EXPECT_EQ(wait32(65532).value_or(-1), 1);
    EXPECT_EQ(wait64(65528).value_or(-1), 1);
    EXPECT_EQ(notify(65532).value_or(-1), 0);
    EXPECT_EQ(wait32(65536).error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_EQ(wait64(65536).error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_EQ(notify(65536).error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_EQ(beyond(0).error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_EQ(wait32(2).error().code(), TrapCode::unaligned_atomic);
    EXPECT_EQ(wait64(4).error().code(), TrapCode::unaligned_atomic);
    EXPECT_EQ(notify(1).error().code(), TrapCode::unaligned_atomic);
    if (wide) {
      EXPECT_EQ(wait32(-4).error().code(), TrapCode::out_of_bounds_memory);
      EXPECT_EQ(beyond(-65536).error().code(), TrapCode::out_of_bounds_memory) << "no wrap";
    }
    EXPECT_EQ(own->grow(1, store), 1U);
    EXPECT_EQ(wait32(65536).value_or(-1), 1);
  }
}

// Without guard pages, with 64-bit addresses: the same.
TEST_F(Shared, ChecksSeeGrowthOfOtherStores) {
  Config config;
  config.signals = false;
  Engine checked(stressed(config));
  for (const bool wide : {false, true}) {
    core::MemType type = shared_type(1, 3);
    if (wide) type.addr = core::AddrType::i64;
    const auto both = SharedMemory::create(checked, type);
    ASSERT_TRUE(both);
    const std::string address = wide ? "i64" : "i32";
    const std::string text =
        "(module (import \"m\" \"mem\" (memory " + std::string(wide ? "i64 " : "") +
        "1 3 shared)) (func (export \"load\") (result i32) (i32.load (" + address +
        ".const 65536))) (func (export \"grow\") (drop (memory.grow (" + address + ".const 1)))))";
    Store one(checked);
    Store two(checked);
    Instance& a = make(one, text, {one.import_memory(*both)});
    Instance& b = make(two, text, {two.import_memory(*both)});
    const auto load = get<std::int32_t()>(a, "load");
    EXPECT_EQ(load().error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_TRUE(get<void()>(b, "grow")());
    EXPECT_EQ(load().value_or(-1), 0);
  }
}

}  // namespace
}  // namespace tenon::engine

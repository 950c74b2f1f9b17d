// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <setjmp.h>  // NOLINT(modernize-deprecated-headers): sigsetjmp is POSIX's

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "tenon/engine/fiber.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/memory_pool.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Engine = StressedEngine;

TEST(TypedFunc, CallsAnExport) {
  Engine engine;
  Store store(engine);
  auto& i = make(
      store,
      R"((module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))))");
  const auto add = get<int(int, int)>(i, "add");
  EXPECT_EQ(add(2, 3).value(), 5);
  EXPECT_FALSE((i.typed<int(int)>("add")));
  EXPECT_FALSE((i.typed<int(int, int)>("sub")));
}

TEST(TypedFunc, ReturnsSeveralValuesAndVectors) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module
    (func (export "swap") (param i64 f32 v128) (result v128 f32 i64) (local.get 2) (local.get 1) (local.get 0))))");
  V128 v;
  v.bytes[3] = 9;
  const auto swap =
      get<std::tuple<V128, float, std::int64_t>(std::int64_t, float, V128)>(i, "swap");
  const auto [a, b, c] = swap(-7, 1.5F, v).value();
  EXPECT_EQ(a, v);
  EXPECT_EQ(b, 1.5F);
  EXPECT_EQ(c, -7);
}

TEST(HostFunc, SeesItsCallerAndItsMemory) {
  Engine engine;
  Store store(engine);
  const Func host = store.host_func(
      [](Caller& who, std::uint32_t at) -> std::uint32_t { return who.memory()->bytes()[at]; });
  auto& i = make(store, R"((module (import "h" "byte" (func $b (param i32) (result i32)))
    (memory 1) (data (i32.const 8) "\2a")
    (func (export "f") (result i32) (call $b (i32.const 8)))))",
                 {host});
  EXPECT_EQ(get<int()>(i, "f")().value(), 42);
}

constexpr std::string_view calls_host =
    R"((module $outer (import "h" "f" (func $h (param i32) (result i32)))
  (func $middle (param i32) (result i32) (call $h (local.get 0)))
  (func (export "f") (param i32) (result i32) (call $middle (local.get 0)))))";

TEST(HostFunc, ExceptionsBecomeTraps) {
  Engine engine;
  Store store(engine);
  const Func host = store.host_func([](int what) -> int {
    if (what == 1) throw std::runtime_error("no luck");
    if (what == 2) throw 5;
    return what;
  });
  auto& i = make(store, calls_host, {host});
  const auto f = get<int(int)>(i, "f");
  EXPECT_EQ(f(7).value(), 7);
  EXPECT_EQ(f(1).error().message(), "no luck");
  EXPECT_EQ(f(1).error().code(), TrapCode::host);
  EXPECT_EQ(f(2).error().message(), "host function threw an exception");
  EXPECT_EQ(f(8).value(), 8);
}

TEST(Backtrace, GoesThroughHostFramesAndInstances) {
  Engine engine;
  Store store(engine);
  auto& inner = make(store, R"((module $inner (func $boom unreachable)
    (func $_ZN4calm5enterEv (export "enter") (param i32) (result i32) (call $boom) (i32.const 1))))");
  const auto enter = get<int(int)>(inner, "enter");
  const Func host = store.host_func([&](int x) -> Outcome<int> { return enter(x); });
  auto& outer = make(store, calls_host, {host});
  const auto done = get<int(int)>(outer, "f")(1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), TrapCode::unreachable);
  std::vector<std::string> names;
  for (const Frame& f : done.error().backtrace()) names.push_back(f.module + "!" + f.function);
  EXPECT_EQ(names, (std::vector<std::string>{"inner!boom", "inner!calm::enter()", "outer!middle",
                                             "outer!f"}));
  EXPECT_NE(done.error().backtrace()[0].offset, 0U);
}

TEST(Backtrace, OffsetsPointAtTheFaultingAccess) {
  for (const bool signals : {true, false}) {
    Config config;
    config.signals = signals;
    Engine engine(config);
    Store store(engine);
    auto& i = make(store, R"((module (memory 1)
      (func (export "f") (param i32) (result i32)
        (drop (i32.load (i32.const 0)))
        (i32.add (i32.load (i32.const 4)) (i32.load offset=16 (local.get 0))))))");
    const auto done = get<int(int)>(i, "f")(65536);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), TrapCode::out_of_bounds_memory);
    const std::uint32_t at = done.error().backtrace().at(0).offset;
    const ByteSpan bytes = i.module().core().bytes.view();
    // The load with offset 16.
    EXPECT_EQ(bytes[at], 0x28);
    EXPECT_EQ(bytes[at + 2], 16);
  }
}

TEST(Stack, OverflowIsATrapAndTheStoreGoesOn) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (func $f (export "f") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (else (i32.const 0)))))
    )");
  const auto f = get<int(int)>(i, "f");
  EXPECT_EQ(f(-1).error().code(), TrapCode::stack_overflow);
  EXPECT_EQ(f(1000).value(), 1000);
}

TEST(Stack, OverflowOfHostAndGuestCallingEachOther) {
  Engine engine;
  Store store(engine);
  TypedFunc<int(int)> again;
  int depth = 0;
  const Func host = store.host_func([&](int x) -> Outcome<int> {
    ++depth;
    return again(x + 1);
  });
  auto& i = make(store, calls_host, {host});
  again = get<int(int)>(i, "f");
  for (int round = 0; round < 2; ++round) {
    depth = 0;
    const auto done = again(0);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), TrapCode::stack_overflow);
    EXPECT_GT(depth, 10);
  }
  // A thread with a small stack of its own traps as well.
  std::thread([&] {
    Store other(engine);
    TypedFunc<int(int)> more;
    const Func h = other.host_func([&](int x) -> Outcome<int> { return more(x + 1); });
    auto& j = make(other, calls_host, {h});
    more = get<int(int)>(j, "f");
    EXPECT_EQ(more(0).error().code(), TrapCode::stack_overflow);
  }).join();
}

TEST(Stack, TailCallsAcrossInstancesDoNotPileUp) {
  Engine engine;
  Store store(engine);
  auto& table_owner = make(store, R"((module (table (export "t") 2 funcref)))");
  const Extern table = *table_owner.find("t");
  constexpr std::string_view wat =
      R"((module (import "m" "t" (table $t 2 funcref)) (type $f (func (param i64) (result i64)))
    (global $other (mut i32) (i32.const 0))
    (func $step (export "step") (param i64) (result i64)
      (if (i64.eqz (local.get 0)) (then (return (i64.const 42))))
      (return_call_indirect $t (type $f) (i64.sub (local.get 0) (i64.const 1)) (i32.wrap_i64 (i64.and (local.get 0) (i64.const 1)))))))";
  auto& a = make(store, wat, {table});
  auto& b = make(store, wat, {table});
  std::get<Table*>(table)->set(0, std::bit_cast<ValueSlot>(a.func("step")->ref()));
  std::get<Table*>(table)->set(1, std::bit_cast<ValueSlot>(b.func("step")->ref()));
  EXPECT_EQ(get<std::int64_t(std::int64_t)>(a, "step")(1'000'000).value(), 42);
}

constexpr std::string_view spins = R"((module (memory 1)
  (func (export "loop") (loop $l (br $l)))
  (func $call (export "call") (call $call2)) (func $call2 (return_call $call2))
  (func (export "fill") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)))
  (func (export "table") (param i32) (loop $l (br_table $l $l (local.get 0))))
  (func (export "if") (param i32) (loop $l (br_if $l (i32.lt_s (local.get 0) (i32.const 1))))) ))";

TEST(Interrupt, StopsWhateverSpins) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, spins);
  for (const char* name : {"loop", "call", "fill", "table", "if"}) {
    std::thread other([handle = store.interrupt_handle()] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      handle.interrupt();
    });
    std::array<ValueSlot, 1> slots{};
    const auto done = i.func(name)->call(slots);
    other.join();
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().code(), TrapCode::interrupted) << name;
  }
}

TEST(Interrupt, StopsEveryKindOfBranchThatGoesBack) {
  Engine engine;
  Store store(engine);
  auto& i = make(
      store, R"((module (type $f (func)) (tag $e) (table 1 funcref) (elem (i32.const 0) $indirect)
    (elem declare func $ref)
    (func (export "br_if") (loop $l (br_if $l (i32.const 1))))
    (func (export "step") (local $n i32) (loop $l
      (br_if $l (i32.ne (local.tee $n (i32.add (local.get $n) (i32.const 2))) (i32.const 1)))))
    (func (export "br_table") (loop $l (br_table $l $l (i32.const 0))))
    (func (export "br_on_null") (loop $l (drop (br_on_null $l (ref.null func)))))
    (func (export "br_on_non_null") (ref.func $ref)
      (loop $l (param (ref func)) (drop) (br_on_non_null $l (ref.func $ref))))
    (func (export "br_on_cast") (ref.i31 (i32.const 1))
      (loop $l (param (ref i31)) (drop) (br_on_cast $l anyref (ref i31) (ref.i31 (i32.const 1))) (drop)))
    (func (export "catch_all") (loop $l (try_table (catch_all $l) (throw $e))))
    (func (export "catch") (loop $l (try_table (catch $e $l) (call $throw))))
    (func $throw (throw $e))
    (func $direct (export "return_call") (return_call $direct))
    (func $indirect (export "return_call_indirect") (return_call_indirect (type $f) (i32.const 0)))
    (func $ref (export "return_call_ref") (return_call_ref $f (ref.func $ref)))))");
  for (const char* name :
       {"br_if", "step", "br_table", "br_on_null", "br_on_non_null", "br_on_cast", "catch_all",
        "catch", "return_call", "return_call_indirect", "return_call_ref"}) {
    store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(2));
    const auto done = get<void()>(i, name)();
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().code(), TrapCode::interrupted) << name;
  }
}

// How long it takes is measured by bench_interrupt.
TEST(Interrupt, ABulkInstructionUnderWayEndsFirst) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (memory (export "m") 256)
    (func (export "fills") (local $k i32)
      (loop $l
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (memory.fill (i32.const 0) (local.get $k) (i32.const 16777216))
        (br $l)))))");
  for (int round = 0; round < 3; ++round) {
    std::thread other([handle = store.interrupt_handle(), round] {
      std::this_thread::sleep_for(std::chrono::milliseconds(3 + 4 * round));
      handle.interrupt();
    });
    const auto done = get<void()>(i, "fills")();
    other.join();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), TrapCode::interrupted);
    const auto bytes = i.memory("m")->bytes();
    EXPECT_EQ(std::count(bytes.begin(), bytes.end(), bytes[0]),
              static_cast<std::ptrdiff_t>(bytes.size()));
  }
}

TEST(Interrupt, DeadlineAndCallback) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, spins);
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
  EXPECT_EQ(get<void()>(i, "loop")().error().code(), TrapCode::interrupted);
  store.set_deadline(std::nullopt);
  int asked = 0;
  store.on_interrupt([&](Store* s) {
    if (++asked == 3) return InterruptAction::trap;
    s->interrupt_handle().interrupt();
    return InterruptAction::go_on;
  });
  store.interrupt_handle().interrupt();
  EXPECT_EQ(get<void()>(i, "loop")().error().code(), TrapCode::interrupted);
  EXPECT_EQ(asked, 3);
}

TEST(Interrupt, AskedForBeforeTheFirstCall) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, spins);
  store.interrupt_handle().interrupt();
  EXPECT_EQ(get<void()>(i, "loop")().error().code(), TrapCode::interrupted);
}

TEST(Fuel, IsSpentAndRunsOut) {
  Config config;
  config.fuel = true;
  Engine engine(config);
  Store store(engine);
  auto& i = make(store, R"((module (func (export "count") (param i32) (result i32) (local i32)
    (loop $l (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (br_if $l (i32.lt_s (local.get 1) (local.get 0)))) (local.get 1))))");
  const auto count = get<int(int)>(i, "count");
  store.set_fuel(10'000);
  EXPECT_EQ(count(100).value(), 100);
  const auto spent = 10'000 - store.fuel();
  EXPECT_GT(spent, 600U);
  EXPECT_LT(spent, 1200U);
  EXPECT_EQ(count(100'000'000).error().code(), TrapCode::out_of_fuel);
  EXPECT_EQ(store.fuel(), 0U);
}

TEST(Memory, GrowsToItsLimitAndKeepsItsPlace) {
  Engine engine;
  StoreLimits limits;
  limits.memory_bytes = 10 << 16;
  Store store(engine, limits);
  auto& i = make(store, R"((module (memory (export "m") 1)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "poke") (param i32) (i32.store8 (local.get 0) (i32.const 7)))))");
  const auto grow = get<int(int)>(i, "grow");
  const auto poke = get<void(int)>(i, "poke");
  Memory* memory = i.memory("m");
  const std::uint8_t* base = memory->base();
  EXPECT_FALSE(poke(0x10000));
  EXPECT_EQ(grow(8).value(), 1);
  EXPECT_TRUE(poke(0x10000));
  EXPECT_EQ(grow(2).value(), -1);
  EXPECT_EQ(grow(1).value(), 9);
  EXPECT_EQ(grow(1).value(), -1);
  EXPECT_EQ(memory->base(), base);
  EXPECT_EQ(memory->size(), 10U << 16U);
}

TEST(Memory, AccessesAtTheEdgeOfEightGiB) {
  for (const bool signals : {true, false}) {
    Config config;
    config.signals = signals;
    Engine engine(config);
    Store store(engine);
    auto& i = make(store, R"((module (memory 1)
      (func (export "far") (param i32) (result i64) (i64.load offset=0xffffffff (local.get 0)))
      (func (export "mid") (param i32) (result i64) (i64.load offset=0x7ffffff8 (local.get 0)))
      (func (export "v") (param i32) (drop (v128.load (local.get 0))))
      (func (export "near") (param i32) (result i64) (i64.load (local.get 0)))))");
    for (const char* name : {"far", "mid"}) {
      for (const int at : {0, 1, -1, -8})
        EXPECT_FALSE(get<std::int64_t(int)>(i, name)(at)) << name << at;
    }
    EXPECT_TRUE(get<std::int64_t(int)>(i, "near")(65528));
    EXPECT_FALSE(get<std::int64_t(int)>(i, "near")(65529));
    EXPECT_TRUE(get<void(int)>(i, "v")(65520));
    EXPECT_FALSE(get<void(int)>(i, "v")(65521));
  }
}

TEST(Memory, AReusedSlotReadsAsZeroAndFaultsBehindItsEnd) {
  Config config;
  config.pool_size = 1;
  Engine engine(config);
  constexpr std::string_view big = R"((module (memory (export "m") 20)
    (func (export "fill") (memory.fill (i32.const 0) (i32.const 255) (i32.const 1310720)))))";
  constexpr std::string_view small = R"((module (memory (export "m") 1) (data (i32.const 100) "x")
    (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))))";
  for (int round = 0; round < 3; ++round) {
    {
      Store store(engine);
      auto& i = make(store, big);
      ASSERT_TRUE(get<void()>(i, "fill")());
    }
    Store store(engine);
    auto& i = make(store, small);
    const auto load = get<int(int)>(i, "get");
    EXPECT_EQ(load(100).value(), 'x');
    EXPECT_EQ(load(104).value(), 0);
    EXPECT_EQ(load(65532).value(), 0);
    EXPECT_FALSE(load(65536));
  }
}

TEST(Memory, LargeImagesAreMappedAndNeverShared) {
  Engine engine;
  const std::string data(200'000, 'd');
  const std::string wat =
      "(module (memory (export \"m\") 8) (data (i32.const 10) \"" + data +
      "\") (func (export \"get\") (param i32) (result i32) (i32.load8_u (local.get 0)))"
      " (func (export \"set\") (param i32) (i32.store8 (local.get 0) (i32.const 1))))";
  const auto module = compile(engine, wat);
  for (int round = 0; round < 3; ++round) {
    Store store(engine);
    auto a = Instance::create(store, module, {});
    auto b = Instance::create(store, module, {});
    ASSERT_TRUE(a && b);
    EXPECT_EQ(get<int(int)>(**a, "get")(10).value(), 'd');
    EXPECT_EQ(get<int(int)>(**a, "get")(9).value(), 0);
    EXPECT_EQ(get<int(int)>(**a, "get")(200'009).value(), 'd');
    EXPECT_EQ(get<int(int)>(**a, "get")(200'010).value(), 0);
    EXPECT_TRUE(get<void(int)>(**a, "set")(5000));
    EXPECT_EQ(get<int(int)>(**b, "get")(5000).value(), 'd');
    EXPECT_TRUE(get<void(int)>(**b, "set")(400'000));
    EXPECT_FALSE(get<void(int)>(**b, "set")(8 << 16));
  }
}

TEST(Memory, AReusedSlotIsAsItBeganWhateverWasWritten) {
  // The image ends inside of a page; guests write few pages, many, behind the image, and grown
  // ones.
  Engine engine;
  const std::string wat = "(module (memory (export \"m\") 8) (data (i32.const 0) \"" +
                          std::string(100'001, 'd') + "\"))";
  const auto with_image = compile(engine, wat);
  const auto without = compile(engine, R"((module (memory (export "m") 8)))");
  constexpr std::uint64_t page = 65536;
  const auto write = [](Memory& m, std::uint64_t from, std::uint64_t to, std::uint64_t step) {
    for (std::uint64_t at = from; at < to; at += step) m.base()[at] ^= 0xFFU;
  };
  for (int round = 0; round < 12; ++round) {
    const auto& module = round % 3 == 2 ? without : with_image;
    const std::uint64_t image = module == with_image ? 100'001 : 0;
    Store store(engine);
    const auto made = Instance::create(store, module, {});
    ASSERT_TRUE(made);
    Memory& m = *std::get<Memory*>((*made)->get(0U));
    ASSERT_EQ(m.size(), 8 * page);
    ASSERT_TRUE(m.grow(4));
    for (std::uint64_t at = 0; at < 12 * page; ++at)
      ASSERT_EQ(m.base()[at], at < image ? 'd' : 0) << round << " at " << at;
    if (round % 4 == 0) write(m, 99'990, 100'010, 1);
    if (round % 4 == 1) write(m, 0, 12 * page, 100);
    if (round % 4 == 2) write(m, 9 * page, 12 * page, 3 * page - 1);
    if (round % 4 == 3) write(m, 0, 12 * page, 40'000);
  }
}

TEST(Memory, PagesThatWereWrittenAreFound) {
  constexpr std::size_t page = 4096;
  const auto image = MemoryImage::create(std::vector<std::uint8_t>(8 * page, 'i'));
  ASSERT_NE(image, nullptr);
  MemoryPool pool(1);
  const auto slot = pool.take(1U << 20U, 16 * page, image.get());
  ASSERT_TRUE(slot);
  const DirtyPages pages;
  std::array<DirtyPages::Range, 4> room;
  const auto find = [&](std::uint64_t most) {
    return pages.find(slot->base, slot->accessible, room, most);
  };
  if (!find(page)) GTEST_SKIP() << "the system does not tell";
  EXPECT_EQ(slot->base[5 * page] + slot->base[12 * page], 'i');
  EXPECT_TRUE(find(page)->empty()) << "what was read only is as it was";
  slot->base[3 * page + 5] = 1;
  slot->base[4 * page] = 1;
  slot->base[10 * page] = 1;
  const auto found = find(3 * page);
  ASSERT_TRUE(found);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const DirtyPages::Range& r : *found)
    ranges.emplace_back(static_cast<std::uint64_t>(r.begin - slot->base) / page, r.size / page);
  EXPECT_EQ(ranges, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{3, 2}, {10, 1}}));
  EXPECT_FALSE(find(2 * page)) << "more than asked for";
  for (std::size_t i = 0; i < 16; i += 2) slot->base[i * page] = 1;
  EXPECT_FALSE(find(16 * page)) << "more ranges than there is room for";
  pool.give_back(*slot, image.get());
}

int count_mappings() {
  std::ifstream maps("/proc/self/maps");
  int n = 0;
  for (std::string line; std::getline(maps, line);) ++n;
  return n;
}

TEST(Instance, TenThousandInOneProcess) {
#ifdef TENON_SANITIZED
  constexpr int many = 1000;
#else
  constexpr int many = 10'000;
#endif
  Engine engine;
  const auto module =
      compile(engine, R"((module (memory 1) (table 4 funcref) (global (mut i32) (i32.const 5))
    (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const 9)) (i32.load (i32.const 0)))))");
  std::vector<std::unique_ptr<Store>> stores;
  [[maybe_unused]] const int before = count_mappings();
  for (int i = 0; i < many; ++i) {
    stores.push_back(std::make_unique<Store>(engine));
    auto made = Instance::create(*stores.back(), module, {});
    ASSERT_TRUE(made) << i << text(made.error());
    ASSERT_EQ(get<int()>(**made, "f")().value(), 9);
  }
#ifndef TENON_THREAD_SANITIZED  // which maps a shadow of each of them
  EXPECT_LE(count_mappings() - before, 4 * many + 100);
#endif
}

TEST(Instance, RefusesWhatBelongsToAnotherStore) {
  Engine engine;
  Store store(engine);
  Store other(engine);
  const auto module = compile(engine, R"((module (import "a" "b" (memory 1))))");
  const Extern foreign = *make(other, R"((module (memory (export "m") 1)))").find("m");
  const auto made = Instance::create(store, module, std::array{foreign});
  ASSERT_FALSE(made);
  EXPECT_EQ(std::get<Error>(made.error()).rule(), rules::import_store);
  const auto none = Instance::create(store, module, {});
  EXPECT_EQ(std::get<Error>(none.error()).rule(), rules::import_count);
}

TEST(Instance, ChecksItsImports) {
  Engine engine;
  Store store(engine);
  Store stranger(engine);
  const auto module = compile(
      engine, R"((module (import "a" "f" (func (param i32))) (import "a" "m" (memory 2))))");
  const Func f = store.host_func([](int) {});
  const Func wrong = store.host_func([](double) {});
  core::MemType type;
  type.limits = {2, std::nullopt};
  Memory* memory = store.new_memory(type);
  type.limits.min = 1;
  Memory* little = store.new_memory(type);
  const auto outcome = [&](std::vector<Extern> imports) {
    auto made = Instance::create(store, module, imports);
    return made ? std::string() : text(made.error());
  };
  EXPECT_EQ(outcome({f, memory}), "");
  EXPECT_EQ(outcome({f}), "wrong number of imports: found 1, wanted 2");
  EXPECT_EQ(outcome({wrong, memory}),
            "incompatible import type: `a` `f`: the function has another type");
  EXPECT_EQ(outcome({memory, f}),
            "incompatible import type: `a` `f`: found a memory, wanted a function");
  EXPECT_EQ(outcome({f, little}),
            "incompatible import type: `a` `m`: found limits 1.., wanted 2.. (pages)");
  EXPECT_EQ(outcome({stranger.host_func([](int) {}), memory}),
            "an import belongs to another store: `a` `f`");
}

// The types of the module were looked up in the engine of the store: an assert, or nothing at all.
TEST(Instance, RefusesAModuleOfAnotherEngine) {
  Engine engine;
  Engine other;
  Store store(engine);
  const auto made = Instance::create(store, compile(other, "(module (func))"), {});
  ASSERT_FALSE(made);
  EXPECT_EQ(std::get<Error>(made.error()).rule(), rules::other_engine);
}

TEST(Instance, LimitsOfTheStoreHold) {
  Engine engine;
  StoreLimits limits;
  limits.instances = 2;
  limits.table_elements = 10;
  Store store(engine, limits);
  const auto module = compile(engine, "(module (table 4 funcref))");
  EXPECT_TRUE(Instance::create(store, module, {}));
  EXPECT_TRUE(Instance::create(store, module, {}));
  EXPECT_FALSE(Instance::create(store, module, {}));
  Store other(engine, limits);
  EXPECT_FALSE(Instance::create(other, compile(engine, "(module (table 11 funcref))"), {}));
}

TEST(Exceptions, CrossInstancesAndHostFrames) {
  Engine engine;
  Store store(engine);
  auto& thrower = make(store, R"((module (tag $e (export "e") (param i32 f64))
    (func (export "throw") (param i32) (result i32) (throw $e (local.get 0) (f64.const 2.5)))))");
  const auto inner = get<int(int)>(thrower, "throw");
  const Func host = store.host_func([&](int x) -> Outcome<int> { return inner(x); });
  const Extern tag = *thrower.find("e");
  auto& catcher = make(
      store,
      R"((module (import "h" "f" (func $f (param i32) (result i32))) (import "h" "e" (tag $e (param i32 f64)))
    (func (export "f") (param i32) (result i32)
      (block $h (result i32 f64)
        (try_table (result i32) (catch $e $h) (call $f (local.get 0)))
        (return))
      (drop))))",
      {host, tag});
  EXPECT_EQ(get<int(int)>(catcher, "f")(77).value(), 77);
  EXPECT_EQ(inner(1).error().code(), TrapCode::uncaught_exception);
  Tag* raw = std::get<Tag*>(tag);
  struct Env {
    Store* store;
    Tag* tag;
  } env{&store, raw};
  const Func throws = store.host_func(
      engine.types().host_type(std::array{core::ValType(core::TypeCode::i32)},
                               std::array{core::ValType(core::TypeCode::i32)}),
      [](void* e, VMContext*, ValueSlot* slots) noexcept {
        auto* env = static_cast<Env*>(e);
        const std::array<ValueSlot, 2> payload = {slots[0] + 1, 0};
        return env->store->throw_exception(env->tag, payload);
      },
      &env);
  auto& second = make(
      store,
      R"((module (import "h" "f" (func $f (param i32) (result i32))) (import "h" "e" (tag $e (param i32 f64)))
    (func (export "f") (param i32) (result i32)
      (block $h (result i32 f64) (try_table (result i32) (catch $e $h) (call $f (local.get 0))) (return)) (drop))))",
      {throws, tag});
  EXPECT_EQ(get<int(int)>(second, "f")(5).value(), 6);
}

TEST(Gc, CollectsWhatIsDeadAndKeepsWhatIsAlive) {
  // Without stress settings: a full heap that is collected at every allocation takes forever.
  tenon::engine::Engine engine;
  StoreLimits limits;
  limits.gc_heap_bytes = 8 << 20;
  Store store(engine, limits);
  auto& i = make(store, R"((module
    (type $list (struct (field i32) (field (ref null $list)))) (type $big (array i64))
    (global $kept (mut (ref null $list)) (ref.null $list))
    (func (export "churn") (param $n i32) (result i32) (local $x (ref null $list)) (local $sum i32)
      (loop $l
        (local.set $x (struct.new $list (local.get $n) (ref.null $list)))
        (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 1000)))
          (then (global.set $kept (struct.new $list (local.get $n) (global.get $kept)))
                (drop (array.new_default $big (i32.const 20000)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (local.get $n)))
      (local.set $x (global.get $kept))
      (loop $m
        (local.set $sum (i32.add (local.get $sum) (struct.get $list 0 (local.get $x))))
        (local.set $x (struct.get $list 1 (local.get $x)))
        (br_if $m (i32.eqz (ref.is_null (local.get $x)))))
      (local.get $sum))
    (func (export "exhaust") (local $x (ref null $list)) (loop $l (local.set $x (struct.new $list (i32.const 1) (local.get $x))) (br $l)))))");
  EXPECT_EQ(get<int(int)>(i, "churn")(300'000).value(), 1000 * (300 * 301 / 2));
  EXPECT_EQ(get<void()>(i, "exhaust")().error().code(), TrapCode::out_of_memory);
  EXPECT_TRUE(get<int(int)>(i, "churn")(1000));
}

TEST(Fiber, SuspendsAGuestInTheMiddleOfItsWork) {
  Engine engine;
  Store store(engine);
  int waited = 0;
  const Func host = store.host_func([&](int x) -> Outcome<int> {
    if (Fiber* fiber = Fiber::current(store)) {
      ++waited;
      if (!fiber->suspend()) return std::unexpected(Trap("cancelled"));
    }
    return x * 2;
  });
  auto& i = make(store, calls_host, {host});
  const auto f = get<int(int)>(i, "f");
  std::array<int, 3> results{};
  std::vector<std::unique_ptr<Fiber>> fibers;
  for (int k = 0; k < 3; ++k)
    fibers.push_back(Fiber::create(
        store, [&, k] { results[static_cast<std::size_t>(k)] = f(k + 1).value_or(-1); }));
  for (auto& fiber : fibers) EXPECT_FALSE(fiber->resume());
  EXPECT_EQ(f(50).value(), 100);
  EXPECT_TRUE(fibers[2]->resume());
  EXPECT_TRUE(fibers[0]->resume());
  fibers.clear();
  EXPECT_EQ(results, (std::array<int, 3>{2, -1, 6}));
  EXPECT_EQ(waited, 3);
}

TEST(Fiber, StackOverflowInsideIsATrap) {
  Engine engine;
  Store store(engine);
  TypedFunc<int(int)> again;
  const Func host = store.host_func([&](int x) -> Outcome<int> { return again(x); });
  auto& i = make(store, calls_host, {host});
  again = get<int(int)>(i, "f");
  std::optional<TrapCode> code;
  auto fiber = Fiber::create(store, [&] { code = again(1).error().code(); });
  EXPECT_TRUE(fiber->resume());
  EXPECT_EQ(code, TrapCode::stack_overflow);
}

#ifndef TENON_SANITIZED
sigjmp_buf host_fault;         // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
volatile int host_faults = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
void on_host_fault(int) {
  host_faults = host_faults + 1;
  siglongjmp(host_fault, 1);
}

TEST(Signals, AFaultOfTheHostGoesToTheHostsHandler) {
  struct sigaction mine = {};
  struct sigaction old = {};
  mine.sa_handler = on_host_fault;
  sigemptyset(&mine.sa_mask);
  sigaction(SIGSEGV, &mine, &old);
  {
    Engine engine;
    Store store(engine);
    auto& i = make(
        store,
        R"((module (memory (export "m") 1) (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))))");
    EXPECT_EQ(get<int(int)>(i, "get")(-1).error().code(), TrapCode::out_of_bounds_memory);
    host_faults = 0;
    if (sigsetjmp(host_fault, 1) == 0) {
      // The host's own mistake, in the guest's memory though it be.
      volatile const std::uint8_t* p = i.memory("m")->base() + 70000;
      (void)*p;
    }
    EXPECT_EQ(host_faults, 1);
    EXPECT_EQ(get<int(int)>(i, "get")(-1).error().code(), TrapCode::out_of_bounds_memory);
  }
  sigaction(SIGSEGV, &old, nullptr);
}
#endif

TEST(Threads, OneModuleRunsOnManyAtOnce) {
  Engine engine;
  const auto module = compile(engine, R"((module (memory 1)
    (func $f (param i32) (result i32) (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "f") (param i32) (result i32) (call $f (local.get 0)))
    (func (export "bad") (param i32) (result i32) (i32.load offset=65536 (local.get 0)))))");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        Store store(engine);
        auto made = Instance::create(store, module, {});
        ASSERT_TRUE(made);
        EXPECT_EQ(get<int(int)>(**made, "f")(15).value(), 610);
        EXPECT_FALSE(get<int(int)>(**made, "bad")(0));
      }
    });
  }
  for (auto& t : threads) t.join();
}

TEST(Locals, FiftyThousandVectors) {
  // Without stress settings: the frame does not fit the least value stack.
  tenon::engine::Engine engine;
  Store store(engine);
  std::string wat = "(module (func (export \"f\") (param i32) (result i32) (local ";
  for (int k = 0; k < 49'999; ++k) wat += "v128 ";
  wat +=
      ") (local.set 49999 (i32x4.splat (local.get 0))) (local.set 3 (local.get 49999))"
      " (i32.add (i32x4.extract_lane 2 (local.get 3)) (i32x4.extract_lane 0 (local.get 40000)))))";
  auto& i = make(store, wat);
  EXPECT_EQ(get<int(int)>(i, "f")(12).value(), 12);
}

}  // namespace
}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
// Item 55 of what tenon must survive: memory that runs out at the n-th allocation, for every n.
#include <gtest/gtest.h>

#include "tenon/base/failing_new.h"
#include "tenon/engine/fiber.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/test_modules.h"

#ifndef TENON_THREAD_SANITIZED
namespace tenon::engine {
namespace {

/// Does `work` with the n-th allocation failing, for n from 1 until none is left to fail. `work`
/// says whether it succeeded; returns how many runs met a failure.
template <class Work>
int with_every_failure(Work&& work) {
  int met = 0;
  for (long n = 1; n < 5000; ++n) {
    Allocations::left = n;
    const bool good = work();
    const bool reached = Allocations::left == 0;
    Allocations::left = 0;
    if (!reached) {
      EXPECT_TRUE(good);
      return met;
    }
    EXPECT_FALSE(good) << "allocation " << n << " failed and nobody noticed";
    ++met;
  }
  ADD_FAILURE() << "it never ends";
  return met;
}

TEST(OutOfMemory, Item55Instantiating) {
  Engine engine;
  const auto module = compile(engine, R"((module (memory (export "m") 1) (memory 2)
    (table 10 funcref) (tag (param i32)) (global (export "g") (mut i32) (i32.const 3))
    (type $s (struct (field i32)))
    (global $o (ref $s) (struct.new $s (i32.const 1)))
    (elem (i32.const 0) funcref (ref.func $f) (ref.null func) (ref.func $f))
    (func $f (export "f")) (func $start (drop (memory.grow (i32.const 1)))) (start $start)))");
  Store bystander(engine, {}, nullptr);
  const int met = with_every_failure([&] {
    // A store is small: whether it can be had is the host's own affair.
    const long left = std::exchange(Allocations::left, 0);
    Store store(engine, {.memory_bytes = 1U << 20U, .instances = 4});
    Allocations::left = left;
    const auto made = Instance::create(store, module, {});
    const long after = std::exchange(Allocations::left, 0);
    if (!made && std::holds_alternative<Error>(made.error()))
      EXPECT_EQ(std::get<Error>(made.error()).rule(), rules::engine_limit);
    EXPECT_EQ(store.context().activation, nullptr);
    // The heap tries again after a collection.
    const bool reached = left != 0 && after == 0;
    Allocations::left = after;
    return made.has_value() && !reached;
  });
  EXPECT_GT(met, 5);
  EXPECT_TRUE(Instance::create(bystander, module, {}));
}

TEST(OutOfMemory, Item55AFirstCallTranslatesAndTraps) {
  Engine engine;
  const std::string_view wat = R"((module $named (memory 1)
    (func $inner (param i32) (result i32) (i32.load (local.get 0)))
    (func $_Z5outeri (export "f") (param i32) (result i32) (call $inner (local.get 0)))))";
  int complete = 0;
  const int met = with_every_failure([&] {
    const long left = std::exchange(Allocations::left, 0);
    const auto module = compile(engine, wat);
    Store store(engine);
    auto made = Instance::create(store, module, {});
    const auto f = get<int(int)>(**made, "f");
    Allocations::left = left;
    // A trap, whose backtrace may be what there was no memory for.
    auto outcome = f(-1);
    const long after = std::exchange(Allocations::left, 0);
    EXPECT_FALSE(outcome);
    EXPECT_EQ(store.context().activation, nullptr);
    const TrapCode code = outcome.error().code();
    EXPECT_TRUE(code == TrapCode::out_of_memory || code == TrapCode::out_of_bounds_memory);
    const bool whole =
        code == TrapCode::out_of_bounds_memory && outcome.error().backtrace().size() == 2;
    complete += whole;
    // And the store goes on.
    EXPECT_EQ(f(0).value(), 0);
    EXPECT_EQ(f(-1).error().backtrace().size(), 2U);
    Allocations::left = after;
    return whole;
  });
  EXPECT_GT(met, 10);
  EXPECT_EQ(complete, 1);
}

TEST(OutOfMemory, Item55HostFunctionsThatThrowWhenNothingIsLeft) {
  Engine engine;
  Store store(engine);
  const auto throws =
      store.host_func([](int) -> int { throw std::runtime_error("no such thing"); });
  const auto runs_out = store.host_func([](int) -> int {
    Allocations::left = 0;
    throw std::bad_alloc();
  });
  auto& i = make(store, R"((module (import "" "a" (func $a (param i32) (result i32)))
    (import "" "b" (func $b (param i32) (result i32)))
    (func (export "a") (param i32) (result i32) (call $a (local.get 0)))
    (func (export "b") (param i32) (result i32) (call $b (local.get 0)))))",
                 {throws, runs_out});
  const auto a = get<int(int)>(i, "a");
  EXPECT_EQ(get<int(int)>(i, "b")(1).error().code(), TrapCode::out_of_memory);
  EXPECT_EQ(a(1).error().message(), "no such thing");
  with_every_failure([&] {
    auto outcome = a(1);
    const long after = std::exchange(Allocations::left, 0);
    EXPECT_EQ(store.context().activation, nullptr);
    const bool whole =
        outcome.error().message() == "no such thing" && outcome.error().backtrace().size() == 1;
    Allocations::left = after;
    return whole;
  });
  EXPECT_EQ(a(1).error().message(), "no such thing");
}

TEST(OutOfMemory, Item55TheHeapOfTheGuest) {
  Engine engine;
  const auto module = compile(engine, R"((module
    (type $node (struct (field (mut (ref null $node))) (field i32)))
    (type $bytes (array (mut i8)))
    (func (export "list") (param $n i32) (result i32) (local $head (ref null $node)) (local $sum i32)
      (loop $l
        (local.set $head (struct.new $node (local.get $head) (local.get $n)))
        (drop (array.new_default $bytes (i32.const 30000)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (block $end (loop $l
        (br_if $end (ref.is_null (local.get $head)))
        (local.set $sum (i32.add (local.get $sum) (struct.get $node 1 (local.get $head))))
        (local.set $head (struct.get $node 0 (local.get $head))) (br $l)))
      (local.get $sum))))");
  const int met = with_every_failure([&] {
    const long left = std::exchange(Allocations::left, 0);
    Store store(engine, {.gc_heap_bytes = 512U << 10U});
    auto made = Instance::create(store, module, {});
    const auto list = get<int(int)>(**made, "list");
    EXPECT_EQ(list(1).value(), 1);
    Allocations::left = left;
    const auto outcome = list(40);
    const long after = std::exchange(Allocations::left, 0);
    EXPECT_EQ(store.context().activation, nullptr);
    if (outcome)
      EXPECT_EQ(*outcome, 40 * 41 / 2);
    else
      EXPECT_EQ(outcome.error().code(), TrapCode::out_of_memory);
    EXPECT_EQ(list(40).value(), 40 * 41 / 2);
    // A collection does with what it has; then the guest never notices.
    const bool reached = left != 0 && after == 0;
    Allocations::left = after;
    return outcome.has_value() && !reached;
  });
  EXPECT_GT(met, 3);
}

TEST(OutOfMemory, Item55ACollectionThatCannotRememberWhereItIs) {
  // A long list under a collector whose list of pending objects never grows.
  const auto heap = GcHeap::create(16U << 20U);
  ASSERT_NE(heap, nullptr);
  GcObject* head = nullptr;
  for (int i = 0; i < 1000; ++i) {
    GcObject* object = heap->allocate(GcObject::header + 8);
    ASSERT_NE(object, nullptr);
    object->payload()[0] = std::bit_cast<ValueSlot>(head);
    head = object;
    (void)heap->allocate(GcObject::header + 8);
  }
  heap->begin_marking();
  Allocations::left = 1;
  heap->mark(std::bit_cast<ValueSlot>(head));
  EXPECT_EQ(Allocations::left, 0) << "the first is missed";
  heap->end_marking();
  int alive = 0;
  for (const GcObject* o = head; o != nullptr; ++alive)
    o = std::bit_cast<const GcObject*>(const_cast<GcObject*>(o)->payload()[0]);
  EXPECT_EQ(alive, 1000);
  EXPECT_EQ(heap->live_bytes(), 1000U * 32U);
}

TEST(OutOfMemory, Item55Fibers) {
  Engine engine;
  const auto module = compile(engine, R"((module (import "" "wait" (func $wait))
    (func (export "f") (result i32) (call $wait) (i32.const 7))))");
  const int met = with_every_failure([&] {
    const long left = std::exchange(Allocations::left, 0);
    Store store(engine);
    const auto wait = store.host_func([&store] { (void)Fiber::current(store)->suspend(); });
    auto made = Instance::create(store, module, std::vector<Extern>{wait});
    const auto f = get<int()>(**made, "f");
    EXPECT_TRUE(f.func());
    int result = 0;
    Allocations::left = left;
    bool good = false;
    {
      const auto fiber = Fiber::create(store, [&] { result = f().value_or(-1); });
      if (fiber != nullptr) {
        (void)fiber->resume();
        good = fiber->resume() && result == 7;
      }
    }
    const long after = std::exchange(Allocations::left, 0);
    EXPECT_EQ(store.context().activation, nullptr);
    Allocations::left = after;
    return good;
  });
  EXPECT_GT(met, 0);
}

TEST(OutOfMemory, Item55MemoriesTablesAndTheirLimits) {
  Engine engine;
  core::MemType memory;
  memory.limits.min = 2;
  memory.limits.max = 4;
  core::TableType table;
  table.elem = core::funcref;
  table.limits.min = 5;
  with_every_failure([&] {
    const long left = std::exchange(Allocations::left, 0);
    // Room for one memory and one table: what failed must not stay charged.
    Store store(engine, {.memory_bytes = 2U << 16U, .table_elements = 5});
    Allocations::left = left;
    const bool good = store.new_memory(memory) != nullptr && store.new_table(table) != nullptr;
    const long after = std::exchange(Allocations::left, 0);
    if (!good && store.memories().empty()) EXPECT_NE(store.new_memory(memory), nullptr);
    if (!good) EXPECT_NE(store.new_table(table), nullptr);
    Allocations::left = after;
    return good;
  });
}

TEST(OutOfMemory, ADeadlineForWhichThereIsNoneCountsAsPassed) {
  // The thread that watches, and its first entry.
  int failed = 0;
  for (long n = 1; n < 100; ++n) {
    Engine own;
    Store store(own);
    const auto when = std::chrono::steady_clock::now() + std::chrono::hours(1);
    Allocations::left = n;
    store.set_deadline(when);
    const bool reached = std::exchange(Allocations::left, 0) == 0;
    if (!reached) break;
    EXPECT_EQ(store.handle_interrupt(), InterruptAction::trap) << n;
    ++failed;
    store.set_deadline(when);
    EXPECT_EQ(store.handle_interrupt(), InterruptAction::go_on);
  }
  EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace tenon::engine
#endif

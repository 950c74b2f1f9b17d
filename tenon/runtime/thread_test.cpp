// SPDX-License-Identifier: Apache-2.0
// Calls that wait on stacks of their own, while others of their store and of other stores run.
#include "tenon/runtime/thread.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <functional>
#include <stdexcept>
#include <thread>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Keeps its argument on a stack in its memory while the host waits, as compiled guests do.
constexpr std::string_view waits = R"((component
  (import "wait" (func $wait (param "fd" s32)))
  (core func $wait (canon lower (func $wait)))
  (core module $M
    (import "" "wait" (func $wait (param i32)))
    (memory 1) (global $sp (mut i32) (i32.const 1024))
    (func (export "f") (param $x i32) (param $fd i32) (result i32)
      (local $r i32)
      (global.set $sp (i32.sub (global.get $sp) (i32.const 4)))
      (i32.store (global.get $sp) (local.get $x))
      (call $wait (local.get $fd))
      (local.set $r (i32.load (global.get $sp)))
      (global.set $sp (i32.add (global.get $sp) (i32.const 4)))
      (local.get $r)))
  (core instance $m (instantiate $M (with "" (instance (export "wait" (func $wait))))))
  (func (export "f") (param "x" u32) (param "fd" s32) (result u32) (canon lift (core func $m "f")))))";
using F = std::uint32_t(std::uint32_t, std::int32_t);

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int fd : ends) close(fd);
  }
  void put() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  std::array<int, 2> ends{};
};

class OnThreads : public Embed {
 protected:
  OnThreads() {
    EXPECT_TRUE(linker.root().func_wrap("wait", [](Store& s, std::int32_t fd) -> Outcome<void> {
      std::array events{WaitEvent{.fd = fd, .read = true}};
      if (auto waited = s.wait(events); !waited) return std::unexpected(std::move(waited).error());
      return {};
    }));
  }
  runtime::TypedFunc<F> make(Store& in) {
    return *instantiate(in, waits).get_typed_func<F>(in, "f");
  }
  /// Calls `f` on a thread, and keeps the result, or the trap's message.
  void call(Store& in, const runtime::TypedFunc<F>& f, std::uint32_t x, const Pipe& pipe) {
    auto& out = results.emplace_back();
    EXPECT_TRUE(in.spawn([&out, f, x, fd = pipe.ends[0]] {
      const auto done = f(x, fd);
      out = done ? std::to_string(*done) : std::string(done.error().message());
    }));
  }
  std::deque<std::string> results;
};

TEST_F(OnThreads, OneWaitsWhileAnotherRuns) {
  const Pipe never;
  const Pipe full;
  full.put();
  call(store, make(store), 11, never);
  call(store, make(store), 22, full);
  EXPECT_TRUE(store.run_ready());
  EXPECT_FALSE(store.busy());
  auto* self = &store;
  EXPECT_TRUE(runtime::wait_ready({&self, 1}));
  EXPECT_TRUE(store.run_ready());
  EXPECT_EQ(results, (std::deque<std::string>{"", "22"}));
  never.put();
  EXPECT_TRUE(store.run_threads());
  EXPECT_EQ(results[0], "11");
}

TEST_F(OnThreads, TwoStoresWaitOnOneThreadOfTheHost) {
  Store other(engine);
  const Pipe first;
  const Pipe second;
  call(store, make(store), 1, first);
  call(other, make(other), 2, second);
  const std::array stores{&store, &other};
  second.put();
  const auto turn = [&] {
    const bool left = store.run_ready();
    return other.run_ready() || left;
  };
  ASSERT_TRUE(turn());
  EXPECT_TRUE(runtime::wait_ready(stores));
  ASSERT_TRUE(turn());
  EXPECT_EQ(results, (std::deque<std::string>{"", "2"}));
  EXPECT_TRUE(runtime::wait_ready(stores, Clock::now() + milliseconds(2)));
  EXPECT_EQ(results[0], "") << "the time came, and nothing else";
  first.put();
  while (turn()) EXPECT_TRUE(runtime::wait_ready(stores));
  EXPECT_EQ(results[0], "1");
}

TEST_F(OnThreads, AnInstanceInWhichACallWaitsCannotBeEntered) {
  const Pipe pipe;
  const auto f = make(store);
  call(store, f, 1, pipe);
  EXPECT_TRUE(store.run_ready());
  EXPECT_EQ(f(2, pipe.ends[0]).error().message(), "cannot enter component instance");
  call(store, f, 3, pipe);
  EXPECT_TRUE(store.run_ready());
  EXPECT_EQ(results[1], "cannot enter component instance");
  pipe.put();
  EXPECT_TRUE(store.run_threads());
  EXPECT_EQ(results[0], "1") << "its stack is as it left it";
  EXPECT_EQ(f(4, pipe.ends[0]).value_or(0), 4U) << "and it may be entered again";
}

TEST_F(OnThreads, AnInterruptionAndADeadlineEndAllWaits) {
  const Pipe never;
  for (const bool deadline : {false, true}) {
    results.clear();
    for (std::uint32_t n = 0; n < 3; ++n) call(store, make(store), n, never);
    // One that comes earlier is answered by the first call alone.
    EXPECT_TRUE(store.run_ready());
    std::thread other;
    if (deadline) {
      store.set_deadline(Clock::now() + milliseconds(5));
    } else {
      other = std::thread([handle = store.interrupt_handle()] {
        std::this_thread::sleep_for(milliseconds(5));
        handle.interrupt();
      });
    }
    EXPECT_TRUE(store.run_threads());
    if (other.joinable()) other.join();
    EXPECT_EQ(results, (std::deque<std::string>(3, "interrupted")));
  }
}

TEST_F(OnThreads, AStoreThatClosesUnwindsWhatWaits) {
  const Pipe never;
  {
    Store closing(engine);
    call(closing, make(closing), 1, never);
    EXPECT_TRUE(closing.run_ready());
    call(closing, make(closing), 2, never);
  }
  EXPECT_EQ(results[0], "the store of the waiting call was closed");
  EXPECT_EQ(results[1], "") << "one that never ran does not begin";
}

TEST_F(OnThreads, WhatIsUnwoundCannotWaitOnceMore) {
  const Pipe never;
  std::vector<std::string> waits_end;
  {
    Store closing(engine);
    EXPECT_TRUE(closing.spawn([&] {
      for (int n = 0; n < 3; ++n) {
        std::array events{WaitEvent{.fd = never.ends[0], .read = true}};
        const auto waited = closing.wait(events);
        waits_end.emplace_back(waited ? "waited" : waited.error().message());
      }
    }));
    EXPECT_TRUE(closing.run_ready());
  }
  EXPECT_EQ(waits_end, (std::vector<std::string>(3, "the store of the waiting call was closed")));
}

TEST_F(OnThreads, AThreadMayBeginAnother) {
  const Pipe full;
  full.put();
  const auto f = make(store);
  EXPECT_TRUE(store.spawn([&] { call(store, f, 5, full); }));
  EXPECT_TRUE(store.run_threads());
  EXPECT_EQ(results[0], "5");
}

/// A host's loop: each wait runs a function.
class Loop : public engine::Waiter {
 public:
  Outcome<void> wait(std::span<WaitEvent> events, Time /*until*/) override {
    if (work) work();
    for (auto& event : events) event.ready = true;
    return {};
  }
  void wake() noexcept override {}
  std::function<void()> work;
};

TEST_F(OnThreads, AWaiterInACallCannotRunThreads) {
  auto loop = std::make_shared<Loop>();
  store.set_waiter(loop);
  const Pipe full;
  full.put();
  const auto f = make(store);
  bool waited = false;
  loop->work = [&] {
    waited = true;
    EXPECT_FALSE(store.run_ready());
    const auto all = store.run_threads();
    ASSERT_FALSE(all);
    ASSERT_NE(all.error().refusal(), nullptr);
    EXPECT_EQ(all.error().refusal()->detail(),
              "threads of the store cannot run inside a call of the store");
  };
  call(store, f, 2, full);
  EXPECT_EQ(f(1, full.ends[0]).value_or(0), 1U);
  EXPECT_TRUE(waited);
  EXPECT_EQ(results[0], "") << "it would have entered an instance whose stack is in use";
  loop->work = nullptr;
  EXPECT_TRUE(store.run_threads());
  EXPECT_EQ(results[0], "2");
}

TEST_F(OnThreads, AWaiterMayBeginThreadsButNotRunThem) {
  auto loop = std::make_shared<Loop>();
  store.set_waiter(loop);
  const Pipe first;
  const Pipe second;
  call(store, make(store), 1, first);
  ASSERT_TRUE(store.run_ready());
  const auto f = make(store);
  auto* self = &store;
  loop->work = [&] {
    if (results.size() == 1) call(store, f, 2, second);
    EXPECT_FALSE(store.run_ready());
    EXPECT_FALSE(runtime::wait_ready({&self, 1})) << "the waits under way would be counted twice";
  };
  const std::array twice{self, self};
  ASSERT_TRUE(runtime::wait_ready(twice));
  loop->work = nullptr;
  EXPECT_TRUE(store.run_threads());
  EXPECT_EQ(results, (std::deque<std::string>{"1", "2"}));
}

TEST_F(OnThreads, AWaiterThatThrowsLeavesThreadsAsTheyWere) {
  auto loop = std::make_shared<Loop>();
  store.set_waiter(loop);
  const Pipe pipe;
  call(store, make(store), 1, pipe);
  ASSERT_TRUE(store.run_ready());
  loop->work = [] { throw std::runtime_error("loop"); };
  auto* self = &store;
  EXPECT_THROW((void)runtime::wait_ready({&self, 1}), std::runtime_error);
  loop->work = nullptr;
  EXPECT_TRUE(store.run_threads());
  EXPECT_EQ(results[0], "1");
}

// What left the function of a thread was swallowed, and an empty one was called.
TEST_F(OnThreads, AnExceptionEndsItsThreadAndIsTold) {
  bool other = false;
  EXPECT_TRUE(store.spawn([] { throw std::runtime_error("first"); }));
  EXPECT_TRUE(store.spawn([] { throw std::runtime_error("second"); }));
  EXPECT_TRUE(store.spawn([&] { other = true; }));
  const auto ran = store.run_threads();
  EXPECT_TRUE(other);
  ASSERT_FALSE(ran);
  EXPECT_NE(ran.error().message().find("first"), std::string_view::npos) << ran.error().message();
  EXPECT_TRUE(store.run_threads());
  EXPECT_TRUE(store.spawn([] { throw tenon::Exit{7}; }));
  EXPECT_FALSE(store.run_ready());
  const auto trap = store.threads().take_trap();
  ASSERT_TRUE(trap);
  EXPECT_EQ(trap->exit_code(), 7);
  const auto empty = store.spawn({});
  ASSERT_FALSE(empty);
  ASSERT_NE(empty.error().refusal(), nullptr);
  EXPECT_EQ(empty.error().refusal()->detail(), "`spawn` was given a null or empty function");
}

// A null was dereferenced.
TEST_F(OnThreads, NullStoresCannotBeWaitedFor) {
  const std::array<Store*, 2> stores = {&store, nullptr};
  const auto waited = wait_ready(stores);
  ASSERT_FALSE(waited);
  ASSERT_NE(waited.error().refusal(), nullptr);
  EXPECT_EQ(waited.error().refusal()->rule().id, "threads-busy");
  EXPECT_TRUE(store.run_threads());
}

TEST_F(OnThreads, AThreadCannotRunTheOthersOfItsStore) {
  bool ran = false;
  EXPECT_TRUE(store.spawn([&] {
    EXPECT_FALSE(store.run_ready());
    const auto all = store.run_threads();
    ASSERT_FALSE(all);
    ASSERT_NE(all.error().refusal(), nullptr);
    EXPECT_EQ(all.error().refusal()->detail(),
              "a thread of the store cannot run the others to their end");
    ran = true;
  }));
  EXPECT_TRUE(store.run_threads());
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace tenon

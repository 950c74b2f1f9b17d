// SPDX-License-Identifier: Apache-2.0
// What belongs to an execution and to a thread: switches between fibers, signal masks, and the code
// that a walk of frames looks up.
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "tenon/core/decode.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/fiber.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/interp/insn.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Engine = StressedEngine;

// ---- A switch exchanges the whole execution. ----

TEST(Execution, AFiberDoesNotSeeItsResumersCallsAcrossBridges) {
  Engine engine;
  Store store(engine);
  StoreContext& cx = store.context();
  int mine = 0;
  int theirs = 0;
  cx.bridge_record = &mine;
  cx.bridge_depth = 3;
  std::vector<void*> seen;
  auto fiber = Fiber::create(store, [&] {
    seen.push_back(cx.bridge_record);
    EXPECT_EQ(cx.bridge_depth, 0U);
    cx.bridge_record = &theirs;
    cx.bridge_depth = 7;
    EXPECT_TRUE(Fiber::current(store)->suspend());
    seen.push_back(cx.bridge_record);
    EXPECT_EQ(cx.bridge_depth, 7U);
  });
  EXPECT_FALSE(fiber->resume());
  EXPECT_EQ(cx.bridge_record, &mine);
  EXPECT_EQ(cx.bridge_depth, 3U);
  EXPECT_TRUE(fiber->resume());
  EXPECT_EQ(cx.bridge_record, &mine);
  EXPECT_EQ(cx.bridge_depth, 3U);
  EXPECT_EQ(seen, (std::vector<void*>{nullptr, &theirs}));
}

TEST(Execution, ATrapOfAParkedFiberStaysItsOwn) {
  Engine engine;
  Store store(engine);
  std::string taken;
  auto fiber = Fiber::create(store, [&] {
    store.set_trap(Trap("of the fiber"));
    EXPECT_TRUE(Fiber::current(store)->suspend());
    taken = std::string(store.take_trap().message());
  });
  store.set_trap(Trap("of the host"));
  EXPECT_FALSE(fiber->resume());
  EXPECT_EQ(store.take_trap().message(), "of the host");
  EXPECT_TRUE(fiber->resume());
  EXPECT_EQ(taken, "of the fiber");
}

TEST(Execution, WhatAParkedFiberHoldsLivesThroughACollection) {
  Engine engine;
  StoreLimits limits;
  limits.gc_heap_bytes = 4U << 20U;
  Store store(engine, limits);
  const Func wait = store.host_func([&] { EXPECT_TRUE(Fiber::current(store)->suspend()); });
  auto& i = make(store, R"((module (import "h" "wait" (func $wait))
    (type $s (struct (field i32)))
    (func (export "f") (result i32) (local $r (ref $s))
      (local.set $r (struct.new $s (i32.const 42)))
      (call $wait)
      (struct.get $s 0 (local.get $r)))
    (func (export "churn") (param i32)
      (loop $l (drop (struct.new $s (i32.const 7)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
  )",
                 {wait});
  Tag* tag = store.new_tag(engine.types().host_type({}, {}));
  int result = 0;
  ValueSlot thrown = 0;
  auto calls = Fiber::create(store, [&] { result = get<int()>(i, "f")().value(); });
  auto throws = Fiber::create(store, [&] {
    (void)store.throw_exception(tag, {});
    EXPECT_TRUE(Fiber::current(store)->suspend());
    thrown = store.pending_exception();
    EXPECT_EQ(std::bit_cast<GcObject*>(thrown)->tag, tag);
  });
  EXPECT_FALSE(calls->resume());
  EXPECT_FALSE(throws->resume());
  EXPECT_EQ(store.pending_exception(), 0U);
  EXPECT_TRUE(get<void(int)>(i, "churn")(500'000));
  EXPECT_TRUE(calls->resume());
  EXPECT_TRUE(throws->resume());
  EXPECT_EQ(result, 42);
}

// ---- Threads. ----

constexpr std::string_view reads = R"((module (memory 1)
  (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))))";

/// Runs on a thread that blocks every signal, as the threads of a server do.
template <class F>
void with_signals_blocked(F f) {
  std::thread([&] {
    sigset_t all;
    sigfillset(&all);
    ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &all, nullptr), 0);
    f();
  }).join();
}

bool is_blocked(int signal) {
  sigset_t now;
  sigemptyset(&now);
  pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

TEST(Signals, AThreadWithFaultsBlockedTrapsOutOfBounds) {
  Engine engine;
  with_signals_blocked([&] {
    Store store(engine);
    const auto got = get<int(int)>(make(store, reads), "get")(-1);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_EQ(is_blocked(SIGSEGV), !engine.config().signals);
    EXPECT_TRUE(is_blocked(SIGTERM));
  });
}

TEST(Signals, AFiberOnAThreadWithFaultsBlockedTrapsOutOfBounds) {
  Engine engine;
  Store store(engine);
  const auto load = get<int(int)>(make(store, reads), "get");
  with_signals_blocked([&] {
    TrapCode code = TrapCode::host;
    auto fiber = Fiber::create(store, [&] { code = load(-1).error().code(); });
    EXPECT_TRUE(fiber->resume());
    EXPECT_EQ(code, TrapCode::out_of_bounds_memory);
  });
}

TEST(Signals, AnEngineWithoutThemLeavesTheMaskAsItIs) {
  Config config;
  config.signals = false;
  Engine engine(config);
  Engine with;
  with_signals_blocked([&] {
    Store store(engine);
    EXPECT_EQ(get<int(int)>(make(store, reads), "get")(-1).error().code(),
              TrapCode::out_of_bounds_memory);
    EXPECT_TRUE(is_blocked(SIGSEGV));
    // And does not keep one with them from preparing the thread.
    Store other(with);
    EXPECT_EQ(get<int(int)>(make(other, reads), "get")(-1).error().code(),
              TrapCode::out_of_bounds_memory);
  });
}

// ---- The table of code that signal handlers read. ----

TEST(CodeRanges, FindsWhatItHoldsAndNothingElse) {
  constexpr std::size_t count = 2000;
  std::vector<interp::Code> codes(count);
  for (std::size_t i = 0; i < count; ++i) {
    codes[i].insns.resize(interp::lead_in + 1 + i % 5);
    codes[i].code = codes[i].insns.data() + interp::lead_in;
  }
  CodeRanges ranges;
  EXPECT_EQ(ranges.find(codes[0].code).code, nullptr);
  std::atomic<std::size_t> done = 0;
  // Readers see each as soon as it is in, without a lock.
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      std::size_t have = 0;
      do {
        have = done.load(std::memory_order_acquire);
        for (std::size_t i = 0; i < have; i += 97)
          EXPECT_EQ(ranges.find(codes[i].code).code, &codes[i]);
      } while (have != count);
    });
  }
  for (std::size_t i = 0; i < count; ++i) {
    ranges.insert(codes[i], codes[i].code, codes[i].insns.data() + codes[i].insns.size());
    done.store(i + 1, std::memory_order_release);
  }
  for (auto& t : readers) t.join();
  for (const interp::Code& c : codes) {
    const interp::Insn* end = c.insns.data() + c.insns.size();
    for (const interp::Insn* pc = c.code; pc < end; ++pc) {
      const CodeSite site = ranges.find(pc);
      ASSERT_EQ(site.code, &c);
      EXPECT_EQ(site.index, pc - c.code);
      EXPECT_EQ(site.code->tier, &interp::tier);
    }
    EXPECT_NE(ranges.find(c.code - 1).code, &c);
    EXPECT_NE(ranges.find(end).code, &c);
  }
  EXPECT_EQ(ranges.find(nullptr).code, nullptr);
}

// ---- Backtraces. ----

TEST(Backtrace, TranslatesAFunctionOnceForAllItsFrames) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (func $f (export "f") (param i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (call $g (i32.sub (local.get 0) (i32.const 1))))
    (func $g (param i32) (call $f (local.get 0)) (call $f (local.get 0)))))");
  const auto done = get<void(int)>(i, "f")(150);
  ASSERT_FALSE(done);
  const auto& frames = done.error().backtrace();
  // What repeats is kept once, with a remark behind it.
  ASSERT_EQ(frames.size(), 4U);
  EXPECT_EQ(frames[3].function, "… these 2 repeated 150 times");
  EXPECT_EQ(i.module().code().num_offsets(), 2U);
  const ByteSpan bytes = i.module().core().bytes.view();
  EXPECT_EQ(bytes[frames[0].offset], 0x00);
  for (std::size_t k = 1; k < 3; ++k) {
    EXPECT_EQ(bytes[frames[k].offset], 0x10) << k;
    EXPECT_EQ(frames[k].function, k % 2 == 0 ? "f" : "g");
  }
}

TEST(Backtrace, AGuestsNameIsNoRemark) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (func $a (@name "… repeated 5 times") (export "f")
    unreachable)))");
  const auto done = get<void()>(i, "f")();
  ASSERT_FALSE(done);
  ASSERT_EQ(done.error().backtrace().size(), 1U);
  EXPECT_EQ(done.error().backtrace()[0].function, "func[0] … repeated 5 times");
}

// That memory was refused once says nothing of what came after more was given, nor of later calls
// (code_test.cpp).
TEST(Backtrace, ARefusedGrowthExplainsOneTrap) {
  Engine engine;
  StoreLimits limits;
  limits.memory_bytes = 4U << 16U;
  Store store(engine, limits);
  auto& i = make(store, R"((module (memory 1)
    (func $grow (param i32) (drop (memory.grow (local.get 0))))
    (func (export "fail") unreachable)
    (func (export "refused") (call $grow (i32.const 9)) unreachable)
    (func (export "given") (call $grow (i32.const 9)) (call $grow (i32.const 1)) unreachable)))");
  const auto frames = [&](std::string_view name) {
    return get<void()>(i, name)().error().backtrace().size();
  };
  EXPECT_EQ(frames("fail"), 1U);
  EXPECT_EQ(frames("refused"), 2U);
  EXPECT_EQ(frames("fail"), 1U);
  EXPECT_EQ(frames("given"), 1U);
}

void leb(std::vector<std::uint8_t>& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// Functions of so many `nop`s, each calling the next; the last traps. The first is exported as f.
std::vector<std::uint8_t> chain_of_long_functions(std::size_t count, std::size_t nops) {
  std::vector<std::uint8_t> out = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0};
  const auto section = [&](std::uint8_t id, const std::vector<std::uint8_t>& content) {
    out.push_back(id);
    leb(out, content.size());
    out.insert(out.end(), content.begin(), content.end());
  };
  std::vector<std::uint8_t> funcs;
  std::vector<std::uint8_t> code;
  leb(funcs, count);
  leb(code, count);
  for (std::size_t i = 0; i < count; ++i) {
    funcs.push_back(0);
    std::vector<std::uint8_t> body = {0};
    body.resize(1 + nops, 0x01);
    if (i + 1 == count) {
      body.push_back(0x00);
    } else {
      body.push_back(0x10);
      leb(body, i + 1);
    }
    body.push_back(0x0B);
    leb(code, body.size());
    code.insert(code.end(), body.begin(), body.end());
  }
  section(3, funcs);
  section(7, {1, 1, 'f', 0, 0});
  section(10, code);
  return out;
}

TEST(Backtrace, TranslatesNoMoreThanItsBudget) {
  constexpr std::size_t count = 20;
  Engine engine;
  Store store(engine);
  auto module =
      core::decode(Blob::own(chain_of_long_functions(count, 1'000'000)), core::Features::all());
  ASSERT_TRUE(module) << module.error().text();
  auto valid = core::validate(std::move(*module), core::Features::all());
  ASSERT_TRUE(valid) << valid.error().text();
  const auto shared = *Module::create(engine, std::move(*valid));
  auto made = Instance::create(store, shared, {});
  ASSERT_TRUE(made);
  const auto done = get<void()>(**made, "f")();
  ASSERT_FALSE(done);
  const auto& frames = done.error().backtrace();
  ASSERT_EQ(frames.size(), count);
  EXPECT_EQ(shared->code().num_offsets(), 8U);
  for (std::size_t k = 0; k < count; ++k) {
    const auto& body = shared->core().codes[count - 1 - k].body;
    EXPECT_EQ(frames[k].offset, k < 8 ? body.begin + 1'000'000 : body.begin) << k;
  }
}

}  // namespace
}  // namespace tenon::engine

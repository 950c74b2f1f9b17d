// SPDX-License-Identifier: Apache-2.0
// What a host may do at the worst moment: throw, run out of time or end things while a start
// function, a destructor, a trace or a call is under way; and settings at their extremes.
#include <sys/mman.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tenon/base/sanitizers.h"
#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

namespace tenon {
namespace {

using U32 = std::uint32_t;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Its core start function calls the host, and then `after`.
std::string starter(std::string_view after = "") {
  return R"((component
    (import "cb" (func $cb)) (core func $cb_ (canon lower (func $cb)))
    (core module $M (import "" "cb" (func $cb))
      (func $start (call $cb) )" +
         std::string(after) + R"()
      (start $start)
      (func (export "f") (result i32) (i32.const 7)))
    (core instance $m (instantiate $M (with "" (instance (export "cb" (func $cb_))))))
    (func (export "f") (result u32) (canon lift (core func $m "f")))))";
}
constexpr std::string_view forever = "(loop $l (br $l))";

/// Calls the host before and after a call of its own.
constexpr std::string_view asker = R"((component
  (import "cb" (func $cb)) (core func $cb_ (canon lower (func $cb)))
  (core module $M (import "" "cb" (func $cb))
    (func (export "ask") (call $cb)) (func (export "f") (result i32) (i32.const 7)))
  (core instance $m (instantiate $M (with "" (instance (export "cb" (func $cb_))))))
  (func (export "ask") (canon lift (core func $m "ask")))
  (func (export "f") (result u32) (canon lift (core func $m "f")))))";

class HostileHost : public Embed {
 protected:
  HostileHost() {
    EXPECT_TRUE(linker.root().func_wrap("cb", [this] {
      const auto now = cb;
      now();
    }));
  }
  /// The trap of an instantiation.
  std::string trap_of(Store& in, const Component& c) {
    const auto made = linker.instantiate(in, c);
    if (made) return "none";
    EXPECT_FALSE(in.busy());
    const auto* trap = made.error().trap();
    return trap == nullptr ? words(made.error()) : std::string(trap->message());
  }
  std::string trap_of(const Component& c) { return trap_of(store, c); }
  /// What a fresh store of these limits makes of a call of `f`.
  std::string with_limits(const std::function<void(StoreLimits&)>& set) {
    StoreLimits limits;
    set(limits);
    Store own(engine, limits);
    const auto made = linker.instantiate(own, compile(engine, asker));
    return made ? call(*made) : std::string(made.error().rule().id);
  }
  /// The same for an engine of this configuration, and a memory that faults.
  static std::string with_config(const std::function<void(Config&)>& set) {
    Config config;
    set(config);
    Engine own_engine(config);
    Linker own_linker(own_engine);
    EXPECT_TRUE(own_linker.root().func_wrap("cb", [] {}));
    Store own(own_engine);
    const auto made = own_linker.instantiate(own, compile(own_engine, asker));
    return made ? call(*made) : std::string(made.error().rule().id);
  }

  std::function<void()> cb = [] {};
};

// Start functions of core modules.

TEST_F(HostileHost, AHostFunctionThatThrowsInAStartFunctionEndsTheInstantiation) {
  const auto c = compile(engine, starter());
  struct Odd {};
  cb = [] { throw std::runtime_error("not now"); };
  EXPECT_EQ(trap_of(c), "not now");
  cb = [] { throw Odd{}; };
  EXPECT_EQ(trap_of(c), "host function threw an exception");
  cb = [] { throw std::bad_alloc(); };
  EXPECT_EQ(trap_of(c), "out of memory");
  cb = [] {};
  EXPECT_EQ(call(*linker.instantiate(store, c)), "7");
}

TEST_F(HostileHost, ATrapThatTheHostThrewOrReturnedNamesTheFunction) {
  auto log = linker.instance("local:evil/log");
  ASSERT_TRUE(log.func_wrap("throws", [] { throw std::runtime_error("boom"); }));
  ASSERT_TRUE(log.func_wrap("odd", [] { throw 5; }));
  struct Silent : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return nullptr; }
  };
  ASSERT_TRUE(log.func_wrap("silent", [] { throw Silent(); }));
  ASSERT_TRUE(log.func_wrap("fails", []() -> Result<void> {
    return std::unexpected(Error(runtime::rules::limit, Span::none(), "too much"));
  }));
  ASSERT_TRUE(
      log.func_new("any", [](Store&, std::span<const Value>) -> Outcome<std::optional<Value>> {
        throw std::runtime_error("dynamic");
      }));
  ASSERT_TRUE(log.func_wrap("leaves", [] { throw Exit{3}; }));
  const auto trap_of_call = [&](const std::string& name) {
    const auto i = instantiate(store, R"((component
      (import "local:evil/log" (instance $log (export ")" +
                                          name + R"(" (func))))
      (core func $f (canon lower (func $log ")" +
                                          name + R"(")))
      (core module $M (import "" "f" (func $f)) (func (export "f") (call $f)))
      (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
      (func (export "f") (canon lift (core func $m "f")))))");
    const auto done = i.get_func("f")->call({});
    return done ? std::string("none") : done.error().text();
  };
  const auto expect = [&](const std::string& name, const std::string& text) {
    const auto trap = trap_of_call(name);
    EXPECT_TRUE(trap.starts_with(text + " the host function `local:evil/log#" + name + "`\n  at "))
        << trap;
  };
  expect("throws", "boom\n  … thrown by");
  expect("odd", "host function threw an exception\n  … thrown by");
  expect("silent", "host function threw an exception\n  … thrown by");
  expect("fails", "a limit of the store is reached: too much\n  … returned by");
  expect("any", "dynamic\n  … thrown by");
  EXPECT_EQ(trap_of_call("leaves").find("thrown by"), std::string::npos) << "no fault";
}

TEST_F(HostileHost, ADeadlineThatPassesInAStartFunctionHoldsUntilItIsChanged) {
  const auto slow = compile(engine, starter(forever));
  const auto fast = compile(engine, starter());
  const auto before = *linker.instantiate(store, fast);
  store.set_deadline(Clock::now() + milliseconds(10));
  EXPECT_EQ(trap_of(slow), "interrupted");
  EXPECT_EQ(trap_of(fast), "interrupted");
  EXPECT_EQ(call(before), "interrupted");
  store.set_deadline(std::nullopt);
  EXPECT_EQ(call(before), "7");
  EXPECT_EQ(call(*linker.instantiate(store, fast)), "7");
  // A host function that takes too long.
  cb = [this] {
    store.set_deadline(Clock::now() + milliseconds(1));
    std::this_thread::sleep_for(milliseconds(5));
  };
  EXPECT_EQ(trap_of(slow), "interrupted");
}

TEST_F(HostileHost, AnInterruptionInAStartFunctionIsAnsweredByTheEndOfTheInstantiation) {
  const auto handle = store.interrupt_handle();
  const auto slow = compile(engine, starter(forever));
  const auto fast = compile(engine, starter());
  cb = [&] { std::thread([&] { handle.interrupt(); }).join(); };
  EXPECT_EQ(trap_of(slow), "interrupted");
  EXPECT_EQ(trap_of(fast), "interrupted") << "asked for in the last start function of all";
  cb = [] {};
  EXPECT_EQ(call(*linker.instantiate(store, fast)), "7");
  // A host function that makes nothing of the trap of what it instantiates.
  cb = [&] {
    cb = [&] { handle.interrupt(); };
    EXPECT_EQ(linker.instantiate(store, slow).error().trap()->message(), "interrupted");
  };
  EXPECT_EQ(trap_of(slow), "interrupted") << "the outer one ends as well";
}

// The store ends under a call.

class HostileHostDeathTest : public HostileHost {
 protected:
  // A fork's child runs no guests: the program starts again.
  HostileHostDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(HostileHostDeathTest, AStoreThatIsDestroyedByWhatItCallsEndsTheProgram) {
  auto own = std::make_unique<Store>(engine);
  const auto i = instantiate(*own, asker);
  const auto ask = *i.get_typed_func<void()>(*own, "ask");
  cb = [&] { delete own.release(); };
  EXPECT_DEATH((void)ask(), "tenon: a Store was destroyed while a call runs in it");
  EXPECT_DEATH((void)i.get_func("ask")->call({}), "");
  EXPECT_DEATH((void)linker.instantiate(*own, compile(engine, starter())), "");
  // In a trace, and in the callback of an interruption.
  cb = [] {};
  EXPECT_DEATH(
      {
        own->set_trace([&](const runtime::CallEvent&) { delete own.release(); });
        (void)ask();
      },
      "");
  EXPECT_DEATH(
      {
        own->on_interrupt([&](engine::Store*) {
          delete own.release();
          return engine::InterruptAction::go_on;
        });
        own->interrupt_handle().interrupt();
        (void)ask();
      },
      "");
}

/// Takes a resource of the host's and keeps it.
constexpr std::string_view keeper = R"((component
  (import "r" (type $r (sub resource)))
  (core module $M (func (export "hold") (param i32)))
  (core instance $m (instantiate $M))
  (func (export "hold") (param "x" (own $r)) (canon lift (core func $m "hold")))))";

TEST_F(HostileHostDeathTest, AStoreThatIsDestroyedByADestructorEndsTheProgram) {
  auto own = std::make_unique<Store>(engine);
  auto* raw = own.get();
  ASSERT_TRUE(linker.root().resource("r", [raw](Store&, U32) { delete raw; }));
  const auto i = instantiate(*own, keeper);
  const auto& hold = i.get_func("hold")->inst();
  const auto* rt = hold.inst->resource(hold.shape->params[0].shape->resource);
  const auto handle = own->host_handles().add(rt, 2, true);
  EXPECT_DEATH((void)own->drop(handle), "") << "where it is dropped";
  EXPECT_DEATH({ const Own<> gone(*own, handle); }, "") << "where nobody is told";
  EXPECT_DEATH(own.reset(), "") << "where the store closes: it would be twice";
  own->host_handles().remove(handle);
}

// Traces.

TEST_F(HostileHost, ATraceMayCallTheGuestAndReplaceItself) {
  const auto i = [&] {
    store.set_trace([](const runtime::CallEvent&) {});
    return instantiate(store, asker);
  }();
  const auto f = *i.get_typed_func<U32()>(store, "f");
  int events = 0;
  int later = 0;
  const auto big = std::make_shared<std::string>(1000, 'x');
  store.set_trace([&, big](const runtime::CallEvent&) {
    ++events;
    if (events == 1) EXPECT_EQ(*f(), 7U);
    if (events == 3) store.set_trace([&](const runtime::CallEvent&) { ++later; });
    events += big->size() == 1000 ? 0 : 1000;
  });
  EXPECT_EQ(call(i, {}, "ask"), "done");
  EXPECT_EQ(events, 3);
  EXPECT_EQ(later, 1);
  // One that goes away in the middle.
  for (const std::string_view name : {"ask", "f"}) {
    store.set_trace([&](const runtime::CallEvent&) { store.set_trace(nullptr); });
    EXPECT_NE(call(i, {}, name), "");
  }
  store.set_trace([&](const runtime::CallEvent&) { store.set_trace(nullptr); });
  EXPECT_EQ(*f(), 7U);
  EXPECT_FALSE(store.busy());
  // One that would never end.
  events = 0;
  store.set_trace([&](const runtime::CallEvent&) {
    ++events;
    (void)f();
  });
  EXPECT_EQ(call(i, {}, "f"), "7");
  EXPECT_EQ(events, 2) << "what it calls is not traced";
}

// Handles that a host keeps too long.

TEST_F(HostileHost, ABorrowThatIsKeptIsAnErrorLater) {
  std::vector<Borrow<>> kept;
  ASSERT_TRUE(linker.root().resource("r", [](Store&, U32) {}));
  ASSERT_TRUE(linker.root().func_wrap("see", [&](Borrow<> b) { kept.push_back(b); }));
  const auto i = instantiate(store, R"((component
    (import "r" (type $r (sub resource)))
    (import "see" (func $see (param "x" (borrow $r))))
    (core func $see_ (canon lower (func $see))) (core func $drop (canon resource.drop $r))
    (core module $M (import "" "see" (func $see (param i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "show") (param i32) (call $see (local.get 0)) (call $drop (local.get 0)))
      (func (export "look") (param i32) (call $drop (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "see" (func $see_))
      (export "drop" (func $drop))))))
    (func (export "show") (param "x" (own $r)) (canon lift (core func $m "show")))
    (func (export "look") (param "x" (borrow $r)) (canon lift (core func $m "look")))))");
  const auto show = *i.get_typed_func<void(Own<>)>(store, "show");
  const auto look = *i.get_typed_func<void(Borrow<>)>(store, "look");
  const auto& inst = look.func();
  const auto* rt = inst.inst->resource(inst.shape->params[0].shape->resource);
  for (U32 n = 1; n <= 3; ++n) {
    EXPECT_TRUE(show(Own<>(store, store.host_handles().add(rt, n, true))));
    ASSERT_EQ(kept.size(), n);
    for (const auto& b : kept) EXPECT_FALSE(look(b));
  }
  const Own<> whole(store, store.host_handles().add(rt, 9, true));
  EXPECT_TRUE(look(whole)) << "and the guest was not touched";
  EXPECT_FALSE(store.busy());
}

// Limits and settings at their extremes.

TEST_F(HostileHost, LimitsOfZeroRefuseAndLimitsWithoutEndDoNotWrap) {
  using L = StoreLimits;
  constexpr U32 all = ~U32{0};
  constexpr std::uint64_t all_64 = ~std::uint64_t{0};
  EXPECT_EQ(with_limits([](L& l) { l.call_depth = 0; }), "call stack exhausted");
  EXPECT_EQ(with_limits([](L& l) { l.call_depth = 1; }), "7");
  EXPECT_EQ(with_limits([](L& l) { l.component_instances = 0; }), "runtime-limit");
  EXPECT_EQ(with_limits([](L& l) { l.core.instances = 0; }), "engine-limit");
  EXPECT_EQ(with_limits([](L& l) { l.core.host_bytes = 0; }), "runtime-limit");
  EXPECT_EQ(with_limits([](L& l) {
              l.handles = 0;
              l.lift_bytes = l.copy_bytes = 0;
              l.core.memory_bytes = l.core.table_elements = l.core.gc_heap_bytes = 0;
              l.core.memories = l.core.tables = 0;
            }),
            "7")
      << "what it does not use";
  EXPECT_EQ(with_limits([](L& l) {
              l.handles = l.component_instances = l.call_depth = all;
              l.core.instances = l.core.memories = l.core.tables = all;
              l.lift_bytes = l.copy_bytes = all_64;
              l.core.memory_bytes = l.core.table_elements = l.core.gc_heap_bytes = all_64;
              l.core.host_bytes = all_64;
            }),
            "7");
}

TEST_F(HostileHost, CallsWithoutALimitOfTheirDepthEndAtTheStack) {
  StoreLimits limits;
  limits.call_depth = ~U32{0};
  Store own(engine, limits);
  auto i = instantiate(own, asker);
  auto ask = *i.get_typed_func<void()>(own, "ask");
  std::uint64_t deepest = 0;
  cb = [&] {
    ++deepest;
    if (const auto out = ask(); !out) throw std::runtime_error(std::string(out.error().message()));
  };
  EXPECT_EQ(call(i, {}, "ask"), "call stack exhausted");
  EXPECT_GT(deepest, 5U);
  i = instantiate(own, asker);
  ask = *i.get_typed_func<void()>(own, "ask");
  std::string seen;
  std::thread([&] { seen = call(i, {}, "ask"); }).join();
  EXPECT_EQ(seen, "call stack exhausted");
}

TEST_F(HostileHost, FuelOfNothingOneAndAllThereIs) {
  Config config;
  config.fuel = true;
  Engine counting(config);
  Linker there(counting);
  ASSERT_TRUE(there.root().func_wrap("cb", [] {}));
  Store own(counting);
  const auto c = compile(counting, asker);
  ASSERT_TRUE(own.set_fuel(~std::uint64_t{0}));
  EXPECT_EQ(call(*there.instantiate(own, c)), "7");
  for (const std::uint64_t fuel : {0U, 1U}) {
    const auto i = there.instantiate(own, c);
    ASSERT_TRUE(i);
    ASSERT_TRUE(own.set_fuel(fuel));
    const auto out = call(*i, {}, "ask");
    EXPECT_TRUE(out == "done" || out == "all fuel consumed") << fuel << ": " << out;
    EXPECT_LE(own.fuel(), fuel);
  }
}

TEST_F(HostileHost, EnginesOfExtremeSettingsRefuseOrRun) {
  EXPECT_EQ(with_config([](Config& c) { c.value_stack_bytes = 0; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.value_stack_bytes = 1; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.native_stack_bytes = ~std::size_t{0}; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.native_stack_bytes = std::size_t{1} << 62U; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.fiber_stack_bytes = 0; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.fiber_stack_bytes = ~std::size_t{0}; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.pool_size = 0; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.pool_size = ~U32{0}; }), "7");
  EXPECT_EQ(with_config([](Config& c) { c.function_code_bytes = ~std::size_t{0}; }), "7");
  EXPECT_NE(with_config([](Config& c) { c.function_code_bytes = 0; }), "7");
  EXPECT_NE(with_config([](Config& c) { c.native_stack_bytes = 0; }), "");
  for (const std::size_t huge : {~std::size_t{0}, std::size_t{1} << 50U}) {
    const auto out = with_config([&](Config& c) { c.value_stack_bytes = huge; });
    EXPECT_TRUE(out == "7" || out == "out of memory") << out;
  }
}

// Threads whose signals are their own affair.

constexpr std::string_view faulty = R"((component
  (core module $M (memory 1) (func (export "f") (result i32) (i32.load (i32.const 0x7FFFFFF0))))
  (core instance $m (instantiate $M))
  (func (export "f") (result u32) (canon lift (core func $m "f")))))";

TEST_F(HostileHost, FaultsAreTrapsOnAThreadWithTheSmallestAlternateStack) {
  const auto c = compile(engine, faulty);
  std::string seen;
  std::thread([&] {
    std::vector<char> room(static_cast<std::size_t>(SIGSTKSZ));
    stack_t small = {};
    small.ss_sp = room.data();
    small.ss_size = room.size();
    ASSERT_EQ(sigaltstack(&small, nullptr), 0);
    {
      Store own(engine);
      for (int n = 0; n < 3; ++n) seen += call(*linker.instantiate(own, c)) + "\n";
    }
    small.ss_flags = SS_DISABLE;
    sigaltstack(&small, nullptr);
  }).join();
  EXPECT_EQ(seen,
            "out of bounds memory access\nout of bounds memory access\n"
            "out of bounds memory access\n");
}

}  // namespace
}  // namespace tenon

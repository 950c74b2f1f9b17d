// SPDX-License-Identifier: Apache-2.0
// Hosts that do what they must not, and what they do around a store: 54-58 of the list of what
// tenon must survive; then limits.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tenon/base/failing_new.h"
#include "tenon/engine/rules.h"
#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

namespace tenon {
namespace {

constexpr std::string_view caller = R"((component
  (import "h" (instance $h (export "call" (func (param "x" u32) (result u32)))))
  (core func $call (canon lower (func $h "call")))
  (core module $M (import "" "call" (func $call (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $call (local.get 0)))
    (func (export "spin") (param i32) (result i32)
      (drop (call $call (local.get 0))) (loop $l (br $l)) unreachable))
  (core instance $m (instantiate $M (with "" (instance (export "call" (func $call))))))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))
  (func (export "spin") (param "x" u32) (result u32) (canon lift (core func $m "spin")))))";

class HostFault : public Embed {
 protected:
  void define_call(const std::function<std::uint32_t(Store&, std::uint32_t)>& f) {
    ASSERT_TRUE(
        linker.instance("h").func_wrap("call", [f](Store& s, std::uint32_t x) { return f(s, x); }));
  }
  static constexpr std::string_view faulty = R"((component
    (core module $M (memory 1) (func (export "f") (result i32) (i32.load (i32.const 0x7FFFFFF0))))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f")))))";
  const std::vector<Value> one = {Value::u32(1)};
};

TEST_F(HostFault, Item54ExceptionsOfAnyKindBecomeTraps) {
  struct Odd {};
  define_call([](Store&, std::uint32_t x) -> std::uint32_t {
    if (x == 1) throw std::logic_error("no such thing");
    if (x == 2) throw Odd{};
    if (x == 3) throw std::bad_alloc();
    return x;
  });
  const auto wrapped = [&](std::uint32_t x) {
    return call(instantiate(store, caller), std::vector<Value>{Value::u32(x)});
  };
  EXPECT_EQ(wrapped(1), "no such thing");
  EXPECT_EQ(wrapped(2), "host function threw an exception");
  EXPECT_EQ(wrapped(3), "out of memory");
  EXPECT_EQ(wrapped(4), "4");
}

TEST_F(HostFault, Item54AnExceptionOfAFillComesBackAsATrap) {
  const auto i = instantiate(store, with_libc(R"(
    (core module $M (func (export "f") (param i32 i32)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "l" (list u8)) (canon lift (core func $m "f") (memory $mem) (realloc $realloc))))"));
  const auto f = i.get_typed_func<void(Fill<std::uint8_t>)>(store, "f");
  ASSERT_TRUE(f);
  auto fill = [](std::span<std::uint8_t>) { throw std::runtime_error("nothing to fill with"); };
  EXPECT_EQ(f->call(store, Fill<std::uint8_t>(3, fill)).error().message(), "nothing to fill with");
  EXPECT_FALSE(store.busy());
}

TEST_F(HostFault, Item54AHostFunctionThatBlocksIsStoppedWhenItReturns) {
  define_call([](Store&, std::uint32_t x) {
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    return x;
  });
  const auto i = instantiate(store, caller);
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
  EXPECT_EQ(call(i, one, "spin"), "interrupted");
}

#ifndef TENON_THREAD_SANITIZED
TEST_F(HostFault, Item55MemoryThatRunsOutAtAnyAllocation) {
  define_call([](Store&, std::uint32_t x) { return x + 1; });
  const auto c = compile(engine, with_libc(R"(
    (import "h" (instance $h (export "call" (func (param "x" u32) (result u32)))))
    (core func $call (canon lower (func $h "call")))
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $M (import "" "call" (func $call (param i32) (result i32))) (import "" "mem" (memory 1))
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "f") (param i32 i32) (result i32) (drop (call $new (call $call (i32.const 1))))
        (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16)))
    (core instance $m (instantiate $M (with "" (instance (export "call" (func $call)) (export "mem" (memory $mem))
      (export "new" (func $new))))))
    (func (export "f") (param "l" (list string)) (result (list string))
      (canon lift (core func $m "f") (memory $mem) (realloc $realloc))))"));
  const std::vector<Value> args = {
      Value::list({Value::string(std::string(100, 'a')), Value::string("b")})};
  int failed = 0;
  for (long n = 1;; ++n) {
    Store own(engine);
    Allocations::left = n;
    std::string what;
    const auto i = linker.instantiate(own, c);
    if (i) {
      const auto outcome = i->get_func("f")->call(args);
      if (!outcome) what = outcome.error().message();
    } else {
      what = "instantiation";
      const auto& rule = i.error().rule();
      EXPECT_TRUE(rule == runtime::rules::limit || rule == engine::rules::engine_limit) << rule.id;
    }
    const bool reached = Allocations::left == 0;
    Allocations::left = 0;
    EXPECT_FALSE(own.busy());
    if (!reached) {
      EXPECT_EQ(what, "");
      break;
    }
    EXPECT_NE(what, "") << "allocation " << n << " failed and nobody noticed";
    ++failed;
    ASSERT_LT(n, 2000);
  }
  EXPECT_GT(failed, 20);
  EXPECT_EQ(call(*linker.instantiate(store, c), args).substr(0, 3), "[\"a")
      << "and nothing is left broken";
}

TEST_F(HostFault, Item55MemoryThatRunsOutWhileResourcesViewsAndTracesEnd) {
  std::vector<Own<>> held;
  // 0: the host lets go of what the caller owns; else: the destructor of a guest's resource.
  define_call([&](Store&, std::uint32_t x) {
    if (x == 0) held.clear();
    return static_cast<std::uint32_t>(std::string(100 + x, 'x').size());
  });
  const auto c = compile(engine, R"((component
    (import "h" (instance $h (export "call" (func (param "x" u32) (result u32)))))
    (core func $call (canon lower (func $h "call")))
    (core module $D (import "" "call" (func $call (param i32) (result i32)))
      (func (export "dtor") (param i32) (drop (call $call (local.get 0)))))
    (core instance $d (instantiate $D (with "" (instance (export "call" (func $call))))))
    (alias core export $d "dtor" (core func $dtor))
    (type $r (resource (rep i32) (dtor (core func $dtor)))) (export $re "r" (type $r))
    (core func $new (canon resource.new $r))
    (core module $M (import "" "new" (func $new (param i32) (result i32)))
      (import "" "call" (func $call (param i32) (result i32)))
      (memory (export "m") 1) (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
      (func (export "make") (result i32) (call $new (i32.const 5)))
      (func (export "view") (result i32) i32.const 8)
      (func (export "ask") (result i32) (call $call (i32.const 0))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))
      (export "call" (func $call))))))
    (alias core export $m "m" (core memory $mem))
    (func $make (result (own $r)) (canon lift (core func $m "make")))
    (export "make" (func $make) (func (result (own $re))))
    (func (export "view") (result string) (canon lift (core func $m "view") (memory $mem)))
    (func (export "ask") (result u32) (canon lift (core func $m "ask")))))");
  int failed = 0;
  for (long n = 1; n < 2000; ++n) {
    Store own(engine);
    own.set_trace([](const runtime::CallEvent& e) { (void)std::string(100 + e.depth, 't'); });
    const auto i = *linker.instantiate(own, c);
    const auto make = *i.get_typed_func<Own<>()>(own, "make");
    const auto view = *i.get_typed_func<std::string_view()>(own, "view");
    const auto ask = *i.get_typed_func<std::uint32_t()>(own, "ask");
    for (int k = 0; k < 3; ++k) held.push_back(*make());
    Allocations::left = n;
    {
      const auto seen = view.call_view();
      if (seen) EXPECT_EQ(**seen, "hello");
    }
    held.pop_back();
    (void)ask();
    (void)i.get_func("ask")->call({});
    held.clear();
    const bool reached = std::exchange(Allocations::left, 0) == 0;
    EXPECT_FALSE(own.busy()) << n;
    EXPECT_FALSE(own.drops_wait()) << n;
    EXPECT_EQ(own.host_handles().size(), 0U) << n;
    if (!reached) break;
    ++failed;
  }
  EXPECT_GT(failed, 10);
}

TEST_F(HostFault, Item55MemoryThatRunsOutWhileCompiling) {
  const std::vector<std::uint8_t> bytes = {0, 'a', 's', 'm', 13, 0, 1, 0};
  for (long n = 1;; ++n) {
    Engine own;
    auto copy = bytes;
    Allocations::left = n;
    const auto c = Component::from_bytes(own, std::move(copy));
    const bool reached = Allocations::left == 0;
    Allocations::left = 0;
    if (!reached) {
      EXPECT_TRUE(c);
      break;
    }
    EXPECT_FALSE(c) << "allocation " << n;
    ASSERT_LT(n, 2000);
  }
}
#endif

struct Handler {
  static inline struct sigaction before{};
  static inline volatile std::sig_atomic_t handled = 0;
  static void forward(int signal, siginfo_t* info, void* context) {
    handled = handled + 1;
    if ((before.sa_flags & SA_SIGINFO) != 0) before.sa_sigaction(signal, info, context);
  }
};

TEST_F(HostFault, Item56AHandlerOfTheHostsInstalledLaterHandsFaultsOn) {
  struct sigaction mine{};
  mine.sa_sigaction = &Handler::forward;
  mine.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  ASSERT_EQ(sigaction(SIGSEGV, &mine, &Handler::before), 0);
  Handler::handled = 0;
  EXPECT_EQ(run(faulty), "out of bounds memory access");
  // A build by a compiler without `preserve_none` checks every access: nothing faults.
  EXPECT_EQ(Handler::handled, engine.config().signals ? 1 : 0);
  ASSERT_EQ(sigaction(SIGSEGV, &Handler::before, nullptr), 0);
  EXPECT_EQ(run(faulty), "out of bounds memory access");
}

TEST_F(HostFault, Item56WithoutSignalsAccessesAreChecked) {
  Config config;
  config.signals = false;
  Engine checked(config);
  Linker link(checked);
  Store own(checked);
  const auto i = link.instantiate(own, compile(checked, faulty));
  ASSERT_TRUE(i);
  EXPECT_EQ(call(*i), "out of bounds memory access");
}

TEST_F(HostFault, Item57AForkedChildGetsAnError) {
  define_call([](Store&, std::uint32_t x) { return x; });
  const auto c = compile(engine, caller);
  const auto pre = linker.instantiate_pre(c);
  ASSERT_TRUE(pre);
  const auto i = *pre->instantiate(store);
  const auto f = *i.get_typed_func<std::uint32_t(std::uint32_t)>(store, "f");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto called = f.call(store, 1);
    const auto made = pre->instantiate(store);
    const bool refused =
        !called && called.error().message().find("forked child") != std::string_view::npos && !made;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << "the child must be refused, not hang or crash";
  EXPECT_EQ(*f.call(store, 5), 5U) << "the parent goes on";
}

TEST_F(HostFault, Item57NoFileOfOursIsInheritedOverExec) {
  const auto i = instantiate(store, with_libc(R"(
    (core module $M (memory 1) (data (i32.const 0) "image"))
    (core instance $m (instantiate $M)))"));
  (void)i;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.find("tenon") == std::string::npos || target.find("memfd") == std::string::npos)
      continue;
    const int flags = fcntl(std::stoi(entry.path().filename().string()), F_GETFD);
    EXPECT_NE(flags & FD_CLOEXEC, 0) << target;
  }
}

TEST_F(HostFault, Item58ThreadsCompileInstantiateCallAndDropAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 10; ++n) {
        Linker own_linker(engine);
        (void)own_linker.instance("h").func_wrap(
            "call", [n](std::uint32_t x) { return x + static_cast<std::uint32_t>(n); });
        const auto c = compile(engine, caller);
        Store own(engine);
        const auto i = own_linker.instantiate(own, c);
        const auto f = i->get_typed_func<std::uint32_t(std::uint32_t)>(own, "f");
        right += *f->call(own, static_cast<std::uint32_t>(t)) == static_cast<std::uint32_t>(t + n)
                     ? 1
                     : 0;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 40);
}

TEST_F(HostFault, Item58AnEngineGoesOnAnotherThreadThanItCame) {
  auto own = std::make_unique<Engine>();
  auto c = std::make_unique<Component>(compile(*own, faulty));
  auto own_store = std::make_unique<Store>(*own);
  const auto i = *Linker(*own).instantiate(*own_store, *c);
  std::thread([&] {
    EXPECT_EQ(call(i), "out of bounds memory access") << "faults are caught on every thread";
    own_store.reset();
    c.reset();
    own.reset();
  }).join();
  EXPECT_EQ(own, nullptr);
}

TEST_F(HostFault, StoresMoveBetweenThreadsBetweenCalls) {
  define_call([](Store&, std::uint32_t x) { return x * 2; });
  const auto i = instantiate(store, caller);
  std::string value = "1";
  for (int n = 0; n < 4; ++n) {
    std::thread([&] {
      value =
          call(i, std::vector<Value>{Value::u32(static_cast<std::uint32_t>(std::stoul(value)))});
    }).join();
  }
  EXPECT_EQ(value, "16");
}

// Limits of a store.

constexpr std::string_view grower = R"((component
  (core module $M (memory 1) (table $t 1 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))
  (core instance $m (instantiate $M))
  (func (export "memory") (param "n" u32) (result s32) (canon lift (core func $m "memory")))
  (func (export "table") (param "n" u32) (result s32) (canon lift (core func $m "table")))))";

TEST_F(HostFault, LimitsHoldMemoriesAndTables) {
  StoreLimits limits;
  limits.core.memory_bytes = 4U << 16U;
  limits.core.table_elements = 10;
  Store small(engine, limits);
  const auto i = instantiate(small, grower);
  const auto grow = [&](const char* what, std::uint32_t n) {
    return call(i, std::vector<Value>{Value::u32(n)}, what);
  };
  EXPECT_EQ(grow("memory", 3), "1");
  EXPECT_EQ(grow("memory", 1), "-1");
  EXPECT_EQ(grow("table", 9), "1");
  EXPECT_EQ(grow("table", 1), "-1");
  const auto second = linker.instantiate(small, compile(engine, grower));
  ASSERT_FALSE(second) << "all memory of the store is taken";
}

TEST_F(HostFault, LimitsHoldInstancesOfBothKinds) {
  StoreLimits limits;
  limits.component_instances = 2;
  Store few(engine, limits);
  const auto c = compile(engine, grower);
  EXPECT_TRUE(linker.instantiate(few, c));
  EXPECT_TRUE(linker.instantiate(few, c));
  const auto third = linker.instantiate(few, c);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().rule(), runtime::rules::limit) << words(third.error());
  limits = {};
  limits.core.instances = 1;
  Store one_core(engine, limits);
  EXPECT_TRUE(linker.instantiate(one_core, c));
  EXPECT_FALSE(linker.instantiate(one_core, c));
}

TEST_F(HostFault, LimitsHoldTheDepthOfCalls) {
  StoreLimits limits;
  limits.call_depth = 10;
  Store shallow(engine, limits);
  define_call([&](Store& s, std::uint32_t x) -> std::uint32_t {
    // A new instance each time: nothing but the depth stops this.
    const auto next = linker.instantiate(s, compile(engine, caller));
    const auto f = next->get_typed_func<std::uint32_t(std::uint32_t)>(s, "f");
    const auto result = f->call(s, x + 1);
    return result ? *result : x;
  });
  const auto depth = call(instantiate(shallow, caller), std::vector<Value>{Value::u32(1)});
  EXPECT_LT(std::stoul(depth), 12U);
  EXPECT_GT(std::stoul(depth), 2U);
}

TEST_F(HostFault, AComponentOfAnotherEngineIsRefused) {
  Engine other;
  const auto theirs = linker.instantiate_pre(compile(other, faulty));
  ASSERT_FALSE(theirs);
  EXPECT_EQ(theirs.error().rule(), runtime::rules::other_engine);
  EXPECT_NE(theirs.error().help_text().find("one `Engine`"), std::string::npos);
  Store elsewhere(other);
  const auto ours = linker.instantiate_pre(compile(engine, faulty));
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->instantiate(elsewhere).error().rule(), runtime::rules::other_engine);
}

}  // namespace
}  // namespace tenon

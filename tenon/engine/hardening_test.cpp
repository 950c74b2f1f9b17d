// SPDX-License-Identifier: Apache-2.0
// What guests and hosts do to an engine that has to survive it, by the number of the list of what
// tenon must survive.
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tenon/engine/fiber.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Engine = StressedEngine;

TEST(Hardening, Item46GrowingForEverEndsAtTheLimit) {
  Engine engine;
  StoreLimits limits;
  limits.memory_bytes = 64 << 16;
  limits.table_elements = 1000;
  Store store(engine, limits);
  auto& i = make(store, R"((module (memory 1) (table $t 1 funcref)
    (func (export "memory") (result i32) (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) memory.size)
    (func (export "table") (result i32)
      (loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 1)) (i32.const -1)))) (table.size $t))))");
  EXPECT_EQ(get<int()>(i, "memory")().value(), 64);
  EXPECT_EQ(get<int()>(i, "table")().value(), 1000);
}

TEST(Hardening, Item48AMemoryHasSixtyFiveThousandPagesAtMost) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (memory (export "m") 0)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "poke") (param i32) (i32.store8 (local.get 0) (i32.const 7)))
    (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))))");
  const auto grow = get<int(int)>(i, "grow");
  EXPECT_EQ(grow(65537).value(), -1);
  EXPECT_EQ(grow(-1).value(), -1);
#ifndef TENON_SANITIZED
  EXPECT_EQ(grow(65536).value(), 0);
  EXPECT_EQ(grow(1).value(), -1);
  EXPECT_TRUE(get<void(int)>(i, "poke")(-1));
  EXPECT_EQ(get<int(int)>(i, "peek")(-1).value(), 7);
#endif
}

TEST(Hardening, Item46ABulkInstructionIsCheckedBeforeItsFirstByte) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (memory (export "m") 1) (data $d "abc")
    (func (export "fill") (memory.fill (i32.const 0) (i32.const 1) (i32.const -1)))
    (func (export "copy") (memory.copy (i32.const 0) (i32.const 1) (i32.const 65536)))
    (func (export "init") (memory.init $d (i32.const 65534) (i32.const 0) (i32.const 3)))))");
  for (const char* name : {"fill", "copy", "init"}) {
    const auto done = get<void()>(i, name)();
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().code(), TrapCode::out_of_bounds_memory);
    for (const std::uint8_t byte : i.memory("m")->bytes()) ASSERT_EQ(byte, 0) << name;
  }
}

TEST(Hardening, Item48TablesAndMemoriesBeyondTheLimitsAreRefused) {
  Engine engine;
  Store store(engine);
  for (const char* wat :
       {"(module (table 4294967295 funcref))", "(module (table i64 0x100000000 funcref))",
        "(module (memory i64 0x100000000))"}) {
    const auto made = Instance::create(store, compile(engine, wat), {});
    ASSERT_FALSE(made) << wat;
    EXPECT_EQ(std::get<Error>(made.error()).rule(), rules::engine_limit) << wat;
  }
}

#ifndef TENON_SANITIZED
TEST(Hardening, Item61WithoutAddressSpaceInstantiationIsRefused) {
  Engine engine;
  const auto module = compile(engine, "(module (memory 1))");
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &old), 0);
  rlimit tight = old;
  tight.rlim_cur = pages * 4096 + (256U << 20U);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  {
    Store store(engine);
    const auto made = Instance::create(store, module, {});
    EXPECT_FALSE(made);
  }
  ASSERT_EQ(setrlimit(RLIMIT_AS, &old), 0);
  Store store(engine);
  EXPECT_TRUE(Instance::create(store, module, {}));
}
#endif

TEST(Hardening, Item49EveryWidthAtTheEdgeOfAMemory) {
  struct Access {
    const char* load;
    const char* store;
    const char* type;
    int size;
  };
  constexpr std::array<Access, 8> accesses = {{{"i32.load8_u", "i32.store8", "i32", 1},
                                               {"i32.load16_s", "i32.store16", "i32", 2},
                                               {"i32.load", "i32.store", "i32", 4},
                                               {"i64.load", "i64.store", "i64", 8},
                                               {"i64.load32_u", "i64.store32", "i64", 4},
                                               {"f32.load", "f32.store", "f32", 4},
                                               {"f64.load", "f64.store", "f64", 8},
                                               {"v128.load", "v128.store", "v128", 16}}};
  for (const bool signals : {true, false}) {
    Config config;
    config.signals = signals;
    Engine engine(config);
    Store store(engine);
    for (const Access& a : accesses) {
      const std::string type = a.type;
      const std::string zero =
          type == "v128" ? "(v128.const i64x2 -1 -1)" : "(" + type + ".const 1)";
      auto& i = make(
          store, "(module (memory 1) (func (export \"load\") (param i32) (drop (" +
                     std::string(a.load) +
                     " (local.get 0)))) (func (export \"load9\") (param i32) (drop (" + a.load +
                     " offset=9 (local.get 0)))) (func (export \"store\") (param i32) (" + a.store +
                     " (local.get 0) " + zero + ")))");
      for (int at = 65536 - 32; at <= 65536 + 16; ++at) {
        EXPECT_EQ(get<void(int)>(i, "load")(at).has_value(), at + a.size <= 65536) << a.load << at;
        EXPECT_EQ(get<void(int)>(i, "load9")(at).has_value(), at + 9 + a.size <= 65536)
            << a.load << at;
        EXPECT_EQ(get<void(int)>(i, "store")(at).has_value(), at + a.size <= 65536)
            << a.store << at;
      }
      // No address is negative: these lie just below and just above 4 GiB.
      for (int at = -16; at < 0; ++at) {
        EXPECT_FALSE(get<void(int)>(i, "load")(at)) << a.load << at;
        EXPECT_FALSE(get<void(int)>(i, "load9")(at)) << a.load << at;
        EXPECT_FALSE(get<void(int)>(i, "store")(at)) << a.store << at;
      }
    }
  }
}

TEST(Hardening, Item50ArithmeticTrapsHaveTheirCodes) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module
    (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "rem") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
    (func (export "div64") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
    (func (export "trunc") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))))");
  constexpr int least = std::numeric_limits<int>::min();
  const auto div = get<int(int, int)>(i, "div");
  EXPECT_EQ(div(1, 0).error().code(), TrapCode::integer_divide_by_zero);
  EXPECT_EQ(div(least, -1).error().code(), TrapCode::integer_overflow);
  const auto rem = get<int(int, int)>(i, "rem");
  EXPECT_EQ(rem(1, 0).error().code(), TrapCode::integer_divide_by_zero);
  EXPECT_EQ(rem(least, -1).value(), 0);
  const auto wide = get<std::int64_t(std::int64_t, std::int64_t)>(i, "div64");
  EXPECT_EQ(wide(std::numeric_limits<std::int64_t>::min(), -1).error().code(),
            TrapCode::integer_overflow);
  const auto trunc = get<int(double)>(i, "trunc");
  EXPECT_EQ(trunc(std::numeric_limits<double>::quiet_NaN()).error().code(),
            TrapCode::invalid_conversion);
  EXPECT_EQ(trunc(2147483648.0).error().code(), TrapCode::integer_overflow);
  EXPECT_EQ(trunc(-2147483648.9).value(), least);
}

TEST(Hardening, Item51IndirectCallsOfWhatIsNotThere) {
  Engine engine;
  Store store(engine);
  auto& i = make(
      store,
      R"((module (type $f (func (result i32))) (table 3 funcref) (elem (i32.const 0) $good $bad)
    (func $good (result i32) (i32.const 1)) (func $bad (param i32))
    (func (export "call") (param i32) (result i32) (call_indirect (type $f) (local.get 0)))))");
  const auto call = get<int(int)>(i, "call");
  EXPECT_EQ(call(0).value(), 1);
  EXPECT_EQ(call(1).error().code(), TrapCode::indirect_call_mismatch);
  EXPECT_EQ(call(2).error().code(), TrapCode::uninitialized_element);
  EXPECT_EQ(call(3).error().code(), TrapCode::undefined_element);
  EXPECT_EQ(call(-1).error().code(), TrapCode::undefined_element);
}

TEST(Hardening, Item52AStartFunctionThatTrapsLeavesNothingCharged) {
  Engine engine;
  const auto bad = compile(engine, "(module (memory 4) (func $s unreachable) (start $s))");
  const auto good = compile(engine, "(module (memory 4))");
  StoreLimits limits;
  limits.memory_bytes = 8 << 16;
  for (int round = 0; round < 100; ++round) {
    Store store(engine, limits);
    const auto made = Instance::create(store, bad, {});
    ASSERT_FALSE(made);
    EXPECT_EQ(std::get<Trap>(made.error()).code(), TrapCode::unreachable);
    EXPECT_TRUE(Instance::create(store, good, {}));
  }
}

// Each way of calling without end, run by whoever is asked.
constexpr std::string_view endless = R"((module (type $f (func (param i32) (result i32)))
  (import "other" "f" (func $other (type $f))) (table 1 funcref) (elem (i32.const 0) $indirect)
  (func $direct (export "direct") (type $f) (i32.add (i32.const 1) (call $direct (local.get 0))))
  (func $indirect (export "indirect") (type $f)
    (i32.add (i32.const 1) (call_indirect (type $f) (local.get 0) (i32.const 0))))
  (func (export "ping") (type $f) (i32.add (i32.const 1) (call $other (local.get 0))))
  (func $a (export "mutual") (type $f) (i32.add (i32.const 1) (call $b (local.get 0))))
  (func $b (type $f) (return_call $a (local.get 0)))))";

void overflow_in_every_way(Engine& engine) {
  Store store(engine);
  TypedFunc<int(int)> back;
  const Func host = store.host_func([&](int x) -> Outcome<int> { return back(x); });
  auto& i = make(store, endless, {host});
  back = get<int(int)>(i, "ping");
  // Two instances that call each other through a table that both have.
  auto& owner = make(store, R"((module (table (export "t") 2 funcref)))");
  const Extern table = *owner.find("t");
  constexpr std::string_view pong =
      R"((module (import "m" "t" (table $t 2 funcref)) (type $f (func (param i32) (result i32)))
    (func (export "f") (type $f)
      (i32.add (i32.const 1) (call_indirect $t (type $f) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))
    (func (export "g") (type $f)
      (i32.add (i32.const 1) (call_indirect $t (type $f) (i32.add (local.get 0) (i32.const 1)) (i32.and (local.get 0) (i32.const 1)))))))";
  auto& a = make(store, pong, {table});
  auto& b = make(store, pong, {table});
  std::get<Table*>(table)->set(0, std::bit_cast<ValueSlot>(a.func("g")->ref()));
  std::get<Table*>(table)->set(1, std::bit_cast<ValueSlot>(b.func("g")->ref()));
  for (int round = 0; round < 2; ++round) {
    for (const char* name : {"direct", "indirect", "ping", "mutual"})
      EXPECT_EQ(get<int(int)>(i, name)(0).error().code(), TrapCode::stack_overflow) << name;
    EXPECT_EQ(get<int(int)>(a, "f")(0).error().code(), TrapCode::stack_overflow);
  }
}

TEST(Hardening, Item47StackOverflowOnTheMainThread) {
  Engine engine;
  overflow_in_every_way(engine);
}

TEST(Hardening, Item47StackOverflowOnAFiber) {
  Engine engine;
  Store store(engine);
  auto fiber = Fiber::create(store, [&] { overflow_in_every_way(engine); });
  EXPECT_TRUE(fiber->resume());
  // And of the store that the fiber belongs to.
  TypedFunc<int(int)> back;
  const Func host = store.host_func([&](int x) -> Outcome<int> { return back(x); });
  auto& i = make(store, endless, {host});
  back = get<int(int)>(i, "ping");
  int traps = 0;
  auto own = Fiber::create(store, [&] {
    for (const char* name : {"direct", "indirect", "ping", "mutual"})
      traps += get<int(int)>(i, name)(0).error().code() == TrapCode::stack_overflow ? 1 : 0;
  });
  EXPECT_TRUE(own->resume());
  EXPECT_EQ(traps, 4);
}

TEST(Hardening, Item47StackOverflowOnAThreadWithASmallStack) {
  Engine engine;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
#ifdef TENON_SANITIZED
  constexpr std::size_t stack = 1U << 20U;
#else
  constexpr std::size_t stack = 256U << 10U;
#endif
  ASSERT_EQ(pthread_attr_setstacksize(&attr, stack), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attr,
                [](void* arg) -> void* {
                  overflow_in_every_way(*static_cast<Engine*>(arg));
                  return nullptr;
                },
                &engine),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attr);
}

// Handlers that call functions push over what lies below the first handler's return address.
TEST(Hardening, Item56AFaultAfterHandlersThatUseTheNativeStack) {
  Engine engine;
  Store store(engine);
  auto& other =
      make(store, R"((module (func (export "f") (result i32 i32) (i32.const 1) (i32.const 2))))");
  auto& i = make(store,
                 R"((module (import "other" "f" (func $other (result i32 i32)))
    (memory (export "m") 1) (table $t 1 10 funcref) (data $d "abc") (elem $e funcref (ref.func 0))
    (func (export "data.drop") (param i32) (result i32) (data.drop $d) (i32.load (local.get 0)))
    (func (export "elem.drop") (param i32) (result i32) (elem.drop $e) (i32.load (local.get 0)))
    (func (export "memory.grow") (param i32) (result i32) (drop (memory.grow (i32.const 1))) (i32.load (local.get 0)))
    (func (export "memory.size") (param i32) (result i32) (drop (memory.size)) (i32.load (local.get 0)))
    (func (export "table.grow") (param i32) (result i32)
      (drop (table.grow $t (ref.null func) (i32.const 1))) (i32.load (local.get 0)))
    (func (export "table.set") (param i32) (result i32)
      (table.set $t (i32.const 0) (ref.null func)) (i32.load (local.get 0)))
    (func (export "fill") (param i32) (result i32)
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 9)) (i32.load (local.get 0)))
    (func (export "ref.func") (param i32) (result i32) (drop (ref.func 0)) (i32.load (local.get 0)))
    (func (export "nearest32") (param i32) (result i32)
      (drop (f32.nearest (f32.convert_i32_s (local.get 0)))) (i32.load (local.get 0)))
    (func (export "nearest64") (param i32) (result i32)
      (drop (f64.nearest (f64.convert_i32_s (local.get 0)))) (i32.load (local.get 0)))
    (func (export "cross") (param i32) (result i32) (drop (i32.add (call $other))) (i32.load (local.get 0)))))",
                 {*other.find("f")});
  for (int round = 0; round < 3; ++round) {
    for (const char* name : {"data.drop", "elem.drop", "memory.grow", "memory.size", "table.grow",
                             "table.set", "fill", "ref.func", "nearest32", "nearest64", "cross"})
      EXPECT_EQ(get<int(int)>(i, name)(1 << 30).error().code(), TrapCode::out_of_bounds_memory)
          << name;
  }
}

TEST(Hardening, Item54ATrapInAHostCallbackGoesThroughEveryFrame) {
  Engine engine;
  Store store(engine);
  // Host calls guest, guest calls host, host calls guest, which traps.
  auto& inner = make(
      store,
      R"((module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (local.get 0)))))");
  const auto load = get<int(int)>(inner, "f");
  const Func host = store.host_func([&](int x) -> Outcome<int> { return load(x); });
  auto& outer = make(store, R"((module (import "h" "f" (func $h (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $h (local.get 0))))))",
                     {host});
  const auto f = get<int(int)>(outer, "f");
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(f(8).value(), 1);
    EXPECT_EQ(f(1 << 20).error().code(), TrapCode::out_of_bounds_memory);
    EXPECT_EQ(f(1 << 20).error().backtrace().size(), 2U);
  }
}

TEST(Hardening, Item57DescriptorsAreNotInherited) {
  Engine engine;
  const auto open_ones = [] {
    std::vector<int> out;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
      out.push_back(std::stoi(entry.path().filename().string()));
    return out;
  };
  const auto before = open_ones();
  Store store(engine);
  std::string data(300'000, 'd');
  make(store, "(module (memory 8) (data (i32.const 0) \"" + data + "\"))");
  for (const int fd : open_ones()) {
    if (std::find(before.begin(), before.end(), fd) != before.end()) continue;
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) EXPECT_NE(flags & FD_CLOEXEC, 0) << fd;
  }
}

#ifndef TENON_SANITIZED
sigjmp_buf away;
volatile int seen = 0;
void note_and_leave(int) {
  seen = seen + 1;
  siglongjmp(away, 1);
}
void note_with_info(int, siginfo_t*, void*) {
  note_and_leave(0);
}
struct sigaction chained;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
/// What a host does that installs its handler after ours: it asks ours for what it does not know.
void chain(int signal, siginfo_t* info, void* context) {
  seen = seen + 1;
  if ((chained.sa_flags & SA_SIGINFO) != 0) chained.sa_sigaction(signal, info, context);
}

constexpr std::string_view reads = R"((module (memory (export "m") 1)
  (func (export "get") (param i32) (result i32) (i32.load (local.get 0)))))";

TEST(Hardening, Item56AHandlerThatTheHostInstalledBefore) {
  for (const int signal : {SIGSEGV, SIGBUS}) {
    struct sigaction mine = {};
    struct sigaction old = {};
    mine.sa_sigaction = note_with_info;
    mine.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigemptyset(&mine.sa_mask);
    sigaction(signal, &mine, &old);
    {
      Engine engine;
      Store store(engine);
      auto& i = make(store, reads);
      EXPECT_EQ(get<int(int)>(i, "get")(-1).error().code(), TrapCode::out_of_bounds_memory);
      seen = 0;
      if (sigsetjmp(away, 1) == 0) ::raise(signal);
      EXPECT_EQ(seen, 1);
      // On a thread of its own as well.
      std::thread([&] {
        if (sigsetjmp(away, 1) == 0) ::raise(signal);
      }).join();
      EXPECT_EQ(seen, 2);
      EXPECT_EQ(get<int(int)>(i, "get")(-1).error().code(), TrapCode::out_of_bounds_memory);
    }
    sigaction(signal, &old, nullptr);
  }
}

TEST(Hardening, Item56AHandlerThatTheHostInstalledAfter) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, reads);
  struct sigaction mine = {};
  mine.sa_sigaction = chain;
  mine.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  sigemptyset(&mine.sa_mask);
  sigaction(SIGSEGV, &mine, &chained);
  seen = 0;
  EXPECT_EQ(get<int(int)>(i, "get")(0).value(), 0);
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(get<int(int)>(i, "get")(-1).error().code(), TrapCode::out_of_bounds_memory);
  // A build by a compiler without `preserve_none` checks every access: nothing faults.
  EXPECT_EQ(seen, engine.config().signals ? 1 : 0);
  sigaction(SIGSEGV, &chained, nullptr);
}

TEST(Hardening, Item56WithoutHandlersEveryAccessIsChecked) {
  struct sigaction before = {};
  sigaction(SIGSEGV, nullptr, &before);
  Config config;
  config.signals = false;
  Engine engine(config);
  Store store(engine);
  auto& i = make(store, reads);
  struct sigaction none = {};
  none.sa_handler = SIG_DFL;
  struct sigaction old = {};
  sigaction(SIGSEGV, &none, &old);
  EXPECT_EQ(get<int(int)>(i, "get")(-1).error().code(), TrapCode::out_of_bounds_memory);
  sigaction(SIGSEGV, &old, nullptr);
}

TEST(Hardening, Item57AForkedChildGetsAnErrorAndMayExec) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, reads);
  const auto f = get<int(int)>(i, "get");
  ASSERT_TRUE(f(0));
  const pid_t child = fork();
  if (child == 0) {
    // 3: the store refuses; a new engine works; exec works.
    const auto done = f(0);
    if (done || done.error().code() != TrapCode::host) _exit(10);
    const auto made = Instance::create(store, compile(engine, reads), {});
    if (made || std::get<Error>(made.error()).rule() != rules::engine_forked) _exit(11);
    Engine mine;
    Store own(mine);
    if (!get<int(int)>(make(own, reads), "get")(0)) _exit(12);
    execl("/bin/true", "true", nullptr);
    _exit(13);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(f(0));
}
#endif

TEST(Hardening, Item58ParallelCompilingInstantiatingAndDropping) {
  Engine engine;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&engine, t] {
      for (int round = 0; round < 10; ++round) {
        const auto module = compile(
            engine, "(module (memory 1) (data (i32.const 0) \"abc\") (type (func (param i" +
                        std::string(t % 2 == 0 ? "32" : "64") +
                        ") (result i32))) (func (export \"f\") (type 0) (i32.load8_u (i32.const " +
                        std::to_string(round % 3) + "))))");
        Store store(engine);
        auto made = Instance::create(store, module, {});
        ASSERT_TRUE(made);
        std::array<ValueSlot, 1> slots{};
        ASSERT_TRUE((*made)->func("f")->call(slots));
        EXPECT_EQ(slots[0], static_cast<ValueSlot>('a' + round % 3));
      }
    });
  }
  for (auto& t : threads) t.join();
}

}  // namespace
}  // namespace tenon::engine

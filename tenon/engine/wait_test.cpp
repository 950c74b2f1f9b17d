// SPDX-License-Identifier: Apache-2.0
// Host functions that wait: files and times end a wait, and so does every reason for which a guest
// would stop.
#include "tenon/engine/wait.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "tenon/engine/fiber.h"
#include "tenon/engine/store.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::hours;
using std::chrono::milliseconds;

/// A pipe that closes with the test.
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

class Wait : public ::testing::Test {
 protected:
  StressedEngine engine;
  Store store{engine};
};

TEST_F(Wait, EndsWhenAFileIsReadyAndSaysWhich) {
  const Pipe empty;
  const Pipe full;
  full.put();
  std::array events{WaitEvent{.fd = empty.ends[0], .read = true},
                    WaitEvent{.fd = full.ends[0], .read = true},
                    WaitEvent{.fd = empty.ends[1], .write = true}};
  EXPECT_EQ(store.wait(events).value_or(99), 2U);
  EXPECT_FALSE(events[0].ready);
  EXPECT_TRUE(events[1].ready);
  EXPECT_TRUE(events[2].ready);
}

TEST_F(Wait, EndsAtItsTime) {
  const Pipe empty;
  std::array events{WaitEvent{.fd = empty.ends[0], .read = true, .ready = true}};
  const auto until = Clock::now() + milliseconds(3);
  EXPECT_EQ(store.wait(events, until).value_or(99), 0U);
  EXPECT_GE(Clock::now(), until);
  EXPECT_FALSE(events[0].ready) << "what an earlier wait left there";
  EXPECT_EQ(store.wait({}, Clock::now() - hours(1)).value_or(99), 0U);
}

TEST_F(Wait, OfABrokenFileEndsSoThatItsUseTells) {
  std::array events{WaitEvent{.fd = 1'000'000, .read = true}};
  EXPECT_EQ(store.wait(events).value_or(99), 1U);
}

TEST_F(Wait, TakesAsManyFilesAsOneLikes) {
  std::vector<WaitEvent> events;
  const Pipe empty;
  const Pipe full;
  full.put();
  for (int i = 0; i < 500; ++i) events.push_back({.fd = empty.ends[0], .read = true});
  events.push_back({.fd = full.ends[0], .read = true});
  EXPECT_EQ(store.wait(events).value_or(99), 1U);
  EXPECT_TRUE(events.back().ready);
}

// The system takes no more entries than a process may have files.
TEST_F(Wait, TakesMoreWaitsThanAProcessMayHaveFiles) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  std::vector<WaitEvent> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back({.fd = ends[0], .read = i % 2 == 0, .write = i % 2 != 0});
    events.push_back({.fd = ends[1], .read = true});
  }
  EXPECT_EQ(store.wait(events).value_or(999), 100U);
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].ready, events[i].write) << i;
  ASSERT_EQ(::write(ends[0], "x", 1), 1);
  EXPECT_EQ(store.wait(events).value_or(999), 300U);
  close(ends[0]);
  // The other end is closed: that is for everyone who waits for it.
  EXPECT_EQ(store.wait(events).value_or(999), 400U);
  close(ends[1]);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(Wait, EndsAtTheDeadline) {
  store.set_deadline(Clock::now() + milliseconds(5));
  const auto waited = store.wait({});
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code(), TrapCode::interrupted);
  EXPECT_FALSE(store.wait({})) << "it holds until it is changed";
  store.set_deadline(std::nullopt);
  EXPECT_TRUE(store.wait({}, Clock::now()));
}

TEST_F(Wait, EndsWhenTheStoreIsInterrupted) {
  // Whether the request comes before the wait or in it.
  for (const auto delay : {milliseconds(0), milliseconds(5)}) {
    const auto handle = store.interrupt_handle();
    std::thread other([&] {
      std::this_thread::sleep_for(delay);
      handle.interrupt();
    });
    const auto waited = store.wait({});
    other.join();
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().code(), TrapCode::interrupted);
    store.clear_interrupt();
  }
}

TEST_F(Wait, GoesOnWhenTheHostSaysSo) {
  int asked = 0;
  store.on_interrupt([&](Store*) { return ++asked, InterruptAction::go_on; });
  const Pipe pipe;
  const auto handle = store.interrupt_handle();
  std::thread other([&] {
    handle.interrupt();
    std::this_thread::sleep_for(milliseconds(5));
    pipe.put();
  });
  std::array events{WaitEvent{.fd = pipe.ends[0], .read = true}};
  EXPECT_EQ(store.wait(events).value_or(99), 1U);
  other.join();
  EXPECT_EQ(asked, 1);
}

constexpr std::string_view sleeper = R"((module
  (import "" "wait" (func $wait))
  (func (export "f") (result i32) (call $wait) (i32.const 7))))";

TEST_F(Wait, ThatIsInterruptedTrapsTheGuestWhichAskedForIt) {
  auto& instance = make(store, sleeper, {store.host_func([&]() -> Outcome<void> {
                          store.set_deadline(Clock::now() + milliseconds(3));
                          if (auto waited = store.wait({}); !waited)
                            return std::unexpected(std::move(waited).error());
                          return {};
                        })});
  const auto done = get<int()>(instance, "f")();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), TrapCode::interrupted);
  EXPECT_FALSE(done.error().backtrace().empty());
}

/// Waits by leaving the fiber on which the guest runs: the loop of a host that serves many.
class FiberWaiter final : public Waiter {
 public:
  explicit FiberWaiter(Store& store) : store_(store) {}
  Outcome<void> wait(std::span<WaitEvent> events, Time) override {
    wanted = events;
    if (!Fiber::current(store_)->suspend()) return std::unexpected(Trap("the call was given up"));
    return {};
  }
  void wake() noexcept override { woken = true; }
  std::span<WaitEvent> wanted;
  bool woken = false;

 private:
  Store& store_;
};

TEST_F(Wait, OfOneStoreLetsAnotherOnTheSameThreadRun) {
  Store other(engine);
  const auto waiter = std::make_shared<FiberWaiter>(store);
  store.set_waiter(waiter);
  const Pipe pipe;
  auto& waits = make(store, sleeper, {store.host_func([&]() -> Outcome<void> {
                       std::array events{WaitEvent{.fd = pipe.ends[0], .read = true}};
                       if (auto waited = store.wait(events); !waited)
                         return std::unexpected(std::move(waited).error());
                       return {};
                     })});
  auto& runs = make(other, sleeper, {other.host_func([] {})});
  int result = 0;
  const auto fiber = Fiber::create(store, [&] { result = get<int()>(waits, "f")().value(); });
  EXPECT_FALSE(fiber->resume());
  EXPECT_EQ(get<int()>(runs, "f")().value(), 7) << "while the first one waits";
  ASSERT_EQ(waiter->wanted.size(), 1U);
  EXPECT_FALSE(fiber->resume()) << "nothing is ready: it waits on";
  waiter->wanted[0].ready = true;
  EXPECT_TRUE(fiber->resume());
  EXPECT_EQ(result, 7);
  store.interrupt_handle().interrupt();
  EXPECT_TRUE(waiter->woken);
}

TEST_F(Wait, NobodyWakesTheWaiterOfAStoreThatIsGone) {
  std::optional<Store> gone(std::in_place, engine);
  const auto waiter = std::make_shared<FiberWaiter>(*gone);
  gone->set_waiter(waiter);
  const auto handle = gone->interrupt_handle();
  gone.reset();
  handle.interrupt();
  EXPECT_FALSE(waiter->woken);
  EXPECT_EQ(waiter.use_count(), 1);
}

constexpr std::string_view exits = R"((module
  (import "" "exit" (func $exit (param i32)))
  (func (export "f") (param i32) (result i32) (call $exit (local.get 0)) (i32.const 7))))";

TEST(Exits, ThrownOrReturnedArriveWithTheirCode) {
  StressedEngine engine;
  Store store(engine);
  const auto thrown = store.host_func([](int code) { throw Exit{code}; });
  const auto given =
      store.host_func([](int code) -> Outcome<void> { return std::unexpected(Exit{code}); });
  for (const auto& host : {thrown, given}) {
    for (const int code : {0, 3, 255, -1}) {
      const auto done = get<int(int)>(make(store, exits, {host}), "f")(code);
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code(), TrapCode::exit);
      EXPECT_EQ(done.error().exit_code(), code);
      EXPECT_EQ(done.error().message(), "exit with code " + std::to_string(code));
    }
  }
}

TEST(Exits, InAStartFunctionArriveWithTheirCode) {
  StressedEngine engine;
  Store store(engine);
  const auto module = compile(engine, R"((module (import "" "exit" (func $exit)) (start $exit)))");
  const std::array<Extern, 1> imports{store.host_func([] { throw Exit{42}; })};
  const auto made = Instance::create(store, module, imports);
  ASSERT_FALSE(made);
  ASSERT_TRUE(std::holds_alternative<Trap>(made.error()));
  EXPECT_EQ(std::get<Trap>(made.error()).exit_code(), 42);
}

}  // namespace
}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
// Four threads make, use and destroy stores of one engine, while another interrupts whatever they
// run and deadlines pass. For TSan and helgrind as much as for what is asserted here; see
// docs/embedding.md for how to run it under them.
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

using U32 = std::uint32_t;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::string_view guest = R"((component
  (import "cb" (func $cb (param "x" u32) (result u32))) (core func $cb_ (canon lower (func $cb)))
  (core module $D (func (export "dtor") (param i32)))
  (core instance $d (instantiate $D)) (alias core export $d "dtor" (core func $dt))
  (type $r (resource (rep i32) (dtor (core func $dt)))) (export $re "r" (type $r))
  (core func $new (canon resource.new $r))
  (core module $M (import "" "new" (func $new (param i32) (result i32)))
    (import "" "cb" (func $cb (param i32) (result i32)))
    (memory (export "m") 1) (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
    (func (export "make") (result i32) (call $new (i32.const 5)))
    (func (export "view") (result i32) i32.const 8)
    (func (export "far") (result i32) (i32.load (i32.const -8)))
    (func (export "ask") (param i32) (result i32) (call $cb (local.get 0)))
    (func (export "ask-spin") (param i32) (result i32)
      (drop (call $cb (local.get 0))) (loop $l (br $l)) unreachable))
  (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))
    (export "cb" (func $cb_))))))
  (alias core export $m "m" (core memory $mem))
  (func $make (result (own $r)) (canon lift (core func $m "make")))
  (export "make" (func $make) (func (result (own $re))))
  (func (export "view") (result string) (canon lift (core func $m "view") (memory $mem)))
  (func (export "far") (result u32) (canon lift (core func $m "far")))
  (func (export "ask") (param "x" u32) (result u32) (canon lift (core func $m "ask")))
  (func (export "ask-spin") (param "x" u32) (result u32) (canon lift (core func $m "ask-spin")))))";

/// What one thread's host functions reach.
struct Host {
  std::vector<Own<>> held;
  std::optional<runtime::TypedFunc<U32(U32)>> inner;
};

class Stress : public Embed {
 protected:
  static constexpr std::size_t threads = 4;

  /// One store from its first call to its end. Whether all went as it may.
  bool round(std::size_t t, U32 n) {
    Store own(engine);
    Host host;
    own.set_data(&host);
    {
      const std::lock_guard lock(mutex);
      handles[t] = own.interrupt_handle();
    }
    const auto a = pre->instantiate(own);
    const auto b = pre->instantiate(own);
    if (!a || !b) return true;
    const auto ask = *a->get_typed_func<U32(U32)>(own, "ask");
    const auto make = *b->get_typed_func<Own<>()>(own, "make");
    host.inner = *b->get_typed_func<U32(U32)>(own, n % 2 == 0 ? "ask" : "ask-spin");
    for (U32 k = 0; k < 8; ++k) {
      own.set_deadline(Clock::now() + microseconds(100 * ((n + k) % 5)));
      if (auto r = make()) host.held.push_back(*std::move(r));
      const auto out = ask(k);
      if (out && *out != k + 1) return false;
      if (k % 3 == 0) own.set_deadline(std::nullopt);
      if (const auto view = (*b->get_typed_func<std::string_view()>(own, "view")).call_view();
          view && **view != "hello")
        return false;
      (void)a->get_func("far")->call({});
    }
    own.set_deadline(Clock::now() + microseconds(300));
    const auto c = pre->instantiate(own);
    if (!c) return true;
    const auto spun = (*c->get_typed_func<U32(U32)>(own, "ask-spin"))(1);
    host.held.clear();
    return !spun;
  }

  std::optional<InstancePre> pre;
  std::mutex mutex;
  std::array<std::optional<engine::InterruptHandle>, threads> handles;
};

TEST_F(Stress, InterruptionsAndDeadlinesRaceTheEndOfStores) {
  ASSERT_TRUE(linker.root().func_wrap("cb", [](Store& s, U32 x) -> U32 {
    auto& host = *static_cast<Host*>(s.data());
    if (x % 2 == 1) host.held.clear();
    if (x % 4 == 2 && host.inner) (void)std::exchange(host.inner, std::nullopt)->call(s, x);
    if (x == 7) throw std::runtime_error("seven");
    return x + 1;
  }));
  auto resolved = linker.instantiate_pre(compile(engine, guest));
  ASSERT_TRUE(resolved) << words(resolved.error());
  pre = *std::move(resolved);
  std::atomic<std::size_t> running = threads;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> pool;
  for (std::size_t t = 0; t < threads; ++t) {
    pool.emplace_back([&, t] {
      for (U32 n = 0; n < 40; ++n) wrong += round(t, n) ? 0 : 1;
      --running;
    });
  }
  std::thread asks([&] {
    for (std::size_t n = 0; running != 0; ++n) {
      {
        const std::lock_guard lock(mutex);
        if (const auto& handle = handles[n % threads]) handle->interrupt();
      }
      std::this_thread::sleep_for(microseconds(150));
    }
  });
  for (auto& t : pool) t.join();
  asks.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tenon

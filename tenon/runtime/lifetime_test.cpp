// SPDX-License-Identifier: Apache-2.0
// How calls, results, resources and stores end: in any order, by traps and exceptions, inside of
// each other.
#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

using U32 = std::uint32_t;

/// A resource of the guest's whose destructor counts and calls the host's `log`.
constexpr std::string_view resources = R"((component
  (import "cb" (func $cb)) (core func $cb_ (canon lower (func $cb)))
  (import "log" (func $log (param "rep" u32))) (core func $log_ (canon lower (func $log)))
  (core module $D (import "" "log" (func $log (param i32))) (global $n (mut i32) (i32.const 0))
    (func (export "dtor") (param i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (call $log (local.get 0))
      (if (i32.eq (local.get 0) (i32.const 666)) (then unreachable)))
    (func (export "count") (result i32) (global.get $n)))
  (core instance $d (instantiate $D (with "" (instance (export "log" (func $log_))))))
  (alias core export $d "dtor" (core func $dt))
  (type $r (resource (rep i32) (dtor (core func $dt)))) (export $re "r" (type $r))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $M (import "" "new" (func $new (param i32) (result i32)))
    (import "" "cb" (func $cb)) (import "" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "ask") (call $cb))
    (func (export "ask-trap") (call $cb) unreachable)
    (func (export "eat") (param i32) (call $drop (local.get 0)))
    (func (export "rep") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))
    (export "cb" (func $cb_)) (export "drop" (func $drop))))))
  (func $make (param "x" u32) (result (own $r)) (canon lift (core func $m "make")))
  (export "make" (func $make) (func (param "x" u32) (result (own $re))))
  (func (export "ask") (canon lift (core func $m "ask")))
  (func (export "ask-trap") (canon lift (core func $m "ask-trap")))
  (func $eat (param "x" (own $r)) (canon lift (core func $m "eat")))
  (export "eat" (func $eat) (func (param "x" (own $re))))
  (func $rep (param "x" (borrow $r)) (result u32) (canon lift (core func $m "rep")))
  (export "rep" (func $rep) (func (param "x" (borrow $re)) (result u32)))
  (func (export "count") (result u32) (canon lift (core func $d "count")))))";

/// Calls the host between two numbers of its own, and keeps what the host lends it.
constexpr std::string_view views = R"((component
  (import "cb" (func $cb)) (core func $cb_ (canon lower (func $cb)))
  (core func $set (canon context.set i32 0)) (core func $get (canon context.get i32 0))
  (core module $M (import "" "set" (func $set (param i32))) (import "" "get" (func $get (result i32)))
    (import "" "cb" (func $cb))
    (memory (export "m") 1) (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
    (global $seen (mut i32) (i32.const 0)) (global $ends (mut i32) (i32.const 0))
    (func (export "view") (result i32) (call $set (i32.const 222)) i32.const 8)
    (func (export "post") (param i32) (global.set $seen (call $get)) (call $set (i32.const 333)))
    (func (export "post-trap") (param i32) unreachable)
    (func (export "seen") (result i32) (global.get $seen))
    (func (export "around") (param i32) (result i32) (call $set (local.get 0)) (call $cb) (call $get))
    (func (export "ask-trap") (call $cb) unreachable))
  (core instance $m (instantiate $M (with "" (instance (export "set" (func $set))
    (export "get" (func $get)) (export "cb" (func $cb_))))))
  (alias core export $m "m" (core memory $mem))
  (func (export "view") (result string)
    (canon lift (core func $m "view") (memory $mem) (post-return (core func $m "post"))))
  (func (export "view-trap") (result string)
    (canon lift (core func $m "view") (memory $mem) (post-return (core func $m "post-trap"))))
  (func (export "seen") (result u32) (canon lift (core func $m "seen")))
  (func (export "around") (param "x" u32) (result u32) (canon lift (core func $m "around")))
  (func (export "ask-trap") (canon lift (core func $m "ask-trap")))))";

class Lifetime : public Embed {
 protected:
  using View = runtime::Returned<std::string_view>;

  Lifetime() {
    // A copy runs: what runs may put another in its place.
    EXPECT_TRUE(linker.root().func_wrap("cb", [this] {
      const auto now = cb;
      now();
    }));
    EXPECT_TRUE(linker.root().func_wrap("log", [this](U32 rep) {
      const auto now = log;
      now(rep);
    }));
  }
  static auto view_of(const Instance& i, std::string_view name = "view") {
    return *i.get_typed_func<std::string_view()>(i.store(), name);
  }
  static U32 number(const Instance& i, std::string_view name) {
    const auto out = (*i.get_typed_func<U32()>(i.store(), name))();
    EXPECT_TRUE(out) << out.error().text();
    return out.value_or(9999);
  }
  static Own<> make(const Instance& i, U32 rep = 1) {
    auto out = (*i.get_typed_func<Own<>(U32)>(i.store(), "make"))(rep);
    EXPECT_TRUE(out) << out.error().text();
    return *std::move(out);
  }
  static std::string ask(const Instance& i, std::string_view name = "ask") {
    const auto out = (*i.get_typed_func<void()>(i.store(), name))();
    return out ? "" : std::string(out.error().message());
  }

  std::function<void()> cb = [] {};
  std::function<void(U32)> log = [](U32) {};
};

// Results that the host keeps in the guest's memory.

TEST_F(Lifetime, AViewOutlivesTheTrapOfItsCaller) {
  const auto a = instantiate(store, views);
  const auto b = instantiate(store, views);
  std::optional<View> kept;
  cb = [&] { kept.emplace(*view_of(b).call_view()); };
  EXPECT_EQ(ask(a, "ask-trap"), "unreachable");
  EXPECT_EQ(store.depth(), 0U);
  EXPECT_TRUE(store.busy());
  EXPECT_EQ(**kept, "hello");
  EXPECT_EQ(call(b, {}, "seen"), "cannot enter component instance");
  EXPECT_TRUE(kept->finish());
  EXPECT_EQ(store.depth(), 0U);
  EXPECT_FALSE(store.busy());
  EXPECT_EQ(number(b, "seen"), 222U);
}

TEST_F(Lifetime, AViewLeavesTheContextOfItsCallerAlone) {
  const auto a = instantiate(store, views);
  const auto b = instantiate(store, views);
  const auto around = *a.get_typed_func<U32(U32)>(store, "around");
  std::optional<View> kept;
  cb = [&] { kept.emplace(*view_of(b).call_view()); };
  EXPECT_EQ(*around(111), 111U);
  cb = [&] { kept.reset(); };
  EXPECT_EQ(*around(112), 112U);
  EXPECT_EQ(number(b, "seen"), 222U);
  EXPECT_EQ(store.current_task(), nullptr);
}

TEST_F(Lifetime, ViewsEndInAnyOrderWithTheirOwnContexts) {
  std::vector<Instance> i;
  for (int n = 0; n < 3; ++n) i.push_back(instantiate(store, views));
  std::array<std::size_t, 3> order = {0, 1, 2};
  do {
    std::vector<View> kept;
    for (const auto& one : i) kept.push_back(*view_of(one).call_view());
    for (const auto n : order) EXPECT_TRUE(kept[n].finish());
    for (const auto& one : i) EXPECT_EQ(number(one, "seen"), 222U);
  } while (std::ranges::next_permutation(order).found);
  EXPECT_FALSE(store.busy());
}

TEST_F(Lifetime, APostReturnThatTrapsWhenAViewGoesIsNoted) {
  const auto a = instantiate(store, views);
  {
    const auto kept = *view_of(a, "view-trap").call_view();
  }
  const auto trap = store.take_drop_trap();
  ASSERT_TRUE(trap);
  EXPECT_EQ(trap->message(), "unreachable");
  EXPECT_FALSE(store.take_drop_trap());
  EXPECT_FALSE(store.busy());
}

TEST_F(Lifetime, AStoreWithAViewLeftEndsTheProgram) {
  // A fork's child runs no guests: the program starts again.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto own = std::make_unique<Store>(engine);
        const auto kept = view_of(instantiate(*own, views)).call_view();
        own.reset();
      },
      "");
}

// What a call that is refused leaves.

TEST_F(Lifetime, ACallThatADeadlineRefusesLeavesTheInstanceAsItWas) {
  const auto i = instantiate(store, with_libc(R"((core module $M
    (func (export "f") (param i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "s" string) (result u32)
      (canon lift (core func $m "f") (memory $mem) (realloc $realloc))))"));
  const auto f = *i.get_typed_func<U32(std::string_view)>(store, "f");
  const std::vector<Value> word = {Value::string("word")};
  EXPECT_EQ(*f("abc"), 3U);
  store.set_deadline(std::chrono::steady_clock::now() - std::chrono::milliseconds(1));
  EXPECT_EQ(f("abc").error().code(), engine::TrapCode::interrupted);
  EXPECT_EQ(call(i, word), "interrupted");
  store.set_deadline(std::nullopt);
  EXPECT_EQ(*f("abc"), 3U);
  EXPECT_EQ(call(i, word), "4");
  store.interrupt_handle().interrupt();
  EXPECT_EQ(call(i, word), "interrupted");
  EXPECT_EQ(call(i, word), "4");
}

// Resources that the host lets go of.

TEST_F(Lifetime, OwnsThatGoInsideAHostFunctionAreDroppedWhenItsGuestReturns) {
  const auto i = instantiate(store, resources);
  std::vector<Own<>> held;
  U32 before = 99;
  cb = [&] {
    held.clear();
    before = static_cast<U32>(store.host_handles().size());
  };
  for (U32 n = 0; n < 10; ++n) {
    held.push_back(make(i));
    held.push_back(make(i));
    EXPECT_EQ(ask(i), "");
    EXPECT_EQ(before, 0U) << "the host holds them no more";
    EXPECT_EQ(number(i, "count"), 2 * n + 2);
  }
  EXPECT_FALSE(store.drops_wait());
  EXPECT_FALSE(store.take_drop_trap());
}

TEST_F(Lifetime, DropInsideAHostFunctionRunsTheDestructorLaterInOrder) {
  const auto i = instantiate(store, resources);
  std::vector<U32> seen;
  log = [&](U32 rep) { seen.push_back(rep); };
  auto one = make(i, 1);
  auto two = make(i, 2);
  cb = [&] {
    EXPECT_TRUE(two.drop());
    EXPECT_TRUE(one.drop());
    EXPECT_TRUE(seen.empty());
    EXPECT_FALSE(store.drop({0, 0})) << "a handle that is none";
  };
  EXPECT_EQ(ask(i), "");
  EXPECT_EQ(seen, (std::vector<U32>{2, 1}));
}

TEST_F(Lifetime, OwnsOfAnotherInstanceAreDroppedAtOnce) {
  const auto i = instantiate(store, resources);
  const auto other = instantiate(store, resources);
  auto held = make(other);
  cb = [&] {
    held = {};
    EXPECT_EQ(number(other, "count"), 1U);
  };
  EXPECT_EQ(ask(i), "");
}

TEST_F(Lifetime, OwnsThatGoInANestedCallWaitForTheOuterOne) {
  const auto i = instantiate(store, resources);
  auto held = std::make_unique<Own<>>(make(i));
  cb = [&] {
    auto again = instantiate(store, resources);
    cb = [&] { held.reset(); };
    EXPECT_EQ(ask(again), "");
    EXPECT_EQ(call(again, {}, "count"), "0");
  };
  EXPECT_EQ(ask(i), "");
  EXPECT_EQ(number(i, "count"), 1U);
}

TEST_F(Lifetime, OfAGuestThatTrapsWhatWaitsIsForgotten) {
  const auto i = instantiate(store, resources);
  const auto other = instantiate(store, resources);
  std::vector<Own<>> held;
  held.push_back(make(i));
  held.push_back(make(other));
  cb = [&] {
    cb = [&] { held.clear(); };
    EXPECT_EQ(ask(other, "ask"), "") << "both run: both wait";
    EXPECT_EQ(number(other, "count"), 1U) << "and this one has returned";
  };
  EXPECT_EQ(ask(i, "ask-trap"), "unreachable");
  EXPECT_FALSE(store.drops_wait());
  EXPECT_EQ(number(other, "count"), 1U);
  EXPECT_EQ(store.core().context().bridge_depth_limit, store.limits().call_depth);
}

TEST_F(Lifetime, ADestructorThatTrapsWhereNobodyIsToldIsNoted) {
  const auto i = instantiate(store, resources);
  {
    const auto gone = make(i, 666);
  }
  auto trap = store.take_drop_trap();
  ASSERT_TRUE(trap);
  EXPECT_EQ(trap->message(), "unreachable");
  const auto j = instantiate(store, resources);
  auto held = make(j, 666);
  cb = [&] { held = {}; };
  EXPECT_EQ(ask(j), "") << "the call has succeeded";
  trap = store.take_drop_trap();
  ASSERT_TRUE(trap);
  EXPECT_EQ(trap->message(), "unreachable");
  const auto k = instantiate(store, resources);
  EXPECT_EQ(make(k, 666).drop().error().message(), "unreachable") << "who asks is told";
  EXPECT_FALSE(store.take_drop_trap());
}

TEST_F(Lifetime, ADestructorMayDropOthers) {
  const auto i = instantiate(store, resources);
  std::vector<Own<>> chain;
  for (U32 n = 0; n < 50; ++n) chain.push_back(make(i, n));
  log = [&](U32) {
    if (!chain.empty()) chain.pop_back();
  };
  chain.pop_back();
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(number(i, "count"), 50U);
}

TEST_F(Lifetime, OwnsThatGoWhileAViewIsOutWaitForItsEnd) {
  const auto i = instantiate(store, views);
  const auto r = instantiate(store, resources);
  auto held = make(r);
  cb = [&] {
    auto view = *view_of(i).call_view();
    held = {};
    EXPECT_TRUE(store.drops_wait());
    EXPECT_TRUE(view.finish());
    EXPECT_TRUE(store.drops_wait()) << "its instance runs";
  };
  EXPECT_EQ(ask(r), "");
  EXPECT_EQ(number(r, "count"), 1U);
}

TEST_F(Lifetime, AnOwnThatIsMovedIntoACallOfAnotherStoreStaysWhole) {
  Store other(engine);
  const auto i = instantiate(store, resources);
  const auto j = instantiate(other, resources);
  auto own = make(i, 7);
  EXPECT_FALSE((*j.get_typed_func<void(Own<>)>(other, "eat"))(std::move(own)));
  EXPECT_EQ(other.host_handles().size(), 0U);
  own = {};
  EXPECT_EQ(store.host_handles().size(), 0U);
  EXPECT_EQ(number(i, "count"), 1U) << "dropped where it belongs";
}

// Siblings that call each other across bridges.
TEST_F(Lifetime, WhatWaitsForASiblingIsDroppedBeforeItIsCalledAgain) {
  const auto b = instantiate(store, resources);
  Linker joined(engine);
  ASSERT_TRUE(joined.link("b", b));
  const auto c = compile(engine, R"((component
    (import "b" (instance $b (export "ask" (func)) (export "count" (func (result u32)))))
    (core func $ask (canon lower (func $b "ask"))) (core func $count (canon lower (func $b "count")))
    (core module $M (import "" "ask" (func $ask)) (import "" "count" (func $count (result i32)))
      (func (export "f") (result i32) (call $ask) (call $count)))
    (core instance $m (instantiate $M (with "" (instance (export "ask" (func $ask))
      (export "count" (func $count))))))
    (func (export "f") (result u32) (canon lift (core func $m "f")))))");
  const auto a = joined.instantiate(store, c);
  ASSERT_TRUE(a) << words(a.error());
  std::vector<Own<>> held;
  cb = [&] { held.clear(); };
  for (U32 n = 1; n <= 3; ++n) {
    held.push_back(make(b));
    EXPECT_EQ(number(*a, "f"), n) << "the destructor has run before the same call goes on";
  }
  EXPECT_FALSE(store.drops_wait());
}

// A store that closes.

constexpr std::string_view holder = R"((component
  (import "h" (instance $h (export "reg" (type $reg (sub resource)))))
  (alias export $h "reg" (type $reg))
  (core module $M (func (export "hold") (param i32)))
  (core instance $m (instantiate $M))
  (func (export "hold") (param "r" (own $reg)) (canon lift (core func $m "hold")))))";

struct Registry {
  Own<> guests;
  std::function<void(Registry&)> at_end;
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry() {
    if (at_end) at_end(*this);
  }
};

TEST_F(Lifetime, AClosingStoreRunsEveryDestructorWhileGuestsLive) {
  ASSERT_TRUE(linker.instance("h").resource<Registry>("reg"));
  std::vector<std::string> ended;
  log = [&](U32 rep) { ended.push_back("guest " + std::to_string(rep)); };
  auto own = std::make_unique<Store>(engine);
  const auto g = instantiate(*own, resources);
  const auto h = instantiate(*own, holder);
  const auto rep = *g.get_typed_func<U32(Borrow<>)>(*own, "rep");
  auto object = std::make_unique<Registry>();
  object->guests = make(g, 42);
  object->at_end = [&](Registry& r) {
    const auto seen = rep(r.guests);
    ended.push_back("object of " + std::to_string(seen.value_or(0)));
    EXPECT_TRUE(r.guests.drop());
  };
  EXPECT_TRUE(
      (*h.get_typed_func<void(std::unique_ptr<Registry>)>(*own, "hold"))(std::move(object)));
  (void)make(g, 7).release();
  own.reset();
  EXPECT_EQ(ended, (std::vector<std::string>{"object of 42", "guest 42", "guest 7"}));
}

TEST_F(Lifetime, AClosingStoreDropsHostResourcesOfNumbers) {
  std::vector<U32> ended;
  ASSERT_TRUE(linker.instance("h").resource("reg", [&](Store&, U32 rep) {
    ended.push_back(rep);
    throw std::runtime_error("nobody hears it");
  }));
  ASSERT_TRUE(linker.instance("h").func_wrap("give", [] {}));
  auto own = std::make_unique<Store>(engine);
  const auto h = instantiate(*own, holder);
  const auto hold = *h.get_func("hold");
  const auto* rt = hold.inst().inst->resource(hold.inst().shape->params[0].shape->resource);
  for (U32 n = 1; n <= 3; ++n) {
    const std::vector<Value> arg = {Value::own(own->host_handles().add(rt, n, true))};
    EXPECT_TRUE(hold.call(arg));
  }
  own->host_handles().add(rt, 4, true);
  own.reset();
  EXPECT_EQ(ended, (std::vector<U32>{1, 2, 3, 4}));
}

TEST_F(Lifetime, DestructorsOfAClosingStoreMayTrapAndMakeMore) {
  auto own = std::make_unique<Store>(engine);
  const auto g = instantiate(*own, resources);
  const auto bad = instantiate(*own, resources);
  int ended = 0;
  log = [&](U32 rep) {
    ++ended;
    if (rep == 5) (void)make(bad, 666).release();
  };
  (void)make(g, 5).release();
  (void)make(bad, 1).release();
  own.reset();
  EXPECT_EQ(ended, 3);
}

// Exceptions of the host's.

TEST_F(Lifetime, AHostDestructorThatThrowsIsATrapOrIsNoted) {
  ASSERT_TRUE(linker.instance("h").resource("reg", [](Store&, U32 rep) {
    if (rep == 1) throw 1;
    throw std::runtime_error("destructor");
  }));
  const auto h = instantiate(store, holder);
  const auto hold = *h.get_func("hold");
  const auto* rt = hold.inst().inst->resource(hold.inst().shape->params[0].shape->resource);
  {
    const Own<> gone(store, store.host_handles().add(rt, 2, true));
  }
  EXPECT_EQ(store.take_drop_trap()->message(), "destructor");
  {
    const Own<> gone(store, store.host_handles().add(rt, 1, true));
  }
  EXPECT_EQ(store.take_drop_trap()->message(), "host function threw an exception");
  const auto trap = Own<>(store, store.host_handles().add(rt, 2, true)).drop().error();
  EXPECT_EQ(trap.message(), "destructor");
  ASSERT_FALSE(trap.backtrace().empty());
  EXPECT_EQ(trap.backtrace().front().title(), "… thrown by the destructor of `reg`");
}

TEST_F(Lifetime, ATraceThatThrowsIsATrapAndTheStoreWorksOnEveryThread) {
  for (const bool import : {false, true}) {
    const auto i = [&] {
      store.set_trace([&](const runtime::CallEvent& e) {
        if (e.import == import) throw std::runtime_error("trace");
      });
      return instantiate(store, resources);
    }();
    EXPECT_EQ(call(i, {}, "ask"), "trace");
    EXPECT_FALSE(store.busy());
    store.set_trace(nullptr);
    const auto fresh = instantiate(store, resources);
    EXPECT_EQ(call(fresh, {}, "ask"), "done");
    std::thread([&] { EXPECT_EQ(call(fresh, {}, "ask"), "done"); }).join();
  }
}

TEST_F(Lifetime, AHostFunctionThatThrowsGivesBorrowsBack) {
  const auto r = instantiate(store, resources);
  const auto rep = *r.get_typed_func<U32(Borrow<>)>(store, "rep");
  Linker lending(engine);
  std::optional<Borrow<>> kept;
  int how = 0;
  ASSERT_TRUE(lending.instance("h").item("r", store, *r.find("r")));
  ASSERT_TRUE(lending.instance("h").func_wrap("take", [&](Borrow<> b) {
    kept = b;
    if (how == 0) throw std::runtime_error("boom");
    throw 1;
  }));
  const auto c = compile(engine, R"((component
    (import "h" (instance $h (export "r" (type $r (sub resource)))
      (export "take" (func (param "x" (borrow $r))))))
    (alias export $h "r" (type $r)) (core func $take (canon lower (func $h "take")))
    (core module $M (import "" "take" (func $take (param i32)))
      (func (export "f") (param i32) (call $take (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "take" (func $take))))))
    (func (export "f") (param "x" (own $r)) (canon lift (core func $m "f")))))");
  for (; how < 2; ++how) {
    const auto i = lending.instantiate(store, c);
    ASSERT_TRUE(i) << words(i.error());
    const auto f = *i->get_typed_func<void(Own<>)>(store, "f");
    EXPECT_FALSE(f(make(r)));
    EXPECT_FALSE(rep(*kept)) << "a borrow of a call long gone";
    EXPECT_EQ(store.host_handles().size(), 0U);
  }
  EXPECT_FALSE(store.busy());
}

TEST_F(Lifetime, AHostFunctionThatFailsKeepsItsOwnTrapWhenItsArgumentsGo) {
  const auto i = instantiate(store, resources);
  const auto other = instantiate(store, resources);
  auto held = std::make_shared<Own<>>(make(other, 666));
  cb = [&] {
    const auto mine = std::move(*held);
    throw std::runtime_error("the first");
  };
  EXPECT_EQ(ask(i), "the first");
  EXPECT_EQ(store.take_drop_trap()->message(), "unreachable");
}

}  // namespace
}  // namespace tenon

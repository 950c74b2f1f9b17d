// SPDX-License-Identifier: Apache-2.0
// Handles that outlive their store: they refuse every call, whatever has come to its address since.
#include <optional>
#include <thread>
#include <utility>

#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

namespace tenon {
namespace {

using U32 = std::uint32_t;

constexpr std::string_view guest = R"((component
  (import "log" (func $log (param "rep" u32))) (core func $log_ (canon lower (func $log)))
  (core module $D (import "" "log" (func $log (param i32)))
    (func (export "dtor") (param i32) (call $log (local.get 0))))
  (core instance $d (instantiate $D (with "" (instance (export "log" (func $log_))))))
  (alias core export $d "dtor" (core func $dt))
  (type $r (resource (rep i32) (dtor (core func $dt)))) (export $re "r" (type $r))
  (core func $new (canon resource.new $r))
  (core module $M (import "" "new" (func $new (param i32) (result i32)))
    (memory (export "m") 1) (data (i32.const 8) "\10\00\00\00\05\00\00\00hello")
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "view") (result i32) i32.const 8)
    (func (export "rep") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
  (alias core export $m "m" (core memory $mem))
  (func $make (param "x" u32) (result (own $r)) (canon lift (core func $m "make")))
  (export "make" (func $make) (func (param "x" u32) (result (own $re))))
  (func $rep (param "x" (borrow $r)) (result u32) (canon lift (core func $m "rep")))
  (export "rep" (func $rep) (func (param "x" (borrow $re)) (result u32)))
  (func (export "view") (result string) (canon lift (core func $m "view") (memory $mem)))))";

class GoneStore : public Embed {
 protected:
  GoneStore() {
    EXPECT_TRUE(linker.root().func_wrap("log", [this](U32 rep) { ends.push_back(rep); }));
    place.emplace(engine);
    here.emplace(instantiate(*place, guest));
  }
  Own<> make(U32 rep) { return *(*here->get_typed_func<Own<>(U32)>(*place, "make"))(rep); }
  /// The store goes, and another comes to its address.
  void replace() { place.emplace(engine); }
  template <class T>
  static std::string_view rule(const std::expected<T, engine::Trap>& out) {
    const auto* why = out ? nullptr : out.error().refusal();
    return why == nullptr ? "none" : why->rule().id;
  }
  template <class T>
  static std::string_view rule(const Result<T>& out) {
    return out ? "none" : out.error().rule().id;
  }
  template <class T>
  static std::string_view rule(const Made<T>& out) {
    return out ? "none" : out.error().rule().id;
  }

  std::vector<U32> ends;
  std::optional<Store> place;
  std::optional<Instance> here;
};

TEST_F(GoneStore, TypedFunctionsRefuseToBeCalled) {
  const auto make = *here->get_typed_func<Own<>(U32)>(*place, "make");
  const auto view = *here->get_typed_func<std::string_view()>(*place, "view");
  const auto copy = make;  // NOLINT(performance-unnecessary-copy-initialization)
  replace();
  EXPECT_EQ(rule(make(1)), "other-store");
  EXPECT_EQ(rule(copy.call(*place, 1)), "other-store");
  EXPECT_EQ(rule(copy.call(store, 1)), "other-store");
  EXPECT_EQ(rule(view.call_view()), "other-store");
  EXPECT_NE(make(1).error().text().find("a store that is gone"), std::string::npos);
}

TEST_F(GoneStore, AnEmptyTypedFunctionRefusesToBeCalled) {
  const TypedFunc<U32(U32)> none;
  EXPECT_EQ(rule(none(1)), "other-store");
  EXPECT_EQ(rule(none.call(store, 1)), "other-store");
  auto whole = *here->get_typed_func<Own<>(U32)>(*place, "make");
  const auto taken = std::move(whole);  // NOLINT(performance-move-const-arg)
  EXPECT_TRUE(taken(1));
  EXPECT_TRUE(whole(1)) << "a move copies";  // NOLINT(bugprone-use-after-move)
}

TEST_F(GoneStore, FunctionsOfValuesRefuseToBeCalledAndHaveNoName) {
  const auto make = *here->get_func("make");
  const std::vector<Value> one = {Value::u32(1)};
  EXPECT_TRUE(make.call(one));
  EXPECT_EQ(make.name(), "make");
  replace();
  EXPECT_EQ(rule(make.call(one)), "other-store");
  EXPECT_EQ(rule(make.typed<Own<>(U32)>()), "other-store");
  EXPECT_EQ(make.name(), "");
  EXPECT_EQ(make.type().type, nullptr);
}

TEST_F(GoneStore, InstancesHaveNoExportsAndCannotBeLinked) {
  const auto old = *here;
  replace();
  EXPECT_EQ(rule(old.alive()), "other-store");
  EXPECT_EQ(rule(old.get_func("make")), "other-store");
  EXPECT_EQ(rule(old.get_func(*place, "make")), "other-store");
  EXPECT_EQ(rule(old.get_typed_func<Own<>(U32)>(*place, "make")), "other-store");
  EXPECT_EQ(rule(old.get_value("v")), "other-store");
  EXPECT_TRUE(old.funcs().empty());
  EXPECT_EQ(old.find("make"), nullptr);
  Linker with(engine);
  EXPECT_EQ(rule(with.link(old)), "other-store");
  EXPECT_EQ(rule(with.link("a", old)), "other-store");
  EXPECT_EQ(rule(with.link("a", old, "make")), "other-store");
}

TEST_F(GoneStore, OwnsAreInertAndCannotBePassed) {
  auto first = make(1);
  auto second = make(2);
  auto third = make(3);
  auto fourth = make(4);
  EXPECT_TRUE(first);
  const auto handle = second.release();
  place.reset();
  EXPECT_EQ(ends, (std::vector<U32>{1, 2, 3, 4})) << "the closing store ran the destructors";
  place.emplace(engine);
  EXPECT_FALSE(first);
  EXPECT_EQ(first.store(), nullptr);
  EXPECT_TRUE(first.drop()) << "there is nothing left to drop";
  third = std::move(fourth);
  EXPECT_FALSE(place->drop(handle));
  here.emplace(instantiate(*place, guest));
  const auto rep = *here->get_typed_func<U32(Borrow<>)>(*place, "rep");
  EXPECT_FALSE(rep(third));
  const auto kept = make(5);
  EXPECT_EQ(*rep(kept), 5U) << "and the guest was not touched";
  third = make(6);
  EXPECT_EQ(*rep(third), 6U);
  EXPECT_EQ(ends.size(), 4U);
}

TEST_F(GoneStore, WhatAHostFunctionKeepsMayGoLast) {
  // The linker, and with it the closure, outlives every store.
  auto kept = std::make_shared<std::vector<Own<>>>();
  auto f = std::make_shared<TypedFunc<Own<>(U32)>>();
  auto after = std::make_unique<Linker>(engine);
  ASSERT_TRUE(after->root().func_wrap("log", [this, kept, f](U32 rep) {
    ends.push_back(rep);
    kept->clear();
    if (rep < 3) (void)(*f)(rep + 10);
  }));
  const auto c = compile(engine, guest);
  {
    Store own(engine);
    const auto i = *after->instantiate(own, c);
    *f = *i.get_typed_func<Own<>(U32)>(own, "make");
    for (U32 n = 0; n < 4; ++n) kept->push_back(*(*f)(n));
  }
  EXPECT_FALSE((*f)(1));
  EXPECT_GE(ends.size(), 4U);
  after.reset();
}

struct CallsWhenItGoes {
  TypedFunc<Own<>(U32)> f;
  std::optional<bool>* called;
  CallsWhenItGoes(const TypedFunc<Own<>(U32)>& func, std::optional<bool>* out)
      : f(func), called(out) {}
  CallsWhenItGoes(const CallsWhenItGoes&) = delete;
  CallsWhenItGoes& operator=(const CallsWhenItGoes&) = delete;
  ~CallsWhenItGoes() { *called = f(7).has_value(); }
};

TEST_F(GoneStore, WhatTheStoreItselfHoldsCallsTooLate) {
  std::optional<bool> called;
  auto last =
      std::make_shared<CallsWhenItGoes>(*here->get_typed_func<Own<>(U32)>(*place, "make"), &called);
  place->set_trace([last](const runtime::CallEvent&) {});
  last.reset();
  place.reset();
  EXPECT_EQ(called, false) << "the guests were gone already";
}

TEST_F(GoneStore, CopiesOfHandlesGoOnManyThreads) {
  auto f = *here->get_typed_func<Own<>(U32)>(*place, "make");
  const auto i = *here;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([f, i] {
      for (int n = 0; n < 1000; ++n) {
        const auto one = f;    // NOLINT(performance-unnecessary-copy-initialization)
        const auto other = i;  // NOLINT(performance-unnecessary-copy-initialization)
        (void)one;
        (void)other;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_TRUE(f(1));
}

// What no call can refuse ends the process with a sentence: it read what was gone.
class GoneStoreDeathTest : public GoneStore {
 protected:
  GoneStoreDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(GoneStoreDeathTest, WhatTheStoreHeldIsNotRead) {
  const auto instance = *here;
  const auto func = *instance.get_func("make");
  const auto type = func.type();
  EXPECT_DEATH((void)type.param(1), "parameter 1 of a function type was asked for, which has 1");
  place.reset();
  EXPECT_DEATH((void)instance.store(), "an instance was used after the store");
  EXPECT_DEATH((void)instance.exports(), "an instance was used after the store");
  EXPECT_DEATH((void)instance.state(), "an instance was used after the store");
  EXPECT_DEATH((void)func.inst(), "a function was used after the store");
  EXPECT_DEATH((void)func.type().param(0), "parameter 0 of a function type was asked for");
  EXPECT_DEATH((void)TypedFunc<void()>().func(), "that was never set");
}

TEST_F(GoneStoreDeathTest, AStoreDoesNotOutliveItsEngine) {
  EXPECT_DEATH(
      {
        auto first = std::make_unique<Engine>();
        const Store late(*first);
        first.reset();
      },
      "a Store was destroyed after its Engine");
}

// The destructor of a handle calls the guest: it did so in an engine that was gone.
TEST_F(GoneStoreDeathTest, AHandleIsNotDroppedAfterItsEngine) {
  EXPECT_DEATH(
      {
        auto first = std::make_unique<Engine>();
        Store late(*first);
        Linker with(*first);
        EXPECT_TRUE(with.root().func_wrap("log", [](U32) {}));
        const auto instance = *with.instantiate(late, compile(*first, guest));
        const auto own = (*instance.get_typed_func<Own<>(U32)>(late, "make"))(1);
        first.reset();
      },
      "a guest was called after its Engine was destroyed");
}

// Engines were told apart by their addresses, and another one may come to the address of one that
// is gone.
TEST_F(GoneStore, AnEngineIsNotTheOneThatHadItsAddress) {
  std::optional<Engine> at(std::in_place);
  const auto component = compile(*at, "(component)");
  const auto module = *Module::from_bytes(*at, {0, 'a', 's', 'm', 1, 0, 0, 0});
  const Linker linked(*at);
  const auto pre = *linked.instantiate_pre(component);
  at.emplace();
  Store fresh(*at);
  EXPECT_EQ(rule(pre.instantiate(fresh)), "other-engine");
  EXPECT_EQ(rule(linked.instantiate(fresh, compile(*at, "(component)"))), "other-engine");
  Linker other(*at);
  EXPECT_EQ(rule(other.instantiate_pre(component)), "other-engine");
  ASSERT_TRUE(other.root().module("m", module));
  EXPECT_EQ(rule(other.instantiate_pre(compile(*at, "(component (import \"m\" (core module)))"))),
            "other-engine");
}

TEST_F(GoneStore, ComponentsAndModulesMayBeDestroyedAfterTheirEngine) {
  auto first = std::make_unique<Engine>();
  auto one = std::make_optional(compile(*first, guest));
  auto two = std::make_optional(compile(*first, guest));
  auto linked = std::make_optional<Linker>(*first);
  EXPECT_TRUE(linked->root().func_wrap("log", [](U32) {}));
  auto pre = std::make_optional(*linked->instantiate_pre(*one));
  first.reset();
  two.reset();
  linked.reset();
  one.reset();
  pre.reset();
}

TEST_F(GoneStore, AModuleThatWasMovedFromIsStillOne) {
  auto module = *Module::from_bytes(engine, {0, 'a', 's', 'm', 1, 0, 0, 0});
  const Module taken = std::move(module);
  // NOLINTNEXTLINE(bugprone-use-after-move): what is tested
  EXPECT_EQ(module.get(), taken.get());
  const auto null = linker.root().module("m", Module(nullptr));
  ASSERT_FALSE(null);
  EXPECT_EQ(null.error().rule().id, "moved-from");
}

TEST_F(GoneStore, AnInterruptHandleThatWasMovedFromIsStillOne) {
  auto handle = place->core().interrupt_handle();
  const auto taken = std::move(handle);
  handle.interrupt();  // NOLINT(bugprone-use-after-move): what is tested
  place.reset();
  handle.interrupt();
  taken.interrupt();
}

// The host's mistake came back as a trap of the guest's.
TEST_F(GoneStore, AHandleThatCannotBeDroppedIsTheHostsError) {
  auto own = make(7);
  const auto handle = own.handle();
  ASSERT_TRUE(own.drop());
  EXPECT_EQ(rule(place->drop(handle)), "stale-handle");
  EXPECT_EQ(rule(place->drop({})), "stale-handle");
  Store other(engine);
  const auto mine = make(8);
  EXPECT_EQ(rule(other.drop(mine.handle())), "other-store");
}

}  // namespace
}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
// Calls between siblings that carry only numbers: they stay in the interpreter (`engine::Bridge`),
// and nobody must be able to tell.
#include <gtest/gtest.h>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

/// Two siblings: `b` is called, `a` calls it; what `a` exports is called by the tests.
constexpr std::string_view siblings = R"((component
      (component $B
        (core func $get (canon context.get i32 0))
        (core func $set (canon context.set i32 0))
        (core module $M
          (import "" "get" (func $get (result i32)))
          (import "" "set" (func $set (param i32)))
          (tag $e)
          (memory 1)
          (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func (export "throw") (throw $e))
          (func $inner (unreachable))
          (func (export "trap") (call $inner))
          (func (export "far") (drop (i32.load (i32.const 65536))))
          (func (export "spin") (loop $l (br $l)))
          (func (export "many") (param{types}) (result i32) {sum})
          (func (export "ctx") (result i32) (local $was i32)
            (local.set $was (call $get)) (call $set (i32.const 9)) (local.get $was)))
        (core instance $m (instantiate $M (with "" (instance
          (export "get" (func $get)) (export "set" (func $set))))))
        (func (export "inc") (param "x" u32) (result u32) (canon lift (core func $m "inc")))
        (func (export "throw") (canon lift (core func $m "throw")))
        (func (export "trap") (canon lift (core func $m "trap")))
        (func (export "far") (canon lift (core func $m "far")))
        (func (export "spin") (canon lift (core func $m "spin")))
        (func (export "many"){params} (result u32) (canon lift (core func $m "many")))
        (func (export "ctx") (result u32) (canon lift (core func $m "ctx"))))
      (instance $b (instantiate $B))
      (component $A
        (import "b" (instance $b
          (export "inc" (func (param "x" u32) (result u32))) (export "throw" (func))
          (export "trap" (func)) (export "far" (func)) (export "spin" (func))
          (export "many" (func{params} (result u32)))
          (export "ctx" (func (result u32)))))
        (core func $inc (canon lower (func $b "inc")))
        (core func $throw (canon lower (func $b "throw")))
        (core func $trap (canon lower (func $b "trap")))
        (core func $far (canon lower (func $b "far")))
        (core func $spin (canon lower (func $b "spin")))
        (core func $many (canon lower (func $b "many")))
        (core func $ctx (canon lower (func $b "ctx")))
        (core func $get (canon context.get i32 0))
        (core func $set (canon context.set i32 0))
        (core module $M
          (import "" "inc" (func $inc (param i32) (result i32)))
          (import "" "throw" (func $throw)) (import "" "trap" (func $trap))
          (import "" "far" (func $far)) (import "" "spin" (func $spin))
          (import "" "many" (func $many (param{types}) (result i32)))
          (import "" "ctx" (func $ctx (result i32)))
          (import "" "get" (func $get (result i32)))
          (import "" "set" (func $set (param i32)))
          (type $f (func (param i32) (result i32)))
          (table funcref (elem $inc))
          (func (export "inc") (param i32) (result i32) (call $inc (local.get 0)))
          (func (export "indirect") (param i32) (result i32)
            (i32.add (i32.const 100) (call_indirect (type $f) (local.get 0) (i32.const 0))))
          (func (export "tail") (param i32) (result i32) (return_call $inc (local.get 0)))
          (func (export "throw") (result i32)
            (block $caught (try_table (catch_all $caught) (call $throw)) (return (i32.const 0)))
            (i32.const 1))
          (func (export "trap") (call $trap))
          (func (export "far") (call $far))
          (func (export "spin") (call $spin))
          (func (export "many") (result i32) (call $many{given}))
          (func (export "ctx") (result i32)
            (call $set (i32.const 5))
            (i32.add (i32.mul (i32.add (call $ctx) (call $ctx)) (i32.const 10)) (call $get))))
        (core instance $m (instantiate $M (with "" (instance
          (export "inc" (func $inc)) (export "throw" (func $throw)) (export "trap" (func $trap))
          (export "far" (func $far)) (export "spin" (func $spin)) (export "many" (func $many))
          (export "ctx" (func $ctx)) (export "get" (func $get)) (export "set" (func $set))))))
        (func (export "inc") (param "x" u32) (result u32) (canon lift (core func $m "inc")))
        (func (export "indirect") (param "x" u32) (result u32) (canon lift (core func $m "indirect")))
        (func (export "tail") (param "x" u32) (result u32) (canon lift (core func $m "tail")))
        (func (export "throw") (result u32) (canon lift (core func $m "throw")))
        (func (export "trap") (canon lift (core func $m "trap")))
        (func (export "far") (canon lift (core func $m "far")))
        (func (export "spin") (canon lift (core func $m "spin")))
        (func (export "many") (result u32) (canon lift (core func $m "many")))
        (func (export "ctx") (result u32) (canon lift (core func $m "ctx"))))
      (instance $a (instantiate $A (with "b" (instance $b))))
      (export "a" (instance $a))
      (export "b" (instance $b))))";

class Bridge : public Embed {
 protected:
  /// `siblings` with the sixteen parameters of `many`.
  static std::string pair() {
    std::string params;
    std::string types;
    std::string given;
    std::string sum = "(i32.const 0)";
    for (int i = 0; i < 16; ++i) {
      const auto n = std::to_string(i);
      params += " (param \"p" + n + "\" u32)";
      types += " i32";
      given += " (i32.const " + std::to_string(i + 1) + ")";
      sum = "(i32.add (i32.mul " + sum + " (i32.const 3)) (local.get " + n + "))";
    }
    std::string out(siblings);
    for (const auto& [mark, with] : {std::pair<std::string_view, std::string>{"{params}", params},
                                     {"{types}", types},
                                     {"{given}", given},
                                     {"{sum}", sum}}) {
      for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark))
        out.replace(at, mark.size(), with);
    }
    return out;
  }
  /// Calls a function of `a` that must trap; what the trap says.
  Trap trap_of(std::string_view name) {
    Store store(engine);
    const auto i = instantiate(store, pair());
    auto out = i.get_func("a#" + std::string(name))->call({});
    if (out) ADD_FAILURE() << name << " did not trap";
    EXPECT_FALSE(store.busy()) << name;
    EXPECT_EQ(store.current_task(), nullptr) << name;
    // Both are poisoned.
    for (const char* poisoned : {"a#inc", "b#inc"}) {
      const std::vector<Value> one = {Value::u32(1)};
      auto again = i.get_func(poisoned)->call(one);
      EXPECT_TRUE(!again && again.error().text().find("cannot enter") != std::string::npos)
          << name << ", " << poisoned;
    }
    return out ? Trap("none") : std::move(out).error();
  }
};

TEST_F(Bridge, CallsOfEveryKindComeBackWithTheirResult) {
  Store store(engine);
  const auto i = instantiate(store, pair());
  for (const auto& [name, result] :
       {std::pair{"a#inc", 42U}, std::pair{"a#indirect", 142U}, std::pair{"a#tail", 42U}}) {
    const auto f = *i.get_typed_func<std::uint32_t(std::uint32_t)>(store, name);
    for (int n = 0; n < 3; ++n) EXPECT_EQ(*f(41), result) << name;
  }
  std::uint32_t sum = 0;
  for (std::uint32_t n = 1; n <= 16; ++n) sum = sum * 3 + n;
  EXPECT_EQ(*(*i.get_typed_func<std::uint32_t()>(store, "a#many"))(), sum);
  EXPECT_FALSE(store.busy());
}

TEST_F(Bridge, EveryCallHasAContextOfItsOwn) {
  Store store(engine);
  const auto i = instantiate(store, pair());
  EXPECT_EQ(*(*i.get_typed_func<std::uint32_t()>(store, "a#ctx"))(), 5U);
}

TEST_F(Bridge, AnExceptionDoesNotPass) {
  const auto trap = trap_of("throw");
  EXPECT_EQ(trap.code(), engine::TrapCode::uncaught_exception) << trap.text();
}

TEST_F(Bridge, ATrapBehindItPoisonsBothAndTellsTheWholeWay) {
  const auto trap = trap_of("trap");
  EXPECT_EQ(trap.code(), engine::TrapCode::unreachable);
  EXPECT_EQ(trap.backtrace().size(), 3U);
}

TEST_F(Bridge, AFaultInMemoryBehindItIsATrap) {
  EXPECT_EQ(trap_of("far").code(), engine::TrapCode::out_of_bounds_memory);
}

TEST_F(Bridge, TheDeadlineHoldsBehindIt) {
  Store store(engine);
  const auto i = instantiate(store, pair());
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(5));
  auto out = i.get_func("a#spin")->call({});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code(), engine::TrapCode::interrupted);
  EXPECT_FALSE(store.busy());
}

TEST_F(Bridge, CallsWhoseResultsAreHeldEndInAnyOrder) {
  constexpr std::string_view text = R"((component
    (core module $M (memory (export "mem") 1)
      (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const 16))
        (i32.store (i32.const 4) (i32.const 3)) (i32.const 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (result string)
      (canon lift (core func $m "f") (memory (core memory $m "mem"))))))";
  Store store(engine);
  const auto first = instantiate(store, text);
  const auto second = instantiate(store, text);
  auto one = (*first.get_typed_func<std::string_view()>(store, "f")).call_view();
  auto two = (*second.get_typed_func<std::string_view()>(store, "f")).call_view();
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(one->finish());
  EXPECT_TRUE(store.busy());
  EXPECT_TRUE(two->finish());
  EXPECT_FALSE(store.busy());
  EXPECT_EQ(store.current_task(), nullptr);
}

}  // namespace
}  // namespace tenon

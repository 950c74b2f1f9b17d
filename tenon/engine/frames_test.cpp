// SPDX-License-Identifier: Apache-2.0
// Frames, what lives in them, and how code for them is made: each test is named after what broke.
#include <gtest/gtest.h>

#include <string>

#include "tenon/engine/interp/translate.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

Config collecting() {
  Config config;
  config.stress.collect = true;
  return config;
}

TEST(Liveness, ALocalThatReceivesAnAllocationDoesNotHideTheOperandStack) {
  // The result of an allocation goes to a local at once; what lives is above that local.
  Engine engine(collecting());
  Store store(engine);
  Instance& i = make(store, R"((module
    (type $s (struct (field (mut i32)))) (type $a (array (mut i32)))
    (func $new (param i32) (result (ref $s)) (struct.new $s (local.get 0)))
    (func (export "struct") (result i32) (local $t (ref null $s))
      (call $new (i32.const 42))
      (local.set $t (struct.new_default $s))
      (struct.set $s 0 (local.get $t) (i32.const 7))
      (struct.get $s 0))
    (func (export "array") (result i32) (local $t (ref null $a))
      (call $new (i32.const 42))
      (local.set $t (array.new $a (i32.const 7) (i32.const 1)))
      (local.set $t (array.new $a (i32.const 7) (i32.const 2)))
      (struct.get $s 0))
    (func (export "default") (result i32) (local $t (ref null $a))
      (call $new (i32.const 42))
      (local.set $t (array.new_default $a (i32.const 2)))
      (array.fill $a (local.get $t) (i32.const 0) (i32.const 7) (i32.const 2))
      (struct.get $s 0))
    (func (export "below") (result i32) (local $t (ref null $s)) (local $x i32)
      (call $new (i32.const 40)) (call $new (i32.const 1)) (call $new (i32.const 1))
      (local.set $t (struct.new_default $s))
      (struct.set $s 0 (local.get $t) (i32.const 1000))
      struct.get $s 0
      local.set $x
      struct.get $s 0
      local.get $x
      i32.add
      local.set $x
      struct.get $s 0
      local.get $x
      i32.add)))");
  for (const char* name : {"struct", "array", "default", "below"})
    EXPECT_EQ(get<int()>(i, name)().value(), 42) << name;
}

constexpr std::string_view across = R"((module
    (type $s (struct (field (mut i32)))) (type $f (func (param (ref $s)) (result i32)))
    (import "h" "collect" (func $collect))
    (tag $e (param (ref $s) i32)) (table $t 1 10 (ref null $s)) (table $funcs funcref (elem $read))
    (func $new (param i32) (result (ref $s)) (struct.new $s (local.get 0)))
    (func $read (type $f) (struct.get $s 0 (local.get 0)))
    (func $waste (drop (struct.new $s (i32.const 7))) (drop (struct.new $s (i32.const 7))))
    (func $throw (param i32) (throw $e (call $new (local.get 0)) (i32.const 2)))
    (func (export "host_call") (result i32)
      (call $new (i32.const 42)) (call $collect) (call $waste) (struct.get $s 0))
    (func (export "call") (result i32)
      (call $new (i32.const 42)) (call $waste) (struct.get $s 0))
    (func (export "call_indirect") (result i32)
      (call_indirect $funcs (type $f) (call $new (i32.const 42)) (i32.const 0)))
    (func (export "tail_call") (result i32)
      (return_call_indirect $funcs (type $f) (call $new (i32.const 42)) (i32.const 0)))
    (func (export "try") (result i32)
      (call $new (i32.const 20))
      (block $h (result (ref $s) i32)
        (try_table (catch $e $h) (call $waste) (call $throw (i32.const 20)))
        unreachable)
      (call $waste)
      drop
      struct.get $s 0
      call $waste
      (local.set $x) (struct.get $s 0) (i32.add (local.get $x)) (i32.add (i32.const 2)))
    (func (export "try_ref") (result i32) (local $r exnref)
      (call $new (i32.const 21))
      (block $h (result exnref)
        (try_table (catch_all_ref $h) (call $throw (i32.const 21)))
        unreachable)
      (local.set $r) (call $waste)
      (block $h (result (ref $s) i32) (try_table (catch $e $h) (throw_ref (local.get $r))) unreachable)
      drop (call $waste) (struct.get $s 0) (local.set $x) (struct.get $s 0) (i32.add (local.get $x)))
    (func (export "grow") (result i32)
      (call $new (i32.const 42))
      (drop (table.grow $t (call $new (i32.const 1)) (i32.const 2)))
      (table.fill $t (i32.const 0) (call $new (i32.const 2)) (i32.const 2))
      (call $waste)
      (struct.get $s 0))))";

std::string with_local(std::string_view wat) {
  // Locals are first in a function's text.
  std::string out(wat);
  for (const std::string_view name : {"\"try\") (result i32)", "\"try_ref\") (result i32)"}) {
    const std::size_t at = out.find(name) + name.size();
    out.insert(at, " (local $x i32)");
  }
  return out;
}

TEST(Liveness, WhatLivesAcrossCallsAndExceptionsIsKept) {
  Engine engine(collecting());
  Store store(engine);
  const Func collect = store.host_func([](Caller& who) { who.store().collect_garbage(); });
  Instance& i = make(store, with_local(across), {collect});
  for (const char* name :
       {"host_call", "call", "call_indirect", "tail_call", "try", "try_ref", "grow"})
    EXPECT_EQ(get<int()>(i, name)().value(), 42) << name;
}

TEST(Liveness, WhatAHostThrowsIsKeptWhileRoomIsMadeForIt) {
  Engine engine(collecting());
  Store store(engine);
  std::vector<Extern> imports;
  Tag* tag = nullptr;
  ValueSlot kept = 0;
  const Func made = store.host_func([&](ExternRef object) { kept = object.bits; });
  const Func thrower = store.host_func(
      engine.types().host_type({}, {}),
      [](void* env, VMContext* caller, ValueSlot*) noexcept {
        auto& [which, payload] = *static_cast<std::pair<Tag**, ValueSlot*>*>(env);
        return caller->store->store->throw_exception(*which, {payload, 1});
      },
      nullptr);
  std::pair<Tag**, ValueSlot*> env{&tag, &kept};
  thrower.ref()->env = &env;
  Instance& i = make(store, R"((module
    (type $s (struct (field i32)))
    (import "h" "made" (func $made (param externref))) (import "h" "throw" (func $throw))
    (tag $e (export "e") (param anyref))
    (func (export "f") (result i32)
      (call $made (extern.convert_any (struct.new $s (i32.const 42))))
      (block $h (result anyref) (try_table (catch $e $h) (call $throw)) unreachable)
      (struct.get $s 0 (ref.cast (ref $s))))))",
                     {made, thrower});
  tag = std::get<Tag*>(*i.find("e"));
  EXPECT_EQ(get<int()>(i, "f")().value(), 42);
}

TEST(Frames, CalleesDoNotReachLocalsBeyondTheNearSlots) {
  Engine engine;
  Store store(engine);
  for (const int locals : {32'768, 40'000, 49'999}) {
    Instance& i = make(store, R"((module
      (func $r (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 7))
          (else (i32.add (i32.const 1) (call $r (i32.sub (local.get 0) (i32.const 1)))))))
      (func (export "f") (param i32) (result i64) (local )" +
                                  times(locals, "i64 ") + R"()
        (local.set 20000 (i64.const 0x1122334455667788)) (local.set )" +
                                  std::to_string(locals) +
                                  R"( (i64.const 1))
        (drop (call $r (local.get 0)))
        (i64.add (local.get 20000) (local.get )" +
                                  std::to_string(locals) + R"()))))");
    EXPECT_EQ(get<std::int64_t(int)>(i, "f")(10'000).value(), 0x1122334455667789) << locals;
  }
}

TEST(Frames, AReferenceInALocalBeyondTheNearSlotsLives) {
  Engine engine(collecting());
  Store store(engine);
  const std::string far = "40000";
  Instance& i = make(store,
                     "(module (type $s (struct (field i32)))"
                     "(func (export \"f\") (result i32) (local (ref null $s)) (local " +
                         times(40'000, "i64 ") + ") (local (ref null $s))" +
                         "(local.set 40001 (struct.new $s (i32.const 42)))"
                         "(local.set 0 (struct.new $s (i32.const 7)))"
                         "(drop (struct.new $s (i32.const 7)))"
                         "(struct.get $s 0 (local.get 40001))))");
  EXPECT_EQ(get<int()>(i, "f")().value(), 42);
}

TEST(Frames, ReturnsOfSeveralResultsShareOnePlace) {
  Engine engine;
  Store store(engine);
  std::string ifs;
  for (int k = 0; k < 33'000; ++k) {
    ifs += "(if (i32.eq (local.get 0) (i32.const " + std::to_string(k + 10) +
           ")) (then (return (local.get 1) (local.get 0))))";
  }
  const auto module =
      compile(engine, "(module (func (export \"f\") (param i32 i32) (result i32 i32) " + ifs +
                          "(local.get 1) (local.get 1)))");
  EXPECT_LE(interp::translate(*module, 0)->frame, 20U);
  auto made = Instance::create(store, module, {});
  const auto f = get<std::tuple<int, int>(int, int)>(**made, "f");
  EXPECT_EQ(f(1, 2).value(), std::tuple(2, 2));
  EXPECT_EQ(f(10, 3).value(), std::tuple(3, 10));
  EXPECT_EQ(f(33'009, 4).value(), std::tuple(4, 33'009));
}

TEST(Code, AFunctionThatPassesTheStatedSizeTrapsByThatName) {
  Config config;
  config.function_code_bytes = 1000;
  Engine engine(config);
  Store store(engine);
  Instance& i =
      make(store, "(module (func (export \"large\") (param i32) (result i32) (local.get 0) " +
                      times(200, "(i32.mul (local.get 0))") +
                      ") (func (export \"small\") (param i32) (result i32) (local.get 0)))");
  for (int k = 0; k < 2; ++k) {
    const auto done = get<int(int)>(i, "large")(1);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), TrapCode::function_too_large);
    EXPECT_EQ(done.error().message(), "function too large");
    ASSERT_EQ(done.error().backtrace().size(), 1U);
    EXPECT_EQ(done.error().backtrace()[0].func_index, 0U);
  }
  EXPECT_EQ(get<int(int)>(i, "small")(5).value(), 5);
}

TEST(Code, AnInterruptionIsLookedForWhileAFunctionIsTranslated) {
  Engine engine;
  Store store(engine);
  int asked = 0;
  int allowed = 1;
  store.on_interrupt([&](Store* s) {
    // Asked at the call, asks again: the next look is the translator's.
    s->interrupt_handle().interrupt();
    return ++asked <= allowed ? InterruptAction::go_on : InterruptAction::trap;
  });
  Instance& i = make(store, "(module (func (export \"f\") (param i32) (result i32) (local.get 0) " +
                                times(30'000, "(i32.add (i32.const 1))") + "))");
  const auto f = get<int(int)>(i, "f");
  store.interrupt_handle().interrupt();
  const auto refused = f(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), TrapCode::interrupted);
  EXPECT_EQ(asked, 2);
  // Some looks later it is translated; the function has lost nothing.
  store.on_interrupt([](Store*) { return InterruptAction::go_on; });
  EXPECT_EQ(f(1).value(), 30'001);
}

/// Instructions and work for a byte of the body.
struct Ratio {
  double code;
  double work;
};
Ratio ratio(std::string_view wat, const Config& config = {}) {
  Engine engine(config);
  const auto module = compile(engine, wat);
  const std::size_t last = module->core().codes.size() - 1;
  const auto code = interp::translate(*module, static_cast<std::uint32_t>(last));
  const auto bytes = static_cast<double>(module->core().codes[last].body.size());
  return {static_cast<double>(code->insns.size()) / bytes, static_cast<double>(code->work) / bytes};
}

/// Bodies that once took time or code in the square of their size.
std::vector<std::pair<const char*, std::string>> hard_bodies(int n) {
  const auto func = [](const std::string& locals, const std::string& body) {
    return "(module (func (param i32 i32) " + locals + " (block " + body + " br 0)))";
  };
  const std::string wide_block = "(type $w (func (result " + times(1000, "i32 ") + ")))";
  std::vector<std::pair<const char*, std::string>> out;
  out.emplace_back(
      "writes above many uses of another local",
      func("", times(n, "local.get 0 ") + times(n, "local.get 1 i32.const 0 local.set 1 drop ")));
  std::string uses;
  std::string sets;
  for (int k = 0; k < std::min(n, 20'000); ++k) {
    uses += "local.get " + std::to_string(k + 2) + " ";
    sets += "i32.const 0 local.set " + std::to_string(k + 2) + " ";
  }
  out.emplace_back("writes to locals whose uses lie deep",
                   func("(local " + times(std::min(n, 20'000), "i32 ") + ")",
                        uses + times(n, "local.get 0 ") + sets));
  out.emplace_back("blocks above many constants",
                   func("", times(n, "i32.const 7 ") + times(n, "local.get 0 (block) drop ")));
  out.emplace_back("conditional branches with many values",
                   "(module " + wide_block + "(func (param i32 i32) (block $out (type $w) " +
                       times(1000, "local.get 0 ") + times(n, "local.get 1 br_if $out ") + ")" +
                       times(1000, "drop ") + "))");
  out.emplace_back("conditional returns of many values",
                   "(module (func (param i32 i32) (result " + times(1000, "i32 ") + ") " +
                       times(1000, "local.get 0 ") + times(n, "local.get 1 br_if 0 ") + "))");
  out.emplace_back("branch tables with many values",
                   "(module " + wide_block +
                       "(func (param i32 i32) (block $out (type $w) i32.const 0 " +
                       times(1000, "local.get 0 ") + "local.get 0 (br_table " + times(n, "$out ") +
                       "))" + times(1000, "drop ") + "))");
  return out;
}

TEST(Code, WorkAndCodeAreLinearInTheBody) {
  Config far;
  far.stress.far_forms = true;
  for (const auto& [what, wat] : hard_bodies(60'000)) {
    const Ratio near_forms = ratio(wat);
    EXPECT_LE(near_forms.code, 2) << what;
    EXPECT_LE(near_forms.work, 4) << what;
    const Ratio far_forms = ratio(wat, far);
    EXPECT_LE(far_forms.code, 4) << what;
    EXPECT_LE(far_forms.work, 4) << what;
  }
}

}  // namespace
}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
// Guests that do what they must not, and hosts as well. The numbers are those of the list of what
// tenon must survive (docs/embedding.md "What a guest can do"): 21-32 values, 33-37 resources.
#include <gtest/gtest.h>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

class Fault : public Embed {
 protected:
  static std::string num(std::uint64_t n) { return std::to_string(n); }
  /// A component whose `f` gives a result of the type; the core function's body makes it.
  static std::string giving(std::string_view type, std::string_view body,
                            std::string_view core_type = "i32", std::string_view options = "",
                            std::string_view memory = "1") {
    return "(component (core module $M (memory (export \"mem\") " + std::string(memory) +
           ") (func (export \"f\") (result " + std::string(core_type) + ") " + std::string(body) +
           ")) (core instance $m (instantiate $M)) (alias core export $m \"mem\" (core memory "
           "$mem)) (func (export \"f\") "
           "(result " +
           std::string(type) + ") (canon lift (core func $m \"f\") (memory $mem) " +
           std::string(options) + ")))";
  }
  /// The same for a pointer and a length: at 0 and 4, and the address of the two is the result.
  static std::string giving_range(std::string_view type, std::uint32_t ptr, std::uint32_t length,
                                  std::string_view options = "", std::string_view memory = "1") {
    return giving(type,
                  "(i32.store (i32.const 0) (i32.const " + num(ptr) +
                      ")) (i32.store (i32.const 4) (i32.const " + num(length) + ")) (i32.const 0)",
                  "i32", options, memory);
  }
  /// A component whose `f` takes the type as pointer and length, sums its bytes, and has this
  /// realloc.
  static std::string taking(std::string_view type, std::string_view realloc,
                            std::string_view options = "", std::string_view memory = "1") {
    return R"((component
      (import "h" (instance $h (export "call" (func))))
      (core func $call (canon lower (func $h "call")))
      (core module $M (import "" "call" (func $call))
        (memory (export "mem") )" +
           std::string(memory) + R"()
        (global $p (mut i32) (i32.const 1024))
        (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) )" +
           std::string(realloc) + R"()
        (func (export "f") (param $p i32) (param $n i32) (result i32) (local $s i32)
          (block $done (loop $l
            (br_if $done (i32.eqz (local.get $n)))
            (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $p))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $l)))
          (local.get $s)))
      (core instance $m (instantiate $M (with "" (instance (export "call" (func $call))))))
      (func (export "f") (param "v" )" +
           std::string(type) + R"() (result u32)
        (canon lift (core func $m "f") (memory (core memory $m "mem")) (realloc (core func $m "realloc")) )" +
           std::string(options) + ")))";
  }
  void define_call(const std::function<void(Store&)>& f) {
    linker.allow_shadowing(true);
    ASSERT_TRUE(linker.instance("h").func_wrap("call", [f](Store& s) { f(s); }));
  }
  void SetUp() override {
    define_call([](Store&) {});
  }
};

const std::vector<Value> bytes_arg = {Value::bytes(std::vector<std::uint8_t>(100, 1))};
const std::vector<Value> u32s_arg = {Value::list({Value::u32(1), Value::u32(2)})};

TEST_F(Fault, Item21LengthTimesSizeOverflows) {
  EXPECT_NE(run(giving_range("(list u32)", 0, 0x40000001)).find("at most 2^28"), std::string::npos);
  EXPECT_NE(run(giving_range("(list u64)", 0, 0x20000000)).find("at most 2^28"), std::string::npos);
  EXPECT_NE(run(giving_range("(list (tuple u64 u64 u64))", 8, 0x0AAAAAAB)).find("at most 2^28"),
            std::string::npos);
  EXPECT_NE(run(giving_range("string", 0, 0xFFFFFFFF)).find("2^28"), std::string::npos);
  EXPECT_NE(run(giving_range("string", 0, 0x7FFFFFFF, "string-encoding=utf16")).find("2^28"),
            std::string::npos);
}

TEST_F(Fault, Item22PointersThatAreNotAligned) {
  EXPECT_EQ(run(giving_range("(list u16)", 1, 1)), "unaligned pointer");
  EXPECT_EQ(run(giving_range("(list u64)", 4, 0)), "unaligned pointer");
  EXPECT_EQ(run(giving("(tuple u32 u32)", "(i32.const 2)")), "unaligned pointer");
  EXPECT_EQ(run(taking("(list u32)", "(i32.const 1026)"), u32s_arg),
            "realloc return: result not aligned");
}

TEST_F(Fault, Item23RangesThatEndAtTheTopAndOnePast) {
  EXPECT_EQ(run(giving_range("(list u8)", 65534, 2)), "[0, 0]");
  EXPECT_EQ(run(giving_range("(list u8)", 65534, 3)),
            "list pointer/length out of bounds of memory");
  EXPECT_EQ(run(giving_range("(list u8)", 0xFFFFFFF0, 0x20)),
            "list pointer/length out of bounds of memory")
      << "wraps";
  EXPECT_EQ(run(giving_range("string", 0xFFFFFFFF, 1)),
            "string pointer/length out of bounds of memory");
  // All four GiB: 2^32 is one past the last byte.
  EXPECT_EQ(run(giving_range("(list u8)", 0xFFFFFFFE, 2, "", "65536")), "[0, 0]");
  EXPECT_EQ(run(giving_range("(list u8)", 0xFFFFFFFE, 3, "", "65536")),
            "list pointer/length out of bounds of memory");
}

TEST_F(Fault, Item24ReallocReturnsWhatItLikes) {
  EXPECT_EQ(run(taking("(list u8)", "(i32.const 0)"), bytes_arg), "100")
      << "0 is an address like any other";
  EXPECT_EQ(run(taking("(list u8)", "(i32.const 65437)"), bytes_arg),
            "realloc return: beyond end of memory");
  EXPECT_EQ(run(taking("(list u8)", "(i32.const -1)"), bytes_arg),
            "realloc return: beyond end of memory");
  // A memory that grows under the host's hands.
  EXPECT_EQ(run(taking("(list u8)", "(i32.mul (memory.grow (i32.const 3)) (i32.const 65536))"),
                bytes_arg),
            "100");
  // Blocks that move although they shrink, over what they held, and that never shrink at all.
  const std::vector<Value> text = {Value::string("h\u00e9llo w\u00f6rld \u20ac")};
  const auto moved =
      "(if (result i32) (local.get $old) (then (i32.add (local.get $old) (i32.const 2))) (else "
      "(i32.const 2048)))";
  const auto result = run(taking("string", moved, "string-encoding=utf16"), text);
  EXPECT_EQ(result.find_first_not_of("0123456789"), std::string::npos) << result;
  EXPECT_EQ(run(taking("string", moved, "string-encoding=latin1+utf16"), text),
            "out of bounds memory access")
      << "the guest's own fault: it takes the length with its tag for a number";
  const auto at_end =
      "(if (result i32) (local.get $old) (then (i32.const 65535)) (else (i32.const 2048)))";
  EXPECT_NE(run(taking("string", at_end, "string-encoding=utf16"), text).find("realloc return"),
            std::string::npos);
}

TEST_F(Fault, Item25ReallocTrapsOrCallsOut) {
  EXPECT_EQ(run(taking("(list u8)", "unreachable"), bytes_arg), "unreachable");
  int called = 0;
  define_call([&](Store&) { ++called; });
  EXPECT_EQ(run(taking("(list u8)", "(call $call) (i32.const 0)"), bytes_arg),
            "cannot leave component instance");
  EXPECT_EQ(called, 0) << "nor does it get back in that way";
}

TEST_F(Fault, Item25ReallocThatLoopsIsStoppedByFuelAndByTheDeadline) {
  const std::string wat = taking("(list u8)", "(loop $l (br $l)) unreachable");
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  EXPECT_EQ(run(wat, bytes_arg), "interrupted");
  Config config;
  config.fuel = true;
  Engine fueled(config);
  Linker link(fueled);
  ASSERT_TRUE(link.instance("h").func_wrap("call", [] {}));
  Store small(fueled);
  ASSERT_TRUE(small.set_fuel(100'000));
  const auto i = link.instantiate(small, compile(fueled, wat));
  ASSERT_TRUE(i);
  EXPECT_EQ(call(*i, bytes_arg), "all fuel consumed");
  EXPECT_EQ(small.fuel(), 0U);
}

TEST_F(Fault, Item27Utf16AtAnOddAddress) {
  EXPECT_EQ(run(giving_range("string", 1, 1, "string-encoding=utf16")), "unaligned pointer");
  EXPECT_EQ(run(giving_range("string", 1, 1, "string-encoding=latin1+utf16")), "unaligned pointer");
}

TEST_F(Fault, Item28BitsThatMeanNothing) {
  EXPECT_EQ(run(R"((component (core module $M (func (export "f") (result i32) (i32.const 2)))
    (core instance $m (instantiate $M)) (func (export "f") (result bool) (canon lift (core func $m "f")))))"),
            "true");
  const auto named = [](std::string_view type, std::string_view value) {
    return "(component (core module $M (func (export \"f\") (result i32) (i32.const " +
           std::string(value) + "))) (core instance $m (instantiate $M)) (type $t' " +
           std::string(type) +
           ") (export $t \"t\" (type $t')) (func (export \"f\") (result $t) (canon lift (core func "
           "$m \"f\"))))";
  };
  EXPECT_EQ(run(named("(flags \"a\" \"b\" \"c\")", "0xFFFFFFFF")), "{a, b, c}")
      << "bits beyond the labels are dropped";
  EXPECT_EQ(run(named("(enum \"a\" \"b\")", "2")), "invalid variant discriminant");
  EXPECT_EQ(run(named("(enum \"a\" \"b\")", "-1")), "invalid variant discriminant");
  EXPECT_EQ(run(giving("(option u32)", "(i32.store8 (i32.const 16) (i32.const 2)) (i32.const 16)")),
            "invalid variant discriminant");
  for (const auto* bad : {"0xD800", "0xDFFF", "0x110000", "-1"}) {
    EXPECT_EQ(run(giving("char", "(i32.const " + std::string(bad) + ")")),
              "invalid `char` bit pattern")
        << bad;
  }
}

TEST_F(Fault, Item29NansComeOutCanonical) {
  const auto wide = instantiate(store, giving("f64", "(f64.const -nan:0x4000000000001)", "f64"));
  const auto f64 = wide.get_typed_func<double()>(store, "f");
  ASSERT_TRUE(f64);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(*f64->call(store)), 0x7FF8000000000000U);
  const auto narrow = instantiate(store, giving("f32", "(f32.const nan:0x200001)", "f32"));
  EXPECT_EQ(std::bit_cast<std::uint32_t>(*narrow.get_typed_func<float()>(store, "f")->call(store)),
            0x7FC00000U);
  EXPECT_EQ(call(narrow), "nan");
}

TEST_F(Fault, Item30TenMillionStringsDoNotFillTheHost) {
  // 80 MB of guest memory that would be several hundred of the host's.
  const auto i = instantiate(store, giving_range("(list string)", 0, 10'000'000, "", "1300"));
  EXPECT_EQ(call(i), "values larger than the store allows (lift_bytes)");
  const auto typed = instantiate(store, giving_range("(list string)", 0, 10'000'000, "", "1300"));
  const auto f = typed.get_typed_func<std::vector<std::string>()>(store, "f");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->call(store).error().message(), "values larger than the store allows (lift_bytes)");
}

TEST_F(Fault, Item30StringsThatOverlapCountEachTime) {
  StoreLimits limits;
  limits.lift_bytes = 1U << 20U;
  Store small(engine, limits);
  // Every element is the same 32 KiB: 100 of them are little memory and much work.
  const auto wat = [](std::uint32_t count) {
    return giving(
        "(list string)",
        "(local $i i32) (loop $l (i32.store offset=40004 (local.get $i) (i32.const 32768))"
        " (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const "
        "800))))"
        " (i32.store (i32.const 50000) (i32.const 40000)) (i32.store (i32.const 50004) "
        "(i32.const " +
            num(count) + ")) (i32.const 50000)");
  };
  EXPECT_NE(run(small, wat(3)).size(), 0U);
  EXPECT_EQ(run(small, wat(100)), "values larger than the store allows (lift_bytes)");
  const auto viewed =
      instantiate(small, wat(100)).get_typed_func<std::vector<std::string_view>()>(small, "f");
  ASSERT_TRUE(viewed);
  EXPECT_EQ(viewed->call_view().error().message(),
            "values larger than the store allows (lift_bytes)");
}

/// `$Caller` hands COUNT elements of TYPE to `$Callee`, all of which lie at the same 32 KiB; whose
/// realloc gives one address again and again.
std::string endless_copy(std::string_view type, std::uint32_t count) {
  return R"((component
    (component $Callee
      (core module $M (memory (export "mem") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "f") (param i32 i32)))
      (core instance $m (instantiate $M))
      (func (export "f") (param "v" )" +
         std::string(type) + R"()
        (canon lift (core func $m "f") (memory (core memory $m "mem")) (realloc (core func $m "realloc")))))
    (component $Caller
      (import "f" (func $f (param "v" )" +
         std::string(type) + R"()))
      (core module $L (memory (export "mem") 1))
      (core instance $l (instantiate $L))
      (core func $lowered (canon lower (func $f) (memory (core memory $l "mem"))))
      (core module $M (import "" "f" (func $f (param i32 i32))) (import "" "mem" (memory 1))
        (func (export "f") (local $i i32)
          (loop $l (i32.store offset=40004 (local.get $i) (i32.const 32768))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 8000))))
          (call $f (i32.const 40000) (i32.const )" +
         std::to_string(count) + R"())))
      (core instance $m (instantiate $M (with "" (instance (export "f" (func $lowered)) (export "mem" (memory $l "mem"))))))
      (func (export "f") (canon lift (core func $m "f"))))
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
    (export "f" (func $caller "f"))))";
}

TEST_F(Fault, Item30CopiesBetweenComponentsAreBounded) {
  StoreLimits limits;
  limits.copy_bytes = 1U << 20U;
  Store small(engine, limits);
  EXPECT_EQ(run(small, endless_copy("(list string)", 3)), "done");
  EXPECT_EQ(run(small, endless_copy("(list string)", 1000)),
            "values larger than the store allows (copy_bytes)");
  EXPECT_EQ(run(small, endless_copy("(list (list u8))", 1000)),
            "values larger than the store allows (copy_bytes)");
}

TEST_F(Fault, Item32APostReturnTrapsCallsOutOrRunsTwiceNever) {
  int called = 0;
  define_call([&](Store&) { ++called; });
  const auto wat = [](std::string_view post) {
    return R"((component
      (import "h" (instance $h (export "call" (func))))
      (core func $call (canon lower (func $h "call")))
      (core module $M (import "" "call" (func $call)) (global $n (mut i32) (i32.const 0))
        (func (export "f") (result i32) (global.get $n))
        (func (export "post") (param i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) )" +
           std::string(post) + R"())
      (core instance $m (instantiate $M (with "" (instance (export "call" (func $call))))))
      (func (export "f") (result u32) (canon lift (core func $m "f") (post-return (core func $m "post"))))))";
  };
  const auto traps = instantiate(store, wat("unreachable"));
  EXPECT_EQ(call(traps), "unreachable");
  EXPECT_EQ(call(traps), "cannot enter component instance");
  EXPECT_EQ(run(wat("(call $call)")), "cannot leave component instance");
  EXPECT_EQ(called, 0);
  const auto good = instantiate(store, wat(""));
  EXPECT_EQ(call(good), "0");
  EXPECT_EQ(call(good), "1") << "once for each call";
  const auto typed = good.get_typed_func<std::uint32_t()>(store, "f");
  auto view = typed->call_view();
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->finish());
  EXPECT_TRUE(view->finish()) << "again does nothing";
  EXPECT_EQ(call(good), "3");
}

// Resources.

/// A guest with two resource types of its own; `body` may call $new, $rep, $drop and $new2, $drop2.
std::string resourceful(std::string_view body) {
  return R"((component
    (type $r (resource (rep i32)))
    (type $q (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core func $rep (canon resource.rep $r))
    (core func $drop (canon resource.drop $r))
    (core func $new2 (canon resource.new $q))
    (core func $drop2 (canon resource.drop $q))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32))) (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "new2" (func $new2 (param i32) (result i32))) (import "" "drop2" (func $drop2 (param i32)))
      (func (export "f") (result i32) (local $h i32) )" +
         std::string(body) + R"())
    (core instance $m (instantiate $M (with "" (instance
      (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))
      (export "new2" (func $new2)) (export "drop2" (func $drop2))))))
    (func (export "f") (result u32) (canon lift (core func $m "f")))))";
}

TEST_F(Fault, Item33HandlesDroppedTwiceUsedAfterwardsAndForged) {
  EXPECT_EQ(run(resourceful("(local.set $h (call $new (i32.const 7))) (call $drop (local.get $h))"
                            " (call $drop (local.get $h)) (i32.const 0)")),
            "unknown handle index 1");
  EXPECT_EQ(run(resourceful("(local.set $h (call $new (i32.const 7))) (call $drop (local.get $h)) "
                            "(call $rep (local.get $h))")),
            "unknown handle index 1");
  EXPECT_EQ(run(resourceful("(call $rep (i32.const 0))")), "unknown handle index 0");
  EXPECT_EQ(run(resourceful("(call $rep (i32.const -1))")), "unknown handle index 4294967295");
  EXPECT_EQ(run(resourceful("(call $rep (call $new2 (i32.const 7)))")),
            "handle index 1 used with the wrong type, expected guest-defined resource but found a "
            "different "
            "guest-defined resource");
  EXPECT_EQ(run(resourceful("(call $drop2 (call $new (i32.const 7))) (i32.const 0)")).substr(0, 37),
            "handle index 1 used with the wrong ty");
}

TEST_F(Fault, Item37AFreedPlaceIsUsedAgainAndOldHandlesMeanTheNewOne) {
  EXPECT_EQ(run(resourceful("(local.set $h (call $new (i32.const 7))) (call $drop (local.get $h))"
                            " (drop (call $new (i32.const 8))) (call $rep (local.get $h))")),
            "8")
      << "the indices are the specification's; within one instance nobody is harmed but itself";
  StoreLimits limits;
  limits.handles = 3;
  Store small(engine, limits);
  EXPECT_EQ(
      run(small, resourceful("(loop $l (drop (call $new (i32.const 0))) (br $l)) unreachable")),
      "the table of handles is full");
  EXPECT_EQ(
      run(small,
          resourceful("(loop $l (call $drop (call $new (i32.const 0)))"
                      " (br_if $l (i32.lt_u (local.tee $h (i32.add (local.get $h) (i32.const 1)))"
                      " (i32.const 1000)))) (local.get $h)")),
      "1000");
}

/// `$Maker` has a resource; `$User` gets handles of it and runs `body` with $make, $use (borrow),
/// $take (own), $both (borrow, own), $drop.
std::string maker_and_user(std::string_view use, std::string_view dtor, std::string_view body) {
  return R"((component
    (import "h" (instance $h (export "call" (func))))
    (component $Maker
      (import "call" (func $call'))
      (core func $call (canon lower (func $call')))
      (core module $D (import "" "call" (func $call)) (func (export "dtor") (param i32) )" +
         std::string(dtor) + R"())
      (core instance $d (instantiate $D (with "" (instance (export "call" (func $call))))))
      (type $r' (resource (rep i32) (dtor (core func $d "dtor"))))
      (core func $new (canon resource.new $r'))
      (core func $drop (canon resource.drop $r'))
      (core module $M (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
        (func (export "make") (result i32) (call $new (i32.const 5)))
        (func (export "use") (param i32) )" +
         std::string(use) + R"()
        (func (export "take") (param i32) (call $drop (local.get 0)))
        (func (export "both") (param i32 i32)))
      (core instance $m (instantiate $M (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
      (export $r "r" (type $r'))
      (func (export "make") (result (own $r)) (canon lift (core func $m "make")))
      (func (export "use") (param "r" (borrow $r)) (canon lift (core func $m "use")))
      (func (export "take") (param "r" (own $r)) (canon lift (core func $m "take")))
      (func (export "both") (param "a" (borrow $r)) (param "b" (own $r)) (canon lift (core func $m "both"))))
    (component $User
      (import "m" (instance $m
        (export "r" (type $r (sub resource)))
        (export "make" (func (result (own $r)))) (export "use" (func (param "r" (borrow $r))))
        (export "take" (func (param "r" (own $r))))
        (export "both" (func (param "a" (borrow $r)) (param "b" (own $r))))))
      (alias export $m "r" (type $r))
      (core func $make (canon lower (func $m "make")))
      (core func $use (canon lower (func $m "use")))
      (core func $take (canon lower (func $m "take")))
      (core func $both (canon lower (func $m "both")))
      (core func $drop (canon resource.drop $r))
      (core module $M (import "" "make" (func $make (result i32))) (import "" "use" (func $use (param i32)))
        (import "" "take" (func $take (param i32))) (import "" "both" (func $both (param i32 i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "f") (result i32) (local $h i32) (local.set $h (call $make)) )" +
         std::string(body) + R"())
      (core instance $i (instantiate $M (with "" (instance (export "make" (func $make)) (export "use" (func $use))
        (export "take" (func $take)) (export "both" (func $both)) (export "drop" (func $drop))))))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))
    (instance $maker (instantiate $Maker (with "call" (func $h "call"))))
    (instance $user (instantiate $User (with "m" (instance $maker))))
    (export "f" (func $user "f"))))";
}

TEST_F(Fault, Item33AHandleThatWasGivenAwayIsGone) {
  EXPECT_EQ(run(maker_and_user("", "", "(call $take (local.get $h)) (local.get $h)")), "1");
  EXPECT_EQ(run(maker_and_user(
                "", "", "(call $take (local.get $h)) (call $use (local.get $h)) (i32.const 0)")),
            "unknown handle index 1");
}

TEST_F(Fault, Item34AnOwnedHandleGivenWhileItIsLent) {
  EXPECT_EQ(run(maker_and_user("", "", "(call $both (local.get $h) (local.get $h)) (i32.const 0)")),
            "cannot remove owned resource while borrowed");
}

TEST_F(Fault, Item34ABorrowKeptPastItsCall) {
  // The host lends what a guest made to another guest, which keeps the handle.
  const auto keeper = R"((component
    (import "m" (instance $m (export "r" (type $r (sub resource)))))
    (alias export $m "r" (type $r'))
    (core module $M (func (export "keep") (param i32)))
    (core instance $i (instantiate $M))
    (export $r "r2" (type $r'))
    (func (export "keep") (param "r" (borrow $r)) (canon lift (core func $i "keep")))))";
  ASSERT_TRUE(linker.instance("m").resource("r", [](Store&, std::uint32_t) {}));
  const auto i = instantiate(store, keeper);
  const auto& keep = i.get_func("keep")->inst();
  const auto handle =
      store.host_handles().add(keep.inst->resource(keep.shape->params[0].shape->resource), 3, true);
  EXPECT_EQ(call(i, std::vector<Value>{Value::borrow(handle)}, "keep"),
            "borrow handles still remain at the end of the call");
  EXPECT_TRUE(store.drop(handle)) << "the loan is over all the same";
}

TEST_F(Fault, Item35ADestructorThatTrapsPoisonsBothSides) {
  const auto i = instantiate(
      store, maker_and_user("", "unreachable", "(call $drop (local.get $h)) (i32.const 0)"));
  EXPECT_EQ(call(i), "unreachable");
  EXPECT_EQ(call(i), "cannot enter component instance");
}

TEST_F(Fault, Item35ADestructorThatComesBackIn) {
  std::optional<Instance> self;
  std::string message;
  bool inside = false;
  define_call([&](Store&) {
    if (!std::exchange(inside, true)) message = call(*self);
  });
  self = instantiate(
      store, maker_and_user("", "(call $call)", "(call $drop (local.get $h)) (i32.const 6)"));
  EXPECT_EQ(call(*self), "6");
  EXPECT_EQ(message, "6");
}

TEST_F(Fault, Item36AnImportThatComesBackIntoTheSameComponent) {
  std::optional<Instance> self;
  std::vector<std::string> messages;
  define_call([&](Store&) {
    if (!messages.empty()) return;
    messages.push_back(call(*self, {}, "other"));
    messages.push_back(call(*self, {}, "f"));
  });
  self = instantiate(store, R"((component
    (import "h" (instance $h (export "call" (func))))
    (core func $call (canon lower (func $h "call")))
    (core module $M (import "" "call" (func $call)) (func (export "f") (call $call)) (func (export "other")))
    (core instance $m (instantiate $M (with "" (instance (export "call" (func $call))))))
    (func (export "f") (canon lift (core func $m "f")))
    (func (export "other") (canon lift (core func $m "other")))))");
  EXPECT_EQ(call(*self), "done");
  EXPECT_EQ(messages, std::vector<std::string>(2, "done"));
  EXPECT_EQ(call(*self, {}, "other"), "done");
}

TEST_F(Fault, ATrapOfAReentrantCallPoisonsTheInstanceThatTheHostGoesOnIn) {
  std::optional<Instance> self;
  std::string message;
  std::string after;
  define_call([&](Store&) {
    message = call(*self, {}, "trap");
    after = call(*self, {}, "other");
  });
  self = instantiate(store, R"((component
    (import "h" (instance $h (export "call" (func))))
    (core func $call (canon lower (func $h "call")))
    (core module $M (import "" "call" (func $call)) (func (export "f") (call $call))
      (func (export "other")) (func (export "trap") unreachable))
    (core instance $m (instantiate $M (with "" (instance (export "call" (func $call))))))
    (func (export "f") (canon lift (core func $m "f")))
    (func (export "trap") (canon lift (core func $m "trap")))
    (func (export "other") (canon lift (core func $m "other")))))");
  // The call that is under way goes on to its end: the host has handled the trap.
  EXPECT_EQ(call(*self), "done");
  EXPECT_EQ(message, "unreachable");
  EXPECT_EQ(after, "cannot enter component instance");
  EXPECT_EQ(call(*self, {}, "other"), "cannot enter component instance");
}

TEST_F(Fault, ARefusedCallSaysWhatTrappedEarlier) {
  const auto callee = R"((component
    (core module $M (func (export "f") (param i32) (if (local.get 0) (then unreachable))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" u32) (canon lift (core func $m "f")))))";
  const auto caller = R"((component
    (import "callee" (instance $c (export "f" (func (param "x" u32)))))
    (core func $f (canon lower (func $c "f")))
    (core module $M (import "" "f" (func $f (param i32))) (func $asks (export "g") (param i32) (call $f (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
    (func (export "g") (param "x" u32) (canon lift (core func $m "g")))))";
  const auto below = instantiate(store, callee);
  ASSERT_TRUE(linker.link("callee", below));
  const auto above = instantiate(store, caller);
  const auto sibling = instantiate(store, caller);
  const std::vector<Value> good = {Value::u32(0)};
  const auto text = [&](const Instance& i, std::string_view name) {
    const auto result = i.get_func(name)->call(good);
    return result ? "done" : result.error().text();
  };
  const std::vector<Value> bad = {Value::u32(1)};
  EXPECT_EQ(call(above, bad, "g"), "unreachable");
  EXPECT_EQ(text(above, "g"),
            "cannot enter component instance\n  … it trapped earlier: unreachable");
  EXPECT_EQ(text(below, "f"),
            "cannot enter component instance\n  … it trapped earlier: unreachable");
  // Where a guest is refused: the cause, then where it called.
  const auto refused = text(sibling, "g");
  EXPECT_TRUE(refused.starts_with(
      "cannot enter component instance\n  … it trapped earlier: unreachable\n  at "))
      << refused;
  EXPECT_NE(refused.find("asks"), std::string::npos) << refused;
  // That it was refused is not what closed it.
  EXPECT_EQ(text(above, "g"),
            "cannot enter component instance\n  … it trapped earlier: unreachable");
}

TEST_F(Fault, ARefusedCallSaysThatAResultIsHeld) {
  const auto i = instantiate(store, giving_range("string", 8, 2));
  const auto typed = i.get_typed_func<std::string()>(store, "f");
  ASSERT_TRUE(typed);
  {
    auto view = typed->call_view();
    ASSERT_TRUE(view);
    const auto again = i.get_func("f")->call({});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().text(),
              "cannot enter component instance\n  … a result of it is still held as a view of its "
              "memory");
    EXPECT_TRUE(view->finish());
  }
  EXPECT_TRUE(i.get_func("f")->call({}));
}

TEST_F(Fault, EndlessReentranceEndsAtTheLimitOfCalls) {
  std::optional<Instance> self;
  std::uint32_t entered = 0;
  define_call([&](Store&) {
    ++entered;
    (void)call(*self);
  });
  self = instantiate(store, R"((component
    (import "h" (instance $h (export "call" (func))))
    (core func $call (canon lower (func $h "call")))
    (core module $M (import "" "call" (func $call)) (func (export "f") (call $call)))
    (core instance $m (instantiate $M (with "" (instance (export "call" (func $call))))))
    (func (export "f") (canon lift (core func $m "f")))))");
  EXPECT_EQ(call(*self), "done");
  EXPECT_GT(entered, 10U);
  EXPECT_LE(entered, store.limits().call_depth);
  EXPECT_EQ(call(*self), "done") << "a call that was refused poisons nothing";
}

TEST_F(Fault, Item53ATrapInTheMiddleOfACallBetweenComponentsPoisonsBothAndNoOther) {
  const auto callee = R"((component
    (core module $M (func (export "f") (param i32) (if (local.get 0) (then unreachable))))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" u32) (canon lift (core func $m "f")))))";
  const auto caller = R"((component
    (import "callee" (instance $c (export "f" (func (param "x" u32)))))
    (core func $f (canon lower (func $c "f")))
    (core module $M (import "" "f" (func $f (param i32))) (func (export "g") (param i32) (call $f (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
    (func (export "g") (param "x" u32) (canon lift (core func $m "g")))))";
  const auto below = instantiate(store, callee);
  const auto bystander = instantiate(store, callee);
  ASSERT_TRUE(linker.link("callee", below));
  const auto above = instantiate(store, caller);
  const auto sibling = instantiate(store, caller);
  const std::vector<Value> good = {Value::u32(0)};
  const std::vector<Value> bad = {Value::u32(1)};
  EXPECT_EQ(call(above, good, "g"), "done");
  EXPECT_EQ(call(above, bad, "g"), "unreachable");
  EXPECT_EQ(call(above, good, "g"), "cannot enter component instance");
  EXPECT_EQ(call(below, good, "f"), "cannot enter component instance");
  EXPECT_EQ(call(bystander, good, "f"), "done");
  EXPECT_EQ(call(sibling, good, "g"), "cannot enter component instance")
      << "it reaches the callee that is poisoned";
  EXPECT_FALSE(store.busy());
  Store other(engine);
  EXPECT_EQ(call(instantiate(other, callee), good, "f"), "done");
}

}  // namespace
}  // namespace tenon

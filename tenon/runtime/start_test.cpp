// SPDX-License-Identifier: Apache-2.0
// Values and start functions of components: Explainer.md "Value Definitions", "Start Definitions".
#include <gtest/gtest.h>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

class Start : public Embed {
 protected:
  /// Instantiates what must not work; what is said.
  std::string refused(std::string_view wat) {
    const auto made = linker.instantiate(store, compile(engine, wat));
    if (!made) return words(made.error());
    ADD_FAILURE() << "was instantiated";
    return {};
  }
  static std::string wave(const Instance& i, std::string_view name) {
    const auto value = i.get_value(name);
    return value ? runtime::to_wave(*value) : words(value.error());
  }
};

/// A component whose start function `greet` puts "hello, " in front of a string, in a memory of its
/// own.
constexpr std::string_view greeter = R"(
  (core module $M (import "libc" "mem" (memory 1)) (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (data (i32.const 16) "hello, ")
    (global $calls (mut i32) (i32.const 0))
    (func (export "greet") (param $p i32) (param $n i32) (result i32) (local $to i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (local.set $to (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.add (local.get $n) (i32.const 7))))
      (memory.copy (local.get $to) (i32.const 16) (i32.const 7))
      (memory.copy (i32.add (local.get $to) (i32.const 7)) (local.get $p) (local.get $n))
      (i32.store (i32.const 0) (local.get $to))
      (i32.store (i32.const 4) (i32.add (local.get $n) (i32.const 7)))
      (i32.const 0))
    (func (export "calls") (result i32) (global.get $calls)))
  (core instance $m (instantiate $M (with "libc" (instance $libc))))
  (func $greet (param "s" string) (result string)
    (canon lift (core func $m "greet") (memory $mem) (realloc $realloc)))
  (func (export "calls") (result u32) (canon lift (core func $m "calls"))))";

TEST_F(Start, ValuesOfEveryTypeAreExportedAsTheyAreDefined) {
  const auto i = instantiate(store, R"((component
    (type $flags-def (flags "a" "b" "c")) (export $flags "flags" (type $flags-def))
    (type $record-def (record (field "a" bool) (field "b" u8)))
    (export $record "record" (type $record-def))
    (type $variant-def (variant (case "a" bool) (case "b" u8)))
    (export $variant "variant" (type $variant-def))
    (type $enum-def (enum "a" "b")) (export $enum "enum" (type $enum-def))
    (type $inner-def (record (field "a" (option string)) (field "b" (tuple (option u8) string))))
    (export $inner "inner" (type $inner-def))
    (type $nested (tuple $inner (list char) $flags string))
    (value $a bool true) (value $b u8 255) (value $c u16 65535) (value $d u32 4294967295)
    (value $e u64 18446744073709551615) (value $f s8 -128) (value $g s16 -32768)
    (value $h s32 -2147483648) (value $i s64 -9223372036854775808) (value $j f32 9.5)
    (value $k f64 nan) (value $l char '\u{1F600}') (value $m string "hello")
    (value $n $record (record true 1))
    (value $o $variant (variant "b" 1))
    (value $p (list (result (option u8))) (list error (ok (some 1)) (ok none)))
    (value $q $flags (flags "a" "c")) (value $r $enum (enum "b"))
    (value $s (list u8) (list 1 2 3)) (value $t string (binary "\07example"))
    (value $u $nested (tuple (record (some "example") (tuple (some 42) "hello")) (list 'a' 'b')
                             (flags "b" "a") "hi"))
    (value $v (result string (error u8)) (error 7))
    (export "a" (value $a)) (export "b" (value $b)) (export "c" (value $c)) (export "d" (value $d))
    (export "e" (value $e)) (export "f" (value $f)) (export "g" (value $g)) (export "h" (value $h))
    (export "i" (value $i)) (export "j" (value $j)) (export "k" (value $k)) (export "l" (value $l))
    (export "m" (value $m)) (export "n" (value $n)) (export "o" (value $o)) (export "p" (value $p))
    (export "q" (value $q)) (export "r" (value $r)) (export "s" (value $s)) (export "t" (value $t))
    (export "u" (value $u)) (export "v" (value $v))))");
  const std::vector<std::pair<std::string_view, std::string_view>> expected = {
      {"a", "true"},
      {"b", "255"},
      {"c", "65535"},
      {"d", "4294967295"},
      {"e", "18446744073709551615"},
      {"f", "-128"},
      {"g", "-32768"},
      {"h", "-2147483648"},
      {"i", "-9223372036854775808"},
      {"j", "9.5"},
      {"k", "nan"},
      {"l", "'\xF0\x9F\x98\x80'"},
      {"m", "\"hello\""},
      {"n", "{a: true, b: 1}"},
      {"o", "b(1)"},
      {"p", "[err, ok(some(1)), ok(none)]"},
      {"q", "{a, c}"},
      {"r", "b"},
      {"s", "[1, 2, 3]"},
      {"t", "\"example\""},
      {"u", "({a: some(\"example\"), b: (some(42), \"hello\")}, ['a', 'b'], {a, b}, \"hi\")"},
      {"v", "err(7)"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(wave(i, name), value) << name;
}

TEST_F(Start, AStartFunctionMakesAnExportOfAnImport) {
  ASSERT_TRUE(linker.root().value("name", Value::string("world")));
  const auto i = instantiate(store, with_libc(std::string(greeter) + R"(
    (import "name" (value $name string))
    (start $greet (value $name) (result (value $greeting)))
    (start $greet (value $greeting) (result (value $twice)))
    (export "greeting" (value $twice)))"));
  EXPECT_EQ(wave(i, "greeting"), "\"hello, hello, world\"");
  EXPECT_EQ(call(i, {}, "calls"), "2");
  EXPECT_FALSE(store.busy());
}

TEST_F(Start, ValuesGoInAndOutOfInstancesInside) {
  const auto i = instantiate(store, R"((component
    (component $C
      (import "env" (instance $env (export "x" (value u32))))
      (core module $M (func (export "f") (param i32) (result i32)
        (i32.mul (local.get 0) (i32.const 2))))
      (core instance $m (instantiate $M))
      (func $f (param "x" u32) (result u32) (canon lift (core func $m "f")))
      (alias export $env "x" (value $x))
      (start $f (value $x) (result (value $y)))
      (export "y" (value $y)))
    (value $x u32 21)
    (instance $env (export "x" (value $x)))
    (instance $c (instantiate $C (with "env" (instance $env))))
    (export "c" (instance $c))))");
  EXPECT_EQ(wave(i, "c#y"), "42");
  EXPECT_NE(wave(i, "c#z").find("no value `c#z`"), std::string::npos);
  EXPECT_NE(wave(i, "d#y").find("no value `d#y`"), std::string::npos);
}

TEST_F(Start, AFunctionOfTheHostCanBeOne) {
  std::string seen;
  ASSERT_TRUE(linker.root().func_new(
      "main", [&](Store&, std::span<const Value> args) -> Outcome<std::optional<Value>> {
        seen = args[0].text();
        return Value::u32(7);
      }));
  const auto i = instantiate(store, R"((component
    (import "main" (func $main (param "args" string) (result u32)))
    (value $args string "a b")
    (start $main (value $args) (result (value $status)))
    (export "status" (value $status))))");
  EXPECT_EQ(seen, "a b");
  EXPECT_EQ(wave(i, "status"), "7");
}

TEST_F(Start, ATrapInOneEndsTheInstantiation) {
  const auto said = refused(R"((component
    (core module $M (func (export "f") (unreachable)))
    (core instance $m (instantiate $M))
    (func $f (canon lift (core func $m "f")))
    (start $f)))");
  EXPECT_NE(said.find("unreachable"), std::string::npos) << said;
  EXPECT_FALSE(store.busy());
}

TEST_F(Start, AChildMayCallItsParentWhileTheParentIsMade) {
  const auto i = instantiate(store, R"((component
    (core module $M
      (global $n (mut i32) (i32.const 0))
      (func (export "count") (global.set $n (i32.add (global.get $n) (i32.const 1))))
      (func (export "seen") (result i32) (global.get $n)))
    (core instance $m (instantiate $M))
    (func $count (canon lift (core func $m "count")))
    (component $C
      (import "count" (func $count))
      (core func $count_l (canon lower (func $count)))
      (core module $S (import "" "count" (func $count)) (start $count))
      (core instance (instantiate $S (with "" (instance (export "count" (func $count_l)))))))
    (instance (instantiate $C (with "count" (func $count))))
    (func (export "seen") (result u32) (canon lift (core func $m "seen")))))");
  EXPECT_EQ(*(*i.get_typed_func<std::uint32_t()>(store, "seen"))(), 1U);
}

TEST_F(Start, ValuesThatAreMissingOrOfAnotherTypeAreNamed) {
  constexpr std::string_view wanting = R"((component
    (import "env" (instance $env (export "port" (value u16))))
    (alias export $env "port" (value $port)) (export "port" (value $port))))";
  EXPECT_NE(refused(wanting).find("an import is not provided: instance `env`"), std::string::npos);
  ASSERT_TRUE(linker.instance("env").value("ports", Value::u16(80)));
  const auto missing = refused(wanting);
  EXPECT_NE(missing.find("value port: u16"), std::string::npos) << missing;
  EXPECT_NE(missing.find("the nearest name is `ports`"), std::string::npos) << missing;
  linker.allow_shadowing(true);
  ASSERT_TRUE(linker.instance("env").value("port", Value::string("80")));
  const auto other = refused(wanting);
  EXPECT_NE(other.find("value port: u16"), std::string::npos) << other;
  EXPECT_NE(other.find("string"), std::string::npos) << other;
  ASSERT_TRUE(linker.instance("env").value("port", Value::u16(80)));
  EXPECT_EQ(wave(instantiate(store, wanting), "port"), "80");
}

TEST_F(Start, ARunningInstanceGivesItsValues) {
  const auto first = instantiate(store, R"((component
    (value $v string "from afar") (export "v" (value $v))))");
  ASSERT_TRUE(linker.link(first));
  const auto second = instantiate(store, R"((component
    (import "v" (value $v string)) (export "w" (value $v))))");
  EXPECT_EQ(wave(second, "w"), "\"from afar\"");
}

}  // namespace
}  // namespace tenon

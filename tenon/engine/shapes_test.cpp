// SPDX-License-Identifier: Apache-2.0
// Functions of a size near the widths that the interpreter's code has: slots of 16 bits, scratch
// slots, windows, tables of branches. What each gives follows from how it is made.
#include <gtest/gtest.h>

#include <string>

#include "tenon/engine/interp/translate.h"
#include "tenon/engine/test_modules.h"

namespace tenon::engine {
namespace {

/// As users have it; with far forms alone; with every stress setting and without guard pages.
std::vector<Config> configs() {
  Config far;
  far.stress.far_forms = true;
  Config all = far;
  all.stress.collect = true;
  all.stress.poison = true;
  all.signals = false;
  return {Config{}, far, all};
}

void expect(const std::string& what, const std::string& wat,
            const std::vector<std::pair<int, int>>& values) {
  for (const Config& config : configs()) {
    Engine engine(config);
    Store store(engine);
    const auto f = get<int(int)>(make(store, wat), "f");
    for (const auto& [argument, value] : values) {
      const auto done = f(argument);
      ASSERT_TRUE(done) << what << ": " << done.error().text();
      EXPECT_EQ(*done, value) << what << ", far " << config.stress.far_forms;
    }
  }
}

TEST(Shapes, DeepOperandStacks) {
  for (const int n : {254, 255, 256, 257, 32'767, 32'768, 32'769, 65'272, 65'276, 65'277, 65'278,
                      65'279, 65'280, 65'281, 65'282, 65'535, 65'536, 65'537, 100'000}) {
    expect("values " + std::to_string(n),
           "(module (func (export \"f\") (param i32) (result i32) " + times(n, "local.get 0 ") +
               times(n - 1, "i32.add ") + "))",
           {{3, 3 * n}});
  }
  for (const int n :
       {127, 128, 129, 16'384, 32'636, 32'637, 32'638, 32'639, 32'640, 32'768, 40'000}) {
    expect("vectors " + std::to_string(n),
           "(module (func (export \"f\") (param i32) (result i32) (local v128) "
           "(local.set 1 (i32x4.splat (local.get 0))) " +
               times(n, "local.get 1 ") + times(n - 1, "i32x4.add ") + "i32x4.extract_lane 3))",
           {{3, 3 * n}});
  }
}

TEST(Shapes, ManyLocals) {
  for (const int n : {255, 256, 257, 32'765, 32'768, 32'771, 49'999}) {
    for (const char* type : {"i64", "v128"}) {
      const bool vector = std::string_view(type) == "v128";
      const auto set = [&](int local, const char* value) {
        return "(local.set " + std::to_string(local) +
               (vector ? " (i64x2.splat " : " (i64.add (i64.const 0) ") + value + ")) ";
      };
      const auto read = [&](int local) {
        const std::string at = "(local.get " + std::to_string(local) + ")";
        return vector ? "(i64x2.extract_lane 1 " + at + ")" : at;
      };
      expect(std::to_string(n) + " of " + type,
             "(module (func $r (param i32) (result i32) (if (result i32) (local.get 0)"
             "(then (i32.add (i32.const 1) (call $r (i32.sub (local.get 0) (i32.const 1)))))"
             "(else (i32.const 0))))"
             "(func (export \"f\") (param i32) (result i32) (local " +
                 times(n, std::string(type) + " ") + ")" + set(1, "(i64.const 1)") +
                 set(n, "(i64.extend_i32_u (local.get 0))") + set(n / 2, "(i64.const 100)") +
                 set(n - 1, read(n).c_str()) +
                 "(i32.add (call $r (local.get 0)) (i32.wrap_i64 (i64.add (i64.add " + read(1) +
                 read(n) + ") (i64.add " + read(n / 2) + read(n - 1) + ")))) ))",
             {{1000, 1000 + 1 + 1000 + 100 + 1000}});
    }
  }
}

/// v0 - (v1 - (v2 - …)) of 0, 1, …, n - 1, forwards or backwards.
int alternating(int n, bool backwards) {
  int sum = 0;
  for (int i = n; i-- > 0;) sum = (backwards ? n - 1 - i : i) - sum;
  return sum;
}

TEST(Shapes, ManyParametersAndResults) {
  for (const int n : {255, 256, 257, 1000}) {
    for (const char* type : {"i64", "v128"}) {
      const bool vector = std::string_view(type) == "v128";
      std::string numbers;
      std::string reversed;
      for (int i = 0; i < n; ++i) {
        const std::string number = "(i64.const " + std::to_string(i) + ")";
        numbers += vector ? "(i64x2.splat " + number + ")" : number;
        reversed += "(local.get " + std::to_string(n - 1 - i) + ")";
      }
      const std::string all = times(n, std::string(type) + " ");
      const std::string fold = times(n - 1, vector ? "i64x2.sub " : "i64.sub ") +
                               (vector ? "i64x2.extract_lane 0 " : "") + "i32.wrap_i64 ";
      const std::string module = "(module (type $t (func (param " + all + ") (result " + all +
                                 ")))"
                                 "(table funcref (elem $reverse)) (elem declare func $reverse)"
                                 "(func $reverse (type $t) " +
                                 reversed +
                                 ")"
                                 "(func $tail (type $t) (return_call_indirect (type $t) " +
                                 reversed +
                                 "(i32.const 0)))"
                                 "(func $ref (type $t) (return_call_ref $t " +
                                 reversed +
                                 "(ref.func $reverse)))"
                                 "(func (export \"f\") (param i32) (result i32) " +
                                 numbers;
      const int forwards = alternating(n, false);
      const int backwards = alternating(n, true);
      const std::string what = std::to_string(n) + " of " + type;
      expect(what, module + "call $reverse " + fold + "))", {{0, backwards}});
      expect(what, module + "(call_indirect (type $t) (i32.const 0)) " + fold + "))",
             {{0, backwards}});
      expect(what, module + "(call_ref $t (ref.func $reverse)) " + fold + "))", {{0, backwards}});
      expect(what, module + "call $tail " + fold + "))", {{0, forwards}});
      expect(what, module + "call $ref " + fold + "))", {{0, forwards}});
    }
  }
}

std::string labels(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += std::to_string(i) + " ";
  return out + std::to_string(n - 1) + " ";
}

TEST(Shapes, TablesOfManyLabels) {
  for (const int n : {1, 255, 256, 257, 65'535, 65'536, 65'537}) {
    const std::vector<std::pair<int, int>> values = {
        {0, n}, {n / 2, n - n / 2}, {n - 1, 1}, {n, 1}, {-1, 1}};
    expect("labels " + std::to_string(n),
           "(module (func (export \"f\") (param i32) (result i32) (local i32) " +
               times(n, "block ") + "local.get 0 br_table " + labels(n) +
               times(n, "end local.get 1 i32.const 1 i32.add local.set 1 ") + "local.get 1))",
           values);
    // Each label lies lower than the values: each has a stub.
    std::string nest = times(n, "i32.const 9 block (type $w) ");
    expect(
        "values " + std::to_string(n),
        "(module (type $w (func (result i64 v128 i32))) (func (export \"f\") (param i32) (result "
        "i32) "
        "(local i32 i64 v128 i32) " +
            nest + "i64.const 1 (i64x2.splat (i64.const 2)) i32.const 3 local.get 0 br_table " +
            labels(n) +
            times(n,
                  "end local.set 4 local.set 3 local.set 2 drop local.get 1 i32.const 1 i32.add "
                  "local.set 1 "
                  "local.get 2 local.get 3 local.get 4 ") +
            "local.set 4 i64x2.extract_lane 0 i64.sub i32.wrap_i64 local.get 4 i32.add local.get 1 "
            "i32.add))",
        {{0, n + 2}, {n / 2, n - n / 2 + 2}, {n - 1, 3}, {n, 3}, {-1, 3}});
  }
}

TEST(Shapes, ATableThatRepeatsALabelOfManyValues) {
  for (const char* type : {"i32", "v128"}) {
    const bool vector = std::string_view(type) == "v128";
    const std::string one = vector ? "(i32x4.splat (local.get 0)) " : "(local.get 0) ";
    const std::string wat =
        "(module (type $r (func (result " + times(1000, std::string(type) + " ") +
        "))) (func (export \"f\") (param i32) (result i32) (block $out (type $r) "
        "(i32.const 0) " +
        times(1000, one) + "(local.get 0) (br_table " + times(100'000, "$out ") + "))" +
        times(999, vector ? "i32x4.add " : "i32.add ") + (vector ? "i32x4.extract_lane 2" : "") +
        "))";
    expect(type, wat, {{0, 0}, {99'999, 99'999'000}, {-1, -1000}});
    Engine engine;
    const auto module = compile(engine, wat);
    const auto code = interp::translate(*module, 0);
    EXPECT_LE(code->insns.size(), 100'000U + 3000U);
  }
}

// ---- Every operator, with its operands at the edge of what 16 bits reach and beyond ----

constexpr std::string_view around = R"(
  (type $s (struct (field (mut i32)) (field (mut i8)) (field (mut v128)) (field (mut anyref))))
  (type $a (array (mut i32))) (type $b (array (mut i8))) (type $refs (array (mut anyref)))
  (type $vs (array (mut v128))) (type $three (func (param i32 i64 v128) (result v128 i32 i64)))
  (type $one (func (param i32) (result i32)))
  (memory $m 1 4) (memory $n 1 4) (data $d "\01\02\03\04\05\06\07\08")
  (table $t 4 8 anyref) (table $u 4 8 anyref) (table $f funcref (elem $turn $next))
  (elem $e anyref (ref.i31 (i32.const 5)) (ref.i31 (i32.const 6)) (ref.i31 (i32.const 7)))
  (tag $x (param i32 v128))
  (global $gi (mut i32) (i32.const 1)) (global $gl (mut i64) (i64.const 2))
  (global $gf (mut f32) (f32.const 3)) (global $gd (mut f64) (f64.const 4))
  (global $gv (mut v128) (v128.const i32x4 5 6 7 8)) (global $gr (mut anyref) (ref.null any))
  (func $turn (type $three) (local.get 2) (local.get 0) (local.get 1))
  (func $next (type $one) (i32.add (local.get 0) (i32.const 1)))
  (func $sum (param i32 i32 i32) (result i32)
    (i32.sub (local.get 0) (i32.mul (local.get 1) (local.get 2))))
  (func $throw (param i32) (throw $x (local.get 0) (i32x4.splat (i32.const 4)))))";

/// Each leaves an i32. Locals: 0 the parameter, then i32, i64, f32, f64, v128, anyref, exnref.
constexpr std::string_view snippets[] = {
    "(i32.add (local.get 0) (i32.const 37))",
    "(i32.sub (i32.const 100) (i32.mul (local.get 0) (local.get 0)))",
    "(i32.eqz (i32.eqz (local.get 0)))",
    "(i32.wrap_i64 (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0x100000003)))",
    "(i32.trunc_f64_s (f64.add (f64.convert_i32_s (local.get 0)) (f64.const 3.25)))",
    "(i32.reinterpret_f32 (f32.mul (f32.convert_i32_s (local.get 0)) (f32.const 1.5)))",
    "(i32.add (i32.shl (local.get 0) (i32.const 2)) (i32.add (local.get 0) (i32.const -3)))",
    "(local.set 1 (i32.const 8)) (i32.add (local.tee 1 (i32.add (local.get 1) (i32.const 1))) "
    "(local.get 1))",
    "(local.set 2 (i64.const 0x123456789AB)) (i32.wrap_i64 (i64.shr_u (local.get 2) (i64.const "
    "4)))",
    "(local.set 5 (v128.const i32x4 1 2 3 4)) (i32x4.extract_lane 2 (i32x4.add (local.get 5) "
    "(local.get 5)))",
    "(select (local.get 0) (i32.const 3) (i32.gt_s (local.get 0) (i32.const 2)))",
    "(i32x4.extract_lane 1 (select (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8) "
    "(local.get 0)))",
    "(i32.store (i32.const 16) (local.get 0)) (i32.load offset=8 (i32.const 8))",
    "(i32.store8 offset=3 (local.get 0) (i32.const 200)) (i32.load8_s offset=3 (local.get 0))",
    "(i64.store offset=8 (i32.add (local.get 0) (i32.const 8)) (i64.const -2)) (i32.load offset=16 "
    "(local.get 0))",
    "(f64.store (i32.const 32) (f64.const 2.5)) (i32.trunc_f64_s (f64.load (i32.const 32)))",
    "(i32.store $n offset=4 (local.get 0) (i32.const 77)) (i32.load $n offset=4 (local.get 0))",
    "(i32.add (i32.load (i32.const 0)) (i32.mul (i32.load offset=4 (local.get 0)) (i32.const 3)))",
    "(i8x16.extract_lane_s 0 (i8x16.shuffle 17 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 "
    "(v128.const i32x4 1 2 3 4) (i8x16.splat (local.get 0))))",
    "(i32x4.extract_lane 0 (v128.bitselect (v128.const i32x4 255 0 0 0) (i32x4.splat (local.get "
    "0)) "
    "(v128.const i32x4 240 0 0 0)))",
    "(v128.store (i32.const 64) (i32x4.splat (local.get 0))) "
    "(i32x4.extract_lane 3 (v128.load32_lane 3 (i32.const 64) (v128.const i32x4 0 0 0 0)))",
    "(v128.store16_lane 2 (i32.const 80) (i16x8.splat (local.get 0))) (i32.load16_u (i32.const "
    "80))",
    "(i32x4.extract_lane 0 (i32x4.replace_lane 0 (v128.const i32x4 1 2 3 4) (local.get 0)))",
    "(call $sum (local.get 0) (i32.const 7) (i32.const 3))",
    "(call $sum (call $next (local.get 0)) (call $next (i32.const 1)) (call $next (i32.const 2)))",
    "(call $turn (local.get 0) (i64.const 9) (v128.const i32x4 1 2 3 4)) i32.wrap_i64 i32.sub "
    "(local.set 1) (i32x4.extract_lane 1) (i32.add (local.get 1))",
    "(call_indirect $f (type $three) (local.get 0) (i64.const 9) (v128.const i32x4 1 2 3 4) "
    "(i32.const 0)) "
    "i32.wrap_i64 i32.sub (local.set 1) (i32x4.extract_lane 1) (i32.add (local.get 1))",
    "(call_indirect $f (type $one) (local.get 0) (i32.const 1))",
    "(call_ref $one (local.get 0) (ref.func $next))",
    "(i32.const 5) (i32.const 6) (block (param i32 i32) (result i32) (i32.sub) (local.get 0) "
    "(i32.add))",
    "(i32.const 5) (if (param i32) (result i32) (local.get 0) (then (i32.const 1) (i32.add)) "
    "(else (i32.const 2) (i32.sub)))",
    "(if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.const 2)))",
    "(local.set 1 (local.get 0)) (i32.const 0) (loop (param i32) (result i32) (local.get 1) "
    "(i32.add) "
    "(local.set 1 (i32.sub (local.get 1) (i32.const 1))) (br_if 0 (i32.gt_s (local.get 1) "
    "(i32.const 0))))",
    "(local.set 1 (i32.const 0)) (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) "
    "(br_if 0 (i32.lt_s (local.get 1) (i32.const 9)))) (local.get 1)",
    "(block $o (result i32 i64 v128) (i32.const 1) (i32.const 2) (local.get 0) (i64.const 6) "
    "(v128.const i32x4 1 2 3 4) (br $o)) (i32x4.extract_lane 3) (local.set 1) i32.wrap_i64 i32.sub "
    "(i32.add (local.get 1))",
    "(block $o (result i32 i64) (i32.const 1) (local.get 0) (i64.const 6) (br_if $o (local.get 0)) "
    "drop drop "
    "drop (i32.const 0) (i64.const 0)) i32.wrap_i64 i32.sub",
    "(block $o (result i32) (i32.const 8) (block $p (result i32) (i32.const 1) (local.get 0) "
    "(i32.and (local.get 0) (i32.const 1)) (br_table $p $o)) (i32.add))",
    "(memory.grow (i32.const 0)) (i32.add (memory.size $n))",
    "(memory.fill (i32.const 100) (local.get 0) (i32.const 8)) (memory.copy (i32.const 200) "
    "(i32.const 102) "
    "(i32.const 4)) (memory.init $d (i32.const 204) (i32.const 2) (i32.const 3)) "
    "(i32.add (i32.load (i32.const 200)) (i32.load (i32.const 204)))",
    "(table.set $t (i32.const 1) (ref.i31 (local.get 0))) "
    "(i31.get_s (ref.cast (ref i31) (table.get $t (i32.const 1))))",
    "(drop (table.grow $t (ref.i31 (i32.const 3)) (i32.const 0))) (table.fill $t (i32.const 0) "
    "(ref.i31 (local.get 0)) (i32.const 4)) (table.copy $u $t (i32.const 1) (i32.const 0) "
    "(i32.const 3)) "
    "(table.init $u $e (i32.const 2) (i32.const 1) (i32.const 1)) (i32.add (table.size $t) "
    "(i32.mul "
    "(i31.get_u (ref.cast (ref i31) (table.get $u (i32.const 2)))) "
    "(i31.get_u (ref.cast (ref i31) (table.get $u (i32.const 3))))))",
    "(struct.get $s 0 (struct.new $s (local.get 0) (i32.const 3) (v128.const i64x2 1 2) (ref.null "
    "any)))",
    "(local.set 6 (struct.new_default $s)) (struct.set $s 1 (ref.cast (ref $s) (local.get 6)) "
    "(i32.const 200)) "
    "(struct.get_s $s 1 (ref.cast (ref $s) (local.get 6)))",
    "(struct.new $s (i32.const 40) (i32.const 3) (v128.const i64x2 1 2) (ref.i31 (local.get 0))) "
    "(local.set 6 (struct.new_default $s)) (local.set 6 (array.new $vs (v128.const i64x2 3 4) "
    "(i32.const 5))) "
    "(local.set 6) (i32.add (struct.get $s 0 (ref.cast (ref $s) (local.get 6))) "
    "(i31.get_u (ref.cast (ref i31) (struct.get $s 3 (ref.cast (ref $s) (local.get 6))))))",
    "(array.get $a (array.new $a (local.get 0) (i32.const 3)) (i32.const 2))",
    "(array.len (array.new_default $b (i32.const 11)))",
    "(array.get_u $b (array.new_data $b $d (i32.const 2) (i32.const 4)) (i32.const 1))",
    "(i31.get_s (ref.cast (ref i31) (array.get $refs (array.new_elem $refs $e (i32.const 1) "
    "(i32.const 2)) "
    "(i32.const 1))))",
    "(array.get $a (array.new_fixed $a 3 (i32.const 1) (local.get 0) (i32.const 3)) (i32.const 1))",
    "(i32x4.extract_lane 1 (array.get $vs (array.new_fixed $vs 2 (v128.const i32x4 1 2 3 4) "
    "(v128.const i32x4 5 6 7 8)) (i32.const 1)))",
    "(local.set 6 (array.new_default $a (i32.const 8))) (array.fill $a (ref.cast (ref $a) "
    "(local.get 6)) "
    "(i32.const 2) (local.get 0) (i32.const 3)) (array.copy $a $a (ref.cast (ref $a) (local.get "
    "6)) (i32.const 5) "
    "(ref.cast (ref $a) (local.get 6)) (i32.const 3) (i32.const 2)) (array.set $a (ref.cast (ref "
    "$a) "
    "(local.get 6)) (i32.const 0) (i32.const 9)) (i32.add (array.get $a (ref.cast (ref $a) "
    "(local.get 6)) "
    "(i32.const 6)) (array.get $a (ref.cast (ref $a) (local.get 6)) (i32.const 0)))",
    "(local.set 6 (array.new_default $b (i32.const 8))) (array.init_data $b $d (ref.cast (ref $b) "
    "(local.get 6)) "
    "(i32.const 1) (i32.const 2) (i32.const 3)) (array.get_u $b (ref.cast (ref $b) (local.get 6)) "
    "(i32.const 3))",
    "(local.set 6 (array.new_default $refs (i32.const 8))) (array.init_elem $refs $e (ref.cast "
    "(ref $refs) "
    "(local.get 6)) (i32.const 1) (i32.const 0) (i32.const 2)) (ref.test (ref i31) (array.get "
    "$refs "
    "(ref.cast (ref $refs) (local.get 6)) (i32.const 2)))",
    "(block $o (result i32) (block $p (result anyref) (br_on_cast $p anyref (ref i31) (ref.i31 "
    "(local.get 0))) "
    "drop (br $o (i32.const 1))) (i31.get_u (ref.cast (ref i31))))",
    "(block $o (result i32) (block $p (result anyref) (br_on_cast_fail $p anyref (ref $s) (ref.i31 "
    "(local.get 0))) "
    "drop (br $o (i32.const 1))) (i31.get_u (ref.cast (ref i31))))",
    "(block $o (result i32) (block $p (drop (br_on_null $p (local.get 6))) (br $o (i32.const 1))) "
    "(i32.const 2))",
    "(block $o (result i32) (block $p (result (ref any)) (br_on_non_null $p (ref.i31 (local.get "
    "0))) "
    "(br $o (i32.const 1))) (i31.get_s (ref.cast (ref i31))))",
    "(ref.is_null (local.get 6)) (i32.add (ref.eq (ref.i31 (local.get 0)) (ref.i31 (local.get "
    "0))))",
    "(i31.get_s (ref.cast (ref i31) (ref.as_non_null (ref.i31 (local.get 0)))))",
    "(block $h (result i32 v128) (try_table (catch $x $h) (call $throw (local.get 0))) "
    "unreachable) "
    "(i32x4.extract_lane 2) (i32.add)",
    "(i32.const 30) (block $h (result i32 v128) (i32.const 1) (try_table (catch $x $h) (throw $x "
    "(local.get 0) "
    "(v128.const i32x4 1 2 3 4))) unreachable) (i32x4.extract_lane 2) (i32.add) (i32.add)",
    "(block $h (result exnref) (try_table (catch_all_ref $h) (call $throw (i32.const 7))) "
    "unreachable) "
    "(local.set 7) (block $h (result i32 v128) (try_table (catch $x $h) (throw_ref (local.get 7))) "
    "unreachable) "
    "(drop)",
    "(global.set $gi (i32.add (local.get 0) (i32.const 1))) (global.get $gi)",
    "(global.set $gv (i32x4.splat (local.get 0))) (i32x4.extract_lane 1 (global.get $gv))",
    "(global.set $gd (f64.const 8)) (i32.trunc_f64_s (f64.add (global.get $gd) (f64.const 1)))",
    "(global.set $gr (ref.i31 (local.get 0))) (i31.get_u (ref.cast (ref i31) (global.get $gr)))",
    "(i64.add128 (i64.const -1) (i64.const 4) (i64.const 1) (i64.const 5)) (i32.wrap_i64) "
    "(local.set 1) "
    "(i32.wrap_i64) (i32.add (local.get 1))",
    "(i64.mul_wide_u (i64.const -1) (i64.const 16)) (i32.wrap_i64) (local.set 1) (i32.wrap_i64) "
    "(i32.add (local.get 1))",
    "(i32.atomic.store (i32.const 300) (local.get 0)) (drop (i32.atomic.rmw.add (i32.const 300) "
    "(i32.const 4))) "
    "(drop (i32.atomic.rmw.cmpxchg (i32.const 300) (i32.const 9) (i32.const 10))) (i32.atomic.load "
    "(i32.const 300))",
};

/// Functions with so many slots of operands below each snippet; and with each of the ways to leave.
std::string at_height(int slots) {
  std::string wat = "(module " + std::string(around);
  const std::string results = times(1000, "v128 ");
  wat += "(func $push2000 (result " + results + ") " + times(1000, "(v128.const i64x2 1 2) ") + ")";
  for (const int n : {100, 10, 1}) {
    wat += "(func $push" + std::to_string(n) + " (result " + times(n, "i32 ") + ") " +
           times(n, "(i32.const 9) ") + ")";
  }
  std::string push;
  for (const int n : {2000, 100, 10, 1}) {
    for (; slots >= n; slots -= n) push += "call $push" + std::to_string(n) + " ";
  }
  int number = 0;
  const auto add = [&](std::string_view results_of, std::string_view body) {
    wat += "(func $g" + std::to_string(number) + " (export \"f" + std::to_string(number) +
           "\") (param i32) (result " + std::string(results_of) +
           ") (local i32 i64 f32 f64 v128 anyref exnref) " + push + std::string(body) + " return)";
    ++number;
  };
  for (const std::string_view snippet : snippets) add("i32", snippet);
  add("i32", "(return_call $sum (local.get 0) (i32.const 7) (local.get 0))");
  add("i32", "(return_call_indirect $f (type $one) (local.get 0) (i32.const 1))");
  add("i32",
      "(local.set 1 (i32.const 1)) (return_call_indirect $f (type $one) (local.get 0) (local.get "
      "1))");
  add("i32", "(return_call_ref $one (local.get 0) (ref.func $next))");
  add("i32",
      "(block $h (result i32 v128) (try_table (catch $x $h) (call $throw (local.get 0))) "
      "unreachable) drop");
  const std::string several = std::to_string(number);
  wat += "(func $g" + several + " (param i32) (result i32 v128 i64) (local i32) " + push +
         "(br_if 0 (local.get 0) (v128.const i32x4 1 2 3 4) (i64.const 6) (local.get 0)) drop drop "
         "drop "
         "(i32.const 1) (v128.const i32x4 1 2 3 4) (i64.const 7) return)";
  wat += "(func (export \"f" + several + "\") (param i32) (result i32) (local i32) (call $g" +
         several +
         " (local.get 0)) i32.wrap_i64 (local.set 1) (i32x4.extract_lane 3) (i32.add) (i32.add "
         "(local.get 1))))";
  return wat;
}

std::vector<int> values_at(int slots, const Config& config) {
  Engine engine(config);
  Store store(engine);
  Instance& i = make(store, at_height(slots));
  std::vector<int> out;
  for (std::size_t k = 0; i.func("f" + std::to_string(k)); ++k) {
    const auto done = get<int(int)>(i, "f" + std::to_string(k))(5);
    EXPECT_TRUE(done) << k << " above " << slots << ": " << done.error().text();
    out.push_back(done ? *done : 0);
  }
  return out;
}

TEST(Shapes, EveryOperatorAtTheEdgeOfTheNearSlotsAndBeyond) {
  const std::vector<int> plain = values_at(0, {});
  ASSERT_EQ(plain.size(), std::size(snippets) + 6);
  for (const Config& config : configs()) EXPECT_EQ(values_at(0, config), plain);
  EXPECT_EQ(values_at(70'000, {}), plain);
  // Frames begin with a parameter, the header, scratch slots and locals: about thirty slots.
  for (int slots = 65'280 - 40; slots < 65'280; ++slots)
    EXPECT_EQ(values_at(slots, {}), plain) << slots;
}

TEST(Shapes, ATrapAboveManyOperandsShowsEveryFrame) {
  for (const Config& config : configs()) {
    Engine engine(config);
    Store store(engine);
    Instance& i = make(store,
                       "(module (func $trap (param i32) (result i32) unreachable)"
                       "(func $mid (param i32) (result i32) " +
                           times(66'000, "local.get 0 ") +
                           "call $trap return)"
                           "(func (export \"f\") (param i32) (result i32) " +
                           times(300, "local.get 0 ") + "call $mid return))");
    const auto done = get<int(int)>(i, "f")(1);
    ASSERT_FALSE(done);
    ASSERT_EQ(done.error().backtrace().size(), 3U);
    for (std::uint32_t k = 0; k < 3; ++k) EXPECT_EQ(done.error().backtrace()[k].func_index, k);
  }
}

TEST(Shapes, OperandsThatPassEveryValueStackAreTheTrapOfRecursion) {
  Engine engine;
  Store store(engine);
  Instance& i = make(store, "(module (func (export \"f\") (param i32) (result i32) " +
                                times(300'000, "local.get 0 ") + "return))");
  const auto done = get<int(int)>(i, "f")(1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), TrapCode::stack_overflow);
}

}  // namespace
}  // namespace tenon::engine

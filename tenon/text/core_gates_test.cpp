// SPDX-License-Identifier: Apache-2.0
// Every construct behind a gate: a module in text, the gate that is closed, and what is said, which
// names the type or operator that was found.
#include <gtest/gtest.h>

#include "tenon/core/rules.h"
#include "tenon/core/validate.h"
#include "tenon/text/parse_module.h"

namespace tenon::text {
namespace {

struct Row {
  std::string_view text;
  std::string_view gate;
  std::string_view detail;
};

constexpr Row closed_gates[] = {
    // Types of values, wherever one is.
    {"(type (func (param anyref)))", "gc", "`anyref` needs `gc`"},
    {"(func (param i31ref))", "gc", "`i31ref` needs `gc`"},
    {"(func (local anyref))", "gc", "local of type `anyref` needs `gc`"},
    {"(func (local (ref null eq)))", "gc", "local of type `eqref` needs `gc`"},
    {"(func (local externref))", "reference-types",
     "local of type `externref` needs `reference-types`"},
    {"(func (local v128))", "simd", "local of type `v128` needs `simd`"},
    {"(func (local f32))", "floats", "local of type `f32` needs `floats`"},
    {"(func (local exnref))", "exceptions", "local of type `exnref` needs `exceptions`"},
    {"(type $f (func)) (func (local (ref null $f)))", "function-references",
     "local of type `(ref null 0)` needs `function-references`"},
    {"(type $f (func)) (func (param (ref $f)))", "function-references",
     "`(ref 0)` needs `function-references`"},
    {"(func (param (ref func)))", "function-references",
     "`(ref func)` needs `function-references`"},
    {"(func (param (ref extern)))", "function-references",
     "`(ref extern)` needs `function-references`"},
    {"(import \"\" \"\" (global externref))", "reference-types",
     "`externref` needs `reference-types`"},
    {"(global anyref (ref.null any))", "gc", "`anyref` needs `gc`"},
    {"(table 1 externref)", "reference-types", "`externref` needs `reference-types`"},
    {"(table 1 anyref)", "gc", "`anyref` needs `gc`"},
    {"(import \"\" \"\" (table 1 structref))", "gc", "`structref` needs `gc`"},
    {"(elem externref)", "reference-types", "`externref` needs `reference-types`"},
    {"(elem arrayref)", "gc", "`arrayref` needs `gc`"},
    // Heap types and types in immediates.
    {"(func (drop (ref.null any)))", "gc", "`ref.null`: `anyref` needs `gc`"},
    {"(func (drop (ref.null none)))", "gc", "`ref.null`: `nullref` needs `gc`"},
    {"(func (drop (ref.null exn)))", "exceptions", "`ref.null`: `exnref` needs `exceptions`"},
    {"(type $f (func)) (func (drop (ref.null $f)))", "function-references",
     "`ref.null`: `(ref null 0)` needs `function-references`"},
    {"(func (drop (ref.null extern)))", "reference-types", "`ref.null`: needs `reference-types`"},
    {"(func (drop (ref.null extern)))", "gc-types", "`ref.null`: `externref` needs `gc-types`"},
    {"(func (drop (ref.test (ref i31) (unreachable))))", "gc", "`ref.test`: needs `gc`"},
    {"(type $f (func)) (func (drop (ref.test (ref $f) (unreachable))))", "function-references",
     "`ref.test`: `(ref null 0)` needs `function-references`"},
    {"(func (result anyref) (br_on_cast 0 anyref (ref i31) (unreachable)))", "gc-types",
     "`anyref` needs `gc-types`"},
    {"(func (drop (select (result anyref) (unreachable))))", "gc", "`select`: `anyref` needs `gc`"},
    {"(func (drop (select (result v128) (unreachable))))", "simd", "`select`: `v128` needs `simd`"},
    {"(func (drop (select (result i32) (unreachable))))", "reference-types",
     "`select`: needs `reference-types`"},
    {"(table 1 funcref) (type $f (func (param anyref)))"
     " (func (call_indirect (type $f) (unreachable)))",
     "gc", "`anyref` needs `gc`"},
    // Blocks.
    {"(func (block (result anyref) unreachable) drop)", "gc", "`block`: `anyref` needs `gc`"},
    {"(func (loop (result externref) unreachable) drop)", "reference-types",
     "`loop`: `externref` needs `reference-types`"},
    {"(func (block (result f64) unreachable) drop)", "floats", "`block`: `f64` needs `floats`"},
    {"(func (block (param i32) drop))", "multi-value",
     "`block`: type 1 as block type needs `multi-value`"},
    {"(type $t (func (result i32))) (func (block (type $t) unreachable) drop)", "multi-value",
     "`block`: type 0 as block type needs `multi-value`"},
    {"(func (result i32 i32) unreachable)", "multi-value",
     "more than one result needs `multi-value`"},
    // Forms of types.
    {"(rec)", "gc", "recursion group needs `gc`"},
    {"(rec (type (func)))", "gc", "recursion group needs `gc`"},
    {"(type (sub (func)))", "gc", "subtype needs `gc`"},
    {"(type $a (sub (func))) (type (sub final $a (func)))", "gc", "subtype needs `gc`"},
    {"(type (struct))", "gc", "structure type needs `gc`"},
    {"(type (array i8))", "gc", "array type needs `gc`"},
    {"(type (struct))", "gc-types", "structure type needs `gc-types`"},
    {"(type (array i8))", "gc-types", "array type needs `gc-types`"},
    // Tags and exceptions.
    {"(tag)", "exceptions", "tag needs `exceptions`"},
    {"(import \"\" \"\" (tag))", "exceptions", "tag needs `exceptions`"},
    {"(func (throw_ref (unreachable)))", "exceptions", "`throw_ref`: needs `exceptions`"},
    {"(func (try_table))", "exceptions", "`try_table`: needs `exceptions`"},
    // Operators.
    {"(func $f (return_call $f))", "tail-call", "`return_call`: needs `tail-call`"},
    {"(type $f (func)) (func (call_ref $f (unreachable)))", "function-references",
     "`call_ref`: needs `function-references`"},
    {"(memory 1) (func (memory.fill (unreachable)))", "bulk-memory",
     "`memory.fill`: needs `bulk-memory`"},
    {"(memory 1) (func (memory.copy (unreachable)))", "bulk-memory",
     "`memory.copy`: needs `bulk-memory`"},
    {"(memory 1) (data \"\") (func (data.drop 0))", "bulk-memory",
     "data count section needs `bulk-memory`"},
    {"(func (drop (i32.extend8_s (unreachable))))", "sign-extension",
     "`i32.extend8_s`: needs `sign-extension`"},
    {"(func (drop (i32.trunc_sat_f32_s (unreachable))))", "saturating-float-to-int",
     "`i32.trunc_sat_f32_s`: needs `saturating-float-to-int`"},
    {"(func (drop (i8x16.relaxed_swizzle (unreachable))))", "relaxed-simd",
     "`i8x16.relaxed_swizzle`: needs `relaxed-simd`"},
    {"(memory 1 1 shared) (func (drop (i32.atomic.load (unreachable))))", "threads",
     "shared memory needs `threads`"},
    {"(func (drop (i64.mul_wide_u (unreachable))))", "wide-arithmetic",
     "`i64.mul_wide_u`: needs `wide-arithmetic`"},
    {"(global i32 (i32.add (i32.const 1) (i32.const 1)))", "extended-const",
     "`i32.add`: needs `extended-const`"},
    // Tables, memories, globals, segments, imports.
    {"(table 1 funcref) (table 1 funcref)", "reference-types",
     "more than one table needs `reference-types`"},
    {"(table 1 funcref (ref.null func))", "function-references",
     "table initialiser needs `function-references`"},
    {"(table i64 1 funcref)", "memory64", "64-bit table needs `memory64`"},
    {"(memory i64 1)", "memory64", "64-bit memory needs `memory64`"},
    {"(memory 1) (memory 1)", "multi-memory", "more than one memory needs `multi-memory`"},
    {"(memory 1 (pagesize 1))", "custom-page-sizes", "page size needs `custom-page-sizes`"},
    {"(elem func)", "bulk-memory", "passive element segment needs `bulk-memory`"},
    {"(elem declare func)", "bulk-memory", "passive element segment needs `bulk-memory`"},
    {"(data \"\")", "bulk-memory", "passive data segment needs `bulk-memory`"},
    {"(import \"\" \"\" (global (mut i32)))", "mutable-global",
     "import of a mutable global needs `mutable-global`"},
    {"(global (export \"g\") (mut i32) (i32.const 0))", "mutable-global",
     "export of a mutable global needs `mutable-global`"},
    {"(global (shared i32) (i32.const 0))", "shared-everything-threads",
     "shared global needs `shared-everything-threads`"},
    {"(import \"\" \"\" (global (shared mut i64)))", "shared-everything-threads",
     "shared global needs `shared-everything-threads`"},
    {"(table shared 1 funcref)", "shared-everything-threads",
     "shared table needs `shared-everything-threads`"},
    {"(import \"m\" (item \"a\" (func)) (item \"b\" (func)))", "compact-imports",
     "group of imports needs `compact-imports`"},
};

TEST(CoreGates, AClosedGateNamesWhatWasFound) {
  for (const Row& row : closed_gates) {
    auto module = parse_module(row.text);
    ASSERT_TRUE(module) << row.text << "\n" << module.error().text();
    const auto features = core::Features::parse("all,-" + std::string(row.gate));
    ASSERT_TRUE(features) << row.gate;
    const auto closed = core::validate(std::move(*module), *features);
    ASSERT_FALSE(closed) << row.text << " without " << row.gate;
    EXPECT_TRUE(closed.error().detail().ends_with(row.detail))
        << row.text << " without " << row.gate << ": " << closed.error().text();
  }
}

// What wasm-tools says of these without the gate of groups: a type sees those before it.
TEST(CoreGates, WithoutGcATypeSeesThoseBeforeIt) {
  const auto features = core::Features::parse("wasm1,reference-types,function-references");
  auto self = parse_module("(type $t (func (param (ref null $t))))");
  const auto refused = core::validate(std::move(*self), *features);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule(), core::rules::unknown_type);
  auto earlier = parse_module("(type $t (func)) (type (func (param (ref null $t))))");
  EXPECT_TRUE(core::validate(std::move(*earlier), *features));
  auto group = parse_module("(type $t (func (param (ref null $t))))");
  EXPECT_TRUE(core::validate(std::move(*group), core::Features::wasm3()));
}

// Names may be mentioned before and within their own definition.
TEST(CoreGates, SetsOfOldTakeWhatTheyHad) {
  for (const auto& features : {core::Features::mvp(), core::Features::wasm1()}) {
    auto module = parse_module(
        "(table $t 2 2 funcref) (func $f) (elem (i32.const 0) $f) (import \"\" \"\" (func))");
    EXPECT_FALSE(module);
    module = parse_module(
        "(import \"\" \"t\" (table 1 funcref)) (func $f (call_indirect (i32.const 0)))"
        " (elem (i32.const 0) $f $f) (memory 1) (data (i32.const 0) \"a\")");
    ASSERT_TRUE(module) << module.error().text();
    const auto valid = core::validate(std::move(*module), features);
    EXPECT_TRUE(valid) << valid.error().text();
  }
}

}  // namespace
}  // namespace tenon::text

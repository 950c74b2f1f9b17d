// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/print_module.h"

#include <gtest/gtest.h>

#include <utility>

#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"

namespace tenon::text {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes encoded(std::string_view text) {
  const auto module = parse_module(text);
  EXPECT_TRUE(module) << text << ": " << (module ? "" : module.error().text());
  return module ? core::encode(*module) : Bytes{};
}
std::string printed(const Bytes& bytes, const PrintOptions& options = {}) {
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  EXPECT_TRUE(module) << (module ? "" : module.error().text());
  if (!module) return {};
  auto text = print_module(*module, options);
  EXPECT_TRUE(text) << (text ? "" : text.error().text());
  return text ? *text : std::string();
}
void expect_round(std::string_view text) {
  const Bytes bytes = encoded(text);
  EXPECT_EQ(encoded(printed(bytes)), bytes) << printed(bytes);
  EXPECT_EQ(encoded(printed(bytes, {.fold = true, .skeleton = false})), bytes);
}

TEST(PrintModule, FloatsKeepTheirBits) {
  expect_round(
      "(func f32.const nan f32.const -nan:0x1 f32.const 0x1p-149 f32.const -0 f64.const 1e300 "
      "f64.const inf "
      "f64.const nan:0xfffffffffffff f64.const 0.1 drop drop drop drop drop drop drop drop)");
}

TEST(PrintModule, NamesThatAreDoubleEmptyOrOddComeBack) {
  expect_round(
      "(module $m (func $a (@name \"same\")) (func $b (@name \"same\")) (func $c (@name \"\")) "
      "(func $\"a b\\u{202e}\" (param $x (@name \"p\") i32) (param $y (@name \"p\") i32) (local $l "
      "f64)))");
}

TEST(PrintModule, LabelsThatShadowAreWrittenAsNumbers) {
  const Bytes bytes = encoded("(func block $l block $l br 1 br $l end end)");
  expect_round("(func block $l block $l br 1 br $l end end)");
  EXPECT_NE(printed(bytes).find("br 1"), std::string::npos) << printed(bytes);
}

TEST(PrintModule, CustomSectionsKeepTheirPlaces) {
  expect_round(
      "(module (@custom \"first\" (before first) \"1\") (@custom \"mid\" (before code) \"2\\00\") "
      "(@custom \"data\" (after data) \"3\") (@custom \"end\" \"4\") (func $f) (memory 1) (data "
      "(i32.const 0) \"x\"))");
}

TEST(PrintModule, BranchHintsAreAnnotations) {
  const std::string_view text =
      "(func (param i32) local.get 0 (@metadata.code.branch_hint \"\\01\") if end block local.get "
      "0 "
      "(@metadata.code.branch_hint \"\\00\") br_if 0 end)";
  expect_round(text);
  EXPECT_NE(printed(encoded(text)).find("(@metadata.code.branch_hint \"\\01\")"),
            std::string::npos);
}

// All eight forms of element segments and all three of data segments, with table 0 and memory 0
// written out or not.
TEST(PrintModule, SegmentsKeepTheirForm) {
  const std::pair<std::string_view, int> elems[] = {
      {"(elem (i32.const 0) func $f)", 0},
      {"(elem func $f)", 1},
      {"(elem (table 0) (i32.const 0) func $f)", 2},
      {"(elem declare func $f)", 3},
      {"(elem (i32.const 0) funcref (ref.func $f))", 4},
      {"(elem funcref (ref.func $f))", 5},
      {"(elem (table 0) (i32.const 0) funcref (ref.func $f))", 6},
      {"(elem declare funcref (ref.func $f))", 7},
      {"(elem (table $u) (i32.const 0) externref)", 6},
      {"(elem (table $u) (i32.const 0) func)", 2},
      {"(elem 0 (i32.const 0) $f)", 2},
  };
  for (const auto& [elem, flags] : elems) {
    const std::string text =
        "(module (func $f) (table 1 funcref) (table $u 1 externref) " + std::string(elem) + ")";
    expect_round(text);
    const auto module = parse_module(text);
    ASSERT_TRUE(module);
    EXPECT_EQ(module->elems[0].flags, flags) << elem;
    const Bytes bytes = core::encode(*module);
    EXPECT_EQ(core::decode(Blob::borrow(bytes))->elems[0].flags, flags) << elem;
  }
  const std::pair<std::string_view, int> datas[] = {{"(data (i32.const 0) \"a\")", 0},
                                                    {"(data \"a\")", 1},
                                                    {"(data (memory 0) (i32.const 0) \"a\")", 2},
                                                    {"(data (memory 1) (i32.const 0) \"a\")", 2}};
  for (const auto& [data, flags] : datas) {
    const std::string text = "(module (memory 1) (memory 1) " + std::string(data) + ")";
    expect_round(text);
    EXPECT_EQ(parse_module(text)->datas[0].flags, flags) << data;
  }
}

TEST(PrintModule, GroupsOfImportsKeepTheirForm) {
  constexpr std::string_view text =
      "(module (import \"m\" \"alone\" (func $x (param i32)))"
      " (import \"m\" (item \"a\" (func $a (param $p i32))) (item \"b\" (global $b i32)))"
      " (import \"m\" (item \"c\") (item \"d\") (func (param i64)))"
      " (import \"n\") (import \"o\" (memory 1)) (import \"m\" \"last\" (global $l i64))"
      " (func (call $a (i32.const 1)) (drop (global.get $b)) (drop (global.get $l))"
      " (call 3 (i64.const 1))))";
  expect_round(text);
  const auto module = parse_module(text);
  ASSERT_TRUE(module);
  ASSERT_EQ(module->import_groups.size(), 4U);
  EXPECT_EQ(module->imports.size(), 6U);
  EXPECT_EQ(module->imports[4].name, "d");
  EXPECT_EQ(module->func_types.size(), 5U);
  const std::string out = printed(core::encode(*module));
  EXPECT_NE(out.find("(item \"a\" (func $a"), std::string::npos) << out;
}

// An import that shares its type has no identifier in text; its name is an annotation then.
TEST(PrintModule, NamesOfImportsThatShareATypeComeBack) {
  constexpr std::string_view text =
      "(module (import \"m\" (item \"c\" (@name \"cee\")) (item \"d\") (func (param i64)))"
      " (func $f (call 0 (i64.const 1)) (call $f)))";
  expect_round(text);
  EXPECT_NE(printed(encoded(text)).find("(item \"c\" (@name \"cee\"))"), std::string::npos);
}

TEST(PrintModule, SharedTablesAndGlobalsComeBack) {
  expect_round("(table shared i64 1 2 funcref) (global (shared i32) (i32.const 0))");
  expect_round("(import \"\" \"\" (global (shared mut i64))) (table shared 1 funcref)");
}

// Hints elsewhere than at `br_if` and `if` are no annotations: the section is kept as it is.
TEST(PrintModule, HintsAtOtherOperatorsStayASection) {
  expect_round(
      "(module (func nop) (@custom \"metadata.code.branch_hint\" (before code) "
      "\"\\01\\00\\01\\01\\01\\00\"))");
}

TEST(PrintModule, AMillionNestedBlocksPrintInLinearSpace) {
  constexpr std::size_t n = 100'000;
  std::string text = "(func ";
  for (std::size_t i = 0; i < n; ++i) text += "block ";
  for (std::size_t i = 0; i < n; ++i) text += "end ";
  text += ")";
  const Bytes bytes = encoded(text);
  const std::string out = printed(bytes);
  EXPECT_LT(out.size(), n * 250);
  EXPECT_EQ(encoded(out), bytes);
  EXPECT_EQ(encoded(printed(bytes, {.fold = true, .skeleton = false})), bytes);
}

TEST(PrintModule, PiecesAreTheWhole) {
  const auto module = parse_module("(func i32.const 1 drop) (data \"abc\")");
  ASSERT_TRUE(module);
  std::string pieces;
  ASSERT_TRUE(print_module(*module, {}, [&](std::string_view piece) { pieces += piece; }));
  EXPECT_EQ(pieces, *print_module(*module));
}

}  // namespace
}  // namespace tenon::text

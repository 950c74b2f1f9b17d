// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/parse_module.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tenon/core/validate.h"
#include "tenon/text/cursor.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

core::Module parse(std::string_view text) {
  auto module = parse_module(text);
  EXPECT_TRUE(module) << text << ": " << (module ? "" : module.error().text());
  return module ? std::move(*module) : core::Module{};
}
std::vector<std::uint8_t> body(std::string_view instrs) {
  const core::Module m = parse("(module (func " + std::string(instrs) + "))");
  if (m.codes.empty()) return {};
  const auto bytes = m.codes[0].body.in(m.bytes.view());
  return {bytes.begin(), bytes.end()};
}
const Rule& error_of(std::string_view text) {
  static Error last(rules::unexpected_token, {});
  auto module = parse_module(text);
  EXPECT_FALSE(module) << text;
  if (!module) last = std::move(module).error();
  return last.rule();
}

using Bytes = std::vector<std::uint8_t>;

TEST(ParseInstr, FlatAndFoldedFormsGiveTheSameBytes) {
  EXPECT_EQ(body("i32.const 1 i32.const 2 i32.add drop"),
            (Bytes{0x41, 1, 0x41, 2, 0x6A, 0x1A, 0x0B}));
  EXPECT_EQ(body("(drop (i32.add (i32.const 1) (i32.const 2)))"),
            (Bytes{0x41, 1, 0x41, 2, 0x6A, 0x1A, 0x0B}));
  EXPECT_EQ(body("(if (i32.const 1) (then nop) (else unreachable))"),
            (Bytes{0x41, 1, 0x04, 0x40, 0x01, 0x05, 0x00, 0x0B, 0x0B}));
  EXPECT_EQ(body("i32.const 1 if nop else unreachable end"),
            (Bytes{0x41, 1, 0x04, 0x40, 0x01, 0x05, 0x00, 0x0B, 0x0B}));
}

TEST(ParseInstr, LabelsCountOutwardAndShadow) {
  EXPECT_EQ(body("block $a loop $b br $a br $b br 2 end end"),
            (Bytes{0x02, 0x40, 0x03, 0x40, 0x0C, 1, 0x0C, 0, 0x0C, 2, 0x0B, 0x0B, 0x0B}));
  EXPECT_EQ(body("block $a block $a br $a end br $a end"),
            (Bytes{0x02, 0x40, 0x02, 0x40, 0x0C, 0, 0x0B, 0x0C, 0, 0x0B, 0x0B}));
}

TEST(ParseInstr, AMillionNestedBlocksNeedNoStack) {
  constexpr int n = 1'000'000;
  std::string text = "(module (func ";
  for (int i = 0; i < n; ++i) text += "block ";
  for (int i = 0; i < n; ++i) text += "end ";
  text += "))";
  const core::Module m = parse(text);
  ASSERT_EQ(m.codes.size(), 1U);
  EXPECT_EQ(m.codes[0].body.size(), 3U * n + 1);
}

TEST(ParseInstr, MoreThanTenThousandParenthesesAreAnError) {
  std::string text = "(module (func ";
  for (int i = 0; i < 10'001; ++i) text += "(block ";
  EXPECT_EQ(error_of(text), rules::nesting);
}

TEST(ParseInstr, MemoryArgumentsHaveDefaults) {
  EXPECT_EQ(body("i32.load offset=8 align=1"), (Bytes{0x28, 0, 8, 0x0B}));
  EXPECT_EQ(body("i32.load"), (Bytes{0x28, 2, 0, 0x0B}));
  EXPECT_EQ(body("i32.load 1 offset=8"), (Bytes{0x28, 0x42, 1, 8, 0x0B}));
  EXPECT_EQ(body("v128.load8_lane 3"), (Bytes{0xFD, 0x54, 0, 0, 3, 0x0B}));
  EXPECT_EQ(body("v128.load8_lane 1 3"), (Bytes{0xFD, 0x54, 0x40, 1, 0, 3, 0x0B}));
  EXPECT_EQ(body("v128.load8_lane 1 offset=2 3"), (Bytes{0xFD, 0x54, 0x40, 1, 2, 3, 0x0B}));
}

TEST(ParseModule, NamesMayBeUsedBeforeTheyAreDefined) {
  const core::Module m =
      parse("(func $a (call $b) (drop (global.get $g))) (func $b) (global $g i32 (i32.const 0))");
  EXPECT_EQ(m.funcs.size(), 2U);
}

TEST(ParseModule, ImplicitTypesComeAfterExplicitOnes) {
  const core::Module m =
      parse("(func (param i32)) (type $t (func (param i64))) (func (param i64)) (func)");
  ASSERT_EQ(m.types.size(), 3U);
  EXPECT_EQ(m.funcs[0].type.value, 1U);
  EXPECT_EQ(m.funcs[1].type.value, 0U);
  EXPECT_EQ(m.funcs[2].type.value, 2U);
}

TEST(ParseModule, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("(module (func $f) (func $f))"), rules::duplicate_func);
  EXPECT_EQ(error_of("(module (func) (import \"a\" \"b\" (func)))"), rules::import_order);
  EXPECT_EQ(error_of("(module (func (call $x)))"), rules::unknown_name);
  EXPECT_EQ(error_of("(module (func br $x))"), rules::unknown_label);
  EXPECT_EQ(error_of("(module (func i32.cnst 1))"), rules::unknown_keyword);
  EXPECT_EQ(error_of("(module (func block $a end $b))"), rules::mismatching_label);
  EXPECT_EQ(error_of("(module (func i32.const 4294967296))"), rules::number_range);
  EXPECT_EQ(error_of("(module"), rules::unexpected_token);
  EXPECT_EQ(error_of("(module) x"), rules::unknown_keyword);
  EXPECT_EQ(error_of("(module (func block))"), rules::unexpected_token);
  EXPECT_EQ(error_of("(module (func end))"), rules::unexpected_token);
  EXPECT_EQ(error_of("(type $t (func)) (func (type $t) (param i32))"), rules::inline_function_type);
}

TEST(ParseModule, EveryIndexSpaceRefusesDoubles) {
  EXPECT_EQ(error_of("(type $t (func)) (type $t (func))"), rules::duplicate_type);
  EXPECT_EQ(error_of("(tag $t) (tag $t)"), rules::duplicate_tag);
  EXPECT_EQ(error_of("(data $d \"\") (data $d \"\")"), rules::duplicate_segment);
  EXPECT_EQ(error_of("(func (param $x i32) (local $x i32))"), rules::duplicate_local);
  EXPECT_EQ(error_of("(type (struct (field $x i32) (field $x i32)))"), rules::duplicate_field);
}

TEST(ParseModule, AnnotationsHaveTheirForm) {
  EXPECT_EQ(error_of("(module (func $f (@name \"a\" \"b\")))"), rules::annotation_form);
  EXPECT_EQ(error_of("(module (@custom \"a\" (before nowhere)))"), rules::unknown_keyword);
}

TEST(ParseModule, InlineFormsMakeSegmentsAndExports) {
  const core::Module m = parse(
      "(memory (export \"m\") (data \"abc\" \"d\")) (table funcref (elem $f $f)) (func $f (export "
      "\"f\") (export \"g\"))");
  ASSERT_EQ(m.datas.size(), 1U);
  EXPECT_EQ(m.datas[0].bytes.size(), 4U);
  EXPECT_EQ(m.mems[0].limits.min, 1U);
  ASSERT_EQ(m.elems.size(), 1U);
  EXPECT_EQ(m.elems[0].funcs.size(), 2U);
  ASSERT_EQ(m.exports.size(), 3U);
  EXPECT_EQ(m.exports[2].name, "g");
}

TEST(ParseModule, CustomAnnotationsBecomeSections) {
  const core::Module m =
      parse("(module (@custom \"x\" (before code) \"a\\00b\") (func $f (param $p i32)))");
  ASSERT_EQ(m.customs.size(), 2U);
  EXPECT_EQ(m.customs[0].name, "x");
  EXPECT_EQ(m.customs[0].content.size(), 3U);
  EXPECT_EQ(m.customs[1].name, "name");
  EXPECT_EQ(m.customs[0].after, core::SectionId::data_count);
}

/// The text that the validator's error points at.
std::string_view invalid_at(std::string_view text) {
  const auto result = core::validate(parse(text));
  if (result) return "valid";
  const Span span = result.error().span();
  return text.substr(span.begin, span.end - span.begin);
}

TEST(ParseModule, RemembersWhereOperatorsAndDefinitionsStood) {
  EXPECT_EQ(invalid_at("(module (func (drop (i32.add (i32.const 1) (i64.const 2)))))"), "i32.add");
  EXPECT_EQ(invalid_at("(module (func (if (i64.const 1) (then))))"), "if");
  EXPECT_EQ(invalid_at("(module (func i32.const 1 if i32.const 1 else nop end))"), "else");
  EXPECT_EQ(invalid_at("(module (func local.get 3 drop))"), "local.get");
  EXPECT_EQ(invalid_at("(module (memory 1 0))"), "1 0");
  EXPECT_EQ(invalid_at("(module (type $s (struct)) (func (type $s)))"), "func");
}

TEST(ParseModule, KeepsAGroupWithoutTypes) {
  const core::Module m = parse("(module (rec) (type (func)) (rec))");
  EXPECT_EQ(m.types.size(), 1U);
  ASSERT_EQ(m.empty_recs.size(), 2U);
  EXPECT_EQ(m.empty_recs[1], core::TypeIdx(1U));
}

TEST(ParseModule, SharedTablesAndGlobalsNeedTheirGate) {
  EXPECT_NE(invalid_at("(module (global (shared i32) (i32.const 0)))"), "valid");
  EXPECT_NE(invalid_at("(module (import \"m\" \"g\" (global (shared i32))))"), "valid");
  EXPECT_NE(invalid_at("(module (table 1 shared funcref))"), "valid");
  EXPECT_EQ(invalid_at("(module (table 1 funcref))"), "valid");
}

}  // namespace
}  // namespace tenon::text

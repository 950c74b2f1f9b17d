// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/parse_module.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tenon/core/names.h"
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

// Kinds may alternate, names and hints that nobody reads may be between, and a token may have
// been looked at ahead.
TEST(ParseModule, CustomSectionsStandInTheOrderOfTheirAnnotations) {
  const core::Module m = parse(
      "(@custom \"a\" \"1\") (@name \"n\") (@custom \"b\" \"2\") (func) (@custom \"c\") "
      "(@name \"o\") (@name \"p\") (func (@name \"q\")) (@custom \"d\") (@custom \"e\")");
  std::string names;
  for (const auto& custom : m.customs) {
    if (custom.name != "name") names += custom.name;
  }
  EXPECT_EQ(names, "abcde");
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

std::vector<std::uint8_t> custom(std::string_view text, std::string_view name) {
  const core::Module m = parse(text);
  const core::CustomSection* const section = core::find_custom(m, name);
  EXPECT_NE(section, nullptr) << text;
  if (section == nullptr) return {};
  const ByteSpan content = section->content.in(m.bytes.view());
  return {content.begin(), content.end()};
}

// Spec: tool-conventions/ProducersSection.md; the fields come in one order.
TEST(ParseModule, ReadsProducers) {
  const std::vector<std::uint8_t> wanted = {2,   8,   'l', 'a', 'n', 'g', 'u', 'a', 'g',
                                            'e', 1,   1,   'C', 2,   '1', '1', 3,   's',
                                            'd', 'k', 1,   1,   'E', 1,   '4'};
  EXPECT_EQ(custom("(module (@producers (sdk \"E\" \"4\") (language \"C\" \"11\")))", "producers"),
            wanted);
  EXPECT_EQ(custom("(module (@producers))", "producers"), std::vector<std::uint8_t>{0});
  EXPECT_EQ(error_of("(module (@producers (foo)))"), rules::unknown_keyword);
  EXPECT_EQ(error_of("(module (@producers (sdk \"a\")))"), rules::unexpected_token);
  const core::Module m = parse("(module (@producers) (func) (@custom \"x\" (before first) \"\"))");
  EXPECT_EQ(m.customs.back().name, "producers");
}

// Spec: tool-conventions/DynamicLinking.md; entries of one kind in a row share a subsection.
TEST(ParseModule, ReadsDylink) {
  const std::vector<std::uint8_t> wanted = {1, 4, 8, 2,  0,   0,                    // mem-info
                                            2, 5, 1, 3,  'a', '.', 's',             // needed
                                            3, 7, 2, 1,  'f', 3,   1,   'g', 0x10,  // export-info
                                            4, 6, 1, 1,  'm', 1,   'n', 5,          // import-info
                                            6, 2, 1, 'w'};                          // target-arch
  EXPECT_EQ(custom("(module (func) (@dylink.0 (mem-info (memory 8 2)) (needed \"a.s\")"
                   " (export-info \"f\" binding-weak 2) (export-info \"g\" undefined)"
                   " (import-info \"m\" \"n\" 5) (target-arch \"w\")))",
                   "dylink.0"),
            wanted);
  EXPECT_EQ(parse("(module (func) (@dylink.0))").customs[0].after, core::SectionId::custom);
  EXPECT_EQ(error_of("(module (@dylink.0 (frob)))"), rules::unknown_keyword);
}

// Spec: the proposal `branch-hinting`.
TEST(ParseModule, RefusesBranchHintsThatAreMalformedDoubleOrDangling) {
  const std::string hint = "(@metadata.code.branch_hint \"\\01\")";
  const auto body_error = [&](const std::string& body) {
    return error_of("(module (func (param i32) " + body + "))");
  };
  parse("(module (func (param i32) local.get 0 " + hint + " if end))");
  parse("(module (func (param i32) " + hint + " (if (local.get 0) (then))))");
  const std::string bad[] = {
      "(@metadata.code.branch_hint \"\\02\") (if (local.get 0) (then))",
      "(@metadata.code.branch_hint \"\") (if (local.get 0) (then))",
      "(@metadata.code.branch_hint \"\\00\\00\") (if (local.get 0) (then))",
      hint + hint + " (if (local.get 0) (then))",
      hint,
      "nop " + hint,
      hint + " nop",
      hint + " (block)",
      "(if (local.get 0) " + hint + " (then))",
      "(block (br_if 0 (local.get 0) " + hint + "))",
      "local.get 0 br_if " + hint + " 0",
      "local.get 0 if " + hint + " else end",
  };
  for (const std::string& body : bad) EXPECT_EQ(body_error(body), rules::branch_hint) << body;
  EXPECT_EQ(error_of("(module " + hint + " (func))"), rules::branch_hint);
  EXPECT_EQ(body_error("(@metadata.code.branch_hint 1) (if (local.get 0) (then))"),
            rules::unexpected_token);
}

// Spec: the proposal `wat-numeric-values`.
TEST(ParseModule, ReadsNumbersAsBytesOfData) {
  const core::Module m = parse(
      "(module (memory 1) (data (i32.const 0) \"a\" (i8 -1 2) (i16 0x102) \"b\" (f32 1) (i64))"
      " (data (i32.const 0) (v128 i32x4 1 0 0 0)))");
  const ByteSpan bytes = m.datas[0].bytes.in(m.bytes.view());
  EXPECT_EQ(std::vector<std::uint8_t>(bytes.begin(), bytes.end()),
            (std::vector<std::uint8_t>{'a', 0xFF, 2, 2, 1, 'b', 0, 0, 0x80, 0x3F}));
  EXPECT_EQ(m.datas[1].bytes.size(), 16U);
  EXPECT_EQ(parse("(module (memory (data (i16 1 2))))").datas[0].bytes.size(), 4U);
  EXPECT_EQ(error_of("(module (memory 1) (data (i32.const 0) (i8 256)))"), rules::number_range);
  EXPECT_EQ(error_of("(module (memory 1) (data (i32.const 0) (i9 1)))"), rules::unknown_keyword);
}

TEST(ParseModule, LabelsMayBeNamedByAnnotations) {
  const core::Module m = parse(
      "(module (func (block $l (@name \"a b\")) (if (@name \"c\")"
      " (i32.const 0) (then))))");
  const core::Names names = core::names_of(m);
  ASSERT_EQ(names.labels.size(), 1U);
  EXPECT_EQ(names.labels[0].names[0].name, "a b");
  EXPECT_EQ(names.labels[0].names[1].name, "c");
}

TEST(ParseModule, RefusesGroupsOfImportsThatMixForms) {
  EXPECT_EQ(error_of("(module (import \"m\" (item \"a\") (item \"b\" (func)) (func)))"),
            rules::unexpected_token);
  EXPECT_EQ(error_of("(module (import \"m\" (item \"b\" (func)) (item \"a\")))"),
            rules::unexpected_token);
  EXPECT_EQ(error_of("(module (import \"m\" (item \"a\") (func $f)))"), rules::unexpected_token);
  EXPECT_EQ(error_of("(module (import \"m\" (item \"a\")))"), rules::unexpected_token);
  EXPECT_EQ(error_of("(module (func) (import \"m\" (item \"a\" (func))))"), rules::import_order);
}

TEST(ParseModule, ATypeMayNameItself) {
  parse("(module (type $t (func (param (ref null $t)))))");
  parse(
      "(module (rec (type $a (struct (field (ref null $b)))) (type $b (sub $a (struct (field "
      "(ref null $b)))))))");
  EXPECT_EQ(invalid_at("(module (type $t (struct (field (ref null $t)) (field $x (mut i32)))))"),
            "valid");
}

TEST(ParseModule, SharedTablesAndGlobalsNeedTheirGate) {
  EXPECT_NE(invalid_at("(module (global (shared i32) (i32.const 0)))"), "valid");
  EXPECT_NE(invalid_at("(module (import \"m\" \"g\" (global (shared i32))))"), "valid");
  EXPECT_NE(invalid_at("(module (table 1 shared funcref))"), "valid");
  EXPECT_EQ(invalid_at("(module (table 1 funcref))"), "valid");
}

}  // namespace
}  // namespace tenon::text

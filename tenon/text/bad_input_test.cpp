// SPDX-License-Identifier: Apache-2.0
// Texts that were cut off, damaged, or made to hurt.
#include <gtest/gtest.h>

#include <string>

#include "tenon/base/rules.h"
#include "tenon/component/rules.h"
#include "tenon/component/validate.h"
#include "tenon/core/encode.h"
#include "tenon/core/rules.h"
#include "tenon/core/validate.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/rules.h"
#include "tenon/text/wast.h"

namespace tenon::text {
namespace {

std::string repeated(std::string_view what, std::size_t n) {
  std::string out;
  out.reserve(what.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += what;
  return out;
}
/// The rule that refuses the text of a module, or an empty text.
std::string refusal(std::string_view text) {
  const auto module = parse_module(text);
  return module ? std::string() : std::string(module.error().rule().id);
}

constexpr std::string_view sample =
    "(module $m (@custom \"c\" (before first) \"\\00x\") (rec (type $t (sub (struct (field $f (mut "
    "i8))))) (type $u (array (ref null $t)))) (import \"a\" \"b\" (func $i (param i32) (result "
    "i64))) (table $tab 1 2 funcref) (memory $mem i64 1 2) (tag $e (param i32)) (global $g (mut "
    "f32) "
    "(f32.const nan:0x1)) (export \"x\" (func $f)) (start $s) (elem declare func $f) (data $d "
    "\"\\u{1F600}\\t\") (func $f (param $p i32) (result i32) (local $l v128) (block $b (result "
    "i32) "
    "(br_if $b (local.get $p) (i32.load offset=4 align=2 (i64.const 0x1_0))))) (func $s "
    "v128.const i32x4 1 2 3 4 drop try_table (catch $e 0) end memory.init $d (; c (; d ;) ;)) ;; "
    "e\n"
    ")";

TEST(BadText, SurvivesTruncationAtEveryByteAndEveryBitFlip) {
  ASSERT_EQ(refusal(sample), "");
  for (std::size_t n = 1; n < sample.size(); ++n) {
    EXPECT_NE(refusal(sample.substr(0, n)), "") << n;
    static_cast<void>(parse_wast(sample.substr(0, n)));
  }
  for (std::size_t bit = 0; bit < sample.size() * 8; ++bit) {
    std::string flipped(sample);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto module = parse_module(flipped);
    if (module) static_cast<void>(core::encode(*module));
    static_cast<void>(parse_wast(flipped));
  }
}

TEST(BadText, HasAnErrorForMoreParenthesesThanTheLimit) {
  for (const char* open : {"(", "(module ", "(func (block "}) {
    EXPECT_NE(refusal(repeated(open, 1'000'000)), "") << open;
  }
  EXPECT_EQ(refusal("(func " + repeated("(block ", 20'000) + repeated(")", 20'000) + ")"),
            rules::nesting.id);
  EXPECT_EQ(refusal("(func " + repeated("(block ", 9'000) + repeated(")", 9'000) + ")"), "");
  EXPECT_EQ(refusal("(func " + repeated("(drop ", 1'000'000)), rules::nesting.id);
  const auto component = parse_component(repeated("(component ", 1'000'000));
  ASSERT_FALSE(component);
  EXPECT_EQ(component.error().rule().id, rules::nesting.id);
  EXPECT_FALSE(parse_wast(repeated("(assert_invalid ", 1'000'000)));
}

TEST(BadText, TakesAMillionBlocksThatAreNotInParentheses) {
  constexpr std::size_t n = 1'000'000;
  auto module = parse_module("(func " + repeated("block ", n) + repeated("end ", n) + ")");
  ASSERT_TRUE(module) << module.error().text();
  EXPECT_EQ(module->codes[0].body.size(), 3 * n + 1);
  EXPECT_TRUE(core::validate(std::move(*module)));
}

TEST(BadText, EndsAtCommentsAndAnnotationsThatNestWithoutEnd) {
  EXPECT_EQ(refusal(repeated("(;", 1'000'000)), rules::unclosed_comment.id);
  EXPECT_EQ(refusal(repeated("(@a ", 1'000'000)), rules::unclosed_annotation.id);
  EXPECT_EQ(refusal("(@a " + repeated("(", 1'000'000)), rules::unclosed_annotation.id);
}

TEST(BadText, RefusesNamesThatAreNotUtf8) {
  EXPECT_EQ(refusal("(import \"\\ff\" \"\" (func))"), rules::malformed_name.id);
  EXPECT_EQ(refusal("(export \"\\c0\\80\" (func 0))"), rules::malformed_name.id);
  EXPECT_EQ(refusal("(export \"\\ed\\a0\\80\" (func 0))"), rules::malformed_name.id);
  EXPECT_EQ(refusal("(data \"\\ff\")"), "");
  EXPECT_EQ(refusal("(export \"\\00\" (func 0))"), "");
  EXPECT_EQ(refusal("(func) ;; \xFF"), tenon::rules::utf8.id);
}

TEST(BadText, RefusesNumbersThatAreTooLarge) {
  EXPECT_EQ(refusal("(memory 18446744073709551616)"), rules::number_range.id);
  EXPECT_EQ(refusal("(func call 4294967296)"), rules::number_range.id);
  EXPECT_EQ(refusal("(func i32.const 4294967296)"), rules::number_range.id);
  EXPECT_EQ(refusal("(func i32.const " + repeated("9", 100'000) + ")"), rules::number_range.id);
}

TEST(BadText, LeavesLimitsToTheValidatorAsBinariesDo) {
  auto module = parse_module("(func (local " + repeated("i32 ", 50'001) + "))");
  ASSERT_TRUE(module);
  const auto valid = core::validate(std::move(*module));
  ASSERT_FALSE(valid);
  EXPECT_EQ(valid.error().rule().id, core::rules::implementation_limit.id);
}

/// What validation says about a module: the rule, or nothing.
std::string_view invalid(const std::string& text) {
  auto module = parse_module(text);
  if (!module) return module.error().rule().id;
  const auto valid = core::validate(std::move(*module));
  return valid ? "" : valid.error().rule().id;
}

// A module from text never met the decoder, and what runs it counts on its limits.
TEST(BadText, HoldsEveryLimitOfTheBinary) {
  const auto limit = core::rules::implementation_limit.id;
  for (const char* list : {"(func (param", "(func (result"}) {
    const std::string end = list[7] == 'p' ? "))" : ") unreachable)";
    EXPECT_EQ(invalid(list + repeated(" i32", 1000) + end), "") << list;
    EXPECT_EQ(invalid(list + repeated(" i32", 1001) + end), limit) << list;
  }
  EXPECT_EQ(invalid("(type (struct" + repeated(" (field i32)", 10'000) + "))"), "");
  EXPECT_EQ(invalid("(type (struct" + repeated(" (field i32)", 10'001) + "))"), limit);
  EXPECT_EQ(invalid(repeated("(memory 1)", 101)), limit);
  EXPECT_EQ(invalid(repeated("(table 1 funcref)", 101)), limit);
  EXPECT_EQ(invalid("(memory 1)" + repeated("(data \"\")", 100'001)), limit);
  EXPECT_EQ(invalid(repeated("(elem func)", 100'001)), limit);
  EXPECT_EQ(invalid(repeated("(tag)", 1'000'001)), limit);
  EXPECT_EQ(invalid("(func (export \"" + repeated("x", 100'001) + "\"))"), limit);
  EXPECT_EQ(invalid("(func" + repeated(" nop", 7'654'321) + ")"), limit);
}

/// The same of a component.
std::string_view invalid_component(const std::string& text) {
  auto component = parse_component(text);
  if (!component) return component.error().rule().id;
  const auto valid = component::validate(std::move(*component));
  return valid ? "" : valid.error().rule().id;
}

std::string numbered(const std::string& before, const std::string& after, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += before + std::to_string(i) + after;
  return out;
}

TEST(BadText, HoldsEveryLimitOfAComponent) {
  const auto limit = component::rules::limit.id;
  const auto type = [](const std::string& members) { return "(component (type " + members + "))"; };
  for (const int more : {0, 1}) {
    const std::string_view wanted = more == 0 ? "" : limit;
    const int n = 10'000 + more;
    EXPECT_EQ(invalid_component(type("(record" + numbered("(field \"x", "\" u8)", n) + ")")),
              wanted);
    EXPECT_EQ(invalid_component(type("(variant" + numbered("(case \"x", "\")", n) + ")")), wanted);
    EXPECT_EQ(invalid_component(type("(enum" + numbered(" \"x", "\"", n) + ")")), wanted);
    EXPECT_EQ(
        invalid_component(type("(tuple" + repeated(" u8", static_cast<std::size_t>(n)) + ")")),
        wanted);
    EXPECT_EQ(
        invalid_component(type("(func" + numbered("(param \"x", "\" u8)", 1000 + more) + ")")),
        wanted);
  }
}

TEST(BadText, IsRefusedWhenThereIsNone) {
  EXPECT_EQ(refusal("("), rules::unexpected_token.id);
  EXPECT_EQ(refusal(")"), rules::unexpected_token.id);
  EXPECT_EQ(refusal("(module) x"), rules::unknown_keyword.id);
  EXPECT_EQ(refusal(std::string_view("\0\0", 2)), rules::illegal_character.id);
}

}  // namespace
}  // namespace tenon::text

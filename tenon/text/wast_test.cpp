// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/wast.h"

#include <gtest/gtest.h>

#include "tenon/text/lex.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

Script parse(std::string_view text) {
  auto script = parse_wast(text);
  EXPECT_TRUE(script) << (script ? "" : script.error().text());
  return script ? std::move(*script) : Script{};
}
const Rule& error_of(std::string_view text) {
  static Error last(rules::unexpected_token, {});
  auto script = parse_wast(text);
  EXPECT_FALSE(script) << text;
  if (!script) last = std::move(script).error();
  return last.rule();
}

TEST(Wast, ReadsEveryCommand) {
  const Script script = parse(
      "(module $m (func)) (module definition $d) (module instance $i $d) (module binary "
      "\"\\00asm\") "
      "(module quote \"(func)\" \"(func)\") (register \"m\" $m) (invoke \"f\" (i32.const 1)) (get "
      "$m \"g\") "
      "(assert_return (invoke $m \"f\") (f32.const nan:canonical)) (assert_trap (invoke \"f\") "
      "\"x\") "
      "(assert_trap (module) \"x\") (assert_exhaustion (invoke \"f\") \"x\") (assert_exception "
      "(invoke \"f\")) "
      "(assert_invalid (module) \"x\") (assert_malformed (module quote \"\") \"x\") "
      "(assert_unlinkable (module) \"x\") (component definition $c) (component instance $ci $c) "
      "(thread $t (shared (module $m)) (invoke \"f\")) (wait $t)");
  ASSERT_EQ(script.commands.size(), 20U);
  const auto& quoted = std::get<ModuleCommand>(script.commands[4].kind).module;
  EXPECT_EQ(std::string(quoted.bytes.begin(), quoted.bytes.end()), "(func) (func)");
}

TEST(Wast, AFileOfFieldsAloneIsOneModule) {
  const std::string_view text = "(func) (memory 0)";
  const Script script = parse(text);
  ASSERT_EQ(script.commands.size(), 1U);
  const auto module =
      parse_script_module(script, std::get<ModuleCommand>(script.commands[0].kind).module);
  ASSERT_TRUE(module);
  EXPECT_EQ(module->mems.size(), 1U);
}

TEST(Wast, ReadsPatternsOfResults) {
  const Script script = parse(
      "(assert_return (invoke \"f\") (either (i32.const 1) (i32.const 2)) (ref.func) (ref.null "
      "func) (ref.extern 7) "
      "(v128.const f32x4 nan:arithmetic 0 1 -inf))");
  const auto& results = std::get<AssertReturn>(script.commands[0].kind).results;
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(std::get<CoreValue>(results[0]).choices.size(), 2U);
  EXPECT_EQ(std::get<CoreValue>(results[3]).bits, 7U);
  EXPECT_EQ(std::get<CoreValue>(results[4]).lane_patterns[0], FloatPattern::arithmetic_nan);
}

TEST(Wast, ReadsComponentValues) {
  const Script script = parse(
      "(invoke \"f\" (list.const (u8.const 1) (u8.const 2)) (record.const (field \"a\" u8.const 3) "
      "(field \"b\" "
      "(str.const \"x\"))) (variant.const \"c\" (bool.const true)) (option.none) (result.err) "
      "(char.const \"\\u{e9}\") "
      "(flags.const \"a\" \"b\") (s8.const -128))");
  const auto& args = std::get<Action>(script.commands[0].kind).args;
  ASSERT_EQ(args.size(), 8U);
  EXPECT_EQ(std::get<ComponentValue>(args[1]).items.size(), 2U);
  EXPECT_EQ(std::get<ComponentValue>(args[5]).bits, 0xE9U);
  EXPECT_EQ(std::get<ComponentValue>(args[7]).bits, 0x80U);
}

TEST(Wast, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("(invoke \"f\" (char.const \"ab\"))"), rules::script_form);
  EXPECT_EQ(error_of("(invoke \"f\" (u8.const 256))"), rules::number_range);
  EXPECT_EQ(error_of("(module) (func)"), rules::unexpected_token);
  std::string deep = "(invoke \"f\" ";
  for (int i = 0; i < 200; ++i) deep += "(option.some ";
  EXPECT_EQ(error_of(deep), rules::nesting);
}

TEST(Wast, ATextOfFourGibibytesIsRefusedUnread) {
  const char nothing = 0;
  // NOLINTNEXTLINE(bugprone-string-constructor): the length is looked at alone
  const auto checked = check_source(std::string_view(&nothing, 0xFFFFFFFFULL), 0);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().rule(), rules::text_size);
}

}  // namespace
}  // namespace tenon::text

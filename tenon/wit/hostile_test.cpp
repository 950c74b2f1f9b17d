// SPDX-License-Identifier: Apache-2.0
// Inputs made to hurt: they get clear errors, in linear time and without native recursion.
#include <gtest/gtest.h>

#include <string>

#include "tenon/wit/fmt.h"
#include "tenon/wit/load.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

struct Outcome {
  bool resolved = false;
  std::string rule;
  std::string text;
};

Outcome load_outcome(std::string text) {
  SourceSet sources;
  Diagnostics diagnostics;
  Outcome out;
  out.resolved = load_text("test.wit", std::move(text), {}, sources, diagnostics).has_value();
  if (!diagnostics.all().empty()) {
    out.rule = diagnostics.all().front().rule().id;
    out.text = render(diagnostics.all().front(), sources);
  }
  return out;
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(WitHostile, TypesNestedAHundredThousandDeepAreRefused) {
  EXPECT_EQ(load_outcome("package a:b; interface i { type t = " + repeat("list<", 100'000) + "u8" +
                         repeat(">", 100'000) + "; }")
                .rule,
            rules::too_deep.id);
}

TEST(WitHostile, BracesNestedAHundredThousandDeepAreRefused) {
  EXPECT_FALSE(load_outcome("package a:b; " + repeat("interface i { ", 100'000)).resolved);
  EXPECT_FALSE(load_outcome("package a:b; " + repeat("{", 100'000)).resolved);
  EXPECT_FALSE(
      load_outcome("package a:b; interface i " + repeat("package a:b {", 100'000)).resolved);
}

TEST(WitHostile, CommentsNestedAHundredThousandDeepAreRead) {
  EXPECT_TRUE(load_outcome("package a:b; " + repeat("/*", 100'000) + repeat("*/", 100'000) +
                           " interface i {}")
                  .resolved);
  EXPECT_EQ(load_outcome("package a:b; " + repeat("/*", 100'000)).rule, rules::unclosed.id);
}

TEST(WitHostile, AChainOfTenThousandTypesIsResolved) {
  std::string text = "package a:b; interface i { type t0 = u8;";
  for (int i = 1; i < 10'000; ++i)
    text += "type t" + std::to_string(i) + " = t" + std::to_string(i - 1) + ";";
  const auto out = load_outcome(text + "}");
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, AChainOfTenThousandInterfacesIsResolved) {
  std::string text = "package a:b; interface i0 { type t = u8; }";
  for (int i = 1; i < 10'000; ++i)
    text += "interface i" + std::to_string(i) + " { use i" + std::to_string(i - 1) + ".{t}; }";
  const auto out = load_outcome(text);
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, ACircleOfAThousandInterfacesIsNamed) {
  std::string text = "package a:b;";
  for (int i = 0; i < 1000; ++i)
    text +=
        "interface i" + std::to_string(i) + " { use i" + std::to_string((i + 1) % 1000) + ".{t}; }";
  EXPECT_EQ(load_outcome(text).rule, rules::cycle.id);
}

TEST(WitHostile, ACircleOfAThousandPackagesIsNamed) {
  std::string text = "package a:b;";
  for (int i = 0; i < 1000; ++i)
    text += "package a:p" + std::to_string(i) + " { interface i { use a:p" +
            std::to_string((i + 1) % 1000) + "/i.{t}; } }";
  const auto out = load_outcome(text);
  EXPECT_EQ(out.rule, rules::cycle.id) << out.text;
}

TEST(WitHostile, AHundredThousandTypesTakeLinearTime) {
  std::string text = "package a:b; interface i {";
  for (int i = 0; i < 100'000; ++i) text += "record r" + std::to_string(i) + " { a: u8 }";
  const auto out = load_outcome(text + "}");
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, LineEndsOfWindowsAndAByteOrderMarkAreFine) {
  const auto out = load_outcome(
      "\xEF\xBB\xBFpackage a:b;\r\n/// docs\r\ninterface i {\r\n  f: func();\r\n}\r\n");
  EXPECT_TRUE(out.resolved) << out.text;
  Diagnostics diagnostics;
  EXPECT_EQ(format("\xEF\xBB\xBFpackage a:b;\r\n/// docs\r\ninterface i {\r\n  f: func();\r\n}\r\n",
                   0, diagnostics),
            "package a:b;\n/// docs\ninterface i {\n  f: func();\n}\n");
}

TEST(WitHostile, TextThatIsNotUtf8IsRefusedWhereItBreaks) {
  const auto out = load_outcome("package a:b;\n// \xC3\x28\n");
  EXPECT_EQ(out.rule, rules::bad_character.id);
  EXPECT_NE(out.text.find("test.wit:2:4"), std::string::npos) << out.text;
}

TEST(WitHostile, BidirectionalOverridesAreRefusedEverywhere) {
  EXPECT_EQ(load_outcome("package a:b; /* \u202e */").rule, rules::bad_character.id);
  EXPECT_EQ(
      load_outcome("package a:b; world w { @external-id(\"\u202e\") import x: func(); }").rule,
      rules::bad_character.id);
  EXPECT_EQ(load_outcome("package a:b; interface \u2066i {}").rule, rules::bad_character.id);
}

}  // namespace
}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/json.h"

#include <gtest/gtest.h>

#include "tenon/base/rules.h"

namespace tenon {
namespace {

TEST(Json, KeepsNumbersAsWrittenAndMembersInOrder) {
  const auto j = Json::parse(
      R"( { "b": [18446744073709551615, -0.5e3, true, null], "a": "x\u00e9\ud83d\ude00\n" } )");
  ASSERT_TRUE(j) << j.error().text();
  EXPECT_EQ(j->dump(), "{\"b\": [18446744073709551615, -0.5e3, true, null], \"a\": \"xé😀\\n\"}");
  EXPECT_EQ(j->members()[0].first, "b");
  EXPECT_EQ(j->find("a")->text(), "xé😀\n");
}

TEST(Json, RefusesWhatIsNotJsonWhereItStands) {
  for (const auto* text : {"", "[1,]", "{\"a\":1,}", "01", "1.", "\"\\x\"", "\"\\ud800\"", "[1 2]",
                           "{\"a\":1,\"a\":2}", "\"a\nb\"", "tru", "nul", "[1]]"}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
  const auto j = Json::parse("[1, x]");
  ASSERT_FALSE(j);
  EXPECT_EQ(j.error().span(), (Span{0, 4, 5}));
}

TEST(Json, ErrorsSayWhatToWriteInstead) {
  const std::pair<const char*, const char*> cases[] = {
      {"[1, {\"a\": 2]", "put a `}` before it: it closes the object"},
      {"[1 2]", "put a `,` before it, or a `]` that closes the list"},
      {"[1,]", "there is no comma after the last one"},
      {"{\"a\": 1,}", "there is no comma after the last member"},
      {"{a: 1}", "write `\"a\"`"},
      {"{\"a\" 1}", "write `\"a\": VALUE`"},
      {"['x']", "strings have double quotes in JSON"},
      {"[True]", "write `true`"},
      {"[-Infinity]", "write `\"-inf\"`"},
      {"// why\n[]", "JSON has no comments"},
  };
  for (const auto& [text, help] : cases) {
    const auto j = Json::parse(text);
    ASSERT_FALSE(j) << text;
    EXPECT_EQ(j.error().help_text(), help) << text;
  }
}

TEST(Json, RefusesDeepNestingWithoutRecursingIntoIt) {
  EXPECT_FALSE(Json::parse(std::string(100000, '[')));
}

// Was one search through all members for each of them.
TEST(Json, AnObjectOfManyMembersIsReadInOneGo) {
  std::string text = "{";
  const int members = 200000;
  for (int i = 0; i < members; ++i)
    text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
  const auto j = Json::parse(text + "}");
  ASSERT_TRUE(j);
  for (int i = 0; i < members; ++i)
    ASSERT_EQ(j->find("m" + std::to_string(i))->text(), std::to_string(i));
  EXPECT_EQ(j->find("m"), nullptr);
  EXPECT_EQ(j->find("m0x"), nullptr);
  const auto twice = Json::parse(text + ",\"m7\":0,\"m5\":0}");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().span().begin, text.size() + 1);
}

}  // namespace
}  // namespace tenon

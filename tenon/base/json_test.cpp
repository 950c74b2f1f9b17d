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

TEST(Json, RefusesDeepNestingWithoutRecursingIntoIt) {
  EXPECT_FALSE(Json::parse(std::string(100000, '[')));
}

}  // namespace
}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/world.h"

#include <gtest/gtest.h>

#include "tenon/testing/cases.h"
#include "tenon/testing/rules.h"

namespace tenon::testing {
namespace {

TEST(World, times_of_rfc_3339) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), (wasi::Timestamp{0, 0}));
  EXPECT_EQ(parse_time("2000-02-29t12:00:01.25z"), (wasi::Timestamp{951'825'601, 250'000'000}));
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.999999999Z"), (wasi::Timestamp{-1, 999'999'999}));
  EXPECT_EQ(parse_time("1970-01-01T01:30:00+01:30"), (wasi::Timestamp{0, 0}));
  EXPECT_EQ(parse_time("1969-12-31 19:00:00-05:00"), (wasi::Timestamp{0, 0}));
  for (const char* bad :
       {"", "1970-01-01", "1970-01-01T00:00:00", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:00Zx", "+970-01-01T00:00:00Z", "1970-01-01T00:00:00+1:00"})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(World, what_a_case_says_stands_before_what_the_file_says) {
  const auto file = parse_cases(
      R"({"wasi": {"args": ["a"], "env": {"A": "1", "B": "2"}, "random-seed": 7},
          "cases": [{"name": "plain"}, {"wasi": {"args": [], "env": {"B": "3"}}, "expect-exit-code": 2}]})",
      0);
  ASSERT_TRUE(file) << file.error().text();
  ASSERT_EQ(file->cases.size(), 2U);
  EXPECT_TRUE(file->cases[0].program);
  EXPECT_EQ(file->cases[0].world->args, std::vector<std::string>{"a"});
  const World& world = *file->cases[1].world;
  EXPECT_EQ(world.args, std::vector<std::string>{});
  EXPECT_EQ(world.env[1].second, "3");
  EXPECT_EQ(world.random_seed, 7U);
  EXPECT_EQ(file->cases[1].output.exit_code, 2);
}

TEST(World, a_specification_of_wasi_testsuite_is_one_case) {
  const auto file =
      parse_cases(R"({"args": ["x"], "root": "dir", "exit_code": 3, "stdout": "s"})", 0, "name");
  ASSERT_TRUE(file) << file.error().text();
  const Case& c = file->cases.at(0);
  EXPECT_EQ(c.name, "name");
  EXPECT_TRUE(c.program);
  EXPECT_EQ(c.world->root, "dir");
  EXPECT_EQ(c.output.exit_code, 3);
  EXPECT_EQ(c.output.out->text(), "s");
  const auto newer = parse_cases(
      R"({"operations": [{"type": "run", "env": {"A": "b"}}, {"type": "read", "id": "stderr", "payload": "e"},
          {"type": "wait", "exit_code": 1}]})",
      0);
  ASSERT_TRUE(newer) << newer.error().text();
  EXPECT_EQ(newer->cases[0].output.err->text(), "e");
  EXPECT_EQ(newer->cases[0].output.exit_code, 1);
  EXPECT_FALSE(newer->cases[0].world->has_root);
  const auto network = parse_cases(R"({"operations": [{"type": "run"}, {"type": "connect"}]})", 0);
  EXPECT_TRUE(network->cases[0].skip);
}

TEST(World, what_cannot_be_is_refused) {
  for (const char* wasi :
       {R"({"arg": []})", R"({"args": "x"})", R"({"args": [1]})", R"({"env": []})",
        R"({"clock": "now"})", R"({"random-seed": -1})", R"({"files": ["x"]})"}) {
    const auto file = parse_cases(std::string(R"({"cases": [], "wasi": )") + wasi + "}", 0);
    EXPECT_FALSE(file) << wasi;
  }
  EXPECT_FALSE(parse_cases(R"([{"expect-exit-code": "1"}])", 0));
  EXPECT_FALSE(parse_cases(R"([{"expect-exit-code": 256}])", 0));
  EXPECT_FALSE(parse_cases(R"([{"expect-exit-code": -1}])", 0));
}

}  // namespace
}  // namespace tenon::testing

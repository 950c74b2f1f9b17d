// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/cases.h"

#include <gtest/gtest.h>

#include "tenon/testing/expectation.h"
#include "tenon/testing/report.h"
#include "tenon/testing/rules.h"

namespace tenon::testing {
namespace {

using component::DefValType;
using component::PrimValType;
using component::TypeIdx;
using component::ValType;
using runtime::TypeView;
using runtime::Value;

/// The types that a test looks into.
struct TestTypes {
  std::vector<DefValType> defs;

  TypeView add(DefValType def) {
    defs.push_back(std::move(def));
    return {abi::Types(this, get), ValType(TypeIdx(defs.size() - 1))};
  }
  [[nodiscard]] TypeView prim(PrimValType type) const {
    return {abi::Types(this, get), ValType(type)};
  }
  static const DefValType& get(const void* self, TypeIdx idx) {
    return static_cast<const TestTypes*>(self)->defs[idx.value];
  }
};

Result<std::vector<std::uint8_t>> no_files(const std::string& path) {
  return std::unexpected(Error(rules::case_file, Span::none(), path));
}

std::optional<Difference> difference(std::string_view expected, const Value& actual,
                                     const TypeView& type, SavedHandles& saved) {
  const auto json = Json::parse(expected);
  EXPECT_TRUE(json) << json.error().text();
  const auto expectation = read_expectation(*json, type, saved, no_files);
  EXPECT_TRUE(expectation) << expectation.error().text();
  return compare(*expectation, actual, type, saved);
}

TEST(ParseCases, ReadsAnArrayOfCases) {
  const auto file =
      parse_cases(R"([{"name":"adds","call":"add","args":[1,2],"expect":3},{"call":"x"}])", 0);
  ASSERT_TRUE(file);
  ASSERT_EQ(file->cases.size(), 2U);
  EXPECT_EQ(file->cases[0].name, "adds");
  EXPECT_EQ(file->cases[0].steps[0].args.size(), 2U);
  EXPECT_EQ(file->cases[1].name, "case 2");
  EXPECT_FALSE(file->cases[1].steps[0].expect);
}

TEST(ParseCases, ReadsMocksAndSteps) {
  const auto file = parse_cases(
      R"({"mocks":{"a:b/c":{"f":{"sequence":[1,2],"expect-calls":[["x"]]}},"":{"g":{"echo":1}}},
          "cases":[{"name":"s","steps":[{"call":"f"},{"drop":"r"}]}]})",
      0);
  ASSERT_TRUE(file) << file.error().text();
  ASSERT_EQ(file->mocks.size(), 2U);
  EXPECT_EQ(file->mocks[0].kind, Mock::Kind::sequence);
  EXPECT_EQ(file->mocks[0].expect_calls->size(), 1U);
  EXPECT_EQ(file->mocks[1].echo, 1U);
  EXPECT_EQ(file->cases[0].steps[1].kind, Step::Kind::drop);
}

TEST(ParseCases, NamesTheNearestKey) {
  const auto file = parse_cases(R"([{"call":"add","expects":3}])", 0);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().rule(), rules::case_key);
  EXPECT_EQ(file.error().help_text(), "did you mean `expect`?");
}

TEST(ParseCases, RefusesArgumentsWithoutCall) {
  EXPECT_TRUE(parse_cases(R"([{"name":"runs the program"}])", 0)->cases[0].program);
  const auto file = parse_cases(R"([{"name":"nothing","args":[1]}])", 0);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().rule(), rules::case_file);
}

TEST(Compare, FloatsByToleranceAnywhere) {
  TestTypes types;
  SavedHandles saved;
  const TypeView list = types.add(component::List{PrimValType::f64, std::nullopt});
  const Value have = Value::list({Value::f64(1.5), Value::f64(2.0000001)});
  EXPECT_FALSE(difference(R"([1.5,{"$approx":2,"tolerance":1e-6}])", have, list, saved));
  const auto d = difference(R"([1.5,{"$approx":2,"tolerance":1e-9}])", have, list, saved);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->path, "[1]");
}

TEST(Compare, NanEqualsNanAndF32IsRoundedFirst) {
  const TestTypes types;
  SavedHandles saved;
  EXPECT_FALSE(difference("\"nan\"", Value::f64(std::numeric_limits<double>::quiet_NaN()),
                          types.prim(PrimValType::f64), saved));
  EXPECT_FALSE(difference("0.1", Value::f32(0.1F), types.prim(PrimValType::f32), saved));
}

TEST(Compare, ShowsTheSmallestDifference) {
  TestTypes types;
  SavedHandles saved;
  const TypeView point =
      types.add(component::Record{{{"x", PrimValType::s32}, {"y", PrimValType::s32}}});
  const TypeView result = types.add(component::ResultType{point.type, PrimValType::string});
  const Value have = Value::ok(Value::record({{"x", Value::s32(1)}, {"y", Value::s32(2)}}));
  const auto d = difference(R"({"ok":{"x":1,"y":3}})", have, result, saved);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->path, ".ok.y");
  EXPECT_EQ(d->expected, "3");
  EXPECT_EQ(d->actual, "2");
  const auto other = difference(R"({"err":"no"})", have, result, saved);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->path, "");
}

TEST(Compare, CountsElements) {
  TestTypes types;
  SavedHandles saved;
  const TypeView list = types.add(component::List{PrimValType::u8, std::nullopt});
  const auto d = difference("[1,2,3]", Value::bytes({1, 2}), list, saved);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->expected, "3 elements");
}

TEST(Compare, MapsInAnyOrder) {
  TestTypes types;
  SavedHandles saved;
  const TypeView map = types.add(component::Map{PrimValType::string, PrimValType::u32});
  const Value have = Value::list({Value::tuple({Value::string("b"), Value::u32(2)}),
                                  Value::tuple({Value::string("a"), Value::u32(1)})});
  EXPECT_FALSE(difference(R"([["a",1],["b",2]])", have, map, saved));
  EXPECT_TRUE(difference(R"([["a",1],["b",3]])", have, map, saved));
}

// They stood there as lists of pairs.
TEST(Compare, ShowsMapsAsTheirEntries) {
  TestTypes types;
  SavedHandles saved;
  const TypeView map = types.add(component::Map{PrimValType::string, PrimValType::u32});
  const TypeView option = types.add(component::Option{map.type});
  const Value have = Value::some(Value::list({Value::tuple({Value::string("b"), Value::u32(2)})}));
  const auto d = difference("null", have, option, saved);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->actual, "some({\"b\": 2})");
}

TEST(Compare, SavesAResourceAndPassesItOn) {
  TestTypes types;
  SavedHandles saved;
  const TypeView own = types.add(component::Own{TypeIdx(7U)});
  EXPECT_FALSE(difference(R"({"$save":"c"})", Value::own({4, 2}), own, saved));
  const auto json = Json::parse(R"({"$ref":"c"})");
  const auto passed = read_value(*json, own, saved, no_files);
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->handle(), (runtime::HostHandle{4, 2}));
  const auto unknown = read_value(*Json::parse(R"({"$ref":"d"})"), own, saved, no_files);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().rule(), rules::case_reference);
}

TEST(Report, ClosesWithItsTotals) {
  Report report;
  report.verdicts = {{"f", "a", Status::passed, 1, ""},
                     {"f", "b <&>", Status::failed, 1, "x\ny"},
                     {"f", "c", Status::skipped, 0, "why"}};
  EXPECT_EQ(report.totals(), "1 passed, 1 failed, 1 skipped");
  EXPECT_TRUE(report_text(report, true, false).ends_with("1 passed, 1 failed, 1 skipped\n"));
  EXPECT_NE(report_tap(report).find("not ok 2 - b <&>"), std::string::npos);
  EXPECT_NE(report_junit(report).find("b &lt;&amp;&gt;"), std::string::npos);
  EXPECT_TRUE(Json::parse(report_json(report)));
}

}  // namespace
}  // namespace tenon::testing

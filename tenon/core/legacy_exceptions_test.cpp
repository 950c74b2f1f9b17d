// SPDX-License-Identifier: Apache-2.0
// Legacy exceptions: the gate, the rules of their own, and the translation to `try_table`. What
// they do when they run is shown by the engine's tests and the public suite.
#include <gtest/gtest.h>

#include "tenon/core/decode.h"
#include "tenon/core/rules.h"
#include "tenon/core/testing.h"
#include "tenon/core/to_exnref.h"
#include "tenon/core/validate.h"

namespace tenon::core {
namespace {

using testing::Bytes;
using testing::header;
using testing::one_func;
using testing::section;

Features with_legacy() {
  return Features::standard().enable(Gate::legacy_exceptions);
}
/// A body of a module that has one tag, number 0, without parameters.
Bytes body(std::initializer_list<int> ops) {
  Bytes entry = Bytes().add({0}).add(ops);
  Bytes code;
  code.add({1}).u32(static_cast<std::uint32_t>(entry.size())).append(entry);
  return header()
      .append(section(1, Bytes().add({1, 0x60, 0, 0})))
      .append(section(3, Bytes().add({1, 0})))
      .append(section(13, Bytes().add({1, 0, 0})))
      .append(section(10, code));
}
Result<Validated<Module>> check(Bytes bytes, const Features& features = with_legacy()) {
  Module module = TENON_TRY(decode(Blob::own(bytes.take()), features));
  return validate(std::move(module), features);
}
void expect_rule(Bytes bytes, const Rule& rule) {
  const auto result = check(std::move(bytes));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule().id, rule.id) << result.error().text();
}

TEST(LegacyExceptions, AClosedGateNamesItselfAndBothWaysOut) {
  const auto result = check(body({0x06, 0x40, 0x0B, 0x0B}), Features::standard());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule().id, rules::feature_off.id);
  EXPECT_EQ(result.error().detail(), "`try`: needs `legacy-exceptions`");
  EXPECT_NE(result.error().help_text().find("--features legacy-exceptions"), std::string::npos);
  EXPECT_NE(result.error().help_text().find("--to-exnref"), std::string::npos);
}

TEST(LegacyExceptions, ClausesBelongToATry) {
  EXPECT_TRUE(check(body({0x06, 0x40, 0x0B, 0x0B})));
  EXPECT_TRUE(check(body({0x06, 0x40, 0x07, 0, 0x19, 0x0B, 0x0B})));
  EXPECT_TRUE(check(body({0x06, 0x40, 0x18, 0, 0x0B})));
  expect_rule(body({0x07, 0, 0x0B}), rules::catch_without_try);
  expect_rule(body({0x19, 0x0B}), rules::catch_without_try);
  expect_rule(body({0x18, 0, 0x0B}), rules::catch_without_try);
  expect_rule(body({0x02, 0x40, 0x18, 0, 0x0B}), rules::catch_without_try);
  // Nothing follows `catch_all`, and `delegate` stands alone.
  expect_rule(body({0x06, 0x40, 0x19, 0x07, 0, 0x0B, 0x0B}), rules::catch_without_try);
  expect_rule(body({0x06, 0x40, 0x19, 0x19, 0x0B, 0x0B}), rules::catch_without_try);
  expect_rule(body({0x06, 0x40, 0x07, 0, 0x18, 0, 0x0B}), rules::catch_without_try);
}

TEST(LegacyExceptions, TheLabelOfDelegateCountsFromOutside) {
  EXPECT_TRUE(check(body({0x06, 0x40, 0x18, 0, 0x0B})));
  expect_rule(body({0x06, 0x40, 0x18, 1, 0x0B}), rules::unknown_label);
}

TEST(LegacyExceptions, RethrowNamesAClause) {
  EXPECT_TRUE(check(body({0x06, 0x40, 0x19, 0x09, 0, 0x0B, 0x0B})));
  expect_rule(body({0x09, 0, 0x0B}), rules::rethrow_label);
  expect_rule(body({0x06, 0x40, 0x09, 0, 0x19, 0x0B, 0x0B}), rules::rethrow_label);
  expect_rule(body({0x09, 1, 0x0B}), rules::unknown_label);
}

// Bodies end where they should although `delegate` takes the place of an `end`.
TEST(LegacyExceptions, DelegateEndsItsTry) {
  expect_rule(body({0x06, 0x40, 0x18, 0}), rules::body_end);
  expect_rule(body({0x06, 0x40, 0x18, 0, 0x0B, 0x0B}), rules::body_end);
}

void expect_translated(Bytes bytes) {
  const auto legacy = check(std::move(bytes));
  ASSERT_TRUE(legacy) << legacy.error().text();
  const std::vector<std::uint8_t> today = to_exnref(*legacy);
  Module module = *decode(Blob::borrow(today), Features::standard());
  const auto result = validate(std::move(module), Features::standard());
  EXPECT_TRUE(result) << result.error().text();
}

TEST(LegacyExceptions, TranslationsAreValidWithoutTheGate) {
  expect_translated(body({0x01, 0x0B}));
  expect_translated(body({0x06, 0x40, 0x0B, 0x0B}));
  expect_translated(body({0x06, 0x40, 0x08, 0, 0x07, 0, 0x09, 0, 0x19, 0x09, 0, 0x0B, 0x0B}));
  expect_translated(body({0x06, 0x40, 0x08, 0, 0x18, 0, 0x0B}));
  // To a `try`, past one, and from within a clause; branches to labels of all kinds.
  expect_translated(body({0x06, 0x40, 0x06, 0x40, 0x06, 0x40, 0x0C, 1, 0x18, 1, 0x19, 0x0B, 0x07,
                          0,    0x0C, 0,    0x19, 0x06, 0x40, 0x09, 1, 0x18, 0, 0x0B, 0x0B}));
  // Results, and nothing that can be reached.
  expect_translated(body({0x00, 0x06, 0x7F, 0x41, 1, 0x07, 0, 0x41, 2, 0x0B, 0x1A, 0x0B}));
}

TEST(LegacyExceptions, ManyNestedTriesAreTranslatedInLinearSpace) {
  Bytes entry;
  entry.add({0});
  constexpr int n = 20'000;
  for (int i = 0; i < n; ++i) entry.add({0x06, 0x40});
  for (int i = 0; i < n; ++i) entry.add({0x18, 0});
  entry.add({0x0B});
  const auto legacy = check(one_func(entry));
  ASSERT_TRUE(legacy) << legacy.error().text();
  EXPECT_LT(to_exnref(*legacy).size(), 20U * n);
}

}  // namespace
}  // namespace tenon::core

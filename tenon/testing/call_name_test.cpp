// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/call_name.h"

#include <gtest/gtest.h>

#include "tenon/testing/rules.h"

namespace tenon::testing {
namespace {

const std::vector<ExportedFunc>& sample() {
  static const std::vector<ExportedFunc> funcs = {
      {"a:b/math@1.0.0", "add", {}},
      {"a:b/draw@1.0.0", "[constructor]canvas", {}},
      {"a:b/draw@1.0.0", "[method]canvas.width", {}},
      {"a:b/other@2.0.0", "run", {}},
      {"a:b/third", "run", {}},
  };
  return funcs;
}

std::string found(std::string_view call) {
  const auto func = find_func(sample(), call, Span::none());
  return func ? func->interface + "#" + func->name : "error: " + func.error().help_text();
}

TEST(FindFunc, TakesEverySpelling) {
  EXPECT_EQ(found("add"), "a:b/math@1.0.0#add");
  EXPECT_EQ(found("math#add"), "a:b/math@1.0.0#add");
  EXPECT_EQ(found("a:b/math#add"), "a:b/math@1.0.0#add");
  EXPECT_EQ(found("a:b/math@1.0.0#add"), "a:b/math@1.0.0#add");
  EXPECT_EQ(found("draw#canvas"), "a:b/draw@1.0.0#[constructor]canvas");
  EXPECT_EQ(found("draw#canvas.width"), "a:b/draw@1.0.0#[method]canvas.width");
  EXPECT_EQ(found("[method]canvas.width"), "a:b/draw@1.0.0#[method]canvas.width");
}

TEST(FindFunc, NamesTheNearest) {
  EXPECT_EQ(found("ad"), "error: did you mean `add`?");
}

TEST(FindFunc, ListsSeveral) {
  EXPECT_EQ(found("run"), "error: write one of:\n  a:b/other@2.0.0#run\n  a:b/third#run");
}

TEST(FindFunc, RefusesAnotherVersion) {
  const auto func = find_func(sample(), "a:b/math@2.0.0#add", Span::none());
  ASSERT_FALSE(func);
  EXPECT_EQ(func.error().rule(), rules::case_function);
}

}  // namespace
}  // namespace tenon::testing

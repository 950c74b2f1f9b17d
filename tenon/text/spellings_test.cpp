// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/spellings.h"

#include <gtest/gtest.h>

#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

TEST(Spellings, OldOperatorsHaveTodaysName) {
  const struct {
    std::string_view old;
    std::string_view today;
  } rows[] = {
      {"get_local", "local.get"},
      {"tee_local", "local.tee"},
      {"grow_memory", "memory.grow"},
      {"anyfunc", "funcref"},
      {"i32.wrap/i64", "i32.wrap_i64"},
      {"i32.trunc_s/f32", "i32.trunc_f32_s"},
      {"i64.trunc_u:sat/f64", "i64.trunc_sat_f64_u"},
      {"i64.extend_u/i32", "i64.extend_i32_u"},
      {"f32.convert_s/i64", "f32.convert_i64_s"},
      {"f64.promote/f32", "f64.promote_f32"},
      {"i32.reinterpret/f32", "i32.reinterpret_f32"},
      {"f32x4.convert_s/i32x4", "f32x4.convert_i32x4_s"},
      {"i32x4.trunc_s/f32x4:sat", "i32x4.trunc_sat_f32x4_s"},
      {"i64.atomic.rmw8_u.add", "i64.atomic.rmw8.add_u"},
      {"i32.atomic.wait", "memory.atomic.wait32"},
      {"i16x8.widen_low_i8x16_s", "i16x8.extend_low_i8x16_s"},
      {"i8x16.add_saturate_u", "i8x16.add_sat_u"},
      {"struct.new_canon_default", "struct.new_default"},
      {"i31.new", "ref.i31"},
      {"i32.add", ""},
      {"i32.wrap/i16", ""},
      {"i32.frob_s/f32", ""},
      {"x.atomic.rmw_u.y", ""},
      {"/", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(todays_spelling(row.old), row.today) << row.old;
}

TEST(Spellings, AnOldWordIsExplainedAndReadOnDemand) {
  constexpr std::string_view old =
      "(module (table 1 anyfunc) (memory 1) (func (param i64) (result i32)"
      " (drop (grow_memory (i32.const 0))) get_local 0 i32.wrap/i64))";
  constexpr std::string_view today =
      "(module (table 1 funcref) (memory 1) (func (param i64) (result i32)"
      " (drop (memory.grow (i32.const 0))) local.get 0 i32.wrap_i64))";
  const auto refused = parse_module(old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule(), rules::unknown_keyword);
  EXPECT_EQ(refused.error().detail(), "found `anyfunc`, which is spelled `funcref` today");
  EXPECT_NE(refused.error().help_text().find("write `funcref`"), std::string::npos);
  const auto read = parse_module(old, 0, {.legacy_words = true});
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(core::encode(*read), core::encode(*parse_module(today)));
  for (const std::string_view op : {"get_local 0", "(grow_memory)", "i32.wrap/i64"}) {
    const auto result = parse_module("(func " + std::string(op) + ")");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().detail().find("today"), std::string::npos) << result.error().detail();
  }
}

TEST(Spellings, WordsOfOtherProposalsAreRefusedByName) {
  const struct {
    std::string_view text;
    std::string_view detail;
  } rows[] = {
      {"(func resume 0)", "found `resume`; stack switching is not supported"},
      {"(type (cont 0))", "found `cont`; stack switching is not supported"},
      {"(func (param contref))", "found `contref`; stack switching is not supported"},
      {"(func (param (ref null nocont)))", "found `nocont`; stack switching is not supported"},
      {"(func (param (ref (exact 0))))", "found `exact`; custom descriptors are not supported"},
      {"(type (descriptor 1 (struct)))",
       "found `descriptor`; custom descriptors are not supported"},
      {"(type (describes 0 (struct)))", "found `describes`; custom descriptors are not supported"},
      {"(func ref.get_desc 0)", "found `ref.get_desc`; custom descriptors are not supported"},
      {"(func memory.discard)", "found `memory.discard`; memory control is not supported"},
      {"(func pause)", "found `pause`; acquire-release atomics are not supported"},
      {"(memory 1) (func i32.const 0 i32.atomic.load acqrel drop)",
       "found the ordering `acqrel`; acquire-release atomics are not supported"},
      {"(type (array i8)) (func i32.load (type 0))",
       "found an array type; multibyte array access is not supported"},
      {"(func (global.atomic.get seqcst 0))",
       "found `global.atomic.get`; shared-everything-threads is not supported"},
      {"(func (param (ref (shared any))))",
       "found `shared`; shared heap types of shared-everything-threads are not supported"},
      {"(type (shared (func)))",
       "found `shared`; shared heap types of shared-everything-threads are not supported"},
  };
  for (const auto& row : rows) {
    const auto result = parse_module(row.text);
    ASSERT_FALSE(result) << row.text;
    EXPECT_EQ(result.error().detail(), row.detail) << row.text;
  }
}

// The ordering that a fence has anyway may be written out.
TEST(Spellings, AFenceMayNameItsOrdering) {
  EXPECT_TRUE(parse_module("(func atomic.fence seqcst)"));
  const auto acqrel = parse_module("(func atomic.fence acqrel)");
  ASSERT_FALSE(acqrel);
  EXPECT_EQ(acqrel.error().detail(),
            "found the ordering `acqrel`; acquire-release atomics are not supported");
}

}  // namespace
}  // namespace tenon::text

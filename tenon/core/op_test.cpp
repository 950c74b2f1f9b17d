// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/op.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tenon/core/rules.h"

namespace tenon::core {
namespace {

TEST(Ops, StandInTheOrderOfTheirOpcodes) {
  std::uint32_t scalar = 0;
  std::uint32_t vector = 0;
  for (std::size_t i = 1; i < num_ops; ++i) {
    const OpInfo& row = info(static_cast<Op>(i));
    std::uint32_t& last = row.prefix() == 0xFD ? vector : scalar;
    EXPECT_LT(last, row.opcode) << row.text;
    last = row.opcode;
  }
  EXPECT_EQ(num_ops, 319U + 256U);
}

TEST(Ops, HaveOneTextEachButForTheFewThatImmediatesTellApart) {
  std::map<std::string_view, int> seen;
  for (const OpInfo& row : op_table::rows) ++seen[row.text];
  for (const auto& [text, n] : seen) {
    const bool shared = text == "select" || text == "ref.test" || text == "ref.cast";
    EXPECT_EQ(n, shared ? 2 : 1) << text;
  }
}

TEST(Ops, AreFoundByOpcodeAndByText) {
  for (std::size_t i = 0; i < num_ops; ++i) {
    const Op op = static_cast<Op>(i);
    EXPECT_EQ(find_op(info(op).opcode), op);
    const auto by_text = find_op(info(op).text);
    ASSERT_TRUE(by_text);
    EXPECT_EQ(info(*by_text).text, info(op).text);
  }
  EXPECT_EQ(find_op("select"), Op::select);
  EXPECT_EQ(find_op("ref.test"), Op::ref_test);
  EXPECT_FALSE(find_op("i32.frobnicate"));
  EXPECT_FALSE(find_op(std::uint32_t{0x16}));
  EXPECT_FALSE(find_op(std::uint32_t{0xFC0FF}));
}

TEST(Ops, ShapesGiveTheTypesOfTheSpecification) {
  const Signature add = signature(info(Op::i32_add).shape);
  EXPECT_EQ(add.num_params, 2);
  EXPECT_EQ(add.results[0], TypeCode::i32);
  const Signature wrap = signature(info(Op::i32_wrap_i64).shape);
  EXPECT_EQ(wrap.params[0], TypeCode::i64);
  EXPECT_EQ(info(Op::i64_load32_s).shape.log2_size, 2);
  EXPECT_EQ(info(Op::v128_load64_splat).shape.log2_size, 3);
  EXPECT_EQ(info(Op::f32x4_extract_lane).shape.lanes, 4);
  EXPECT_EQ(info(Op::v128_load16_lane).shape.lanes, 8);
  EXPECT_EQ(info(Op::i64_trunc_sat_f64_u).opcode, 0xFC007U);
}

TEST(Features, NamedSetsGrow) {
  EXPECT_FALSE(Features::mvp().has(Gate::mutable_global));
  EXPECT_TRUE(Features::wasm2().has(Gate::simd));
  EXPECT_FALSE(Features::wasm2().has(Gate::gc));
  EXPECT_TRUE(Features::wasm3().has(Gate::gc));
  EXPECT_TRUE(Features::wasm3().has(Gate::threads));
  EXPECT_FALSE(Features::wasm3().has(Gate::wide_arithmetic));
  EXPECT_TRUE(Features::all().has(Gate::cm_map));
}

TEST(Features, AreParsedFromAList) {
  const auto f = Features::parse("wasm3,-gc,threads");
  ASSERT_TRUE(f);
  EXPECT_FALSE(f->has(Gate::gc));
  EXPECT_TRUE(f->has(Gate::threads));
  const auto none = Features::parse("all,-all,simd");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->has(Gate::simd));
  EXPECT_FALSE(none->has(Gate::bulk_memory));
  EXPECT_TRUE(Features::parse(""));
}

// wasm-tools 1.263, crates/wasmparser/src/features.rs: every name, and whether it is on by default.
// `off` are those that tenon knows and does not support.
TEST(Features, HaveTheNamesAndDefaultsOfWasmTools) {
  enum class Is : std::uint8_t { on, closed, unsupported };
  const struct {
    std::string_view name;
    Is is;
  } rows[] = {
      {"mutable-global", Is::on},
      {"saturating-float-to-int", Is::on},
      {"sign-extension", Is::on},
      {"reference-types", Is::on},
      {"multi-value", Is::on},
      {"bulk-memory", Is::on},
      {"simd", Is::on},
      {"relaxed-simd", Is::on},
      {"threads", Is::on},
      {"shared-everything-threads", Is::closed},
      {"tail-call", Is::on},
      {"floats", Is::on},
      {"multi-memory", Is::on},
      {"exceptions", Is::on},
      {"memory64", Is::on},
      {"extended-const", Is::on},
      {"component-model", Is::on},
      {"function-references", Is::on},
      {"memory-control", Is::unsupported},
      {"gc", Is::on},
      {"custom-page-sizes", Is::closed},
      {"legacy-exceptions", Is::closed},
      {"gc-types", Is::on},
      {"stack-switching", Is::unsupported},
      {"wide-arithmetic", Is::on},
      {"cm-values", Is::closed},
      {"cm-nested-names", Is::closed},
      {"cm-async", Is::on},
      {"cm-async-stackful", Is::closed},
      {"cm-more-async-builtins", Is::closed},
      {"cm-threading", Is::closed},
      {"cm-error-context", Is::closed},
      {"cm-fixed-length-lists", Is::closed},
      {"cm-gc", Is::closed},
      {"call-indirect-overlong", Is::on},
      {"bulk-memory-opt", Is::on},
      {"custom-descriptors", Is::unsupported},
      {"compact-imports", Is::on},
      {"cm-map", Is::on},
      {"cm64", Is::closed},
      {"cm-implements", Is::on},
      {"cm-canon-names", Is::closed},
      {"cm-forward", Is::closed},
      {"cm-accessors", Is::closed},
      {"acquire-release-atomics", Is::unsupported},
      {"multibyte-array-access", Is::unsupported},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto closed = Features::parse("-" + std::string(row.name), Features::component());
    ASSERT_TRUE(closed);
    EXPECT_EQ(*closed != Features::component(), row.is == Is::on);
    const auto opened = Features::parse(row.name, Features::component());
    ASSERT_EQ(opened.has_value(), row.is != Is::unsupported);
    if (!opened) {
      EXPECT_EQ(opened.error().rule(), rules::feature_unsupported);
      continue;
    }
    EXPECT_EQ(*opened != Features::component(), row.is == Is::closed);
  }
  for (const std::string_view group : {"mvp", "wasm1", "wasm2", "wasm3", "lime1", "all", "-all"})
    EXPECT_TRUE(Features::parse(group)) << group;
  const auto closed_set = Features::parse("-wasm2");
  ASSERT_FALSE(closed_set);
  EXPECT_EQ(closed_set.error().rule(), rules::feature_name);
}

TEST(Features, PartsOpenAndCloseWithTheWhole) {
  const Features lime = *Features::parse("lime1");
  EXPECT_TRUE(lime.has(Gate::bulk_memory_opt));
  EXPECT_FALSE(lime.has(Gate::bulk_memory));
  EXPECT_TRUE(lime.has(Gate::call_indirect_overlong));
  EXPECT_FALSE(lime.has(Gate::reference_types));
  EXPECT_TRUE(Features::parse("mvp,bulk-memory")->has(Gate::bulk_memory_opt));
  EXPECT_FALSE(Features::parse("wasm3,-bulk-memory")->has(Gate::bulk_memory_opt));
  EXPECT_FALSE(Features::parse("wasm3,-bulk-memory-opt")->has(Gate::bulk_memory));
  EXPECT_FALSE(Features::parse("wasm3,-call-indirect-overlong")->has(Gate::reference_types));
  EXPECT_TRUE(Features::parse("mvp,gc")->has(Gate::function_references));
}

TEST(Features, RefuseAnUnknownNameAndListTheValidOnes) {
  const auto f = Features::parse("wasm3,-cg");
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().rule(), rules::feature_name);
  EXPECT_NE(f.error().help_text().find("tail-call"), std::string::npos);
}

TEST(Types, AreSpelledAsTheTextFormatHasThem) {
  EXPECT_EQ(to_string(funcref), "funcref");
  EXPECT_EQ(to_string(ValType::ref(TypeIdx(3U), false)), "(ref 3)");
  EXPECT_EQ(to_string(ValType::ref(TypeIdx(3U), true)), "(ref null 3)");
  EXPECT_EQ(to_string(ValType::ref(TypeCode::none, true)), "nullref");
  EXPECT_EQ(to_string(ValType(TypeCode::v128)), "v128");
}

}  // namespace
}  // namespace tenon::core

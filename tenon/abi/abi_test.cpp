// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/abi/layout.h"

namespace tenon::abi {
namespace {

// What lifts, lowers and prints primitive values is expanded out of these rows.
TEST(PrimValTypes, RowsAgreeWithTheirCppTypes) {
#define TENON_PRIM(name, text, code, size, flat, cpp, ...)                                     \
  EXPECT_EQ(sizeof(cpp), std::size_t{size}) << text;                                           \
  EXPECT_EQ(layout_of_prim(types::PrimValType::name, Ptr::i32), (Layout{size, size})) << text; \
  EXPECT_EQ(flatten_prim(types::PrimValType::name, Ptr::i64)[0], core::TypeCode::flat) << text;
#define TENON_PRIM_STRING(...)
#define TENON_PRIM_ERROR_CONTEXT(...)
#include "tenon/types/primvaltypes.def"
  EXPECT_EQ(layout_of_prim(types::PrimValType::string, Ptr::i64), (Layout{16, 8}));
  EXPECT_EQ(flatten_prim(types::PrimValType::string, Ptr::i64)[1], core::TypeCode::i64);
  EXPECT_EQ(flatten_prim(types::PrimValType::error_context, Ptr::i32)[0], core::TypeCode::i32);
}

using namespace types;
using P = PrimValType;

/// A table of types that a test fills.
struct Table {
  std::vector<DefValType> types;
  ValType add(DefValType type) {
    types.push_back(std::move(type));
    return TypeIdx(types.size() - 1);
  }
  operator Types() const {  // NOLINT(google-explicit-constructor)
    return {this, [](const void* self, TypeIdx i) -> const DefValType& {
              return static_cast<const Table*>(self)->types[i.value];
            }};
  }
};

std::string text(const FlatTypes& flat) {
  std::string out;
  for (const core::TypeCode t : flat.view()) out += to_string(core::ValType(t)) + " ";
  return out;
}
std::string text(const core::FuncType& type) {
  std::string out;
  for (const core::ValType t : type.params) out += to_string(t) + " ";
  out += "->";
  for (const core::ValType t : type.results) out += " " + to_string(t);
  return out;
}

TEST(Layout, PrimitivesAreAsWideAsTheyAreAligned) {
  const Table t;
  EXPECT_EQ(layout(t, P::bool_), (Layout{1, 1}));
  EXPECT_EQ(layout(t, P::u16), (Layout{2, 2}));
  EXPECT_EQ(layout(t, P::char_), (Layout{4, 4}));
  EXPECT_EQ(layout(t, P::f64), (Layout{8, 8}));
  EXPECT_EQ(layout(t, P::string), (Layout{8, 4}));
  EXPECT_EQ(layout(t, P::string, Ptr::i64), (Layout{16, 8}));
}

TEST(Layout, RecordFieldsAreAlignedAndTheEndIsPadded) {
  Table t;
  const ValType r = t.add(Record{{{"a", P::u8}, {"b", P::u64}, {"c", P::u8}, {"d", P::u16}}});
  EXPECT_EQ(layout(t, r), (Layout{24, 8}));
  EXPECT_EQ(field_offsets(t, r), (std::vector<std::uint64_t>{0, 8, 16, 18}));
}

TEST(Layout, VariantPayloadStandsAfterTheDiscriminantAlignedForTheLargestCase) {
  Table t;
  const ValType v = t.add(Variant{{{"a", P::u8}, {"b", P::f64}, {"c", {}}}});
  EXPECT_EQ(layout(t, v), (Layout{16, 8}));
  EXPECT_EQ(payload_offset(t, v), 8U);
  const ValType o = t.add(Option{P::u16});
  EXPECT_EQ(layout(t, o), (Layout{4, 2}));
  EXPECT_EQ(payload_offset(t, o), 2U);
  EXPECT_EQ(layout(t, t.add(ResultType{})), (Layout{1, 1}));
}

TEST(Layout, ADiscriminantGrowsAt256And65536Cases) {
  EXPECT_EQ(discriminant_size(1), 1U);
  EXPECT_EQ(discriminant_size(256), 1U);
  EXPECT_EQ(discriminant_size(257), 2U);
  EXPECT_EQ(discriminant_size(65536), 2U);
  EXPECT_EQ(discriminant_size(65537), 4U);
}

TEST(Layout, AHugeFixedListDoesNotOverflow) {
  Table t;
  ValType list = t.add(List{P::u64, 0xFFFFFFFF});
  for (int i = 0; i < 5; ++i) list = t.add(List{list, 0xFFFFFFFF});
  EXPECT_EQ(elem_size(t, list), Layout::max_size);
  EXPECT_EQ(layout(t, t.add(List{P::u16, 3})), (Layout{6, 2}));
}

TEST(Flatten, JoinsTheCasesOfAVariantPlaceByPlace) {
  Table t;
  const ValType v = t.add(Variant{{{"a", P::f32}, {"b", P::u32}, {"c", P::string}}});
  EXPECT_EQ(text(flatten_type(t, v)), "i32 i32 i32 ");
  EXPECT_EQ(text(flatten_type(t, t.add(ResultType{P::f32, P::f64}))), "i32 i64 ");
  EXPECT_EQ(text(flatten_type(t, t.add(Option{P::f64}))), "i32 f64 ");
}

TEST(Flatten, AFixedListIsATupleAndAMillionElementsStopEarly) {
  Table t;
  EXPECT_EQ(text(flatten_type(t, t.add(List{P::f32, 3}))), "f32 f32 f32 ");
  EXPECT_TRUE(flatten_type(t, t.add(List{P::f32, 200000000})).exceeds(MAX_FLAT_PARAMS));
}

TEST(Flatten, SyncSignaturesSpillAbove16ParamsAnd1Result) {
  const Table t;
  const FuncType small{false, {{"a", P::string}, {"b", P::f32}}, P::string};
  EXPECT_EQ(text(flatten_functype(t, small, {Context::lift}).type), "i32 i32 f32 -> i32");
  EXPECT_EQ(text(flatten_functype(t, small, {Context::lower}).type), "i32 i32 f32 i32 ->");
  FuncType large;
  for (int i = 0; i < 17; ++i) large.params.push_back({"p", P::u32});
  const FlatFuncType flat = flatten_functype(t, large, {Context::lift});
  EXPECT_EQ(text(flat.type), "i32 ->");
  EXPECT_TRUE(flat.params_in_memory);
  large.params.pop_back();
  EXPECT_EQ(flatten_functype(t, large, {Context::lift}).type.params.size(), 16U);
}

TEST(Flatten, AsyncLowerSpillsAbove4ParamsAndAnyResult) {
  const Table t;
  FuncType f{true, {{"a", P::string}, {"b", P::string}}, P::u32};
  const FlattenOptions lower{Context::lower, true};
  EXPECT_EQ(text(flatten_functype(t, f, lower).type), "i32 i32 i32 i32 i32 -> i32");
  f.params.push_back({"c", P::u64});
  EXPECT_EQ(text(flatten_functype(t, f, lower).type), "i32 i32 -> i32");
  f.result.reset();
  EXPECT_EQ(text(flatten_functype(t, f, lower).type), "i32 -> i32");
}

TEST(Flatten, AsyncLiftReturnsThePackedCodeWithACallbackAndNothingWithout) {
  const Table t;
  const FuncType f{true, {{"a", P::string}}, P::string};
  EXPECT_EQ(text(flatten_functype(t, f, {Context::lift, true, true}).type), "i32 i32 -> i32");
  EXPECT_EQ(text(flatten_functype(t, f, {Context::lift, true, false}).type), "i32 i32 ->");
}

TEST(Flatten, PointersAreI64InA64BitMemory) {
  const Table t;
  const FuncType f{false, {{"a", P::string}}, P::string};
  EXPECT_EQ(text(flatten_functype(t, f, {Context::lower, false, false, Ptr::i64}).type),
            "i64 i64 i64 ->");
}

TEST(NeedsMemory, OnlyWhatStandsBehindAPointer) {
  Table t;
  EXPECT_FALSE(needs_memory(t, t.add(Tuple{{P::u8, P::f64}})));
  EXPECT_TRUE(needs_memory(t, t.add(Option{t.add(List{P::u8, {}})})));
  EXPECT_FALSE(needs_memory(t, t.add(List{P::u8, 4})));
  EXPECT_FALSE(needs_memory(t, t.add(Stream{P::string})));
}

}  // namespace
}  // namespace tenon::abi

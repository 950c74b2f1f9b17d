// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/print_module.h"

#include <gtest/gtest.h>

#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"

namespace tenon::text {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes encoded(std::string_view text) {
  const auto module = parse_module(text);
  EXPECT_TRUE(module) << text << ": " << (module ? "" : module.error().text());
  return module ? core::encode(*module) : Bytes{};
}
std::string printed(const Bytes& bytes, const PrintOptions& options = {}) {
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  EXPECT_TRUE(module) << (module ? "" : module.error().text());
  if (!module) return {};
  auto text = print_module(*module, options);
  EXPECT_TRUE(text) << (text ? "" : text.error().text());
  return text ? *text : std::string();
}
void expect_round(std::string_view text) {
  const Bytes bytes = encoded(text);
  EXPECT_EQ(encoded(printed(bytes)), bytes) << printed(bytes);
  EXPECT_EQ(encoded(printed(bytes, {.fold = true, .skeleton = false})), bytes);
}

TEST(PrintModule, FloatsKeepTheirBits) {
  expect_round(
      "(func f32.const nan f32.const -nan:0x1 f32.const 0x1p-149 f32.const -0 f64.const 1e300 "
      "f64.const inf "
      "f64.const nan:0xfffffffffffff f64.const 0.1 drop drop drop drop drop drop drop drop)");
}

TEST(PrintModule, NamesThatAreDoubleEmptyOrOddComeBack) {
  expect_round(
      "(module $m (func $a (@name \"same\")) (func $b (@name \"same\")) (func $c (@name \"\")) "
      "(func $\"a b\\u{202e}\" (param $x (@name \"p\") i32) (param $y (@name \"p\") i32) (local $l "
      "f64)))");
}

TEST(PrintModule, LabelsThatShadowAreWrittenAsNumbers) {
  const Bytes bytes = encoded("(func block $l block $l br 1 br $l end end)");
  expect_round("(func block $l block $l br 1 br $l end end)");
  EXPECT_NE(printed(bytes).find("br 1"), std::string::npos) << printed(bytes);
}

TEST(PrintModule, CustomSectionsKeepTheirPlaces) {
  expect_round(
      "(module (@custom \"first\" (before first) \"1\") (@custom \"mid\" (before code) \"2\\00\") "
      "(@custom \"data\" (after data) \"3\") (@custom \"end\" \"4\") (func $f) (memory 1) (data "
      "(i32.const 0) \"x\"))");
}

TEST(PrintModule, BranchHintsAreAnnotations) {
  const std::string_view text =
      "(func (param i32) local.get 0 (@metadata.code.branch_hint \"\\01\") if end block local.get "
      "0 "
      "(@metadata.code.branch_hint \"\\00\") br_if 0 end)";
  expect_round(text);
  EXPECT_NE(printed(encoded(text)).find("(@metadata.code.branch_hint \"\\01\")"),
            std::string::npos);
}

TEST(PrintModule, AMillionNestedBlocksPrintInLinearSpace) {
  constexpr std::size_t n = 100'000;
  std::string text = "(func ";
  for (std::size_t i = 0; i < n; ++i) text += "block ";
  for (std::size_t i = 0; i < n; ++i) text += "end ";
  text += ")";
  const Bytes bytes = encoded(text);
  const std::string out = printed(bytes);
  EXPECT_LT(out.size(), n * 250);
  EXPECT_EQ(encoded(out), bytes);
  EXPECT_EQ(encoded(printed(bytes, {.fold = true, .skeleton = false})), bytes);
}

TEST(PrintModule, PiecesAreTheWhole) {
  const auto module = parse_module("(func i32.const 1 drop) (data \"abc\")");
  ASSERT_TRUE(module);
  std::string pieces;
  ASSERT_TRUE(print_module(*module, {}, [&](std::string_view piece) { pieces += piece; }));
  EXPECT_EQ(pieces, *print_module(*module));
}

}  // namespace
}  // namespace tenon::text

// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace tenon::text {
namespace {

std::uint64_t f64(std::string_view text) {
  const IntResult r = parse_float(text, 64);
  EXPECT_EQ(r.status, NumberStatus::ok) << text;
  return r.value;
}
std::uint64_t f32(std::string_view text) {
  const IntResult r = parse_float(text, 32);
  EXPECT_EQ(r.status, NumberStatus::ok) << text;
  return r.value;
}

TEST(Number, IntegersKeepToTheirWidth) {
  EXPECT_EQ(parse_int("4294967295", 32).value, 0xFFFFFFFFU);
  EXPECT_EQ(parse_int("4294967296", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(parse_int("-2147483648", 32).value, 0x80000000U);
  EXPECT_EQ(parse_int("-2147483649", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(parse_int("+2147483647", 32).value, 0x7FFFFFFFU);
  EXPECT_EQ(parse_int("+2147483648", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(parse_int("-0x8000_0000_0000_0000", 64).value, 0x8000000000000000U);
  EXPECT_EQ(parse_int("0xFFFF_ffff_FFFF_ffff", 64).value, ~0ULL);
  EXPECT_EQ(parse_int("18446744073709551616", 64).status, NumberStatus::out_of_range);
}

TEST(Number, MalformedIntegersAreNoIntegers) {
  for (const auto* text :
       {"", "_1", "1_", "1__0", "0x", "0x_1", "-", "+-1", "1a", "0b1", "1.0", "--1"}) {
    EXPECT_EQ(parse_int(text, 64).status, NumberStatus::malformed) << text;
  }
}

TEST(Number, HexFloatsRoundToNearestEven) {
  EXPECT_EQ(f32("0x1.fffffep127"), 0x7F7FFFFFU);
  EXPECT_EQ(parse_float("0x1.ffffffp127", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(f32("0x1.fffffefffp127"), 0x7F7FFFFFU);
  EXPECT_EQ(f32("0x1p-149"), 1U);
  EXPECT_EQ(f32("0x1p-150"), 0U);
  EXPECT_EQ(f32("0x1.00000000000000000001p-150"), 1U);
  EXPECT_EQ(f32("0x0.8p0"), 0x3F000000U);
  EXPECT_EQ(f32("0x1.000001p0"), 0x3F800000U);
  EXPECT_EQ(f32("0x1.000003p0"), 0x3F800002U);
  EXPECT_EQ(f32("0x1.00000100000000000000001p0"), 0x3F800001U);
  EXPECT_EQ(f64("0x1.fffffffffffff7p1023"), 0x7FEFFFFFFFFFFFFFU);
  EXPECT_EQ(parse_float("0x1.fffffffffffff8p1023", 64).status, NumberStatus::out_of_range);
  EXPECT_EQ(f64("-0x0p0"), 0x8000000000000000U);
  EXPECT_EQ(f64("0x1.p1"), f64("2"));
  EXPECT_EQ(f64("0x10000000000000000000000000"), f64("0x1p100"));
}

TEST(Number, HexFloatsAgreeWithTheCLibrary) {
  std::mt19937_64 rng(42);
  for (int i = 0; i < 2000; ++i) {
    char text[64];
    std::snprintf(text, sizeof text, "0x%llx.%llxp%d",
                  static_cast<unsigned long long>(rng() >> (rng() % 60)),
                  static_cast<unsigned long long>(rng()), static_cast<int>(rng() % 2200) - 1150);
    const double want = std::strtod(text, nullptr);
    const IntResult r = parse_float(text, 64);
    if (want > 1.7e308) continue;
    EXPECT_EQ(r.value, std::bit_cast<std::uint64_t>(want)) << text;
    const float want32 = std::strtof(text, nullptr);
    const IntResult r32 = parse_float(text, 32);
    if (r32.status == NumberStatus::ok) {
      EXPECT_EQ(r32.value, std::bit_cast<std::uint32_t>(want32)) << text;
    }
  }
}

TEST(Number, DecimalFloatsOverflowButDoNotUnderflow) {
  EXPECT_EQ(f32("1e-999999999999999999999"), 0U);
  EXPECT_EQ(f32("0e999999999999"), 0U);
  EXPECT_EQ(f32("0.0000000000000000000000000000000000000000000001"), 0U);
  EXPECT_EQ(f32("1e-45"), 1U);
  EXPECT_EQ(parse_float("1e39", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(parse_float("340282356779733661637539395458142568448", 32).status,
            NumberStatus::out_of_range);
  EXPECT_EQ(f32("340282356779733661637539395458142568447"), 0x7F7FFFFFU);
  EXPECT_EQ(parse_float("1e309", 64).status, NumberStatus::out_of_range);
  EXPECT_EQ(f64("1_000.2_5e1_0"), std::bit_cast<std::uint64_t>(1000.25e10));
  EXPECT_EQ(f64("1."), std::bit_cast<std::uint64_t>(1.0));
}

TEST(Number, NansCarryTheirPayload) {
  EXPECT_EQ(f32("nan"), 0x7FC00000U);
  EXPECT_EQ(f32("-nan:0x1"), 0xFF800001U);
  EXPECT_EQ(f64("nan:0xfffffffffffff"), 0x7FFFFFFFFFFFFFFFU);
  EXPECT_EQ(parse_float("nan:0x0", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(parse_float("nan:0x80_0000", 32).status, NumberStatus::out_of_range);
  EXPECT_EQ(parse_float("nan:1", 32).status, NumberStatus::malformed);
  EXPECT_EQ(f32("-inf"), 0xFF800000U);
}

}  // namespace
}  // namespace tenon::text

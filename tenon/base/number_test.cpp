// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>

namespace tenon {
namespace {

template <class F>
F read(std::string_view text, std::errc wanted = {}) {
  F v = 7;
  EXPECT_EQ(parse_float(text, v), wanted) << text;
  return v;
}

TEST(Number, WhatIsTooLargeIsOutOfRangeAndWhatIsTooSmallIsZero) {
  constexpr auto range = std::errc::result_out_of_range;
  EXPECT_TRUE(std::isinf(read<float>("1e39", range)));
  EXPECT_TRUE(std::isinf(read<double>("1e400", range)));
  EXPECT_LT(read<double>("-1e400", range), 0);
  EXPECT_TRUE(std::isinf(read<double>("1e99999999999999999999", range)));
  EXPECT_TRUE(std::isinf(read<float>("3.4028236e38", range)));
  EXPECT_EQ(read<float>("3.4028235e38"), std::numeric_limits<float>::max());
  EXPECT_EQ(read<double>("1e-400"), 0);
  EXPECT_TRUE(std::signbit(read<double>("-1e-400")));
  EXPECT_EQ(read<float>("1e-46"), 0);
  EXPECT_EQ(read<float>("1e-45"), std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(read<double>("0.000000001e-99999999999"), 0);
  EXPECT_EQ(read<double>("0e99999999999"), 0);
  EXPECT_TRUE(std::signbit(read<float>("-0")));
  const std::string zeros = "0." + std::string(500, '0') + "1e501";
  EXPECT_EQ(read<double>(zeros), 1);
  EXPECT_EQ(read<double>("1" + std::string(400, '0') + "e-400"), 1);
  (void)read<double>("1x", std::errc::invalid_argument);
  (void)read<double>("", std::errc::invalid_argument);
}

TEST(Number, AFloatIsRoundedOnce) {
  // By way of a double these would be rounded twice, to the other neighbour.
  EXPECT_EQ(std::bit_cast<std::uint32_t>(read<float>("1.00000017881393432617187499")), 0x3F800001U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(read<float>("1.00000017881393432617187501")), 0x3F800002U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(
                read<float>("7.0064923216240853546186479164495806564013097093825788587853e-46")),
            0U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(
                read<float>("7.0064923216240853546186479164495806564013097093825788587854e-46")),
            1U);
}

TEST(Number, IntegersAreExactOrNone) {
  const auto u64 = [](std::string_view text) -> std::optional<std::uint64_t> {
    const auto i = exact_integer(text);
    return i ? to_int<std::uint64_t>(*i) : std::nullopt;
  };
  EXPECT_EQ(u64("1e2"), 100U);
  EXPECT_EQ(u64("5.0"), 5U);
  EXPECT_EQ(u64("1.25e2"), 125U);
  EXPECT_EQ(u64("1.25e1"), std::nullopt);
  EXPECT_EQ(u64("18446744073709551615.0"), ~std::uint64_t{0});
  EXPECT_EQ(u64("18446744073709551616.0"), std::nullopt);
  EXPECT_EQ(u64("1.8446744073709551615e19"), ~std::uint64_t{0});
  EXPECT_EQ(u64("9007199254740993.0"), 9007199254740993U);
  EXPECT_EQ(u64("1e400"), std::nullopt);
  EXPECT_EQ(u64("1e-400"), std::nullopt);
  EXPECT_EQ(u64("0e400"), 0U);
  EXPECT_EQ(u64("-0.0"), 0U);
  EXPECT_EQ(u64("-1"), std::nullopt);
  EXPECT_EQ(u64("100e-2"), 1U);
  EXPECT_EQ(u64("1" + std::string(1000, '0') + "e-1000"), 1U);
  EXPECT_EQ(to_int<std::int8_t>(*exact_integer("-128")), -128);
  EXPECT_EQ(to_int<std::int8_t>(*exact_integer("-129")), std::nullopt);
  EXPECT_EQ(to_int<std::int8_t>(*exact_integer("128")), std::nullopt);
  EXPECT_EQ(to_int<std::int64_t>(*exact_integer("-9223372036854775808")),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(to_int<std::int64_t>(*exact_integer("9223372036854775808")), std::nullopt);
}

}  // namespace
}  // namespace tenon

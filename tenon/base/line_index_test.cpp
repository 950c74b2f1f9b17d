// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/line_index.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tenon {
namespace {

TEST(LineIndex, ColumnsCountCodeUnits) {
  constexpr std::string_view text = "a\n\xC3\xA9\xF0\x9F\x98\x80z\n";  // é, U+1F600
  const LineIndex index(text);
  EXPECT_EQ(index.position(8, Columns::utf16), (TextPosition{1, 3}));
  EXPECT_EQ(index.position(8, Columns::utf8), (TextPosition{1, 6}));
  EXPECT_EQ(index.offset({1, 3}, Columns::utf16), 8U);
  EXPECT_EQ(index.offset({1, 6}, Columns::utf8), 8U);
}

TEST(LineIndex, APlaceInsideACharacterIsItsBegin) {
  constexpr std::string_view text = "\xF0\x9F\x98\x80z";
  const LineIndex index(text);
  EXPECT_EQ(index.offset({0, 1}, Columns::utf16), 0U);
  EXPECT_EQ(index.position(2, Columns::utf16), (TextPosition{0, 0}));
}

TEST(LineIndex, LinesEndInEachOfTheThreeWays) {
  const LineIndex index("a\r\nb\rc\n");
  EXPECT_EQ(index.lines(), 4U);
  EXPECT_EQ(index.position(3, Columns::utf16), (TextPosition{1, 0}));
  EXPECT_EQ(index.position(5, Columns::utf16), (TextPosition{2, 0}));
  EXPECT_EQ(index.position(99, Columns::utf16), (TextPosition{3, 0}));
}

TEST(LineIndex, WhatIsBehindALineIsItsEnd) {
  const LineIndex index("ab\r\ncd");
  EXPECT_EQ(index.offset({0, 99}, Columns::utf16), 2U);
  EXPECT_EQ(index.offset({1, 99}, Columns::utf8), 6U);
  EXPECT_EQ(index.offset({7, 0}, Columns::utf8), 6U);
}

TEST(LineIndex, EveryOffsetOfACharacterComesBack) {
  constexpr std::string_view text = "a\xC3\xA9\r\n\xE2\x82\xAC\xF0\x9F\x98\x80\nz";
  const LineIndex index(text);
  for (const std::uint32_t offset : {0U, 1U, 3U, 5U, 8U, 12U, 13U, 14U}) {
    for (const Columns columns : {Columns::utf8, Columns::utf16})
      EXPECT_EQ(index.offset(index.position(offset, columns), columns), offset);
  }
}

}  // namespace
}  // namespace tenon

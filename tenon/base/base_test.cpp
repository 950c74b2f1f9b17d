// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "tenon/base/bytes.h"
#include "tenon/base/source.h"
#include "tenon/base/unicode.h"

namespace tenon {
namespace {

TEST(Error, IsOnePointerWide) {
  EXPECT_EQ(sizeof(Error), sizeof(void*));
  EXPECT_EQ(sizeof(Result<int>), 2 * sizeof(void*));
}

TEST(Reader, RefusesALebWithTooManyBytes) {
  const std::array<std::uint8_t, 6> bytes = {0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  Reader in(bytes);
  const auto value = in.u32("count");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().rule(), rules::leb_too_long);
}

TEST(Reader, RefusesALebThatOverflows) {
  const std::array<std::uint8_t, 5> bytes = {0xFF, 0xFF, 0xFF, 0xFF, 0x1F};
  Reader in(bytes);
  const auto value = in.u32("count");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().rule(), rules::leb_too_large);
}

TEST(Reader, ReadsSignedValuesAtTheirLimits) {
  Writer out;
  const std::array<std::int64_t, 7> values = {0, -1, 63, 64, -64, INT64_MIN, INT64_MAX};
  for (const auto v : values) out.s64(v);
  Reader in(out.view());
  for (const auto v : values) EXPECT_EQ(in.s64("v").value(), v);
  EXPECT_TRUE(in.at_end());
}

TEST(Reader, ACountIsCheckedAgainstTheBytesLeft) {
  const std::array<std::uint8_t, 5> bytes = {0xFF, 0xFF, 0xFF, 0xFF, 0x0F};
  Reader in(bytes);
  EXPECT_FALSE(in.count("types"));
}

TEST(Unicode, RefusesSurrogatesOverlongFormsAndTruncation) {
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));
  EXPECT_FALSE(is_utf8("\xE2\x82"));
  EXPECT_TRUE(is_utf8("plain \xE2\x82\xAC and \xF0\x9F\x98\x80"));
}

TEST(Unicode, Utf16RoundTrip) {
  const std::string text = "a\xE2\x82\xAC\xF0\x9F\x98\x80";
  const auto units = utf8_to_utf16(text);
  EXPECT_EQ(units.size(), 4U);
  EXPECT_EQ(utf16_to_utf8(units).value(), text);
  EXPECT_FALSE(utf16_to_utf8(std::u16string(1, u'\xD800')));
}

TEST(Render, ShowsTheLineAndACaret) {
  SourceSet sources;
  const auto id = sources.add("a.wit", "interface x {\n  f: fun();\n}\n");
  const Error error(rules::utf8, Span{id, 19, 22}, "`fun`");
  EXPECT_EQ(render(error, sources),
            "error[utf-8]: the text is not valid UTF-8: `fun`\n"
            "  --> a.wit:2:6\n"
            "  |\n"
            "2 |   f: fun();\n"
            "  |      ^^^\n");
}

// A column is counted from a block's start, not from the line's: a line may be the whole input.
TEST(SourceSet, CountsColumnsInALongLineAsInAShortOne) {
  std::string text = "x\n";
  for (int i = 0; i < 3000; ++i) text += i % 3 == 0 ? "\u00e9" : i % 7 == 0 ? "\U0001F600" : "a";
  SourceSet sources;
  const std::uint32_t source = sources.add("long", text);
  std::uint32_t column = 0;
  for (std::uint32_t at = 2; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) continue;
    ++column;
    const Position found = sources.position(source, at);
    ASSERT_EQ(found.line, 2U) << at;
    ASSERT_EQ(found.column, column) << at;
  }
  EXPECT_EQ(sources.position(source, static_cast<std::uint32_t>(text.size())).column, column + 1);
  EXPECT_EQ(sources.position(source, 1).column, 2U);
}

}  // namespace
}  // namespace tenon

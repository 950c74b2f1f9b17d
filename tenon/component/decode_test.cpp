// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/decode.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "tenon/component/encode.h"
#include "tenon/component/limits.h"
#include "tenon/component/rules.h"

namespace tenon::component {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes component(std::initializer_list<std::uint8_t> sections) {
  Bytes out = {0x00, 0x61, 0x73, 0x6D, 0x0D, 0x00, 0x01, 0x00};
  out.insert(out.end(), sections);
  return out;
}
Result<Component> decoded(Bytes bytes) {
  return decode(Blob::own(std::move(bytes)), core::Features::all());
}
void expect_round_trip(const Bytes& bytes) {
  const auto c = decoded(bytes);
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(encode(*c), bytes);
}

TEST(DecodeComponent, EmptyOne) {
  expect_round_trip(component({}));
}

TEST(DecodeComponent, EmptySectionsAndCustomSectionsStayWhereTheyWere) {
  expect_round_trip(
      component({0x07, 0x01, 0x00, 0x00, 0x03, 0x02, 'h', 'i', 0x07, 0x02, 0x01, 0x73}));
}

TEST(DecodeComponent, EveryTypeConstructor) {
  expect_round_trip(
      component({0x07, 0x4F, 0x13, 0x3F, 0x7F, 0x00, 0x72, 0x02, 0x01, 'a',  0x7F, 0x01, 'b',  0x7D,
                 0x71, 0x02, 0x01, 'x',  0x01, 0x7E, 0x00, 0x01, 'y',  0x00, 0x00, 0x70, 0x7B, 0x6F,
                 0x02, 0x7C, 0x79, 0x6E, 0x02, 0x02, 'f',  '1',  0x02, 'f',  '2',  0x6D, 0x02, 0x02,
                 'e',  '1',  0x02, 'e',  '2',  0x6B, 0x7A, 0x6A, 0x00, 0x00, 0x6A, 0x01, 0x77, 0x00,
                 0x6A, 0x00, 0x01, 0x78, 0x6A, 0x01, 0x76, 0x01, 0x75, 0x69, 0x00, 0x68, 0x00, 0x66,
                 0x01, 0x7D, 0x66, 0x00, 0x65, 0x01, 0x73, 0x65, 0x00, 0x70, 0x02}));
}

// Binary.md "Type Definitions": 0x00 tells a `sub` from a module type, and only where both may
// are.
TEST(DecodeComponent, ASubThatIsNotFinalHasAPrefixOutsideOfModuleTypesAlone) {
  expect_round_trip(component({0x03, 0x07, 0x01, 0x00, 0x50, 0x00, 0x60, 0x00, 0x00}));
  expect_round_trip(component({0x03, 0x09, 0x01, 0x50, 0x01, 0x01, 0x50, 0x00, 0x60, 0x00, 0x00}));
  EXPECT_FALSE(
      decoded(component({0x03, 0x0A, 0x01, 0x50, 0x01, 0x01, 0x00, 0x50, 0x00, 0x60, 0x00, 0x00})));
}

TEST(DecodeComponent, RefusesAnUnknownOpcodeWhereItStands) {
  const auto c = decoded(component({0x08, 0x02, 0x01, 0x3F}));
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().rule(), rules::leading_byte);
  EXPECT_EQ(c.error().span(), (Span{0, 11, 12}));
}

TEST(DecodeComponent, EveryTruncationIsAnErrorOrAWholeComponent) {
  const Bytes whole = component(
      {0x07, 0x05, 0x01, 0x40, 0x00, 0x01, 0x00, 0x0A, 0x06, 0x01, 0x00, 0x01, 'f', 0x01, 0x00});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto c = decoded(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)));
    EXPECT_EQ(c.has_value(), n == 8 || n == 15) << n;
  }
  EXPECT_TRUE(decoded(whole));
}

TEST(DecodeComponent, ACountOfFourBillionAllocatesNothing) {
  const auto c = decoded(component({0x07, 0x07, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x73, 0x73}));
  ASSERT_FALSE(c);
}

TEST(DecodeComponent, AModuleIsToldWhatItIs) {
  const auto c = decoded({0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().rule(), rules::version);
  EXPECT_FALSE(c.error().help_text().empty());
}

/// `depth` components, each in a section of the one around it.
Bytes nested(int depth) {
  Bytes inner = component({});
  for (int i = 1; i < depth; ++i) {
    Writer out;
    out.bytes(component({}));
    out.u8(0x04);
    out.sized_bytes(inner);
    inner = out.take();
  }
  return inner;
}

TEST(DecodeComponent, AHundredNestedComponentsAreReadAndOneMoreIsNot) {
  expect_round_trip(nested(100));
  const auto c = decoded(nested(101));
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().rule(), rules::depth);
}

TEST(DecodeComponent, AHundredThousandNestedComponentsAreRefusedAtTheLimit) {
  // Sizes from the inside outward, then the heads from the outside inward.
  std::vector<std::uint32_t> sizes = {8};
  for (int i = 1; i < 100'000; ++i) {
    Writer head;
    head.u32(sizes.back());
    sizes.push_back(sizes.back() + 8 + 1 + static_cast<std::uint32_t>(head.size()));
  }
  Writer out;
  while (sizes.size() > 1) {
    sizes.pop_back();
    out.bytes(component({}));
    out.u8(0x04);
    out.u32(sizes.back());
  }
  out.bytes(component({}));
  const auto c = decoded(out.take());
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().rule(), rules::depth);
}

TEST(DecodeComponent, CustomSectionsMayHoldAnything) {
  // Names, producers and types that are none: their counts and sizes lie.
  for (const char* name :
       {"component-name", "producers", "component-type", "name", "package-docs"}) {
    Writer section;
    section.name(name);
    section.bytes(Bytes{0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01, 0xFF});
    Writer out;
    out.bytes(component({}));
    out.u8(0x00);
    out.sized_bytes(section.view());
    expect_round_trip(out.take());
  }
}

TEST(DecodeComponent, TypesNestedTooDeeplyAreRefused) {
  // component types, each the first declaration of the one around it
  Bytes inner = {0x41, 0x00};
  for (int i = 0; i < 10000; ++i) {
    Bytes outer = {0x41, 0x01, 0x01};
    outer.insert(outer.end(), inner.begin(), inner.end());
    inner = outer;
    if (inner.size() > 20000) break;
  }
  Writer out;
  out.bytes(component({}));
  Writer section;
  section.u32(1);
  section.bytes(inner);
  out.u8(7);
  out.sized_bytes(section.view());
  const auto c = decoded(out.take());
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().rule(), rules::depth);
}

}  // namespace
}  // namespace tenon::component

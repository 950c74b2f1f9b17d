// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/unicode.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace tenon {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// The definition, a scalar value at a time.
std::optional<std::size_t> slow_error(const Bytes& bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::uint8_t lead = bytes[i];
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC0 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF8 ? 4
                                             : 0;
    if (length == 0 || i + length > bytes.size()) return i;
    char32_t c = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if ((bytes[i + k] & 0xC0U) != 0x80) return i;
      c = (c << 6U) | (bytes[i + k] & 0x3FU);
    }
    constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return i;
    i += length;
  }
  return std::nullopt;
}

void expect_same(const Bytes& bytes) {
  const auto wanted = slow_error(bytes);
  ASSERT_EQ(utf8_error(bytes), wanted);
  Bytes copy(bytes.size() + 1, 0xAA);
  ASSERT_EQ(copy_utf8(copy.data(), bytes), wanted);
  if (!wanted) {
    ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), copy.begin()));
  }
  ASSERT_EQ(copy.back(), 0xAA) << "wrote past the end";
}

TEST(Unicode, FindsEveryWrongPairWhereverItStandsInABlock) {
  const Bytes filler = {'a', 0xC3, 0xA9, 'b', 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80};
  for (const std::size_t at : {std::size_t{0}, std::size_t{31}, std::size_t{63}}) {
    for (unsigned pair = 0; pair < 0x10000; pair += pair % 256 < 0x70 && pair % 256 > 8 ? 7 : 1) {
      Bytes bytes;
      while (bytes.size() + filler.size() <= at)
        bytes.insert(bytes.end(), filler.begin(), filler.end());
      bytes.resize(at, 'x');
      bytes.push_back(static_cast<std::uint8_t>(pair >> 8U));
      bytes.push_back(static_cast<std::uint8_t>(pair));
      // What follows may complete a sequence of three or of four.
      bytes.insert(bytes.end(), {0x80, 0x80});
      bytes.resize(at + 140, 'y');
      ASSERT_NO_FATAL_FAILURE(expect_same(bytes)) << "pair " << pair << " at " << at;
      bytes.resize(at + 2);
      ASSERT_NO_FATAL_FAILURE(expect_same(bytes)) << "pair " << pair << " at the end, at " << at;
    }
  }
}

TEST(Unicode, AgreesWithTheDefinitionOnRandomText) {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    const auto size = random() % 400;
    const auto top = std::array<char32_t, 4>{0x7F, 0x7FF, 0xFFFF, 0x10FFFF}[random() % 4];
    while (text.size() < size) {
      const char32_t c = random() % (random() % 3 == 0 ? 0x80 : top + 1);
      if (c < 0xD800 || c > 0xDFFF) append_utf8(text, c);
    }
    Bytes bytes(text.begin(), text.end());
    ASSERT_NO_FATAL_FAILURE(expect_same(bytes));
    if (bytes.empty()) continue;
    bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    ASSERT_NO_FATAL_FAILURE(expect_same(bytes));
    bytes.resize(random() % bytes.size());
    ASSERT_NO_FATAL_FAILURE(expect_same(bytes));
  }
}

}  // namespace
}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/shared_text.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(SharedText, TellsAMissingTextFromAnEmptyOne) {
  EXPECT_FALSE(SharedText());
  EXPECT_TRUE(SharedText("").has_value());
  EXPECT_FALSE(SharedText() == SharedText(""));
  EXPECT_TRUE(SharedText().empty());
  EXPECT_TRUE(SharedText("").empty());
  EXPECT_EQ(SharedText().view(), "");
  EXPECT_FALSE(SharedText().copy());
  EXPECT_EQ(SharedText("").copy(), "");
}

TEST(SharedText, CopiesShareTheCharacters) {
  SharedText a = "a text";
  const SharedText b = a;
  EXPECT_EQ(a.view().data(), b.view().data());
  a = "another";
  EXPECT_EQ(*b, "a text");
  a.reset();
  EXPECT_FALSE(a);
  a = b;
  EXPECT_EQ(a, b);
}

TEST(SharedText, IsComparedByItsCharacters) {
  const std::string text = "a text";
  EXPECT_EQ(SharedText(text), SharedText("a text"));
  EXPECT_FALSE(SharedText(text) == SharedText("a"));
  EXPECT_EQ(SharedText(std::optional<std::string>()), SharedText());
}

TEST(SharedText, OutlivesItsMove) {
  SharedText a = "a text";
  const SharedText b = std::move(a);
  EXPECT_EQ(*b, "a text");
}

}  // namespace
}  // namespace tenon

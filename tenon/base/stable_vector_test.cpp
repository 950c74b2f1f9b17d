// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/stable_vector.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace tenon {
namespace {

TEST(StableVector, CostsOnePointerWhenEmpty) {
  static_assert(sizeof(StableVector<std::string>) == sizeof(void*));
  const StableVector<std::string> empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.begin(), empty.end());
  StableVector<std::string> reserved;
  reserved.reserve(3);
  EXPECT_TRUE(reserved.empty());
  EXPECT_EQ(reserved.begin(), reserved.end());
  EXPECT_EQ(reserved.emplace_back("x"), "x");
  EXPECT_EQ(reserved.size(), 1U);
}

TEST(StableVector, ElementsKeepTheirPlacesAndOrder) {
  StableVector<std::string> all;
  std::vector<const std::string*> places;
  for (int i = 0; i < 10'000; ++i) {
    places.push_back(&all.emplace_back(std::to_string(i)));
    ASSERT_EQ(all.size(), places.size());
    ASSERT_EQ(&all.back(), places.back());
  }
  std::size_t i = 0;
  for (const auto& one : all) {
    ASSERT_EQ(&one, places[i]);
    ASSERT_EQ(one, std::to_string(i++));
  }
  EXPECT_EQ(i, 10'000U);
}

struct alignas(64) Counted {
  explicit Counted(int* live, bool fails = false) : live_(live) {
    if (fails) throw std::runtime_error("no");
    ++*live;
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*live_; }
  int* live_;
};

TEST(StableVector, AConstructorThatThrowsChangesNothingAndAllAreDestroyed) {
  int live = 0;
  {
    StableVector<Counted> all;
    for (int i = 0; i < 200; ++i) {
      EXPECT_THROW(all.emplace_back(&live, true), std::runtime_error);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&all.emplace_back(&live)) % 64, 0U);
    }
    EXPECT_EQ(all.size(), 200U);
    EXPECT_EQ(live, 200);
  }
  EXPECT_EQ(live, 0);
}

}  // namespace
}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#include "tenon/preinit/memory_diff.h"

#include <gtest/gtest.h>

#include "tenon/engine/store.h"

namespace tenon::preinit {
namespace {

/// Inside of a test `Run` is another thing.
using Stretch = Run;

class MemoryDiff : public testing::Test {
 protected:
  engine::Memory& memory(std::uint64_t pages) {
    core::MemType type;
    type.limits.min = pages;
    return *store_.new_memory(type);
  }
  static std::uint64_t bytes_of(const std::vector<Stretch>& runs) {
    std::uint64_t out = 0;
    for (const Stretch& run : runs) out += run.end - run.begin;
    return out;
  }
  engine::Engine engine_;
  engine::Store store_{engine_};
};

TEST_F(MemoryDiff, OfASparseMemoryOnlyWrittenPagesAreRead) {
  const engine::Memory& m = memory(65536);
  constexpr std::uint64_t step = 64U << 20U;
  for (std::uint64_t at = 0; at < m.size(); at += step) m.base()[at + 5] = 1;
  const auto parts = written_parts(m);
  if (bytes_of(parts) == m.size())
    GTEST_SKIP() << "this system does not tell which pages are dirty";
  EXPECT_LE(bytes_of(parts), 64U * 16U * 4096U);
  const auto runs = differences(m, {}, parts, 8, 4096);
  ASSERT_EQ(runs.size(), 64U);
  EXPECT_EQ(runs[3], (Stretch{3 * step + 5, 3 * step + 6}));
}

TEST_F(MemoryDiff, LaterSegmentsLieOverEarlierOnes) {
  const engine::Memory& m = memory(1);
  const std::vector<std::uint8_t> a(20, 'a');
  const std::vector<std::uint8_t> b(5, 'b');
  InitialImage image;
  image.write(10, a);
  image.write(15, b);
  image.write(28, b);
  for (std::size_t i = 10; i < 33; ++i) m.base()[i] = i < 15 || (i > 19 && i < 28) ? 'a' : 'b';
  const Stretch all[] = {{0, m.size()}};
  EXPECT_TRUE(differences(m, image, all, 8, 100).empty());
  m.base()[17] = 'x';
  m.base()[40] = 'y';
  EXPECT_EQ(differences(m, image, all, 8, 100), (std::vector<Stretch>{{17, 18}, {40, 41}}));
  EXPECT_EQ(differences(m, image, all, 30, 100), (std::vector<Stretch>{{17, 41}}));
}

TEST_F(MemoryDiff, BeyondTheMostTheNearestRunsAreJoined) {
  const engine::Memory& m = memory(1);
  for (const std::size_t at : {100U, 200U, 250U, 1000U, 1020U}) m.base()[at] = 1;
  const Stretch all[] = {{0, m.size()}};
  EXPECT_EQ(differences(m, {}, all, 8, 100).size(), 5U);
  EXPECT_EQ(differences(m, {}, all, 8, 3),
            (std::vector<Stretch>{{100, 101}, {200, 251}, {1000, 1021}}));
}

}  // namespace
}  // namespace tenon::preinit

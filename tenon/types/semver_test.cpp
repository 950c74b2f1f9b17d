// SPDX-License-Identifier: Apache-2.0
#include "tenon/types/semver.h"

#include <gtest/gtest.h>

#include <iterator>

#include "tenon/types/rules.h"

namespace tenon::types {
namespace {

TEST(SemVer, IsOrderedAsTheSpecificationSays) {
  const char* ascending[] = {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                             "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                             "1.0.0-rc.1",  "1.0.0",         "1.0.1",
                             "1.2.0",       "2.0.0"};
  for (std::size_t i = 0; i + 1 < std::size(ascending); ++i) {
    const auto a = parse_semver(ascending[i]);
    const auto b = parse_semver(ascending[i + 1]);
    ASSERT_TRUE(a && b);
    EXPECT_LT(compare(*a, *b), 0) << ascending[i];
    EXPECT_GT(compare(*b, *a), 0) << ascending[i];
  }
  EXPECT_FALSE(parse_semver("01.0.0"));
  EXPECT_FALSE(parse_semver("1.0.0-01"));
  EXPECT_FALSE(parse_semver("1.0.0 "));
  EXPECT_EQ(parse_semver("1.0").error().rule(), rules::semver);
}

TEST(SemVer, SplitsAtTheFirstNumberThatCounts) {
  using Pair = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(canon_version("1.2.3"), (Pair{"1", ".2.3"}));
  EXPECT_EQ(canon_version("0.2.6"), (Pair{"0.2", ".6"}));
  EXPECT_EQ(canon_version("0.2.6+sha.5114f85"), (Pair{"0.2", ".6+sha.5114f85"}));
  EXPECT_EQ(canon_version("0.2.6-rc.1"), (Pair{"0.2.6-rc.1", ""}));
  EXPECT_EQ(canon_version("0.0.1-alpha+sha.5114f85"), (Pair{"0.0.1-alpha", "+sha.5114f85"}));
  EXPECT_EQ(canon_version("0.0.1+a-b"), (Pair{"0.0.1", "+a-b"}));
  EXPECT_EQ(canon_version("0.0.0"), (Pair{"0.0.0", ""}));
}

TEST(SemVer, TakesWhatTheSpecificationTakes) {
  for (const char* good :
       {"0.0.0", "1.2.3", "1.0.0-a", "1.0.0-rc.1+build.5", "1.0.0-0a", "1.0.0+0.01", "1.0.0+a-b"})
    EXPECT_TRUE(is_semver(good)) << good;
  for (const char* bad :
       {"", "1", "1.2", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "a.b.c", "1.0.0.0"})
    EXPECT_FALSE(is_semver(bad)) << bad;
}

TEST(SemVer, NumbersHave64Bits) {
  EXPECT_TRUE(is_semver("18446744073709551615.0.0"));
  EXPECT_FALSE(is_semver("18446744073709551616.0.0"));
  EXPECT_FALSE(is_semver("1.100000000000000000000.0"));
  EXPECT_TRUE(is_semver("1.0.0-18446744073709551616"));
}

TEST(SemVer, AHyphenOfBuildMetadataMakesNoPreRelease) {
  EXPECT_EQ(compare_versions("1.0.0+a-b", "1.0.0"), 0);
  EXPECT_GT(compare_versions("1.0.0+a-b", "1.0.0-a"), 0);
  EXPECT_LT(compare_versions("1.0.0-a+z", "1.0.0"), 0);
  EXPECT_LT(compare_versions("no version", "0.0.0-0"), 0);
}

TEST(SemVer, CanonicalNamesArePrefixes) {
  EXPECT_EQ(canonical_interface("a:b/i@1.2.3"), "a:b/i@1");
  EXPECT_EQ(canonical_interface("a:b/i@1"), "a:b/i@1");
  EXPECT_EQ(canonical_interface("a:b/i@0.0.3"), "a:b/i@0.0.3");
  EXPECT_EQ(canonical_interface("a:b/i@0.2.0-rc.1"), "a:b/i@0.2.0-rc.1");
  EXPECT_EQ(canonical_interface("a:b/i"), "a:b/i");
  EXPECT_EQ(canonical_interface("a:b/i@"), "a:b/i@");
}

TEST(SemVer, CompatibleNamesAreOfOneLine) {
  EXPECT_TRUE(compatible_names("wasi:io/streams@0.2.0", "wasi:io/streams@0.2.12"));
  EXPECT_FALSE(compatible_names("wasi:io/streams@0.2.0", "wasi:io/streams@0.3.0"));
  EXPECT_TRUE(compatible_names("a:b/c@1.0.0", "a:b/c@1.9.0"));
  EXPECT_TRUE(compatible_names("a:b/c@1", "a:b/c@1.9.0"));
  EXPECT_TRUE(compatible_names("a:b/c@0.2", "a:b/c@0.2.6"));
  EXPECT_FALSE(compatible_names("a:b/c@0.2.0-rc.1", "a:b/c@0.2.0"));
  EXPECT_FALSE(compatible_names("a:b/c", "a:b/c@1.0.0"));
  EXPECT_TRUE(compatible_names("a:b/c@1.0.0+a-b", "a:b/c@1.9.0"));
  EXPECT_FALSE(compatible_names("a:b/c@1.0.0", "a:b/c@2.0.0"));
  EXPECT_FALSE(compatible_names("a:b/c@0.0.1", "a:b/c@0.0.2"));
  EXPECT_FALSE(compatible_names("a:b/c@1.0.0-rc", "a:b/c@1.0.0"));
  EXPECT_FALSE(compatible_names("a:b/c@1.0.0", "a:b/d@1.0.0"));
  EXPECT_FALSE(compatible_names("a:b/c", "a:b/c"));
  EXPECT_FALSE(compatible_names("a:b/c@1.x", "a:b/c@1.0.0"));
}

}  // namespace
}  // namespace tenon::types

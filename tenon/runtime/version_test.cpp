// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/version.h"

#include <gtest/gtest.h>

namespace tenon::runtime {
namespace {

TEST(Version, FollowsSemverLines) {
  EXPECT_TRUE(compatible_names("wasi:io/streams@0.2.0", "wasi:io/streams@0.2.12"));
  EXPECT_FALSE(compatible_names("wasi:io/streams@0.2.0", "wasi:io/streams@0.3.0"));
  EXPECT_TRUE(compatible_names("a:b/c@1.0.0", "a:b/c@1.9.0"));
  EXPECT_FALSE(compatible_names("a:b/c@1.0.0", "a:b/c@2.0.0"));
  EXPECT_FALSE(compatible_names("a:b/c@0.0.1", "a:b/c@0.0.2"));
  EXPECT_FALSE(compatible_names("a:b/c@1.0.0-rc", "a:b/c@1.0.0"));
  EXPECT_FALSE(compatible_names("a:b/c@1.0.0", "a:b/d@1.0.0"));
}

TEST(Version, IsComparedInWords) {
  EXPECT_EQ(compare_versions("wasi:io/streams@0.2.0-rc-2023-11-05", "wasi:io/streams@0.2.12"),
            "imports wasi:io/streams@0.2.0-rc-2023-11-05; the host has 0.2.12: a pre-release is "
            "compatible with "
            "nothing else");
  EXPECT_EQ(compare_versions("a:b/c@1.0.0", "x:y/z@1.0.0"), "");
}

TEST(Version, MayBeLeftOutOfAName) {
  EXPECT_TRUE(fits_version("a:b/c", "a:b/c@1.2.3"));
  EXPECT_FALSE(fits_version("a:b/d", "a:b/c@1.2.3"));
}

}  // namespace
}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/version.h"

#include <gtest/gtest.h>

namespace tenon::runtime {
namespace {

TEST(Version, IsComparedInWords) {
  EXPECT_EQ(version_mismatch("wasi:io/streams@0.2.0-rc-2023-11-05", "wasi:io/streams@0.2.12"),
            "imports wasi:io/streams@0.2.0-rc-2023-11-05; the host has 0.2.12: a pre-release is "
            "compatible with "
            "nothing else");
  EXPECT_EQ(version_mismatch("a:b/c@1.0.0", "a:b/c"),
            "imports a:b/c@1.0.0; the host has none with a version");
  EXPECT_EQ(version_mismatch("a:b/c@1.0.0", "x:y/z@1.0.0"), "");
}

TEST(Version, MayBeLeftOutOfAName) {
  EXPECT_TRUE(fits_version("a:b/c", "a:b/c@1.2.3"));
  EXPECT_FALSE(fits_version("a:b/d", "a:b/c@1.2.3"));
}

}  // namespace
}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
// tenon's own adapter from WASI preview1 to 0.2. What it does is shown by programs that run
// (tests/wasi).
#include "tenon/builder/preview1.h"

#include <gtest/gtest.h>

namespace tenon::builder {
namespace {

TEST(Preview1, IsAtMost48KiBInEveryForm) {
  ASSERT_EQ(preview1_modules().size(), 8U);
  for (const EmbeddedModule& module : preview1_modules()) {
    const auto adapter = preview1_adapter(module);
    ASSERT_TRUE(adapter) << module.name << ": " << adapter.error().text();
    EXPECT_LE(adapter->module.size(), 48U * 1024U) << module.name;
  }
}

}  // namespace
}  // namespace tenon::builder

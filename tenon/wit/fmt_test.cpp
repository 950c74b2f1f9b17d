// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/fmt.h"

#include <gtest/gtest.h>

#include "tenon/wit/load.h"
#include "tenon/wit/print.h"
#include "tenon/wit/wasi.h"

namespace tenon::wit {
namespace {

TEST(WitFormat, EveryEmbeddedFileIsLaidOutToAFixpointAndKeepsItsComments) {
  for (const EmbeddedFile& file : embedded_files()) {
    Diagnostics diagnostics;
    const auto once = format(file.text, 0, diagnostics);
    ASSERT_TRUE(once) << file.path;
    const auto twice = format(*once, 0, diagnostics);
    ASSERT_TRUE(twice) << file.path;
    EXPECT_EQ(*once, *twice) << file.path;
    const auto slashes = [](std::string_view text) {
      std::size_t count = 0;
      for (std::size_t at = text.find("//"); at != std::string_view::npos;
           at = text.find("//", at + 2))
        ++count;
      return count;
    };
    EXPECT_EQ(slashes(*once), slashes(file.text)) << file.path;
  }
}

TEST(WitFormat, ATextWithErrorsIsNotTouched) {
  Diagnostics diagnostics;
  EXPECT_FALSE(format("package a:b; interface {", 0, diagnostics));
  EXPECT_TRUE(diagnostics.has_errors());
}

}  // namespace
}  // namespace tenon::wit

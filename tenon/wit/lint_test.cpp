// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/lint.h"

#include <gtest/gtest.h>

#include "tenon/wit/load.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

/// Whether `wit lint` warns of the rule in this text.
bool warns(const char* text, const Rule& rule) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages = load_text("x.wit", text, {}, sources, diagnostics);
  for (const Error& error : diagnostics.all()) ADD_FAILURE() << render(error, sources);
  if (!packages) return false;
  lint(*packages, sources, diagnostics);
  for (const Error& error : diagnostics.all()) {
    EXPECT_EQ(error.severity(), Severity::warning);
    if (error.rule() == rule) return true;
  }
  return false;
}

TEST(WitLint, AnExportedItemWantsDocs) {
  EXPECT_TRUE(
      warns("package a:b;\ninterface i { f: func(); }\nworld w { export i; }\n", rules::lint_docs));
}

TEST(WitLint, AReleasedPackageWantsSince) {
  EXPECT_TRUE(warns(
      "package a:b@1.0.0;\n@since(version = 1.0.0)\ninterface g {}\ninterface i { f: func(); }\n",
      rules::lint_since));
}

TEST(WitLint, AGateIsNoWeakerThanWhatIsAroundIt) {
  EXPECT_TRUE(
      warns("package a:b@1.0.0;\n@since(version = 0.9.0)\ninterface i {\n"
            "  @since(version = 0.9.0) resource r { m: func(); }\n}\n",
            rules::lint_gate));
}

TEST(WitLint, AUseThatNothingNeeds) {
  EXPECT_TRUE(
      warns("package a:b;\ninterface i { type t = u8; }\ninterface j { use i.{t}; f: func(); }\n",
            rules::lint_unused));
}

TEST(WitLint, NamesThatBecomeOne) {
  EXPECT_TRUE(warns("package a:b;\ninterface i { resource r { constructor(); new: func(); } }\n",
                    rules::lint_collision));
}

}  // namespace
}  // namespace tenon::wit

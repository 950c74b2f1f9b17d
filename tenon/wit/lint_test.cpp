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

TEST(WitLint, BytesOfContentsWantAStream) {
  EXPECT_TRUE(warns("package a:b;\ninterface i { read: func() -> result<list<u8>>; }\n",
                    rules::lint_stream));
  EXPECT_TRUE(
      warns("package a:b;\ninterface i { send: func(body: list<u8>); }\n", rules::lint_stream));
  EXPECT_FALSE(
      warns("package a:b;\ninterface i { hash: func(key: list<u8>); }\n", rules::lint_stream));
}

TEST(WitLint, AnErrorIsNoBareString) {
  EXPECT_TRUE(
      warns("package a:b;\ninterface i { f: func() -> result<u8, string>; }\n", rules::lint_error));
  EXPECT_FALSE(
      warns("package a:b;\ninterface i {\n  /// An odd number is an error.\n"
            "  f: func() -> result<u8, string>;\n}\n",
            rules::lint_error));
}

TEST(WitLint, AnInterfaceThatNothingTakesUp) {
  EXPECT_TRUE(warns("package a:b;\ninterface i { f: func(); }\nworld w {}\n", rules::lint_unused));
  EXPECT_FALSE(warns("package a:b;\ninterface i { f: func(); }\nworld w { import i; }\n",
                     rules::lint_unused));
}

TEST(WitLint, AnImportOfTypesThatNothingNames) {
  const char* idle =
      "package a:b;\ninterface i { record r { x: u8 } }\nworld w { import i; export f: func(); }\n";
  EXPECT_TRUE(warns(idle, rules::lint_unused));
  EXPECT_FALSE(
      warns("package a:b;\ninterface i { record r { x: u8 } }\n"
            "world w { import i; use i.{r}; export f: func(x: r); }\n",
            rules::lint_unused));
}

TEST(WitLint, ARuleIsTurnedOff) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages =
      load_text("x.wit", "package a:b;\ninterface i { f: func(); }\n", {}, sources, diagnostics);
  ASSERT_TRUE(packages);
  lint(*packages, sources, diagnostics, {"wit-lint-docs"});
  EXPECT_TRUE(diagnostics.all().empty());
}

}  // namespace
}  // namespace tenon::wit

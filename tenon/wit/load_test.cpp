// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/load.h"

#include <gtest/gtest.h>

#include "tenon/wit/wasi.h"

namespace tenon::wit {
namespace {

std::string errors_of(Diagnostics& diagnostics, const SourceSet& sources) {
  std::string out;
  for (const Error& error : diagnostics.all()) out += render(error, sources);
  return out;
}

TEST(Load, EveryEmbeddedPackageResolves) {
  std::string text = "package test:all;\nworld all {\n";
  for (const EmbeddedFile& file : embedded_files()) EXPECT_FALSE(file.package.empty()) << file.path;
  text +=
      "  include wasi:cli/command@0.2.12;\n  include wasi:http/proxy@0.2.12;\n  import "
      "wasi:config/store@0.2.0-rc.1;\n"
      "  include wasi:keyvalue/imports@0.2.0-draft;\n}\nworld p3 { include wasi:cli/command@0.3.2; "
      "include wasi:http/service@0.3.2; }\n";
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages = load_text("all.wit", text, {}, sources, diagnostics);
  ASSERT_TRUE(packages) << errors_of(diagnostics, sources);
  EXPECT_GE(packages->packages.size(), 15U);
}

TEST(Load, AnOlderWasiVersionIsMadeFromTheNewestOne) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages = load_text("x.wit",
                                  "package a:b;\nworld w { import wasi:clocks/wall-clock@0.2.0; "
                                  "include wasi:cli/imports@0.2.3; }\n",
                                  {}, sources, diagnostics);
  ASSERT_TRUE(packages) << errors_of(diagnostics, sources);
  bool found = false;
  for (const Package& package : packages->packages)
    found = found || package.name.to_string() == "wasi:clocks@0.2.0";
  EXPECT_TRUE(found);
}

TEST(Load, AFolderThatIsNotThereIsNamed) {
  SourceSet sources;
  Diagnostics diagnostics;
  EXPECT_FALSE(load("/nonexistent/wit", {}, sources, diagnostics));
  EXPECT_TRUE(diagnostics.has_errors());
}

}  // namespace
}  // namespace tenon::wit

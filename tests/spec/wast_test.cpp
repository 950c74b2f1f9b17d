// SPDX-License-Identifier: Apache-2.0
// The public suites, executed script by script as users run them. What is known to fail stands in
// expected_failures.txt.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tenon/base/file.h"
#include "tenon/base/source.h"
#include "tenon/testing/run_wast.h"
#include "tenon/testing/wast_component.h"
#include "tenon/testing/wast_engine.h"
#include "tests/spec/suite.h"

namespace tenon::testing {
namespace {

/// Lines `path:line reason`, paths below the suites' folder.
std::set<std::string> expected_failures() {
  std::set<std::string> out;
  std::ifstream in(TENON_EXPECTED_FAILURES);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') out.insert(line.substr(0, line.find(' ')));
  }
  return out;
}

void run_suite(const char* name, std::uint32_t least) {
  const auto folder = suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  std::set<std::string> expected = expected_failures();
  WastReport total;
  for (const std::string& file : scripts(folder / name)) {
    auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    SourceSet sources;
    const std::uint32_t source = sources.add(file, std::move(*text));
    engine::Engine engine;
    const auto core_host = make_engine_host(engine);
    RuntimeWastHost component_host(engine);
    WastOptions options;
    options.hosts = {core_host.get(), &component_host};
    const auto report = run_wast(sources.text(source), source, options);
    if (!report) {
      ADD_FAILURE() << render(report.error(), sources);
      continue;
    }
    total.add(*report);
    for (const Error& failure : report->failures) {
      const std::string place = std::filesystem::relative(file, folder).string() + ":" +
                                std::to_string(sources.position(source, failure.span().begin).line);
      if (expected.erase(place) == 0) ADD_FAILURE() << render(failure, sources);
    }
  }
  EXPECT_GE(total.passed, least);
  for (const std::string& place : expected) {
    EXPECT_FALSE(place.starts_with(name)) << place << " is expected to fail and does not";
  }
  ::testing::Test::RecordProperty("passed", static_cast<int>(total.passed));
  ::testing::Test::RecordProperty("skipped", static_cast<int>(total.skipped));
}

TEST(CoreSuite, EveryCommandDoesWhatItSays) {
  run_suite("core", 65294);
}

TEST(ComponentSuite, EveryCommandDoesWhatItSays) {
  run_suite("component-model", 1357);
}

}  // namespace
}  // namespace tenon::testing

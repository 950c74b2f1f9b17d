// SPDX-License-Identifier: Apache-2.0
// The public suites, executed script by script as users run them. What is known to fail stands in
// expected_failures.txt.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tenon/base/file.h"
#include "tenon/base/source.h"
#include "tenon/testing/run_wast.h"
#include "tenon/testing/wast_component.h"
#include "tenon/testing/wast_engine.h"
#include "tests/spec/suite.h"

namespace tenon::testing {
namespace {

/// What stands in expected_failures.txt.
struct Expected {
  /// `path:line` of commands that fail.
  std::set<std::string> failures;
  /// How many commands of a file are skipped for which reason.
  std::map<std::string, std::map<std::string, std::uint32_t>> skips;
};

/// Lines `path:line reason` and `path skips N reason`, paths below the suites' folder.
Expected expected() {
  Expected out;
  std::ifstream in(TENON_EXPECTED_FAILURES);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string path;
    std::string word;
    std::uint32_t count = 0;
    std::string reason;
    words >> path >> word;
    if (word == "skips" && words >> count && std::getline(words >> std::ws, reason)) {
      out.skips[path][reason] = count;
    } else {
      out.failures.insert(path);
    }
  }
  return out;
}

void run_suite(const char* name, std::uint32_t least) {
  const auto folder = suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  Expected known = expected();
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
    const std::string path = std::filesystem::relative(file, folder).string();
    for (const Error& failure : report->failures) {
      const std::string place =
          path + ":" + std::to_string(sources.position(source, failure.span().begin).line);
      if (known.failures.erase(place) == 0) ADD_FAILURE() << render(failure, sources);
    }
    EXPECT_EQ(report->skip_reasons(), known.skips[path])
        << path << " skips something else than expected_failures.txt says";
    EXPECT_EQ(report->skips.size(), report->skipped) << path;
  }
  EXPECT_GE(total.passed, least);
  for (const std::string& place : known.failures) {
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

TEST(LegacyExceptionsSuite, EveryCommandDoesWhatItSays) {
  run_suite("proposals/legacy-exceptions", 1);
}

TEST(ThreadsSuite, EveryCommandDoesWhatItSays) {
  run_suite("proposals/threads", 0);
}

// With threads of the host, each with a store.
TEST(ThreadsSuite, LitmusScriptsGiveAllowedResultsOnly) {
  for (int i = 0; i < 20; ++i) run_suite("proposals/upstream-threads", 1);
}

}  // namespace
}  // namespace tenon::testing

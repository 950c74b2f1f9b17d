// SPDX-License-Identifier: Apache-2.0
// The public suites under the settings that TENON_STRESS names, which change nothing that a script
// can see: verdicts are those without settings. Whether these are right is what tests/spec asks.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "tenon/base/file.h"
#include "tenon/base/source.h"
#include "tenon/engine/testing.h"
#include "tenon/testing/run_wast.h"
#include "tenon/testing/wast_component.h"
#include "tenon/testing/wast_engine.h"
#include "tests/spec/suite.h"

namespace tenon::testing {
namespace {

bool is_stressed() {
  return std::getenv("TENON_STRESS") != nullptr;
}

/// What became of a script's commands.
struct Verdicts {
  std::uint32_t passed = 0;
  std::uint32_t skipped = 0;
  std::set<std::string> failed;
  bool operator==(const Verdicts&) const = default;
};

Verdicts run(const std::string& file, const engine::Config& config) {
  auto text = read_text_file(file);
  if (!text) {
    ADD_FAILURE() << file;
    return {};
  }
  SourceSet sources;
  const std::uint32_t source = sources.add(file, std::move(*text));
  engine::Engine engine(config);
  const auto core_host = make_engine_host(engine);
  RuntimeWastHost component_host(engine);
  WastOptions options;
  options.hosts = {core_host.get(), &component_host};
  const auto report = run_wast(sources.text(source), source, options);
  if (!report) return {.passed = 0, .skipped = 0, .failed = {render(report.error(), sources)}};
  Verdicts out{report->passed, report->skipped, {}};
  for (const Error& failure : report->failures) out.failed.insert(render(failure, sources));
  return out;
}

/// Scripts of a suite whose verdicts differ from those without settings; the commands that passed.
std::uint32_t run_suite(const char* name) {
  std::uint32_t passed = 0;
  for (const std::string& file : scripts(suites() / name)) {
    const Verdicts plain = run(file, {});
    passed += plain.passed;
    if (!is_stressed()) continue;
    const Verdicts stressed = run(file, engine::stressed());
    EXPECT_EQ(stressed.passed, plain.passed) << file;
    EXPECT_EQ(stressed.skipped, plain.skipped) << file;
    for (const std::string& failure : stressed.failed)
      EXPECT_TRUE(plain.failed.contains(failure)) << failure;
  }
  return passed;
}

TEST(Suites, TheCoreSuiteIsExecuted) {
  if (suites().empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  EXPECT_GE(run_suite("core"), 65294);
}

TEST(Suites, TheComponentSuiteIsExecuted) {
  if (suites().empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  EXPECT_GE(run_suite("component-model"), 1357);
}

}  // namespace
}  // namespace tenon::testing

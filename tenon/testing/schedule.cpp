// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/schedule.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace tenon::testing {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

Verdict run_one(const Case& c, const std::string& file_name,
                const std::function<std::optional<std::string>(const Case&, std::string&)>& run) {
  Verdict verdict{file_name, c.name, Status::passed, 0, {}, {}};
  if (c.skip) {
    verdict.status = Status::skipped;
    verdict.message = *c.skip;
    return verdict;
  }
  const auto begin = Clock::now();
  auto failure = run(c, verdict.output);
  verdict.milliseconds = milliseconds_since(begin);
  if (failure) {
    while (!failure->empty() && failure->back() == '\n') failure->pop_back();
    verdict.status = Status::failed;
    verdict.message = *std::move(failure);
  }
  return verdict;
}

}  // namespace

Report run_selected(
    const CaseFile& file, const std::string& file_name, const RunOptions& options,
    const std::function<std::optional<std::string>(const Case&, std::string&)>& run) {
  const auto begin = Clock::now();
  Report report;
  std::vector<const Case*> cases;
  for (const Case& c : file.cases) {
    if (c.name.find(options.filter) == std::string::npos) {
      report.left_out.push_back(c.name);
      continue;
    }
    const std::size_t place = options.cases_before + cases.size() + report.in_other_shards;
    if (place % options.shard.count == options.shard.index) {
      cases.push_back(&c);
    } else {
      ++report.in_other_shards;
    }
  }
  report.verdicts.resize(cases.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++)
      report.verdicts[i] = run_one(*cases[i], file_name, run);
  };
  const std::size_t wanted = options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency();
  {
    // A thread takes longer to start than a few small cases to run.
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(wanted, cases.size() / 8); ++i) threads.emplace_back(work);
    work();
  }
  report.milliseconds = milliseconds_since(begin);
  return report;
}

}  // namespace tenon::testing

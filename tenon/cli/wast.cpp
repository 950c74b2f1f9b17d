// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/testing/run_wast.h"
#include "tenon/testing/wast_component.h"
#include "tenon/testing/wast_engine.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    features_option,
    {"all-features", 0, "", "open every feature gate", {}},
    {"ignore-messages", 0, "", "do not compare the texts that assertions expect", {}},
    {"head-start",
     0,
     "TIME",
     "wait so long for a new thread to end before the next command: default: 100ms; 0: threads "
     "race",
     {}},
    {"timeout",
     0,
     "TIME",
     "fail a command that takes longer: 0.5, 500ms, 5s, 2m; default: no limit; 0: one that loops "
     "or waits",
     {}},
    {"wording", 0, "FILE", "read the suites' wordings of messages from there", {}},
};

int run(Context& context, const Args& args) {
  testing::WastOptions wast;
  if (args.has("all-features")) wast.features = core::Features::all();
  for (const std::string_view list : args.values("features")) {
    auto features = core::Features::parse(list, wast.features);
    if (!features)
      return context.report(usage_error(features.error().text(), features.error().help_text()));
    wast.features = *features;
  }
  testing::Wordings wordings;
  if (const auto path = args.value("wording")) {
    const auto input = read_input(context, *path);
    if (!input) return context.report(input.error());
    auto parsed = testing::Wordings::parse(input->text(), input->source);
    if (!parsed) return context.report(parsed.error());
    wordings = std::move(*parsed);
    wast.wordings = &wordings;
  }
  if (args.has("ignore-messages")) wast.wordings = nullptr;
  const auto head_start = args.duration("head-start");
  if (!head_start) return context.report(head_start.error());
  if (*head_start) wast.head_start = **head_start;

  const auto timeout = args.duration("timeout");
  if (!timeout) return context.report(timeout.error());

  testing::WastReport total;
  int unread = exit_ok;
  for (const std::string& path : args.inputs()) {
    const auto input = read_input(context, path);
    if (!input) {
      unread = context.report(input.error());
      ++total.failed;
      continue;
    }
    // Each script has instances of its own.
    engine::Engine engine;
    const auto core_host = testing::make_engine_host(engine, *timeout);
    testing::RuntimeWastHost component_host(engine, *timeout);
    wast.hosts = {core_host.get(), &component_host};
    const auto report = testing::run_wast(input->text(), input->source, wast);
    if (!report) {
      unread = context.report(report.error());
      ++total.failed;
      continue;
    }
    for (const Error& failure : report->failures) context.report(failure);
    for (const auto& [reason, count] : report->skip_reasons())
      context.note(fmt::format("{}: {} skipped: {}", path, count, reason));
    if (report->passed + report->failed + report->skipped == 0)
      context.note(fmt::format("{}: the script has no commands", path));
    total.add(*report);
    if (context.verbosity > 0) context.say(fmt::format("{}: {}", path, report->totals()));
  }
  if (context.json) {
    fmt::print("{{\"passed\":{},\"failed\":{},\"skipped\":{}}}\n", total.passed, total.failed,
               total.skipped);
  } else {
    fmt::print("{}\n", total.totals());
  }
  return total.failed != 0 ? exit_findings : unread;
}

}  // namespace

constinit const Verb verbs::wast{
    .name = "wast",
    .usage = "FILE…",
    .summary = "run specification scripts",
    .options = options,
    .min_inputs = 1,
    .max_inputs = any_number,
    .takes = "@wast",
    .run = run,
    .more =
        "Gates open by default: Wasm 3.0, async components, and those that the component suite's "
        "README\n"
        "names. The last line counts the commands that passed, failed and were skipped.\n"};

}  // namespace tenon::cli

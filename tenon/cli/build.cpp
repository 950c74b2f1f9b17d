// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/build.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "tenon/base/safe_text.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/rules.h"
#include "tenon/cli/build_project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"profile", 'p', "NAME", "debug (the default), release, or one of tenon.toml", {}},
    {"release", 'r', "", "the same as --profile release", {}},
    {"no-cache", 0, "", "believe nothing that earlier builds left, and leave nothing", {}},
    {"locked", 0, "", "refuse a build that differs from tenon.lock", {}},
    {"offline", 0, "", "cargo may not go to a registry", {}},
    {"stub-wasi",
     0,
     "",
     "WASI preview1 without an adapter: what is written goes nowhere, other calls trap",
     {}},
    {"jobs", 'j', "N", "compile so many files at a time", {}},
};

/// A mark of this very program: another one may generate other code.
std::string program_mark() {
  const auto stat = builder::stat_file("/proc/self/exe");
  return stat ? fmt::format("{}-{}", stat->size, stat->mtime_ns) : std::string();
}

/// A compiler's words stand as they are, so that an editor finds the places in them; what tenon
/// adds comes below.
int report_compiler(const Context& context, const Error& error) {
  std::string words;
  for (const Note& note : error.notes()) words += note.text + "\n";
  std::fputs(visible_lines(words).c_str(), stderr);
  return context.report(Error(error.rule(), error.span(), error.detail()).help(error.help_text()));
}

int report_failure(const Context& context, const Error& error, const Diagnostics& diagnostics) {
  const bool compiler = error.rule().id == builder::rules::compiler_failed.id && !context.json;
  const int code = compiler ? report_compiler(context, error) : context.report(error);
  context.report(diagnostics);
  return code;
}

}  // namespace

int build_project(Context& context, const std::string& dir, builder::BuildOptions& wanted,
                  std::optional<builder::BuildResult>& result) {
  const auto project = builder::load_project(dir, context.sources);
  if (!project) return context.report(project.error());
  StatusLine line(context);
  wanted.tenon_version = TENON_VERSION;
  wanted.program = program_mark();
  wanted.status = [&](std::string_view text) { line.show(text); };
  Diagnostics diagnostics;
  auto built = builder::build(*project, wanted, context.sources, diagnostics);
  if (!built) return report_failure(context, built.error(), diagnostics);
  if (!built->cache_note.empty())
    context.note(fmt::format("no cache is used: {}", built->cache_note));
  result = std::move(*built);
  return exit_ok;
}

namespace {

int run(Context& context, const Args& args) {
  builder::BuildOptions wanted;
  wanted.profile =
      std::string(args.value("profile").value_or(args.has("release") ? "release" : "debug"));
  wanted.locked = args.has("locked");
  wanted.no_cache = args.has("no-cache");
  wanted.offline = args.has("offline");
  wanted.stub_wasi = args.has("stub-wasi");
  const auto jobs = args.number("jobs");
  if (!jobs) return context.report(jobs.error());
  wanted.jobs = static_cast<unsigned>(jobs->value_or(0));
  const auto begin = std::chrono::steady_clock::now();
  std::optional<builder::BuildResult> result;
  const int code = build_project(context, std::string(args.input(0, ".")), wanted, result);
  if (code != exit_ok) return code;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::steady_clock::now() - begin)
                      .count();
  if (!result->compiler_output.empty()) context.say(result->compiler_output);
  for (const std::string& note : result->notes) context.note(note);
  if (result->unchanged) {
    context.say(fmt::format("{} is up to date ({} ms)", result->component, ms));
  } else {
    const auto stat = builder::stat_file(result->component);
    context.say(fmt::format("{}: {} bytes, {} compiled, {} from the cache ({} ms)",
                            result->component, stat ? stat->size : 0, result->compiled,
                            result->reused, ms));
  }
  return exit_ok;
}

}  // namespace

constinit const Verb verbs::build{.name = "build",
                                  .usage = "[DIR]",
                                  .summary = "sources and WIT to a validated component",
                                  .options = options,
                                  .max_inputs = 1,
                                  .run = run};

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/base/rules.h"
#include "tenon/base/safe_text.h"
#include "tenon/cli/build_project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/component/validate.h"
#include "tenon/runtime/compiled.h"
#include "tenon/testing/call_name.h"
#include "tenon/testing/run_cases.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"link",
     0,
     "FILE",
     "satisfy imports that no mock names from what another component exports",
     {}},
    {"allow-file", 0, "DIR", "`$file` may name files there too, not only beside the cases", {}},
    {"filter", 0, "TEXT", "only cases whose name holds TEXT", {}},
    {"list", 0, "", "show the functions that cases can call", {}},
    {"generate", 0, "", "write a skeleton: one case for each function", {}},
    {"junit", 0, "FILE", "write a JUnit report there as well", {}},
    {"tap", 0, "", "report as TAP", {}},
    {"jobs", 'j', "N", "cases at a time; default: one a processor", {}},
    {"timeout", 0, "SECONDS", "longer runs no case; default: 60", {}},
    {"profile", 'p', "NAME", "in a project: the profile to build; default: debug", {}},
    {"no-cache", 0, "", "in a project: build without what earlier builds left", {}},
    output_option,
};

namespace fs = std::filesystem;

/// The component to test and the files of cases.
struct Subject {
  std::string component;
  std::vector<std::string> cases;
};

/// `test_cases.json`, or every tests/*.json, of a project.
Result<std::vector<std::string>> project_cases(const std::string& dir) {
  std::vector<std::string> out;
  const fs::path root(dir);
  std::error_code ignored;
  for (const char* name : {"test_cases.json", "../test_cases.json"}) {
    if (const fs::path file = root / name; out.empty() && fs::is_regular_file(file, ignored)) {
      out.push_back(file.lexically_normal().string());
    }
  }
  for (const auto& entry : fs::directory_iterator(root / "tests", ignored)) {
    if (entry.path().extension() == ".json")
      out.push_back(entry.path().lexically_normal().string());
  }
  std::sort(out.begin(), out.end());
  if (!out.empty()) return out;
  return std::unexpected(
      usage_error(fmt::format("found no `test_cases.json` and no `tests/*.json` in `{}`", dir),
                  "`tenon test --generate` writes a skeleton of cases"));
}

/// A project: it is built first. Returns the exit code.
int project_subject(Context& context, const Args& args, const std::string& dir, Subject& subject) {
  builder::BuildOptions wanted;
  wanted.profile = std::string(args.value("profile").value_or("debug"));
  wanted.no_cache = args.has("no-cache");
  std::optional<builder::BuildResult> built;
  const int code = build_project(context, dir, wanted, built);
  if (code != exit_ok) return code;
  subject.component = built->component;
  return exit_ok;
}

int find_subject(Context& context, const Args& args, Subject& subject) {
  const bool wants_cases = !args.has("list") && !args.has("generate");
  const std::string first(args.input(0, "."));
  for (std::size_t i = 1; i < args.inputs().size(); ++i) subject.cases.push_back(args.inputs()[i]);
  std::error_code ignored;
  if (!fs::is_directory(first, ignored)) {
    subject.component = first;
    if (!subject.cases.empty() || !wants_cases) return exit_ok;
    return context.report(
        usage_error("no file of cases is given", "usage: tenon test COMPONENT CASES.json…"));
  }
  if (subject.cases.empty() && wants_cases) {
    auto found = project_cases(first);
    if (!found) return context.report(found.error());
    subject.cases = *std::move(found);
  }
  return project_subject(context, args, first, subject);
}

Result<runtime::Component> compile(const Input& input, engine::Engine& engine) {
  if (!input.is_component()) {
    return std::unexpected(
        wrong_kind(input, "a component")
            .help(input.is_binary() || input.is_wat()
                      ? "`tenon component new` makes a component of a core module"
                      : "`tenon build` makes a component of a project"));
  }
  // Cases name getters and setters whether the gate of their text is open or not.
  const core::Features features = core::Features::component().enable(core::Gate::cm_accessors);
  component::Component component = TENON_TRY(load_component(input, features));
  auto valid = TENON_TRY(component::validate(std::move(component), features));
  return runtime::Component::compile(engine, std::move(valid));
}

/// Reads `$file`s beside the file of cases or below, and where `--allow-file` says.
testing::FileReader files_beside(const std::string& cases, const Args& args) {
  std::vector<std::string> folders = {fs::path(cases).parent_path().string()};
  for (const std::string_view more : args.values("allow-file")) folders.emplace_back(more);
  return [folders =
              std::move(folders)](const std::string& path) -> Result<std::vector<std::uint8_t>> {
    auto read = read_file_in(folders, path);
    if (read || read.error().rule() != tenon::rules::file_outside) return read;
    return std::unexpected(
        std::move(read.error())
            .help("cases read files of their own folder; `--allow-file DIR` opens another one"));
  };
}

/// The components of `--link`. Their code stands in the bytes of `inputs`.
Result<std::vector<runtime::Component>> linked(Context& context, const Args& args,
                                               engine::Engine& engine, std::deque<Input>& inputs) {
  std::vector<runtime::Component> out;
  for (const std::string_view path : args.values("link")) {
    Input input = TENON_TRY(read_input(context, path));
    inputs.push_back(std::move(input));
    auto component = TENON_TRY(compile(inputs.back(), engine));
    out.push_back(std::move(component));
  }
  return out;
}

Result<testing::Report> run_file(Context& context, const runtime::Component& component,
                                 const std::vector<runtime::Component>& links,
                                 const std::string& path, const Args& args) {
  const Input input = TENON_TRY(read_input(context, path));
  if (input.is_binary()) return std::unexpected(wrong_kind(input, "a file of test cases in JSON"));
  const testing::CaseFile file = TENON_TRY(testing::parse_cases(input.text(), input.source));
  testing::RunOptions run_options;
  run_options.filter = args.value("filter").value_or("");
  const auto jobs = TENON_TRY(args.number("jobs"));
  run_options.jobs = static_cast<unsigned>(std::min<std::uint64_t>(jobs.value_or(0), 256));
  const auto seconds = TENON_TRY(args.number("timeout"));
  if (seconds)
    run_options.timeout = std::chrono::seconds(std::min<std::uint64_t>(*seconds, 1'000'000));
  run_options.files = files_beside(path, args);
  for (const runtime::Component& link : links) run_options.links.push_back(&link);
  return testing::run_cases(component, file, input.name, context.sources, run_options);
}

std::string listing(const component::ComponentInfo& info) {
  std::string out;
  for (const testing::ExportedFunc& func : testing::exported_funcs(info))
    out += visible(testing::signature(func, info)) + "\n";
  return out;
}

int write_reports(const Context& context, const Args& args, const testing::Report& report) {
  if (const auto path = args.value("junit")) {
    const int code = write_text(context, path, testing::report_junit(report));
    if (code != exit_ok) return code;
  }
  const std::string text = args.has("tap") ? testing::report_tap(report)
                           : context.json
                               ? testing::report_json(report)
                               : testing::report_text(report, !context.quiet, context.color_out);
  const int code = write_text(context, args.value("output"), text);
  if (code != exit_ok) return code;
  return report.count(testing::Status::failed) == 0 ? exit_ok : exit_findings;
}

int run(Context& context, const Args& args) {
  Subject subject;
  if (const int code = find_subject(context, args, subject); code != exit_ok) return code;
  const auto input = read_input(context, subject.component);
  if (!input) return context.report(input.error());
  engine::Engine engine;
  const auto component = compile(*input, engine);
  if (!component) return context.report(component.error());
  if (args.has("list"))
    return write_text(context, args.value("output"), listing(component->info()));
  if (args.has("generate"))
    return write_text(context, args.value("output"), testing::generate_cases(component->info()));
  std::deque<Input> link_inputs;
  const auto links = linked(context, args, engine, link_inputs);
  if (!links) return context.report(links.error());
  testing::Report all;
  int code = exit_ok;
  for (const std::string& path : subject.cases) {
    auto report = run_file(context, *component, *links, path, args);
    if (!report) {
      code = context.report(report.error());
      continue;
    }
    all.milliseconds += report->milliseconds;
    std::move(report->verdicts.begin(), report->verdicts.end(), std::back_inserter(all.verdicts));
  }
  if (code != exit_ok && all.verdicts.empty()) return code;
  const int reported = write_reports(context, args, all);
  return code != exit_ok ? code : reported;
}

}  // namespace

constinit const Verb verbs::test{
    .name = "test",
    .usage = "[COMPONENT CASES.json…]",
    .summary = "run JSON cases against a component, or those of a project",
    .options = options,
    .max_inputs = any_number,
    .run = run,
    .more =
        "In a project (or with its folder instead of a component) it builds first and takes "
        "`test_cases.json` or\n"
        "`tests/*.json`. The format of cases stands in docs/testing.md.\n"};

}  // namespace tenon::cli

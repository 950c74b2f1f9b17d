// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/base/nearest.h"
#include "tenon/base/rules.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/rules.h"
#include "tenon/cli/build_project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/own_files.h"
#include "tenon/cli/rules.h"
#include "tenon/cli/sections.h"
#include "tenon/cli/wit_input.h"
#include "tenon/component/validate.h"
#include "tenon/core/validate.h"
#include "tenon/engine/engine.h"
#include "tenon/runtime/compiled.h"
#include "tenon/runtime/linked_exports.h"
#include "tenon/testing/call_name.h"
#include "tenon/testing/run_cases.h"
#include "tenon/testing/run_module.h"
#include "tenon/wasi/core/host_fs.h"
#include "tenon/wit/component_type.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"link", 0, "FILE", "satisfy imports without a mock with the exports of another component", {}},
    {"allow-file", 0, "DIR", "`$file` may name files there too, not only beside the cases", {}},
    {"filter", 0, "TEXT", "run only cases whose name contains TEXT", {}},
    {"shard", 0, "I/N", "run only the I-th of N parts of the cases: 1/3, 2/3, 3/3", {}},
    {"allow-empty", 0, "", "no error when no case is run", {}},
    {"list", 0, "", "show the functions that cases can call", {}},
    {"generate", 0, "", "write a skeleton: mocks, and one case for each function", {}},
    force_option,
    {"junit", 0, "FILE", "write a JUnit report there as well", {}},
    {"tap", 0, "", "report as TAP", {}},
    {"jobs", 'j', "N", "cases to run at a time; default: one per processor", {}},
    {"timeout", 0, "TIME", "time limit of each case: 0.5, 500ms, 5s; default: 60", {}},
    {"profile", 'p', "NAME", "in a project: the profile to build; default: debug", {}},
    {"stub-wasi", 0, "", "in a project: build without WASI imports; output is discarded", {}},
    {"no-cache", 0, "", "in a project: build without the cache", {}},
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
      Error(rules::no_cases, Span::none(),
            fmt::format("`{}` holds no `test_cases.json` and no `tests/*.json`", dir))
          .help(fmt::format("`tenon test {}--generate -o {}` writes a skeleton of cases",
                            dir == "." ? std::string() : dir + " ",
                            (root / "test_cases.json").lexically_normal().string())));
}

/// A project: it is built first. Returns the exit code.
int project_subject(Context& context, const Args& args, const std::string& dir, Subject& subject) {
  builder::BuildOptions wanted;
  wanted.profile = std::string(args.value("profile").value_or("debug"));
  wanted.no_cache = args.has("no-cache");
  wanted.stub_wasi = args.has("stub-wasi");
  std::optional<builder::BuildResult> built;
  const int code = build_project(context, dir, wanted, built);
  if (code != exit_ok) return code;
  subject.component = built->component;
  return exit_ok;
}

/// Whether a file may hold a component: by its name, or when that tells nothing, by whether it
/// begins as JSON does.
bool is_component_file(const std::string& path) {
  if (path.ends_with(".json")) return false;
  if (path.ends_with(".wasm") || path.ends_with(".wat")) return true;
  const auto bytes = read_file(path);
  if (!bytes) return true;
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] != '[' && text[start] != '{';
}

/// The component and the files of cases, in whatever order they are.
int file_subject(Context& context, const Args& args, bool wants_cases, Subject& subject) {
  subject.cases = args.inputs();
  const auto first = subject.cases.begin();
  const auto found = std::find_if(first, subject.cases.end(), is_component_file);
  if (found == subject.cases.end() && wants_cases) {
    return context.report(
        usage_error(fmt::format("found cases, `{}`, and no component", *first),
                    fmt::format("write `tenon test COMPONENT.wasm {0}`, or `tenon test . {0}` in a "
                                "project",
                                *first)));
  }
  const auto component = found == subject.cases.end() ? first : found;
  subject.component = *component;
  subject.cases.erase(component);
  for (const std::string& file : subject.cases) {
    std::error_code ignored;
    if (fs::is_directory(file, ignored))
      return context.report(
          usage_error(fmt::format("found the folder `{}`, wanted files of cases", file),
                      fmt::format("write `tenon test {} {}/*.json`", subject.component, file)));
  }
  if (!subject.cases.empty() || !wants_cases) return exit_ok;
  return context.report(
      usage_error("no file of cases is given",
                  fmt::format("write `tenon test {0} CASES.json`; `tenon test --generate {0} -o "
                              "cases.json` makes a file to begin with",
                              subject.component)));
}

/// The first option that would have no effect: `--list` and `--generate` run no case, and a file is
/// not built.
std::optional<Error> idle_option(const Args& args, bool project) {
  constexpr std::array<std::string_view, 9> of_runs = {
      "link", "allow-file", "filter", "shard", "allow-empty", "junit", "tap", "jobs", "timeout"};
  constexpr std::array<std::string_view, 3> of_builds = {"profile", "stub-wasi", "no-cache"};
  const auto given = [&](std::string_view option) { return args.has(option); };
  const std::string_view mode = given("list") ? "list" : given("generate") ? "generate" : "";
  if (given("force") && !given("generate"))
    return usage_error("`--force` has no effect without `--generate`", "leave it out");
  if (given("list") && given("generate"))
    return usage_error("found both `--list` and `--generate`", "write one of them");
  if (const auto* at = std::ranges::find_if(of_runs, given); !mode.empty() && at != of_runs.end()) {
    return usage_error(
        fmt::format("`--{}` has no effect beside `--{}`, which runs no case", *at, mode),
        "leave one of them out");
  }
  if (const auto* at = std::ranges::find_if(of_builds, given); !project && at != of_builds.end()) {
    return usage_error(fmt::format("`--{}` has no effect on a file: only projects are built", *at),
                       "leave it out, or name the project's folder");
  }
  return std::nullopt;
}

/// `--list` and `--generate` look at the component alone.
int no_cases_here(const Context& context, const Args& args, const Subject& subject) {
  if (subject.cases.empty()) return exit_ok;
  const std::string_view mode = args.has("list") ? "list" : "generate";
  return context.report(usage_error(
      fmt::format("`--{}` runs no case, and `{}` is named", mode, subject.cases.front()),
      fmt::format("write `tenon test --{} {}`{}", mode,
                  subject.component.empty() ? args.input(0, ".") : subject.component,
                  mode == "generate" ? ", with `-o FILE` for a file" : "")));
}

int find_subject(Context& context, const Args& args, Subject& subject) {
  const bool wants_cases = !args.has("list") && !args.has("generate");
  const std::string first(args.input(0, "."));
  std::error_code ignored;
  const bool folder = fs::is_directory(first, ignored);
  if (const auto idle = idle_option(args, folder)) return context.report(*idle);
  if (!folder) {
    const int code = file_subject(context, args, wants_cases, subject);
    return code != exit_ok || wants_cases ? code : no_cases_here(context, args, subject);
  }
  for (std::size_t i = 1; i < args.inputs().size(); ++i) subject.cases.push_back(args.inputs()[i]);
  if (!wants_cases && !subject.cases.empty()) return no_cases_here(context, args, subject);
  if (subject.cases.empty() && wants_cases) {
    if (const auto project = builder::load_project(first, context.sources, "test"); !project)
      return context.report(project.error());
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
  // What `build` makes of a world is tested whether the gates of its text are open or not.
  core::Features features = core::Features::component();
  for (const core::Gate gate : {core::Gate::cm_accessors, core::Gate::cm_fixed_length_lists,
                                core::Gate::cm_canon_names, core::Gate::cm_nested_names})
    features.enable(gate);
  component::Component component = TENON_TRY(load_component(input, features));
  auto valid = TENON_TRY(component::validate(std::move(component), features));
  return runtime::Component::compile(engine, std::move(valid));
}

/// What to do about a file that cases may not read: `folder` is that of the cases.
std::string help_for_outside(const std::string& folder, const std::string& path) {
  const fs::path place = (fs::path(folder) / path).lexically_normal();
  const fs::path below = place.lexically_relative(fs::path(folder).lexically_normal());
  if (!fs::path(path).is_absolute() && (below.empty() || *below.begin() != "..")) {
    return "it is a link to another folder: put the file itself there, or pass `--allow-file DIR` "
           "with the folder that it leads to";
  }
  return fmt::format(
      "put the file beside the cases, or pass `--allow-file {}` to let cases read "
      "that folder",
      place.parent_path().string());
}

/// Reads `$file`s beside the file of cases or below, and where `--allow-file` says.
testing::FileReader files_beside(const std::string& cases, const Args& args) {
  std::vector<std::string> folders = {fs::path(cases).parent_path().string()};
  for (const std::string_view more : args.values("allow-file")) folders.emplace_back(more);
  return [folders =
              std::move(folders)](const std::string& path) -> Result<std::vector<std::uint8_t>> {
    auto read = read_file_in(folders, path);
    if (read || read.error().rule() != tenon::rules::file_outside) return read;
    return std::unexpected(std::move(read.error()).help(help_for_outside(folders.front(), path)));
  };
}

/// Opens directories beside the file of cases or below, to be read.
testing::FolderReader folders_beside(const std::string& cases) {
  return [folder = fs::path(cases).parent_path().string()](
             const std::string& path) -> Result<wasi::DescriptorPtr> {
    const auto refuse = [&](wasi::ErrorCode code) {
      return std::unexpected(Error(
          rules::no_cases, Span::none(),
          fmt::format("the directory `{}` beside the cases: {}", path, wasi::to_string(code))));
    };
    wasi::HostDirectoryOptions options;
    options.read_only = true;
    const auto beside = wasi::open_host_directory(folder.empty() ? "." : folder, options);
    if (!beside) return refuse(beside.error());
    wasi::OpenFlags open;
    open.directory = true;
    wasi::DescriptorFlags flags;
    flags.read = true;
    auto found = (*beside)->open_at(path, true, open, flags);
    if (!found) return refuse(found.error());
    return *std::move(found);
  };
}

/// The components of `--link`, which `guest` imports from; null for a module. Their code is in the
/// bytes of `inputs`.
Result<std::vector<runtime::Component>> linked(Context& context, const Args& args,
                                               engine::Engine& engine,
                                               const runtime::Component* guest,
                                               std::deque<Input>& inputs) {
  std::vector<runtime::Component> out;
  runtime::LinkedExports exports;
  for (const std::string_view path : args.values("link")) {
    Input input = TENON_TRY(read_input(context, path));
    inputs.push_back(std::move(input));
    auto component = TENON_TRY(compile(inputs.back(), engine));
    TENON_TRY(exports.add(component.info(), path));
    out.push_back(std::move(component));
  }
  if (guest != nullptr) TENON_TRY(exports.check(guest->info()));
  return out;
}

void add_imports(const wit::Packages& packages, const wit::World& world,
                 std::vector<testing::WitFunc>& out) {
  for (const wit::WorldItem& item : world.imports) {
    if (const auto* func = std::get_if<wit::Function>(&item.item)) {
      out.push_back({"", func->name});
    } else if (const auto* idx = std::get_if<wit::InterfaceIdx>(&item.item)) {
      for (const wit::Function& inner : packages.interfaces[*idx].functions)
        out.push_back({item.name, inner.name});
    }
  }
}

/// What the WIT of a component imports, though the component may not: the WIT of its
/// `component-type` sections and that of the file beside it, which `tenon build` leaves there. What
/// cannot be read is not there.
std::vector<testing::WitFunc> wit_imports(const Args& args, const std::string& path,
                                          const Input& input) {
  std::vector<testing::WitFunc> out;
  const auto sections = read_sections(input.bytes, Span::no_source);
  for (const Section& section : sections ? *sections : std::vector<Section>()) {
    if (!section.custom_name.starts_with(wit::component_type_section)) continue;
    const auto type = wit::decode_component_type(
        ByteSpan(input.bytes).subspan(section.payload.begin, section.payload.size()));
    if (type) add_imports(type->packages, type->packages.worlds[type->world], out);
  }
  const std::string beside = fs::path(path).replace_extension(".wit").string();
  std::error_code ignored;
  auto wit_loading = wit_options(args);
  if (path.ends_with(".wit") || !wit_loading || !fs::is_regular_file(beside, ignored)) return out;
  wit_loading->resolve.all_features = true;
  SourceSet sources;
  Diagnostics diagnostics;
  const auto loaded = wit::load(beside, *wit_loading, sources, diagnostics);
  if (!loaded) return out;
  for (const wit::PackageIdx root : loaded->packages.roots) {
    for (const auto& [name, world] : loaded->packages.packages[root].worlds)
      add_imports(loaded->packages, loaded->packages.worlds[world], out);
  }
  return out;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// Which cases are run, by the command line or else by the test protocol of Bazel, and how that is
/// reported. Spec: https://bazel.build/reference/test-encyclopedia
struct Selection {
  std::string_view filter;
  /// The filter is that of all tests of a run of Bazel; here it may fit none.
  bool filter_of_all = false;
  testing::Shard shard;
  std::vector<std::string> junit;
};

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// `2/3` is the second of three.
Result<testing::Shard> parse_shard(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto index = whole_number(text.substr(0, slash));
  const auto count = whole_number(text.substr(std::min(slash + 1, text.size())));
  if (index && count && *index >= 1 && *index <= *count) return testing::Shard{*index - 1, *count};
  return std::unexpected(
      usage_error(fmt::format("found `--shard {}`, wanted I/N with I from 1 to N", text),
                  "`--shard 1/3` runs the first third of the cases"));
}

/// Bazel counts shards from 0, and wants to see that the runner knows of them.
Result<testing::Shard> shard_of_bazel() {
  const std::string_view total = environment("TEST_TOTAL_SHARDS");
  if (total.empty()) return testing::Shard{};
  const std::string_view mine = environment("TEST_SHARD_INDEX");
  const auto count = whole_number(total);
  const auto index = whole_number(mine);
  // Bazel says 0 where it does not share out.
  if (count && *count == 0) return testing::Shard{};
  if (!count || !index || *index >= *count) {
    return std::unexpected(usage_error(
        fmt::format("found TEST_SHARD_INDEX `{}` and TEST_TOTAL_SHARDS `{}`", mine, total),
        "the index is from 0 to the total less one"));
  }
  const std::string_view status = environment("TEST_SHARD_STATUS_FILE");
  if (!status.empty()) TENON_TRY(write_file(std::string(status), std::string_view()));
  return testing::Shard{*index, *count};
}

Result<Selection> selection(const Args& args) {
  Selection out;
  out.filter = args.value("filter").value_or("");
  if (!args.has("filter")) {
    out.filter = environment("TESTBRIDGE_TEST_ONLY");
    out.filter_of_all = !out.filter.empty();
  }
  const auto shard = args.value("shard");
  out.shard = TENON_TRY(shard ? parse_shard(*shard) : shard_of_bazel());
  if (const auto path = args.value("junit")) out.junit.emplace_back(*path);
  if (const auto path = environment("XML_OUTPUT_FILE"); !path.empty()) out.junit.emplace_back(path);
  return out;
}

/// What is tested: a component, or a module of WASI preview 1.
struct Guest {
  std::string file;
  std::optional<runtime::Component> component;
  std::shared_ptr<const engine::Module> module;
};

Result<testing::Report> run_file(Context& context, engine::Engine& engine, const Guest& guest,
                                 const std::vector<runtime::Component>& links,
                                 const std::vector<testing::WitFunc>& wit, const std::string& path,
                                 const Args& args, const Selection& selected,
                                 std::size_t cases_before) {
  const Input input = TENON_TRY(read_input(context, path));
  if (input.is_binary()) return std::unexpected(wrong_kind(input, "a file of test cases in JSON"));
  const testing::CaseFile file =
      TENON_TRY(testing::parse_cases(input.text(), input.source, fs::path(path).stem().string()));
  testing::RunOptions run_options;
  run_options.filter = selected.filter;
  run_options.shard = selected.shard;
  run_options.cases_before = cases_before;
  const auto jobs = TENON_TRY(args.number("jobs"));
  run_options.jobs = static_cast<unsigned>(std::min<std::uint64_t>(jobs.value_or(0), 256));
  if (const auto time = TENON_TRY(args.duration("timeout")))
    run_options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(*time);
  run_options.files = files_beside(path, args);
  run_options.folders = folders_beside(path);
  run_options.program = fs::path(guest.file).filename().string();
  run_options.wit = wit;
  for (const runtime::Component& link : links) run_options.links.push_back(&link);
  if (!guest.component) {
    return testing::run_module_cases(engine, guest.module, file, input.name, context.sources,
                                     run_options);
  }
  return testing::run_cases(*guest.component, file, input.name, context.sources, run_options);
}

Result<Guest> guest_of(const std::string& file, const Input& input, engine::Engine& engine) {
  Guest out{file, std::nullopt, nullptr};
  if (input.kind == InputKind::core_module || input.kind == InputKind::wat_module) {
    const core::Features features = core::Features::standard();
    auto module = TENON_TRY(load_module(input, features));
    const bool program = std::ranges::any_of(
        module.exports, [](const core::Export& e) { return e.name == "_start"; });
    if (program) {
      auto valid = TENON_TRY(core::validate(std::move(module), features));
      out.module = TENON_TRY(engine::Module::create(engine, std::move(valid)));
      return out;
    }
  }
  auto component = TENON_TRY(compile(input, engine));
  out.component = std::move(component);
  return out;
}

std::string listing(const component::ComponentInfo& info) {
  std::string out;
  for (const testing::ExportedFunc& func : testing::exported_funcs(info))
    out += visible(testing::signature(func, info)) + "\n";
  return out;
}

int write_reports(const Context& context, const Args& args, const Selection& selected,
                  const testing::Report& report) {
  for (const std::string& path : selected.junit) {
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

/// What is said when no case ran: a filter that fits none, or files without cases.
Error nothing_ran(std::string_view filter, const Subject& subject, const testing::Report& report) {
  constexpr std::size_t most = 10;
  if (report.left_out.empty()) {
    const bool skipped = report.count(testing::Status::skipped) != 0;
    return Error(rules::no_cases, Span::none(),
                 fmt::format("`{}` {}", fmt::join(subject.cases, "`, `"),
                             skipped ? "holds skipped cases alone" : "holds no case"))
        .help("pass `--allow-empty` if none is meant to run");
  }
  const std::vector<std::string_view> names(report.left_out.begin(), report.left_out.end());
  const std::string_view near = nearest(filter, names);
  std::string list;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    list += fmt::format("{}`{}`", i == 0 ? "" : ", ", names[i]);
  if (names.size() > most) list += fmt::format(" and {} more", names.size() - most);
  return Error(rules::no_cases, Span::none(), fmt::format("none whose name holds `{}`", filter))
      .note("the cases are " + list)
      .help(near.empty() ? "pass `--allow-empty` if none is meant to run"
                         : fmt::format("did you mean `--filter '{}'`?", near));
}

/// A skeleton never takes the place of cases that somebody wrote.
int generate(const Context& context, const Args& args, const component::ComponentInfo& info) {
  const std::string text = testing::generate_cases(info);
  const auto path = args.value("output");
  if (path && *path != "-" && !args.has("force")) {
    if (const auto may = may_replace(std::string(*path), text); !may)
      return context.report(may.error());
  }
  return write_text(context, path, text, true);
}

int run(Context& context, const Args& args) {
  Subject subject;
  if (const int code = find_subject(context, args, subject); code != exit_ok) return code;
  const auto input = read_input(context, subject.component);
  if (!input) return context.report(input.error());
  engine::Engine engine;
  const auto guest = guest_of(subject.component, *input, engine);
  if (!guest) return context.report(guest.error());
  if (!guest->component && (args.has("list") || args.has("generate")))
    return context.report(wrong_kind(*input, "a component"));
  if (args.has("list"))
    return write_text(context, args.value("output"), listing(guest->component->info()));
  if (args.has("generate")) return generate(context, args, guest->component->info());
  std::deque<Input> link_inputs;
  const auto selected = selection(args);
  if (!selected) return context.report(selected.error());
  const auto links =
      linked(context, args, engine, guest->component ? &*guest->component : nullptr, link_inputs);
  if (!links) return context.report(links.error());
  const std::vector<testing::WitFunc> wit = wit_imports(args, subject.component, *input);
  testing::Report all;
  int code = exit_ok;
  for (const std::string& path : subject.cases) {
    auto report = run_file(context, engine, *guest, *links, wit, path, args, *selected,
                           all.verdicts.size() + all.in_other_shards);
    if (!report) {
      code = context.report(report.error());
      continue;
    }
    all.milliseconds += report->milliseconds;
    all.in_other_shards += report->in_other_shards;
    std::move(report->verdicts.begin(), report->verdicts.end(), std::back_inserter(all.verdicts));
    std::move(report->left_out.begin(), report->left_out.end(), std::back_inserter(all.left_out));
    for (std::string& note : report->notes) {
      if (std::ranges::find(all.notes, note) == all.notes.end())
        all.notes.push_back(std::move(note));
    }
  }
  if (code != exit_ok && all.verdicts.empty()) return code;
  const int reported = write_reports(context, args, *selected, all);
  for (const std::string& note : all.notes) context.note(note);
  if (code != exit_ok || reported != exit_ok) return code != exit_ok ? code : reported;
  // A shard may be left with no case, or with skipped ones.
  const bool ran = all.count(testing::Status::passed) != 0 || all.in_other_shards != 0;
  if (ran || args.has("allow-empty")) return exit_ok;
  if (selected->filter_of_all && !all.left_out.empty()) {
    context.note(fmt::format("no case's name holds `{}`", selected->filter));
    return exit_ok;
  }
  return context.report(nothing_ran(selected->filter, subject, all));
}

}  // namespace

constinit const Verb verbs::test{
    .name = "test",
    .usage = "[COMPONENT CASES.json…]",
    .summary = "run JSON cases against a component, or those of a project",
    .options = options,
    .max_inputs = any_number,
    .takes = "@wasm @json",
    .run = run,
    .more =
        "The component may come before or after its files of cases. "
        "In a project (or with its folder instead of a component) it builds first and takes "
        "`test_cases.json` or\n"
        "`tests/*.json`. The format of cases is described in docs/testing.md. When no case is run, "
        "it "
        "ends with 1.\n"
        "Bazel's variables TEST_TOTAL_SHARDS, TEST_SHARD_INDEX, TESTBRIDGE_TEST_ONLY and "
        "XML_OUTPUT_FILE do what\n`--shard`, `--filter` and `--junit` do.\n"};

}  // namespace tenon::cli

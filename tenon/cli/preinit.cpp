// SPDX-License-Identifier: Apache-2.0
#include "tenon/preinit/preinit.h"

#include <fmt/format.h>

#include <filesystem>
#include <span>
#include <string>

#include "tenon/base/file.h"
#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/preinit_mocks.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"init-func",
     'f',
     "FUNC",
     "run this function; default: `wizer-initialize`, else `wizer.initialize`",
     {}},
    {"keep-init-func", 0, "", "keep exporting the functions that ran", {}},
    {"rename-func", 'r', "DST=SRC", "export SRC as DST, replacing a previous export DST", {}},
    {"instance", 0, "N", "which of several core instances that have the function, from 0", {}},
    {"link",
     0,
     "[NAME=]FILE",
     "satisfy imports with the exports of another component (module: NAME)",
     {}},
    {"mocks", 0, "FILE", "mocks for imports, in the format of `tenon test`", {}},
    {"keep-imports", 0, "", "keep imports that only the initialisation needed", {}},
    {"random-seed", 0, "N", "the seed of random numbers; default: 0", {}},
    {"allow-wasi", 0, "", "provide WASI to the initialisation; clocks stand still", {}},
    {"dir", 0, "HOST[::GUEST]", "a folder that it may read; implies --allow-wasi", {}},
    {"env", 0, "NAME=VALUE", "a variable of its environment; implies --allow-wasi", {}},
    {"arg", 0, "TEXT", "an argument; implies --allow-wasi", {}},
    {"max-memory", 0, "SIZE", "limit of all linear memories together; default: 1GiB", {}},
    {"timeout", 0, "TIME", "give up after that time; default: 60", {}},
    {"report", 0, "FILE", "write a report there, as JSON if the name ends in .json", {}},
    {"measure", 0, "N", "add to the report the fastest of N starts, before and after", {}},
    {"first-call", 0, "CALL", "with --measure: call this after each start", {}},
    {"features", 0, "A,-B,…", "open or close feature gates", {}},
    output_option,
    wat_option,
};

/// `NAME=FILE`, or `FILE` alone.
Result<preinit::Link> read_link(Context& context, std::string_view text) {
  preinit::Link link;
  const auto equals = text.find('=');
  if (equals != std::string_view::npos) {
    link.name = std::string(text.substr(0, equals));
    text = text.substr(equals + 1);
  }
  Input input = TENON_TRY(read_input(context, text));
  TENON_TRY(make_binary(context, input));
  if (input.kind == InputKind::core_module && link.name.empty()) {
    return std::unexpected(usage_error(
        fmt::format("`--link {}` links a module and says not which imports it is for", text),
        fmt::format("`--link NAME={}`, NAME being the imports' module name", text)));
  }
  link.bytes = std::move(input.bytes);
  link.source = input.source;
  link.file = std::string(text);
  return link;
}

/// What WASI gives.
Result<void> read_grants(const Args& args, preinit::Options& out) {
  for (const std::string_view text : args.values("env")) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return std::unexpected(
          usage_error(fmt::format("`--env {}` has no value", text), "`--env NAME=VALUE`"));
    }
    out.env.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  for (const std::string_view text : args.values("dir")) out.dirs.emplace_back(text);
  for (const std::string_view text : args.values("arg")) out.args.emplace_back(text);
  out.allow_wasi =
      args.has("allow-wasi") || !out.env.empty() || !out.dirs.empty() || !out.args.empty();
  return {};
}

/// The help where the time is over, in the words of `run`.
std::string too_long(const Args& args, std::chrono::nanoseconds timeout) {
  if (const auto given = args.value("timeout"))
    return fmt::format("it ran longer than `--timeout {}`", *given);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
  return fmt::format("it ran longer than {} s; `--timeout` allows more", seconds);
}

Result<preinit::Options> options_of(Context& context, const Args& args, bool component) {
  preinit::Options out;
  for (const std::string_view name : args.values("init-func")) out.funcs.emplace_back(name);
  out.keep_init_func = args.has("keep-init-func");
  for (const std::string_view text : args.values("rename-func")) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
      return std::unexpected(
          usage_error(fmt::format("`--rename-func {}` names not two functions", text),
                      "`--rename-func NEW=OLD`"));
    }
    out.renames.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  if (component && !out.renames.empty()) {
    return std::unexpected(usage_error("`--rename-func` is for core modules",
                                       "the exports of a component are those of its world"));
  }
  if (const auto n = TENON_TRY(args.number("instance")))
    out.instance = static_cast<std::uint32_t>(std::min<std::uint64_t>(*n, 0xFFFFFFFF));
  if (const auto n = TENON_TRY(args.number("random-seed"))) out.random_seed = *n;
  if (const auto n = TENON_TRY(args.size("max-memory"))) out.max_memory = *n;
  if (const auto time = TENON_TRY(args.duration("timeout"))) out.timeout = *time;
  TENON_TRY(read_grants(args, out));
  out.features = TENON_TRY(
      features_of(args, component ? core::Features::component() : core::Features::standard()));
  for (const std::string_view text : args.values("link")) {
    preinit::Link link = TENON_TRY(read_link(context, text));
    out.links.push_back(std::move(link));
  }
  if (!component && args.has("mocks")) {
    return std::unexpected(usage_error("`--mocks` is for components, whose functions have types",
                                       "`--link NAME=FILE` gives a core module its imports"));
  }
  for (const std::string_view path : args.values("mocks")) {
    preinit::MockFile file = TENON_TRY(read_mocks(context, path));
    out.mocks.push_back(std::move(file));
  }
  out.keep_imports = args.has("keep-imports");
  out.wording.too_long = too_long(args, out.timeout);
  return out;
}

double ms(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

std::string text_report(const preinit::Report& r, const std::optional<preinit::Measured>& m) {
  std::string out;
  for (const std::string& f : r.funcs) out += fmt::format("ran {}\n", visible(f));
  for (const std::string& f : r.done_before) out += fmt::format("had run before: {}\n", visible(f));
  for (const auto& [name, n] : r.calls) out += fmt::format("called {}: {}\n", visible(name), n);
  for (const std::string& name : r.removed_imports)
    out += fmt::format("import removed: {}\n", visible(name));
  out += fmt::format("bytes before {}\nbytes after {}\n", r.bytes_before, r.bytes_after);
  out += fmt::format("core instances {}, {} of them changed\n", r.instances, r.rewritten);
  out += fmt::format("state: {} bytes in {} data segments, {} elements\n", r.data_bytes,
                     r.data_segments, r.elements);
  if (m) {
    out += fmt::format("start before {:.3f} ms, after {:.3f} ms\n", ms(m->before.start),
                       ms(m->after.start));
    if (m->before.first_call.count() != 0) {
      out += fmt::format("first call before {:.3f} ms, after {:.3f} ms\n", ms(m->before.first_call),
                         ms(m->after.first_call));
    }
  }
  for (const std::string& note : r.notes) out += fmt::format("note: {}\n", note);
  return out;
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", Json::quote(item));
  return "[" + out + "]";
}

std::string json_report(const preinit::Report& r, const std::optional<preinit::Measured>& m) {
  std::string times;
  if (m) {
    times = fmt::format(
        "  \"start-ms\": {{\"before\": {:.3f}, \"after\": {:.3f}}},\n"
        "  \"first-call-ms\": {{\"before\": {:.3f}, \"after\": {:.3f}}},\n",
        ms(m->before.start), ms(m->after.start), ms(m->before.first_call), ms(m->after.first_call));
  }
  std::string calls;
  for (const auto& [name, n] : r.calls)
    calls += fmt::format("{}{}: {}", calls.empty() ? "" : ", ", Json::quote(name), n);
  return fmt::format(
      "{{\n  \"ran\": {},\n  \"ran-before\": {},\n  \"calls\": {{{}}},\n"
      "  \"removed-imports\": {},\n"
      "  \"bytes\": {{\"before\": {}, \"after\": {}}},\n"
      "  \"core-instances\": {{\"all\": {}, \"changed\": {}}},\n"
      "  \"state\": {{\"data-bytes\": {}, \"data-segments\": {}, \"elements\": {}}},\n"
      "{}  \"notes\": {}\n}}\n",
      json_list(r.funcs), json_list(r.done_before), calls, json_list(r.removed_imports),
      r.bytes_before, r.bytes_after, r.instances, r.rewritten, r.data_bytes, r.data_segments,
      r.elements, times, json_list(r.notes));
}

int write_report(const Context& context, const Args& args, const preinit::Report& report,
                 const std::optional<preinit::Measured>& measured) {
  const auto path = args.value("report");
  if (!path) return exit_ok;
  const bool json = context.json || path->ends_with(".json");
  return write_text(context, path,
                    json ? json_report(report, measured) : text_report(report, measured));
}

/// What `--measure` asks for.
Result<std::optional<preinit::Measured>> measured(const Args& args, const Input& input,
                                                  const preinit::Output& output,
                                                  const preinit::Options& wanted) {
  const auto times = TENON_TRY(args.number("measure"));
  if (!times || *times == 0 || output.report.funcs.empty()) return std::nullopt;
  constexpr std::uint64_t most = 1'000'000;
  const std::string first(args.value("first-call").value_or(""));
  const auto out = TENON_TRY(preinit::measure(input.bytes, output, wanted, first,
                                              static_cast<std::uint32_t>(std::min(*times, most))));
  return out;
}

/// Options that need one another, and places that are one.
Result<void> check_options(const Args& args) {
  const auto measure = TENON_TRY(args.number("measure"));
  const auto report = args.value("report");
  if (measure && *measure == 0)
    return std::unexpected(usage_error("`--measure 0` measures nothing", "`--measure 10`"));
  if (measure && !report)
    return std::unexpected(
        usage_error("`--measure` has no report to be in", "add `--report FILE`, or `--report -`"));
  if (args.has("first-call") && !measure)
    return std::unexpected(
        usage_error("`--first-call` is part of what `--measure N` measures", "add `--measure 10`"));
  if (!report) return {};
  const std::string output(args.value("output").value_or("-"));
  const std::filesystem::path of_output(output);
  const std::filesystem::path of_report(*report);
  std::error_code ignored;
  if (of_output.lexically_normal() == of_report.lexically_normal() ||
      (output != "-" && std::filesystem::equivalent(of_output, of_report, ignored))) {
    return std::unexpected(
        usage_error(output == "-" ? "the report and the output both go to standard output"
                                  : fmt::format("the report and the output are both `{}`", output),
                    "`-o OUT --report REPORT`"));
  }
  return {};
}

int run(Context& context, const Args& args) {
  if (const auto fit = check_options(args); !fit) return context.report(fit.error());
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  if (input->bytes.empty()) {
    return context.report(
        wrong_kind(*input, "a core module or component")
            .help(args.inputs().empty() ? "name one: `tenon preinit INPUT`" : std::string()));
  }
  if (auto made = make_binary(context, *input); !made) return context.report(made.error());
  auto wanted = options_of(context, args, input->is_component());
  if (!wanted) return context.report(wanted.error());
  wanted->source = input->source;
  auto done = preinit::preinit(input->bytes, *wanted);
  if (!done) return context.report(done.error());
  for (const std::string& func : done->report.done_before)
    context.note(fmt::format("`{}` has run already", func));
  for (const std::string& note : done->report.notes) context.note(note);
  const auto times = measured(args, *input, *done, *wanted);
  if (!times) return context.report(times.error());
  const int code = write_report(context, args, done->report, *times);
  if (code != exit_ok) return code;
  if (args.has("wat")) {
    input->bytes = std::move(done->bytes);
    return write_text(context, args.value("output"),
                      [&](const text::TextSink& sink) { return print_input(*input, {}, sink); });
  }
  return write_binary(context, args.value("output"), done->bytes);
}

}  // namespace

Result<preinit::MockFile> read_mocks(Context& context, std::string_view path) {
  const Input input = TENON_TRY(read_input(context, path));
  if (input.is_binary()) return std::unexpected(wrong_kind(input, "a file of mocks in JSON"));
  preinit::MockFile out;
  out.text = std::string(input.text());
  out.source = input.source;
  out.files = [folder = std::filesystem::path(path).parent_path().string()](
                  const std::string& file) { return read_file_in(std::span(&folder, 1), file); };
  return out;
}

constinit const Verb verbs::preinit{
    .name = "preinit",
    .usage = "[INPUT] [--init-func FUNC] [-o OUT]",
    .summary = "run an initialisation now and write a binary that starts with its result",
    .options = options,
    .max_inputs = 1,
    .run = run,
    .more =
        "`--init-func` may be given several times. In a component FUNC is an export, also as a "
        "call:\n"
        "'setup(1, \"x\")'; else what a core module inside exports: `#[export_name = \"…\"]`.\n"
        "A trap, a time-out or too much memory end with code 1, and nothing is written.\n"};

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include "tenon/cli/build_project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/invoke_help.h"
#include "tenon/cli/run_component.h"
#include "tenon/cli/run_core.h"
#include "tenon/cli/wasi_grants.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"invoke", 0, "CALL", "call an export: 'f(1, \"x\")', arguments as WAVE", {}},
    {"profile", 'p', "NAME", "in a project: the profile to build; default: debug", {}},
    {"link", 0, "FILE", "satisfy imports with the exports of another component", {}},
    {"trace", 0, "WHAT", "log every call that crosses a component's boundary", "abi"},
    {"fuel", 0, "N", "trap after N operators", {}},
    {"timeout", 0, "TIME", "trap after that time: 0.5, 500ms, 5s, 2m", {}},
    {"max-memory", 0, "SIZE", "limit of all linear memories together: 64M, 64MiB", {}},
    {"dir",
     0,
     "HOST[::GUEST[:ro]]",
     "grant a directory, optionally under another name, read-only",
     {}},
    {"env", 0, "K[=V]", "grant a variable; without a value, this process's own", {}},
    {"inherit-env", 0, "", "grant all variables of this process", {}},
    {"cwd",
     0,
     "PATH",
     "what `initial-cwd` of WASI 0.2 tells; programs over preview 1 (wasi-libc, Rust, Go) never "
     "ask: "
     "`--dir HOST::.`",
     {}},
    {"argv0", 0, "NAME", "the program's name; default: the file name as given", {}},
    {"allow-outbound", 0, "tcp|udp://HOST[:PORT]", "grant connections to that address", {}},
    {"allow-inbound", 0, "tcp|udp://HOST[:PORT]", "grant listening on that address", {}},
    {"allow-resolve", 0, "NAME|*.SUFFIX", "grant looking up names", {}},
    {"inherit-network", 0, "", "grant all connections, listening and look-ups", {}},
    {"allow-special-ranges", 0, "", "grant link-local and metadata addresses, too", {}},
    {"config", 0, "K=V", "a value of wasi:config", {}},
    {"keyvalue", 0, "FILE", "where wasi:keyvalue keeps its buckets; default: in memory", {}},
    {"max-resources", 0, "N", "files, streams and sockets that are open at a time", {}},
    {"max-random-size", 0, "SIZE", "random bytes of one call: 64M", {}},
    features_option,
};

/// The file to run. A project (a folder, or nothing) is built first.
std::string program_of(Context& context, const Args& args, int& code) {
  std::string path(args.input(0, "."));
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return path;
  builder::BuildOptions wanted;
  wanted.profile = std::string(args.value("profile").value_or("debug"));
  std::optional<builder::BuildResult> built;
  code = build_project(context, path, wanted, built);
  return built ? built->component : std::string();
}

/// `--dir c.wasm`: an option took the component for its value.
std::optional<Error> swallowed_component(const Args& args) {
  if (!args.inputs().empty()) return std::nullopt;
  for (const Option& option : options) {
    const auto value = option.value.empty() ? std::nullopt : args.value(option.name);
    std::error_code ignored;
    if (!value || option.name == "link" || option.name == "keyvalue") continue;
    if (!value->ends_with(".wasm") && !value->ends_with(".wat")) continue;
    if (!std::filesystem::is_regular_file(*value, ignored)) continue;
    return usage_error(
        fmt::format("`--{}` takes `{}` as its value, and no component is left", option.name,
                    *value),
        fmt::format("write `tenon run --{} {} {}`", option.name,
                    option.name == "invoke" ? std::string_view("'name(args)'") : option.value,
                    *value));
  }
  return std::nullopt;
}

int run(Context& context, const Args& args) {
  if (const auto error = swallowed_component(args)) return context.report(*error);
  if (args.values("invoke").size() > 1) {
    return context.report(
        usage_error("`--invoke` is given twice",
                    "one run makes one call: `tenon test` makes several, in steps"));
  }
  // Before anything is read: what the option would have given may be what is missing.
  if (args.has("invoke") && args.inputs().size() > 1 &&
      std::ranges::any_of(args.inputs(),
                          [](const auto& word) { return is_option(verbs::run_, word); }))
    return context.report(needless_words(verbs::run_, args));
  int code = exit_ok;
  const std::string path = program_of(context, args, code);
  if (code != exit_ok) return code;
  auto input = read_input(context, path);
  if (!input) {
    // `tenon run add c.wasm`: the function is where the component is wanted.
    if (const auto call = args.value("invoke")) {
      if (const auto error = arguments_before(*call, args.inputs())) return context.report(*error);
    }
    std::error_code ignored;
    const std::string_view next = args.input(1);
    if (std::filesystem::is_regular_file(next, ignored)) {
      return context.report(std::move(input).error().help(
          fmt::format("a function is called by `tenon run --invoke '{}{}' {}`", path,
                      path.find('(') == std::string::npos ? "(…)" : "", next)));
    }
    return context.report(input.error());
  }
  prepare_signals();
  if (input->kind == InputKind::core_module || input->kind == InputKind::wat_module)
    return run_core(context, args, *input);
  return run_component(context, args, *input);
}

}  // namespace

constinit const Verb verbs::run_{
    .name = "run",
    .usage = "[OPTIONS] [COMPONENT|MODULE [ARGS…]]",
    .summary = "run a program, or call any export",
    .options = options,
    .max_inputs = any_number,
    .takes = "@wasm @file",
    .run = run,
    .more =
        "Options end at the component or module: every later word is the program's, options too.\n"
        "A component is a command of WASI 0.2, a module one of preview 1. It reaches nothing but\n"
        "what is granted. In a project (or with its folder instead of a component) it builds "
        "first.\n"
        "`--invoke` takes a bare function name where one export alone has it, else `iface#func`.\n"
        "Results are printed as WAVE, with `--format json` as JSON; exports of a core module are\n"
        "called with numbers. The program's exit code is passed on; a trap, spent fuel and a\n"
        "time-out end with code 134, Ctrl-C with 130.\n",
    .guest_args = true};

}  // namespace tenon::cli

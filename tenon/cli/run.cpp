// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <optional>
#include <string>

#include "tenon/cli/build_project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/run_component.h"
#include "tenon/cli/run_core.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"invoke", 0, "CALL", "call an export: 'f(1, \"x\")', arguments as WAVE", {}},
    {"profile", 'p', "NAME", "in a project: the profile to build; default: debug", {}},
    {"link", 0, "FILE", "satisfy imports from what another component exports", {}},
    {"trace", 0, "WHAT", "log every call that crosses a component's boundary", "abi"},
    {"fuel", 0, "N", "trap after N operators", {}},
    {"timeout", 0, "TIME", "trap after that time: 0.5, 500ms, 5s, 2m", {}},
    {"max-memory",
     0,
     "SIZE",
     "the most that all linear memories may take together: 64M, 64MiB",
     {}},
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

int run(Context& context, const Args& args) {
  int code = exit_ok;
  const std::string path = program_of(context, args, code);
  if (code != exit_ok) return code;
  auto input = read_input(context, path);
  if (!input) return context.report(input.error());
  if (input->kind == InputKind::core_module || input->kind == InputKind::wat_module)
    return run_core(context, args, *input);
  return run_component(context, args, std::move(*input));
}

}  // namespace

constinit const Verb verbs::run_{
    .name = "run",
    .usage = "[--invoke CALL] [COMPONENT [ARGS…]]",
    .summary = "run a command component, or call any export",
    .options = options,
    .max_inputs = any_number,
    .takes = "@wasm @file",
    .run = run,
    .more =
        "Options end at the component: what follows is the program's.\n"
        "In a project (or with its folder instead of a component) it builds first.\n"
        "`--invoke` takes a bare function name where one export alone has it, else `iface#func`.\n"
        "Results are printed as WAVE, with `--format json` as JSON. A trap, spent fuel and a "
        "time-out\n"
        "end with code 134. Of a core module without imports, exports are called with numbers.\n"};

}  // namespace tenon::cli

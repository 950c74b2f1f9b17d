// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/run_component.h"
#include "tenon/cli/run_core.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"invoke", 0, "CALL", "call an export: 'f(1, \"x\")', arguments as WAVE", {}},
    {"link", 0, "FILE", "satisfy imports from what another component exports", {}},
    {"trace", 0, "WHAT", "log every call that crosses a component's boundary", "abi"},
    {"fuel", 0, "N", "trap after N units of work", {}},
    {"timeout", 0, "SECONDS", "trap after that time", {}},
    {"max-memory", 0, "BYTES", "the most that all linear memories may take together", {}},
    features_option,
};

int run(Context& context, const Args& args) {
  auto input = read_input(context, args.input(0));
  if (!input) return context.report(input.error());
  if (input->kind == InputKind::core_module || input->kind == InputKind::wat_module)
    return run_core(context, args, *input);
  return run_component(context, args, std::move(*input));
}

}  // namespace

constinit const Verb verbs::run_{
    .name = "run",
    .usage = "COMPONENT [ARGS…]",
    .summary = "run a command component, or call any export",
    .options = options,
    .min_inputs = 1,
    .max_inputs = any_number,
    .run = run,
    .more =
        "`--invoke` takes a bare function name where one export alone has it, else `iface#func`.\n"
        "Results are printed as WAVE, with `--format json` as JSON. A trap, spent fuel and a time-out\n"
        "end with code 134. Of a core module without imports, exports are called with numbers.\n"};

}  // namespace tenon::cli

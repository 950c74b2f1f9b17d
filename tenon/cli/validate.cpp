// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/validate.h"

#include <fmt/format.h>

#include "tenon/cli/command.h"
#include "tenon/cli/load.h"
#include "tenon/component/validate_custom.h"
#include "tenon/core/validate.h"
#include "tenon/core/validate_custom.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    features_option,
    {"all-features", 0, "", "open every feature gate", {}},
    {"enable-all", 0, "", "the same, as wasm-validate spells it", {}},
    {"validate-custom", 0, "", "check custom sections too: names, producers, branch hints", {}},
};

Result<void> check(const Context& context, const Input& input, const core::Features& features,
                   bool customs) {
  if (input.is_component()) {
    component::Component component = TENON_TRY(load_component(input, features));
    std::vector<Error> warnings;
    const auto valid = TENON_TRY(component::validate(std::move(component), features, &warnings));
    for (const Error& warning : warnings) context.report(warning);
    return customs ? component::validate_custom(valid) : Result<void>{};
  }
  core::Module module = TENON_TRY(load_module(input, features));
  const auto valid = TENON_TRY(core::validate(std::move(module), features));
  return customs ? core::validate_custom(*valid) : Result<void>{};
}

int run(Context& context, const Args& args) {
  std::vector<std::string> paths = args.inputs();
  if (paths.empty()) paths.emplace_back("-");
  const auto for_modules = features_of(args, core::Features::standard());
  if (!for_modules) return context.report(for_modules.error());
  const auto for_components = features_of(args, core::Features::component());
  if (!for_components) return context.report(for_components.error());
  if (args.has("enable-all"))
    context.note("`--enable-all` means `--all-features` here; components are taken as well");
  const bool customs = args.has("validate-custom");
  int code = exit_ok;
  for (const std::string& path : paths) {
    const auto input = read_input(context, path);
    if (!input) {
      code = context.report(input.error());
      continue;
    }
    const auto checked =
        check(context, *input, input->is_component() ? *for_components : *for_modules, customs);
    if (!checked) {
      code = context.report(checked.error());
    } else if (context.verbosity > 0) {
      context.say(fmt::format("{}: valid, {}", input->name, to_string(input->kind)));
    }
  }
  return code;
}

}  // namespace

constinit const Verb verbs::validate{.name = "validate",
                                     .usage = "[INPUT…] [--features A,-B,…]",
                                     .summary = "check core modules and components, binary or text",
                                     .options = options,
                                     .max_inputs = any_number,
                                     .takes = "@wasm",
                                     .run = run,
                                     .more =
                                         "Says nothing when all are valid. The default is "
                                         "WebAssembly 3.0, and for components what the component\n"
                                         "model opens. `--features` takes names such as `gc`, "
                                         "`-simd`, `wasm2`, `all`, one after the other.\n"
                                         "No binary is invalid for its custom sections: "
                                         "`--validate-custom` asks for them.\n"};

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    output_option,
    {"fold", 0, "", "operands inside the parentheses of their operator", {}},
    {"skeleton", 0, "", "imports, exports and signatures alone", {}},
};

int run(Context& context, const Args& args) {
  const auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  const text::PrintOptions print{.fold = args.has("fold"), .skeleton = args.has("skeleton")};
  return write_text(context, args.value("output"),
                    [&](const text::TextSink& sink) { return print_input(*input, print, sink); });
}

}  // namespace

constinit const Verb verbs::print{.name = "print",
                                  .usage = "[INPUT] [-o OUT]",
                                  .summary = "binary of a core module or component to its text",
                                  .options = options,
                                  .max_inputs = 1,
                                  .takes = "@wasm",
                                  .run = run,
                                  .more =
                                      "The text parses back to the same bytes, padded integers "
                                      "aside; custom sections are annotations.\n"};

}  // namespace tenon::cli

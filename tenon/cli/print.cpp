// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/output.h"
#include "tenon/core/decode.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_module.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    output_option,
    {"fold", 0, "", "operands inside the parentheses of their operator", {}},
    {"skeleton", 0, "", "imports, exports and signatures alone", {}},
};

Result<core::Module> read_module(Input& input) {
  if (input.is_wat() || input.kind == InputKind::text)
    return text::parse_module(input.text(), input.source);
  return core::decode(Blob::borrow(input.bytes), core::Features::all(), input.source);
}

int run(Context& context, const Args& args) {
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  const auto module = read_module(*input);
  if (!module) return context.report(module.error());
  const text::PrintOptions print{.fold = args.has("fold"), .skeleton = args.has("skeleton")};
  const auto printed = text::print_module(*module, print);
  if (!printed) return context.report(printed.error());
  return write_text(context, args.value("output"), *printed);
}

}  // namespace

constinit const Verb verbs::print{
    .name = "print",
    .usage = "[INPUT] [-o OUT]",
    .summary = "binary of a core module or component to its text",
    .options = options,
    .max_inputs = 1,
    .run = run,
    .more = "The text parses back to the same bytes; custom sections are annotations.\n"};

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/output.h"
#include "tenon/component/encode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    output_option,
    {"wat", 't', "", "check only, then write the text as it came", {}},
};

int run(Context& context, const Args& args) {
  const auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  if (input->is_binary()) return write_binary(context, args.value("output"), input->bytes);
  if (input->is_component()) {
    const auto component = text::parse_component(input->text(), input->source);
    if (!component) return context.report(component.error());
    if (args.has("wat")) return write_text(context, args.value("output"), input->text());
    return write_binary(context, args.value("output"), component::encode(*component));
  }
  const auto module = text::parse_module(input->text(), input->source);
  if (!module) return context.report(module.error());
  if (args.has("wat")) return write_text(context, args.value("output"), input->text());
  return write_binary(context, args.value("output"), core::encode(*module));
}

}  // namespace

constinit const Verb verbs::parse{.name = "parse",
                                  .usage = "[INPUT] [-o OUT]",
                                  .summary = "text of a core module or component to its binary",
                                  .options = options,
                                  .max_inputs = 1,
                                  .run = run,
                                  .more = "A binary goes through as it is.\n"};

}  // namespace tenon::cli

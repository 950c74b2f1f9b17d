// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/output.h"
#include "tenon/component/decode.h"
#include "tenon/core/decode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_component.h"
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

Result<void> print_input(Input& input, const text::PrintOptions& print,
                         const text::TextSink& sink) {
  if (input.is_component()) {
    auto component = input.is_binary() ? component::decode(Blob::borrow(input.bytes),
                                                           core::Features::all(), input.source)
                                       : text::parse_component(input.text(), input.source);
    if (!component) return std::unexpected(std::move(component).error());
    return text::print_component(*component, print, sink);
  }
  const core::Module module = TENON_TRY(read_module(input));
  return text::print_module(module, print, sink);
}

int run(Context& context, const Args& args) {
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  const text::PrintOptions print{.fold = args.has("fold"), .skeleton = args.has("skeleton")};
  return write_text(context, args.value("output"),
                    [&](const text::TextSink& sink) { return print_input(*input, print, sink); });
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

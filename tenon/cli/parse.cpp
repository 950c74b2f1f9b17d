// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/core/decode.h"
#include "tenon/core/to_exnref.h"
#include "tenon/core/validate.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    output_option,
    wat_option,
    {"legacy", 0, "", "read forms that text had in former days", {}},
    {"to-exnref", 0, "", "translate legacy exceptions to `try_table`", {}},
};

/// Puts today's operators in the place of legacy exceptions.
Result<void> translate(Context& context, Input& input) {
  if (input.kind != InputKind::core_module)
    return std::unexpected(
        wrong_kind(input, "a core module")
            .help("translate the core modules before `tenon component new`; `tenon "
                  "component unbundle` takes them out of a component"));
  const core::Features features = core::Features::all();
  core::Module module = TENON_TRY(load_module(input, features));
  const auto valid = TENON_TRY(core::validate(std::move(module), features));
  input.bytes = core::to_exnref(valid);
  input.source = context.sources.add_binary(input.name);
  // What the translation adds may be more than there is room for.
  auto today = core::decode(Blob::borrow(input.bytes), features, input.source);
  const auto same = today ? core::validate(std::move(*today), features)
                          : Result<core::Validated<core::Module>>(std::unexpected(today.error()));
  if (same) return {};
  Error error = same.error();
  return std::unexpected(
      std::move(error).help("a function with `rethrow` has locals more after the translation, and "
                            "bodies are longer; run the module as it is with `--features "
                            "legacy-exceptions`"));
}

int run(Context& context, const Args& args) {
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  const bool legacy = args.has("legacy");
  const text::ComponentTextOptions text_options{.legacy_references = legacy,
                                                .legacy_words = legacy};
  const bool to_exnref = args.has("to-exnref");
  if (legacy || to_exnref || !args.has("wat")) {
    if (auto made = make_binary(context, *input, text_options); !made)
      return context.report(made.error());
  }
  if (to_exnref) {
    if (auto done = translate(context, *input); !done) return context.report(done.error());
  }
  if (args.has("wat")) {
    return write_text(context, args.value("output"),
                      [&](const text::TextSink& sink) { return print_input(*input, {}, sink); });
  }
  return write_binary(context, args.value("output"), input->bytes);
}

}  // namespace

constinit const Verb verbs::parse{.name = "parse",
                                  .usage = "[INPUT] [-o OUT]",
                                  .summary = "text of a core module or component to its binary",
                                  .options = options,
                                  .max_inputs = 1,
                                  .takes = "@wat",
                                  .run = run,
                                  .more =
                                      "A binary goes through as it is. `--legacy` reads `(memory "
                                      "$i \"m\")`, `(func …)` for `(core func …)`,\n"
                                      "`(interface \"…\")`, `float32` and `float64` in components, "
                                      "`get_local`, `i32.wrap/i64` and `anyfunc` in modules.\n"
                                      "`--to-exnref` writes `try_table` and `throw_ref` for the "
                                      "legacy `try`, `catch`, `catch_all`, `delegate`\nand "
                                      "`rethrow`; names of labels, and custom sections that count "
                                      "places in bodies, are left out then.\n"};

}  // namespace tenon::cli

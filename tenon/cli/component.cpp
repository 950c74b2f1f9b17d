// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>

#include "tenon/base/file.h"
#include "tenon/builder/componentize.h"
#include "tenon/builder/dummy.h"
#include "tenon/builder/embed.h"
#include "tenon/builder/targets.h"
#include "tenon/builder/unbundle.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/own_files.h"
#include "tenon/cli/wit_input.h"
#include "tenon/component/string_encoding.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_module.h"
#include "tenon/wit/component_type.h"

namespace tenon::cli {
namespace {

/// A core module as bytes, from binary or text.
struct ModuleBytes {
  std::vector<std::uint8_t> bytes;
  /// A binary's places can be shown, those of bytes made of a text not.
  std::uint32_t source = Span::no_source;
};
Result<ModuleBytes> module_bytes(Context& context, std::string_view path) {
  auto input = TENON_TRY(read_input(context, path));
  if (input.kind == InputKind::wat_module) {
    const auto module = TENON_TRY(text::parse_module(input.text(), input.source));
    return ModuleBytes{core::encode(module)};
  }
  if (!input.is_binary())
    return std::unexpected(wrong_kind(input, "a core module")
                               .help("`tenon build DIR` makes a component of WIT and sources; a "
                                     "core module is what a compiler for wasm32 writes"));
  return ModuleBytes{std::move(input.bytes), input.source};
}

/// A component as bytes, from binary or text.
Result<Input> component_bytes(Context& context, std::string_view path) {
  auto input = TENON_TRY(read_input(context, path));
  if (!input.is_component()) return std::unexpected(wrong_kind(input, "a component"));
  TENON_TRY(make_binary(context, input));
  return input;
}

// --- embed ---------------------------------------------------------------------------------------

constexpr Option embed_options[] = {
    output_option,
    world_option,
    wit_features_option,
    all_wit_features_option,
    {"encoding", 0, "ENCODING", "how the module's strings are encoded (default: utf8)",
     "utf8|utf16|compact-utf16"},
    {"dummy", 0, "", "embed in a dummy module for the world, whose functions trap", {}},
    {"dummy-names", 0, "NAMES", "the same, with names of this kind (--dummy: standard32)",
     "legacy|standard32"},
    {"async-callback", 0, "", "with --dummy-names legacy: async functions with a callback", {}},
    {"async-stackful",
     0,
     "",
     "with --dummy-names legacy: async functions with a stack of their own",
     {}},
    {"only-custom", 0, "", "write only the content of the custom section", {}},
    {"wat", 't', "", "write text instead of the binary", {}},
};

/// What contradicts itself in the options of `embed`.
std::optional<std::string> embed_conflict(const Args& args) {
  const bool dummy = args.has("dummy") || args.has("dummy-names");
  const bool async = args.has("async-callback") || args.has("async-stackful");
  if (args.has("only-custom") && (dummy || args.has("wat")))
    return "`--only-custom` writes no module: it goes with neither `--dummy` nor `--wat`";
  if (args.has("dummy") && args.has("dummy-names"))
    return "`--dummy` is `--dummy-names standard32`: say one of them";
  if (args.has("async-callback") && args.has("async-stackful"))
    return "`--async-callback` and `--async-stackful` are two ways: say one of them";
  if (async && args.value("dummy-names") != "legacy")
    return "only `--dummy-names legacy` has names for async functions";
  if ((dummy || args.has("only-custom")) && args.inputs().size() > 1)
    return "no module is read: say the WIT alone";
  return std::nullopt;
}

/// The module that `embed` writes into: the one given, or a dummy.
Result<ModuleBytes> embed_into(Context& context, const Args& args, const wit::Packages& wit,
                               wit::WorldIdx world) {
  if (!args.has("dummy") && !args.has("dummy-names"))
    return module_bytes(context, args.input(1, "-"));
  const bool legacy = args.value("dummy-names") == "legacy";
  const abi::Calling calling = args.has("async-callback")   ? abi::Calling::async
                               : args.has("async-stackful") ? abi::Calling::async_stackful
                                                            : abi::Calling::sync;
  auto dummy = TENON_TRY(builder::dummy_module(
      wit, world, legacy ? abi::Mangling::legacy : abi::Mangling::cm32p2, calling));
  return ModuleBytes{std::move(dummy)};
}

int write_module(Context& context, const Args& args, const std::vector<std::uint8_t>& bytes) {
  if (!args.has("wat")) return write_binary(context, args.value("output"), bytes);
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  if (!module) return context.report(module.error());
  const auto text = text::print_module(*module, {});
  if (!text) return context.report(text.error());
  return write_text(context, args.value("output"), *text);
}

int run_embed(Context& context, const Args& args) {
  if (const auto conflict = embed_conflict(args)) return context.report(usage_error(*conflict));
  std::error_code ignored;
  const std::string_view second = args.input(1);
  if (second.ends_with(".wit") || std::filesystem::is_directory(second, ignored))
    return context.report(usage_error(
        fmt::format("found `{}`, wanted the module", second),
        fmt::format("the WIT comes first: `tenon component embed {} {}`", second, args.input(0))));
  const auto wit = load_wit(context, args.input(0), args);
  if (!wit) return exit_findings;
  const auto world = wit::select_world(*wit, args.value("world"));
  if (!world) return context.report(world.error());
  const auto encoding = component::parse_string_encoding(args.value("encoding").value_or("utf8"))
                            .value_or(component::StringEncoding::utf8);
  if (args.has("only-custom")) {
    const auto section = wit::encode_component_type(*wit, *world, encoding);
    if (!section) return context.report(section.error());
    return write_binary(context, args.value("output"), *section);
  }
  const auto module = embed_into(context, args, *wit, *world);
  if (!module) return context.report(module.error());
  const auto out = builder::embed(module->bytes, *wit, *world, module->source, encoding);
  if (!out) return context.report(out.error());
  return write_module(context, args, *out);
}

// --- new -----------------------------------------------------------------------------------------

constexpr Option new_options[] = {
    output_option,
    {"adapt", 0, "[NAME=]FILE", "a module that satisfies the imports from NAME", {}},
    {"adapter-compat", 0, "VERSION", "the WASI that tenon's adapter requires (default: 0.2.12)",
     "0.2.0|0.2.12"},
    {"stub-wasi", 0, "", "no WASI imports: output is discarded, other WASI calls trap", {}},
    {"import-name", 0, "OLD=NEW", "import an interface under another name", {}},
    {"merge-imports-based-on-semver", 0, "BOOL",
     "import an interface once, in its newest compatible version (default: true)", "true|false"},
    {"emit-canonical-names",
     0,
     "",
     "name interfaces `ns:pkg/i@1`, with the rest of the version in `version-suffix`",
     {}},
    {"skip-validation", 0, "", "write the component even if it is not valid", {}},
};

/// `NAME=FILE`, or a file whose name up to the first dot is the name.
Result<builder::Adapter> adapter_of(Context& context, std::string_view text) {
  builder::Adapter out;
  std::string_view path = text;
  if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
    out.name = std::string(text.substr(0, equals));
    path = text.substr(equals + 1);
  } else {
    const std::string file = std::filesystem::path(path).filename().string();
    out.name = file.substr(0, file.find('.'));
  }
  ModuleBytes module = TENON_TRY(module_bytes(context, path));
  out.module = std::move(module.bytes);
  out.source = module.source;
  return out;
}

int run_new(Context& context, const Args& args) {
  const auto module = module_bytes(context, args.input(0, "-"));
  if (!module) return context.report(module.error());
  builder::ComponentizeOptions options;
  options.source = module->source;
  options.stub_wasi = args.has("stub-wasi");
  if (const auto compat = args.value("adapter-compat"))
    options.compat = builder::parse_adapter_compat(*compat).value_or(options.compat);
  options.producers.emplace_back("tenon", TENON_VERSION);
  std::vector<std::string> notes;
  options.notes = &notes;
  for (const std::string_view text : args.values("adapt")) {
    auto adapter = adapter_of(context, text);
    if (!adapter) return context.report(adapter.error());
    options.adapters.push_back(std::move(*adapter));
  }
  for (const std::string_view text : args.values("import-name")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return context.report(usage_error(fmt::format("`--import-name {}`: wanted OLD=NEW", text)));
    }
    options.import_names.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  options.merge_imports = args.value("merge-imports-based-on-semver") != "false";
  options.canonical_names = args.has("emit-canonical-names");
  options.validate = !args.has("skip-validation");
  const auto out = builder::componentize(module->bytes, options);
  if (!out) return context.report(out.error());
  for (const std::string& note : notes) context.note(note);
  return write_binary(context, args.value("output"), *out);
}

// --- targets -------------------------------------------------------------------------------------

constexpr Option targets_options[] = {
    world_option,
    wit_features_option,
    all_wit_features_option,
    {"semver-compatible", 0, "", "also accept other, compatible versions of interfaces", {}},
};

int run_targets(Context& context, const Args& args) {
  std::error_code ignored;
  const std::string_view second = args.input(1);
  if (second.ends_with(".wit") || std::filesystem::is_directory(second, ignored))
    return context.report(
        usage_error(fmt::format("found `{}`, wanted the component", second),
                    fmt::format("the WIT comes first: `tenon component targets {} {}`", second,
                                args.input(0))));
  const auto wit = load_wit(context, args.input(0), args);
  if (!wit) return exit_findings;
  const auto world = wit::select_world(*wit, args.value("world"));
  if (!world) return context.report(world.error());
  const auto input = component_bytes(context, args.input(1, "-"));
  if (!input) return context.report(input.error());
  const auto versions =
      args.has("semver-compatible") ? builder::Versions::compatible : builder::Versions::exact;
  const auto fits = builder::targets(input->bytes, *wit, *world, input->source, versions);
  if (!fits) return context.report(fits.error());
  context.say(fmt::format("`{}` fits `{}`", input->name, wit->id_of(*world)));
  return exit_ok;
}

// --- unbundle ------------------------------------------------------------------------------------

constexpr Option unbundle_options[] = {
    output_option,
    force_option,
    {"module-dir", 0, "DIR", "write the core modules there (default: the working folder)", {}},
    {"threshold", 0, "SIZE", "do not extract smaller modules: 64K, 64KiB", {}},
};

int run_unbundle(Context& context, const Args& args) {
  const auto input = component_bytes(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  const auto threshold = args.size("threshold");
  if (!threshold) return context.report(threshold.error());
  const auto out = builder::unbundle(input->bytes, static_cast<std::size_t>(threshold->value_or(0)),
                                     input->source);
  if (!out) return context.report(out.error());
  const std::filesystem::path dir(std::string(args.value("module-dir").value_or(".")));
  std::error_code ignored;
  std::filesystem::create_directories(dir, ignored);
  for (const builder::Unbundled::Module& m : out->modules) {
    if (args.has("force")) break;
    const std::string_view content(reinterpret_cast<const char*>(m.bytes.data()), m.bytes.size());
    if (const auto may = may_replace((dir / (m.name + ".wasm")).string(), content); !may)
      return context.report(may.error());
  }
  for (const builder::Unbundled::Module& m : out->modules) {
    const std::string path = (dir / (m.name + ".wasm")).string();
    if (const auto written = write_file(path, ByteSpan(m.bytes)); !written) {
      context.report(written.error());
      return exit_internal;
    }
  }
  return write_binary(context, args.value("output"), out->component);
}

}  // namespace

constinit const Verb verbs::component_embed{
    .name = "component embed",
    .usage = "WIT [MODULE | --dummy | --only-custom] [-w WORLD] [-o OUT]",
    .summary = "write a world into a core module, for `component new`",
    .options = embed_options,
    .min_inputs = 1,
    .max_inputs = 2,
    .takes = "@wit @wasm",
    .run = run_embed};

constinit const Verb verbs::component_new{
    .name = "component new",
    .usage = "[MODULE] [--adapt NAME=FILE] [-o OUT]",
    .summary = "make a component from a core module with an embedded world",
    .options = new_options,
    .max_inputs = 1,
    .takes = "@wasm",
    .run = run_new,
    .more =
        "Imports of WASI preview1 are served by tenon's own adapter, over WASI 0.2: a module that "
        "exports `_start` becomes a command, and the component imports what the module can reach, "
        "each interface in its lowest version. `--adapt` takes another adapter, `--stub-wasi` "
        "none.\n"};

constinit const Verb verbs::component_targets{
    .name = "component targets",
    .usage = "WIT [COMPONENT] [-w WORLD]",
    .summary = "check whether a component conforms to a world",
    .options = targets_options,
    .min_inputs = 1,
    .max_inputs = 2,
    .takes = "@wit @wasm",
    .run = run_targets};

constinit const Verb verbs::component_unbundle{.name = "component unbundle",
                                               .usage = "[COMPONENT] [--module-dir DIR] [-o OUT]",
                                               .summary = "extract the core modules of a component",
                                               .options = unbundle_options,
                                               .max_inputs = 1,
                                               .takes = "@wasm",
                                               .run = run_unbundle};

}  // namespace tenon::cli

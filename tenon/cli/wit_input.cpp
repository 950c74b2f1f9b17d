// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/wit_input.h"

#include <fmt/format.h>

#include "tenon/base/file.h"
#include "tenon/cli/input.h"
#include "tenon/component/encode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/wit/features.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/print.h"

namespace tenon::cli {
namespace {

/// WIT text of a binary, or of its text form. What is encoded here has no places that a user knows.
Result<std::string> wit_text_of(ByteSpan content, std::uint32_t source) {
  std::vector<std::uint8_t> made;
  const InputKind kind = sniff(content);
  if (kind == InputKind::wat_module) {
    const core::Module module = TENON_TRY(text::parse_module(as_text(content), source));
    made = core::encode(module);
    content = made;
  } else if (kind == InputKind::wat_component) {
    const component::Component component =
        TENON_TRY(text::parse_component(as_text(content), source));
    made = component::encode(component);
    content = made;
  }
  const wit::Packages packages =
      TENON_TRY(wit::wit_of_binary(content, made.empty() ? source : Span::no_source));
  return wit::print(packages);
}

}  // namespace

Result<wit::LoadOptions> wit_options(const Args& args) {
  wit::LoadOptions options;
  options.resolve.all_features = args.has("all-features");
  for (std::string_view list : args.values("features")) {
    while (!list.empty()) {
      const auto cut = std::min(list.find(','), list.size());
      if (cut > 0) options.resolve.features.emplace_back(list.substr(0, cut));
      list.remove_prefix(std::min(cut + 1, list.size()));
    }
  }
  for (const std::string_view dep : args.values("dep")) {
    const auto equals = dep.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == dep.size()) {
      return std::unexpected(
          usage_error(fmt::format("found `--dep {}`", dep), "write `--dep ns:pkg=PATH`"));
    }
    options.deps.emplace_back(dep.substr(0, equals), dep.substr(equals + 1));
  }
  options.read_binary = wit_text_of;
  return options;
}

void note_features(const Context& context, const Args& args) {
  const auto options = wit_options(args);
  if (!options) return;
  for (const std::string& sentence : wit::idle_features(context.sources, options->resolve.features))
    context.note(sentence);
}

std::optional<wit::Loaded> load_wit(Context& context, const Args& args, std::string_view path,
                                    int& exit_code) {
  const auto options = wit_options(args);
  if (!options) {
    exit_code = context.report(options.error());
    return std::nullopt;
  }
  Diagnostics diagnostics;
  std::optional<wit::Loaded> out;
  if (path == "-") {
    auto bytes = read_descriptor(0, "<stdin>");
    if (!bytes) {
      exit_code = context.report(bytes.error());
      return std::nullopt;
    }
    std::string text(as_text(*bytes));
    if (const InputKind kind = sniff(*bytes); kind != InputKind::text) {
      const bool binary = kind == InputKind::core_module || kind == InputKind::component;
      const auto source =
          binary ? context.sources.add_binary("<stdin>") : context.sources.add("<stdin>", text);
      auto made = wit_text_of(*bytes, source);
      if (!made) {
        exit_code = context.report(made.error());
        return std::nullopt;
      }
      text = std::move(*made);
    }
    auto packages =
        wit::load_text("<stdin>", std::move(text), *options, context.sources, diagnostics);
    if (packages) out = wit::Loaded{std::move(*packages), {}};
  } else {
    out = wit::load(std::string(path), *options, context.sources, diagnostics);
  }
  exit_code = context.report(diagnostics);
  return out;
}

std::optional<wit::Packages> load_wit(Context& context, std::string_view path, const Args& args) {
  int code = exit_ok;
  auto loaded = load_wit(context, args, path, code);
  if (!loaded) return std::nullopt;
  return std::move(loaded->packages);
}

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/load.h"

#include <fmt/format.h>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/print_component.h"

namespace tenon::cli {

namespace {

/// Text whose first token is no parenthesis is not meant as WAT: then its errors would mislead.
bool looks_like_wat(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  return start == std::string_view::npos || text[start] == '(' ||
         text.substr(start).starts_with(";;");
}

}  // namespace

Result<core::Features> features_of(const Args& args, core::Features base) {
  core::Features features = base;
  if (args.has("all-features") || args.has("enable-all")) features = core::Features::all();
  for (const std::string_view list : args.values("features")) {
    auto parsed = core::Features::parse(list, features);
    if (!parsed)
      return std::unexpected(usage_error(parsed.error().text(), parsed.error().help_text()));
    features = *parsed;
  }
  return features;
}

Result<core::Module> load_module(const Input& input, const core::Features& features,
                                 const text::ModuleTextOptions& options) {
  if (input.kind == InputKind::core_module) {
    return core::decode(Blob::borrow(input.bytes), features, input.source);
  }
  if (input.kind == InputKind::component || input.kind == InputKind::wat_component ||
      input.bytes.empty()) {
    return std::unexpected(wrong_kind(input, "a core module"));
  }
  if (input.kind == InputKind::text && !looks_like_wat(input.text())) {
    Error error = wrong_kind(input, "a core module or component");
    if (!error.help_text().empty()) return std::unexpected(std::move(error));
    return std::unexpected(std::move(error).help("WIT is checked by `tenon wit check`"));
  }
  return text::parse_module(input.text(), input.source, options);
}

Result<component::Component> load_component(const Input& input, const core::Features& features,
                                            const text::ComponentTextOptions& options) {
  if (input.kind == InputKind::component) {
    return component::decode(Blob::borrow(input.bytes), features, input.source);
  }
  if (input.kind == InputKind::wat_component)
    return text::parse_component(input.text(), input.source, options);
  return std::unexpected(wrong_kind(input, "a component"));
}

Result<void> make_binary(Context& context, Input& input,
                         const text::ComponentTextOptions& options) {
  if (input.is_binary()) return {};
  if (input.kind == InputKind::wat_component) {
    const auto component = TENON_TRY(load_component(input, core::Features::all(), options));
    input.bytes = component::encode(component);
    input.kind = InputKind::component;
  } else {
    const auto module = TENON_TRY(
        load_module(input, core::Features::all(), {.legacy_words = options.legacy_words}));
    input.bytes = core::encode(module);
    input.kind = InputKind::core_module;
  }
  input.source = context.sources.add_binary(input.name);
  return {};
}

Result<void> print_input(const Input& input, const text::PrintOptions& options,
                         const text::TextSink& sink) {
  if (input.is_component()) {
    const auto component = TENON_TRY(load_component(input, core::Features::all()));
    return text::print_component(component, options, sink);
  }
  const auto module = TENON_TRY(load_module(input, core::Features::all()));
  return text::print_module(module, options, sink);
}

}  // namespace tenon::cli

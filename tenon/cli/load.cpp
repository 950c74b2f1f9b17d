// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/load.h"

#include <fmt/format.h>

#include "tenon/component/decode.h"
#include "tenon/core/decode.h"
#include "tenon/text/parse_module.h"
#if __has_include("tenon/text/parse_component.h")
#include "tenon/text/parse_component.h"
#define TENON_HAS_COMPONENT_TEXT 1
#endif

namespace tenon::cli {

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

Result<core::Module> load_module(const Input& input, const core::Features& features) {
  if (input.kind == InputKind::core_module) {
    return core::decode(Blob::borrow(input.bytes), features, input.source);
  }
  if (input.kind == InputKind::component || input.kind == InputKind::wat_component ||
      input.bytes.empty()) {
    return std::unexpected(wrong_kind(input, "a core module"));
  }
  return text::parse_module(input.text(), input.source);
}

Result<component::Component> load_component(const Input& input, const core::Features& features) {
  if (input.kind == InputKind::component) {
    return component::decode(Blob::borrow(input.bytes), features, input.source);
  }
#ifdef TENON_HAS_COMPONENT_TEXT
  if (input.kind == InputKind::wat_component)
    return text::parse_component(input.text(), input.source);
#endif
  return std::unexpected(wrong_kind(input, "a component"));
}

}  // namespace tenon::cli

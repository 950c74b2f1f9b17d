// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/load.h"

#include <fmt/format.h>

#include "tenon/component/decode.h"
#include "tenon/core/decode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"

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

Result<core::Module> load_module(const Input& input, const core::Features& features) {
  if (input.kind == InputKind::core_module) {
    return core::decode(Blob::borrow(input.bytes), features, input.source);
  }
  if (input.kind == InputKind::component || input.kind == InputKind::wat_component ||
      input.bytes.empty()) {
    return std::unexpected(wrong_kind(input, "a core module"));
  }
  if (input.kind == InputKind::text && !looks_like_wat(input.text())) {
    return std::unexpected(wrong_kind(input, "a core module or component")
                               .help("WIT is checked by `tenon wit check`"));
  }
  return text::parse_module(input.text(), input.source);
}

Result<component::Component> load_component(const Input& input, const core::Features& features) {
  if (input.kind == InputKind::component) {
    return component::decode(Blob::borrow(input.bytes), features, input.source);
  }
  if (input.kind == InputKind::wat_component)
    return text::parse_component(input.text(), input.source);
  return std::unexpected(wrong_kind(input, "a component"));
}

}  // namespace tenon::cli

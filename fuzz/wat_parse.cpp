// SPDX-License-Identifier: Apache-2.0
// Any text: the parsers of modules, components and scripts say yes or no; what is accepted is
// written, decoded and printed again.
#include <cstdlib>
#include <string_view>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_component.h"
#include "tenon/text/print_module.h"
#include "tenon/text/wast.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace)

void try_module(std::string_view text) {
  const auto module = text::parse_module(text);
  if (!module) return;
  const auto bytes = core::encode(*module);
  // A text can hold what no binary may (such as 2^32 locals), so decoding may refuse.
  const auto decoded = core::decode(Blob::borrow(bytes), core::Features::all());
  if (decoded) static_cast<void>(text::print_module(*decoded));
}

void try_component(std::string_view text) {
  const auto component = text::parse_component(text);
  if (!component) return;
  const auto bytes = component::encode(*component);
  const auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
  if (decoded) static_cast<void>(text::print_component(*decoded));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("(component")) {
    try_component(text);
  } else {
    try_module(text);
  }
  const auto script = text::parse_wast(text);
  if (!script) return 0;
  for (const text::Command& command : script->commands) {
    const auto* const module = std::get_if<text::ModuleCommand>(&command.kind);
    if (module == nullptr || module->module.form == text::ScriptModule::Form::binary) continue;
    if (module->module.component) {
      static_cast<void>(text::parse_script_component(*script, module->module));
    } else {
      static_cast<void>(text::parse_script_module(*script, module->module));
    }
  }
  return 0;
}

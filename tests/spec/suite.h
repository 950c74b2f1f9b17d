// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "tenon/component/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/wast.h"

namespace tenon::testing {

/// The folder of the public suites, or an empty path without them.
inline std::filesystem::path suites() {
  if (const char* set = std::getenv("TENON_CONFORMANCE"); set != nullptr) return set;
  const std::filesystem::path beside = TENON_CONFORMANCE_BESIDE;
  return std::filesystem::exists(beside) ? beside : std::filesystem::path();
}

/// All scripts below a suite's folder, in order.
inline std::vector<std::string> scripts(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".wast") out.push_back(entry.path().string());
  }
  std::ranges::sort(out);
  return out;
}

/// All components of a script, those that must be refused or trap included, in order.
inline std::vector<const text::ScriptModule*> components(const text::Script& script) {
  std::vector<const text::ScriptModule*> out;
  const auto add = [&](const text::ScriptModule& module) {
    if (module.component) out.push_back(&module);
  };
  for (const text::Command& command : script.commands) {
    if (const auto* const c = std::get_if<text::ModuleCommand>(&command.kind)) add(c->module);
    if (const auto* const c = std::get_if<text::AssertRefused>(&command.kind)) add(c->module);
    if (const auto* const c = std::get_if<text::AssertFailure>(&command.kind)) {
      if (const auto* const module = std::get_if<text::ScriptModule>(&c->what)) add(*module);
    }
  }
  return out;
}

/// The binary of a component of a script; empty when its text cannot be read.
inline std::vector<std::uint8_t> bytes_of(const text::Script& script,
                                          const text::ScriptModule& module) {
  if (module.form == text::ScriptModule::Form::binary) return module.bytes;
  const auto parsed = text::parse_script_component(script, module);
  return parsed ? component::encode(*parsed) : std::vector<std::uint8_t>();
}

}  // namespace tenon::testing

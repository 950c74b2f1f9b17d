// SPDX-License-Identifier: Apache-2.0
// Every component of the component suite, printed and parsed again.
#include "tenon/text/print_component.h"

#include <gtest/gtest.h>

#include "tenon/base/file.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/wast.h"
#include "tests/spec/suite.h"

namespace tenon {
namespace {

std::string again(const std::vector<std::uint8_t>& bytes, std::vector<std::uint8_t>& out) {
  const auto component = component::decode(Blob::borrow(bytes), core::Features::all());
  if (!component) return component.error().text();
  const auto text = text::print_component(*component);
  if (!text) return text.error().text();
  const auto parsed = text::parse_component(*text);
  if (!parsed) return parsed.error().text() + "\n" + *text;
  out = component::encode(*parsed);
  return out == bytes ? "" : *text;
}

TEST(ComponentSuite, EveryComponentPrintsAndParsesToTheSameBytes) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int components = 0;
  for (const std::string& file : testing::scripts(folder / "component-model")) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script) << file << script.error().text();
    for (const text::Command& command : script->commands) {
      const text::ScriptModule* found = nullptr;
      if (const auto* const c = std::get_if<text::ModuleCommand>(&command.kind)) found = &c->module;
      if (const auto* const c = std::get_if<text::AssertRefused>(&command.kind)) found = &c->module;
      if (found == nullptr || !found->component) continue;
      const std::string where = file + ":" + std::to_string(found->span.begin) + ": ";
      std::vector<std::uint8_t> bytes;
      std::vector<std::uint8_t> out;
      if (found->form == text::ScriptModule::Form::binary) {
        const auto decoded = component::decode(Blob::borrow(found->bytes), core::Features::all());
        if (!decoded) continue;
        static_cast<void>(again(component::encode(*decoded), bytes));
        if (bytes.empty()) continue;
      } else {
        const auto parsed = text::parse_script_component(*script, *found);
        if (!parsed) continue;
        bytes = component::encode(*parsed);
        // A text may ask for what no binary has, such as components nested too deeply.
        if (!component::decode(Blob::borrow(bytes), core::Features::all())) continue;
      }
      ++components;
      EXPECT_EQ(again(bytes, out), "") << where;
    }
  }
  EXPECT_GT(components, 600);
}

}  // namespace
}  // namespace tenon

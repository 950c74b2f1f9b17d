// SPDX-License-Identifier: Apache-2.0
// Every module of the core suite, printed flat and folded and parsed again.
#include <gtest/gtest.h>

#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_module.h"
#include "tenon/text/wast.h"
#include "tests/spec/suite.h"

namespace tenon {
namespace {

/// What the bytes become when they are printed and parsed, or why they do not.
std::string again(const std::vector<std::uint8_t>& bytes, bool fold,
                  std::vector<std::uint8_t>& out) {
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  if (!module) return module.error().text();
  const auto text = text::print_module(*module, {.fold = fold, .skeleton = false});
  if (!text) return text.error().text();
  const auto parsed = text::parse_module(*text);
  if (!parsed) return parsed.error().text() + "\n" + *text;
  out = core::encode(*parsed);
  return out == bytes ? "" : *text;
}

TEST(CoreSuite, EveryModulePrintsAndParsesToTheSameBytes) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int modules = 0;
  for (const std::string& file : testing::scripts(folder / "core")) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script) << file << script.error().text();
    for (const text::Command& command : script->commands) {
      const auto* const found = std::get_if<text::ModuleCommand>(&command.kind);
      if (found == nullptr || found->module.component) continue;
      const text::ScriptModule& module = found->module;
      const std::string where = file + ":" + std::to_string(module.span.begin) + ": ";
      std::vector<std::uint8_t> bytes;
      if (module.form == text::ScriptModule::Form::binary) {
        // One round takes what is not canonical (padded integers, roundabout flags) out of it.
        const auto decoded = core::decode(Blob::borrow(module.bytes), core::Features::all());
        ASSERT_TRUE(decoded) << where;
        std::vector<std::uint8_t> canonical;
        static_cast<void>(again(core::encode(*decoded), false, canonical));
        ASSERT_FALSE(canonical.empty()) << where;
        bytes = std::move(canonical);
      } else {
        const auto parsed = text::parse_script_module(*script, module);
        ASSERT_TRUE(parsed) << where << parsed.error().text();
        bytes = core::encode(*parsed);
      }
      ++modules;
      std::vector<std::uint8_t> out;
      EXPECT_EQ(again(bytes, false, out), "") << where;
      EXPECT_EQ(again(bytes, true, out), "") << where << "folded";
    }
  }
  EXPECT_GT(modules, 2000);
}

}  // namespace
}  // namespace tenon

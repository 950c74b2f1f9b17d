// SPDX-License-Identifier: Apache-2.0
// Every module of the core suite, written and read again.
#include <gtest/gtest.h>

#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/names.h"
#include "tenon/core/validate.h"
#include "tenon/text/wast.h"
#include "tests/spec/suite.h"

namespace tenon {
namespace {

struct Counts {
  int modules = 0;
  int binaries = 0;
  int kept = 0;
};

/// What encode wrote must decode, come out the same again, and be as valid as the module was.
void expect_fixpoint(const core::Module& module, const std::string& where) {
  const std::vector<std::uint8_t> first = core::encode(module);
  auto again = core::decode(Blob::borrow(first), core::Features::all());
  ASSERT_TRUE(again) << where << again.error().text();
  EXPECT_EQ(core::encode(*again), first) << where;
  static_cast<void>(core::names_of(*again));
  const auto valid = core::validate(std::move(*again));
  EXPECT_TRUE(valid) << where << valid.error().text();
}

void check_module(const text::Script& script, const text::ScriptModule& module,
                  const std::string& file, Counts& counts) {
  const std::string where = file + ":" + std::to_string(module.span.begin) + ": ";
  ++counts.modules;
  if (module.form != text::ScriptModule::Form::binary) {
    const auto read = text::parse_script_module(script, module);
    ASSERT_TRUE(read) << where << read.error().text();
    return expect_fixpoint(*read, where);
  }
  ++counts.binaries;
  const auto read = core::decode(Blob::borrow(module.bytes));
  ASSERT_TRUE(read) << where << read.error().text();
  if (core::encode(*read) == module.bytes) ++counts.kept;
  expect_fixpoint(*read, where);
}

TEST(CoreSuite, EveryModuleDecodesAndEncodesToTheSameBytes) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  Counts counts;
  for (const std::string& file : testing::scripts(folder / "core")) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script) << file << script.error().text();
    for (const text::Command& command : script->commands) {
      const auto* module = std::get_if<text::ModuleCommand>(&command.kind);
      if (module != nullptr && !module->module.component)
        check_module(*script, module->module, file, counts);
    }
  }
  EXPECT_GT(counts.modules, 2000);
  RecordProperty("modules", counts.modules);
  RecordProperty("binaries", counts.binaries);
  RecordProperty("binaries_kept", counts.kept);
}

TEST(CoreSuite, NoModuleBreaksWhenItIsCutOffOrABitIsFlipped) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  for (const char* name :
       {"binary.wast", "gc/struct.wast", "simd/simd_lane.wast", "exceptions/try_table.wast",
        "multi-memory/memory_copy0.wast", "table.wast", "call_ref.wast"}) {
    const std::string file = folder / "core" / name;
    if (!std::filesystem::exists(file)) continue;
    const auto text = read_text_file(file);
    ASSERT_TRUE(text);
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script);
    int taken = 0;
    for (const text::Command& command : script->commands) {
      const auto* module = std::get_if<text::ModuleCommand>(&command.kind);
      if (module == nullptr || module->module.form == text::ScriptModule::Form::binary ||
          ++taken > 3)
        continue;
      const auto read = text::parse_script_module(*script, module->module);
      ASSERT_TRUE(read);
      const std::vector<std::uint8_t> bytes = core::encode(*read);
      for (std::size_t n = 0; n < std::min<std::size_t>(bytes.size(), 2000); ++n) {
        auto cut = core::decode(Blob::borrow(ByteSpan(bytes).first(n)), core::Features::all());
        if (cut) static_cast<void>(core::validate(std::move(*cut), core::Features::all(), {1}));
        std::vector<std::uint8_t> flipped = bytes;
        flipped[n] ^= static_cast<std::uint8_t>(1U << (n % 8));
        auto other = core::decode(Blob::borrow(flipped), core::Features::all());
        if (other) static_cast<void>(core::validate(std::move(*other), core::Features::all(), {1}));
      }
    }
  }
}

}  // namespace
}  // namespace tenon

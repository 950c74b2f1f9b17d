// SPDX-License-Identifier: Apache-2.0
// Every component of the component suite, printed and parsed again.
#include "tenon/text/print_component.h"

#include <gtest/gtest.h>

#include "tenon/base/file.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
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

/// Calls `f(where, bytes)` for each component of the suite that decodes.
template <class F>
void for_each_component(F f) {
  for (const std::string& file : testing::scripts(testing::suites() / "component-model")) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script) << file << script.error().text();
    for (const text::ScriptModule* module : testing::components(*script)) {
      const std::vector<std::uint8_t> bytes = testing::bytes_of(*script, *module);
      // A text may ask for what no binary has, such as components nested too deeply.
      if (bytes.empty() || !component::decode(Blob::borrow(bytes), core::Features::all())) continue;
      f(file + ":" + std::to_string(module->span.begin), bytes);
    }
  }
}

TEST(ComponentSuite, EveryComponentPrintsAndParsesToTheSameBytes) {
  if (testing::suites().empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int components = 0;
  int spread = 0;
  int without_text = 0;
  for_each_component([&](const std::string& where, const std::vector<std::uint8_t>& bytes) {
    // Binaries of scripts spell some numbers longer than need be: what is written is compared.
    auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
    const std::vector<std::uint8_t> canonical = component::encode(*decoded);
    std::vector<std::uint8_t> out;
    ++components;
    const std::string differs = again(canonical, out);
    if (differs.empty()) return;
    if (out.empty()) {
      // The suite has one component with an attribute that appears twice: no text has that.
      EXPECT_FALSE(component::validate(std::move(*decoded), core::Features::all()))
          << where << differs;
      ++without_text;
      return;
    }
    // A text does not say how definitions are spread over sections: after one pass it is settled.
    std::vector<std::uint8_t> second;
    ++spread;
    EXPECT_EQ(again(out, second), "") << where;
  });
  std::printf("%d components, %d of other sections than a text gives\n", components, spread);
  EXPECT_LE(spread, 40);
  EXPECT_LE(without_text, 1);
  EXPECT_GE(components, 667);
}

TEST(ComponentSuite, EveryComponentDecodesAndEncodesToTheSameBytes) {
  if (testing::suites().empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int same = 0;
  int longer = 0;
  for_each_component([&](const std::string& where, const std::vector<std::uint8_t>& bytes) {
    const auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
    const std::vector<std::uint8_t> out = component::encode(*decoded);
    if (out == bytes) {
      ++same;
      return;
    }
    // Numbers that were longer than need be (or, what is not valid, an attribute that stands
    // twice): a second time changes nothing.
    ++longer;
    EXPECT_LE(out.size(), bytes.size()) << where;
    const auto second = component::decode(Blob::borrow(out), core::Features::all());
    ASSERT_TRUE(second) << where;
    EXPECT_EQ(component::encode(*second), out) << where;
  });
  std::printf("%d the same, %d with shorter numbers\n", same, longer);
  EXPECT_GE(same, 665);
}

TEST(ComponentSuite, ComponentsCutOffAtAnyByteAreErrorsOrWholeOnes) {
  if (testing::suites().empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  constexpr std::size_t longest = 400;
  int cuts = 0;
  for_each_component([&](const std::string& where, const std::vector<std::uint8_t>& bytes) {
    if (bytes.size() > longest) return;
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const auto cut = component::decode(Blob::borrow({bytes.data(), n}), core::Features::all());
      if (cut) EXPECT_LE(component::encode(*cut).size(), n) << where;
      ++cuts;
    }
  });
  EXPECT_GT(cuts, 10'000);
}

}  // namespace
}  // namespace tenon

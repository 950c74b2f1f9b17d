// SPDX-License-Identifier: Apache-2.0
// The WIT of every component of the component suite that has one: printed, read and printed again.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "tenon/base/file.h"
#include "tenon/base/source.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/wast.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/load.h"
#include "tenon/wit/print.h"
#include "tests/spec/suite.h"

namespace tenon {
namespace {

bool is_valid(const std::vector<std::uint8_t>& bytes) {
  auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
  return decoded && component::validate(std::move(*decoded), core::Features::all());
}

/// The same WIT printed from what its text is read as; nothing when it is not understood.
std::optional<std::string> read_back(const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  wit::LoadOptions options;
  options.resolve.all_features = true;
  const auto packages = wit::load_text("printed.wit", text, options, sources, diagnostics);
  return packages ? std::optional(wit::print(*packages)) : std::nullopt;
}

/// Resolving puts interfaces before functions, so the order of a world's items may differ.
std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  std::ranges::sort(out);
  return out;
}

TEST(ComponentSuite, TheWitOfEachComponentThatHasOnePrintsAndParsesBack) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int valid = 0;
  int with_wit = 0;
  int without_words = 0;
  for (const std::string& file : testing::scripts(folder / "component-model")) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script) << file << script.error().text();
    for (const text::ScriptModule* module : testing::components(*script)) {
      const std::vector<std::uint8_t> bytes = testing::bytes_of(*script, *module);
      if (bytes.empty() || !is_valid(bytes)) continue;
      ++valid;
      const auto packages = wit::wit_of_binary(bytes, Span::no_source);
      if (!packages) continue;
      const std::string printed = wit::print(*packages);
      const auto back = read_back(printed);
      // WIT has no words for types that the world itself exports, nor for functions with names of
      // interfaces.
      if (!back) {
        ++without_words;
        continue;
      }
      ++with_wit;
      EXPECT_EQ(sorted_lines(*back), sorted_lines(printed)) << file << ":" << module->span.begin;
      EXPECT_EQ(read_back(*back), back) << file << ":" << module->span.begin;
    }
  }
  std::printf("%d valid components, %d with WIT, %d for which WIT has no words\n", valid, with_wit,
              without_words);
  EXPECT_GE(with_wit, 267);
  EXPECT_LE(without_words, 14);
}

}  // namespace
}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
// Every package of WASI through every form: what comes back means the same.
#include "tenon/wit/wasi.h"

#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tenon/wit/fmt.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/json.h"
#include "tenon/wit/load.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/print.h"
#include "tenon/wit/resolve.h"
#include "tenon/wit/to_component.h"

namespace tenon::wit {
namespace {

using Rewrite = std::function<std::string(std::string_view)>;

std::set<std::string> package_names() {
  std::set<std::string> out;
  for (const EmbeddedFile& file : embedded_files()) out.emplace(file.package);
  return out;
}

PackageSource source_of(std::string_view package, const Rewrite& rewrite, SourceSet& sources,
                        Diagnostics& diagnostics) {
  PackageSource out;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.package != package) continue;
    const auto id = sources.add(std::string(file.path), rewrite(file.text));
    out.files.push_back(parse(sources.text(id), id, diagnostics));
  }
  return out;
}

/// One package as the root, with all that it needs, after `rewrite` of every text.
std::optional<Packages> resolve_package(const std::string& package, const Rewrite& rewrite) {
  SourceSet sources;
  Diagnostics diagnostics;
  std::set<std::string> taken{package};
  std::vector<PackageSource> packages{source_of(package, rewrite, sources, diagnostics)};
  packages.front().root = true;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    for (const PackageName& needed : needed_packages(packages[i])) {
      const std::string name = needed.to_string();
      if (taken.insert(name).second)
        packages.push_back(source_of(name, rewrite, sources, diagnostics));
    }
  }
  ResolveOptions options;
  options.all_features = true;
  auto out = resolve(packages, options, diagnostics);
  for (const Error& error : diagnostics.all()) ADD_FAILURE() << render(error, sources);
  return out;
}

std::optional<Packages> resolve_package(const std::string& package) {
  return resolve_package(package, [](std::string_view text) { return std::string(text); });
}

std::optional<Packages> resolve_text(const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  LoadOptions options;
  options.resolve.all_features = true;
  auto out = load_text("printed.wit", text, options, sources, diagnostics);
  for (const Error& error : diagnostics.all()) ADD_FAILURE() << render(error, sources);
  return out;
}

std::optional<Packages> read_binary(const std::vector<std::uint8_t>& bytes) {
  auto out = wit_of_binary(bytes);
  if (out) return std::move(*out);
  ADD_FAILURE() << out.error().text();
  return std::nullopt;
}

class EveryWasiPackage : public testing::TestWithParam<std::string> {};

TEST_P(EveryWasiPackage, MeansTheSameOnceItIsLaidOut) {
  const auto plain = resolve_package(GetParam());
  ASSERT_TRUE(plain);
  const auto laid_out = resolve_package(GetParam(), [](std::string_view text) {
    Diagnostics diagnostics;
    const auto once = format(text, 0, diagnostics);
    if (!once) return std::string();
    EXPECT_EQ(format(*once, 0, diagnostics), once) << "no fixpoint";
    return *once;
  });
  ASSERT_TRUE(laid_out);
  EXPECT_EQ(to_json(*laid_out).dump(1), to_json(*plain).dump(1));
}

TEST_P(EveryWasiPackage, MeansTheSameOnceItIsPrinted) {
  const auto plain = resolve_package(GetParam());
  ASSERT_TRUE(plain);
  const std::string text = print(*plain);
  const auto again = resolve_text(text);
  ASSERT_TRUE(again);
  EXPECT_EQ(print(*again), text);
  EXPECT_EQ(to_json(*again).dump(1), to_json(*resolve_text(print(*again))).dump(1));
  EXPECT_EQ(again->types.size(), plain->types.size());
  EXPECT_EQ(again->interfaces.size(), plain->interfaces.size());
}

TEST_P(EveryWasiPackage, MeansTheSameOnceItWasABinary) {
  const auto plain = resolve_package(GetParam());
  ASSERT_TRUE(plain);
  const PackageIdx root = plain->roots.front();
  const auto bytes = encode_package(*plain, root);
  ASSERT_TRUE(bytes);
  const auto back = read_binary(*bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(print_package(*back, back->roots.front()), print_package(*plain, root));
  const auto second = encode_package(*back, back->roots.front());
  ASSERT_TRUE(second);
  const auto again = read_binary(*second);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again).dump(1), to_json(*back).dump(1));
}

INSTANTIATE_TEST_SUITE_P(Wasi, EveryWasiPackage, testing::ValuesIn(package_names()),
                         [](const auto& info) {
                           std::string out;
                           for (const char c : info.param)
                             out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                           return out;
                         });

TEST(Wasi, EveryPackageStandsInTheProgram) {
  EXPECT_EQ(package_names().size(), 15U);
}

TEST(Wasi, ThreeVersionsInOneWorldPrintTheSameTextOnceTheyAreReadAgain) {
  const auto plain = resolve_text(
      "package a:b;\n"
      "world w { include wasi:cli/command@0.2.12; include wasi:http/proxy@0.2.3;\n"
      "  import wasi:clocks/system-clock@0.3.2; }\n");
  ASSERT_TRUE(plain);
  const std::string text = print(*plain);
  const auto again = resolve_text(text);
  ASSERT_TRUE(again);
  EXPECT_EQ(print(*again), text);
}

}  // namespace
}  // namespace tenon::wit

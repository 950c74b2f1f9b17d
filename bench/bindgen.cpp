// SPDX-License-Identifier: Apache-2.0
// Times the generators inside the library: reading, resolving and printing a folder of WIT, in
// milliseconds. usage: bindgen FOLDER [WORLD]   (FOLDER as `tenon bindgen` takes it: a package with
// deps/)
#include "tenon/bindgen/bindgen.h"

#include <cstdio>
#include <optional>
#include <string>

#include "report.h"
#include "tenon/base/source.h"
#include "tenon/wit/load.h"
#include "tenon/wit/package.h"

namespace {

using namespace tenon;

struct Kind {
  const char* name;
  bindgen::Generator generator;
};
constexpr Kind kinds[] = {{"cpp-host", bindgen::Generator::cpp_host},
                          {"cpp", bindgen::Generator::cpp},
                          {"c", bindgen::Generator::c},
                          {"rust", bindgen::Generator::rust},
                          {"markdown", bindgen::Generator::markdown}};

/// Everything between the folder and the texts. Returns the bytes made; 0 when something failed.
std::size_t generate(const char* folder, std::optional<std::string_view> world,
                     bindgen::Generator generator) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto loaded = wit::load(folder, {}, sources, diagnostics);
  if (!loaded) return 0;
  const auto chosen = wit::select_world(loaded->packages, world);
  if (!chosen) return 0;
  bindgen::Options options;
  options.generator = generator;
  const auto files = bindgen::generate(loaded->packages, *chosen, options);
  std::size_t bytes = 0;
  if (files) {
    for (const auto& file : *files) bytes += file.text.size();
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return bench::skip("bindgen FOLDER [WORLD]");
  const auto world = argc > 2 ? std::optional<std::string_view>(argv[2]) : std::nullopt;
  for (const Kind& kind : kinds) {
    const std::size_t bytes = generate(argv[1], world, kind.generator);
    if (bytes == 0) return std::fprintf(stderr, "%s cannot be read\n", argv[1]), 1;
    const double took = bench::nanoseconds_per_call(
        20, [&] { static_cast<void>(generate(argv[1], world, kind.generator)); });
    bench::report(std::string("bindgen.") + kind.name + ".ms", took / 1e6);
    bench::report(std::string("bindgen.") + kind.name + ".kb", static_cast<double>(bytes) / 1e3);
  }
  return 0;
}

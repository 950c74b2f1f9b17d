// SPDX-License-Identifier: Apache-2.0
// Makes the bindings of every world of a WIT file, for the tests in this folder:
//   bindgen_generate OUT_DIR FILE.wit... : OUT_DIR/<file>/<world>/<generator>/...
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tenon/base/source.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/resolve.h"

namespace {

namespace fs = std::filesystem;
using namespace tenon;

struct Wanted {
  const char* folder;
  bindgen::Generator generator;
  bindgen::Ownership ownership = bindgen::Ownership::owning;
  unsigned edition = 2021;
};
constexpr Wanted wanted[] = {
    {"cpp", bindgen::Generator::cpp},
    {"cpp-borrowing", bindgen::Generator::cpp, bindgen::Ownership::borrowing},
    {"cpp-host", bindgen::Generator::cpp_host},
    {"c", bindgen::Generator::c},
    {"rust", bindgen::Generator::rust},
    {"rust-borrowing", bindgen::Generator::rust, bindgen::Ownership::borrowing},
    {"rust-2024", bindgen::Generator::rust, bindgen::Ownership::owning, 2024},
    {"markdown", bindgen::Generator::markdown},
};

int generate_file(const fs::path& out, const fs::path& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  SourceSet sources;
  const auto source = sources.add(path.string(), text);
  Diagnostics diagnostics;
  std::vector<wit::PackageSource> packages(1);
  packages[0].files.push_back(wit::parse(text, source, diagnostics));
  packages[0].root = true;
  wit::ResolveOptions options;
  options.all_features = true;
  const auto resolved = diagnostics.has_errors() ? std::nullopt : wit::resolve(packages, options, diagnostics);
  for (const Error& error : diagnostics.all()) std::cerr << render(error, sources);
  if (!resolved) return 1;
  int failed = 0;
  for (wit::WorldIdx world; world.value < resolved->worlds.size(); ++world.value) {
    for (const Wanted& one : wanted) {
      bindgen::Options how;
      how.generator = one.generator;
      how.ownership = one.ownership;
      how.edition = one.edition;
      const auto files = bindgen::generate(*resolved, world, how);
      if (!files) {
        std::cerr << render(files.error(), sources);
        failed = 1;
        continue;
      }
      const fs::path folder = out / path.stem() / resolved->worlds[world].name / one.folder;
      for (const auto& file : *files) {
        const fs::path target = folder / file.path;
        fs::create_directories(target.parent_path());
        std::ofstream(target, std::ios::binary) << file.text;
      }
    }
  }
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  int failed = 0;
  for (int i = 2; i < argc; ++i) failed |= generate_file(argv[1], argv[i]);
  return failed;
}

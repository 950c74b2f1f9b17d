// SPDX-License-Identifier: Apache-2.0
// Makes the bindings of every world of a WIT file, for the tests in this folder:
//   bindgen_generate OUT_DIR FILE.wit|FOLDER... : OUT_DIR/<file>/<world>/<generator>/...
#include <algorithm>
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
  component::StringEncoding encoding = component::StringEncoding::utf8;
};
constexpr Wanted wanted[] = {
    {"cpp", bindgen::Generator::cpp},
    {"cpp-borrowing", bindgen::Generator::cpp, bindgen::Ownership::borrowing},
    {"cpp-host", bindgen::Generator::cpp_host},
    {"c", bindgen::Generator::c},
    {"c-utf16", bindgen::Generator::c, bindgen::Ownership::owning, 2021,
     component::StringEncoding::utf16},
    {"c-compact-utf16", bindgen::Generator::c, bindgen::Ownership::owning, 2021,
     component::StringEncoding::latin1_utf16},
    {"rust", bindgen::Generator::rust},
    {"rust-borrowing", bindgen::Generator::rust, bindgen::Ownership::borrowing},
    {"rust-2024", bindgen::Generator::rust, bindgen::Ownership::owning, 2024},
    {"markdown", bindgen::Generator::markdown},
};

/// The files of a folder are packages that know each other: every world of each is made.
std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void write(const fs::path& folder, const bindgen::File& file) {
  const fs::path target = folder / file.path;
  fs::create_directories(target.parent_path());
  std::ofstream(target, std::ios::binary) << file.text;
}

bool is_guest(bindgen::Generator generator) {
  return generator != bindgen::Generator::cpp_host && generator != bindgen::Generator::markdown;
}

int generate_world(const wit::Packages& packages, wit::WorldIdx world, const SourceSet& sources,
                   const fs::path& out) {
  int failed = 0;
  for (const Wanted& one : wanted) {
    bindgen::Options how;
    how.generator = one.generator;
    how.ownership = one.ownership;
    how.edition = one.edition;
    how.string_encoding = one.encoding;
    const auto files = bindgen::generate(packages, world, how);
    if (!files) {
      std::cerr << render(files.error(), sources);
      failed = 1;
      continue;
    }
    for (const auto& file : *files) write(out / one.folder, file);
    // What `tenon new` gives a user to begin with.
    if (!is_guest(one.generator)) continue;
    if (const auto stub = bindgen::generate_stubs(packages, world, how))
      write(out / one.folder / "stub", *stub);
  }
  return failed;
}

int generate(const fs::path& out, const fs::path& path) {
  SourceSet sources;
  Diagnostics diagnostics;
  std::vector<wit::PackageSource> packages;
  std::vector<std::string> texts;
  for (const fs::path& file : files_of(path)) {
    std::ifstream in(file);
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    const auto source = sources.add(file.string(), texts.back());
    wit::PackageSource& package = packages.emplace_back();
    package.files.push_back(wit::parse(texts.back(), source, diagnostics));
    package.root = true;
  }
  wit::ResolveOptions options;
  options.all_features = true;
  const auto resolved =
      diagnostics.has_errors() ? std::nullopt : wit::resolve(packages, options, diagnostics);
  for (const Error& error : diagnostics.all()) std::cerr << render(error, sources);
  if (!resolved) return 1;
  int failed = 0;
  for (wit::WorldIdx world; world.value < resolved->worlds.size(); ++world.value) {
    const auto& one = resolved->worlds[world];
    std::string name = one.name;
    // Packages have worlds of the same name.
    if (fs::is_directory(path)) name = resolved->packages[one.package].name.name + "-" + name;
    failed |= generate_world(*resolved, world, sources, out / path.stem() / name);
  }
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  int failed = 0;
  for (int i = 2; i < argc; ++i) failed |= generate(argv[1], argv[i]);
  return failed;
}

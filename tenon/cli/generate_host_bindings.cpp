// SPDX-License-Identifier: Apache-2.0

// Host bindings while tenon itself is built: the room `wasi` is based on them, and the program,
// which could make them too, is based on that room.
//
//   generate_host_bindings FILE.wit WORLD FOLDER
#include <cstdio>
#include <string>

#include "tenon/base/error.h"
#include "tenon/base/file.h"
#include "tenon/base/source.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/version.h"
#include "tenon/wit/load.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace)

int report(const Error& error, const SourceSet& sources) {
  std::fputs(render(error, sources).c_str(), stderr);
  return 1;
}

int generate(const std::string& path, std::string_view name, const std::string& folder) {
  SourceSet sources;
  Diagnostics diagnostics;
  wit::LoadOptions how;
  how.resolve.all_features = true;
  const auto loaded = wit::load(path, how, sources, diagnostics);
  for (const Error& error : diagnostics.all()) report(error, sources);
  if (!loaded) return 1;
  const auto world = wit::select_world(loaded->packages, name);
  if (!world) return report(world.error(), sources);
  bindgen::Options options;
  options.generator = bindgen::Generator::cpp_host;
  options.producer = "tenon " TENON_VERSION_STRING;
  const auto files = bindgen::generate(loaded->packages, *world, options);
  if (!files) return report(files.error(), sources);
  for (const auto& file : *files) {
    const auto written = write_file(folder + "/" + file.path, std::string_view(file.text));
    if (!written) return report(written.error(), sources);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4) return generate(argv[1], argv[2], argv[3]);
  std::fputs("usage: generate_host_bindings FILE.wit WORLD FOLDER\n", stderr);
  return 2;
}

// SPDX-License-Identifier: Apache-2.0
// Makes the seeds of the fuzz targets out of the public suites: make_corpus SUITES CORPUS.
// Writes CORPUS/decode, validate and roundtrip (binaries), CORPUS/wat_parse (texts).
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "tenon/base/file.h"
#include "tenon/core/encode.h"
#include "tenon/text/wast.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace)

// A fuzzer gets nowhere with large seeds.
constexpr std::size_t largest = 4096;

struct Corpus {
  std::filesystem::path folder;
  int written = 0;

  void write(const char* target, ByteSpan bytes) {
    if (bytes.empty() || bytes.size() > largest) return;
    const std::filesystem::path path = folder / target / ("suite-" + std::to_string(written++));
    static_cast<void>(write_file(path.string(), bytes));
  }
};

void take(const text::Script& script, const text::ScriptModule& module, Corpus& corpus) {
  std::vector<std::uint8_t> bytes = module.bytes;
  if (module.form == text::ScriptModule::Form::text) {
    const std::string_view text =
        script.text.substr(module.span.begin, module.span.end - module.span.begin);
    corpus.write("wat_parse", as_bytes(text));
    const auto read = text::parse_script_module(script, module);
    if (!read) return;
    bytes = core::encode(*read);
  } else if (module.form == text::ScriptModule::Form::quote) {
    return corpus.write("wat_parse", bytes);
  }
  for (const char* target : {"decode", "validate", "roundtrip"}) corpus.write(target, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_corpus SUITES CORPUS\n");
    return 2;
  }
  Corpus corpus{argv[2]};
  std::filesystem::create_directories(corpus.folder / "wat_parse");
  for (const char* target : module_targets)
    std::filesystem::create_directories(corpus.folder / target);
  for (const char* target : component_targets)
    std::filesystem::create_directories(corpus.folder / target);
  for (const char* suite : {"core", "component-model"}) {
    if (const auto folder = std::filesystem::path(argv[1]) / suite;
        std::filesystem::exists(folder)) {
      take_suite(folder, corpus);
    }
  }
  std::printf("%d seeds\n", corpus.written);
  return 0;
}

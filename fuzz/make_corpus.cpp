// SPDX-License-Identifier: Apache-2.0
// Makes the seeds of the fuzz targets out of the public suites and of WIT: make_corpus SUITES
// CORPUS [WIT…]. Writes CORPUS/NAME for each target: binaries of modules and of components, and
// texts for wat_parse, component_text, wit_parse and wit_roundtrip.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "tenon/base/file.h"
#include "tenon/component/encode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_component.h"
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

constexpr std::array module_targets = {"decode", "validate", "roundtrip"};
constexpr std::array component_targets = {"component_decode", "component_validate",
                                          "component_run"};

void take_component(const text::Script& script, const text::ScriptModule& module, Corpus& corpus) {
  std::vector<std::uint8_t> bytes = module.bytes;
  if (module.form == text::ScriptModule::Form::quote) return corpus.write("component_text", bytes);
  if (module.form == text::ScriptModule::Form::text) {
    corpus.write("component_text", as_bytes(script.text.substr(
                                       module.span.begin, module.span.end - module.span.begin)));
    const auto read = text::parse_script_component(script, module);
    if (!read) return;
    bytes = component::encode(*read);
  }
  for (const char* target : component_targets) corpus.write(target, bytes);
}

void take(const text::Script& script, const text::ScriptModule& module, Corpus& corpus) {
  if (module.component) return take_component(script, module, corpus);
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
  for (const char* target : module_targets) corpus.write(target, bytes);
}

void take_suite(const std::filesystem::path& folder, Corpus& corpus) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".wast") continue;
    const auto text = read_text_file(entry.path().string());
    if (!text) continue;
    const auto script = text::parse_wast(*text);
    if (!script) continue;
    for (const text::Command& command : script->commands) {
      if (const auto* module = std::get_if<text::ModuleCommand>(&command.kind)) {
        take(*script, module->module, corpus);
      } else if (const auto* refused = std::get_if<text::AssertRefused>(&command.kind)) {
        take(*script, refused->module, corpus);
      }
    }
  }
}

/// A WIT file as it is; one that is too large item by item, each in a package of its own.
void take_wit(std::string_view text, Corpus& corpus) {
  constexpr std::string_view end_of_item = "\n}\n";
  while (!text.empty()) {
    const auto cut = text.size() <= largest ? std::string_view::npos : text.find(end_of_item);
    const std::string_view piece =
        text.substr(0, cut == std::string_view::npos ? cut : cut + end_of_item.size());
    const std::string whole = piece.contains("package ")
                                  ? std::string(piece)
                                  : "package a:b@0.3.0;\n" + std::string(piece);
    for (const char* target : {"wit_parse", "wit_roundtrip"}) corpus.write(target, as_bytes(whole));
    text.remove_prefix(piece.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: make_corpus SUITES CORPUS [WIT…]\n");
    return 2;
  }
  Corpus corpus{argv[2]};
  for (const char* target : {"wat_parse", "component_text", "wit_parse", "wit_roundtrip"})
    std::filesystem::create_directories(corpus.folder / target);
  for (int i = 3; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.path().extension() != ".wit") continue;
      if (const auto text = read_text_file(entry.path().string())) take_wit(*text, corpus);
    }
  }
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

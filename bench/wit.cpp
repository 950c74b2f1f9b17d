// SPDX-License-Identifier: Apache-2.0
// Parsing and resolving all of WASI 0.2.12: in the library, and as whole programs when they are
// given: bench_wit [TENON WASM-TOOLS]. Programs read the packages from a folder; the figure is the
// least CPU time of several runs, once of WASI as it is and once of a hundred copies of it, which
// shows the reading alone.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/report.h"
#include "tenon/base/file.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/load.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/resolve.h"
#include "tenon/wit/to_component.h"
#include "tenon/wit/wasi.h"

namespace {

namespace fs = std::filesystem;
namespace wit = tenon::wit;
using tenon::bench::least_seconds;
using tenon::bench::report;

constexpr std::string_view version = "@0.2.12";
constexpr std::string_view root =
    "package b:b;\nworld w { include wasi:cli/command@0.2.12; include wasi:http/proxy@0.2.12; }\n";

std::vector<wit::EmbeddedFile> wasi_files() {
  std::vector<wit::EmbeddedFile> out;
  for (const wit::EmbeddedFile& file : wit::embedded_files()) {
    if (file.package.ends_with(version)) out.push_back(file);
  }
  return out;
}

/// WASI in `folder/deps`, each copy in a namespace of its own, and a world that needs it.
void write_folder(const std::string& folder, int copies) {
  fs::create_directories(folder + "/deps");
  std::string main = copies == 1 ? std::string(root) : std::string("package b:b;\nworld w {}\n");
  static_cast<void>(tenon::write_file(folder + "/b.wit", main));
  for (int copy = 0; copy < copies; ++copy) {
    const std::string ns = copies == 1 ? "wasi:" : "wasi" + std::to_string(copy) + ":";
    for (const wit::EmbeddedFile& file : wasi_files()) {
      std::string text(file.text);
      for (auto at = text.find("wasi:"); at != std::string::npos;
           at = text.find("wasi:", at + ns.size()))
        text.replace(at, 5, ns);
      const std::string name = folder + "/deps/" + ns.substr(0, ns.size() - 1) + "-" +
                               fs::path(file.path).filename().string();
      static_cast<void>(tenon::write_file(name, text));
    }
  }
}

/// CPU seconds of a program that must succeed: the least of `times` runs.
double cpu_of(int times, const std::vector<std::string>& command) {
  double least = 1e300;
  for (int i = 0; i < times; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::vector<char*> argv;
      for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
      argv.push_back(nullptr);
      ::dup2(::open("/dev/null", O_WRONLY), 1);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    if (status != 0) return -1;
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    least = std::min(least, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  return least;
}

void whole_programs(const std::string& tenon, const std::string& peer, double mb) {
  const fs::path temp = fs::temp_directory_path() / ("bench_wit." + std::to_string(::getpid()));
  constexpr int many = 100;
  for (const int copies : {1, many}) {
    const std::string folder = (temp / std::to_string(copies)).string();
    write_folder(folder, copies);
    const int times = copies == 1 ? 20 : 3;
    const double ours = cpu_of(times, {tenon, "wit", "check", folder});
    const double theirs = cpu_of(times, {peer, "component", "wit", folder, "--json"});
    const std::string name = copies == 1 ? "wit.process.wasi." : "wit.process.hundred.";
    report(name + "tenon.cpu_ms", ours * 1e3);
    report(name + "peer.cpu_ms", theirs * 1e3);
    report(name + "ratio", theirs / ours);
    if (copies == many) {
      report(name + "tenon.mb_per_s", mb * copies / ours);
      report(name + "peer.mb_per_s", mb * copies / theirs);
    }
  }
  fs::remove_all(temp);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int times = 50;
  const std::vector<wit::EmbeddedFile> files = wasi_files();
  std::size_t bytes = 0;
  for (const wit::EmbeddedFile& file : files) bytes += file.text.size();
  const double mb = static_cast<double>(bytes) * 1e-6;
  report("wit.text.mb", mb);
  const double lex = least_seconds(times, [&] {
    tenon::Diagnostics diagnostics;
    for (const wit::EmbeddedFile& file : files)
      static_cast<void>(wit::lex(file.text, 0, diagnostics));
  });
  report("wit.lex.mb_per_s", mb / lex);
  std::vector<wit::PackageSource> sources(files.size());
  const double parse = least_seconds(times, [&] {
    tenon::Diagnostics diagnostics;
    for (std::size_t i = 0; i < files.size(); ++i) {
      sources[i].root = true;
      sources[i].files.clear();
      sources[i].files.push_back(wit::parse(files[i].text, 0, diagnostics));
    }
  });
  report("wit.parse.mb_per_s", mb / parse);
  bool good = true;
  const double resolve = least_seconds(times, [&] {
    tenon::Diagnostics diagnostics;
    good = wit::resolve(sources, {}, diagnostics).has_value() && good;
  });
  if (!good) return 1;
  report("wit.parse_and_resolve.mb_per_s", mb / (parse + resolve));
  tenon::SourceSet set;
  tenon::Diagnostics diagnostics;
  const auto packages = wit::load_text("bench.wit", std::string(root), {}, set, diagnostics);
  if (!packages) return 1;
  const double encode = least_seconds(times, [&] {
    for (std::size_t i = 0; i < packages->packages.size(); ++i)
      static_cast<void>(wit::encode_package(*packages, wit::PackageIdx(i)));
  });
  report("wit.encode.us", encode * 1e6);
  if (argc > 2) whole_programs(argv[1], argv[2], mb);
  return 0;
}

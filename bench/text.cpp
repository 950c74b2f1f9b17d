// SPDX-License-Identifier: Apache-2.0
// Printing and parsing one module: bench_text MODULE.wasm [PEER], where PEER is a wasm-tools
// program to set beside it. CPU seconds; for the peer with reading and writing the files.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "bench/report.h"
#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_module.h"

namespace {

using tenon::bench::report;

/// CPU seconds of `program verb in -o out`; negative when it fails.
double cpu_of(const char* program, const char* verb, const char* in, const char* out) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(program, program, verb, in, "-o", out, static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (status != 0) return -1;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return tenon::bench::skip("bench_text MODULE.wasm [WASM-TOOLS]");
  const auto bytes = tenon::read_file(argv[1]);
  if (!bytes) {
    std::fprintf(stderr, "%s\n", bytes.error().text().c_str());
    return 1;
  }
  const auto module =
      tenon::core::decode(tenon::Blob::borrow(*bytes), tenon::core::Features::all());
  if (!module) {
    std::fprintf(stderr, "%s\n", module.error().text().c_str());
    return 1;
  }
  auto text = tenon::text::print_module(*module);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().text().c_str());
    return 1;
  }
  double print = 1e300;
  double parse = 1e300;
  for (int i = 0; i < 3; ++i) {
    std::size_t size = 0;
    const double a = tenon::bench::cpu_seconds();
    const auto printed = tenon::text::print_module(
        *module, {}, [&](std::string_view piece) { size += piece.size(); });
    const double b = tenon::bench::cpu_seconds();
    const auto parsed = tenon::text::parse_module(*text);
    if (!printed || size != text->size() || !parsed || tenon::core::encode(*parsed).empty())
      return 1;
    print = std::min(print, b - a);
    parse = std::min(parse, tenon::bench::cpu_seconds() - b);
  }
  report("text.module.mb", static_cast<double>(bytes->size()) * 1e-6);
  report("text.text.mb", static_cast<double>(text->size()) * 1e-6);
  report("text.print.cpu_s", print);
  report("text.parse.cpu_s", parse);
  if (argc > 2) {
    const std::string wat = std::string(argv[1]) + ".bench.wat";
    const std::string wasm = std::string(argv[1]) + ".bench.wasm";
    report("text.peer.print.cpu_s", cpu_of(argv[2], "print", argv[1], wat.c_str()));
    report("text.peer.parse.cpu_s", cpu_of(argv[2], "parse", wat.c_str(), wasm.c_str()));
    ::unlink(wat.c_str());
    ::unlink(wasm.c_str());
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Decoding and validating one module: bench_validate MODULE.wasm [PEER], where PEER is a wasm-tools
// program to set beside it. Without a module a generated one is taken.
#include "tenon/core/validate.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "bench/report.h"
#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"

namespace {

using tenon::bench::report;

/// Many functions of plain arithmetic, calls and memory access.
std::vector<std::uint8_t> generated() {
  using namespace tenon::core;  // NOLINT(google-build-using-namespace)
  tenon::Writer body;
  for (int i = 0; i < 200; ++i) {
    write_op<Op::local_get>(body, {LocalIdx(0U)});
    write_op<Op::i32_const>(body, {i * 77});
    write_op<Op::i32_add>(body);
    write_op<Op::i32_load>(body, {2, MemIdx(0U), 16});
    write_op<Op::call>(body, {FuncIdx(0U)});
    write_op<Op::local_set>(body, {LocalIdx(1U)});
  }
  write_op<Op::local_get>(body, {LocalIdx(1U)});
  write_op<Op::end>(body);
  Module module;
  module.bytes = tenon::Blob::own(body.take());
  SubType type;
  type.type.func = {{TypeCode::i32}, {TypeCode::i32}};
  module.types.push_back(type);
  module.mems.push_back({});
  constexpr std::size_t funcs = 10'000;
  const auto size = static_cast<std::uint32_t>(module.bytes.size());
  module.funcs.assign(funcs, {TypeIdx(0U)});
  module.codes.assign(funcs, {{0, size}, {0, size}, {{1, TypeCode::i32}}});
  return encode(module);
}

/// CPU seconds of a program; it must succeed.
double cpu_of(const char* program, const char* module) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(program, program, "validate", module, static_cast<char*>(nullptr));
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
  const double begin = tenon::bench::cpu_seconds();
  std::vector<std::uint8_t> bytes;
  if (argc > 1) {
    auto read = tenon::read_file(argv[1]);
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().text().c_str());
      return 1;
    }
    bytes = *std::move(read);
  } else {
    bytes = generated();
  }
  const double mb = static_cast<double>(bytes.size()) * 1e-6;
  const double read_cpu = tenon::bench::cpu_seconds() - begin;
  double decode = 1e300;
  double validate = 1e300;
  for (int i = 0; i < 7; ++i) {
    const double a = tenon::bench::cpu_seconds();
    auto module = tenon::core::decode(tenon::Blob::borrow(bytes));
    const double b = tenon::bench::cpu_seconds();
    if (!module || !tenon::core::validate(std::move(*module))) {
      std::fprintf(stderr, "the module is not valid\n");
      return 1;
    }
    decode = std::min(decode, b - a);
    validate = std::min(validate, tenon::bench::cpu_seconds() - b);
    if (i == 0) {
      rusage usage{};
      ::getrusage(RUSAGE_SELF, &usage);
      report("validate.peak_memory.times_file",
             static_cast<double>(usage.ru_maxrss) * 1024e-6 / mb);
    }
  }
  report("validate.module.mb", mb);
  report("validate.read.cpu_s", read_cpu);
  report("validate.decode.cpu_s", decode);
  report("validate.validate.cpu_s", validate);
  report("validate.all.cpu_s", read_cpu + decode + validate);
  report("validate.validate.mb_per_cpu_s", mb / validate);
  if (argc > 2) {
    double least = 1e300;
    for (int i = 0; i < 7; ++i) least = std::min(least, cpu_of(argv[2], argv[1]));
    report("validate.peer.all.cpu_s", least);
  }
  return 0;
}

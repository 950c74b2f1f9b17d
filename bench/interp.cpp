// SPDX-License-Identifier: Apache-2.0
// Runs the kernels of ../shared/bench/kernels in the interpreter: `bench_interp kernels.core.wasm
// [KERNEL…]` prints `NAME MILLISECONDS CHECKSUM` lines, the same as the natively built kernels do.
// `bench_interp --startup FILE` prints the phases of a module's start instead.

#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/report.h"
#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace): a program of one file

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

std::shared_ptr<const engine::Module> load(engine::Engine& engine, const char* path) {
  auto bytes = read_file(path);
  if (!bytes) fail(bytes.error().text());
  auto module = core::decode(Blob::own(std::move(*bytes)));
  if (!module) fail(module.error().text());
  auto valid = core::validate(std::move(*module));
  if (!valid) fail(valid.error().text());
  auto compiled = engine::Module::create(engine, std::move(*valid));
  if (!compiled) fail(compiled.error().text());
  return std::move(*compiled);
}

engine::Instance& instantiate(engine::Store& store, std::shared_ptr<const engine::Module> module) {
  // Whatever is imported refuses: the phases are timed, not the program.
  std::vector<engine::Extern> imports;
  for (const core::Import& i : module->core().imports) {
    if (i.type.kind != core::ExternKind::func) fail("only functions may be imported");
    imports.push_back(store.host_func(
        module->types()[i.type.func.value],
        [](void* host, engine::VMContext*, engine::ValueSlot*) noexcept {
          static_cast<engine::Store*>(host)->set_trap(engine::Trap("imported"));
          return engine::HostStatus::trap;
        },
        &store));
  }
  auto instance = engine::Instance::create(store, std::move(module), imports);
  if (!instance) fail(engine::text(instance.error()));
  return **instance;
}

void kernel(engine::Instance& instance, const char* name, std::uint32_t n) {
  const auto f = instance.func(name);
  if (!f) fail(std::string("no export ") + name);
  double best = 1e300;
  double sum = 0;
  for (int i = 0; i < 3; ++i) {
    std::array<engine::ValueSlot, 2> slots = {n, 0};
    const double begin = bench::cpu_seconds();
    const auto done = f->call(slots);
    const double taken = bench::cpu_seconds() - begin;
    if (!done) fail(done.error().text());
    if (taken < best) best = taken;
    const core::ValType result = f->type().results[0];
    if (result == core::ValType(core::TypeCode::f64))
      sum = engine::SlotOf<double>::load(slots.data());
    else if (std::string_view(name) == "vm")
      sum = engine::SlotOf<std::int32_t>::load(slots.data());
    else
      sum = engine::SlotOf<std::uint32_t>::load(slots.data());
  }
  std::printf("%s %.4f %.6g\n", name, best * 1e3, sum);
  std::fflush(stdout);
}

void startup(const char* path) {
  const double t0 = bench::cpu_seconds();
  engine::Engine engine;
  const auto module = load(engine, path);
  const double t1 = bench::cpu_seconds();
  engine::Store store(engine);
  engine::Instance& instance = instantiate(store, module);
  const double t2 = bench::cpu_seconds();
  for (const core::Export& e : module->core().exports) {
    if (e.kind != core::ExternKind::func) continue;
    const auto f = instance.func(e.name);
    if (f->type().param_slots != 0) continue;
    std::array<engine::ValueSlot, 16> slots{};
    (void)f->call(slots);
    break;
  }
  const double t3 = bench::cpu_seconds();
  bench::report("startup.load.s", t1 - t0);
  bench::report("startup.instantiate.s", t2 - t1);
  bench::report("startup.first_call.s", t3 - t2);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  bench::report("startup.memory.mib", static_cast<double>(usage.ru_maxrss) / 1024);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return bench::skip("bench_interp [--startup] MODULE [KERNEL…]");
  if (argc > 2 && std::string_view(argv[1]) == "--startup") {
    startup(argv[2]);
    return 0;
  }
  engine::Engine engine;
  engine::Store store(engine);
  engine::Instance& instance = instantiate(store, load(engine, argv[1]));
  constexpr std::array<std::pair<const char*, std::uint32_t>, 8> kernels = {{{"matmul", 10},
                                                                             {"nbody", 500000},
                                                                             {"sha256", 100},
                                                                             {"quicksort", 10},
                                                                             {"hash", 5000000},
                                                                             {"mandel", 400},
                                                                             {"vm", 20000000},
                                                                             {"fib", 35}}};
  for (const auto& [name, n] : kernels) {
    bool wanted = argc == 2;
    for (int i = 2; i < argc; ++i) wanted = wanted || std::string_view(argv[i]) == name;
    if (wanted) kernel(instance, name, n);
  }
  return 0;
}

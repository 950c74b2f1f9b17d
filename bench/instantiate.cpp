// SPDX-License-Identifier: Apache-2.0
// How long it takes to have an instance: store, instance, first call, and to drop them again; with
// data segments from nothing to 64 MiB. `bench_instantiate [FILE…]` adds modules of yours.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bench/report.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace): a program of one file

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

/// A module with a memory, a table, a global, a function, and so many bytes of data.
std::vector<std::uint8_t> make_module(std::uint32_t data_bytes) {
  Writer out;
  out.bytes(std::vector<std::uint8_t>{0, 'a', 's', 'm', 1, 0, 0, 0});
  const auto section = [&](std::uint8_t id, const Writer& content) {
    out.u8(id);
    out.sized_bytes(content.view());
  };
  const auto plain = [&](std::uint8_t id, std::vector<std::uint8_t> bytes) {
    Writer w;
    w.bytes(bytes);
    section(id, w);
  };
  plain(1, {1, 0x60, 0, 1, 0x7F});
  plain(3, {1, 0});
  plain(4, {1, 0x70, 0, 10});
  Writer memory;
  memory.bytes(std::vector<std::uint8_t>{1, 0});
  memory.u32(data_bytes / 65536 + 2);
  section(5, memory);
  plain(6, {1, 0x7F, 1, 0x41, 5, 0x0B});
  plain(7, {1, 1, 'f', 0, 0});
  plain(10, {1, 7, 0, 0x41, 0, 0x28, 2, 0, 0x0B});
  if (data_bytes != 0) {
    Writer data;
    data.bytes(std::vector<std::uint8_t>{1, 0, 0x41, 0, 0x0B});
    data.sized_bytes(std::vector<std::uint8_t>(data_bytes, 'x'));
    section(11, data);
  }
  return out.take();
}

std::shared_ptr<const engine::Module> load(engine::Engine& engine,
                                           std::vector<std::uint8_t> bytes) {
  auto module = core::decode(Blob::own(std::move(bytes)));
  if (!module) fail(module.error().text());
  auto valid = core::validate(std::move(*module));
  if (!valid) fail(valid.error().text());
  auto compiled = engine::Module::create(engine, std::move(*valid));
  if (!compiled) fail(compiled.error().text());
  return std::move(*compiled);
}

void measure(const std::string& name, const std::shared_ptr<const engine::Module>& module,
             bool call) {
  long n = 2000;
  const double ns = bench::nanoseconds_per_call(n, [&] {
    engine::Store store(module->engine());
    const auto instance = engine::Instance::create(store, module, {});
    if (!instance) fail(engine::text(instance.error()));
    if (call) {
      const auto f = (*instance)->typed<int()>("f");
      if (!f || !(*f)()) fail("the call failed");
    }
  });
  bench::report("instantiate." + name + ".us", ns / 1000);
}

}  // namespace

int main(int argc, char** argv) {
  engine::Engine engine;
  measure("small", load(engine, make_module(0)), false);
  measure("small_with_call", load(engine, make_module(0)), true);
  for (const std::uint32_t kib : {64U, 256U, 1024U, 8192U, 65536U})
    measure("data_" + std::to_string(kib) + "_kib", load(engine, make_module(kib * 1024)), true);
  {
    const auto module = load(engine, make_module(0));
    engine::Store store(engine);
    const auto instance = engine::Instance::create(store, module, {});
    const auto f = *(*instance)->typed<int()>("f");
    bench::report("call.host_to_guest.ns",
                  bench::nanoseconds_per_call(1'000'000, [&] { (void)f(); }));
  }
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    measure(argv[i], load(engine, {std::istreambuf_iterator<char>(in), {}}), false);
  }
  return 0;
}

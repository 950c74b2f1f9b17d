// SPDX-License-Identifier: Apache-2.0
// How long it takes to stop a guest that spins: from another thread's request, or from a deadline,
// to the return of the call. The least, the middle, what nine of ten stay below, and the most of
// many rounds, in milliseconds. On a busy machine the last is the scheduler's.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "bench/report.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"
#include "tenon/text/parse_module.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace): a program of one file
using Clock = std::chrono::steady_clock;

constexpr std::string_view spins = R"((module (memory 256)
  (func (export "loop") (loop $l (br $l)))
  (func $call (export "call") (call $tail)) (func $tail (return_call $tail))
  (tag $e) (func (export "catch") (loop $l (try_table (catch_all $l) (throw $e))))
  (func (export "fill_16_mib") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)) (br $l)))))";

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

void report(const std::string& name, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  bench::report("interrupt." + name + ".least.ms", ms.front());
  bench::report("interrupt." + name + ".middle.ms", ms[ms.size() / 2]);
  bench::report("interrupt." + name + ".nine_of_ten.ms", ms[ms.size() * 9 / 10]);
  bench::report("interrupt." + name + ".most.ms", ms.back());
}

}  // namespace

int main() {
  engine::Engine engine;
  engine::Store store(engine);
  auto module = text::parse_module(spins);
  if (!module) fail(module.error().text());
  auto valid = core::validate(std::move(*module), core::Features::all());
  if (!valid) fail(valid.error().text());
  const auto compiled = engine::Module::create(engine, std::move(*valid));
  if (!compiled) fail(compiled.error().text());
  const auto instance = engine::Instance::create(store, *compiled, {});
  if (!instance) fail(engine::text(instance.error()));
  for (const char* name : {"loop", "call", "catch", "fill_16_mib"}) {
    const auto f = *(*instance)->typed<void()>(name);
    std::vector<double> ms;
    for (int round = 0; round < 100; ++round) {
      Clock::time_point asked;
      std::thread other([&asked, handle = store.interrupt_handle()] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        asked = Clock::now();
        handle.interrupt();
      });
      const bool ended = f().has_value();
      const auto back = Clock::now();
      other.join();
      if (ended) fail("a loop without end has ended");
      ms.push_back(std::chrono::duration<double, std::milli>(back - asked).count());
    }
    report(name, std::move(ms));
  }
  std::vector<double> late;
  const auto loop = *(*instance)->typed<void()>("loop");
  for (int round = 0; round < 100; ++round) {
    const auto when = Clock::now() + std::chrono::milliseconds(5);
    store.set_deadline(when);
    (void)loop();
    late.push_back(std::chrono::duration<double, std::milli>(Clock::now() - when).count());
  }
  report("deadline", std::move(late));
  return 0;
}

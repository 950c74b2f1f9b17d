// SPDX-License-Identifier: Apache-2.0
// What an idle guest costs: memory and address space of instances that wait for a call, for 1,000
// and 10,000 of them. usage: bench_idle [CALCULATOR.wasm]   (a C++ guest; else one of its shape)
//
// Every measurement runs in a process of its own, so that none finds what another left behind. Each
// instance is called once before it idles, when its name says so.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/report.h"
#include "tenon/component/validate.h"
#include "tenon/engine/memory.h"
#include "tenon/runtime/embed.h"
#include "tenon/text/parse_component.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace): a program of one file

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}
template <class T, class E>
T must(std::expected<T, E> result) {
  if (!result) fail(result.error().text());
  return *std::move(result);
}

/// A number of a file of /proc whose line begins so, in KiB.
double proc(const char* path, std::string_view key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(key)) return std::strtod(line.c_str() + key.size(), nullptr);
  }
  fail(std::string("no ") + std::string(key) + " in " + path);
}
double resident_kib() {
  return proc("/proc/self/smaps_rollup", "Rss:");
}
double address_space_kib() {
  return proc("/proc/self/status", "VmSize:");
}
double mappings() {
  std::ifstream in("/proc/self/maps");
  double lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  return lines;
}

constexpr std::string_view small_wat = R"((component
  (core module $M
    (memory (export "mem") 1)
    (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1))))
  (core instance $m (instantiate $M))
  (func (export "add") (param "a" f64) (param "b" f64) (result f64)
    (canon lift (core func $m "add")))))";

/// The shape of a C++ guest: a memory with data, a table of functions, realloc, post-return, a
/// record of results, an interface.
constexpr std::string_view shape_wat = R"((component
  (core module $M
    (memory (export "memory") 2)
    (table 12 12 funcref)
    (global $sp (mut i32) (i32.const 65536))
    (global (mut i32) (i32.const 70000))
    (elem (i32.const 1) func $add $div $realloc $post $init)
    (data (i32.const 65536) "Division by zero")
    (data (i32.const 66000) "\01\02\03\04")
    (func $init (export "_initialize") (i32.store (i32.const 66100) (i32.const 1)))
    (func $add (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
    (func $sub (export "subtract") (param f64 f64) (result f64)
      (f64.sub (local.get 0) (local.get 1)))
    (func $mul (export "multiply") (param f64 f64) (result f64)
      (f64.mul (local.get 0) (local.get 1)))
    (func $div (export "divide") (param f64 f64) (result i32)
      (f64.store (i32.const 66208) (f64.div (local.get 0) (local.get 1))) (i32.const 66200))
    (func $post (export "post") (param i32))
    (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 70000))
    (start $init))
  (core instance $m (instantiate $M))
  (alias core export $m "memory" (core memory $mem))
  (alias core export $m "cabi_realloc" (core func $realloc))
  (func $add (param "a" f64) (param "b" f64) (result f64) (canon lift (core func $m "add")))
  (func $sub (param "a" f64) (param "b" f64) (result f64) (canon lift (core func $m "subtract")))
  (func $mul (param "a" f64) (param "b" f64) (result f64) (canon lift (core func $m "multiply")))
  (func $div (param "a" f64) (param "b" f64) (result (result f64 (error string)))
    (canon lift (core func $m "divide") (memory $mem) (realloc $realloc)
      (post-return (core func $m "post"))))
  (instance $i (export "add" (func $add)) (export "subtract" (func $sub))
    (export "multiply" (func $mul)) (export "divide" (func $div)))
  (export "example:calculator/calculate@0.1.0" (instance $i))))";

Component compile(Engine& engine, std::string_view wat) {
  auto parsed = must(text::parse_component(wat));
  auto valid = must(component::validate(std::move(parsed), core::Features::component()));
  return must(Component::compile(engine, std::move(valid)));
}

StoreLimits limits(std::uint32_t n) {
  StoreLimits out;
  out.component_instances = 16 * n;
  out.core.instances = out.core.memories = out.core.tables = 16 * n;
  return out;
}

/// Runs in a child of its own.
template <class F>
void apart(F f) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    f();
    std::fflush(stdout);
    std::_Exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) fail("a measurement failed");
}

/// What is measured: `n` instances of a component, in one store or in a store each.
struct Case {
  std::string name;
  /// A file, or WAT.
  std::string file;
  std::string_view wat;
  /// Called once each: `add(1, 2)`.
  bool call = false;
};

void add(const Instance& instance) {
  const auto f = instance.get_func("add");
  const std::vector<Value> args = {Value::f64(1), Value::f64(2)};
  if (!f || !f->call(args)) fail("the call failed");
}

void measure(const Case& what, std::uint32_t n, bool own) {
  Engine engine;
  const auto component =
      what.file.empty() ? compile(engine, what.wat) : must(Component::from_file(engine, what.file));
  Linker linker(engine);
  // A guest that prints or panics has imports that idle with it.
  if (!linker.define_unknown_imports_as_traps(component)) fail("imports");
  const auto pre = must(linker.instantiate_pre(component));
  {
    // What is made once: code, shapes, pools.
    Store store(engine);
    const auto instance = must(pre.instantiate(store));
    add(instance);
  }
  std::vector<std::unique_ptr<Store>> stores;
  stores.reserve(n);
  const auto resident = resident_kib();
  const auto space = address_space_kib();
  const auto maps = mappings();
  for (std::uint32_t i = 0; i < n; ++i) {
    if (own || i == 0) stores.push_back(std::make_unique<Store>(engine, limits(own ? 1 : n)));
    const auto instance = must(pre.instantiate(*stores.back()));
    if (what.call) add(instance);
  }
  const auto name = "idle." + what.name + (own ? ".own_store." : ".one_store.") + std::to_string(n);
  bench::report(name + ".kib", (resident_kib() - resident) / n);
  bench::report(name + ".gib_of_address_space", (address_space_kib() - space) / n / (1 << 20));
  bench::report(name + ".mappings", (mappings() - maps) / n);
  stores.clear();
  bench::report(name + ".dropped.kib", resident_kib() - resident);
}

/// How many memories of one page a process can have.
void most_memories() {
  Engine engine;
  const auto component = compile(engine, small_wat);
  const Linker linker(engine);
  const auto pre = must(linker.instantiate_pre(component));
  Store store(engine, limits(1U << 16U));
  double n = 0;
  while (n < (1U << 16U) && pre.instantiate(store)) ++n;
  bench::report("idle.memories.most", n);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Case> cases = {
      {"small", {}, small_wat, false},
      {"small_called", {}, small_wat, true},
      {"calculator", argc > 1 ? argv[1] : "", shape_wat, false},
      {"calculator_called", argc > 1 ? argv[1] : "", shape_wat, true},
  };
  for (const auto& what : cases) {
    for (const std::uint32_t n : {1'000U, 10'000U}) {
      for (const bool own : {true, false}) apart([&] { measure(what, n, own); });
    }
  }
  apart([] { most_memories(); });
  return 0;
}

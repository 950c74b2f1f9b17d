// SPDX-License-Identifier: Apache-2.0
// Times calls across a component's boundary: the cases and names of shared/bench/wasmtime-peer, in
// nanoseconds. usage: call_boundary CALLS.wasm (linked.wasm lies beside it)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "report.h"
#include "tenon/runtime/embed.h"

struct Point {
  double x;
  double y;
};
template <>
inline constexpr auto tenon::members<Point> =
    std::tuple(tenon::member("x", &Point::x), tenon::member("y", &Point::y));

namespace {

using Clock = std::chrono::steady_clock;

template <class T, class E>
T must(std::expected<T, E> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  for (const auto& note : result.error().notes())
    std::fprintf(stderr, "note: %s\n", note.text.c_str());
  std::exit(1);
}
void must(const tenon::Result<void>& result) {
  if (!result) std::exit(1);
}
void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "wrong result: %s\n", what);
  std::exit(1);
}

/// Seconds of this process's CPU time for `n` calls: a busy machine does not lengthen them.
template <class F>
double cpu_time(long n, F& f) {
  const double begin = tenon::bench::cpu_seconds();
  for (long i = 0; i < n; ++i) f();
  return tenon::bench::cpu_seconds() - begin;
}

template <class F>
void time(const std::string& name, F f) {
  for (long n = 1;; n *= 2) {
    if (cpu_time(n, f) < 0.06 && n < 1L << 30) continue;
    double least = 1e300;
    for (int i = 0; i < 5; ++i) least = std::min(least, cpu_time(n, f));
    tenon::bench::report(name, least * 1e9 / static_cast<double>(n));
    return;
  }
}

void define_host(tenon::Linker& linker) {
  auto host = linker.instance("host");
  must(host.func_wrap("inc", [](std::uint32_t x) { return x + 1; }));
  must(host.func_wrap("take",
                      [](std::string_view s) { return static_cast<std::uint32_t>(s.size()); }));
}

void calls(tenon::Store& store, const tenon::Instance& i) {
  const auto nop = must(i.get_typed_func<void()>(store, "nop"));
  time("nop", [&] { check(nop.call(store).has_value(), "nop"); });
  const auto add = must(i.get_typed_func<double(double, double)>(store, "add"));
  time("add", [&] { check(*add.call(store, 5.0, 3.0) == 8.0, "add"); });
  using Divided = std::expected<double, std::string>;
  const auto divide = must(i.get_typed_func<Divided(double, double)>(store, "divide"));
  time("divide-ok", [&] { check(divide.call(store, 5.0, 3.0)->has_value(), "divide"); });
  time("divide-err", [&] { check(!divide.call(store, 5.0, 0.0)->has_value(), "divide"); });
  const auto sum =
      must(i.get_typed_func<std::uint32_t(std::span<const std::uint8_t>)>(store, "sum"));
  const std::vector<std::uint8_t> v64k(64 << 10, 1);
  time("sum-64k", [&] { check(*sum.call(store, v64k) == 65536, "sum"); });
  const auto len = must(i.get_typed_func<std::uint32_t(std::string_view)>(store, "len"));
  const auto echo = must(i.get_typed_func<std::string(std::string_view)>(store, "echo"));
  const std::string s10(10, 'x');
  const std::string s1k(1000, 'x');
  const std::string s1m(1 << 20, 'x');
  time("len-10", [&] { check(*len.call(store, s10) == 10, "len"); });
  time("len-1k", [&] { check(*len.call(store, s1k) == 1000, "len"); });
  time("len-1m", [&] { check(*len.call(store, s1m) == 1 << 20, "len"); });
  time("echo-10", [&] { check(echo.call(store, s10)->size() == 10, "echo"); });
  time("echo-1k", [&] { check(echo.call(store, s1k)->size() == 1000, "echo"); });
  time("echo-1m", [&] { check(echo.call(store, s1m)->size() == 1 << 20, "echo"); });
  const auto view = must(i.get_typed_func<std::string_view(std::string_view)>(store, "echo"));
  time("echo-1m-view", [&] { check((**view.call_view(s1m)).size() == 1 << 20, "echo"); });
  const auto dot = must(i.get_typed_func<double(std::span<const Point>)>(store, "dot"));
  const std::vector<Point> points(1000, Point{1, 2});
  time("dot-1000", [&] { check(*dot.call(store, points) == 2000.0, "dot"); });
  const auto spin = must(i.get_typed_func<std::uint32_t(std::uint32_t)>(store, "spin"));
  time("host-inc-x1000", [&] { check(*spin.call(store, 1000) == 1000, "spin"); });
  const auto spin_str = must(i.get_typed_func<std::uint32_t(std::uint32_t)>(store, "spin-str"));
  time("host-take16-x1000", [&] { check(*spin_str.call(store, 1000) == 16000, "spin-str"); });
}

void linked(tenon::Engine& engine, const std::string& path) {
  const auto component = must(tenon::Component::from_file(engine, path));
  tenon::Store store(engine);
  const tenon::Linker linker(engine);
  const auto i = must(linker.instantiate(store, component));
  for (const char* name : {"spin-nop", "spin-inc", "spin-len"}) {
    const auto f = must(i.get_typed_func<std::uint32_t(std::uint32_t)>(store, name));
    time(std::string("linked-") + name + "-x1000",
         [&] { check(f.call(store, 1000).has_value(), name); });
  }
}

void handles() {
  tenon::runtime::Table table;
  tenon::runtime::Handle h;
  h.kind = tenon::runtime::Handle::Kind::own;
  for (int i = 0; i < 100; ++i) table.add(h);
  time("handle-new-drop", [&] { table.remove(table.add(h)); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return tenon::bench::skip("bench_call_boundary CALLS.wasm");
  const std::string path = argv[1];
  tenon::Engine engine;
  const auto begin = Clock::now();
  const auto component = must(tenon::Component::from_file(engine, path));
  tenon::bench::report("compile",
                       std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  tenon::Linker linker(engine);
  define_host(linker);
  const auto pre = must(linker.instantiate_pre(component));
  time("instantiate-pooled", [&] {
    tenon::Store store(engine);
    must(pre.instantiate(store));
  });
  {
    tenon::Store store(engine);
    const auto instance = must(pre.instantiate(store));
    calls(store, instance);
  }
  linked(engine, std::filesystem::path(path).replace_filename("linked.wasm").string());
  handles();
  return 0;
}

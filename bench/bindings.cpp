// SPDX-License-Identifier: Apache-2.0
// Calls through generated host bindings beside the same calls written by hand, in turn:
// `NAME.hand`, `NAME.generated` in nanoseconds, and `NAME.ratio`. usage: bindings CALLS.wasm
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "calls_host.h"
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

struct Host {
  static std::uint32_t inc(std::uint32_t x) { return x + 1; }
  static std::uint32_t take(std::string s) { return static_cast<std::uint32_t>(s.size()); }
};

template <class T, class E>
T must(std::expected<T, E> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  std::exit(1);
}
void must(const tenon::Result<void>& result) {
  if (!result) std::exit(1);
}
void check(bool ok) {
  if (ok) return;
  std::fprintf(stderr, "wrong result\n");
  std::exit(1);
}

template <class F>
double seconds(long n, F& f) {
  const double begin = tenon::bench::cpu_seconds();
  for (long i = 0; i < n; ++i) f();
  return tenon::bench::cpu_seconds() - begin;
}

/// Both in turn, the least of fifteen rounds each.
template <class Hand, class Generated>
void pair(const std::string& name, Hand hand, Generated generated) {
  long n = 1;
  while (seconds(n, hand) < 0.01) n *= 2;
  double least[2] = {1e300, 1e300};
  for (int round = 0; round < 15; ++round) {
    least[0] = std::min(least[0], seconds(n, hand));
    least[1] = std::min(least[1], seconds(n, generated));
  }
  tenon::bench::report(name + ".hand", least[0] * 1e9 / static_cast<double>(n));
  tenon::bench::report(name + ".generated", least[1] * 1e9 / static_cast<double>(n));
  tenon::bench::report(name + ".ratio", least[1] / least[0]);
}

void calls_of_exports(tenon::Store& store, const tenon::Instance& i, const calls::world& world) {
  const auto nop = must(i.get_typed_func<void()>(store, "nop"));
  pair("nop", [&] { check(nop.call(store).has_value()); }, [&] { check(world.nop().has_value()); });
  const auto add = must(i.get_typed_func<double(double, double)>(store, "add"));
  pair(
      "add", [&] { check(*add.call(store, 5.0, 3.0) == 8.0); },
      [&] { check(*world.add(5.0, 3.0) == 8.0); });
  using Divided = std::expected<double, std::string>;
  const auto divide = must(i.get_typed_func<Divided(double, double)>(store, "divide"));
  pair(
      "divide-err", [&] { check(!divide.call(store, 5.0, 0.0)->has_value()); },
      [&] { check(!world.divide(5.0, 0.0)->has_value()); });
  const auto sum =
      must(i.get_typed_func<std::uint32_t(std::span<const std::uint8_t>)>(store, "sum"));
  const std::vector<std::uint8_t> bytes(64 << 10, 1);
  pair(
      "sum-64k", [&] { check(*sum.call(store, bytes) == 65536); },
      [&] { check(*world.sum(bytes) == 65536); });
  const auto echo = must(i.get_typed_func<std::string(std::string_view)>(store, "echo"));
  for (const auto& [name, size] : {std::pair("echo-10", 10), std::pair("echo-1k", 1000)}) {
    const std::string text(static_cast<std::size_t>(size), 'x');
    pair(
        name, [&] { check(echo.call(store, text)->size() == text.size()); },
        [&] { check(world.echo(text)->size() == text.size()); });
  }
  const auto dot = must(i.get_typed_func<double(std::span<const Point>)>(store, "dot"));
  const std::vector<Point> points(1000, Point{1, 2});
  const std::vector<calls::point> same(1000, calls::point{1, 2});
  pair(
      "dot-1000", [&] { check(*dot.call(store, points) == 2000.0); },
      [&] { check(*world.dot(same) == 2000.0); });
}

/// Calls of the host by the guest: one store has functions wrapped by hand, the other generated
/// ones.
void calls_of_imports(tenon::Store& by_hand, const tenon::Instance& hand,
                      const calls::world& generated) {
  const auto spin = must(hand.get_typed_func<std::uint32_t(std::uint32_t)>(by_hand, "spin"));
  pair(
      "host-inc-x1000", [&] { check(*spin.call(by_hand, 1000) == 1000); },
      [&] { check(*generated.spin(1000) == 1000); });
  const auto take = must(hand.get_typed_func<std::uint32_t(std::uint32_t)>(by_hand, "spin-str"));
  pair(
      "host-take16-x1000", [&] { check(*take.call(by_hand, 1000) == 16000); },
      [&] { check(*generated.spin_str(1000) == 16000); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return tenon::bench::skip("bindings CALLS.wasm");
  tenon::Engine engine;
  const auto component = must(tenon::Component::from_file(engine, argv[1]));
  tenon::Linker linker(engine);
  auto host = linker.instance("host");
  must(host.func_wrap("inc", [](std::uint32_t x) { return Host::inc(x); }));
  must(host.func_wrap("take", [](std::string s) { return Host::take(std::move(s)); }));
  tenon::Store by_hand(engine);
  const auto instance = must(linker.instantiate(by_hand, component));
  Host functions;
  tenon::Store store(engine);
  const auto world = must(calls::world::instantiate(store, component, functions));
  calls_of_exports(by_hand, instance, world);
  calls_of_imports(by_hand, instance, world);
  return 0;
}

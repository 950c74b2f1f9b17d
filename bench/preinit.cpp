// SPDX-License-Identifier: Apache-2.0
// What pre-initialisation saves at the start: a module whose initialisation parses a table of
// 100,000 entries out of text and puts them into a hash table, from its bytes to its first result.
// With a path the module is written there, and beside it what `preinit` makes, for other engines.
#include "tenon/preinit/preinit.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "bench/report.h"
#include "tenon/base/file.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"

namespace {

constexpr std::uint32_t entries = 100'000;

/// "KEY=VALUE\n" a line, in a passive segment that goes when it is read; open addressing over 2^18
/// slots of 8 bytes from 4 MiB on.
std::string module_text() {
  std::string table;
  std::size_t size = 0;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::string line = fmt::format("{:010}={:010}", i * 7919U % 1'000'003U, i);
    size += line.size() + 1;
    table += line + "\\0a";
  }
  return fmt::format(R"((module
  (memory (export "memory") 96)
  (data $text "{}")
  (func $slot (param $key i32) (result i32)
    (local $at i32)
    (local.set $at (i32.shr_u (i32.mul (local.get $key) (i32.const -1640531527)) (i32.const 14)))
    (block $out (loop $next
      (br_if $out (i32.eqz (i32.load offset=4194304 (i32.shl (local.get $at) (i32.const 3)))))
      (br_if $out (i32.eq (i32.load offset=4194304 (i32.shl (local.get $at) (i32.const 3)))
                          (i32.add (local.get $key) (i32.const 1))))
      (local.set $at (i32.and (i32.add (local.get $at) (i32.const 1)) (i32.const 262143)))
      (br $next)))
    (i32.shl (local.get $at) (i32.const 3)))
  (func (export "init")
    (local $p i32) (local $c i32) (local $n i32) (local $key i32) (local $slot i32)
    (memory.init $text (i32.const 0) (i32.const 0) (i32.const {}))
    (data.drop $text)
    (loop $read
      (local.set $c (i32.load8_u (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (if (i32.eq (local.get $c) (i32.const 61))
        (then (local.set $key (local.get $n)) (local.set $n (i32.const 0)) (br $read)))
      (if (i32.eq (local.get $c) (i32.const 10))
        (then
          (local.set $slot (call $slot (local.get $key)))
          (i32.store offset=4194304 (local.get $slot) (i32.add (local.get $key) (i32.const 1)))
          (i32.store offset=4194308 (local.get $slot) (local.get $n))
          (local.set $n (i32.const 0)) (br $read)))
      (if (local.get $c)
        (then
          (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 10)) (i32.sub (local.get $c) (i32.const 48))))
          (br $read))))
    (memory.fill (i32.const 0) (i32.const 0) (local.get $p)))
  (func (export "first") (result i32) (i32.load offset=4194308 (call $slot (i32.const 7919))))))",
                     table, size);
}

}  // namespace

int main(int argc, char** argv) {
  const auto module = tenon::text::parse_module(module_text(), 0, {});
  if (!module) {
    std::fprintf(stderr, "%s\n", module.error().text().c_str());
    return 1;
  }
  const auto input = tenon::core::encode(*module);
  tenon::preinit::Options options;
  options.funcs = {"init"};
  const double seconds = tenon::bench::least_seconds(
      3, [&] { static_cast<void>(tenon::preinit::preinit(input, options)); });
  const auto output = tenon::preinit::preinit(input, options);
  const auto times = output ? tenon::preinit::measure(input, *output, options, "first", 20)
                            : std::unexpected(output.error());
  if (!times) {
    std::fprintf(stderr, "%s\n", times.error().text().c_str());
    return 1;
  }
  if (argc > 1) {
    static_cast<void>(tenon::write_file(argv[1], tenon::ByteSpan(input)));
    static_cast<void>(
        tenon::write_file(std::string(argv[1]) + ".preinit.wasm", tenon::ByteSpan(output->bytes)));
  }
  const auto ms = [](const tenon::preinit::Times& t) {
    return static_cast<double>((t.start + t.first_call).count()) / 1e6;
  };
  tenon::bench::report("preinit.run.ms", seconds * 1e3);
  tenon::bench::report("preinit.bytes.before.bytes", static_cast<double>(input.size()));
  tenon::bench::report("preinit.bytes.after.bytes", static_cast<double>(output->bytes.size()));
  tenon::bench::report("preinit.start.before.ms", ms(times->before));
  tenon::bench::report("preinit.start.after.ms", ms(times->after));
  tenon::bench::report("preinit.start.ratio", ms(times->before) / ms(times->after));
  return 0;
}

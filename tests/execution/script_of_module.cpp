// SPDX-License-Identifier: Apache-2.0
// Runs a module without imports and writes down what happened as a test script that another engine
// can judge: `script_of_module MODULE > SCRIPT`. Every exported function is called with a few
// arguments; results and traps, then the exported globals, the sizes of tables and memories and the
// contents of memories become assertions. The module runs in several configurations, which have to
// agree with each other first; otherwise the exit code is 1.

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace): a program of one file
using core::TypeCode;
using core::ValType;
using engine::ValueSlot;

/// Bytes of each memory that are compared.
constexpr std::uint64_t hashed_bytes = 128U << 10U;
/// Times that each function is called.
constexpr int rounds = 3;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

std::string quoted(ByteSpan bytes) {
  std::string out = "\"";
  for (const std::uint8_t b : bytes) {
    if (b >= ' ' && b < 0x7F && b != '"' && b != '\\')
      out += static_cast<char>(b);
    else
      out += fmt::format("\\{:02x}", b);
  }
  return out + "\"";
}

/// Arguments that lie at edges as often as not; the same for every configuration.
class Arguments {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    switch (state_ >> 40U & 7U) {
      case 0:
        return 0;
      case 1:
        return ~std::uint64_t{0};
      case 2:
        return 0x80000000'80000000;
      case 3:
        return 0x7FFFFFFF'7FFFFFFF;
      case 4:
        return state_ >> 44U & 0xFFU;
      case 5:
        return state_ >> 40U & 0xFFFFU;
      default:
        return state_;
    }
  }

 private:
  std::uint64_t state_ = 88172645463325252;
};

/// What engines may do at different points: the script ends before it.
bool is_limit(engine::TrapCode code) {
  using enum engine::TrapCode;
  return code == out_of_memory || code == allocation_size_too_large || code == stack_overflow;
}

bool is_nan(ValType type, std::uint64_t bits) {
  if (type == ValType(TypeCode::f32)) return (bits & 0x7FFFFFFFU) > 0x7F800000U;
  return type == ValType(TypeCode::f64) && (bits & 0x7FFFFFFF'FFFFFFFF) > 0x7FF00000'00000000;
}

/// A float by its bits: decimal forms of the printing engine play no part.
std::string float_text(bool wide, std::uint64_t bits) {
  const unsigned mantissa_bits = wide ? 52 : 23;
  const std::uint64_t mantissa = bits & ((std::uint64_t{1} << mantissa_bits) - 1);
  const int exponent = static_cast<int>(bits >> mantissa_bits & (wide ? 0x7FFU : 0xFFU));
  const bool negative = (bits >> (wide ? 63U : 31U) & 1U) != 0;
  const std::string sign = negative ? "-" : "";
  const int top = wide ? 0x7FF : 0xFF;
  if (exponent == top) return sign + (mantissa == 0 ? "inf" : fmt::format("nan:{:#x}", mantissa));
  const int bias = wide ? 1023 : 127;
  if (exponent == 0)
    return fmt::format("{}0x{:x}p{:+d}", sign, mantissa,
                       1 - bias - static_cast<int>(mantissa_bits));
  return fmt::format("{}0x{:x}p{:+d}", sign, mantissa | std::uint64_t{1} << mantissa_bits,
                     exponent - bias - static_cast<int>(mantissa_bits));
}

/// A constant, or nothing when the type has none that every engine can write. `result`: references
/// are told by their kind only.
std::string constant(ValType type, const ValueSlot* at, bool result) {
  const std::uint64_t bits = *at;
  if (type.is_ref()) {
    const bool null = bits == 0;
    const core::HeapType heap = type.heap();
    const bool func =
        !heap.is_defined() && (heap.code() == TypeCode::func || heap.code() == TypeCode::nofunc);
    const bool ext = !heap.is_defined() &&
                     (heap.code() == TypeCode::extern_ || heap.code() == TypeCode::noextern);
    if (!func && !ext) return {};
    if (null) return func ? "(ref.null func)" : "(ref.null extern)";
    return result ? (func ? "(ref.func)" : "(ref.extern)") : std::string();
  }
  const std::string_view name = type == ValType(TypeCode::f32) ? "f32" : "f64";
  if (type == ValType(TypeCode::i32))
    return fmt::format("(i32.const {:#x})", static_cast<std::uint32_t>(bits));
  if (type == ValType(TypeCode::i64)) return fmt::format("(i64.const {:#x})", bits);
  if (type.is_vec()) return fmt::format("(v128.const i64x2 {:#x} {:#x})", at[0], at[1]);
  const bool wide = name == "f64";
  return fmt::format("({}.const {})", name, float_text(wide, wide ? bits : bits & 0xFFFFFFFFU));
}

std::uint64_t hash(ByteSpan bytes) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    h = (h ^ word) * 0x100000001b3;
  }
  return h;
}

/// The same sum as `hash`, over the first `bytes` of memory `name`, in WebAssembly.
std::string hash_module(std::string_view name, const core::MemType& type, std::uint64_t bytes) {
  const bool wide = type.addr == core::AddrType::i64;
  const std::string_view t = wide ? "i64" : "i32";
  return fmt::format(
      "(module $h (import \"m\" {} (memory {} 0))\n"
      "  (func (export \"hash\") (result i64) (local $at {}) (local $h i64)\n"
      "    (local.set $h (i64.const 0xcbf29ce484222325))\n"
      "    (block $done (loop $next\n"
      "      (br_if $done ({}.ge_u (local.get $at) ({}.const {})))\n"
      "      (local.set $h (i64.mul (i64.xor (local.get $h) (i64.load (local.get $at))) (i64.const "
      "0x100000001b3)))\n"
      "      (local.set $at ({}.add (local.get $at) ({}.const 8)))\n"
      "      (br $next)))\n"
      "    (local.get $h)))\n",
      quoted(as_bytes(name)), wide ? "i64" : "", t, t, t, bytes, t, t);
}

class Script {
 public:
  explicit Script(engine::Instance& instance) : instance_(instance) {}

  std::string text() {
    const core::Module& m = instance_.module().core();
    for (int round = 0; round < rounds; ++round) {
      for (const core::Export& e : m.exports) {
        if (e.kind == core::ExternKind::func && !limit_) call(e.name);
      }
    }
    if (limit_) return std::move(out_);
    for (const core::Export& e : m.exports) {
      if (e.kind == core::ExternKind::global) global(e);
      if (e.kind == core::ExternKind::mem) memory(e);
      if (e.kind == core::ExternKind::table) table(e);
    }
    return std::move(out_);
  }

 private:
  void call(std::string_view name) {
    const auto f = instance_.func(name);
    std::vector<ValueSlot> slots(std::max<std::size_t>(f->slots(), 1));
    std::string args;
    std::size_t at = 0;
    for (const ValType type : f->type().params) {
      if (!type.is_ref()) {
        slots[at] = arguments_.next();
        if (type == ValType(TypeCode::i32) || type == ValType(TypeCode::f32))
          slots[at] &= 0xFFFFFFFFU;
        if (type.is_vec()) slots[at + 1] = arguments_.next();
        if (is_nan(type, slots[at])) slots[at] = 0;
      } else if (!type.nullable()) {
        return;
      }
      const std::string text = constant(type, &slots[at], false);
      if (text.empty()) return;
      args += " " + text;
      at += engine::slot_count(type);
    }
    const auto done = f->call(slots);
    const std::string invoke = fmt::format("(invoke $m {}{})", quoted(as_bytes(name)), args);
    if (!done) {
      const engine::TrapCode code = done.error().code();
      limit_ = limit_ || is_limit(code);
      if (limit_) return;
      if (code == engine::TrapCode::uncaught_exception)
        out_ += fmt::format("(assert_exception {})\n", invoke);
      else
        out_ += fmt::format("(assert_trap {} \"{}\")\n", invoke, engine::trap_message(code));
      return;
    }
    std::string results;
    at = 0;
    for (const ValType type : f->type().results) {
      const std::string text = constant(type, &slots[at], true);
      if (text.empty()) {
        out_ += invoke + "\n";
        return;
      }
      results += " " + text;
      at += engine::slot_count(type);
    }
    out_ += fmt::format("(assert_return {}{})\n", invoke, results);
  }

  void global(const core::Export& e) {
    const engine::Global g = instance_.global(e.index);
    const std::string text = constant(g.type.type, g.cell, true);
    if (!text.empty())
      out_ += fmt::format("(assert_return (get $m {}) {})\n", quoted(as_bytes(e.name)), text);
  }

  void memory(const core::Export& e) {
    engine::Memory& mem = *instance_.memory(e.name);
    const ByteSpan bytes =
        mem.bytes().first(std::min<std::size_t>(mem.bytes().size(), hashed_bytes));
    out_ += hash_module(e.name, mem.type(), bytes.size());
    out_ += fmt::format("(assert_return (invoke $h \"hash\") (i64.const {:#x}))\n", hash(bytes));
    const bool wide = mem.is_64();
    out_ += fmt::format(
        "(module $s (import \"m\" {} (memory {} 0)) (func (export \"size\") (result {}) "
        "memory.size))\n"
        "(assert_return (invoke $s \"size\") ({}.const {}))\n",
        quoted(as_bytes(e.name)), wide ? "i64" : "", wide ? "i64" : "i32", wide ? "i64" : "i32",
        mem.pages());
  }

  void table(const core::Export& e) {
    const engine::Table& table = *std::get<engine::Table*>(*instance_.find(e.name));
    const ValType elem = instance_.module().core().table_types[e.index].elem;
    if (elem != core::funcref && elem != core::externref) return;
    const bool wide = table.is_64();
    std::string nulls;
    std::uint64_t hashed = 0;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(table.size(), 64); ++i)
      hashed = hashed * 2 + (table.get(i) == 0 ? 1 : 0);
    const std::string_view t = wide ? "i64" : "i32";
    out_ += fmt::format(
        "(module $t (import \"m\" {} (table {} 0 {}))\n"
        "  (func (export \"size\") (result {}) table.size 0)\n"
        "  (func (export \"nulls\") (result i64) (local $i {}) (local $h i64)\n"
        "    (block $done (loop $next\n"
        "      (br_if $done ({}.ge_u (local.get $i) (table.size 0)))\n"
        "      (br_if $done ({}.ge_u (local.get $i) ({}.const 64)))\n"
        "      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 2))\n"
        "        (i64.extend_i32_u (ref.is_null (table.get 0 (local.get $i))))))\n"
        "      (local.set $i ({}.add (local.get $i) ({}.const 1)))\n"
        "      (br $next)))\n"
        "    (local.get $h)))\n"
        "(assert_return (invoke $t \"size\") ({}.const {}))\n"
        "(assert_return (invoke $t \"nulls\") (i64.const {:#x}))\n",
        quoted(as_bytes(e.name)), wide ? "i64" : "",
        elem == core::funcref ? "funcref" : "externref", t, t, t, t, t, t, t, t, table.size(),
        hashed);
  }

  engine::Instance& instance_;
  Arguments arguments_;
  bool limit_ = false;
  std::string out_;
};

std::string run(const std::string& path, const engine::Config& config) {
  engine::Engine engine(config);
  auto bytes = read_file(path);
  if (!bytes) fail(bytes.error().text());
  auto module = core::decode(Blob::own(std::move(*bytes)));
  if (!module) fail(module.error().text());
  auto valid = core::validate(std::move(*module), core::Features::all());
  if (!valid) fail(valid.error().text());
  const auto compiled = engine::Module::create(engine, std::move(*valid));
  if (!compiled) fail(compiled.error().text());
  const auto& made = *compiled;
  engine::StoreLimits limits;
  limits.memory_bytes = 1U << 30U;
  limits.table_elements = 10'000'000;
  engine::Store store(engine, limits);
  if (config.fuel) store.set_fuel(std::uint64_t{1} << 40U);
  const std::string text = fmt::format("module $m binary {}", quoted(made->core().bytes.view()));
  const auto instance = engine::Instance::create(store, made, {});
  if (!instance) {
    const auto* trap = std::get_if<engine::Trap>(&instance.error());
    if (trap == nullptr) fail(engine::text(instance.error()));
    if (is_limit(trap->code())) return "(module)\n";
    return fmt::format("(assert_trap ({}) \"{}\")\n", text, engine::trap_message(trap->code()));
  }
  return fmt::format("({})\n(register \"m\" $m)\n{}", text, Script(**instance).text());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) fail("usage: script_of_module MODULE > SCRIPT");
  const std::string plain = run(argv[1], {});
  engine::Config checked;
  checked.signals = false;
  checked.fuel = true;
  if (run(argv[1], checked) != plain) fail("with explicit checks and fuel it does something else");
  engine::Config deterministic;
  deterministic.deterministic = true;
  if (run(argv[1], deterministic) != plain)
    fail("in the deterministic profile it does something else");
  engine::Config collecting;
  collecting.stress.collect = true;
  if (run(argv[1], collecting) != plain) fail("with collections at every allocation it differs");
  engine::Config stressed;
  stressed.stress.poison = true;
  stressed.stress.far_forms = true;
  if (run(argv[1], stressed) != plain) fail("with poisoned frames and far forms it differs");
  std::fputs(plain.c_str(), stdout);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Modules and components whose initialisation changes everything that one can change. All accesses
// are in bounds of what a module begins with, so that nothing traps.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/preinit/test_state.h"

namespace tenon::preinit {

namespace {

/// Numbers that look random and are the same every time (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

/// What a module takes from the instances before it.
struct Imports {
  bool memory = false;
  bool table = false;
  bool global = false;
  /// Functions `f0` and `run` of the exporter.
  bool funcs = false;
};

class ModuleText {
 public:
  ModuleText(Random& random, const Imports& imports) : random_(random), imports_(imports) {}

  std::string run(std::string_view id) {
    imports();
    memories();
    tables();
    globals();
    funcs();
    segments();
    if (chance(2)) {
      line("(func $start {})", body(3));
      line("(start $start)");
    }
    line("(func $init (export \"init\") (export \"run\") {})", body(12));
    line("(func (export \"nothing\"))");
    return fmt::format("(core module {}\n{})\n", id, out_);
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_.next() % n; }
  bool chance(std::uint64_t n) { return below(n) == 0; }
  template <class... Args>
  void line(fmt::format_string<Args...> text, Args&&... args) {
    out_ += "  " + fmt::format(text, std::forward<Args>(args)...) + "\n";
  }

  void imports() {
    if (imports_.funcs) {
      line("(import \"a\" \"f0\" (func $other (result i32)))");
      line("(import \"a\" \"run\" (func $run))");
    }
    if (imports_.memory) {
      line("(import \"a\" \"m0\" (memory $m0 1))");
      mems_.push_back({false, 1});
    }
    if (imports_.table) {
      line("(import \"a\" \"t0\" (table $t0 8 funcref))");
      tables_.push_back({false});
    }
    if (imports_.global) line("(import \"a\" \"g\" (global $ig (mut i32)))");
  }

  void memories() {
    const std::size_t have = mems_.size();
    const std::size_t n = have + below(2) + (have == 0 ? 1 : 0);
    for (std::size_t k = have; k < n; ++k) {
      const bool is_64 = have != 0 || k != 0 ? chance(2) : false;
      mems_.push_back({is_64, 1 + below(2)});
      line("(memory $m{} (export \"m{}\") {}{} {})", k, k, is_64 ? "i64 " : "", mems_[k].pages,
           chance(2) ? "9" : "");
    }
  }
  void tables() {
    const std::size_t have = tables_.size();
    for (std::size_t k = have; k < have + 1 + below(2); ++k) {
      tables_.push_back({k != 0 && chance(2)});
      const bool full = k != 0 && !tables_[k].i31 && chance(2);
      line("(table $t{} (export \"t{}\") {} {} {}{})", k, k, 8, chance(2) ? "40" : "",
           tables_[k].i31 ? "i31ref" : "funcref", full ? " (ref.func $f1)" : "");
    }
  }
  void globals() {
    line("(global $at i32 (i32.const {}))", 1000 + below(100));
    line("(global $i32 (export \"g\") (mut i32) (i32.const {}))", below(9));
    line("(global $i64 (mut i64) (i64.const {}))", below(9));
    line("(global $f32 (mut f32) (f32.const {}))", below(9));
    line("(global $f64 (mut f64) (f64.const {}))", below(9));
    line("(global $v128 (mut v128) (v128.const i64x2 {} {}))", below(9), below(9));
    line("(global $fn (mut funcref) ({}))", chance(2) ? "ref.null func" : "ref.func $f0");
    line("(global $tiny (mut i31ref) (ref.null i31))");
    line("(global $ext (mut externref) (ref.null extern))");
    line("(global $typed (mut (ref $k)) (ref.func $f2))");
  }
  void funcs() {
    line("(type $k (func (result i32)))");
    for (std::uint64_t k = 0; k < func_count; ++k)
      line("(func $f{} (export \"f{}\") (type $k) (i32.const {}))", k, k, k);
  }
  void segments() {
    datas_ = 1 + below(4);
    for (std::size_t k = 0; k < datas_; ++k) {
      const std::size_t mem = below(mems_.size());
      std::string where;
      if (!chance(3)) {
        where = fmt::format(
            "(memory $m{}) ({})", mem,
            mems_[mem].is_64
                ? fmt::format("i64.const {}", below(2000))
                : (chance(3) ? "global.get $at" : fmt::format("i32.const {}", below(2000))));
      }
      line("(data $d{} {} \"{}\")", k, where,
           std::string(1 + below(60), "abcdefghijklmnopqrstuvwxyz"[k % 26]));
    }
    elems_ = 1 + below(4);
    for (std::size_t k = 0; k < elems_; ++k) elem(k);
    line("(elem declare func $f0 $f1 $f2 $f3 $f4{})", imports_.funcs ? " $other" : "");
  }
  void elem(std::size_t k) {
    const std::size_t table = func_table();
    const bool exprs = chance(2);
    const std::string items =
        exprs ? fmt::format("funcref (ref.func $f{}) (ref.null func) (ref.func $f{})",
                            below(func_count), below(func_count))
              : fmt::format("func $f{} $f{}", below(func_count), below(func_count));
    if (chance(3)) {
      line("(elem $e{} {})", k, items);
    } else {
      line("(elem $e{} (table $t{}) (i32.const {}) {})", k, table, below(5), items);
    }
  }

  std::size_t func_table() {
    for (std::size_t k = below(tables_.size());; k = (k + 1) % tables_.size()) {
      if (!tables_[k].i31) return k;
    }
  }

  /// Statements in the folded form.
  std::string body(std::size_t n) {
    std::string out;
    for (std::size_t i = below(n) + 1; i > 0; --i) out += "\n    " + statement();
    return out;
  }
  std::string address(std::size_t mem, std::uint64_t at) const {
    return fmt::format("({}.const {})", mems_[mem].is_64 ? "i64" : "i32", at);
  }
  std::string statement() {
    switch (below(5)) {
      case 0:
        return memory_statement();
      case 1:
        return table_statement();
      case 2:
        return global_statement();
      case 3:
        return segment_statement();
      default:
        return imports_.funcs && chance(3) ? "(call $run)" : memory_statement();
    }
  }
  std::string memory_statement() {
    const std::size_t mem = below(mems_.size());
    const std::uint64_t most = mems_[mem].pages * 65536 - 512;
    switch (below(6)) {
      case 0:
        return fmt::format("(memory.fill $m{} {} (i32.const {}) {})", mem,
                           address(mem, below(most)), below(3), address(mem, below(500)));
      case 1:
        return fmt::format("(memory.copy $m{} $m{} {} {} {})", mem, mem, address(mem, below(most)),
                           address(mem, below(2000)), address(mem, below(400)));
      case 2:
        return fmt::format("(drop (memory.grow $m{} {}))", mem, address(mem, below(2)));
      case 3:
        return fmt::format("(i32.store8 $m{} {} (i32.const {}))", mem, address(mem, below(2000)),
                           below(256));
      case 4:
        return fmt::format("(v128.store $m{} {} (v128.const i64x2 {} {}))", mem,
                           address(mem, below(most)), random_.next(), below(2));
      default:
        return fmt::format("(i64.store $m{} {} (i64.const {}))", mem, address(mem, below(most)),
                           random_.next());
    }
  }
  std::string func_value() {
    if (chance(4)) return "(ref.null func)";
    if (imports_.funcs && chance(4)) return "(ref.func $other)";
    return fmt::format("(ref.func $f{})", below(func_count));
  }
  std::string table_statement() {
    const std::size_t table = below(tables_.size());
    const std::string value =
        tables_[table].i31 ? fmt::format("(ref.i31 (i32.const {}))", below(1000)) : func_value();
    switch (below(4)) {
      case 0:
        return fmt::format("(table.fill $t{} (i32.const {}) {} (i32.const {}))", table, below(4),
                           value, below(4));
      case 1:
        return fmt::format("(drop (table.grow $t{} {} (i32.const {})))", table, value, below(3));
      case 2:
        return fmt::format("(table.copy $t{} $t{} (i32.const {}) (i32.const {}) (i32.const 3))",
                           table, table, below(5), below(5));
      default:
        return fmt::format("(table.set $t{} (i32.const {}) {})", table, below(8), value);
    }
  }
  std::string global_statement() {
    switch (below(9)) {
      case 0:
        return fmt::format("(global.set $i32 (i32.const {}))",
                           static_cast<std::int32_t>(below(1U << 31U)));
      case 1:
        return fmt::format("(global.set $i64 (i64.const {}))", random_.next());
      case 2:
        return "(global.set $f32 (f32.const nan:0x12345))";
      case 3:
        return fmt::format("(global.set $f64 (f64.const -{}.5))", below(1000));
      case 4:
        return fmt::format("(global.set $v128 (v128.const i64x2 {} {}))", random_.next(),
                           random_.next());
      case 5:
        return fmt::format("(global.set $fn {})", func_value());
      case 6:
        return fmt::format("(global.set $tiny (ref.i31 (i32.const -{})))", below(1000));
      case 7:
        return fmt::format("(global.set $ext (extern.convert_any (ref.i31 (i32.const {}))))",
                           below(1000));
      default:
        return imports_.global && chance(2)
                   ? fmt::format("(global.set $ig (i32.const {}))", below(1000))
                   : fmt::format("(global.set $typed (ref.func $f{}))", below(func_count));
    }
  }
  std::string segment_statement() {
    const std::size_t data = below(datas_ == 0 ? 1 : datas_);
    const std::size_t e = below(elems_ == 0 ? 1 : elems_);
    // Before the segments are known (a start function's body comes last) there is nothing to name.
    if (datas_ == 0) return "(nop)";
    switch (below(4)) {
      case 0:
        return fmt::format("(data.drop $d{})", data);
      case 1:
        return fmt::format("(elem.drop $e{})", e);
      case 2:
        return fmt::format("(memory.init $m0 $d{} (i32.const {}) (i32.const 0) (i32.const 0))",
                           data, below(2000));
      default:
        return fmt::format("(table.init $t{} $e{} (i32.const {}) (i32.const 0) (i32.const 0))",
                           func_table(), e, below(8));
    }
  }

  struct Mem {
    bool is_64 = false;
    std::uint64_t pages = 1;
  };
  struct Table {
    bool i31 = false;
  };
  static constexpr std::uint64_t func_count = 5;
  Random& random_;
  Imports imports_;
  std::string out_;
  std::vector<Mem> mems_;
  std::vector<Table> tables_;
  std::size_t datas_ = 0;
  std::size_t elems_ = 0;
};

}  // namespace

std::string generate_module(std::uint64_t seed) {
  Random random(seed);
  ModuleText text(random, {});
  return "(module\n" + (static_cast<void>(text.run("")), text.text()) + ")\n";
}

std::string generate_component(std::uint64_t seed) {
  Random random(seed);
  const auto chance = [&random](std::uint64_t n) { return random.next() % n == 0; };
  std::string out = "(component $top\n";
  out += ModuleText(random, {}).run("$a");
  const Imports imports{chance(2), chance(2), chance(2), chance(2)};
  out += ModuleText(random, imports).run("$b");
  // `$inner` has modules of its own, or takes those around it.
  const bool own = chance(2);
  const std::uint64_t times = 1 + random.next() % 3;
  std::string inner = "(component $inner\n";
  if (own) {
    inner += ModuleText(random, {}).run("$a");
  } else {
    inner += "(alias outer $top $a (core module $a))\n";
  }
  inner +=
      "(core instance $x (instantiate $a))\n(core instance $y (instantiate $a))\n"
      "(func (export \"first\") (canon lift (core func $x \"init\")))\n"
      "(func (export \"second\") (canon lift (core func $y \"init\"))))\n";
  out += inner;
  out += "(core instance $a1 (instantiate $a))\n(core instance $a2 (instantiate $a))\n";
  out += "(core instance $b1 (instantiate $b (with \"a\" (instance $a1))))\n";
  out += fmt::format("(core instance $b2 (instantiate $b (with \"a\" (instance $a{}))))\n",
                     chance(2) ? 1 : 2);
  std::string main = "(core module $main\n";
  std::string lowered;
  std::string given;
  std::string calls;
  for (std::uint64_t i = 0; i < times; ++i) {
    out += fmt::format("(instance $i{} (instantiate $inner))\n", i);
    for (const char* f : {"first", "second"}) {
      lowered += fmt::format("(core func $l{}{} (canon lower (func $i{} \"{}\")))\n", f, i, i, f);
      given += fmt::format("(export \"{}{}\" (func $l{}{}))", f, i, f, i);
      main += fmt::format("(import \"\" \"{}{}\" (func ${}{}))\n", f, i, f, i);
      if (chance(2)) calls += fmt::format("(call ${}{})", f, i);
    }
  }
  for (const char* i : {"a1", "a2", "b1", "b2"}) {
    given += fmt::format("(export \"{}\" (func ${} \"init\"))", i, i);
    main += fmt::format("(import \"\" \"{}\" (func ${}))\n", i, i);
    if (chance(2)) calls += fmt::format("(call ${})", i);
  }
  out += lowered + main + "(func (export \"init\") " + calls + ") (func (export \"nothing\")))\n";
  out += "(core instance $main (instantiate $main (with \"\" (instance " + given + "))))\n";
  if (chance(2)) {
    out += "(func $started (canon lift (core func $a2 \"init\")))\n(start $started)\n";
  }
  out += "(func (export \"init\") (canon lift (core func $main \"init\")))\n";
  out += "(func (export \"nothing\") (canon lift (core func $main \"nothing\"))))\n";
  return out;
}

}  // namespace tenon::preinit

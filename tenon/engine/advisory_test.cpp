// SPDX-License-Identifier: Apache-2.0
// Faults that a peer published, as far as core code here can have their like; each by its number.
// docs/security.md has the table.
#include <pthread.h>

#include <string>
#include <vector>

#include "tenon/engine/gc.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/test_modules.h"

namespace tenon::engine {
namespace {

// Fuel spent by callees of `call_ref`, and by those that leave by an exception, was forgotten.
TEST(Advisory, GHSA_m63x_FuelOfCalleesIsKept) {
  Config config;
  config.fuel = true;
  Engine engine(config);
  Store store(engine);
  auto& i = make(store, R"((module (type $f (func (param i32))) (tag $e)
    (elem declare func $work $work_and_throw) (table funcref (elem $work))
    (func $work (type $f)
      (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func $work_and_throw (type $f) (call $work (local.get 0)) (throw $e))
    (func (export "call") (param i32) (call $work (local.get 0)))
    (func (export "call_ref") (param i32) (call_ref $f (local.get 0) (ref.func $work)))
    (func (export "return_call_ref") (param i32)
      (return_call_ref $f (local.get 0) (ref.func $work)))
    (func (export "call_indirect") (param i32)
      (call_indirect (type $f) (local.get 0) (i32.const 0)))
    (func (export "throw") (param i32)
      (block $out (try_table (catch_all $out) (call $work_and_throw (local.get 0)))))
    (func (export "throw_ref") (param i32)
      (block $out (try_table (catch_all $out)
        (call_ref $f (local.get 0) (ref.func $work_and_throw)))))))");
  for (const char* name :
       {"call", "call_ref", "return_call_ref", "call_indirect", "throw", "throw_ref"}) {
    const auto f = get<void(int)>(i, name);
    constexpr std::uint64_t much = 1'000'000;
    store.set_fuel(much);
    ASSERT_TRUE(f(1000)) << name;
    const std::uint64_t spent = much - store.fuel();
    // Four operators a round at least.
    EXPECT_GE(spent, 4000U) << name;
    EXPECT_LE(spent, 7000U) << name;
    // And a callee can use up what there is.
    store.set_fuel(2000);
    const auto done = f(1000);
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().code(), TrapCode::out_of_fuel) << name;
  }
}

// The types of imported tags were not compared, and payloads were read as other types.
TEST(Advisory, GHSA_cfhf_AnImportedTagHasItsType) {
  Engine engine;
  Store store(engine);
  auto& exporter = make(store, R"((module (tag (export "i") (param i64))
    (tag (export "r") (param externref)) (tag (export "n"))))");
  for (const char* want : {"(param i64)", "(param externref)", "", "(param i64 i64)",
                           "(param anyref)", "(param i32)"}) {
    const auto importer =
        compile(engine, std::string("(module (import \"m\" \"t\" (tag ") + want + ")))");
    for (const char* name : {"i", "r", "n"}) {
      const bool same =
          (std::string_view(name) == "i" && std::string_view(want) == "(param i64)") ||
          (std::string_view(name) == "r" && std::string_view(want) == "(param externref)") ||
          (std::string_view(name) == "n" && *want == '\0');
      const std::vector<Extern> imports = {*exporter.find(name)};
      const auto made = Instance::create(store, importer, imports);
      EXPECT_EQ(made.has_value(), same) << want << ", " << name;
      if (!made) EXPECT_EQ(std::get<Error>(made.error()).rule(), rules::import_type);
    }
  }
}

// References that live across a call inside of a `try` were not found by the collector.
TEST(Advisory, GHSA_hw8m_ReferencesAcrossATryAreRoots) {
  Engine engine;
  StoreLimits limits;
  limits.gc_heap_bytes = 4U << 20U;
  Store store(engine, limits);
  const Func collect = store.host_func([&] { store.collect_garbage(); });
  auto& i = make(store, R"((module (import "h" "collect" (func $collect))
    (type $s (struct (field i32))) (tag $e (param (ref $s)))
    (func $make (param i32) (result (ref $s)) (struct.new $s (local.get 0)))
    (func $churn (local $n i32) (call $collect)
      (local.set $n (i32.const 200000))
      (loop $l (drop (struct.new $s (i32.const -1)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $collect))
    (func $churn_and_throw (param $r (ref $s)) (call $churn) (throw $e (local.get $r)))
    (func (export "f") (result i32) (local $kept (ref null $s)) (local $got (ref null $s))
      ;; One in a local, one on the stack, one in the exception, one in a local behind it.
      (local.set $kept (call $make (i32.const 1)))
      (call $make (i32.const 10))
      (block $caught (result (ref $s))
        (try_table (catch $e $caught) (call $churn_and_throw (call $make (i32.const 100))))
        (unreachable))
      local.set $got
      call $churn
      struct.get $s 0
      (struct.get $s 0 (local.get $got)) i32.add
      (struct.get $s 0 (local.get $kept)) i32.add)))",
                 {collect});
  EXPECT_EQ(get<int()>(i, "f")().value(), 111);
}

struct LongChain {
  Engine engine;
  std::shared_ptr<const Module> module;
};

// Dropping a long chain of recursive types overflowed the native stack.
TEST(Advisory, GHSA_wjc8_ALongChainOfTypesIsFreedInALoop) {
  constexpr int count = 50'000;
  std::string wat = "(module (type (struct (field i32)))";
  for (int i = 1; i < count; ++i)
    wat += " (type (struct (field (ref null " + std::to_string(i - 1) + "))))";
  LongChain chain;
  chain.module = compile(chain.engine, wat + ")");
  EXPECT_EQ(chain.engine.types().size(), static_cast<std::uint32_t>(count));
  pthread_attr_t attr;
  pthread_attr_init(&attr);
#ifdef TENON_SANITIZED
  ASSERT_EQ(pthread_attr_setstacksize(&attr, 1U << 20U), 0);
#else
  ASSERT_EQ(pthread_attr_setstacksize(&attr, 64U << 10U), 0);
#endif
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attr,
                [](void* arg) -> void* {
                  static_cast<LongChain*>(arg)->module.reset();
                  return nullptr;
                },
                &chain),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attr);
  EXPECT_EQ(chain.engine.types().size(), 0U);
}

// Exception tags with vectors or odd sizes made data of the host unaligned.
TEST(Advisory, GHSA_p79w_PayloadsOfEveryShapeComeBack) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module
    (tag $a (param i32)) (tag $b (param i32 v128 f32 i64)) (tag $c (param v128 v128 i32 externref f64))
    (func (export "a") (param i32) (result i32)
      (block $h (result i32) (try_table (catch $a $h) (throw $a (local.get 0))) (i32.const 0)))
    (func (export "b") (param i64) (result i64) (local v128 f32 i64)
      (block $h (result i32 v128 f32 i64)
        (try_table (catch $b $h)
          (throw $b (i32.const 1) (i64x2.splat (local.get 0)) (f32.const 2) (local.get 0)))
        (unreachable))
      (local.set 3) (local.set 2) (local.set 1) (drop)
      (i64.add (local.get 3) (i64x2.extract_lane 1 (local.get 1))))
    (func (export "c") (param i64) (result i64) (local $x exnref) (local $r i64)
      (block $h (result v128 v128 i32 externref f64 exnref)
        (try_table (catch_ref $c $h)
          (throw $c (i64x2.splat (i64.const 7)) (i64x2.splat (local.get 0)) (i32.const 3)
            (ref.null extern) (f64.const 4)))
        (unreachable))
      local.set $x drop drop drop i64x2.extract_lane 1 local.set $r drop
      (block $again (result v128 v128 i32 externref f64)
        (try_table (catch $c $again) (throw_ref (local.get $x)))
        (unreachable))
      drop drop drop i64x2.extract_lane 0 (local.get $r) i64.add local.set $r
      i64x2.extract_lane 0 (local.get $r) i64.add)))");
  EXPECT_EQ(get<int(int)>(i, "a")(5).value(), 5);
  EXPECT_EQ(get<std::int64_t(std::int64_t)>(i, "b")(20).value(), 40);
  EXPECT_EQ(get<std::int64_t(std::int64_t)>(i, "c")(20).value(), 47);
}

// Code that jumped through a large `br_table` reached another target.
TEST(Advisory, GHSA_mghf_ALargeBrTableReachesEachTarget) {
  constexpr int labels = 5000;
  std::string wat = R"((module (func (export "f") (param i32) (result i32))";
  for (int i = 0; i < labels; ++i) wat += "(block ";
  wat += "(br_table";
  for (int i = 0; i < labels; ++i) wat += " " + std::to_string(i);
  wat += " (local.get 0))";
  for (int i = 0; i < labels; ++i) wat += ") (return (i32.const " + std::to_string(i * 3) + "))";
  Engine engine;
  Store store(engine);
  const auto f = get<int(int)>(make(store, wat + "))"), "f");
  for (int i = 0; i < labels; i += 7) ASSERT_EQ(f(i).value(), i * 3);
  EXPECT_EQ(f(-1).value(), (labels - 1) * 3);
}

// Types that a host made for one engine were taken for those of another.
TEST(Advisory, GHSA_qw58_NothingCrossesEnginesOrStores) {
  constexpr std::string_view exports = R"((module
    (rec (type $s (sub (struct))) (type $t (sub $s (struct (field i32)))))
    (type $f (func (param (ref null $t)) (result (ref null $s))))
    (func (export "f") (type $f) (local.get 0)) (tag (export "t") (param (ref null $t)))
    (global (export "g") (ref null $t) (ref.null $t)) (table (export "a") 1 (ref null $t))
    (memory (export "m") 1)))";
  constexpr std::string_view imports = R"((module
    (rec (type $s (sub (struct))) (type $t (sub $s (struct (field i32)))))
    (type $f (func (param (ref null $t)) (result (ref null $s))))
    (import "m" "{}" )))";
  const std::pair<const char*, const char*> items[] = {{"f", "(func (type $f))"},
                                                       {"t", "(tag (param (ref null $t)))"},
                                                       {"g", "(global (ref null $t))"},
                                                       {"a", "(table 1 (ref null $t))"},
                                                       {"m", "(memory 1)"}};
  Engine engine;
  Engine other_engine;
  Store store(engine);
  Store other_store(engine);
  Store far_store(other_engine);
  // Other types come first there, so that ids differ.
  make(far_store, "(module (type (struct (field f64))) (type (struct (field f32))))");
  auto& own = make(store, exports);
  auto& other = make(other_store, exports);
  auto& far = make(far_store, exports);
  for (const auto& [name, type] : items) {
    std::string wat(imports);
    wat.replace(wat.find("{}\" "), 4, std::string(name) + "\" " + type);
    const auto module = compile(engine, wat);
    EXPECT_TRUE(Instance::create(store, module, std::vector<Extern>{*own.find(name)})) << name;
    for (Instance* from : {&other, &far}) {
      const auto made = Instance::create(store, module, std::vector<Extern>{*from->find(name)});
      ASSERT_FALSE(made) << name;
      EXPECT_EQ(std::get<Error>(made.error()).rule(),
                from == &other ? rules::import_store : rules::other_engine)
          << name;
    }
  }
}

// A host that called a function of i31 or bottom references ended the process.
TEST(Advisory, GHSA_3982_CallsWithEveryKindOfReference) {
  Engine engine;
  Store store(engine);
  auto& i = make(store, R"((module (type $s (sub (struct (field i32)))) (type $a (array i8))
    (type $t (sub $s (struct (field i32 i64))))
    (func (export "i31") (param (ref i31)) (result i32) (i31.get_u (local.get 0)))
    (func (export "i31null") (param (ref null i31)) (result i32) (ref.is_null (local.get 0)))
    (func (export "none") (param (ref null none)) (result i32) (ref.is_null (local.get 0)))
    (func (export "nofunc") (param (ref null nofunc)) (result i32) (ref.is_null (local.get 0)))
    (func (export "noextern") (param (ref null noextern)) (result i32) (ref.is_null (local.get 0)))
    (func (export "noexn") (param (ref null noexn)) (result i32) (ref.is_null (local.get 0)))
    (func (export "s") (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))
    (func (export "t") (param (ref $t)) (result i32) (struct.get $t 0 (local.get 0)))
    (func (export "eq") (param eqref) (result i32) (ref.is_null (local.get 0)))
    (func (export "array") (param (ref array)) (result i32) (array.len (local.get 0)))
    (func (export "extern") (param (ref extern)) (result i32) (ref.is_null (local.get 0)))
    (func (export "new s") (result (ref $s)) (struct.new $s (i32.const 6)))
    (func (export "new t") (result (ref $t)) (struct.new $t (i32.const 7) (i64.const 8)))
    (func (export "new a") (result (ref $a)) (array.new_default $a (i32.const 9)))))");
  std::array<ValueSlot, 3> made{};
  for (std::size_t k = 0; k < 3; ++k) {
    constexpr std::array names = {"new s", "new t", "new a"};
    ASSERT_TRUE(i.func(names[k])->call(std::span(&made[k], 1)));
    store.root(&made[k]);
  }
  const ValueSlot seven = AnyRef::i31(7).bits;
  const ValueSlot word = AnyRef::host(7).bits;
  const auto [s, t, a] = made;
  // An address in the middle of an object, one beside the heap, and one of the host's stack.
  const ValueSlot wild[] = {s + 8, std::bit_cast<ValueSlot>(&made) & ~ValueSlot{7}, ValueSlot{8}};
  struct Case {
    const char* name;
    std::vector<ValueSlot> good;
    std::vector<ValueSlot> bad;
  };
  const Case cases[] = {
      {"i31", {seven}, {0, word, s, a}},       {"i31null", {0, seven}, {word, s}},
      {"none", {0}, {seven, word, s}},         {"nofunc", {0}, {}},
      {"noextern", {0}, {seven, word, s}},     {"noexn", {0}, {seven, word, s}},
      {"s", {s, t}, {0, seven, word, a}},      {"t", {t}, {0, seven, word, a, s}},
      {"eq", {0, seven, s, t, a}, {word}},     {"array", {a}, {0, seven, word, s}},
      {"extern", {seven, word, s, t, a}, {0}},
  };
  for (const Case& c : cases) {
    const auto call = [&](ValueSlot value) {
      std::array<ValueSlot, 1> slots = {value};
      return i.func(c.name)->call(slots);
    };
    for (const ValueSlot v : c.good) EXPECT_TRUE(call(v)) << c.name << " " << v;
    std::vector<ValueSlot> bad = c.bad;
    if (std::string_view(c.name) != "nofunc")
      bad.insert(bad.end(), std::begin(wild), std::end(wild));
    for (const ValueSlot v : bad) {
      const auto done = call(v);
      ASSERT_FALSE(done) << c.name << " " << v;
      EXPECT_EQ(done.error().code(), TrapCode::host) << c.name;
    }
  }
  for (ValueSlot& m : made) store.unroot(&m);
}

}  // namespace
}  // namespace tenon::engine

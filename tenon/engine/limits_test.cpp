// SPDX-License-Identifier: Apache-2.0
// What untrusted modules may take of an engine and a store, and where each limit ends them.
#include <string>
#include <thread>
#include <vector>

#include "tenon/engine/gc.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/test_modules.h"

namespace tenon::engine {
namespace {

constexpr std::string_view returns_one =
    R"((module (func (export "f") (result i32) (i32.const 1))))";

// ---- What instances take of the host is charged. ----

/// A module of so many globals; each takes 24 bytes of the instance.
std::string module_of_globals(int n) {
  std::string wat = "(module";
  for (int i = 0; i < n; ++i) wat += " (global i64 (i64.const 1))";
  return wat + ")";
}

TEST(HostBytes, InstancesOfManyGlobalsEndAtTheLimit) {
  Engine engine;
  StoreLimits limits;
  limits.limit_memory(1'000'000);
  EXPECT_EQ(limits.host_bytes, std::uint64_t{64} << 20U);
  limits.host_bytes = 10'000'000;
  Store store(engine, limits);
  const auto module = compile(engine, module_of_globals(50'000));
  int made = 0;
  for (; made < 100; ++made) {
    const auto instance = Instance::create(store, module, {});
    if (instance) continue;
    EXPECT_EQ(std::get<Error>(instance.error()).rule(), rules::engine_limit);
    break;
  }
  EXPECT_EQ(made, 8);
  EXPECT_LE(store.host_bytes(), limits.host_bytes);
  // What was refused left nothing behind.
  const std::uint64_t before = store.host_bytes();
  EXPECT_FALSE(Instance::create(store, module, {}));
  EXPECT_EQ(store.host_bytes(), before);
}

TEST(HostBytes, EveryPartOfAnInstanceCounts) {
  struct Case {
    const char* wat;
    std::uint64_t least;
  };
  const Case cases[] = {
      {"(module (table 1000 funcref))", 16'000},
      {"(module (table 1000 externref))", 16'000},
      {"(module (table 1 funcref) (elem func $f $f $f) (func $f))", sizeof(FuncRef)},
      {"(module (elem externref (ref.null extern) (ref.null extern)))", 16},
      {"(module (tag) (tag))", 2 * sizeof(Tag)},
      {"(module (memory 1) (data \"a\") (data \"b\"))", 2}};
  Engine engine;
  Store empty_store(engine);
  make(empty_store, "(module)");
  const std::uint64_t empty = empty_store.host_bytes();
  EXPECT_GE(empty, sizeof(Instance) + sizeof(VMContext));
  for (const Case& c : cases) {
    Store store(engine);
    make(store, c.wat);
    EXPECT_GE(store.host_bytes(), empty + c.least) << c.wat;
  }
}

TEST(HostBytes, AGrowingTableIsChargedForTheRoomItTakes) {
  Engine engine;
  StoreLimits limits;
  limits.host_bytes = 100'000;
  Store store(engine, limits);
  auto& i = make(store, R"((module (table $t 0 externref)
    (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0)))))");
  const auto grow = get<int(int)>(i, "grow");
  int size = 0;
  while (grow(10).value() >= 0) size += 10;
  // To the last element that there is room for, although steps double.
  EXPECT_GT(size, 6'000);
  EXPECT_LE(size, 100'000 / 16);
  EXPECT_LE(store.host_bytes(), limits.host_bytes);
}

TEST(HostBytes, AnInstantiationLooksForInterruptions) {
  Engine engine;
  std::string elems = "(module (elem externref";
  for (int i = 0; i < 1000; ++i) elems += " (ref.null extern)";
  std::string tables = "(module (table $t 1 externref)";
  std::string datas = "(module (import \"m\" \"g\" (global i32)) (memory 1)";
  for (int i = 0; i < 1000; ++i) {
    tables += " (elem (table $t) (i32.const 0) externref (ref.null extern))";
    datas += " (data (global.get 0) \"a\")";
  }
  for (const bool called : {false, true}) {
    for (const std::string& wat :
         {module_of_globals(1000), elems + "))", tables + ")", datas + ")"}) {
      Store store(engine);
      if (called) ASSERT_TRUE(get<int()>(make(store, returns_one), "f")());
      const ValueSlot zero = 0;
      const Global g = store.new_global({core::TypeCode::i32, false}, &zero);
      std::vector<Extern> imports;
      const auto module = compile(engine, wat);
      if (!module->core().imports.empty()) imports.emplace_back(g);
      // The host answers some of the questions, so that each step is reached.
      int asked = 0;
      store.on_interrupt([&](Store* s) {
        s->interrupt_handle().interrupt();
        return ++asked < 500 ? InterruptAction::go_on : InterruptAction::trap;
      });
      store.interrupt_handle().interrupt();
      const auto made = Instance::create(store, module, imports);
      ASSERT_FALSE(made) << wat.substr(0, 60);
      EXPECT_EQ(std::get<Trap>(made.error()).code(), TrapCode::interrupted);
      EXPECT_EQ(asked, 500);
    }
  }
}

// ---- References that a host keeps. ----

constexpr std::string_view gives_references = R"((module
  (type $s (struct (field i64))) (type $t (struct (field (ref null $s))))
  (global $kept (mut (ref null $t)) (ref.null $t))
  (func (export "make") (param i64) (result externref)
    (extern.convert_any (struct.new $s (local.get 0))))
  (func (export "read") (param externref) (result i64)
    (struct.get $s 0 (ref.cast (ref $s) (any.convert_extern (local.get 0)))))
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "churn") (param i32)
    (loop $l
      (drop (struct.new $s (i64.const -1)))
      (global.set $kept (struct.new $t (ref.null $s)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))))";

TEST(ExternRef, OneThatTheHostRootedLives) {
  Engine engine;
  StoreLimits limits;
  limits.gc_heap_bytes = 4U << 20U;
  Store store(engine, limits);
  auto& i = make(store, gives_references);
  ExternRef ref = get<ExternRef(std::int64_t)>(i, "make")(42).value();
  store.root(&ref.bits);
  ASSERT_TRUE(get<void(int)>(i, "churn")(500'000));
  EXPECT_EQ(get<std::int64_t(ExternRef)>(i, "read")(ref).value(), 42);
  store.unroot(&ref.bits);
}

TEST(ExternRef, OneThatTheHostKeptWithoutARootIsRefused) {
  Engine engine;
  Store store(engine);
  // A host function that gives back what it was given before.
  ExternRef given;
  const Func again = store.host_func([&] { return given; });
  const Func pair = store.host_func([&] { return std::tuple(1, given); });
  auto& i = make(store, gives_references);
  auto& calls = make(store, R"((module (import "h" "again" (func $again (result externref)))
    (import "h" "pair" (func $pair (result i32 externref)))
    (func (export "again") (result i32) (ref.is_null (call $again)))
    (func (export "pair") (result i32) (ref.is_null (call $pair)) drop)))",
                     {again, pair});
  const auto read = get<std::int64_t(ExternRef)>(i, "read");
  const auto same = get<ExternRef(ExternRef)>(i, "same");
  given = get<ExternRef(std::int64_t)>(i, "make")(42).value();
  EXPECT_EQ(read(given).value(), 42);
  EXPECT_EQ(same(given).value(), given);
  EXPECT_TRUE(get<int()>(calls, "again")());
  store.collect_garbage();
  const auto refused = [](const auto& outcome) {
    return !outcome &&
           outcome.error().message().find("an object that was collected") != std::string_view::npos;
  };
  EXPECT_TRUE(refused(read(given)));
  EXPECT_TRUE(refused(same(given)));
  EXPECT_TRUE(refused(get<int()>(calls, "again")()));
  EXPECT_TRUE(refused(get<int()>(calls, "pair")()));
  // In its place there may be another object by now: of whatever type, never one that is not.
  ASSERT_TRUE(get<void(int)>(i, "churn")(10));
  const auto reused = read(given);
  EXPECT_TRUE(reused ? *reused == -1 : true);
  // Nulls, integers and words of the host's are not objects.
  EXPECT_EQ(same({}).value(), ExternRef{});
  EXPECT_EQ(same({AnyRef::host(9).bits}).value().bits, AnyRef::host(9).bits);
  EXPECT_EQ(same({AnyRef::i31(9).bits}).value().bits, AnyRef::i31(9).bits);
  EXPECT_FALSE(same({std::bit_cast<ValueSlot>(&store) & ~ValueSlot{7}}));
}

// ---- Types: their ids have 24 bits, and are used again. ----

/// A module of so many function types that no other round has.
std::string module_of_types(int count, int round) {
  std::string wat = "(module";
  for (int i = 0; i < count; ++i) {
    wat += " (type (func";
    for (int n = i; n != 0; n /= 2) wat += n % 2 == 0 ? " (param i32)" : " (param i64)";
    wat += " (param v128)";
    for (int n = round; n != 0; n /= 2) wat += n % 2 == 0 ? " (param f32)" : " (param f64)";
    wat += "))";
  }
  return wat + ")";
}

/// What `compile` does, for modules that are to be refused.
Result<std::shared_ptr<const Module>> try_compile(Engine& engine, std::string_view wat) {
  auto module = TENON_TRY(text::parse_module(wat));
  auto valid = TENON_TRY(core::validate(std::move(module), core::Features::all()));
  return Module::create(engine, std::move(valid));
}

TEST(TypeIds, AreRefusedAtTheLimitAndFreedWithTheirModules) {
  Config config;
  config.max_types = 100;
  Engine engine(config);
  const auto too_many = try_compile(engine, module_of_types(101, 1));
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().rule(), rules::type_limit);
  // What was refused took nothing with it.
  EXPECT_EQ(engine.types().size(), 0U);
  auto first = try_compile(engine, module_of_types(60, 1));
  ASSERT_TRUE(first);
  EXPECT_FALSE(try_compile(engine, module_of_types(60, 2)));
  EXPECT_EQ(engine.types().size(), 60U);
  // Equal types are one.
  auto again = try_compile(engine, module_of_types(60, 1));
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->types(), (*first)->types());
  first->reset();
  EXPECT_FALSE(try_compile(engine, module_of_types(60, 2)));
  again->reset();
  EXPECT_EQ(engine.types().size(), 0U);
  for (int round = 2; round < 50; ++round)
    EXPECT_TRUE(try_compile(engine, module_of_types(100, round))) << round;
  EXPECT_EQ(engine.types().size(), 0U);
}

TEST(TypeIds, OfTheHostHaveRoomOfTheirOwn) {
  Config config;
  config.max_types = 1;
  Engine engine(config);
  Store store(engine);
  const auto module = compile(engine, "(module (type (func)))");
  const auto more = engine.types().func_type(std::array{core::ValType(core::TypeCode::i32)}, {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().rule(), rules::type_limit);
  EXPECT_EQ(store.host_func([](int x, float) { return x; }).type().params.size(), 2U);
}

TEST(TypeIds, OfLiveStoresAreNeverFreed) {
  Engine engine;
  const auto churn = [&] {
    // Ids that are free are taken, and types that are freed are written over.
    for (int round = 100; round < 110; ++round) compile(engine, module_of_types(50, round));
  };
  {
    Store store(engine);
    auto& exporter = make(store, R"((module
      (type $s (sub (struct (field i32)))) (type $t (sub $s (struct (field i32 i64))))
      (type $f (func (param (ref null $s)) (result i32)))
      (tag (export "tag") (param (ref $t)))
      (table (export "table") 1 (ref null $s)) (global (export "global") (ref null $s) (ref.null $s))
      (func (export "f") (type $f) (struct.get $s 0 (local.get 0)))))");
    constexpr std::string_view importer = R"((module
      (type $s (sub (struct (field i32)))) (type $t (sub $s (struct (field i32 i64))))
      (type $f (func (param (ref null $s)) (result i32)))
      (import "m" "tag" (tag (param (ref $t)))) (import "m" "table" (table 1 (ref null $s)))
      (import "m" "global" (global (ref null $s))) (import "m" "f" (func $f (type $f)))
      (table funcref (elem $f)) (global $g (export "g") (mut anyref) (ref.null any))
      (func (export "go") (result i32)
        (global.set $g (struct.new $t (i32.const 42) (i64.const 1)))
        (call_indirect 1 (type $f) (ref.cast (ref $s) (global.get $g)) (i32.const 0)))
      (func (export "again") (result i32) (struct.get $t 0 (ref.cast (ref $t) (global.get $g))))))";
    churn();
    auto& i = make(store, importer,
                   {*exporter.find("tag"), *exporter.find("table"), *exporter.find("global"),
                    *exporter.find("f")});
    EXPECT_EQ(get<int()>(i, "go")().value(), 42);
    churn();
    EXPECT_EQ(get<int()>(i, "again")().value(), 42);
    // And of what the host made from types that nobody else has.
    Func host;
    Tag* tag = nullptr;
    Table* table = nullptr;
    {
      const auto module = compile(engine, "(module (type $s (struct (field f32 f32 f32))))");
      const core::ValType ref = core::ValType::ref(core::TypeIdx(module->types()[0]->id), true);
      const auto type = *engine.types().func_type(std::array{ref}, {});
      host = store.host_func(
          type, [](void*, VMContext*, ValueSlot*) noexcept { return HostStatus::ok; }, nullptr);
      tag = store.new_tag(type);
      core::TableType of_refs;
      of_refs.elem = ref;
      of_refs.limits.min = 1;
      table = store.new_table(of_refs);
    }
    churn();
    ASSERT_NE(table, nullptr);
    const core::HeapType heap = table->type().elem.heap();
    EXPECT_EQ(engine.types().at(heap.index().value)->fields.size(), 3U);
    EXPECT_EQ(host.type().params.size(), 1U);
    EXPECT_EQ(tag->type(), &host.type());
    EXPECT_NE(engine.types().size(), 0U);
  }
  EXPECT_EQ(engine.types().size(), 0U);
}

TEST(TypeIds, AreFreedWhileOthersInternTheSame) {
  Config config;
  config.max_types = 300;
  Engine engine(config);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&engine] {
      for (int round = 0; round < 30; ++round) {
        const auto module = compile(engine, module_of_types(40, 1 + round % 2));
        for (const RuntimeType* type : module->types())
          ASSERT_EQ(engine.types().at(type->id), type);
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(engine.types().size(), 0U);
}

}  // namespace
}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
// What untrusted modules may take of an engine and a store, and where each limit ends them.
#include <string>
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

}  // namespace
}  // namespace tenon::engine

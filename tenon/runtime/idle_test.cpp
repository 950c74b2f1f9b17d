// SPDX-License-Identifier: Apache-2.0
// What an instance costs while nobody calls it: memory of the host's, address space, mappings.
#include <malloc.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "tenon/base/sanitizers.h"
#include "tenon/engine/memory.h"
#include "tenon/engine/stack_pool.h"
#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

constexpr std::string_view small = R"((component
  (core module $M
    (memory (export "mem") 1)
    (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1))))
  (core instance $m (instantiate $M))
  (func (export "add") (param "a" f64) (param "b" f64) (result f64)
    (canon lift (core func $m "add")))))";

class Idle : public Embed {
 protected:
  void SetUp() override {
#if defined(TENON_SANITIZED)
    GTEST_SKIP() << "the allocator is the sanitizer's";
#endif
  }
  static std::size_t allocated() { return mallinfo2().uordblks; }
  static std::size_t mappings() {
    std::ifstream in("/proc/self/maps");
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    return lines;
  }
  static double add(const Instance& i) {
    const auto f = i.get_typed_func<double(double, double)>(i.store(), "add");
    return *(*f)(1, 2);
  }
};

TEST_F(Idle, AnInstanceInAStoreOfItsOwnTakesLessThanFiveKilobytesOfTheHost) {
  const auto pre = *linker.instantiate_pre(compile(engine, small));
  std::vector<std::unique_ptr<Store>> stores;
  stores.reserve(101);
  const auto one = [&] {
    stores.push_back(std::make_unique<Store>(engine));
    EXPECT_TRUE(pre.instantiate(*stores.back()));
  };
  one();
  const auto before = allocated();
  for (int i = 0; i < 100; ++i) one();
  EXPECT_LT((allocated() - before) / 100, 4'500U);
}

TEST_F(Idle, AnInstanceInAStoreOfManyTakesLessThanOneAndAHalfKilobytesOfTheHost) {
  const auto pre = *linker.instantiate_pre(compile(engine, small));
  EXPECT_TRUE(pre.instantiate(store));
  const auto before = allocated();
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(pre.instantiate(store));
  EXPECT_LT((allocated() - before) / 1'000, 1'500U);
}

TEST_F(Idle, AnInstanceThatWaitsStillNamesItsMemories) {
  const auto pre = *linker.instantiate_pre(compile(engine, R"((component
    (core module $M (memory (export "mem") 1 9) (data (i32.const 100) "hello"))
    (core instance $m (instantiate $M))
    (alias core export $m "mem" (core memory $mem))))"));
  // What one store wrote must not show in the next that gets the same place.
  for (int n = 0; n < 20; ++n) {
    Store own(engine);
    const auto instance = *pre.instantiate(own);
    ASSERT_EQ(instance.state().core_mems.size(), 1U);
    auto* memory = instance.state().core_mems[0];
    ASSERT_EQ(memory->size(), 65'536U);
    std::string expected(memory->size(), '\0');
    expected.replace(100, 5, "hello");
    EXPECT_EQ(std::memcmp(memory->base(), expected.data(), expected.size()), 0);
    std::memset(memory->base() + std::size_t{1000} * static_cast<std::size_t>(n), 0xAA, 3000);
  }
}

TEST_F(Idle, AMemoryTakesTwoMappingsAndTheGuardIsSmall) {
  // Data beyond what is copied: the memory begins with a file.
  const auto pre = *linker.instantiate_pre(compile(engine, R"((component
    (core module $M (memory (export "mem") 4) (data (i32.const 65536) "x"))
    (core instance $m (instantiate $M))))"));
  EXPECT_TRUE(pre.instantiate(store));
  const auto before = mappings();
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(pre.instantiate(store));
  EXPECT_LE(mappings() - before, 2U * 200 + 10);
  EXPECT_LE(engine::Memory::guard_bytes, 64ULL << 20U);
}

TEST_F(Idle, ThirtyThousandMemoriesFitInAProcess) {
  StoreLimits limits;
  limits.core.memories = limits.core.instances = limits.component_instances = 40'000;
  Store many(engine, limits);
  const auto pre = *linker.instantiate_pre(compile(engine, small));
  for (int i = 0; i < 30'000; ++i) {
    const auto made = pre.instantiate(many);
    ASSERT_TRUE(made) << i;
  }
}

TEST_F(Idle, StoresThatWaitShareTheValueStacksOfThePool) {
  Config config;
  config.pool_size = 4;
  Engine few(config);
  const Linker there(few);
  const auto pre = *there.instantiate_pre(compile(few, small));
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<Instance> instances;
  for (int i = 0; i < 20; ++i) {
    stores.push_back(std::make_unique<Store>(few));
    instances.push_back(*pre.instantiate(*stores.back()));
    EXPECT_EQ(add(instances.back()), 3);
  }
  std::size_t with_stack = 0;
  for (const auto& s : stores) with_stack += s->core().context().stack_top != nullptr ? 1 : 0;
  EXPECT_LE(with_stack, 4U);
  // Those without one get one for each call, and stop as they should.
  for (const auto& i : instances) EXPECT_EQ(add(i), 3);
  stores.back()->interrupt_handle().interrupt();
  const auto f = *instances.back().get_typed_func<double(double, double)>(*stores.back(), "add");
  const auto stopped = f(1, 2);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), engine::TrapCode::interrupted);
}

TEST_F(Idle, WhatManyInstancesTookComesBackWhenTheyGo) {
  const auto resident = [] {
    std::ifstream in("/proc/self/statm");
    std::size_t size = 0;
    std::size_t pages = 0;
    in >> size >> pages;
    return pages * 4096;
  };
  const auto pre = *linker.instantiate_pre(compile(engine, small));
  std::unique_ptr<int> last;
  const auto before = resident();
  {
    std::vector<std::unique_ptr<Store>> stores;
    for (int i = 0; i < 5'000; ++i) {
      stores.push_back(std::make_unique<Store>(engine));
      ASSERT_TRUE(pre.instantiate(*stores.back()));
    }
    // Something that stays lies behind all of them.
    last = std::make_unique<int>(1);
  }
  EXPECT_LT(resident(), before + (6U << 20U));
}

}  // namespace
}  // namespace tenon

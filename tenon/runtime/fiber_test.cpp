// SPDX-License-Identifier: Apache-2.0
// Components on fibers of one store: what one task keeps, no other sees.
#include "tenon/engine/fiber.h"

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>

#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

/// Keeps its argument in the task, lets the host wait, and gives back what the task has.
constexpr std::string_view waits = R"((component
  (import "wait" (func $wait))
  (core func $wait (canon lower (func $wait)))
  (core func $get (canon context.get i32 0))
  (core func $set (canon context.set i32 0))
  (core module $M
    (import "" "wait" (func $wait))
    (import "" "get" (func $get (result i32)))
    (import "" "set" (func $set (param i32)))
    (func (export "f") (param i32) (result i32)
      (call $set (local.get 0)) (call $wait) (call $get)))
  (core instance $m (instantiate $M (with "" (instance (export "wait" (func $wait))
    (export "get" (func $get)) (export "set" (func $set))))))
  (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))))";

class OnFibers : public Embed {};

TEST_F(OnFibers, TwoInstancesOnTwoFibersKeepTheirTasksApart) {
  Store store(engine);
  ASSERT_TRUE(linker.root().func_wrap("wait", [&] {
    EXPECT_TRUE(store.busy());
    EXPECT_TRUE(engine::Fiber::current(store.core())->suspend());
  }));
  const auto a = instantiate(store, waits);
  const auto b = instantiate(store, waits);
  const auto f = *a.get_typed_func<std::uint32_t(std::uint32_t)>(store, "f");
  const auto g = *b.get_typed_func<std::uint32_t(std::uint32_t)>(store, "f");
  std::uint32_t from_a = 0;
  std::uint32_t from_b = 0;
  auto on_a = engine::Fiber::create(store.core(), [&] { from_a = f(11).value(); });
  auto on_b = engine::Fiber::create(store.core(), [&] { from_b = g(22).value(); });
  EXPECT_FALSE(on_a->resume());
  EXPECT_FALSE(store.busy());
  EXPECT_EQ(store.current_task(), nullptr);
  EXPECT_FALSE(on_b->resume());
  EXPECT_FALSE(store.busy());
  // In the order they began, not the reverse: a stack of tasks would mix them up.
  EXPECT_TRUE(on_a->resume());
  EXPECT_TRUE(on_b->resume());
  EXPECT_EQ(from_a, 11U);
  EXPECT_EQ(from_b, 22U);
  EXPECT_FALSE(store.busy());
}

TEST_F(OnFibers, ExceptionsThatAreHandledStayTheirOwn) {
  Store store(engine);
  std::string seen;
  const auto handles = [&](std::string name) {
    return engine::Fiber::create(store.core(), [&seen, &store, name = std::move(name)] {
      try {
        throw std::runtime_error(name);
      } catch (...) {
        EXPECT_TRUE(engine::Fiber::current(store.core())->suspend());
        try {
          throw;
        } catch (const std::runtime_error& e) {
          seen += e.what();
        }
      }
    });
  };
  const auto a = handles("a");
  const auto b = handles("b");
  try {
    throw std::runtime_error("c");
  } catch (...) {
    EXPECT_FALSE(a->resume());
    EXPECT_FALSE(b->resume());
    EXPECT_TRUE(a->resume());
    EXPECT_TRUE(b->resume());
    try {
      throw;
    } catch (const std::runtime_error& e) {
      seen += e.what();
    }
  }
  EXPECT_EQ(seen, "abc");
  EXPECT_EQ(std::current_exception(), nullptr);
}

}  // namespace
}  // namespace tenon

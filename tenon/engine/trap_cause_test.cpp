// SPDX-License-Identifier: Apache-2.0
// What a trap tells of its cause besides its code.
#include "tenon/engine/trap_cause.h"

#include <gtest/gtest.h>

#include <string>

#include "tenon/engine/test_modules.h"

namespace tenon::engine {
namespace {

/// Functions as compilers make them: a frame of 64 bytes below the stack pointer.
std::string guest(std::string_view global) {
  return "(module (memory 1) (global " + std::string(global) + R"( (mut i32) (i32.const 4096))
    (func $down (export "down") (param $n i32) (result i32)
      (local $frame i32)
      (global.set 0 (local.tee $frame (i32.sub (global.get 0) (i32.const 64))))
      (i32.store (local.get $frame) (local.get $n))
      (if (i32.eqz (local.get $n)) (then (unreachable)))
      (call $down (i32.sub (local.get $n) (i32.const 1))))
    (func (export "stray") (param i32) (result i32) (i32.load (local.get 0)))))";
}

std::string trap_of(Instance& i, std::string_view name, std::int32_t argument) {
  const auto done = get<std::int32_t(std::int32_t)>(i, name)(argument);
  return done ? "none" : done.error().text();
}

TEST(TrapCause, AStackInMemoryThatIsUsedUpIsTold) {
  Engine engine;
  for (const std::string_view global : {"$__stack_pointer", ""}) {
    Store store(engine);
    Instance& i = make(store, guest(global));
    const std::string trap = trap_of(i, "down", 1000);
    EXPECT_TRUE(trap.starts_with("out of bounds memory access\n  … stack overflow: ")) << trap;
    EXPECT_NE(trap.find("repeated 6"), std::string::npos) << trap;
  }
}

TEST(TrapCause, AStrayPointerIsNoStackOverflow) {
  Engine engine;
  for (const std::string_view global : {"$__stack_pointer", "", "$other"}) {
    Store store(engine);
    Instance& i = make(store, guest(global));
    EXPECT_EQ(trap_of(i, "stray", -4).find("stack overflow"), std::string::npos);
  }
  // A global that is any number: the first one of a module that has no stack.
  for (const std::string_view init : {"-1", "0", "5", "1048576"}) {
    Store store(engine);
    Instance& i =
        make(store, "(module (memory 1) (global (mut i32) (i32.const " + std::string(init) +
                        ")) (func (export \"stray\") (param i32) (result i32) "
                        "(i32.load (local.get 0))))");
    EXPECT_EQ(trap_of(i, "stray", -4).find("stack overflow"), std::string::npos) << init;
  }
}

TEST(TrapCause, FuelThatWasNeverGivenIsTold) {
  Config config;
  config.fuel = true;
  Engine engine(config);
  Store store(engine);
  EXPECT_EQ(store.fuel(), 0U);
  Instance& i =
      make(store, "(module (func (export \"f\") (param i32) (result i32) (local.get 0)))");
  EXPECT_NE(trap_of(i, "f", 1).find("`set_fuel`"), std::string::npos) << trap_of(i, "f", 1);
  store.set_fuel(0);
  EXPECT_EQ(trap_of(i, "f", 1).find("`set_fuel`"), std::string::npos) << "as it was asked for";
  store.set_fuel(100);
  EXPECT_EQ(trap_of(i, "f", 1), "none");
}

}  // namespace
}  // namespace tenon::engine

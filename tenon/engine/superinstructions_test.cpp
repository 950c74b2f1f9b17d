// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

using Engine = StressedEngine;

// Pairs of operators that are executed as one do what the two do, with guard pages and without.

constexpr std::string_view code = R"((module (memory 1)
  (data (i32.const 16) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00")
  (func (export "stepped") (param $p i32) (result i32) (local $v i32) (local $s i32) (local $n i32)
    (loop $l
      (local.set $v (i32.load offset=4 (local.tee $p (i32.add (local.get $p) (i32.const 4)))))
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 10)) (local.get $v)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $n) (i32.const 4))))
    (i32.add (i32.mul (local.get $s) (i32.const 100)) (local.get $p)))
  (func (export "then_stepped") (param $p i32) (result i32) (local $v i32) (local $s i32)
    (loop $l
      (local.set $v (i32.load offset=16 (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 10)) (local.get $v)))
      (br_if $l (i32.lt_u (local.get $p) (i32.const 16))))
    (i32.add (i32.mul (local.get $s) (i32.const 100)) (local.get $p)))
  (func (export "into_itself") (param $p i32) (result i32)
    (local.set $p (i32.load offset=16 (local.get $p)))
    (local.set $p (i32.add (local.get $p) (i32.const 4)))
    (local.get $p))
  (func (export "two_sums") (param $p i32) (result i32) (local $a i32) (local $b i32)
    (local.set $b (local.tee $a (i32.add (local.get $p) (i32.const -3))))
    (local.set $a (i32.add (local.get $a) (i32.const 1)))
    (i32.add (i32.mul (local.get $a) (i32.const 1000)) (local.get $b)))
  (func (export "copies") (param $a i32) (result i32) (local $b i32) (local $c i32) (local $d i32)
    (local.set $b (local.get $a)) (local.set $c (local.get $b)) (local.set $d (local.get $c))
    (local.set $a (i32.const 5))
    (loop $l
      (local.set $b (local.get $a)) (local.set $a (local.get $c)) (local.set $c (local.get $b))
      (br_if $l (i32.ne (local.get $b) (local.get $d))))
    (i32.add (i32.mul (local.get $a) (i32.const 100)) (i32.add (local.get $c) (local.get $d))))
  (func (export "stored") (param $p i32) (param $v i32) (result i32)
    (i32.store offset=64 (i32.add (local.get $p) (i32.const -8)) (local.get $v))
    (i32.store8 offset=64 (i32.add (local.get $p) (local.get $p)) (local.get $v))
    (i64.store offset=64 (i32.add (i32.mul (local.get $p) (i32.const 3)) (local.get $p))
      (i64.extend_i32_u (local.get $v)))
    (i32.add (i32.add (i32.load offset=56 (local.get $p)) (i32.load8_u (i32.const 96)))
      (i32.load (i32.const 128))))
  (func (export "wraps") (param $p i32) (result i32)
    (i32.load offset=16 (local.tee $p (i32.add (local.get $p) (i32.const -8)))))
  (func (export "wraps_stored") (param $p i32) (param $v i32)
    (i32.store offset=16 (i32.add (local.get $p) (i32.const -8)) (local.get $v)))))";

void check(const Config& config) {
  Engine engine(config);
  Store store(engine);
  store.set_fuel(1'000'000);
  Instance& i = make(store, code);
  EXPECT_EQ(*get<std::uint32_t(std::uint32_t)>(i, "stepped")(8), 123424U);
  EXPECT_EQ(*get<std::uint32_t(std::uint32_t)>(i, "then_stepped")(0), 123416U);
  EXPECT_EQ(*get<std::uint32_t(std::uint32_t)>(i, "into_itself")(4), 6U);
  EXPECT_EQ(*get<std::uint32_t(std::uint32_t)>(i, "two_sums")(10), 8007U);
  EXPECT_EQ(*get<std::uint32_t(std::uint32_t)>(i, "copies")(7), 514U);
  EXPECT_EQ(*(get<std::uint32_t(std::uint32_t, std::uint32_t)>(i, "stored")(16, 300)),
            300U + 44U + 300U);
  // Sums wrap around before the offset is added, and only then is the access inside or not.
  EXPECT_EQ(*get<std::uint32_t(std::uint32_t)>(i, "wraps")(8), 1U);
  for (const std::uint32_t outside : {0U, 7U, 65536U, 0xFFFFFFF0U}) {
    const auto loaded = get<std::uint32_t(std::uint32_t)>(i, "wraps")(outside);
    ASSERT_FALSE(loaded) << outside;
    EXPECT_EQ(loaded.error().code(), TrapCode::out_of_bounds_memory);
    const auto stored = get<void(std::uint32_t, std::uint32_t)>(i, "wraps_stored")(outside, 1);
    ASSERT_FALSE(stored) << outside;
    EXPECT_EQ(stored.error().code(), TrapCode::out_of_bounds_memory);
  }
}

TEST(Superinstructions, WithGuardPages) {
  check({});
}

TEST(Superinstructions, WithEveryAccessChecked) {
  Config config;
  config.signals = false;
  check(config);
}

TEST(Superinstructions, WithFuel) {
  Config config;
  config.fuel = true;
  check(config);
}

TEST(Superinstructions, ATrapNamesTheAccessThatFailed) {
  // Both engines translate differently; the offset in the module is the same.
  std::vector<std::uint32_t> offsets;
  for (const bool signals : {true, false}) {
    Config config;
    config.signals = signals;
    Engine engine(config);
    Store store(engine);
    Instance& i = make(store, code);
    const auto loaded = get<std::uint32_t(std::uint32_t)>(i, "wraps")(0);
    const auto stored = get<void(std::uint32_t, std::uint32_t)>(i, "wraps_stored")(0, 1);
    ASSERT_FALSE(loaded);
    ASSERT_FALSE(stored);
    offsets.push_back(loaded.error().backtrace()[0].offset);
    offsets.push_back(stored.error().backtrace()[0].offset);
  }
  EXPECT_EQ(offsets[0], offsets[2]);
  EXPECT_EQ(offsets[1], offsets[3]);
}

}  // namespace
}  // namespace tenon::engine

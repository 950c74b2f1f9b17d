// SPDX-License-Identifier: Apache-2.0
// Legacy exceptions run, and do the same when they are translated to `try_table`.
#include <gtest/gtest.h>

#include <memory>

#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/to_exnref.h"
#include "tenon/engine/store.h"
#include "tenon/engine/test_modules.h"
#include "tenon/engine/testing.h"

namespace tenon::engine {
namespace {

std::shared_ptr<const Module> translated(Engine& engine, std::string_view wat) {
  const std::vector<std::uint8_t> bytes = core::encode(*text::parse_module(wat));
  const auto legacy = core::validate(*core::decode(Blob::borrow(bytes), core::Features::all()),
                                     core::Features::all());
  std::vector<std::uint8_t> today = core::to_exnref(*legacy);
  auto valid =
      core::validate(*core::decode(Blob::own(std::move(today)), core::Features::standard()),
                     core::Features::standard());
  if (!valid) {
    ADD_FAILURE() << valid.error().text();
    std::terminate();
  }
  return *Module::create(engine, std::move(*valid));
}

/// What `f` gives for 0 to 9: the values, -1 for a trap, -2 for an exception.
std::vector<std::int32_t> outcomes(Engine& engine, const std::shared_ptr<const Module>& module) {
  Store store(engine);
  auto made = Instance::create(store, module, {});
  if (!made) {
    ADD_FAILURE() << text(made.error());
    return {};
  }
  const auto f = get<std::int32_t(std::int32_t)>(**made, "f");
  std::vector<std::int32_t> out;
  for (std::int32_t i = 0; i < 10; ++i) {
    const auto value = f(i);
    if (value)
      out.push_back(*value);
    else
      out.push_back(value.error().code() == TrapCode::uncaught_exception ? -2 : -1);
  }
  return out;
}

/// In the near and in the far forms, and translated.
void expect_outcomes(std::string_view wat, const std::vector<std::int32_t>& wanted) {
  for (const bool far : {false, true}) {
    Config config = stressed();
    config.stress.far_forms |= far;
    Engine engine(config);
    EXPECT_EQ(outcomes(engine, compile(engine, wat)), wanted) << "far forms: " << far;
    EXPECT_EQ(outcomes(engine, translated(engine, wat)), wanted) << "translated";
  }
}

TEST(LegacyExceptions, ValuesBelowTheTryAndPayloadsStayWhatTheyAre) {
  expect_outcomes(R"((module
    (tag $a (param i32 i64)) (tag $b (param i32)) (tag $c)
    (func $throw (param i32)
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10) (i64.const 20))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i32.const 30))))
      (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $c)))
      (if (i32.eq (local.get 0) (i32.const 4)) (then (unreachable))))
    (func (export "f") (param i32) (result i32)
      (i32.const 1000)
      (i32.const 1)
      (try (param i32) (result i32)
        (do (call $throw (local.get 0)) (i32.const 1) (i32.add))
        (catch $a (i32.wrap_i64) (i32.add) (local.set 0) (i32.const 100) (local.get 0) (i32.add))
        (catch $b (i32.const 200) (i32.add))
        (catch_all (i32.const 300)))
      (i32.add))))",
                  {1002, 1130, 1230, 1300, -1, 1002, 1002, 1002, 1002, 1002});
}

TEST(LegacyExceptions, RethrowThrowsTheExceptionOfTheClauseThatItNames) {
  expect_outcomes(R"((module
    (tag $a (param i32)) (tag $b (param i32))
    (func $inner (param i32) (result i32)
      (try (result i32)
        (do (throw $a (i32.const 1)))
        (catch $a (drop)
          (try (result i32)
            (do (throw $b (i32.const 2)))
            (catch $b (drop)
              (if (i32.eqz (local.get 0)) (then (rethrow 1)))
              (if (i32.eq (local.get 0) (i32.const 1)) (then (rethrow 2)))
              (i32.const 3))
            (catch_all (rethrow 1))))))
    (func (export "f") (param i32) (result i32)
      (try (result i32)
        (do (call $inner (local.get 0)))
        (catch $a (i32.const 10) (i32.add))
        (catch $b (i32.const 20) (i32.add))))))",
                  {22, 11, 3, 3, 3, 3, 3, 3, 3, 3});
}

TEST(LegacyExceptions, DelegateSkipsWhatStandsBetween) {
  expect_outcomes(R"((module
    (tag $a (param i32))
    (func $throw (param i32) (throw $a (local.get 0)))
    (func $out (param i32)
      (try (do
        (try (do (call $throw (local.get 0))) (delegate 1)))
        (catch_all (unreachable))))
    (func (export "f") (param i32) (result i32)
      (try $outer (result i32)
        (do
          (try (result i32)
            (do
              (try (result i32)
                (do
                  (if (i32.eqz (local.get 0)) (then (call $out (i32.const 5))))
                  (if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 77))))
                  (if (i32.eq (local.get 0) (i32.const 2)) (then (br $outer (i32.const 78))))
                  (if (i32.eq (local.get 0) (i32.const 3)) (then (call $throw (i32.const 3))))
                  (i32.const 1))
                (delegate $outer)))
            (catch $a (i32.const 100) (i32.add))))
        (catch $a (i32.const 200) (i32.add))))))",
                  {205, 77, 78, 203, 1, 1, 1, 1, 1, 1});
}

// To a `try` that delegates further, to a block, and from a clause of the `try` that it names.
TEST(LegacyExceptions, DelegateGoesToTheNextThatCatches) {
  expect_outcomes(R"((module
    (tag $a)
    (func (export "f") (param i32) (result i32)
      (try $o (result i32)
        (do
          (try $m (result i32)
            (do
              (try $n (result i32)
                (do
                  (block $b (result i32)
                    (try (result i32)
                      (do (if (i32.eqz (local.get 0)) (then (throw $a)))
                          (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a)))
                          (i32.const 1))
                      (delegate $b))))
                (delegate $m)))
            (catch_all
              (try (result i32)
                (do (if (i32.eqz (local.get 0)) (then (throw $a))) (i32.const 2))
                (delegate $m)))))
        (catch_all (i32.const 3))))))",
                  {3, 2, 1, 1, 1, 1, 1, 1, 1, 1});
}

TEST(LegacyExceptions, LoopsAndBranchesLeaveClauses) {
  expect_outcomes(R"((module
    (tag $a (param i32))
    (func (export "f") (param i32) (result i32) (local i32)
      (block $done (result i32)
        (loop $again (result i32)
          (try (result i32)
            (do (throw $a (local.get 1)))
            (catch $a
              (local.set 1 (i32.add (i32.const 1)))
              (br_if $again (i32.lt_u (local.get 1) (local.get 0)))
              (br_if $done (i32.const 50) (i32.eq (local.get 1) (i32.const 5)))
              (drop)
              (local.get 1))))))))",
                  {1, 1, 2, 3, 4, 50, 6, 7, 8, 9});
}

TEST(LegacyExceptions, DeadCodeHasNoHandlers) {
  expect_outcomes(R"((module
    (tag $a)
    (func (export "f") (param i32) (result i32)
      (block
        (br 0)
        (try (do (try (do (throw $a)) (delegate 0))) (catch $a) (catch_all (rethrow 0))))
      (try (result i32)
        (do (br 1 (local.get 0)))
        (catch $a (unreachable))))))",
                  {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

// The exception that `rethrow` needs is where the collector finds it.
TEST(LegacyExceptions, AnExceptionLivesAsLongAsItsClause) {
  Config config;
  config.stress.collect = true;
  config.stress.poison = true;
  Engine engine(config);
  Store store(engine);
  Instance& instance = make(store, R"((module
    (type $s (struct (field i32)))
    (tag $a (param (ref $s)))
    (func $garbage (param i32)
      (loop (drop (struct.new $s (i32.const -1)))
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func $again
      (try (do (throw $a (struct.new $s (i32.const 7))))
        (catch $a (drop) (call $garbage (i32.const 20)) (rethrow 0))))
    (func (export "f") (param i32) (result i32)
      (try (result i32) (do (call $again) (i32.const 0))
        (catch $a (struct.get $s 0)))))
)");
  const auto f = get<std::int32_t(std::int32_t)>(instance, "f");
  EXPECT_EQ(f(0).value_or(-1), 7);
}

}  // namespace
}  // namespace tenon::engine

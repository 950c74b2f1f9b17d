// SPDX-License-Identifier: Apache-2.0
// Faults that a peer published, as far as components here can have their like; each by its number.
// docs/security.md has the table.
#include <gtest/gtest.h>

#include "tenon/engine/type_registry.h"
#include "tenon/runtime/embed_test.h"

namespace tenon {
namespace {

class Advisory : public Embed {};

// A guest whose realloc called the host ended the process.
TEST_F(Advisory, GHSA_7v24_AReallocThatCallsTheHostTraps) {
  int called = 0;
  ASSERT_TRUE(linker.root().func_wrap("h", [&] { ++called; }));
  const std::vector<Value> args = {Value::string("a string")};
  EXPECT_EQ(run(store, R"((component
    (import "h" (func $h))
    (core func $h (canon lower (func $h)))
    (core module $M (import "" "h" (func $h)) (memory (export "mem") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $h) (i32.const 8))
      (func (export "f") (param i32 i32)))
    (core instance $m (instantiate $M (with "" (instance (export "h" (func $h))))))
    (alias core export $m "mem" (core memory $mem))
    (alias core export $m "realloc" (core func $realloc))
    (func (export "f") (param "s" string)
      (canon lift (core func $m "f") (memory $mem) (realloc $realloc)))))",
                args),
            "cannot leave component instance");
  EXPECT_EQ(called, 0);
}

// Tables of handles were charged to no limit of the store's.
TEST_F(Advisory, GHSA_q554_TablesOfHandlesAreCharged) {
  runtime::StoreLimits limits;
  limits.core.host_bytes = 1U << 20U;
  Store small(engine, limits);
  EXPECT_EQ(run(small, R"((component
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $M (import "" "new" (func $new (param i32) (result i32)))
      (func (export "f") (loop $l (drop (call $new (i32.const 1))) (br $l))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (func (export "f") (canon lift (core func $m "f")))))"),
            "the table of handles is full");
  EXPECT_LE(small.core().host_bytes(), limits.core.host_bytes);
  EXPECT_GT(small.core().host_bytes(), limits.core.host_bytes / 4);
}

// The results of a callback were not checked when a component was read, and written over the stack.
TEST_F(Advisory, GHSA_32h6_ACallbackHasTheTypeThatItIsCalledWith) {
  const auto lift = [](std::string_view callback) {
    std::string wat = R"((component
      (core module $M (func (export "f") (result i32) (i32.const 0))
        (func (export "cb") TYPE (unreachable)))
      (core instance $m (instantiate $M))
      (alias core export $m "cb" (core func $cb))
      (func (export "f") async (canon lift (core func $m "f") async (callback $cb)))))";
    wat.replace(wat.find("TYPE"), 4, callback);
    auto parsed = text::parse_component(wat);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text());
    return component::validate(*std::move(parsed), core::Features::all()).has_value();
  };
  EXPECT_TRUE(lift("(param i32 i32 i32) (result i32)"));
  for (const char* wrong :
       {"", "(param i32 i32 i32)", "(param i32 i32) (result i32)",
        "(param i32 i32 i32) (result i64)", "(param i32 i32 i32) (result i32 i32)",
        "(param i32 i32 i32) (result i32 i32 i32 i32 i32 i32 i32 i32)",
        "(param i64 i32 i32) (result i32)"})
    EXPECT_FALSE(lift(wrong)) << wrong;
}

// A representation of 64 bits lost its upper half in the table of the handles that the host holds.
TEST_F(Embed, ARepresentationOf64BitsComesBackWhole) {
  const auto i = instantiate(store, R"((component
    (core module $D
      (global $seen (mut i64) (i64.const 0))
      (func (export "dtor") (param i64) (global.set $seen (local.get 0)))
      (func (export "seen") (result i64) (global.get $seen)))
    (core instance $d (instantiate $D))
    (type $r' (resource (rep i64) (dtor (core func $d "dtor"))))
    (core func $new (canon resource.new $r'))
    (core module $M (import "" "new" (func $new (param i64) (result i32)))
      (func (export "make") (result i32) (call $new (i64.const 0x100000005))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (export $r "r" (type $r'))
    (func (export "make") (result (own $r)) (canon lift (core func $m "make")))
    (func (export "seen") (result u64) (canon lift (core func $d "seen")))))");
  auto own = *i.get_typed_func<Own<>()>(store, "make")->call(store);
  EXPECT_TRUE(own.drop());
  EXPECT_EQ(*i.get_typed_func<std::uint64_t()>(store, "seen")->call(store), 0x100000005U);
}

// An engine without room for more types refuses a component, and takes one again when there is
// room.
TEST(TypeLimit, AComponentIsRefusedWithARule) {
  Config config;
  config.max_types = 3;
  Engine engine(config);
  constexpr std::string_view small = R"((component
    (core module $M (func (export "f") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $M))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))))";
  constexpr std::string_view large = R"((component
    (core module $M (type (func (param f32))) (type (func (param f64))) (type (func (param i64)))
      (func (export "f") (param i32) (result i32) (local.get 0)))))";
  for (int round = 0; round < 3; ++round) {
    {
      const auto first = compile(engine, small);
      auto parsed = text::parse_component(large);
      ASSERT_TRUE(parsed);
      auto valid = component::validate(*std::move(parsed), core::Features::all());
      ASSERT_TRUE(valid);
      const auto refused = Component::compile(engine, *std::move(valid));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().rule().id, "type-limit");
    }
    EXPECT_EQ(engine.types().size(), 0U);
  }
}

}  // namespace
}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
// The seam on which tiers stand: each test is named after what must hold for code of any of them.
#include "tenon/engine/code.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tenon/engine/basic_blocks.h"
#include "tenon/engine/builtins.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/fiber.h"
#include "tenon/engine/interp/insn.h"
#include "tenon/engine/test_modules.h"

namespace tenon::engine {
namespace {

// ---- Code by address. ----

TEST(Code, OneLookupTellsTheTierAndTheSiteOfAnAddress) {
  // Code of another tier, whose sites are bytes.
  const Tier other = {
      .name = "other",
      .instance_at = InstanceAt::native_frame,
      .bytes_per_site = 1,
      .offsets = [](const Module&, const FuncCode&) { return std::vector<std::uint32_t>{7, 7, 9}; },
      .frame = nullptr,
      .step = nullptr,
      .handle = nullptr,
      .mark = nullptr};
  std::array<std::uint8_t, 16> bytes{};
  FuncCode native;
  native.tier = &other;
  interp::Code interpreted;
  interpreted.insns.resize(4);
  interpreted.code = interpreted.insns.data();
  CodeRanges ranges;
  ranges.insert(native, bytes.data(), bytes.data() + bytes.size());
  ranges.insert(interpreted, interpreted.code, interpreted.code + 4);
  const CodeSite in_native = ranges.find(bytes.data() + 5);
  EXPECT_EQ(in_native.code, &native);
  EXPECT_EQ(in_native.index, 5U);
  EXPECT_EQ(in_native.code->tier->instance_at, InstanceAt::native_frame);
  const CodeSite in_interpreted = ranges.find(interpreted.code + 3);
  EXPECT_EQ(in_interpreted.code, &interpreted);
  EXPECT_EQ(in_interpreted.index, 3U);
  EXPECT_EQ(in_interpreted.code->tier->instance_at, InstanceAt::handler_register);
  EXPECT_EQ(ranges.find(bytes.data() + bytes.size()).code, nullptr);
}

TEST(Code, EveryFunctionSaysItsTierAlsoBeforeItsFirstCall) {
  Engine engine;
  Store store(engine);
  Instance& i = make(store, R"((module (func (export "f") nop)))");
  const std::atomic<const FuncCode*>& code = i.module().code().table()[0];
  ASSERT_NE(code.load()->tier, nullptr);
  EXPECT_EQ(code.load()->tier->name, "interpreter");
  ASSERT_TRUE(get<void()>(i, "f")());
  EXPECT_EQ(code.load()->tier->name, "interpreter");
  EXPECT_EQ(i.module().code().find(code.load()->code).code, code.load());
}

// ---- Roots. ----

TEST(Code, WhatLivesInAnyActivationIsKept) {
  Config config;
  config.stress.collect = true;
  Engine engine(config);
  Store store(engine);
  Instance* made = nullptr;
  const Func again = store.host_func([&](std::int32_t depth) -> Outcome<std::int32_t> {
    return get<std::int32_t(std::int32_t)>(*made, "f")(depth);
  });
  made = &make(store, R"((module
    (import "h" "again" (func $again (param i32) (result i32)))
    (type $s (struct (field i32)))
    (func (export "f") (param i32) (result i32)
      (struct.new $s (local.get 0))
      (if (result i32) (local.get 0)
        (then (call $again (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0)))
      (drop (struct.new $s (i32.const 1000)))
      (local.set 0)
      (struct.get $s 0)
      (i32.add (local.get 0)))))",
               {again});
  const auto f = get<std::int32_t(std::int32_t)>(*made, "f");
  EXPECT_EQ(f(4).value(), 4 + 3 + 2 + 1);
  // And on the stacks of fibers, which wait for each other.
  std::int32_t inside = 0;
  const auto fiber = Fiber::create(store, [&] { inside = f(3).value(); });
  ASSERT_NE(fiber, nullptr);
  EXPECT_TRUE(fiber->resume());
  EXPECT_EQ(inside, 3 + 2 + 1);
}

// ---- Basic blocks. ----

using Kind = BasicBlock::Kind;

std::vector<BasicBlock> blocks_of(const Module& module, std::size_t func = 0) {
  return basic_blocks(module.core(), module.core().codes[func]);
}

std::vector<std::uint32_t> sizes(const std::vector<BasicBlock>& blocks) {
  std::vector<std::uint32_t> out;
  for (const BasicBlock& b : blocks) out.push_back(b.operators);
  return out;
}

TEST(BasicBlocks, EndWhereControlMayLeaveOrComeIn) {
  Engine engine;
  const auto module = compile(engine, R"((module (func (param i32) (result i32)
    (block $out
      (loop $again
        (br_if $out (i32.eqz (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br $again)))
    (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2)))
    (return)
    (drop (block (result i32) (i32.const 7))))))");
  const auto blocks = blocks_of(*module);
  // block loop | local.get i32.eqz br_if | four and br | end of block: local.get if | i32.const
  // else | i32.const end | return
  EXPECT_EQ(sizes(blocks), (std::vector<std::uint32_t>{2, 3, 5, 1, 2, 2, 2, 1}));
  EXPECT_EQ(blocks[0].kind, Kind::entry);
  EXPECT_EQ(blocks[1].kind, Kind::loop);
  EXPECT_EQ(blocks[2].kind, Kind::other);
  const ByteSpan bytes = module->core().bytes.view();
  EXPECT_EQ(bytes[blocks[0].begin], 0x02);
  EXPECT_EQ(bytes[blocks[1].begin], 0x20);
}

TEST(BasicBlocks, AreWhatFuelIsTakenBy) {
  Config config;
  config.fuel = true;
  Engine engine(config);
  Store store(engine);
  constexpr std::string_view wat = R"((module (tag $e)
    (func (export "f") (param i32) (result i32)
      (block $out (result i32)
        (br_table 0 0 (i32.const 1) (local.get 0)))
      (drop)
      (block $h (try_table (catch_all $h) (if (local.get 0) (then (throw $e))) (return (i32.const 3))))
      (block $null (drop (br_on_null $null (ref.null func))) unreachable)
      (i32.const 4))))";
  Instance& i = make(store, wat);
  const auto blocks = blocks_of(i.module());
  std::uint64_t all = 0;
  for (const BasicBlock& b : blocks) all += b.operators;
  constexpr std::uint64_t plenty = 1000;
  for (const int argument : {0, 1}) {
    store.set_fuel(plenty);
    ASSERT_EQ(get<int(int)>(i, "f")(argument).value(), argument == 0 ? 3 : 4);
    const std::uint64_t used = plenty - store.fuel();
    EXPECT_GE(used, blocks[0].operators);
    EXPECT_LE(used, all);
    // The same again, and one less is too little.
    store.set_fuel(used);
    EXPECT_TRUE(get<int(int)>(i, "f")(argument));
    EXPECT_EQ(store.fuel(), 0U);
    store.set_fuel(used - 1);
    const auto stopped = get<int(int)>(i, "f")(argument);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code(), TrapCode::out_of_fuel);
  }
}

TEST(BasicBlocks, OfABodyThatIsNeverReachedAreThoseBeforeIt) {
  Engine engine;
  const auto module = compile(engine, R"((module
    (func unreachable)
    (func (result i32) (block unreachable (loop (br 0)) (if (i32.const 1) (then) (else))) i32.const 1)
    (func)))");
  EXPECT_EQ(sizes(blocks_of(*module, 0)), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(sizes(blocks_of(*module, 1)), (std::vector<std::uint32_t>{2, 2}));
  EXPECT_EQ(sizes(blocks_of(*module, 2)), (std::vector<std::uint32_t>{1}));
}

// ---- Builtins. ----

TEST(Builtins, GiveATrapsCodeAndChangeNothingThen) {
  Engine engine;
  Store store(engine);
  Instance& i = make(store, R"((module (memory 1) (table $t 2 3 externref) (data $d "abc")
    (type $a (array (mut i8)))
    (func (export "data") (drop (array.new_data $a $d (i32.const 0) (i32.const 1))))))");
  VMContext* vm = i.vmctx();
  std::uint8_t* bytes = vm->mem0_base;
  EXPECT_EQ(builtins::memory_fill(vm, 0, 65534, 7, 3), trapped(TrapCode::out_of_bounds_memory));
  EXPECT_EQ(bytes[65534], 0);
  EXPECT_EQ(builtins::memory_fill(vm, 0, 65534, 7, 2), Trapped::no);
  EXPECT_EQ(bytes[65534], 7);
  EXPECT_EQ(builtins::memory_init(vm, 0, 0, 0, 1, 3), trapped(TrapCode::out_of_bounds_memory));
  EXPECT_EQ(builtins::memory_init(vm, 0, 0, 0, 1, 2), Trapped::no);
  EXPECT_EQ(bytes[0], 'b');
  EXPECT_EQ(builtins::memory_copy(vm, 0, 0, 1, ~std::uint64_t{0}, 1),
            trapped(TrapCode::out_of_bounds_memory));
  EXPECT_EQ(builtins::table_grow(vm, 0, 2, 0), 0xFFFFFFFFU);
  EXPECT_EQ(builtins::table_grow(vm, 0, 1, 0), 2U);
  ValueSlot out = 5;
  EXPECT_EQ(builtins::table_get(vm, 0, 3, &out), trapped(TrapCode::out_of_bounds_table));
  EXPECT_EQ(out, 5U);
  EXPECT_EQ(builtins::array_fill(0, 0, &out, 0), trapped(TrapCode::null_array_reference));
  ASSERT_EQ(builtins::array_new_data(vm, 0, 0, 1, 2, nullptr, &out), Trapped::no);
  EXPECT_EQ(builtins::array_fill(out, 1, &out, 2), trapped(TrapCode::out_of_bounds_array));
  EXPECT_TRUE(builtins::ref_test(vm, out, core::TypeIdx(0U), false));
  builtins::data_drop(vm, 0);
  const ValueSlot before = out;
  EXPECT_EQ(builtins::array_new_data(vm, 0, 0, 1, 2, nullptr, &out),
            trapped(TrapCode::out_of_bounds_memory));
  EXPECT_EQ(out, before);
}

TEST(Builtins, EveryTrapsCodeComesThrough) {
  for (const TrapCode code : {TrapCode::unreachable, TrapCode::out_of_memory, TrapCode::host}) {
    EXPECT_NE(trapped(code), Trapped::no);
    EXPECT_EQ(trap_of(trapped(code)), code);
  }
}

// ---- What a call leaves behind. ----

TEST(Traps, AGrowthRefusedInACallThatReturnedIsNoReasonOfALaterTrap) {
  Engine engine;
  StoreLimits limits;
  limits.memory_bytes = 2U << 16U;
  Store store(engine, limits);
  Instance& i = make(store, R"((module (memory 1)
    (func (export "grow") (result i32) (memory.grow (i32.const 7)))
    (func (export "trap") unreachable)
    (func (export "both") (drop (memory.grow (i32.const 7))) unreachable)))");
  const auto grow = get<std::int32_t()>(i, "grow");
  const auto remarks = [&](std::string_view name) {
    const auto done = get<void()>(i, name)();
    std::size_t n = 0;
    for (const Frame& f : done.error().backtrace()) n += f.is_remark ? 1 : 0;
    return n;
  };
  EXPECT_EQ(grow().value(), -1);
  EXPECT_EQ(remarks("trap"), 0U);
  EXPECT_EQ(remarks("both"), 1U);
  // What was refused on one fiber says nothing about what another does.
  const auto fiber = Fiber::create(store, [&] { EXPECT_EQ(grow().value(), -1); });
  ASSERT_NE(fiber, nullptr);
  const Func resume = store.host_func([&] { fiber->resume(); });
  Instance& j = make(store, R"((module (import "h" "resume" (func $resume))
    (func (export "f") (call $resume) unreachable)))",
                     {resume});
  const auto done = get<void()>(j, "f")();
  ASSERT_FALSE(done);
  for (const Frame& f : done.error().backtrace()) EXPECT_FALSE(f.is_remark) << f.function;
}

}  // namespace
}  // namespace tenon::engine

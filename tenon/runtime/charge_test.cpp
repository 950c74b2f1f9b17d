// SPDX-License-Identifier: Apache-2.0

// What a guest passes out is charged by the size that it has on the host, before it is made; and
// the text of a large value is written piece by piece.
#include <gtest/gtest.h>

#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/lift_lower.h"

namespace tenon {
namespace {

class Charge : public Embed {
 protected:
  /// A component whose `f(n)` gives a list of n elements of the type, each `size` bytes of ones.
  static std::string lists(std::string_view types, std::string_view elem, int size) {
    const auto bytes = std::to_string(size);
    return R"((component
      (core module $M (memory (export "mem") 1)
        (func (export "f") (param i32) (result i32)
          (drop (memory.grow (i32.add (i32.const 2)
            (i32.div_u (i32.mul (local.get 0) (i32.const )" +
           bytes + R"()) (i32.const 65536)))))
          (memory.fill (i32.const 65536) (i32.const 1) (i32.mul (local.get 0) (i32.const )" +
           bytes +
           R"()))
          (i32.store (i32.const 0) (i32.const 65536))
          (i32.store (i32.const 4) (local.get 0))
          (i32.const 0)))
      (core instance $m (instantiate $M)) )" +
           std::string(types) + "(type $l (list " + std::string(elem) +
           R"())
      (func (export "f") (param "n" u32) (result $l)
        (canon lift (core func $m "f") (memory (core memory $m "mem"))))))";
  }
  std::string call_with(const Instance& instance, std::uint32_t n) {
    const Value args[] = {Value::u32(n)};
    const auto f = instance.get_func("f");
    const auto outcome = f->call(args);
    return outcome ? "ok" : std::string(outcome.error().message());
  }
  /// The largest power of two of elements that passes, below the limit of the default.
  void expect_bounded(std::string_view types, std::string_view elem, int size,
                      std::uint64_t host_bytes) {
    const auto wat = lists(types, elem, size);
    runtime::StoreLimits limits;
    limits.lift_bytes = 1U << 20U;
    Store small(engine, limits);
    const auto fits = static_cast<std::uint32_t>(limits.lift_bytes / host_bytes / 2);
    EXPECT_EQ(call_with(instantiate(small, wat), fits), "ok") << elem;
    EXPECT_EQ(call_with(instantiate(small, wat), fits * 4),
              "values larger than the store allows (lift_bytes)")
        << elem;
  }
};

constexpr std::uint64_t value = sizeof(Value);

TEST_F(Charge, TuplesRecordsAndTheirItems) {
  std::string parts;
  for (int i = 0; i < 100; ++i) parts += " u8";
  const auto base = Value::base_bytes() + 16;
  expect_bounded("", "(tuple" + parts + ")", 100, value + base + 100 * value);
  expect_bounded(R"((type $r' (record (field "a" u8) (field "b" u8))) (export $r "r" (type $r')))",
                 "$r", 2, value + base + 2 * value);
}

TEST_F(Charge, FlagsWithTheirLabels) {
  std::string labels;
  for (int i = 0; i < 8; ++i)
    labels += " \"" + std::string(200, 'f') + "-x" + std::to_string(i) + "\"";
  // One flag of each element is set.
  expect_bounded("(type $r' (flags" + labels + ")) (export $r \"r\" (type $r'))", "$r", 1,
                 value + Value::base_bytes() + 56 + sizeof(std::string) + 220);
}

TEST_F(Charge, OptionsVariantsAndEnums) {
  expect_bounded("", "(option u8)", 2, value + Value::base_bytes() + 16 + value);
  expect_bounded("", "(result u8 (error u8))", 2, value + Value::base_bytes() + 16 + value);
  expect_bounded("(type $r' (enum \"a\" \"b\")) (export $r \"r\" (type $r'))", "$r", 1,
                 value + Value::base_bytes());
  expect_bounded("(type $r' (variant (case \"" + std::string(300, 'a') +
                     "\") (case \"b\" u8))) (export $r \"r\" (type $r'))",
                 "$r", 2, value + Value::base_bytes() + 16 + value);
}

TEST_F(Charge, RecordsOfOneTypeShareTheirLabels) {
  const auto instance = instantiate(
      store,
      lists(R"((type $r' (record (field "a" u8) (field "b" u8))) (export $r "r" (type $r')))", "$r",
            2));
  const Value args[] = {Value::u32(2)};
  const auto out = instance.get_func("f")->call(args);
  ASSERT_TRUE(out);
  const auto items = (**out).items();
  EXPECT_EQ(items[0].labels().data(), items[1].labels().data());
  const Value copy = items[0];  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(copy.labels()[1], "b");
  EXPECT_EQ(runtime::to_wave(**out), "[{a: 1, b: 1}, {a: 1, b: 1}]");
}

TEST_F(Charge, ATextIsWrittenPieceByPiece) {
  std::vector<Value> items;
  for (int i = 0; i < 20'000; ++i) {
    items.push_back(Value::record({{"n", Value::u64(~std::uint64_t{0})},
                                   {"s", Value::string("\"x\"")},
                                   {"o", Value::some(Value::some(Value::none()))},
                                   {"v", Value::variant("a-b", Value::bytes({1, 2}))},
                                   {"e", Value::err()},
                                   {"k", Value::ok(Value::tuple({Value::f64(0.5)}))},
                                   {"f", Value::flags({"x", "y"})}}));
  }
  const auto all = Value::list(std::move(items));
  std::string json;
  std::size_t largest = 0;
  runtime::dump_json(all, [&](std::string_view piece) {
    json += piece;
    largest = std::max(largest, piece.size());
  });
  EXPECT_EQ(json, runtime::value_to_json(all).dump());
  EXPECT_LT(largest, 200'000U);
  std::string wave;
  largest = 0;
  runtime::to_wave(all, [&](std::string_view piece) {
    wave += piece;
    largest = std::max(largest, piece.size());
  });
  EXPECT_EQ(wave, runtime::to_wave(all));
  EXPECT_LT(largest, 200'000U);
  const auto cut = runtime::to_wave(all, 100);
  EXPECT_EQ(cut.size(), 103U);
  EXPECT_TRUE(wave.starts_with(cut.substr(0, 100)));
}

TEST_F(Charge, AWrongArgumentIsNoTrapOfTheGuest) {
  const auto instance = instantiate(store, lists("", "u8", 1));
  const Value wrong[] = {Value::string("1")};
  const auto refused = instance.get_func("f")->call(wrong);
  ASSERT_FALSE(refused);
  ASSERT_NE(refused.error().refusal(), nullptr);
  EXPECT_EQ(refused.error().refusal()->rule().id, "func-args");
  EXPECT_EQ(static_cast<Error>(refused.error()).rule().id, "func-args");
  // The guest was not touched.
  EXPECT_EQ(call_with(instance, 3), "ok");
}

}  // namespace
}  // namespace tenon

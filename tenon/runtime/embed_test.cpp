// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/embed.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

struct Point {  // NOLINT(misc-use-internal-linkage)
  double x;
  double y;
};
template <>
inline constexpr auto tenon::members<Point> =
    std::tuple(tenon::member("x", &Point::x), tenon::member("y", &Point::y));
enum class Colour : std::uint8_t { red, green };  // NOLINT(misc-use-internal-linkage)
template <>
inline constexpr auto tenon::enum_labels<Colour> = std::array<std::string_view, 2>{"red", "green"};

namespace tenon {
namespace {

constexpr std::string_view calculator = R"(
  (component
    (core module $M
      (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
      (func (export "small") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "fail") unreachable))
    (core instance $m (instantiate $M))
    (func $add (param "a" f64) (param "b" f64) (result f64) (canon lift (core func $m "add")))
    (func (export "small") (param "a" u8) (param "b" u8) (result u8) (canon lift (core func $m "small")))
    (func (export "fail") (canon lift (core func $m "fail")))
    (instance (export "calc:math/ops@1.2.0") (export "add" (func $add)))
    (instance (export "calc:math/other") (export "add" (func $add)) (export "plus" (func $add)))))";

TEST_F(Embed, CallsAFunctionByItsCppSignature) {
  const auto i = instantiate(store, calculator);
  const auto add = i.get_typed_func<double(double, double)>(store, "calc:math/ops@1.2.0#add");
  ASSERT_TRUE(add) << words(add.error());
  EXPECT_EQ(*add->call(store, 5.0, 3.0), 8.0);
  EXPECT_EQ(*(*add)(1.5, 2.0), 3.5);
}

TEST_F(Embed, NarrowIntegersWrapAsTheAbiSays) {
  const auto small = instantiate(store, calculator)
                         .get_typed_func<std::uint8_t(std::uint8_t, std::uint8_t)>(store, "small");
  ASSERT_TRUE(small);
  EXPECT_EQ(*small->call(store, 200, 100), 44);
}

TEST_F(Embed, FindsABareNameWhenOneInterfaceAloneHasIt) {
  const auto i = instantiate(store, calculator);
  EXPECT_TRUE(i.get_func("plus"));
  EXPECT_TRUE(i.get_func("calc:math/ops#add")) << "the version may be left out";
  EXPECT_TRUE(i.get_func("calc:math/ops@1.0.0#add")) << "a compatible version";
  const auto several = i.get_func("add");
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().rule(), runtime::rules::export_ambiguous);
  EXPECT_NE(words(several.error()).find("`calc:math/ops@1.2.0#add`"), std::string::npos)
      << words(several.error());
  const auto none = i.get_func("pluss");
  ASSERT_FALSE(none);
  EXPECT_NE(words(none.error()).find("the nearest is `plus`"), std::string::npos)
      << words(none.error());
}

TEST_F(Embed, SaysWhereASignatureDiffers) {
  const auto i = instantiate(store, calculator);
  const auto f = i.get_typed_func<double(float, double)>(store, "plus");
  ASSERT_FALSE(f);
  EXPECT_EQ(words(f.error()),
            "the C++ signature does not fit the function's type: `add` is `func(a: f64, b: f64) -> "
            "f64`, the C++ "
            "signature says `func(f32, f64) -> f64`\nparameter `a` is `f64`, not `f32`\n");
  EXPECT_FALSE(i.get_typed_func<double(double)>(store, "plus"));
  EXPECT_FALSE(i.get_typed_func<void(double, double)>(store, "plus"));
}

TEST_F(Embed, ATrapPoisonsTheInstanceAndNoOther) {
  const auto i = instantiate(store, calculator);
  const auto other = instantiate(store, calculator);
  const auto fail = i.get_typed_func<void()>(store, "fail");
  const auto plus = i.get_typed_func<double(double, double)>(store, "plus");
  EXPECT_EQ(fail->call(store).error().code(), engine::TrapCode::unreachable);
  EXPECT_EQ(plus->call(store, 1, 2).error().message(), "cannot enter component instance");
  EXPECT_TRUE(other.get_typed_func<double(double, double)>(store, "plus")->call(store, 1, 2));
  EXPECT_FALSE(store.busy());
}

const std::string values = with_libc(R"(
  (core module $M
    (import "" "mem" (memory 1))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (func (export "swap") (param i32 f64 f64) (result i32)
      (i32.store8 (i32.const 32) (i32.eqz (local.get 0)))
      (f64.store (i32.const 40) (local.get 2)) (f64.store (i32.const 48) (local.get 1)) (i32.const 32))
    (func (export "sum") (param i32 i32) (result f64)
      (local $s f64)
      (block $done (loop $l
        (br_if $done (i32.eqz (local.get 1)))
        (local.set $s (f64.add (local.get $s) (f64.add (f64.load (local.get 0)) (f64.load offset=8 (local.get 0)))))
        (local.set 0 (i32.add (local.get 0) (i32.const 16)))
        (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
        (br $l)))
      (local.get $s))
    (func (export "many") (param i32) (result i32) (i32.load offset=64 (local.get 0)))
    (func (export "post") (param i32) (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1))))
    (func (export "posts") (result i32) (i32.load (i32.const 8)))
    (func (export "colour") (param i32) (result i32) (i32.xor (local.get 0) (i32.const 1))))
  (core instance $m (instantiate $M (with "" (instance $libc))))
  (type $point' (record (field "x" f64) (field "y" f64)))
  (export $point "point" (type $point'))
  (type $colour' (enum "red" "green"))
  (export $colour "colour-type" (type $colour'))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc) (post-return (core func $m "post"))))
  (func (export "bytes") (param "s" (list u8)) (result (list u8))
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc) (post-return (core func $m "post"))))
  (func (export "names") (param "s" (list string)) (result (list string))
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc)))
  (func (export "swap") (param "p" (option $point)) (result (option $point))
    (canon lift (core func $m "swap") (memory $mem) (realloc $realloc)))
  (func (export "sum") (param "ps" (list $point)) (result f64)
    (canon lift (core func $m "sum") (memory $mem) (realloc $realloc)))
  (func (export "many")
    (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32) (param "f" u32)
    (param "g" u32) (param "h" u32) (param "i" u32) (param "j" u32) (param "k" u32) (param "l" u32)
    (param "m" u32) (param "n" u32) (param "o" u32) (param "p" u32) (param "q" u32) (result u32)
    (canon lift (core func $m "many") (memory $mem) (realloc $realloc)))
  (func (export "colour") (param "c" $colour) (result $colour) (canon lift (core func $m "colour")))
  (func (export "posts") (result u32) (canon lift (core func $m "posts"))))");

TEST_F(Embed, CarriesStringsListsRecordsAndOptions) {
  const auto i = instantiate(store, values);
  const auto echo = i.get_typed_func<std::string(std::string_view)>(store, "echo");
  ASSERT_TRUE(echo) << words(echo.error());
  EXPECT_EQ(*echo->call(store, "héllo"), "héllo");
  EXPECT_EQ(*echo->call(store, ""), "");
  const auto names =
      i.get_typed_func<std::vector<std::string>(std::vector<std::string>)>(store, "names");
  EXPECT_EQ(*names->call(store, {"a", "", "ccc"}), (std::vector<std::string>{"a", "", "ccc"}));
  const auto swap = i.get_typed_func<std::optional<Point>(std::optional<Point>)>(store, "swap");
  EXPECT_EQ((*swap->call(store, std::nullopt))->x, 0.0);
  const auto sum = i.get_typed_func<double(std::span<const Point>)>(store, "sum");
  EXPECT_EQ(*sum->call(store, std::vector<Point>{{1, 2}, {3, 4}}), 10.0);
  const auto colour = i.get_typed_func<Colour(Colour)>(store, "colour");
  EXPECT_EQ(*colour->call(store, Colour::red), Colour::green);
}

TEST_F(Embed, SpillsMoreThanSixteenParameters) {
  using u = std::uint32_t;
  const auto many =
      instantiate(store, values)
          .get_typed_func<u(u, u, u, u, u, u, u, u, u, u, u, u, u, u, u, u, u)>(store, "many");
  ASSERT_TRUE(many) << words(many.error());
  EXPECT_EQ(*many->call(store, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), 16U);
}

TEST_F(Embed, ViewsAndFillsGuestMemoryWithoutCopies) {
  const auto i = instantiate(store, values);
  const auto f =
      i.get_typed_func<std::span<const std::uint8_t>(Fill<std::uint8_t>)>(store, "bytes");
  ASSERT_TRUE(f) << words(f.error());
  const auto posts = i.get_typed_func<std::uint32_t()>(store, "posts");
  const std::uint8_t* filled = nullptr;
  auto fill = [&](std::span<std::uint8_t> out) {
    filled = out.data();
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<std::uint8_t>(k);
  };
  {
    auto result = f->call_view(Fill<std::uint8_t>(100, fill));
    ASSERT_TRUE(result);
    ASSERT_EQ((*result)->size(), 100U);
    EXPECT_EQ((**result)[99], 99);
    EXPECT_EQ((*result)->data(), filled) << "the guest gave the very bytes back, and nobody copied";
    EXPECT_EQ(posts->call(store).error().message(), "cannot enter component instance");
    EXPECT_TRUE(result->finish());
  }
  EXPECT_EQ(*posts->call(store), 1U) << "post-return ran once";
}

TEST_F(Embed, CallsWithDynamicValues) {
  const auto i = instantiate(store, values);
  const auto swap = i.get_func("swap");
  ASSERT_TRUE(swap);
  const std::vector<Value> args = {
      Value::some(Value::record({{"x", Value::f64(1)}, {"y", Value::f64(2)}}))};
  const auto none = swap->call(args);
  ASSERT_TRUE(none) << none.error().message();
  EXPECT_EQ(runtime::to_wave(**none), "none");
  const auto wrong = swap->call(std::vector<Value>{Value::u8(1)});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message(),
            "the arguments do not fit the function's type: argument `p` of `swap`: a u8 is given, "
            "option is wanted");
  EXPECT_TRUE(swap->call(args)) << "the host's slip does not poison the guest";
}

constexpr std::string_view importer = R"(
  (component
    (import "host" (instance $host
      (export "inc" (func (param "x" u32) (result u32)))
      (export "say" (func (param "s" string) (result (option string))))))
    (core module $Libc (memory (export "mem") 1)
      (global $p (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $p) (global.set $p (i32.add (global.get $p) (local.get 3)))))
    (core instance $libc (instantiate $Libc))
    (core func $inc (canon lower (func $host "inc")))
    (core func $say (canon lower (func $host "say") (memory (core memory $libc "mem")) (realloc (core func $libc "realloc"))))
    (core module $M
      (import "h" "inc" (func $inc (param i32) (result i32)))
      (import "h" "say" (func $say (param i32 i32 i32)))
      (import "libc" "mem" (memory 1))
      (data (i32.const 100) "ping")
      (func (export "twice") (param i32) (result i32) (call $inc (call $inc (local.get 0))))
      (func (export "talk") (result i32)
        (call $say (i32.const 100) (i32.const 4) (i32.const 200))
        (i32.add (i32.mul (i32.load8_u (i32.const 200)) (i32.const 100)) (i32.load (i32.const 208)))))
    (core instance $m (instantiate $M
      (with "h" (instance (export "inc" (func $inc)) (export "say" (func $say))))
      (with "libc" (instance $libc))))
    (func (export "twice") (param "x" u32) (result u32) (canon lift (core func $m "twice")))
    (func (export "talk") (result u32) (canon lift (core func $m "talk")))))";

TEST_F(Embed, GuestsCallLambdas) {
  auto host = linker.instance("host");
  ASSERT_TRUE(host.func_wrap("inc", [](std::uint32_t x) { return x + 1; }));
  std::string said;
  ASSERT_TRUE(host.func_wrap("say", [&](Store&, std::string_view s) -> std::optional<std::string> {
    said = s;
    return "pong!";
  }));
  const auto i = instantiate(store, importer);
  EXPECT_EQ(*i.get_typed_func<std::uint32_t(std::uint32_t)>(store, "twice")->call(store, 5), 7U);
  EXPECT_EQ(*i.get_typed_func<std::uint32_t()>(store, "talk")->call(store), 105U);
  EXPECT_EQ(said, "ping");
}

TEST_F(Embed, WhatAHostFunctionThrowsBecomesATrap) {
  auto host = linker.instance("host");
  ASSERT_TRUE(host.func_wrap("inc", [](std::uint32_t x) -> std::uint32_t {
    if (x == 1) throw std::runtime_error("no more");
    if (x == 2) throw 42;
    return x;
  }));
  ASSERT_TRUE(host.func_wrap("say", [](std::string_view) -> Result<std::optional<std::string>> {
    return std::unexpected(Error(runtime::rules::limit, Span::none(), "refused"));
  }));
  const auto c = compile(engine, importer);
  for (const auto& [arg, message] : {std::pair(1U, "no more"), std::pair(2U, "exception")}) {
    Store fresh(engine);
    const auto i = linker.instantiate(fresh, c);
    const auto f = i->get_typed_func<std::uint32_t(std::uint32_t)>(fresh, "twice");
    const auto result = f->call(fresh, arg);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message().find(message), std::string::npos)
        << result.error().message();
    EXPECT_FALSE(fresh.busy());
  }
  const auto i = linker.instantiate(store, c);
  const auto talk = i->get_typed_func<std::uint32_t()>(store, "talk")->call(store);
  ASSERT_FALSE(talk);
  EXPECT_NE(talk.error().message().find("refused"), std::string::npos);
}

TEST_F(Embed, AHostFunctionMayCallBackIntoTheSameInstance) {
  std::optional<Instance> self;
  std::uint32_t back = 0;
  bool inside = false;
  auto host = linker.instance("host");
  ASSERT_TRUE(host.func_wrap("inc", [&](Store& s, std::uint32_t x) {
    if (!std::exchange(inside, true)) {
      const auto again =
          self->get_typed_func<std::uint32_t(std::uint32_t)>(s, "twice")->call(s, 10);
      back = again ? *again : 0;
    }
    EXPECT_TRUE(s.busy());
    return x + 1;
  }));
  ASSERT_TRUE(linker.define_unknown_imports_as_traps(compile(engine, importer)));
  self = instantiate(store, importer);
  EXPECT_EQ(*self->get_typed_func<std::uint32_t(std::uint32_t)>(store, "twice")->call(store, 1),
            3U);
  EXPECT_EQ(back, 12U);
  EXPECT_NE(self->get_typed_func<std::uint32_t()>(store, "talk")
                ->call(store)
                .error()
                .message()
                .find("host#say"),
            std::string::npos)
      << "an unknown import traps by its name";
}

TEST_F(Embed, SaysWhichImportIsMissingAndWhatThereIs) {
  const auto c = compile(engine, importer);
  auto none = linker.instantiate(store, c);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().rule(), runtime::rules::import_missing);
  EXPECT_NE(words(none.error()).find("interface host { inc: func(x: u32) -> u32;"),
            std::string::npos)
      << words(none.error());
  ASSERT_TRUE(linker.instance("host").func_wrap("ink", [](std::uint32_t x) { return x; }));
  auto near = linker.instantiate(store, c);
  ASSERT_FALSE(near);
  EXPECT_NE(words(near.error()).find("the nearest name is `ink`"), std::string::npos)
      << words(near.error());
  ASSERT_TRUE(linker.instance("host").func_wrap("inc", [](double x) { return x; }));
  auto type = linker.instantiate(store, c);
  ASSERT_FALSE(type);
  EXPECT_EQ(type.error().rule(), runtime::rules::import_type);
  EXPECT_NE(words(type.error()).find("parameter `x` is `u32`, not `f64`"), std::string::npos)
      << words(type.error());
  EXPECT_FALSE(linker.instance("host").func_wrap("inc", [] {})) << "defined twice";
}

TEST_F(Embed, AnImportOfOnlyTypesNeedsNothing) {
  instantiate(store, R"((component
    (import "a:b/types" (instance (type $p (record (field "x" u8))) (export "p" (type (eq $p)))))))");
}

constexpr std::string_view counter = R"(
  (component
    (core module $M
      (global $live (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $live (i32.sub (global.get $live) (i32.const 1)))
        (if (i32.eq (local.get 0) (i32.const 13)) (then unreachable)))
      (func (export "born") (global.set $live (i32.add (global.get $live) (i32.const 1))))
      (func (export "live") (result i32) (global.get $live)))
    (core instance $m (instantiate $M))
    (type $r' (resource (rep i32) (dtor (core func $m "dtor"))))
    (core func $new (canon resource.new $r'))
    (core module $N
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "born" (func $born))
      (func (export "make") (param i32) (result i32) (call $born) (call $new (local.get 0)))
      (func (export "get") (param i32) (result i32) (local.get 0))
      (func (export "get2") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "take") (param i32) ))
    (core instance $n (instantiate $N (with "" (instance (export "new" (func $new)) (export "born" (func $m "born"))))))
    (export $r "r" (type $r'))
    (func (export "make") (param "v" u32) (result (own $r)) (canon lift (core func $n "make")))
    (func (export "get") (param "r" (borrow $r)) (result u32) (canon lift (core func $n "get")))
    (func (export "get2") (param "a" (borrow $r)) (param "b" (own $r)) (result u32) (canon lift (core func $n "get2")))
    (func (export "take") (param "r" (own $r)) (canon lift (core func $n "take")))
    (func (export "live") (result u32) (canon lift (core func $m "live")))))";

TEST_F(Embed, OwnsAndLendsResourcesOfGuests) {
  const auto i = instantiate(store, counter);
  const auto make = i.get_typed_func<Own<>(std::uint32_t)>(store, "make");
  ASSERT_TRUE(make) << words(make.error());
  const auto get = i.get_typed_func<std::uint32_t(Borrow<>)>(store, "get");
  const auto take = i.get_typed_func<void(Own<>)>(store, "take");
  const auto live = i.get_typed_func<std::uint32_t()>(store, "live");
  {
    auto a = *make->call(store, 7);
    auto b = *make->call(store, 8);
    EXPECT_EQ(*get->call(store, a), 7U);
    EXPECT_EQ(*get->call(store, b), 8U);
    EXPECT_EQ(*live->call(store), 2U);
    EXPECT_TRUE(a.drop());
    EXPECT_EQ(*live->call(store), 1U);
  }
  EXPECT_EQ(*live->call(store), 0U) << "the destructor ran when the handle went";
  EXPECT_EQ(store.host_handles().size(), 0U);
  ASSERT_TRUE(take->call(store, *make->call(store, 9)));
  EXPECT_EQ(store.host_handles().size(), 0U);
}

TEST_F(Embed, RefusesStaleAndForeignHandles) {
  const auto i = instantiate(store, counter);
  const auto other = instantiate(store, counter);
  const auto make = *i.get_func("make");
  const auto get = *i.get_func("get");
  const auto a = **make.call(std::vector<Value>{Value::u32(1)});
  EXPECT_TRUE(store.drop(a.handle()));
  EXPECT_FALSE(store.drop(a.handle())) << "double drop";
  const auto stale = get.call(std::vector<Value>{Value::borrow(a.handle())});
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().message().find(runtime::rules::stale_handle.message), 0U);
  const auto b = **make.call(std::vector<Value>{Value::u32(2)});
  EXPECT_EQ(b.handle().index, a.handle().index) << "the place is used again";
  EXPECT_FALSE(get.call(std::vector<Value>{Value::borrow(a.handle())}))
      << "but the old handle is not";
  EXPECT_FALSE(other.get_func("get")->call(std::vector<Value>{Value::borrow(b.handle())}))
      << "another instance's type";
  EXPECT_TRUE(get.call(std::vector<Value>{Value::borrow(b.handle())})) << "and nobody is poisoned";
}

TEST_F(Embed, AResourceCannotBeLentAndGivenInOneCall) {
  const auto i = instantiate(store, counter);
  const auto make = *i.get_func("make");
  const auto a = **make.call(std::vector<Value>{Value::u32(1)});
  const auto both = i.get_func("get2")->call(
      std::vector<Value>{Value::borrow(a.handle()), Value::own(a.handle())});
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().message().find("cannot remove owned resource while borrowed"),
            std::string_view::npos)
      << both.error().message();
  // Found out before the guest was entered.
  EXPECT_EQ(call(i, std::vector<Value>{Value::borrow(a.handle())}, "get"), "1");
  EXPECT_TRUE(store.drop(a.handle()));
}

TEST_F(Embed, ADestructorThatTrapsIsTold) {
  const auto i = instantiate(store, counter);
  auto a = *i.get_typed_func<Own<>(std::uint32_t)>(store, "make")->call(store, 13);
  const auto dropped = a.drop();
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().code(), engine::TrapCode::unreachable);
}

struct Canvas {
  static inline int live = 0;
  explicit Canvas(std::uint32_t w) : width(w) { ++live; }
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  ~Canvas() { --live; }
  std::uint32_t width;
};

constexpr std::string_view painter = R"(
  (component
    (import "canvas" (instance $c
      (export "canvas" (type $canvas (sub resource)))
      (export "[constructor]canvas" (func (param "w" u32) (result (own $canvas))))
      (export "[method]canvas.width" (func (param "self" (borrow $canvas)) (result u32)))
      (export "keep" (func (param "c" (own $canvas))))))
    (alias export $c "canvas" (type $canvas))
    (core func $new (canon lower (func $c "[constructor]canvas")))
    (core func $width (canon lower (func $c "[method]canvas.width")))
    (core func $keep (canon lower (func $c "keep")))
    (core func $drop (canon resource.drop $canvas))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "width" (func $width (param i32) (result i32)))
      (import "" "keep" (func $keep (param i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (param i32) (result i32)
        (local $h i32) (local $w i32)
        (local.set $h (call $new (local.get 0)))
        (local.set $w (call $width (local.get $h)))
        (call $drop (local.get $h))
        (call $keep (call $new (i32.const 3)))
        (local.get $w))
      (func (export "forge") (param i32) (result i32) (call $width (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance
      (export "new" (func $new)) (export "width" (func $width)) (export "keep" (func $keep)) (export "drop" (func $drop))))))
    (func (export "run") (param "w" u32) (result u32) (canon lift (core func $m "run")))
    (func (export "forge") (param "h" u32) (result u32) (canon lift (core func $m "forge")))))";

TEST_F(Embed, GivesCppObjectsToGuests) {
  auto host = linker.instance("canvas");
  ASSERT_TRUE(host.resource<Canvas>("canvas"));
  ASSERT_TRUE(host.func_wrap("[constructor]canvas",
                             [](std::uint32_t w) { return std::make_unique<Canvas>(w); }));
  ASSERT_TRUE(host.func_wrap("[method]canvas.width", [](Canvas& c) { return c.width; }));
  std::unique_ptr<Canvas> kept;
  ASSERT_TRUE(host.func_wrap("keep", [&](std::unique_ptr<Canvas> c) { kept = std::move(c); }));
  const auto i = instantiate(store, painter);
  EXPECT_EQ(*i.get_typed_func<std::uint32_t(std::uint32_t)>(store, "run")->call(store, 640), 640U);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->width, 3U);
  EXPECT_EQ(Canvas::live, 1) << "the one that the guest dropped is gone";
  const auto forged =
      i.get_typed_func<std::uint32_t(std::uint32_t)>(store, "forge")->call(store, 77);
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.error().message(), "unknown handle index 77");
  kept.reset();
}

TEST_F(Embed, LinksOneRunningComponentToAnother) {
  const auto user = compile(engine, R"(
    (component
      (import "maker" (instance $m
        (export "r" (type $r (sub resource)))
        (export "make" (func (param "v" u32) (result (own $r))))
        (export "get" (func (param "r" (borrow $r)) (result u32)))))
      (alias export $m "r" (type $r))
      (core func $make (canon lower (func $m "make")))
      (core func $get (canon lower (func $m "get")))
      (core func $drop (canon resource.drop $r))
      (core module $M
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "get" (func $get (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (param i32) (result i32)
          (local $h i32) (local $v i32)
          (local.set $h (call $make (local.get 0)))
          (local.set $v (call $get (local.get $h)))
          (call $drop (local.get $h))
          (local.get $v)))
      (core instance $m (instantiate $M (with "" (instance
        (export "make" (func $make)) (export "get" (func $get)) (export "drop" (func $drop))))))
      (func (export "run") (param "v" u32) (result u32) (canon lift (core func $m "run")))))");
  const auto maker = instantiate(store, counter);
  ASSERT_TRUE(linker.link("maker", maker));
  const auto i = linker.instantiate(store, user);
  ASSERT_TRUE(i) << words(i.error());
  EXPECT_EQ(*i->get_typed_func<std::uint32_t(std::uint32_t)>(store, "run")->call(store, 42), 42U);
  EXPECT_EQ(*maker.get_typed_func<std::uint32_t()>(store, "live")->call(store), 0U);
  Store other(engine);
  EXPECT_FALSE(linker.instantiate(other, user)) << "the maker runs in another store";
}

TEST_F(Embed, AReallocThatLiesIsATrap) {
  const auto wat = [](std::string_view result) {
    return R"((component (core module $M (memory (export "mem") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) )" +
           std::string(result) + R"()
      (func (export "f") (param i32 i32)))
      (core instance $m (instantiate $M))
      (func (export "f") (param "l" (list u32))
        (canon lift (core func $m "f") (memory (core memory $m "mem")) (realloc (core func $m "realloc"))))))";
  };
  const std::vector<Value> args = {Value::list({Value::u32(1), Value::u32(2)})};
  for (const auto& [result, message] :
       {std::pair("(i32.const 2)", "realloc return: result not aligned"),
        std::pair("(i32.const 65532)", "realloc return: beyond end of memory"),
        std::pair("(i32.const 0xFFFFFFFC)", "realloc return: beyond end of memory"),
        std::pair("unreachable", "unreachable")}) {
    const auto i = instantiate(store, wat(result));
    const auto outcome = i.get_func("f")->call(args);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message(), message);
  }
}

TEST_F(Embed, ListsAndStringsOutsideMemoryAreTraps) {
  const auto wat = [](std::string_view type, std::string_view ptr, std::string_view len) {
    return R"((component (core module $M (memory (export "mem") 1)
      (func (export "f") (result i32)
        (i32.store (i32.const 0) (i32.const )" +
           std::string(ptr) + R"())
        (i32.store (i32.const 4) (i32.const )" +
           std::string(len) + R"()) (i32.const 0)))
      (core instance $m (instantiate $M))
      (func (export "f") (result )" +
           std::string(type) +
           R"() (canon lift (core func $m "f") (memory (core memory $m "mem"))))))";
  };
  const auto traps = [&](std::string_view type, std::string_view ptr, std::string_view len) {
    const auto i = instantiate(store, wat(type, ptr, len));
    const auto outcome = i.get_func("f")->call({});
    return outcome ? std::string("returned") : std::string(outcome.error().message());
  };
  EXPECT_EQ(traps("(list u32)", "65532", "1"), "returned");
  EXPECT_EQ(traps("(list u32)", "65536", "0"), "returned") << "exactly at the end";
  EXPECT_EQ(traps("(list u32)", "65536", "1"), "list pointer/length out of bounds of memory");
  EXPECT_EQ(traps("(list u32)", "65540", "0"), "list pointer/length out of bounds of memory");
  EXPECT_EQ(traps("(list u32)", "2", "0"), "unaligned pointer");
  EXPECT_NE(traps("(list u32)", "0", "0x40000000").find("at most 2^28"), std::string::npos)
      << "length x size is 2^32";
  EXPECT_NE(traps("(list u64)", "0", "0xFFFFFFFF").find("at most 2^28"), std::string::npos);
  EXPECT_NE(traps("string", "0", "0x10000000").find("out of bounds"), std::string::npos);
  EXPECT_EQ(traps("string", "65535", "2"), "string pointer/length out of bounds of memory");
}

TEST_F(Embed, APostReturnThatTrapsOrCallsOutIsATrap) {
  const auto i = instantiate(store, R"((component
    (core module $M (func (export "f") (result i32) (i32.const 1)) (func (export "post") (param i32) unreachable))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f") (post-return (core func $m "post"))))))");
  const auto f = i.get_typed_func<std::uint32_t()>(store, "f");
  EXPECT_EQ(f->call(store).error().code(), engine::TrapCode::unreachable);
  EXPECT_EQ(f->call(store).error().message(), "cannot enter component instance");
}

TEST_F(Embed, HandlesAreLimitedPerInstance) {
  runtime::StoreLimits limits;
  limits.handles = 10;
  Store small(engine, limits);
  const auto i = instantiate(small, R"((component
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $M (import "" "new" (func $new (param i32) (result i32)))
      (func (export "f") (param i32)
        (loop $l (drop (call $new (i32.const 0)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (func (export "f") (param "n" u32) (canon lift (core func $m "f")))))");
  const auto f = i.get_typed_func<void(std::uint32_t)>(small, "f");
  EXPECT_TRUE(f->call(small, 10));
  EXPECT_EQ(f->call(small, 1).error().message(), "the table of handles is full");
}

TEST_F(Embed, ALoopEndsAtItsDeadline) {
  const auto i = instantiate(store, R"((component
    (core module $M (func (export "f") (loop $l (br $l))))
    (core instance $m (instantiate $M)) (func (export "f") (canon lift (core func $m "f")))))");
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
  const auto outcome = i.get_typed_func<void()>(store, "f")->call(store);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), engine::TrapCode::interrupted);
}

TEST_F(Embed, AComponentIsSharedByThreads) {
  const auto c = compile(engine, calculator);
  const auto pre = linker.instantiate_pre(c);
  ASSERT_TRUE(pre);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        Store own(engine);
        const auto i = pre->instantiate(own);
        right += *i->get_typed_func<double(double, double)>(own, "plus")->call(own, n, 1) == n + 1
                     ? 1
                     : 0;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, 80);
}

TEST_F(Embed, ACoreModuleIsNoComponentAndSaysSo) {
  const auto c = Component::from_bytes(engine, {0, 'a', 's', 'm', 1, 0, 0, 0});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().rule(), runtime::rules::not_a_component);
  EXPECT_NE(c.error().help_text().find("tenon component new"), std::string::npos);
}

TEST_F(Embed, AStoreCannotGoInTheMiddleOfItsCalls) {
  EXPECT_DEATH(
      {
        // An engine of the child's own: the parent's does nothing here.
        Engine own;
        Linker with(own);
        const auto c = compile(own, importer);
        auto doomed = std::make_unique<Store>(own);
        (void)with.instance("host").func_wrap("inc", [&](std::uint32_t x) {
          doomed.reset();
          return x;
        });
        (void)with.define_unknown_imports_as_traps(c);
        const auto i = with.instantiate(*doomed, c);
        const auto twice = i->get_typed_func<std::uint32_t(std::uint32_t)>(*doomed, "twice");
        std::fputs("before the call", stderr);
        (void)(*twice)(1);
      },
      "before the call");
}

TEST_F(Embed, TracesCallsAcrossBoundaries) {
  std::vector<std::string> log;
  store.set_trace([&](const runtime::CallEvent& e) {
    std::string line(e.import ? "import " : "export ");
    line += e.name;
    line += e.kind == runtime::CallEvent::Kind::call ? "(" : " -> ";
    for (const auto& v : e.values) line += runtime::to_wave(v);
    log.push_back(line);
  });
  ASSERT_TRUE(linker.instance("host").func_wrap("inc", [](std::uint32_t x) { return x + 1; }));
  ASSERT_TRUE(linker.define_unknown_imports_as_traps(compile(engine, importer)));
  const auto i = instantiate(store, importer);
  ASSERT_TRUE(i.get_func("twice")->call(std::vector<Value>{Value::u32(1)}));
  EXPECT_EQ(log, (std::vector<std::string>{"export twice(1", "import host#inc(1",
                                           "import host#inc -> 2", "import host#inc(2",
                                           "import host#inc -> 3", "export twice -> 3"}));
}

}  // namespace
}  // namespace tenon

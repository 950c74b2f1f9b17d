// SPDX-License-Identifier: Apache-2.0
// What a host may do wrong at the typed API: each slip is an error that leaves the guest as it was.
#include <cmath>
#include <limits>
#include <map>
#include <thread>

#include "tenon/runtime/bindings.h"
#include "tenon/runtime/embed_test.h"
#include "tenon/runtime/rules.h"

namespace tenon {

namespace {
enum class Wide : std::uint64_t { red, green };
}  // namespace
template <>
inline constexpr auto enum_labels<Wide> = std::array<std::string_view, 2>{"red", "green"};

namespace {
struct Pair {
  double x;
  float y;
  std::uint32_t z;
};
}  // namespace
template <>
inline constexpr auto members<Pair> =
    std::tuple(member("x", &Pair::x), member("y", &Pair::y), member("z", &Pair::z));

namespace {
struct Named {
  std::string name;
};
}  // namespace
template <>
inline constexpr auto members<Named> = std::tuple(member("name", &Named::name));

namespace {
struct alignas(16) Aligned {
  double x;
  double y;
};
}  // namespace
template <>
inline constexpr auto members<Aligned> =
    std::tuple(member("x", &Aligned::x), member("y", &Aligned::y));

namespace {

using HostSlip = Embed;

constexpr std::string_view resource = R"((component
  (type $r (resource (rep i32))) (export $re "r" (type $r))
  (core func $new (canon resource.new $r))
  (core module $M
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "rep") (param i32) (result i32) (local.get 0))
    (func (export "two") (param i32 i32) (result i32) (local.get 1)))
  (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
  (func $make (param "x" u32) (result (own $r)) (canon lift (core func $m "make")))
  (export "make" (func $make) (func (param "x" u32) (result (own $re))))
  (func $rep (param "x" (borrow $r)) (result u32) (canon lift (core func $m "rep")))
  (export "rep" (func $rep) (func (param "x" (borrow $re)) (result u32)))
  (func $eat (param "x" (own $r)) (result u32) (canon lift (core func $m "rep")))
  (export "eat" (func $eat) (func (param "x" (own $re)) (result u32)))
  (func $both (param "x" (own $r)) (param "y" (borrow $r)) (result u32) (canon lift (core func $m "two")))
  (export "both" (func $both) (func (param "x" (own $re)) (param "y" (borrow $re)) (result u32)))))";

/// The typed functions of an instance of it.
struct Resources {
  explicit Resources(Store& store, const Instance& i)
      : make(*i.get_typed_func<Own<>(std::uint32_t)>(store, "make")),
        rep(*i.get_typed_func<std::uint32_t(Borrow<>)>(store, "rep")),
        eat(*i.get_typed_func<std::uint32_t(Own<>)>(store, "eat")),
        both(*i.get_typed_func<std::uint32_t(Own<>, Borrow<>)>(store, "both")) {}
  TypedFunc<Own<>(std::uint32_t)> make;
  TypedFunc<std::uint32_t(Borrow<>)> rep;
  TypedFunc<std::uint32_t(Own<>)> eat;
  TypedFunc<std::uint32_t(Own<>, Borrow<>)> both;
};

template <class T>
std::string why(const Outcome<T>& outcome) {
  return outcome ? "no trap" : std::string(outcome.error().message());
}

TEST_F(HostSlip, AHandleOfAnotherStoreIsAnErrorInEitherWay) {
  Store other(engine);
  EXPECT_NE(store.id(), other.id());
  const Resources a(store, instantiate(store, resource));
  const Resources b(other, instantiate(other, resource));
  auto one = *a.make(11);
  auto two = *b.make(22);
  EXPECT_NE(why(b.rep(one)).find("another store"), std::string::npos) << why(b.rep(one));
  EXPECT_NE(why(b.eat(std::move(one))).find("another store"), std::string::npos);
  EXPECT_EQ(*b.rep(two), 22U) << "what has the same place in the other store is untouched";
  EXPECT_EQ(other.host_handles().size(), 1U);
  EXPECT_FALSE(store.drop(two.handle()));
}

/// The rule under which a call was refused.
std::string_view rule_of(const auto& outcome) {
  if (outcome) return "no trap";
  const auto* refusal = outcome.error().refusal();
  return refusal == nullptr ? "a trap" : refusal->rule().id;
}

// All of them were "a resource that was dropped or given away, or that another store holds".
TEST_F(HostSlip, HandlesOfAnotherStoreDroppedOnesAndThoseOfAnotherTypeAreToldApart) {
  Store other(engine);
  const auto mine = instantiate(store, resource);
  const Resources a(store, mine);
  const Resources again(store, instantiate(store, resource));
  const Resources far(other, instantiate(other, resource));
  const auto rep = *mine.get_func("rep");
  const auto both_ways = [&](runtime::HostHandle handle) {
    const auto typed = rule_of(a.rep(Borrow<>(handle)));
    EXPECT_EQ(typed, rule_of(rep.call(std::vector<Value>{Value::borrow(handle)})));
    return typed;
  };
  const auto theirs = *far.make(1);
  EXPECT_EQ(both_ways(theirs.handle()), "other-store");
  auto gone = *a.make(2);
  const auto dropped = gone.handle();
  ASSERT_TRUE(store.drop(gone.release()));
  EXPECT_EQ(both_ways(dropped), "stale-handle");
  auto eaten = *a.make(3);
  const auto moved = eaten.handle();
  ASSERT_TRUE(a.eat(std::move(eaten)));
  EXPECT_EQ(both_ways(moved), "stale-handle");
  EXPECT_EQ(both_ways({}), "stale-handle");
  const auto another_type = *again.make(4);
  EXPECT_EQ(both_ways(another_type.handle()), "handle-type");
  auto both = *a.make(5);
  const Borrow<> lent = both;
  EXPECT_EQ(rule_of(a.both(std::move(both), lent)), "lent-handle");
}

TEST(HostTable, AHandleIsItsOwnHoweverManyCameAfterIt) {
  const runtime::ResourceType type("r", nullptr);
  runtime::HostTable table;
  runtime::HostTable other;
  std::vector<runtime::HostHandle> old;
  runtime::HostHandle foreign;
  for (int i = 0; i < 500'000; ++i) {
    const auto h = table.add(&type, 1, true);
    table.remove(h);
    if (i % 1'000 == 0) {
      old.push_back(h);
      foreign = other.add(&type, 1, true);
    }
  }
  for (const auto h : old) EXPECT_EQ(table.look_at(h, &type, true)->rule.id, "stale-handle");
  EXPECT_EQ(table.look_at(foreign, &type, true)->rule.id, "other-store");
  EXPECT_EQ(other.look_at(old.front(), &type, true)->rule.id, "other-store");
}

TEST_F(HostSlip, AHandleOfAStoreThatCameLaterToTheSameAddressIsAnError) {
  std::optional<Store> place(std::in_place, engine);
  const auto id = place->id();
  runtime::HostHandle stale;
  {
    const Resources r(*place, instantiate(*place, resource));
    auto own = *r.make(1);
    stale = own.release();
  }
  place.emplace(engine);
  EXPECT_NE(place->id(), id);
  const Resources r(*place, instantiate(*place, resource));
  const auto own = *r.make(2);
  EXPECT_EQ(own.handle().index, stale.index);
  EXPECT_FALSE(r.rep(Borrow<>(stale)));
  EXPECT_EQ(*r.rep(own), 2U);
}

TEST_F(HostSlip, AnOwnThatWasMovedFromGivenOrReleasedIsEmpty) {
  const Resources r(store, instantiate(store, resource));
  auto x = *r.make(5);
  Own<> y = std::move(x);
  EXPECT_FALSE(x);  // NOLINT(bugprone-use-after-move): what the host did wrong
  EXPECT_EQ(x.handle(), runtime::HostHandle());
  const Trap methods = bindings::no_methods(x);
  ASSERT_NE(methods.refusal(), nullptr) << "the guest is not to blame";
  EXPECT_EQ(methods.refusal()->rule(), runtime::rules::stale_handle);
  EXPECT_NE(why(r.rep(x)).find("empty handle"), std::string::npos) << why(r.rep(x));
  EXPECT_NE(why(r.eat(std::move(x))).find("empty handle"), std::string::npos);
  EXPECT_NE(why(r.rep(Borrow<>())).find("empty handle"), std::string::npos);
  EXPECT_EQ(*r.rep(y), 5U) << "the new holder has it, and the guest was not entered";
  EXPECT_TRUE(r.eat(std::move(y)));
  EXPECT_FALSE(r.eat(std::move(y)));  // NOLINT(bugprone-use-after-move): what the host did wrong
  EXPECT_TRUE(r.make(6)) << "nobody is poisoned";
}

TEST_F(HostSlip, OneResourceLentAndGivenInOneTypedCallIsAnErrorBeforeIt) {
  const Resources r(store, instantiate(store, resource));
  auto x = *r.make(5);
  const Borrow<> lent = x;
  EXPECT_FALSE(r.both(std::move(x), lent));
  auto y = *r.make(6);
  auto z = *r.make(7);
  EXPECT_TRUE(r.both(std::move(y), z)) << "nobody is poisoned";
  EXPECT_EQ(*r.rep(z), 7U);
}

TEST_F(HostSlip, ARefusedOwnStaysItsHolders) {
  StoreLimits limits;
  limits.handles = 1;
  Store small(engine, limits);
  const auto from = instantiate(small, resource);
  const auto make = *from.get_typed_func<Own<>(std::uint32_t)>(small, "make");
  auto kept = *make(1);
  EXPECT_EQ(small.host_handles().size(), 1U);
  EXPECT_TRUE(kept.drop());
  EXPECT_EQ(small.host_handles().size(), 0U);
}

constexpr std::string_view text = R"(
  (core module $M
    (func (export "len") (param i32 i32) (result i32) (local.get 1))
    (func (export "one") (param i32) (result i32) (local.get 0))
    (func (export "opt") (param i32 i32 i32) (result i32) (local.get 2)))
  (core instance $m (instantiate $M))
  (type $e0 (enum "red" "green")) (export $e "e" (type $e0))
  (func (export "len") (param "s" string) (result u32)
    (canon lift (core func $m "len") (memory $mem) (realloc $realloc)))
  (func (export "many") (param "s" (list string)) (result u32)
    (canon lift (core func $m "len") (memory $mem) (realloc $realloc)))
  (func (export "opt") (param "s" (option string)) (result u32)
    (canon lift (core func $m "opt") (memory $mem) (realloc $realloc)))
  (func (export "bytes") (param "s" (list u64)) (result u32)
    (canon lift (core func $m "len") (memory $mem) (realloc $realloc)))
  (func (export "bools") (param "s" (list bool)) (result u32)
    (canon lift (core func $m "len") (memory $mem) (realloc $realloc)))
  (func (export "char") (param "c" char) (result u32) (canon lift (core func $m "one")))
  (func $colour (param "c" $e0) (result u32) (canon lift (core func $m "one")))
  (export "colour" (func $colour) (func (param "c" $e) (result u32))))";

TEST_F(HostSlip, TextsCharsAndCasesThatMeanNothingAreErrorsBeforeTheCall) {
  const auto i = instantiate(store, with_libc(text));
  const auto len = *i.get_typed_func<std::uint32_t(std::string_view)>(store, "len");
  const auto many = *i.get_typed_func<std::uint32_t(std::vector<std::string>)>(store, "many");
  const auto opt = *i.get_typed_func<std::uint32_t(std::optional<std::string>)>(store, "opt");
  const auto one = *i.get_typed_func<std::uint32_t(char32_t)>(store, "char");
  const auto colour = *i.get_typed_func<std::uint32_t(Wide)>(store, "colour");
  const std::string bad = "ab\xC3";
  EXPECT_FALSE(len(bad));
  EXPECT_FALSE(many({"good", bad}));
  EXPECT_FALSE(opt(bad));
  EXPECT_FALSE(one(static_cast<char32_t>(0xD800)));
  EXPECT_FALSE(one(static_cast<char32_t>(0x110000)));
  EXPECT_FALSE(colour(static_cast<Wide>(2)));
  EXPECT_FALSE(colour(static_cast<Wide>(std::uint64_t{1} << 32U))) << "no bit gets lost";
  // What is long is checked while it is copied, behind a call of realloc: the guest goes on all the
  // same.
  EXPECT_FALSE(len(std::string(1'000, 'x') + bad));
  EXPECT_FALSE(many({std::string(1'000, 'x'), std::string(1'000, 'x') + bad}));
  EXPECT_EQ(*len("abc"), 3U) << "nobody is poisoned";
  EXPECT_EQ(*many({"a", "b"}), 2U);
  EXPECT_EQ(*opt("abcd"), 4U);
  EXPECT_EQ(*one(U'☃'), 0x2603U);
  EXPECT_EQ(*colour(Wide::green), 1U);
  // The same with dynamic values.
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, Value>>{{"len", Value::string(bad)},
                                                  {"many", Value::list({Value::string(bad)})},
                                                  {"char", Value::character(0xD800)},
                                                  {"colour", Value::enumeration("blue")}}) {
    EXPECT_FALSE((*i.get_func(name)).call(std::vector<Value>{value})) << name;
  }
  EXPECT_EQ(*len("abc"), 3U);
}

TEST_F(HostSlip, WhatTheHostSpoiledIsToldFromATrapOfTheGuest) {
  const auto i = instantiate(store, with_libc(text));
  const auto len = *i.get_typed_func<std::uint32_t(std::string_view)>(store, "len");
  const auto many = *i.get_typed_func<std::uint32_t(std::vector<std::string>)>(store, "many");
  const auto colour = *i.get_typed_func<std::uint32_t(Wide)>(store, "colour");
  const std::string bad = "ab\xFF";
  for (const auto& done : {len(bad), len(std::string(1'000, 'x') + bad), many({"good", bad}),
                           colour(static_cast<Wide>(2))}) {
    ASSERT_FALSE(done);
    const auto* refusal = done.error().refusal();
    ASSERT_NE(refusal, nullptr) << done.error().text();
    EXPECT_EQ(refusal->rule(), runtime::rules::func_args) << refusal->text();
  }
  EXPECT_NE(why(len(bad)).find("argument `s` of `len`: invalid utf-8"), std::string::npos)
      << why(len(bad));
  const auto dynamic =
      (*i.get_func("len")).call(std::vector<Value>{Value::string(std::string(1'000, 'x') + bad)});
  ASSERT_FALSE(dynamic);
  EXPECT_NE(dynamic.error().refusal(), nullptr);
  EXPECT_TRUE(len("abc")) << "nobody is poisoned";

  const Resources r(store, instantiate(store, resource));
  auto x = *r.make(5);
  const Own<> y = std::move(x);
  const auto done =
      r.eat(std::move(x));  // NOLINT(bugprone-use-after-move): what the host did wrong
  ASSERT_FALSE(done);
  ASSERT_NE(done.error().refusal(), nullptr) << done.error().text();
  EXPECT_EQ(done.error().refusal()->rule(), runtime::rules::stale_handle);
}

TEST_F(HostSlip, ARefusedCallHasTakenItsOwnAndDropsIt) {
  Store other(engine);
  const Resources a(store, instantiate(store, resource));
  const Resources b(other, instantiate(other, resource));
  auto own = *a.make(11);
  const auto done = b.eat(std::move(own));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().refusal(), nullptr);
  EXPECT_FALSE(own);  // NOLINT(bugprone-use-after-move): it was given away
  EXPECT_EQ(store.host_handles().size(), 0U);
}

TEST_F(HostSlip, CountsThatOverflowTheirSizeAreErrorsBeforeTheCall) {
  const auto i = instantiate(store, with_libc(text));
  const auto fill = *i.get_typed_func<std::uint32_t(Fill<std::uint64_t>)>(store, "bytes");
  const auto span =
      *i.get_typed_func<std::uint32_t(std::span<const std::uint64_t>)>(store, "bytes");
  bool filled = false;
  const auto write = [&](std::span<std::uint64_t>) { filled = true; };
  const std::uint64_t word = 0;
  for (const auto count : {(std::size_t{1} << 61U) + 1, std::size_t{1} << 61U, ~std::size_t{0},
                           std::size_t{1} << 32U, (std::size_t{1} << 29U)}) {
    EXPECT_NE(why(fill(Fill<std::uint64_t>(count, write))).find("no memory can hold"),
              std::string::npos)
        << count;
    EXPECT_FALSE(span(std::span(&word, count)));
  }
  EXPECT_FALSE(filled);
  EXPECT_EQ(*fill(Fill<std::uint64_t>(3, write)), 3U) << "nobody is poisoned";
  EXPECT_TRUE(filled);
  const auto bools = *i.get_typed_func<std::uint32_t(std::vector<bool>)>(store, "bools");
  EXPECT_EQ(*bools({true, false}), 2U);
}

TEST_F(HostSlip, AVariantThatLostItsValueIsAnErrorBeforeTheCall) {
  const auto i = instantiate(store, with_libc(R"(
    (core module $M (func (export "f") (param i32 i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (type $r0 (record (field "name" string))) (export $r "r" (type $r0))
    (type $v0 (variant (case "a" u32) (case "b" $r))) (export $v "v" (type $v0))
    (func $f (param "x" $v0) (result u32)
      (canon lift (core func $m "f") (memory $mem) (realloc $realloc)))
    (export "f" (func $f) (func (param "x" $v) (result u32))))"));
  using V = std::variant<std::uint32_t, Named>;
  struct Throws {
    operator Named() const { throw 1; }  // NOLINT(google-explicit-constructor)
  };
  const auto f = *i.get_typed_func<std::uint32_t(V)>(store, "f");
  V v;
  EXPECT_THROW(v.emplace<1>(Throws()), int);
  ASSERT_TRUE(v.valueless_by_exception());
  EXPECT_NE(why(f(v)).find("no value"), std::string::npos);
  EXPECT_EQ(*f(7U), 7U) << "nobody is poisoned";
}

struct Thing {
  int n = 0;
};

constexpr std::string_view things = R"((component
  (import "h" (instance $h (export "thing" (type $t (sub resource)))))
  (alias export $h "thing" (type $t))
  (core module $M (func (export "f") (param i32) (result i32) (i32.const 1)))
  (core instance $m (instantiate $M))
  (func (export "own") (param "x" (own $t)) (result u32) (canon lift (core func $m "f")))))";

TEST_F(HostSlip, AnEmptyUniquePtrIsAnErrorBeforeTheCall) {
  ASSERT_TRUE(linker.instance("h").resource<Thing>("thing"));
  const auto i = instantiate(store, things);
  const auto own = *i.get_typed_func<std::uint32_t(std::unique_ptr<Thing>)>(store, "own");
  EXPECT_NE(why(own(nullptr)).find("no object"), std::string::npos);
  EXPECT_EQ(store.host_objects().size(), 0U);
  EXPECT_EQ(*own(std::make_unique<Thing>()), 1U) << "nobody is poisoned";
  const auto wrong = *i.get_typed_func<std::uint32_t(std::unique_ptr<int>)>(store, "own");
  const auto other = wrong(std::make_unique<int>(1));
  ASSERT_FALSE(other);
  ASSERT_NE(other.error().refusal(), nullptr);
  EXPECT_EQ(other.error().refusal()->rule().id, "handle-type");
  EXPECT_EQ(*own(std::make_unique<Thing>()), 1U);
}

constexpr std::string_view floats = R"(
  (core module $M (import "m" "mem" (memory 1)) (func (export "echo") (param i32 i32) (result i32)
    (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)))
  (core instance $m (instantiate $M (with "m" (instance $libc))))
  (type $p0 (record (field "x" f64) (field "y" f32) (field "z" u32))) (export $p "p" (type $p0))
  (func (export "f32s") (param "v" (list f32)) (result (list u32))
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc)))
  (func (export "u32s") (param "v" (list u32)) (result (list f32))
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc)))
  (func (export "arrays") (param "v" (list (list f64 2))) (result (list u64))
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc)))
  (func $pairs (param "v" (list $p0)) (result (list u64))
    (canon lift (core func $m "echo") (memory $mem) (realloc $realloc)))
  (export "pairs" (func $pairs) (func (param "v" (list $p)) (result (list u64)))))";

TEST_F(HostSlip, NansInTypedListsAreCanonicalAsInDynamicOnes) {
  const auto wat = with_libc(floats);
  const auto i = instantiate(store, wat);
  using U32s = std::vector<std::uint32_t>;
  const std::uint32_t odd = 0xFFA12345;
  const std::vector<float> nans = {1, std::bit_cast<float>(odd), -0.0F};
  const U32s wanted = {0x3F800000, 0x7FC00000, 0x80000000};
  const auto lower = *i.get_typed_func<U32s(std::vector<float>)>(store, "f32s");
  EXPECT_EQ(*lower(nans), wanted);
  const auto fill = *i.get_typed_func<U32s(Fill<float>)>(store, "f32s");
  const auto write = [&](std::span<float> out) { std::ranges::copy(nans, out.begin()); };
  EXPECT_EQ(*fill(Fill<float>(3, write)), wanted);
  const auto lift = *i.get_typed_func<std::vector<float>(U32s)>(store, "u32s");
  const auto lifted = *lift({odd});
  EXPECT_EQ(std::bit_cast<std::uint32_t>(lifted[0]), 0x7FC00000U);
  // Long enough for blocks, with NaNs at the ends of some.
  std::vector<float> many(1'000, 1.0F);
  for (const auto at : {0U, 63U, 64U, 127U, 500U, 999U}) many[at] = std::bit_cast<float>(odd);
  const auto bits = *lower(many);
  for (std::size_t n = 0; n < many.size(); ++n)
    EXPECT_EQ(bits[n], std::isnan(many[n]) ? 0x7FC00000U : 0x3F800000U) << n;
  const auto wide = std::bit_cast<double>(0xFFF4000000000001ULL);
  const auto pairs =
      *i.get_typed_func<std::vector<std::uint64_t>(std::vector<Pair>)>(store, "pairs");
  const auto out = *pairs({{1, 2, 3}, {wide, std::bit_cast<float>(odd), odd}});
  EXPECT_EQ(out[0], std::bit_cast<std::uint64_t>(1.0));
  EXPECT_EQ(out[1], 0x0000000340000000U);
  // The list is seen as numbers of half its elements' size: two of them are one pair.
  EXPECT_EQ(out.size(), 2U);
  using Twos = std::vector<std::array<double, 2>>;
  const auto arrays = *i.get_typed_func<std::vector<std::uint64_t>(Twos)>(store, "arrays");
  EXPECT_EQ((*arrays({{wide, 1}}))[0], 0x7FF8000000000000U);
}

TEST_F(HostSlip, WhatCannotBeViewedIsAnErrorWhenItIsLinked) {
  const auto i = instantiate(store, with_libc(R"(
    (core module $M (func (export "f") (param i32 i32) (result i32) (i32.const 0)))
    (core instance $m (instantiate $M))
    (type $p0 (record (field "x" f64) (field "y" f64))) (export $p "p" (type $p0))
    (func $f (param "v" (list $p0)) (result (list $p0))
      (canon lift (core func $m "f") (memory $mem) (realloc $realloc)))
    (export "f" (func $f) (func (param "v" (list $p)) (result (list $p)))))"));
  using Views = std::span<const Aligned>;
  // A guest aligns the record to 8 bytes, the structure wants 16.
  EXPECT_FALSE(i.get_typed_func<Views(std::vector<Aligned>)>(store, "f"));
  EXPECT_FALSE(i.get_typed_func<std::vector<Aligned>(Fill<Aligned>)>(store, "f"));
  EXPECT_TRUE(i.get_typed_func<std::vector<Aligned>(Views)>(store, "f"));
}

TEST_F(HostSlip, ViewsOfStringsInOtherEncodingsAreCopies) {
  for (const auto* encoding : {"utf8", "utf16", "latin1+utf16"}) {
    // Its realloc leaves room behind everything, and what it is asked to resize where it is.
    const auto wat = R"((component
      (core module $Libc
        (memory (export "mem") 1)
        (global $p (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (if (local.get 1) (then (return (local.get 0))))
          (global.set $p (i32.add (global.get $p) (i32.const 256)))
          (global.get $p)))
      (core instance $libc (instantiate $Libc))
      (alias core export $libc "mem" (core memory $mem))
      (alias core export $libc "realloc" (core func $realloc))
      (import "see" (func $see (param "s" string) (result u32)))
      (core func $see (canon lower (func $see) (memory $mem) (realloc $realloc) string-encoding=)" +
                     std::string(encoding) + R"())
      (core module $M (import "" "see" (func $see (param i32 i32) (result i32)))
        (import "m" "mem" (memory 1))
        (func (export "f") (param i32 i32) (result i32) (call $see (local.get 0) (local.get 1)))
        (func (export "echo") (param i32 i32) (result i32)
          (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1))
          (i32.const 0)))
      (core instance $m (instantiate $M (with "m" (instance $libc))
                                        (with "" (instance (export "see" (func $see))))))
      (func (export "f") (param "v" string) (result u32)
        (canon lift (core func $m "f") (memory $mem) (realloc $realloc) string-encoding=)" +
                     encoding + R"())
      (func (export "echo") (param "v" string) (result string)
        (canon lift (core func $m "echo") (memory $mem) (realloc $realloc) string-encoding=)" +
                     encoding + ")))";
    Linker with_see(engine);
    std::string seen;
    ASSERT_TRUE(with_see.root().func_wrap("see", [&](std::string_view s) {
      seen = s;
      return static_cast<std::uint32_t>(s.size());
    }));
    const auto i = with_see.instantiate(store, compile(engine, wat));
    ASSERT_TRUE(i) << words(i.error());
    const auto f = *i->get_typed_func<std::uint32_t(std::string_view)>(store, "f");
    const auto echo = *i->get_typed_func<std::string_view(std::string_view)>(store, "echo");
    for (const std::string_view said :
         {"", "plain", "gr\xC3\xBC\xC3\x9F", "\xE2\x98\x83 \xF0\x9F\x98\x80"}) {
      EXPECT_EQ(*f(said), said.size()) << encoding;
      EXPECT_EQ(seen, said) << encoding;
      auto view = echo.call_view(said);
      ASSERT_TRUE(view) << encoding;
      EXPECT_EQ(**view, said) << encoding;
    }
  }
}

TEST_F(HostSlip, AListThatTheGuestPutsUponItsOwnMemoryIsMoved) {
  // Realloc gives a place that overlaps the view which the host hands back.
  const auto i = instantiate(store, R"((component
    (core module $M (memory (export "mem") 1)
      (data (i32.const 100) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00")
      (data (i32.const 0) "\64\00\00\00\04\00\00\00")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 104))
      (func (export "give") (result i32) (i32.const 0))
      (func (export "last") (param i32 i32) (result i32)
        (i32.load offset=12 (local.get 0))))
    (core instance $m (instantiate $M))
    (alias core export $m "mem" (core memory $mem))
    (func (export "give") (result (list u32)) (canon lift (core func $m "give") (memory $mem)))
    (func (export "last") (param "v" (list u32)) (result u32)
      (canon lift (core func $m "last") (memory $mem) (realloc (core func $m "realloc"))))))");
  using View = std::span<const std::uint32_t>;
  const auto give = *i.get_typed_func<View()>(store, "give");
  const auto last = *i.get_typed_func<std::uint32_t(View)>(store, "last");
  View stale;
  {
    auto view = give.call_view();
    ASSERT_TRUE(view) << why(view);
    stale = **view;
  }
  EXPECT_EQ(*last(stale), 4U);
}

TEST_F(HostSlip, TypedHostFunctionsAndMemoriesOf64Bits) {
  const auto wat = [](std::string_view lowered, std::string_view core) {
    return R"((component
      (core module $Libc (memory (export "mem") i64 1)
        (func (export "realloc") (param i64 i64 i64 i64) (result i64) (i64.const 1024)))
      (core instance $libc (instantiate $Libc))
      (alias core export $libc "mem" (core memory $mem))
      (import "h" (func $h )" +
           std::string(lowered) + R"())
      (core func $l (canon lower (func $h) (memory $mem) (realloc (core func $libc "realloc"))))
      (core module $M (import "" "h" (func $h )" +
           std::string(core) + R"()) (func (export "f") ))
      (core instance $m (instantiate $M (with "" (instance (export "h" (func $l))))))
      (func (export "f") (canon lift (core func $m "f")))))";
  };
  const auto text_wat = wat("(param \"s\" string)", "(param i64 i64)");
  {
    Linker typed(engine);
    ASSERT_TRUE(typed.root().func_wrap("h", [](const std::string&) {}));
    const auto refused = typed.instantiate(store, compile(engine, text_wat));
    ASSERT_FALSE(refused);
    EXPECT_NE(words(refused.error()).find("64-bit memory"), std::string::npos)
        << words(refused.error());
  }
  {
    Linker dynamic(engine);
    ASSERT_TRUE(dynamic.root().func_new(
        "h", [](Store&, std::span<const Value>) { return std::optional<Value>(); }));
    EXPECT_TRUE(dynamic.instantiate(store, compile(engine, text_wat)));
  }
  Linker numbers(engine);
  ASSERT_TRUE(numbers.root().func_wrap("h", [](std::uint32_t) {}));
  EXPECT_TRUE(numbers.instantiate(store, compile(engine, wat("(param \"s\" u32)", "(param i32)"))))
      << "nothing lies in memory";
}

TEST_F(HostSlip, FuelThatNobodyCountsIsAnErrorAndTheMostDoesNotWrap) {
  const auto refused = store.set_fuel(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule(), runtime::rules::no_fuel);
  Config config;
  config.fuel = true;
  Engine counting(config);
  Store fueled(counting);
  ASSERT_TRUE(fueled.set_fuel(~std::uint64_t{0}));
  EXPECT_EQ(fueled.fuel(), static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  Linker there(counting);
  const auto i = there.instantiate(fueled, compile(counting, R"((component
    (core module $M (func (export "f") (result i32) (i32.const 1)))
    (core instance $m (instantiate $M))
    (func (export "f") (result u32) (canon lift (core func $m "f")))))"));
  EXPECT_EQ(*(*i->get_typed_func<std::uint32_t()>(fueled, "f"))(), 1U);
}

/// A chain of `n` components, each of which calls the one before.
std::string chain(int n) {
  std::string out = "(component ";
  for (int i = 0; i < n; ++i) {
    const auto id = std::to_string(i);
    out += "(component $C" + id;
    if (i != 0) {
      out += R"( (import "f" (func $f (param "x" u32) (result u32)))
                 (core func $l (canon lower (func $f)))
                 (core module $M (import "" "f" (func $f (param i32) (result i32)))
                   (func (export "f") (param i32) (result i32) (call $f (local.get 0))))
                 (core instance $m (instantiate $M (with "" (instance (export "f" (func $l)))))))";
    } else {
      out += R"( (core module $M (func (export "f") (param i32) (result i32) (local.get 0)))
                 (core instance $m (instantiate $M)))";
    }
    out += R"((func (export "f") (param "x" u32) (result u32) (canon lift (core func $m "f")))))";
    out += "(instance $i" + id + " (instantiate $C" + id;
    if (i != 0) {
      const auto before = std::to_string(i - 1);
      out += " (with \"f\" (func $i" + before + " \"f\"))";
    }
    out += "))";
  }
  return out + "(export \"f\" (func $i" + std::to_string(n - 1) + " \"f\")))";
}

TEST_F(HostSlip, ADepthOfNAllowsExactlyNCalls) {
  for (const std::uint32_t depth : {1U, 2U, 5U}) {
    for (const bool traced : {false, true}) {
      StoreLimits limits;
      limits.call_depth = depth;
      Store limited(engine, limits);
      // Traced calls between components do not stay in the interpreter.
      if (traced) limited.set_trace([](const runtime::CallEvent&) {});
      const auto fits = instantiate(limited, chain(static_cast<int>(depth)));
      EXPECT_EQ(call(fits, std::vector<Value>{Value::u32(7)}), "7") << depth << traced;
      const auto deeper = instantiate(limited, chain(static_cast<int>(depth) + 1));
      EXPECT_EQ(call(deeper, std::vector<Value>{Value::u32(7)}), "call stack exhausted")
          << depth << traced;
    }
  }
}

TEST_F(HostSlip, TypedCallsAreTracedAsDynamicOnesAre) {
  const auto events = [&](bool typed, bool good) {
    std::vector<std::string> out;
    Store traced(engine);
    traced.set_trace([&](const runtime::CallEvent& e) {
      std::string line = std::to_string(static_cast<int>(e.kind)) + (e.import ? " import " : " ") +
                         std::string(e.name) + " " + std::to_string(e.depth);
      for (const auto& v : e.values) line += " " + runtime::to_wave(v);
      out.push_back(line);
    });
    const auto i = instantiate(traced, with_libc(R"(
      (core module $M (import "m" "mem" (memory 1))
        (func (export "f") (param i32 i32 i32) (result i32)
          (if (i32.eqz (local.get 2)) (then unreachable))
          (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1))
          (i32.const 0)))
      (core instance $m (instantiate $M (with "m" (instance $libc))))
      (func (export "f") (param "s" string) (param "n" u32) (result string)
        (canon lift (core func $m "f") (memory $mem) (realloc $realloc))))"));
    const std::uint32_t n = good ? 1 : 0;
    if (typed) {
      const auto f = *i.get_typed_func<std::string(std::string_view, std::uint32_t)>(traced, "f");
      EXPECT_EQ(f("abc", n).has_value(), good);
    } else {
      call(i, std::vector<Value>{Value::string("abc"), Value::u32(n)});
    }
    return out;
  };
  EXPECT_EQ(events(true, true), events(false, true));
  EXPECT_EQ(events(true, false), events(false, false));
  EXPECT_EQ(events(true, true), (std::vector<std::string>{"0 f 0 \"abc\" 1", "1 f 0 \"abc\""}));
}

}  // namespace
}  // namespace tenon

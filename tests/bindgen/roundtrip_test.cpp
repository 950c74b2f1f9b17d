// SPDX-License-Identifier: Apache-2.0
// Values and resources through a guest and back, by typed bindings on both sides:
//   roundtrip_test COMPONENT.wasm...
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>

#include "roundtrip_host.h"
#include "values.h"

// Blocks that live on the host: every new and delete is counted.
static std::atomic<long> host_blocks;

void* operator new(std::size_t size) {
  void* const block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  ++host_blocks;
  return block;
}
void operator delete(void* block) noexcept {
  if (block != nullptr) --host_blocks;
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}

namespace {

namespace types = roundtrip::test::roundtrip::types;
namespace echo = roundtrip::exports::test::roundtrip::echo;
namespace host_things = roundtrip::test::roundtrip::things;

std::vector<std::string> components;

/// What the guests import: gives back what it gets, and counts the things that live.
struct Host {
  struct Thing final : host_things::thing {
    Thing(std::string text, int& count) : text_(std::move(text)), count_(count) { ++count_; }
    ~Thing() override { --count_; }
    std::string name() override { return text_; }
    void rename(std::string to) override { text_ = std::move(to); }
    std::string text_;
    int& count_;
  };

#define ECHO(name)   \
  template <class T> \
  T name(T v) {      \
    return v;        \
  }
#define SHAPE(name) ECHO(name)
#include "roundtrip/shapes.def"
#undef ECHO
  template <class... T>
  std::tuple<T...> e_many(T... v) {
    return {std::move(v)...};
  }

  std::unique_ptr<host_things::thing> new_thing(std::string name) {
    return std::make_unique<Thing>(std::move(name), count);
  }
  std::unique_ptr<host_things::thing> thing_merge(std::unique_ptr<host_things::thing> a,
                                                  host_things::thing& b) {
    return std::make_unique<Thing>(a->name() + b.name(), count);
  }
  std::uint32_t live() { return static_cast<std::uint32_t>(count); }
  std::vector<std::unique_ptr<host_things::thing>> reverse(
      std::vector<std::unique_ptr<host_things::thing>> all) {
    return {std::move_iterator(all.rbegin()), std::move_iterator(all.rend())};
  }
  std::unique_ptr<host_things::thing> keep(std::unique_ptr<host_things::thing> it) { return it; }
#define ECHO_TYPED(name, ...) \
  __VA_ARGS__ name(__VA_ARGS__ v) { return v; }
  ECHO_TYPED(keep_option, std::optional<std::unique_ptr<host_things::thing>>)
  using Result = std::expected<std::unique_ptr<host_things::thing>, std::string>;
  ECHO_TYPED(keep_result, Result)
  using Tuple = std::tuple<std::unique_ptr<host_things::thing>, std::string>;
  ECHO_TYPED(keep_tuple, Tuple)
  using Fixed = std::array<std::unique_ptr<host_things::thing>, 2>;
  ECHO_TYPED(keep_fixed, Fixed)
  using Map = std::map<std::string, std::unique_ptr<host_things::thing>>;
  ECHO_TYPED(keep_map, Map)
  ECHO_TYPED(keep_slots, std::vector<host_things::slot>)
  ECHO_TYPED(keep_places, std::vector<host_things::place>)
#undef ECHO_TYPED

  static std::uint32_t length(host_things::thing& one) {
    return static_cast<std::uint32_t>(one.name().size());
  }
  std::uint32_t total(std::vector<tenon::HostRef<host_things::thing>> all) {
    std::uint32_t sum = 0;
    for (const auto& one : all) sum += length(*one);
    return sum;
  }
  std::uint32_t total_lent(std::vector<host_things::lent> all) {
    std::uint32_t sum = 0;
    for (const auto& one : all)
      sum += static_cast<std::uint32_t>(one.label.size()) + length(*one.it);
    return sum;
  }
  std::uint32_t total_option(std::optional<tenon::HostRef<host_things::thing>> it) {
    return it ? length(**it) : 0;
  }
  std::uint32_t total_tuple(std::tuple<tenon::HostRef<host_things::thing>, std::string> it) {
    return length(*std::get<0>(it)) + static_cast<std::uint32_t>(std::get<1>(it).size());
  }

  int count = 0;
};

class Roundtrip : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto component = tenon::Component::from_file(engine, GetParam(), tenon::core::Features::all());
    ASSERT_TRUE(component) << component.error().text();
    auto made = roundtrip::world::instantiate(store, *component, host);
    ASSERT_TRUE(made) << made.error().text();
    world.emplace(*std::move(made));
  }
  tenon::Engine engine;
  Host host;
  tenon::Store store{engine};
  std::optional<roundtrip::world> world;
};

/// The value comes back as it was.
template <class Call, class T>
void same(Call call, const T& value) {
  const auto back = call(value);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_TRUE(*back == value);
}
#define SAME(name, ...) same([&](const auto& v) { return world->echo.name(v); }, __VA_ARGS__)

types::named named(int n) {
  return {"name " + std::to_string(n),
          {"", "tag", std::string(100, 'x')},
          n % 2 == 0 ? std::optional(types::point{1, -2}) : std::nullopt};
}
std::vector<types::shape> shapes() {
  using s = types::shape;
  return {s::circle{0.1 + 0.2}, s::text{"Division by zero"},
          s::nothing{},         s::square{{-1, 1e300}},
          s::text{""},          s::circle{-0.0}};
}
std::vector<types::wide> wides() {
  using w = types::wide;
  return {w::a{255}, w::b{~std::uint64_t{0}},   w::c{1.5F}, w::d{{named(0), named(1)}},
          w::e{},    w::f{{0.25F, 1ULL << 63U}}};
}

/// `times` values of a function's type, made by chance, come back as they were.
template <class C, class R, class P>
void values_come_back(tenon::testing::Maker& maker, const C& echo,
                      tenon::Outcome<R> (C::*function)(P) const, const char* name, int times) {
  for (int i = 0; i < times; ++i) {
    const R value = maker.make<R>();
    const auto back = (echo.*function)(tenon::testing::as_view<std::remove_cvref_t<P>>(value));
    ASSERT_TRUE(back) << name << ": " << back.error().text();
    ASSERT_TRUE(tenon::testing::Same()(*back, value)) << name << ", value " << i;
  }
}

TEST_P(Roundtrip, ValuesOfEveryShapeComeBack) {
  tenon::testing::Maker maker(1);
#define SHAPE(name) values_come_back(maker, world->echo, &echo::functions::name, #name, 200);
#include "roundtrip/shapes.def"
}

TEST_P(Roundtrip, ScalarsComeBack) {
  SAME(e_bool, true);
  SAME(e_bool, false);
  SAME(e_s8, std::int8_t{-128});
  SAME(e_u16, std::uint16_t{65535});
  SAME(e_s64, std::int64_t{-1} << 62);
  SAME(e_f32, 0.1F);
  SAME(e_f64, 0.1);
  SAME(e_char, U'\U0001F980');
  SAME(e_string, std::string("naïve \U0001F980"));
  SAME(e_string, std::string());
  SAME(e_string, std::string(100'000, 'y'));
}

TEST_P(Roundtrip, StructuresComeBack) {
  SAME(e_point, types::point{1.5, -2.5});
  SAME(e_named, named(0));
  SAME(e_named, named(1));
  SAME(e_color, types::color::blue);
  SAME(e_perms, types::perms::read | types::perms::exec);
  for (const auto& one : shapes()) SAME(e_shape, one);
  for (const auto& one : wides()) SAME(e_wide, one);
  SAME(e_tuple, std::tuple<std::uint8_t, std::string, double>{7, "seven", 7.5});
  using option = std::optional<std::optional<std::string>>;
  using view = std::optional<std::optional<std::string_view>>;
  const std::pair<view, option> options[] = {
      {view(), option()},
      {view(std::in_place, std::nullopt), option(std::in_place, std::nullopt)},
      {view(std::in_place, "some"), option(std::in_place, "some")}};
  for (const auto& [given, wanted] : options) {
    const auto back = world->echo.e_option(given);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, wanted);
  }
  using result = std::expected<types::shape, std::string>;
  for (const result& one : {result(shapes()[1]), result(std::unexpect, "no"), result(shapes()[2])})
    SAME(e_result, one);
}

TEST_P(Roundtrip, ListsComeBack) {
  SAME(e_bytes, std::vector<std::uint8_t>(10'000, 7));
  SAME(e_bytes, std::vector<std::uint8_t>());
  SAME(e_bools, std::vector<bool>{true, false, true});
  SAME(e_strings, std::vector<std::string>{"a", "", std::string(1000, 'b')});
  SAME(e_points, std::vector<types::point>(100, {1, 2}));
  SAME(e_names, std::vector<types::named>{named(0), named(1), named(2)});
}

TEST_P(Roundtrip, ListsOfVariantsWithPayloadsOfEverySizeComeBack) {
  SAME(e_shapes, shapes());
  SAME(e_wides, wides());
  using one = std::expected<std::tuple<std::string, std::vector<std::uint16_t>>, types::wide>;
  SAME(e_deep, std::vector<std::optional<one>>{
                   std::nullopt, one(std::in_place, "x", std::vector<std::uint16_t>{1, 2}),
                   one(std::unexpect, wides()[3]), one(std::unexpect, wides()[1])});
}

TEST_P(Roundtrip, MoreParametersThanASignatureHoldsComeBack) {
  const std::vector<std::string> list = {"p", "q"};
  const auto back =
      world->echo.e_many(1, 2.5F, "c", 4.5, -5, list, {6, 7}, shapes()[1], true, U'j', 11);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_TRUE(*back == std::tuple(std::uint64_t{1}, 2.5F, std::string("c"), 4.5, std::int8_t{-5},
                                  list, types::point{6, 7}, shapes()[1], true, U'j',
                                  std::uint32_t{11}));
}

TEST_P(Roundtrip, ResourcesOfTheGuestLiveAsLongAsTheirHandles) {
  auto& things = world->things;
  {
    auto a = things.thing.construct("one");
    ASSERT_TRUE(a) << a.error().text();
    auto b = things.thing.construct("b");
    ASSERT_TRUE(b);
    ASSERT_TRUE(things.thing.rename(*b, "two"));
    EXPECT_EQ(*things.live(), 2U);
    auto merged = things.thing.merge(*std::move(a), *b);
    ASSERT_TRUE(merged) << merged.error().text();
    EXPECT_EQ(*things.live(), 2U);
    EXPECT_EQ(*things.thing.name(*merged), "onetwo");
    // The same of the handle itself.
    EXPECT_EQ(*merged->name(), "onetwo");
    ASSERT_TRUE(b->rename("two"));
    EXPECT_EQ(*b->name(), "two");
    const auto empty = a->name();
    ASSERT_FALSE(empty);
    EXPECT_NE(empty.error().text().find("the handle is empty"), std::string::npos);
    std::vector<tenon::Borrow<roundtrip::exports::test::roundtrip::things::thing>> lent = {*merged,
                                                                                           *b};
    EXPECT_EQ(*things.total(lent), 9U);
    EXPECT_EQ(*things.total({*merged, *b}), 9U);
    EXPECT_EQ(*world->echo.e_strings({"a", "b"}), (std::vector<std::string>{"a", "b"}));
    std::vector<tenon::Own<roundtrip::exports::test::roundtrip::things::thing>> all;
    all.push_back(*std::move(merged));
    all.push_back(*std::move(b));
    auto turned = things.reverse(std::move(all));
    ASSERT_TRUE(turned) << turned.error().text();
    ASSERT_EQ(turned->size(), 2U);
    EXPECT_EQ(*things.thing.name((*turned)[0]), "two");
    EXPECT_EQ(*things.thing.name((*turned)[1]), "onetwo");
  }
  EXPECT_EQ(*things.live(), 0U);
}

TEST_P(Roundtrip, ResourcesOfTheHostLiveAsLongAsTheGuestWants) {
  const auto used = world->use_host("ay");
  ASSERT_TRUE(used) << used.error().text();
  EXPECT_EQ(std::get<0>(*used), "5 bee aybee");
  EXPECT_EQ(std::get<1>(*used), 0U);
  EXPECT_EQ(host.count, 0);
}

TEST_P(Roundtrip, OneLinkerServesStoresWithHostsOfTheirOwn) {
  const auto component =
      *tenon::Component::from_file(engine, GetParam(), tenon::core::Features::all());
  tenon::Linker by_type(engine);
  ASSERT_TRUE(roundtrip::add_world_to_linker<Host>(by_type));
  tenon::Linker by_function(engine);
  ASSERT_TRUE(roundtrip::add_world_to_linker(
      by_function, +[](tenon::Store& s) -> Host& { return *s.extension<Host>(); }));
  for (const auto* linker : {&by_type, &by_function}) {
    const auto pre = *linker->instantiate_pre(component);
    for (int n = 0; n < 3; ++n) {
      tenon::Store own(engine);
      auto& its = own.emplace_extension<Host>();
      its.count = 100 * n;
      const auto one = roundtrip::world::bind(own, *pre.instantiate(own));
      ASSERT_TRUE(one) << one.error().text();
      const auto used = one->use_host("ay");
      ASSERT_TRUE(used) << used.error().text();
      EXPECT_EQ(std::get<1>(*used), 100U * static_cast<unsigned>(n));
    }
  }
  EXPECT_EQ(host.count, 0);
  tenon::Store without(engine);
  const auto none = roundtrip::world::instantiate(without, component, by_type);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().rule().id, "no-extension");
}

TEST_P(Roundtrip, ResourcesInsideOfEveryShapeComeBackAndAreDropped) {
  namespace own = roundtrip::exports::test::roundtrip::things;
  auto& things = world->things;
  const auto make = [&](const char* name) { return *things.thing.construct(name); };
  const auto name = [&](const tenon::Own<own::thing>& it) { return *things.thing.name(it); };
  EXPECT_EQ(name(*things.keep(make("one"))), "one");
  EXPECT_EQ(name(**things.keep_option(make("two"))), "two");
  EXPECT_FALSE(*things.keep_option(std::nullopt));
  EXPECT_EQ(name(**things.keep_result(make("three"))), "three");
  EXPECT_EQ((*things.keep_result(std::unexpected("no"))).error(), "no");
  {
    auto both = things.keep_tuple({make("four"), "text"});
    EXPECT_EQ(name(std::get<0>(*both)), "four");
    EXPECT_EQ(std::get<1>(*both), "text");
    auto fixed = things.keep_fixed({make("five"), make("six")});
    EXPECT_EQ(name((*fixed)[1]), "six");
    std::map<std::string, tenon::Own<own::thing>> given;
    given.emplace("k", make("seven"));
    given.emplace("l", make("eight"));
    auto map = things.keep_map(std::move(given));
    EXPECT_EQ(name(map->at("l")), "eight");
    EXPECT_EQ(*things.live(), 5U);
  }
  EXPECT_EQ(*things.live(), 0U);
  const auto slots = [&](int n) {
    std::vector<own::slot> all;
    for (int i = 0; i < n; ++i) all.push_back({"slot", make("nine")});
    return all;
  };
  {
    auto kept = things.keep_slots(slots(3));
    ASSERT_EQ(kept->size(), 3U);
    EXPECT_EQ(name((*kept)[2].it), "nine");
    std::vector<own::place> given;
    given.emplace_back(own::place::empty{});
    given.emplace_back(own::place::more{slots(2)});
    given.emplace_back(own::place::one{make("ten")});
    auto places = things.keep_places(std::move(given));
    ASSERT_EQ(places->size(), 3U);
    EXPECT_EQ(std::get<own::place::more>((*places)[1]).value.size(), 2U);
    EXPECT_EQ(name(std::get<own::place::one>((*places)[2]).value), "ten");
    EXPECT_EQ(*things.live(), 6U);
    const auto& lent = std::get<own::place::one>((*places)[2]).value;
    const std::vector<own::lent> all = {{"12", lent}, {"345", (*kept)[0].it}};
    EXPECT_EQ(*things.total_lent(all), 12U);
    EXPECT_EQ(*things.total_option(tenon::Borrow<own::thing>(lent)), 3U);
    EXPECT_EQ(*things.total_option(std::nullopt), 0U);
    EXPECT_EQ(*things.total_tuple({lent, "1234"}), 7U);
  }
  EXPECT_EQ(*things.live(), 0U);
}

TEST_P(Roundtrip, NothingLeaks) {
  const auto all = [&] {
    // The same values each time: what a first call compiles is there before the count.
    tenon::testing::Maker maker(2);
#define SHAPE(name) values_come_back(maker, world->echo, &echo::functions::name, #name, 3);
#include "roundtrip/shapes.def"
    (void)world->use_host("x");
    auto thing = world->things.thing.construct(std::string(200, 'n'));
    (void)world->things.keep_slots({});
    const std::vector<std::string> list(20, "list");
    (void)world->echo.e_many(1, 2.5F, "c", 4.5, -5, list, {6, 7}, shapes()[1], true, U'j', 11);
  };
  for (int i = 0; i < 3; ++i) all();
  const auto guest_before = *world->allocated();
  const auto host_before = host_blocks.load();
  for (int i = 0; i < 20; ++i) all();
  EXPECT_EQ(*world->allocated(), guest_before);
  EXPECT_EQ(host_blocks.load(), host_before);
  EXPECT_EQ(*world->things.live(), 0U);
  EXPECT_EQ(host.count, 0);
  EXPECT_EQ(store.host_objects().size(), 0U);
  EXPECT_EQ(store.host_handles().size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Guests, Roundtrip, ::testing::ValuesIn(components),
                         [](const auto& info) { return "Guest" + std::to_string(info.index); });

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '-') continue;
    if (!std::filesystem::exists(argv[i])) {
      std::puts("skipped: the component was not built");
      return 77;
    }
    components.emplace_back(argv[i]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

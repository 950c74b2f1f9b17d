// SPDX-License-Identifier: Apache-2.0
// Values and resources through a guest and back, by typed bindings on both sides:
//   roundtrip_test COMPONENT.wasm...
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "roundtrip_host.h"

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
  ECHO(e_bool)
  ECHO(e_s8)
  ECHO(e_u16)
  ECHO(e_s64)
  ECHO(e_f32)
  ECHO(e_f64)
  ECHO(e_char)
  ECHO(e_string)
  ECHO(e_point)
  ECHO(e_named)
  ECHO(e_color)
  ECHO(e_perms)
  ECHO(e_shape)
  ECHO(e_wide)
  ECHO(e_bytes)
  ECHO(e_bools)
  ECHO(e_strings)
  ECHO(e_points)
  ECHO(e_shapes)
  ECHO(e_wides)
  ECHO(e_names)
  ECHO(e_option)
  ECHO(e_result)
  ECHO(e_tuple)
  ECHO(e_deep)
#undef ECHO
  template <class... T>
  std::tuple<T...> e_many(T... v) {
    return {std::move(v)...};
  }

  std::unique_ptr<host_things::thing> new_thing(std::string name) {
    return std::make_unique<Thing>(std::move(name), count);
  }
  std::unique_ptr<host_things::thing> thing_merge(std::unique_ptr<host_things::thing> a, host_things::thing& b) {
    return std::make_unique<Thing>(a->name() + b.name(), count);
  }
  std::uint32_t live() { return static_cast<std::uint32_t>(count); }
  std::vector<std::unique_ptr<host_things::thing>> reverse(std::vector<std::unique_ptr<host_things::thing>> all) {
    return {std::move_iterator(all.rbegin()), std::move_iterator(all.rend())};
  }
  std::uint32_t total(std::vector<tenon::HostRef<host_things::thing>> all) {
    std::size_t sum = 0;
    for (const auto& one : all) sum += one->name().size();
    return static_cast<std::uint32_t>(sum);
  }

  int count = 0;
};

class Roundtrip : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto component = tenon::Component::from_file(engine, GetParam());
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
  return {"name " + std::to_string(n), {"", "tag", std::string(100, 'x')}, n % 2 == 0 ? std::optional(types::point{1, -2}) : std::nullopt};
}
std::vector<types::shape> shapes() {
  using s = types::shape;
  return {s::circle{0.1 + 0.2}, s::text{"Division by zero"}, s::nothing{}, s::square{{-1, 1e300}}, s::text{""}, s::circle{-0.0}};
}
std::vector<types::wide> wides() {
  using w = types::wide;
  return {w::a{255}, w::b{~std::uint64_t{0}}, w::c{1.5F}, w::d{{named(0), named(1)}}, w::e{}, w::f{{0.25F, 1ULL << 63U}}};
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
  const std::pair<view, option> options[] = {{view(), option()},
                                             {view(std::in_place, std::nullopt), option(std::in_place, std::nullopt)},
                                             {view(std::in_place, "some"), option(std::in_place, "some")}};
  for (const auto& [given, wanted] : options) {
    const auto back = world->echo.e_option(given);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, wanted);
  }
  using result = std::expected<types::shape, std::string>;
  for (const result& one : {result(shapes()[1]), result(std::unexpect, "no"), result(shapes()[2])}) SAME(e_result, one);
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
  SAME(e_deep, std::vector<std::optional<one>>{std::nullopt, one(std::in_place, "x", std::vector<std::uint16_t>{1, 2}),
                                               one(std::unexpect, wides()[3]), one(std::unexpect, wides()[1])});
}

TEST_P(Roundtrip, MoreParametersThanASignatureHoldsComeBack) {
  const std::vector<std::string> list = {"p", "q"};
  const auto back = world->echo.e_many(1, 2.5F, "c", 4.5, -5, list, {6, 7}, shapes()[1], true, U'j', 11);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_TRUE(*back == std::tuple(std::uint64_t{1}, 2.5F, std::string("c"), 4.5, std::int8_t{-5}, list, types::point{6, 7}, shapes()[1],
                                  true, U'j', std::uint32_t{11}));
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
    std::vector<tenon::Borrow<roundtrip::exports::test::roundtrip::things::thing>> lent = {*merged, *b};
    EXPECT_EQ(*things.total(lent), 9U);
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

TEST_P(Roundtrip, NothingLeaks) {
  const auto all = [&] {
    SAME(e_string, std::string(1000, 'z'));
    SAME(e_wides, wides());
    SAME(e_names, std::vector<types::named>(5, named(0)));
    SAME(e_option, std::optional(std::optional(std::string_view("some"))));
    SAME(e_bytes, std::vector<std::uint8_t>(1000, 1));
    (void)world->use_host("x");
    (void)world->things.thing.construct(std::string(200, 'n'));
    const std::vector<std::string> list(20, "list");
    (void)world->echo.e_many(1, 2.5F, "c", 4.5, -5, list, {6, 7}, shapes()[1], true, U'j', 11);
  };
  for (int i = 0; i < 20; ++i) all();
  const auto before = *world->pages();
  for (int i = 0; i < 2000; ++i) all();
  EXPECT_EQ(*world->pages(), before);
  EXPECT_EQ(*world->things.live(), 0U);
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

// SPDX-License-Identifier: Apache-2.0
#include "roundtrip.hpp"

#include "../../counting_malloc.h"

namespace host = roundtrip::test::roundtrip::echo;
namespace host_things = roundtrip::test::roundtrip::things;
namespace own_things = roundtrip::exports::test::roundtrip::things;

#define ECHO(name)        \
  template <class T>      \
  static T name(T v) {    \
    return host::name(v); \
  }

struct Guest {
  struct echo {
#define SHAPE(name) ECHO(name)
#include "../../shapes.def"
    static auto e_many(std::uint64_t a, float b, std::string c, double d, std::int8_t e,
                       std::vector<std::string> f, host::point g, host::shape h, bool i, char32_t j,
                       std::uint32_t k) {
      return host::e_many(a, b, c, d, e, f, g, h, i, j, k);
    }
  };

  struct things {
    inline static std::uint32_t count = 0;
    struct thing {
      explicit thing(std::string name) : text(std::move(name)) { ++count; }
      ~thing() { --count; }
      thing(const thing&) = delete;
      thing& operator=(const thing&) = delete;
      std::string name() { return text; }
      void rename(std::string to) { text = std::move(to); }
      static own_things::thing merge(own_things::thing a,
                                     tenon::guest::exported_borrow<own_things::thing> b) {
        return own_things::thing::make<thing>(a.get<thing>().text + b.get<thing>().text);
      }
      std::string text;
    };
    static std::uint32_t live() { return count; }
    static std::vector<own_things::thing> reverse(std::vector<own_things::thing> all) {
      std::vector<own_things::thing> out;
      for (std::size_t i = all.size(); i != 0; --i) out.push_back(std::move(all[i - 1]));
      return out;
    }
    static own_things::thing keep(own_things::thing it) { return it; }
    static std::optional<own_things::thing> keep_option(std::optional<own_things::thing> it) {
      return it;
    }
    static std::expected<own_things::thing, std::string> keep_result(
        std::expected<own_things::thing, std::string> it) {
      return it;
    }
    static std::tuple<own_things::thing, std::string> keep_tuple(
        std::tuple<own_things::thing, std::string> it) {
      return it;
    }
    static std::array<own_things::thing, 2> keep_fixed(std::array<own_things::thing, 2> it) {
      return it;
    }
    static std::map<std::string, own_things::thing> keep_map(
        std::map<std::string, own_things::thing> it) {
      return it;
    }
    static std::vector<own_things::slot> keep_slots(std::vector<own_things::slot> all) {
      return all;
    }
    static std::vector<own_things::place> keep_places(std::vector<own_things::place> all) {
      return all;
    }

    using lent_thing = tenon::guest::exported_borrow<own_things::thing>;
    static std::uint32_t length(const lent_thing& one) {
      return static_cast<std::uint32_t>(one.get<thing>().text.size());
    }
    static std::uint32_t total(std::vector<lent_thing> all) {
      std::uint32_t sum = 0;
      for (const auto& one : all) sum += length(one);
      return sum;
    }
    static std::uint32_t total_lent(std::vector<own_things::lent> all) {
      std::uint32_t sum = 0;
      for (const auto& one : all)
        sum += static_cast<std::uint32_t>(one.label.size()) + length(one.it);
      return sum;
    }
    static std::uint32_t total_option(std::optional<lent_thing> it) { return it ? length(*it) : 0; }
    static std::uint32_t total_tuple(std::tuple<lent_thing, std::string> it) {
      return length(std::get<0>(it)) + static_cast<std::uint32_t>(std::get<1>(it).size());
    }
  };

  static void must(bool holds) {
    if (!holds) __builtin_trap();
  }
  /// What the host's other functions make of its things.
  static void keep_of_host(host_things::thing& a, host_things::thing& b) {
    namespace h = host_things;
    a = *h::keep_option(h::keep(std::move(a)));
    must(!h::keep_option(std::nullopt));
    a = *h::keep_result(std::move(a));
    must(h::keep_result(std::unexpected("no")).error() == "no");
    auto [one, text] = h::keep_tuple({std::move(a), "text"});
    must(text == "text");
    auto fixed = h::keep_fixed({std::move(one), std::move(b)});
    std::map<std::string, h::thing> given;
    given.emplace("a", std::move(fixed[0]));
    given.emplace("b", std::move(fixed[1]));
    auto map = h::keep_map(std::move(given));
    std::vector<h::slot> slots;
    for (auto& [label, it] : map) slots.push_back({label, std::move(it)});
    slots = h::keep_slots(std::move(slots));
    std::vector<h::place> places;
    places.emplace_back(h::place::empty{});
    places.emplace_back(h::place::more{std::move(slots)});
    places.emplace_back(h::place::one{h::thing("c")});
    places = h::keep_places(std::move(places));
    must(places[0].index() == 0 && std::get<h::place::one>(places[2]).value.name() == "c");
    slots = std::get<h::place::more>(std::move(places[1])).value;
    a = std::move(slots[0].it);
    b = std::move(slots[1].it);
    std::vector<h::lent> lent;
    lent.push_back({"12", a});
    must(h::total_lent(lent) == 2 + a.name().size());
    must(h::total_option(tenon::guest::borrow<h::thing>(b)) == b.name().size());
    must(h::total_option(std::nullopt) == 0);
    must(h::total_tuple({a, "123"}) == 3 + a.name().size());
  }
  static std::tuple<std::string, std::uint32_t> use_host(std::string name) {
    std::string names;
    {
      host_things::thing a(name);
      host_things::thing b("b");
      b.rename("bee");
      keep_of_host(a, b);
      names = std::to_string(
          host_things::total(std::vector<tenon::guest::borrow<host_things::thing>>{a, b}));
      host_things::thing merged = host_things::thing::merge(std::move(a), b);
      std::vector<host_things::thing> both;
      both.push_back(std::move(merged));
      both.push_back(std::move(b));
      for (const auto& one : host_things::reverse(std::move(both))) names += " " + one.name();
    }
    return {names, host_things::live()};
  }
  static std::uint32_t allocated() { return counted_blocks; }
};

TENON_EXPORT(roundtrip, Guest);

// SPDX-License-Identifier: Apache-2.0
#include "roundtrip.hpp"

namespace host = roundtrip::test::roundtrip::echo;
namespace host_things = roundtrip::test::roundtrip::things;
namespace own_things = roundtrip::exports::test::roundtrip::things;

#define ECHO(name)         \
  template <class T>       \
  static T name(T v) {     \
    return host::name(v);  \
  }

struct Guest {
  struct echo {
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
    static auto e_many(std::uint64_t a, float b, std::string c, double d, std::int8_t e, std::vector<std::string> f,
                       host::point g, host::shape h, bool i, char32_t j, std::uint32_t k) {
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
      static own_things::thing merge(own_things::thing a, tenon::guest::exported_borrow<own_things::thing> b) {
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
    static std::uint32_t total(std::vector<tenon::guest::exported_borrow<own_things::thing>> all) {
      std::size_t sum = 0;
      for (const auto& one : all) sum += one.get<thing>().text.size();
      return static_cast<std::uint32_t>(sum);
    }
  };

  static std::tuple<std::string, std::uint32_t> use_host(std::string name) {
    std::string names;
    {
      host_things::thing a(name);
      host_things::thing b("b");
      b.rename("bee");
      names = std::to_string(host_things::total(std::vector<tenon::guest::borrow<host_things::thing>>{a, b}));
      host_things::thing merged = host_things::thing::merge(std::move(a), b);
      std::vector<host_things::thing> both;
      both.push_back(std::move(merged));
      both.push_back(std::move(b));
      for (const auto& one : host_things::reverse(std::move(both))) names += " " + one.name();
    }
    return {names, host_things::live()};
  }
  static std::uint32_t pages() { return __builtin_wasm_memory_size(0); }
};

TENON_EXPORT(roundtrip, Guest);

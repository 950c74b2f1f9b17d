// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "WORLD.hpp"

struct Component {
  struct shapes {
    struct memset {
      explicit memset(std::uint32_t) {}
      std::string free() { return "freed"; }
    };
    static std::uint32_t memory() { return 77; }
  };
#ifdef OWN
  static std::string memory(std::uint32_t n) { return "m" + std::to_string(n); }
#endif
  static double sin(double x) { return std::sin(x); }
  static double fmod(double x, double y) { return std::fmod(x, y); }
  static double hypot(double x, double y) { return ::WORLD::sqrt(x * x + y * y); }
  static std::uint32_t memset(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return a + b + c;
  }
  static std::uint32_t malloc(std::uint32_t n) { return ::WORLD::demo::names::host::malloc(n) + 1; }
  static std::uint32_t free(std::uint32_t n) { return n + 2; }
  static std::uint32_t strlen(std::string s) {
    return static_cast<std::uint32_t>(std::strlen(s.c_str()));
  }
  static std::vector<std::uint8_t> fill(std::uint32_t n) {
    std::vector<std::uint8_t> out(2 * n);
    std::memset(out.data(), 1, n);
    std::memset(out.data() + n, 9, n);
    return out;
  }
  static std::string abort(std::string text) { return text; }
};

TENON_EXPORT_WORLD(Component);

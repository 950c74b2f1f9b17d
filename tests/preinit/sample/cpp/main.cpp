// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <numbers>

#include "calculator_component.hpp"

static std::map<std::string, double, std::less<>>* cache;

extern "C" __attribute__((export_name("initialize_calculator"))) void initialize_calculator() {
  cache = new std::map<std::string, double, std::less<>>;
  cache->emplace("pi", std::numbers::pi);
  cache->emplace("e", std::numbers::e);
}

struct Calculator {
  static std::optional<double> lookup(std::string name) {
    if (cache == nullptr) return std::nullopt;
    const auto found = cache->find(name);
    if (found == cache->end()) return std::nullopt;
    return found->second;
  }
  static std::optional<double> initialise_and_lookup(std::string name) {
    initialize_calculator();
    return lookup(std::move(name));
  }
};

TENON_EXPORT_calculator_component(Calculator);

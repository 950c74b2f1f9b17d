// SPDX-License-Identifier: Apache-2.0
// The host of the project that docs/cmake.md shows.
#include <cstdio>

#include "calculator_component_host.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[1]);
  if (!component) return std::fprintf(stderr, "%s\n", component.error().text().c_str()), 1;
  tenon::Store store(engine);
  const auto world = calculator_component::world::instantiate(store, *component);
  if (!world) return 1;
  const auto sum = world->calculator.add(5.0, 3.0);
  return sum && *sum == 8.0 ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
// Typed calls into the component that the same project builds.
#include "calculator_component_host.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[1]);
  if (!component) return 1;
  tenon::Store store(engine);
  const auto world = calculator_component::world::instantiate(store, *component);
  if (!world) return 1;
  const auto sum = world->calculator.add(5.0, 3.0);
  const auto none = world->calculator.divide(1.0, 0.0);
  return sum && *sum == 8.0 && none && !*none && none->error() == "Division by zero" ? 0 : 1;
}

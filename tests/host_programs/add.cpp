// SPDX-License-Identifier: Apache-2.0
// The first document's host: `add calculator.wasm`.
#include "tenon/runtime/embed.h"

int main(int argc, char** argv) {
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[argc - 1]);
  if (!component) return 1;
  tenon::Store store(engine);
  const tenon::Linker linker(engine);
  const auto instance = linker.instantiate(store, *component);
  if (!instance) return 1;
  const auto add = instance->get_typed_func<double(double, double)>(store, "add");
  if (!add) return 1;
  return add->call(store, 5.0, 3.0) == 8.0 ? 0 : 1;
}

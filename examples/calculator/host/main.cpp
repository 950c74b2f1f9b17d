// SPDX-License-Identifier: Apache-2.0
// Calls a calculator component, whatever language it was written in.
#include <cstdio>

#include "tenon/base/source.h"
#include "tenon/runtime/embed.h"

using tenon::Engine, tenon::Component, tenon::Linker, tenon::Store;

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: calculator_host COMPONENT\n"), 2;
  Engine engine;
  const auto component = Component::from_file(engine, argv[1]);
  if (!component) return std::fputs(render(component.error(), {}).c_str(), stderr), 1;
  Store store(engine);
  const auto instance = Linker(engine).instantiate(store, *component);
  if (!instance) return std::fputs(render(instance.error(), {}).c_str(), stderr), 1;
  const auto add = instance->get_typed_func<double(double, double)>(store, "add");
  const auto divide =
      instance->get_typed_func<std::expected<double, std::string>(double, double)>(store, "divide");
  if (!add || !divide) return 1;
  std::printf("add(5, 3) = %g\n", *(*add)(5, 3));
  const auto quotient = *(*divide)(1, 0);
  std::printf("divide(1, 0) = %s\n",
              quotient ? std::to_string(*quotient).c_str() : quotient.error().c_str());
  return 0;
}

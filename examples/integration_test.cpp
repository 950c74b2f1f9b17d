// SPDX-License-Identifier: Apache-2.0
// The calculator component under GoogleTest, from C++: the calls come in the order in which a host
// of any language makes them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tenon/runtime/embed.h"
#include "tenon/wasi/context.h"

using tenon::Engine, tenon::Store, tenon::Component, tenon::Linker;
namespace wasi = tenon::wasi;

TEST(Calculator, AddsThroughTheComponent) {
  const char* path = std::getenv("CALCULATOR_COMPONENT");
  if (path == nullptr) GTEST_SKIP() << "CALCULATOR_COMPONENT names no component";
  Engine engine;
  const auto component = Component::from_file(engine, path);
  ASSERT_TRUE(component) << component.error().text();

  Store store(engine);
  store.emplace_extension<wasi::Context>();
  Linker linker(engine);

  // Add WASI bindings
  ASSERT_TRUE(wasi::add_to_linker(linker));

  const auto instance = linker.instantiate(store, *component);
  ASSERT_TRUE(instance) << instance.error().text();

  // Test the calculator functions
  const auto add_func = instance->get_typed_func<double(double, double)>(store, "add");
  ASSERT_TRUE(add_func) << add_func.error().text();
  const auto result = add_func->call(store, 5.0, 3.0);
  ASSERT_TRUE(result) << result.error().text();

  EXPECT_EQ(*result, 8.0);

  const auto divide =
      instance->get_typed_func<std::expected<double, std::string>(double, double)>(store, "divide");
  ASSERT_TRUE(divide) << divide.error().text();
  const auto quotient = divide->call(store, 1.0, 0.0);
  ASSERT_TRUE(quotient);
  ASSERT_FALSE(*quotient);
  EXPECT_EQ(quotient->error(), "Division by zero");

  // A wrong signature is an error of the host's, found before any call.
  EXPECT_FALSE(instance->get_typed_func<double(double)>(store, "add"));
}

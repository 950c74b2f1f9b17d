// SPDX-License-Identifier: Apache-2.0
// The calculator component under GoogleTest, from C++.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tenon/runtime/embed.h"

using tenon::Engine, tenon::Store, tenon::Component, tenon::Linker;

TEST(Calculator, AddsThroughTheComponent) {
  const char* path = std::getenv("CALCULATOR_COMPONENT");
  if (path == nullptr) GTEST_SKIP() << "CALCULATOR_COMPONENT names no component";
  Engine engine;
  const auto component = Component::from_file(engine, path);
  ASSERT_TRUE(component) << component.error().text();

  Store store(engine);
  Linker linker(engine);
  const auto instance = linker.instantiate(store, *component);
  ASSERT_TRUE(instance) << instance.error().text();

  // Test the calculator functions
  const auto add_func = instance->get_typed_func<double(double, double)>(store, "add");
  ASSERT_TRUE(add_func) << add_func.error().text();
  const auto result = add_func->call(store, 5.0, 3.0);
  ASSERT_TRUE(result);
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

// SPDX-License-Identifier: Apache-2.0
#include "calculator_component.hpp"
#include "cpp/divide.h"

struct Calculator {
  static double add(double a, double b) { return a + b; }
  static double subtract(double a, double b) { return a - b; }
  static double multiply(double a, double b) { return a * b; }
  static std::expected<double, std::string> divide(double a, double b) { return ::divide(a, b); }
};

TENON_EXPORT_calculator_component(Calculator);

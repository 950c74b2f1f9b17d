// SPDX-License-Identifier: Apache-2.0
#include "calculator_component.h"

double exports_calculator_math_calculator_add(double a, double b) {
  return a + b;
}
double exports_calculator_math_calculator_subtract(double a, double b) {
  return a - b;
}
double exports_calculator_math_calculator_multiply(double a, double b) {
  return a * b;
}

bool exports_calculator_math_calculator_divide(double a, double b, double* ret,
                                               calculator_component_string_t* err) {
  if (b == 0) {
    calculator_component_string_dup(err, "Division by zero");
    return false;
  }
  *ret = a / b;
  return true;
}

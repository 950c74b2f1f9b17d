// SPDX-License-Identifier: Apache-2.0
#include "guest.h"

#define NAME "calculator:math/calculator@1.0.0#"

EXPORT(NAME "add") double add(double a, double b) {
  return a + b;
}
EXPORT(NAME "subtract") double subtract(double a, double b) {
  return a - b;
}
EXPORT(NAME "multiply") double multiply(double a, double b) {
  return a * b;
}

// result<f64, string>
static struct {
  u8 is_error;
  union {
    double ok;
    struct {
      const char* at;
      u32 length;
    } error;
  };
} divided;

EXPORT(NAME "divide") void* divide(double a, double b) {
  divided.is_error = b == 0;
  divided.ok = a / b;
  if (b == 0) divided.error.at = "Division by zero", divided.error.length = 16;
  return &divided;
}
EXPORT("cabi_post_" NAME "divide") void divide_done(void* result) {
  (void)result;
  free_all();
}

// SPDX-License-Identifier: Apache-2.0
#include "divide.h"

std::expected<double, std::string> divide(double a, double b) {
  if (b == 0) return std::unexpected(ZERO_TEXT);
  return a / b;
}

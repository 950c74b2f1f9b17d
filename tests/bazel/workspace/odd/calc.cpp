// SPDX-License-Identifier: Apache-2.0
#include "first.hpp"
#include "generated.h"
#include "odd/generated.h"

#ifndef ODD
#error what a library defines is not there
#endif

extern "C" int twice(int x);

struct Calc {
  using Point = ::first::odd::base::types::point;
  static Point add(Point a, Point b) { return {a.x + b.x + ZERO + twice(0), a.y + b.y}; }
};
TENON_EXPORT_first(Calc);

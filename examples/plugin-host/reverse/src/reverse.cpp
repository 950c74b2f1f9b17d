// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "chained_plugin.hpp"

namespace before = chained_plugin::local::plugins::transform;

/// Reverses what the plugin before it made.
struct Reverse {
  static std::string name() { return before::name() + " + reverse"; }
  static std::string apply(std::string text) {
    std::string out = before::apply(text);
    std::ranges::reverse(out);
    return out;
  }
};

TENON_EXPORT_chained_plugin(Reverse);

// SPDX-License-Identifier: Apache-2.0
#include "plugin.hpp"

struct Shout {
  static std::string name() { return "shout"; }
  static std::string apply(std::string text) {
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text + "!";
  }
};

TENON_EXPORT_plugin(Shout);

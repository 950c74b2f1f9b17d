// SPDX-License-Identifier: Apache-2.0
// A program that has no part in tenon's build.
#include <array>
#include <cstdio>

#include "tenon/base/bytes.h"
#include "tenon/base/source.h"
#include "tenon/runtime/embed.h"

int main() {
  constexpr std::array<std::uint8_t, 3> bytes = {0xE5, 0x8E, 0x26};
  tenon::Reader in(bytes);
  const auto value = in.u32("a number");
  if (!value || *value != 624485) return 1;
  // The engine stands on libraries of its own, which must have come with it.
  tenon::Engine engine;
  const auto component = tenon::Component::from_bytes(engine, {0, 'a', 's', 'm', 1, 0, 0, 0});
  if (component) return 1;
  std::puts("tenon is linked");
  return 0;
}

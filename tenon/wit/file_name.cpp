// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/file_name.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace tenon::wit {

std::string file_stem(std::string_view name) {
  constexpr std::size_t longest = 200;
  if (name.size() <= longest) return std::string(name);
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return fmt::format("{}-{:016x}", name.substr(0, longest), hash);
}

}  // namespace tenon::wit

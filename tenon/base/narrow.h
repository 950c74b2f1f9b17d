// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdlib>
#include <limits>
#include <type_traits>
#include <utility>

// How integers become narrower. Both look at what they do in their name, so that a bare cast stands
// out; `tools/check_style.py` looks for those in the rooms that run untrusted code.
namespace tenon {

/// The value as a narrower integer. That it fits was checked before, where it can be refused; when
/// it does not after all, the process ends here, in every build, rather than go on with another
/// value.
template <std::integral To, std::integral From>
[[nodiscard]] constexpr To narrow(From value) {
  if (!std::in_range<To>(value)) [[unlikely]]
    __builtin_trap();
  return static_cast<To>(value);
}

/// The low bits of the value, the others dropped: where WebAssembly wraps, where an encoding takes
/// a word apart, and where the high bits are unspecified.
template <std::integral To, std::integral From>
[[nodiscard]] constexpr To low_bits(From value) {
  return static_cast<To>(value);
}

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "memory.h"

namespace adapter {

/// Since 1970.
uint64_t nanoseconds(const Datetime& time);

inline Datetime datetime(uint64_t nanoseconds) {
  constexpr uint64_t second = 1'000'000'000;
  return {nanoseconds / second, static_cast<uint32_t>(nanoseconds % second)};
}

}  // namespace adapter

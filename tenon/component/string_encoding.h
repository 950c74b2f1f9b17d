// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenon::component {

/// How a guest keeps its strings. Spec: Binary.md "Canonical Definitions".
enum class StringEncoding : std::uint8_t { utf8 = 0, utf16 = 1, latin1_utf16 = 2 };

}  // namespace tenon::component

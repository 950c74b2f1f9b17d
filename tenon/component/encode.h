// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/component/component.h"

namespace tenon::component {

/// Writes the binary form. Sections stand as `sections` says, so that what was decoded from a canonical
/// binary gives the same bytes; without, neighbours of one kind share a section.
/// Core modules are written as `core::encode` does. O(n).
[[nodiscard]] std::vector<std::uint8_t> encode(const Component& component);

}  // namespace tenon::component

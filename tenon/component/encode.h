// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/component/component.h"

namespace tenon::component {

/// Writes the binary form. Sections are as `sections` says, so that what was decoded from a
/// canonical binary gives the same bytes; without, neighbours of one kind share a section. A core
/// module that was decoded is written as its bytes are; whoever changed one has to clear its
/// `sections`, upon which `core::encode` rewrites it. O(n).
[[nodiscard]] std::vector<std::uint8_t> encode(const Component& component);

}  // namespace tenon::component

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/component/component.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// A core module with a custom section that says which world it was made for; an older section for
/// the same world is replaced. The module's other bytes stay as they are. O(n).
[[nodiscard]] Result<std::vector<std::uint8_t>> embed(
    ByteSpan module, const wit::Packages& packages, wit::WorldIdx world,
    std::uint32_t source = Span::no_source,
    component::StringEncoding encoding = component::StringEncoding::utf8);

}  // namespace tenon::builder

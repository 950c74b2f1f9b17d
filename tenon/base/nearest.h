// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace tenon {

/// The candidate that `name` most likely meant (edit distance, a swap of neighbours counts one), or
/// an empty view when none is near. O(length²) per candidate.
[[nodiscard]] std::string_view nearest(std::string_view name,
                                       std::span<const std::string_view> candidates);

}  // namespace tenon

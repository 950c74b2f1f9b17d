// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tenon {

/// The candidate that `name` most likely meant (edit distance, a swap of neighbours counts one), or
/// an empty view when none is near. O(length²) per candidate.
[[nodiscard]] std::string_view nearest(std::string_view name,
                                       std::span<const std::string_view> candidates);

/// `fooBar_baz` → `foo-bar-baz`: what the writer may have meant.
[[nodiscard]] std::string to_kebab(std::string_view name);

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::builder {

/// The length of the sequence that `text` begins with and that tells a terminal a colour
/// (`ESC [ 1 ; 31 m`, also `ESC [ K` as g++ writes it); 0 for anything else.
[[nodiscard]] std::size_t color_sequence(std::string_view text);
/// The text without such sequences. O(n).
[[nodiscard]] std::string without_colors(std::string_view text);
/// As `visible_lines`, but colours stay, and end where the text does: a compiler's words for a
/// terminal. O(n).
[[nodiscard]] std::string visible_with_colors(std::string_view text);

}  // namespace tenon::builder

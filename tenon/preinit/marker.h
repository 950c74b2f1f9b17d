// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"

namespace tenon::preinit {

/// The custom section that tells which functions have run and are exported no more: so that a build
/// that runs twice finds out that nothing is left to do.
inline constexpr std::string_view marker_section = "preinit";

/// The functions that a module or component names there, in order; none without the section.
[[nodiscard]] std::vector<std::string> read_marker(ByteSpan binary);
/// The binary with these functions in the section, which is at its end, before a
/// component's names. O(binary).
[[nodiscard]] std::vector<std::uint8_t> with_marker(ByteSpan binary,
                                                    const std::vector<std::string>& funcs);

}  // namespace tenon::preinit

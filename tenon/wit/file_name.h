// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::wit {

/// A name of WIT as the stem of a file's name, which with an ending has at most 255 bytes on every
/// file system: beyond 200 bytes, the rest is told by a hash.
[[nodiscard]] std::string file_stem(std::string_view name);

}  // namespace tenon::wit

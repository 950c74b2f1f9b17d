// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenon::bindgen {

/// Shortens the names in a generated C++ header so that its signatures can be read: `::std::string`
/// becomes `std::string`, and `::world::ns::point` inside `namespace world::ns` becomes `point`. A
/// name that could mean something else where it stands keeps its full form. Comments, literals and
/// preprocessor lines stay as they are, but for messages that show a line to write.
[[nodiscard]] std::string with_relative_names(std::string header);

}  // namespace tenon::bindgen

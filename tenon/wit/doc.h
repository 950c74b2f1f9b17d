// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/wit/package.h"

namespace tenon::wit {

/// The documentation of the root packages as Markdown: worlds, interfaces, types and functions,
/// each with its docs, types linked to where they are defined.
[[nodiscard]] std::string doc_markdown(const Packages& packages);
/// The same as one HTML page without anything from outside.
[[nodiscard]] std::string doc_html(const Packages& packages);

}  // namespace tenon::wit

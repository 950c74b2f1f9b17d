// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/cli/context.h"

namespace tenon::cli {

/// Builds the project in a folder, as `tenon build` does, and gives the path of its component.
[[nodiscard]] Result<std::string> build_project(Context& context, const std::string& dir, std::string_view profile);

}  // namespace tenon::cli

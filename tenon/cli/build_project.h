// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tenon/builder/build.h"
#include "tenon/cli/context.h"

namespace tenon::cli {

/// Builds the project in `dir`, with a status line; errors are reported. Returns the exit code;
/// `result` is set when that is 0. `wanted` is completed with what this program knows of itself.
int build_project(Context& context, const std::string& dir, builder::BuildOptions& wanted,
                  std::optional<builder::BuildResult>& result);

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tenon/base/error.h"
#include "tenon/cli/context.h"
#include "tenon/preinit/preinit.h"

namespace tenon::cli {

/// A file of mocks for an initialisation; what they name with `$file` is beside it or below.
[[nodiscard]] Result<preinit::MockFile> read_mocks(Context& context, std::string_view path);

}  // namespace tenon::cli

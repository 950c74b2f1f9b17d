// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/core/module.h"

namespace tenon::builder {

/// The module name under which an adapter imports what the main module exports.
inline constexpr std::string_view main_module_name = "__main_module__";

/// An adapter with only the exports in `required` and what these need. It gets a stack of its own:
/// from `main_realloc` (an export of the main module), or from new pages of memory when there is
/// none.
[[nodiscard]] Result<core::Module> shrink_adapter(
    const core::Module& adapter, const std::set<std::string, std::less<>>& required,
    std::optional<std::string_view> main_realloc);

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tenon/base/error.h"
#include "tenon/core/module.h"

namespace tenon::builder {

/// A module without an allocator for others, with one: `cabi_realloc_adapter` takes new pages of
/// memory. Where the module's libc takes the whole memory for its heap when it first allocates, it
/// is told of what was taken. Nothing when the module has an allocator already, or has no globals.
/// Offsets of its code stay as they are. O(n).
[[nodiscard]] Result<std::optional<core::Module>> with_adapter_realloc(const core::Module& module);

}  // namespace tenon::builder

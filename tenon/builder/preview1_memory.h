// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/core/module.h"

namespace tenon::builder {

/// The allocator that a module has for an adapter alone.
inline constexpr std::string_view adapter_realloc_name = "cabi_realloc_adapter";
/// What an adapter calls to learn where its memory is, when that moves.
inline constexpr std::string_view adapter_memory_name = "adapter_memory";
/// What such an adapter exports: it follows its memory.
inline constexpr std::string_view adapter_follow_name = "adapter_follow";

/// A module that exports no allocator, or is a command, with one for an adapter:
/// `cabi_realloc_adapter` takes pages behind the module's own, and `adapter_memory` says where they
/// are. They stay behind when the module's memory grows, and the module does not see them. Nothing
/// for other modules, or when the memory is not one that an adapter can live in. O(n).
[[nodiscard]] Result<std::optional<core::Module>> with_adapter_memory(const core::Module& module);

}  // namespace tenon::builder

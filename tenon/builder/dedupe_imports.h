// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/module.h"

namespace tenon::builder {

/// A module whose imports have names of their own, and what the new names stand for.
struct Deduplicated {
  /// With one section rewritten; nothing when no import is twice.
  std::optional<core::Module> module;
  /// By the number of the import: the name that it had.
  std::unordered_map<std::size_t, std::string> asked;
};

/// Core modules may import one thing several times, module types may not name it twice: the second
/// import of `name` becomes `name [v2]`. Offsets in the other sections stay what they were. O(n).
/// Spec: Binary.md "Type Definitions" (moduletype).
[[nodiscard]] Result<Deduplicated> dedupe_imports(const core::Module& module);

}  // namespace tenon::builder

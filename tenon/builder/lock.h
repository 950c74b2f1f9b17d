// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::builder {

/// What `tenon.lock` records: name → value, such as `wit.calculator:math@1.0.0` → hash,
/// `tool.clang` → version, `tenon` → version, `abi` → revision. In the order of the file.
using LockEntries = std::vector<std::pair<std::string, std::string>>;

/// Revision of the canonical ABI that this tenon implements.
inline constexpr std::string_view abi_revision = "0.3.1";

/// Writes the lock file when it is not there or differs.
[[nodiscard]] Result<void> write_lock(const std::string& path, const LockEntries& entries);
/// Compares with the lock file: an error of rule `lock-drift` that names each difference.
[[nodiscard]] Result<void> check_lock(const std::string& path, const LockEntries& entries);

}  // namespace tenon::builder

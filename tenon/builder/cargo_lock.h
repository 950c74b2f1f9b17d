// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/base/error.h"
#include "tenon/builder/project.h"

namespace tenon::builder {

/// The Cargo.lock that holds for a crate: its own, or the one of the workspace above it.
struct CargoLock {
  /// Empty when there is none.
  std::string path;
  /// It is the crate's own, or would be: a workspace's is cargo's to write.
  bool own = true;
};
[[nodiscard]] CargoLock find_cargo_lock(const Project& project);

/// Puts the lock into the folder of the shadow manifest, so that cargo keeps to it.
[[nodiscard]] Result<void> seed_cargo_lock(const CargoLock& lock, const std::string& shadow_dir);

/// Compares what cargo resolved with the lock, the bindings left out. What the lock lacks is
/// written into it, or refused when `locked`; what it has beyond stays.
[[nodiscard]] Result<void> keep_cargo_lock(const Project& project, const std::string& bindings,
                                           const CargoLock& lock, const std::string& shadow_dir,
                                           bool locked);

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/component/match.h"
#include "tenon/core/match.h"

namespace tenon::component {

/// Compares types of core modules that are in different registries: all are brought into one.
/// Each registry and each module is looked at once.
class CoreMatcher {
 public:
  /// Paths are from the inside out.
  [[nodiscard]] std::optional<Mismatch> module(const core::Module& actual,
                                               const CoreModuleTypeInfo& expected,
                                               const core::TypeRegistry& of_expected);
  [[nodiscard]] std::optional<Mismatch> module(const CoreModuleTypeInfo& actual,
                                               const core::TypeRegistry& of_actual,
                                               const CoreModuleTypeInfo& expected,
                                               const core::TypeRegistry& of_expected);

 private:
  using Shared = std::shared_ptr<const CoreModuleTypeInfo>;
  /// The same type with the indices of `types_`; null when there are too many types.
  Shared brought_in(const CoreModuleTypeInfo& type, const core::TypeRegistry& from);
  Shared brought_in(const core::Module& module);
  std::optional<Mismatch> compare(const CoreModuleTypeInfo& actual,
                                  const CoreModuleTypeInfo& expected);
  std::optional<Mismatch> item(const core::ExternType& actual, const core::ExternType& expected);

  core::TypeRegistry types_;
  std::unordered_map<const core::TypeRegistry*, std::vector<core::CanonIdx>> canon_;
  std::unordered_map<const void*, Shared> known_;
  std::set<std::pair<const void*, const void*>> equal_;
};

/// The type of a valid module, its types interned in `types`. Imports may be in it twice.
[[nodiscard]] Result<CoreModuleTypeInfo> core_module_type(const core::Module& module,
                                                          core::TypeRegistry& types);

}  // namespace tenon::component

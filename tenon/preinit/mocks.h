// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tenon/preinit/preinit.h"
#include "tenon/runtime/compiled.h"
#include "tenon/runtime/linker.h"
#include "tenon/testing/mock.h"

namespace tenon::preinit {

/// What stands in for imports of a component. Lives as long as the store that calls it.
class Mocks {
 public:
  /// Reads the files and defines their mocks, in place of whatever the linker has. The error is a
  /// file's, or that a mock names nothing
  /// (unless `all_named` is not set: then such a mock is left out).
  [[nodiscard]] Result<void> define(runtime::Linker& linker, const runtime::Component& component,
                                    std::span<const MockFile> files, bool wasi, bool all_named);
  /// Whether the calls were those that `expect-calls` says.
  [[nodiscard]] Result<void> check() const;

 private:
  const component::ComponentInfo* info_ = nullptr;
  std::vector<testing::PreparedMock> mocks_;
  std::vector<testing::MockCalls> calls_;
};

}  // namespace tenon::preinit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/preinit/component_tree.h"
#include "tenon/preinit/open_files.h"
#include "tenon/runtime/store.h"

namespace tenon::preinit {

/// What tenon's preview1 adapters in a component let go of.
struct Released {
  /// There is such an adapter.
  bool any = false;
  /// A program has read which folders there are, and remembers that.
  bool folders_read = false;
  /// A file that the program itself has open.
  struct File {
    std::uint32_t fd = 0;
    std::string path;
  };
  std::vector<File> files;
};

/// Makes the adapters forget the handles that they can fetch again, and drops these; the error is a
/// trap's. Files of the program are dropped too, since that tells which they are: with one of them
/// the state cannot be saved anyway.
[[nodiscard]] Result<Released> release_handles(runtime::Store& store, const ComponentTree& tree,
                                               const OpenFiles& open);

/// Enters a function of a core instance as the instance's own start function would be.
[[nodiscard]] engine::Outcome<void> enter_core(runtime::Store& store, const CoreNode& core,
                                               engine::FuncRef* func, engine::ValueSlot* slots);

}  // namespace tenon::preinit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/engine/instance.h"
#include "tenon/preinit/memory_diff.h"

namespace tenon::preinit {

/// What a module must write into one of its memories beyond the segments that it keeps.
struct NewData {
  std::uint32_t mem = 0;
  Run run;
  /// The memory's bytes; borrowed from the store.
  ByteSpan bytes;
};

/// The same for a table: references from `at` on.
struct NewElems {
  std::uint32_t table = 0;
  std::uint64_t at = 0;
  std::vector<engine::ValueSlot> refs;
};

/// How the module of one instance must be written so that instantiating it gives the state that the
/// instance has now.
struct InstancePlan {
  engine::Instance* instance = nullptr;
  /// One for each segment: whether an active one stays active.
  std::vector<bool> keep_data;
  std::vector<bool> keep_elem;
  std::vector<NewData> data;
  std::vector<NewElems> elems;
};

/// Plans for instances that make up a whole: one for each of `instances`, which are in the order of
/// their instantiation, whose start functions are not run again. What one writes into the memories
/// and tables of another is accounted for. An error when the state of something that none of them
/// defines would be lost, or a table holds what no module can write. Work and memory are linear in
/// the written pages, the tables and the modules.
[[nodiscard]] Result<std::vector<InstancePlan>> plan_state(
    std::span<engine::Instance* const> instances);

/// "table 0 (`t`)": an item of a module with the name that it is exported as, if it is.
[[nodiscard]] std::string item_name(const core::Module& module, core::ExternKind kind,
                                    std::uint32_t index);

}  // namespace tenon::preinit

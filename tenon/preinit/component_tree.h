// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tenon/engine/instance.h"
#include "tenon/runtime/instance_state.h"

namespace tenon::preinit {

/// One component instance: which definition it is of, and what each of its definitions that
/// instantiates something has made.
struct ComponentNode {
  const runtime::CompiledComponent* compiled = nullptr;
  runtime::InstanceState* state = nullptr;
  /// By the place of the definition: of a core instance its number in `ComponentTree::cores`, of an
  /// instance its number in `children`.
  std::map<std::uint32_t, std::uint32_t> cores;
  std::map<std::uint32_t, std::uint32_t> instances;
  std::vector<std::unique_ptr<ComponentNode>> children;
};

struct CoreNode {
  engine::Instance* instance = nullptr;
  ComponentNode* owner = nullptr;
  /// The place of its definition in the owner's.
  std::uint32_t definition = 0;
  /// Its index among the core instances of the owner.
  std::uint32_t index = 0;
};

/// Everything that one instantiation of a component has made, found again by going through the
/// definitions in the order in which they ran.
struct ComponentTree {
  std::unique_ptr<ComponentNode> root = std::make_unique<ComponentNode>();
  /// In the order of instantiation.
  std::vector<CoreNode> cores;

  /// "core instance 3 (module `calculator`)".
  [[nodiscard]] std::string core_name(std::size_t i) const;
};

/// `first_state` and `first_core` are how many component and core instances the store had before.
[[nodiscard]] ComponentTree tree_of(runtime::Store& store, std::size_t first_state,
                                    std::size_t first_core);

}  // namespace tenon::preinit

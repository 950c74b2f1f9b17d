// SPDX-License-Identifier: Apache-2.0
// The store lists instances in the order in which they were made. Walking the definitions in the
// same order assigns each to its place in the component, so instantiation need not record anything.
#include "tenon/preinit/component_tree.h"

#include <fmt/format.h>

#include "tenon/base/safe_text.h"
#include "tenon/core/names.h"
#include "tenon/runtime/store.h"

namespace tenon::preinit {

namespace {

/// An instantiation makes things in the order of its definitions, depth first; so does this.
class Walk {
 public:
  Walk(runtime::Store& store, std::size_t first_state, std::size_t first_core, ComponentTree& out)
      : store_(store), state_(first_state), core_(first_core), out_(out) {}

  void run(ComponentNode& node) {
    node.state = store_.instances()[state_++].get();
    node.compiled = node.state->compiled;
    const auto& definitions = node.compiled->def->definitions;
    for (std::uint32_t i = 0; i < definitions.size(); ++i) {
      if (const auto* core = std::get_if<component::CoreInstance>(&definitions[i].def)) {
        if (!core->module) continue;
        node.cores[i] = static_cast<std::uint32_t>(out_.cores.size());
        out_.cores.push_back({store_.core().instances()[core_++].get(), &node, i,
                              node.compiled->info->definitions[i].index});
      } else if (const auto* inst = std::get_if<component::Instance>(&definitions[i].def)) {
        if (!inst->component) continue;
        node.instances[i] = static_cast<std::uint32_t>(node.children.size());
        run(*node.children.emplace_back(std::make_unique<ComponentNode>()));
      }
    }
  }

 private:
  runtime::Store& store_;
  std::size_t state_;
  std::size_t core_;
  ComponentTree& out_;
};

}  // namespace

std::string ComponentTree::core_name(std::size_t i) const {
  const std::string name = cores[i].instance->module().name();
  return name.empty() ? fmt::format("core instance {}", i)
                      : fmt::format("core instance {} (module `{}`)", i, visible(name));
}

ComponentTree tree_of(runtime::Store& store, std::size_t first_state, std::size_t first_core) {
  ComponentTree out;
  Walk(store, first_state, first_core, out).run(*out.root);
  return out;
}

}  // namespace tenon::preinit

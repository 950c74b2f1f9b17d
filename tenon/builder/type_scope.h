// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>

#include "tenon/abi/layout.h"
#include "tenon/builder/assembly.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// Writes WIT types as type definitions of one component, each once.
class TypeScope {
 public:
  /// Decides about a type that the scope does not know yet: an index (an alias of an import, an
  /// imported type), or nothing, and the structure is defined here.
  using Find = std::function<std::optional<component::TypeIdx>(wit::TypeIdx)>;

  TypeScope(const wit::Packages& packages, Assembly& out, Find find)
      : packages_(packages), out_(out), find_(std::move(find)) {}

  /// From now on this index stands for the type.
  void know(wit::TypeIdx type, component::TypeIdx idx) { known_[type] = idx; }
  [[nodiscard]] bool knows(wit::TypeIdx type) const {
    return known_.contains(type) || made_.contains(type);
  }
  /// What was found or made is found or made again; what it was told stays.
  void forget() { made_.clear(); }
  [[nodiscard]] component::TypeIdx type(wit::TypeIdx type);
  [[nodiscard]] component::ValType val_type(wit::ValType type);
  [[nodiscard]] component::TypeIdx func_type(const wit::Function& func);
  /// The structure alone, without a look at what is known of the type itself.
  [[nodiscard]] component::TypeIdx structure(wit::TypeIdx type);

 private:
  wit::DefValType translate(const wit::DefValType& def);
  void make_from_the_end(wit::TypeIdx type);

  const wit::Packages& packages_;
  Assembly& out_;
  Find find_;
  /// Of `type` within itself.
  std::uint32_t depth_ = 0;
  /// What it was told, and what it found or made.
  std::unordered_map<wit::TypeIdx, component::TypeIdx> known_;
  std::unordered_map<wit::TypeIdx, component::TypeIdx> made_;
};

/// The graph's types as the ABI looks at them.
[[nodiscard]] abi::Types abi_types(const wit::Packages& packages);

}  // namespace tenon::builder

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/core/names.h"

namespace tenon::text {

/// The identifiers under which the items of one index space are printed. Names need not be unique
/// nor fit an identifier: then the identifier is made up and the name follows as `(@name "…")`.
class Ids {
 public:
  Ids() = default;
  Ids(const core::NameMap& names, std::uint32_t count);

  /// `$name`, or empty: print the index.
  [[nodiscard]] std::string_view of(std::uint32_t index) const {
    return index < ids_.size() ? std::string_view(ids_[index]) : std::string_view{};
  }
  /// The name that must be given besides the identifier, or null.
  [[nodiscard]] const std::string* annotation(std::uint32_t index) const {
    const auto it = annotations_.find(index);
    return it == annotations_.end() ? nullptr : &it->second;
  }
  /// Takes the identifier of an item whose form has no place for one; the name stays.
  void hide(std::uint32_t index);

 private:
  std::vector<std::string> ids_;
  std::unordered_map<std::uint32_t, std::string> annotations_;
};

/// `$name` or `$"na me"`.
[[nodiscard]] std::string identifier(std::string_view name);

/// All names of a module as the printer uses them.
struct ModuleIds {
  core::Names names;
  Ids funcs;
  Ids types;
  Ids tables;
  Ids mems;
  Ids globals;
  Ids elems;
  Ids datas;
  Ids tags;
  /// The name section is what the parser makes of these identifiers, byte for byte; otherwise there
  /// are none and the section is printed as a custom one.
  const core::CustomSection* section = nullptr;
};

[[nodiscard]] ModuleIds module_ids(const core::Module& module);

}  // namespace tenon::text

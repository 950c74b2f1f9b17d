// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/component.h"

#include "tenon/component/info.h"

namespace tenon::component {

void DeleteInfo::operator()(ComponentInfo* info) const {
  delete info;
}

const NamedExtern* InstanceTypeInfo::find(std::string_view name) const {
  for (const NamedExtern& e : exports) {
    if (e.name == name) return &e;
  }
  return nullptr;
}

bool CoreModuleTypeInfo::add_export(std::string name, const core::ExternType& type) {
  if (!export_index.emplace(name, static_cast<std::uint32_t>(exports.size())).second) return false;
  exports.emplace_back(std::move(name), type);
  return true;
}

const core::ExternType* CoreModuleTypeInfo::find(const std::string& name) const {
  const auto it = export_index.find(name);
  return it == export_index.end() ? nullptr : &exports[it->second].second;
}

}  // namespace tenon::component

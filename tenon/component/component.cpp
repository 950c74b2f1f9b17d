// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/component.h"

#include "tenon/component/info.h"

namespace tenon::component {

void DeleteInfo::operator()(ComponentInfo* info) const {
  delete info;
}

Sort sort_of(ExternKind kind) {
  switch (kind) {
    case ExternKind::core_module:
      return {SortKind::core, CoreSort::module};
    case ExternKind::func:
      return {SortKind::func, {}};
    case ExternKind::value:
      return {SortKind::value, {}};
    case ExternKind::type:
      return {SortKind::type, {}};
    case ExternKind::component:
      return {SortKind::component, {}};
    case ExternKind::instance:
      break;
  }
  return {SortKind::instance, {}};
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

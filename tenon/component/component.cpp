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

}  // namespace tenon::component

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/cli/input.h"

namespace tenon::cli {

struct InterfaceItem {
  std::string name;
  /// Its kind and type as text: "func (i32) -> i32", "instance".
  std::string type;
};

/// What a binary wants and gives.
struct Interface {
  std::vector<InterfaceItem> imports;
  std::vector<InterfaceItem> exports;
};

/// The imports and exports of a binary core module or component.
[[nodiscard]] Result<Interface> interface_of(const Input& input);

}  // namespace tenon::cli

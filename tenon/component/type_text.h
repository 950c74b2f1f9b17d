// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/abi/layout.h"
#include "tenon/component/info.h"

namespace tenon::component {

// Types as messages show them: structurally, in WIT's spelling. Long and deep ones are cut with
// `…`, so that a text has some hundred bytes whatever the type is.

/// `record { x: f64, y: f64 }`, `list<u8>`. Resources show as their numbers.
[[nodiscard]] std::string type_text(const abi::Types& types, ValType type);
/// The same with resources by their names.
[[nodiscard]] std::string type_text(const ComponentInfo& info, ValType type);
/// `func(a: f64, b: f64) -> f64`.
[[nodiscard]] std::string type_text(const ComponentInfo& info, const FuncType& type);
/// `resource r`, `instance`, or the type of a function, value or value type.
[[nodiscard]] std::string type_text(const ComponentInfo& info, const ResolvedExtern& type);
[[nodiscard]] std::string type_text(const ComponentInfo& info, const ResolvedType& type);

/// A core item's type in the text format: `(func (param i32) (result i64))`, `(memory 1)`. Its type
/// indices are canonical.
[[nodiscard]] std::string type_text(const core::TypeRegistry& types, const core::ExternType& type);

}  // namespace tenon::component

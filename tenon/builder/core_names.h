// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/abi/mangle.h"
#include "tenon/component/component.h"

namespace tenon::builder {

/// A canonical built-in that a core import asks for by its name.
struct Builtin : abi::BuiltinName {
  component::CanonOp canon = component::CanonOp::task_cancel;
  component::StringEncoding text = component::StringEncoding::utf8;
};
/// Nothing when the name is no built-in's: then it is a function's.
[[nodiscard]] std::optional<Builtin> builtin_named(std::string_view name,
                                                   const abi::ImportModule& where);

}  // namespace tenon::builder

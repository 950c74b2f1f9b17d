// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/bytes.h"
#include "tenon/runtime/value.h"

namespace tenon::runtime {

/// The value of a value definition. The bytes are those that validation has checked against the
/// type. An error: the value with the labels of its fields would take too much memory.
/// Spec: Binary.md "Value Definitions" (val).
[[nodiscard]] Result<Value> read_literal(ByteSpan bytes, const TypeView& type);

}  // namespace tenon::runtime

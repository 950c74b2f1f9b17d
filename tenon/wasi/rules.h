// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"

namespace tenon::wasi::rules {
#define TENON_RULE(name, id, spec, message, file) \
  inline constexpr Rule name{id, spec, message, file};
#include "tenon/wasi/rules.def"
#undef TENON_RULE
}  // namespace tenon::wasi::rules

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"

namespace tenon::preinit::rules {
#define TENON_RULE(name, id, spec, message, file) \
  inline constexpr Rule name{id, spec, message, file};
#include "tenon/preinit/rules.def"
#undef TENON_RULE
}  // namespace tenon::preinit::rules

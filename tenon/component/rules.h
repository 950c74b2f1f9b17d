// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"
#include "tenon/types/rules.h"

namespace tenon::component {

namespace rules {

using types::rules::feature_off;

#define TENON_RULE(name, id, spec, message, file) \
  inline constexpr Rule name{id, spec, message, file};
#include "tenon/component/rules.def"
#undef TENON_RULE

}  // namespace rules

/// Whether a broken rule of this room makes a component malformed rather than invalid: it is
/// checked where the binary is read.
[[nodiscard]] constexpr bool is_malformed(const Rule& rule) {
  return rule.file.starts_with("tenon/component/decode");
}

}  // namespace tenon::component

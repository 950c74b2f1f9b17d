// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"

namespace tenon::core {

namespace rules {
#define TENON_RULE(name, id, spec, message, file) \
  inline constexpr Rule name{id, spec, message, file};
#include "tenon/core/rules.def"
#undef TENON_RULE
}  // namespace rules

/// Whether a broken rule makes a module malformed (its binary or text form is wrong) rather than
/// invalid. Told by where the rule is: core/binary and core/text, against core/valid.
[[nodiscard]] constexpr bool is_malformed(const Rule& rule) {
  return rule.spec.starts_with("core/binary") || rule.spec.starts_with("core/text");
}

}  // namespace tenon::core

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/error.h"

namespace tenon::runtime::rules {
#define TENON_RULE(name, id, spec, message, file) \
  inline constexpr Rule name{id, spec, message, file};
#include "tenon/runtime/rules.def"
#undef TENON_RULE
}  // namespace tenon::runtime::rules

namespace tenon::runtime {
/// The help of `other_engine`.
inline constexpr std::string_view one_engine =
    "make the component, the linker and the store from one `Engine`";
}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/all_rules.h"

namespace tenon::cli {
namespace {

constexpr RoomRule table[] = {
#define TENON_RULE(name, id, spec, message, file) {"base", Rule{id, spec, message, file}},
#include "tenon/base/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"core", Rule{id, spec, message, file}},
#include "tenon/core/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"types", Rule{id, spec, message, file}},
#include "tenon/types/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"component", Rule{id, spec, message, file}},
#include "tenon/component/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"text", Rule{id, spec, message, file}},
#include "tenon/text/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"wit", Rule{id, spec, message, file}},
#include "tenon/wit/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"bindgen", Rule{id, spec, message, file}},
#include "tenon/bindgen/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"builder", Rule{id, spec, message, file}},
#include "tenon/builder/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"engine", Rule{id, spec, message, file}},
#include "tenon/engine/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"runtime", Rule{id, spec, message, file}},
#include "tenon/runtime/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"wasi", Rule{id, spec, message, file}},
#include "tenon/wasi/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"testing", Rule{id, spec, message, file}},
#include "tenon/testing/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"preinit", Rule{id, spec, message, file}},
#include "tenon/preinit/rules.def"
#undef TENON_RULE
#define TENON_RULE(name, id, spec, message, file) {"cli", Rule{id, spec, message, file}},
#include "tenon/cli/rules.def"
#undef TENON_RULE
};

}  // namespace

std::span<const RoomRule> all_rules() {
  return table;
}

}  // namespace tenon::cli

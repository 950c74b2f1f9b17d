// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/bindgen/emit.h"
#include "tenon/component/string_encoding.h"

namespace tenon::bindgen {

/// All names that the three functions below give to a world's string and its functions.
[[nodiscard]] std::vector<std::string> c_string_names(std::string_view world,
                                                      component::StringEncoding encoding);
/// The structure of a string: pointer and length in code units.
void emit_string_type(Emit& out, std::string_view world, component::StringEncoding encoding);
/// What makes and frees strings.
void declare_string_functions(Emit& out, std::string_view world,
                              component::StringEncoding encoding);
void define_string_functions(Emit& out, std::string_view world, component::StringEncoding encoding);

}  // namespace tenon::bindgen

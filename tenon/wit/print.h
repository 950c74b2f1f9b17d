// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/wit/package.h"

namespace tenon::wit {

struct PrintOptions {
  bool docs = true;
  /// `@since`, `@unstable`, `@deprecated`.
  bool gates = true;
};

/// One package as WIT text, in canonical layout. Imports that nobody wrote are left out.
[[nodiscard]] std::string print_package(const Packages& packages, PackageIdx package,
                                        const PrintOptions& options = {});
/// The root package as a file, every other package below it as a nested one: the text means the
/// same without any other file.
[[nodiscard]] std::string print(const Packages& packages, const PrintOptions& options = {});

/// A type as it is written where it is used: `list<u8>`, a name.
[[nodiscard]] std::string type_text(const Packages& packages, ValType type);
/// What a type stands for, without its own name: `list<u8>`, `resource`; of a record or its like
/// only the word `_`.
[[nodiscard]] std::string def_text(const Packages& packages, const TypeDef& def);
/// A function's type: `async func(x: u32) -> string`; `self` of a method is left out.
[[nodiscard]] std::string func_text(const Packages& packages, const Function& func);
/// What follows the keyword in it: `(a: u32) -> string`. A constructor's resource is no part of it.
[[nodiscard]] std::string signature_text(const Packages& packages, const Function& func);
/// A name, with `%` when it is a keyword.
[[nodiscard]] std::string name_text(std::string_view name);

}  // namespace tenon::wit

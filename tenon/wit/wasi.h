// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tenon/wit/ast.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// A WIT file that is inside the program.
struct EmbeddedFile {
  /// `wasi/0.2.12/io.wit`.
  std::string_view path;
  /// `wasi:io@0.2.12`.
  std::string_view package;
  std::string_view text;
};

[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

/// The embedded package that serves a request: of that very version or, within 0.2 and 0.3, a newer
/// one that is cut down to it by `retarget`. Empty when there is none.
[[nodiscard]] std::string_view embedded_package_for(const PackageName& wanted);

/// Makes a file of an older version: leaves out what came later (`@since`) and names `version`
/// wherever the file names its own.
void retarget(ast::File& file, std::string_view version);

}  // namespace tenon::wit

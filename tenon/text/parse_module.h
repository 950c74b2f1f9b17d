// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/core/module.h"

namespace tenon::text {

class Cursor;
struct Id;

struct ModuleTextOptions {
  /// Read spellings of former days as well: `get_local`, `i32.wrap/i64`, `anyfunc`.
  bool legacy_words = false;
};

/// Reads a module in text form: `(module …)` or its fields alone; `(module binary …)` gives what
/// decoding the bytes gives. The module owns its bytes and does not need the text any more.
/// Spec: core/text/modules.
[[nodiscard]] Result<core::Module> parse_module(std::string_view text, std::uint32_t source = 0,
                                                const ModuleTextOptions& options = {});

/// The fields of a module up to the `)` after them, which stays; `id` and a name annotation stood
/// after `module`. For the parsers of scripts and components.
[[nodiscard]] Result<core::Module> parse_module_fields(Cursor& cursor, const std::optional<Id>& id,
                                                       std::optional<std::string_view> name);

/// All from `(module` on, its `)` included: any of the forms, but `quote` not.
[[nodiscard]] Result<core::Module> parse_module_at(Cursor& cursor);

}  // namespace tenon::text

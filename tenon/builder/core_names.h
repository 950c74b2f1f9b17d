// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/component/component.h"

namespace tenon::builder {

// How core modules name what stands for WIT: the scheme that all guest generators use today, and
// the one of BuildTargets.md ("cm32p2").

/// The module name of a core import, taken apart.
struct ImportModule {
  /// Names as BuildTargets.md has them.
  bool cm32p2 = false;
  /// `[export]…`: built-ins for what is exported.
  bool of_export = false;
  /// The world's own functions and types; otherwise `interface` counts.
  bool root = false;
  std::string_view interface;
};
[[nodiscard]] ImportModule parse_import_module(std::string_view module);

/// A canonical built-in that a core import asks for by its name.
struct Builtin {
  component::CanonOp op = component::CanonOp::task_cancel;
  /// What the name goes on about: a resource, a function (task.return), a stream or future of a
  /// function.
  enum class Arg : std::uint8_t { none, resource, func, payload };
  Arg arg = Arg::none;
  std::string_view name;
  /// Which of the function's streams and futures; a context slot.
  std::uint32_t number = 0;
  /// A stream or future without a payload.
  bool unit = false;
  bool async_ = false;
  bool i64 = false;
  component::StringEncoding encoding = component::StringEncoding::utf8;
};
/// Nothing when the name is no built-in's: then it is a function's.
[[nodiscard]] std::optional<Builtin> parse_builtin(std::string_view name,
                                                   const ImportModule& where);

/// The name of a function's core import without `[async-lower]`; true when it had that.
[[nodiscard]] bool strip_async_lower(std::string_view& name);

}  // namespace tenon::builder

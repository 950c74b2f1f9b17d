// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::preinit {

/// `-` and `_` are one: a WIT name is spelled with one, an export of a language with the other.
[[nodiscard]] std::string folded(std::string_view name);
/// Whether the name of a core export is a spelling of `wanted`: folded, or mangled by C++ or Rust;
/// `wanted` may have its namespaces or be the last name alone.
[[nodiscard]] bool is_spelling(std::string_view exported, std::string_view wanted);
/// Whether a function of a component's exports, `ns:pkg/iface@1.0.0#func`, is meant by `wanted`:
/// with `.` for `#`, without the version, without the package, and folded.
[[nodiscard]] bool is_export(std::string_view exported, std::string_view wanted);

}  // namespace tenon::preinit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::component {

/// How a guest keeps its strings. Spec: Binary.md "Canonical Definitions".
enum class StringEncoding : std::uint8_t { utf8 = 0, utf16 = 1, latin1_utf16 = 2 };
/// By the name that options and manifests have for it: `utf8`, `utf16`, `compact-utf16`.
[[nodiscard]] constexpr std::optional<StringEncoding> parse_string_encoding(std::string_view name) {
  if (name == "utf8") return StringEncoding::utf8;
  if (name == "utf16") return StringEncoding::utf16;
  if (name == "compact-utf16") return StringEncoding::latin1_utf16;
  return std::nullopt;
}

}  // namespace tenon::component

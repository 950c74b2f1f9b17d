// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/cli/context.h"

namespace tenon::cli {

/// What a file is, told by its content alone.
enum class InputKind : std::uint8_t { core_module, component, wat_module, wat_component, text };

/// The kind in words, for messages: "a component", "text".
[[nodiscard]] std::string_view to_string(InputKind kind);

/// An input as it was read. `source` is its number in `Context::sources`.
struct Input {
  std::string name;
  std::vector<std::uint8_t> bytes;
  InputKind kind = InputKind::text;
  std::uint32_t source = 0;

  [[nodiscard]] bool is_binary() const {
    return kind == InputKind::core_module || kind == InputKind::component;
  }
  [[nodiscard]] bool is_wat() const {
    return kind == InputKind::wat_module || kind == InputKind::wat_component;
  }
  [[nodiscard]] bool is_component() const {
    return kind == InputKind::component || kind == InputKind::wat_component;
  }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// Tells the kind by content: the preamble of a binary, or the first token of a text.
[[nodiscard]] InputKind sniff(ByteSpan bytes);

/// Reads a file, or standard input for `-`, and makes it known to the context's sources.
[[nodiscard]] Result<Input> read_input(Context& context, std::string_view path);

/// The error for an input of the wrong kind: "found a component, wanted a core module".
[[nodiscard]] Error wrong_kind(const Input& input, std::string_view wanted);

}  // namespace tenon::cli

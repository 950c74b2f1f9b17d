// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/runtime/value.h"

namespace tenon::runtime {

/// Whether values of the type are handles of resources, which no text can spell.
[[nodiscard]] bool is_handle(const TypeView& type);

/// What somebody meant who wrote a value as another language does.
struct MeantValue {
  Value value;
  /// What was not given, and stands with a value of its type: `y`.
  std::vector<std::string> missing;
};

/// The value that a text means, whatever language its spelling is of: `{"x": 1}`, `{x=1}`,
/// `Point(1)`, `Some(5)`, `True`, `0x10`, `'text'`. Nothing when it is no such value, or when the
/// text is long.
[[nodiscard]] std::optional<MeantValue> meant_value(std::string_view text, const TypeView& type);

/// The call in WAVE that `name(…)`, of which `args` is what begins with the parenthesis, means, and
/// what is missing in it.
struct MeantArguments {
  std::string text;
  std::vector<Value> values;
  std::vector<std::string> missing;
};
[[nodiscard]] std::optional<MeantArguments> meant_arguments(
    std::string_view args, const abi::Types& types,
    std::span<const component::LabelValType> params);

/// Arguments of these types, `({x: 0, y: 0})`, to show how they are written; nothing when all of
/// them are of primitive types, or are handles.
[[nodiscard]] std::optional<std::string> example_arguments(
    const abi::Types& types, std::span<const component::LabelValType> params);

/// "write `TEXT`", with what has to be filled in.
[[nodiscard]] std::string write_help(std::string_view text, std::span<const std::string> missing);

}  // namespace tenon::runtime

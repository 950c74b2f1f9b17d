// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/runtime/value.h"

namespace tenon::runtime {

/// The value as WAVE text, spelled as wasm-wave spells it: one space after commas, record fields
/// that are `none` left out, options and results always with `some(…)`, `ok(…)`, `err(…)`.
[[nodiscard]] std::string to_wave(const Value& value);
/// The same for messages: what is longer than `most` bytes is cut, with `…`.
[[nodiscard]] std::string to_wave(const Value& value, std::size_t most);
/// The same piece by piece, for values whose text may be many times as large as they are.
void to_wave(const Value& value, const std::function<void(std::string_view)>& sink);
/// The same with maps as their entries, `{"a": 1}`: without its type a map is a list of pairs.
void to_wave(const Value& value, const TypeView& type,
             const std::function<void(std::string_view)>& sink);
/// The same for messages, cut as above.
[[nodiscard]] std::string to_wave(const Value& value, const TypeView& type, std::size_t most);

/// WAVE text as a value of `type`. Spans count from the text's first byte in `source`.
[[nodiscard]] Result<Value> parse_wave(std::string_view text, const TypeView& type,
                                       std::uint32_t source = 0);

/// A call as one writes it on the command line: `name(arg, …)`, or a name alone.
struct WaveCall {
  std::string name;
  /// The arguments' text, from the parenthesis on; empty when there is none.
  std::string_view args;
  std::uint32_t args_at = 0;
  bool has_args = false;
};
/// Splits a call into name and arguments; the name may hold anything but `(`.
[[nodiscard]] Result<WaveCall> split_wave_call(std::string_view text);

/// The arguments `(1, "x")` by their types. Options at the end may be left out.
[[nodiscard]] Result<std::vector<Value>> parse_wave_args(
    const WaveCall& call, const abi::Types& types, std::span<const component::LabelValType> params);

}  // namespace tenon::runtime

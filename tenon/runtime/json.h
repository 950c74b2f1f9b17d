// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "tenon/base/json.h"
#include "tenon/runtime/value.h"

namespace tenon::runtime {

/// Reads the words of a format inside values: objects whose only or first member begins with `$`.
/// Nothing means that the word is not known there.
using JsonWord =
    std::function<std::optional<Result<Value>>(const Json& json, const TypeView& type)>;

/// A JSON value as a component value of `type`, by the rules of cli.md "JSON cases": 64-bit
/// integers also as strings, `"nan"` and `"inf"`, records as objects with option fields left out at
/// will, variants as `{ "case": payload }` or `"case"`, options as null or the value (`{ "some": v
/// }` where the payload is itself an option), results as `{ "ok": v }`, maps as arrays of pairs.
/// `{ "$wave": … }` and `{ "$base64": … }` are known here; `word` knows others.
[[nodiscard]] Result<Value> value_from_json(const Json& json, const TypeView& type,
                                            const JsonWord& word = {});

/// The value as JSON, so that `value_from_json` gives it back. Integers beyond 2^53 become strings;
/// handles become `{ "$handle": "own 3" }`.
[[nodiscard]] Json value_to_json(const Value& value);
/// The text of the same (`Json::dump`) piece by piece: a tree of JSON values takes many times the
/// memory of the value.
void dump_json(const Value& value, const std::function<void(std::string_view)>& sink);

/// Bytes of a base64 text (RFC 4648, padding optional), or nothing.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text);

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/cli/command.h"

namespace tenon::cli {

/// `text` as one word of a shell, in single quotes.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// Where reading a call fails: an offset in its text, or nothing when it is well-formed.
using CallCheck = std::function<std::optional<std::size_t>(const std::string& call)>;
/// The call with its bare words in quotes, as it must have been typed before a shell took them:
/// `greet(world)` → `greet("world")`. Nothing when quotes do not fix it. At most 100 checks.
[[nodiscard]] std::optional<std::string> with_quotes(std::string call, const CallCheck& check);

/// A call as it was meant, and what was wrong with it.
struct MeantCall {
  std::string call;
  std::string_view wrong;
};
/// The same for other slips too: single quotes, names of arguments, blanks for commas, quotes
/// around numbers, a `;` at the end, a missing `)`. At most 100 checks each.
[[nodiscard]] std::optional<MeantCall> meant_call(std::string_view call, const CallCheck& check);

/// The error of `run --invoke add COMPONENT 1 2`: arguments that follow the component.
/// `check` tells which of them are in want of quotes.
[[nodiscard]] Error arguments_outside(std::string_view name, std::span<const std::string> words,
                                      const CallCheck& check);
/// The error of `run --invoke add 1 2 COMPONENT` and `run --invoke greet(hello world) COMPONENT`,
/// where `words` are what stands behind the call; nothing when no component is among them.
[[nodiscard]] std::optional<Error> arguments_before(std::string_view call,
                                                    std::span<const std::string> words);
/// Whether a word behind the component is one of the verb's options.
[[nodiscard]] bool is_option(const Verb& verb, std::string_view word);
/// The error of words that nobody takes: an option behind the component, above all. The help is the
/// whole line in its order.
[[nodiscard]] Error needless_words(const Verb& verb, const Args& args);

}  // namespace tenon::cli

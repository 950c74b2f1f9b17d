// SPDX-License-Identifier: Apache-2.0

// What people type in place of `--invoke 'f(1, "x")'`, and the line that they meant.
#include "tenon/cli/invoke_help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tenon::cli {
namespace {

std::string in_quotes(std::string_view word, char quote) {
  std::string out(1, quote);
  for (const char c : word) {
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  out += quote;
  return out;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::optional<std::string> with_quotes(std::string call, const CallCheck& check) {
  constexpr int most = 50;
  bool changed = false;
  for (int i = 0; i < most; ++i) {
    const auto at = check(call);
    if (!at) return changed ? std::optional(std::move(call)) : std::nullopt;
    if (*at >= call.size()) return std::nullopt;
    const std::size_t end = std::min(call.find_first_of(",)]}", *at), call.size());
    std::string_view word = std::string_view(call).substr(*at, end - *at);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word.empty() || word.contains('"') || std::string_view("'([{").contains(word.front()))
      return std::nullopt;
    std::optional<std::string> mended;
    for (const char quote : {'"', '\''}) {
      std::string next = call;
      next.replace(*at, word.size(), in_quotes(word, quote));
      const auto then = check(next);
      if (then && *then <= *at) continue;
      mended = std::move(next);
      break;
    }
    if (!mended) return std::nullopt;
    call = *std::move(mended);
    changed = true;
  }
  return std::nullopt;
}

Error arguments_outside(std::string_view name, std::span<const std::string> words,
                        const CallCheck& check) {
  const std::string plain = fmt::format("{}({})", name, fmt::join(words, ", "));
  const std::string call = with_quotes(plain, check).value_or(plain);
  return usage_error(fmt::format("the arguments of `{}` stand behind the component", name),
                     fmt::format("write `--invoke {}`", shell_quoted(call)));
}

Error needless_words(const Verb& verb, std::span<const std::string> inputs) {
  const auto words = inputs.subspan(1);
  const bool option = std::ranges::any_of(words, [&](const std::string& word) {
    return std::ranges::any_of(verb.options, [&](const Option& o) {
      return word.starts_with("--") &&
             std::string_view(word).substr(2).substr(0, word.find('=') - 2) == o.name;
    });
  });
  if (!option) {
    return usage_error(fmt::format("nobody takes `{}`", words.front()),
                       "a function is called by `--invoke 'name(args)'` before the component");
  }
  constexpr std::string_view harmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:@%+,";
  std::string line;
  for (const std::string& word : words) {
    line += word.find_first_not_of(harmless) == std::string::npos && !word.empty()
                ? word + " "
                : shell_quoted(word) + " ";
  }
  return usage_error(
      fmt::format("`{}` stands behind the component, where words are the program's", words.front()),
      fmt::format("write `tenon {} {}{}`", verb.name, line, inputs.front()));
}

}  // namespace tenon::cli

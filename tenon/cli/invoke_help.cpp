// SPDX-License-Identifier: Apache-2.0

// What people type in place of `--invoke 'f(1, "x")'`, and the line that they meant.
#include "tenon/cli/invoke_help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

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

namespace {

/// The text behind the first `(`, with `change` made to each piece outside of double quotes.
std::string outside_quotes(std::string_view call, auto change) {
  const auto open = std::min(call.find('('), call.size());
  std::string out(call.substr(0, open));
  call.remove_prefix(open);
  while (!call.empty()) {
    const auto quote = std::min(call.find('"'), call.size());
    out += change(std::string(call.substr(0, quote)));
    call.remove_prefix(quote);
    if (call.empty()) break;
    const auto end = std::min(call.find('"', 1), call.size() - 1);
    out += call.substr(0, end + 1);
    call.remove_prefix(end + 1);
  }
  return out;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

/// `a=1, b: 2` without the names.
std::string without_names(std::string piece) {
  std::string out;
  std::size_t word = 0;
  bool after_name = false;
  for (const char c : piece) {
    if ((c == '=' || c == ':') && word > 0) {
      out.resize(out.size() - word);
      word = 0;
      after_name = true;
      continue;
    }
    if (std::exchange(after_name, after_name && c == ' ') && c == ' ') continue;
    word = is_word(c) ? word + 1 : c == ' ' && word > 0 ? word + 1 : 0;
    out += c;
  }
  return out;
}

/// `1 2` with a comma.
std::string with_commas(std::string piece) {
  for (std::size_t i = 1; i + 1 < piece.size(); ++i) {
    if (piece[i] == ' ' && is_word(piece[i - 1]) && is_word(piece[i + 1]))
      piece.replace(i++, 1, ", ");
  }
  return piece;
}

/// `"1"` without the quotes, where a number is in them.
std::string without_number_quotes(std::string_view call) {
  std::string out;
  while (!call.empty()) {
    const auto quote = std::min(call.find('"'), call.size());
    out += call.substr(0, quote);
    call.remove_prefix(quote);
    if (call.empty()) break;
    const auto end = std::min(call.find('"', 1), call.size() - 1);
    const std::string_view inside = call.substr(1, end == 0 ? 0 : end - 1);
    const bool number =
        !inside.empty() && inside.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
    out += number ? inside : call.substr(0, end + 1);
    call.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::optional<MeantCall> meant_call(std::string_view call, const CallCheck& check) {
  if (call.size() > 1000) return std::nullopt;
  if (auto quoted = with_quotes(std::string(call), check))
    return MeantCall{*std::move(quoted), "the shell took the quotes"};
  std::string_view bare = call;
  while (bare.ends_with(' ') || bare.ends_with(';')) bare.remove_suffix(1);
  const auto doubled = [](std::string piece) {
    std::ranges::replace(piece, '\'', '"');
    return piece;
  };
  const MeantCall candidates[] = {
      {std::string(bare), "a call has no `;`"},
      {std::string(bare) + ")", "the `)` is missing"},
      {outside_quotes(bare, doubled), "strings stand in double quotes"},
      {outside_quotes(bare, without_names), "arguments have no names"},
      {outside_quotes(bare, with_commas), "arguments are separated by commas"},
      {without_number_quotes(bare), "numbers have no quotes"},
  };
  for (const MeantCall& one : candidates) {
    if (one.call == call) continue;
    if (!check(one.call)) return one;
    if (auto quoted = with_quotes(one.call, check)) return MeantCall{*std::move(quoted), one.wrong};
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
                       fmt::format("the order is `tenon {} --invoke 'name(args)' {}`: arguments "
                                   "stand in the call",
                                   verb.name, inputs.front()));
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

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
std::string without_names(const std::string& piece) {
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

/// `null`, `None`, `True`: words of other languages.
std::string with_wave_words(std::string piece) {
  static constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"null", "none"}, {"nil", "none"},  {"None", "none"},   {"undefined", "none"},
      {"True", "true"}, {"TRUE", "true"}, {"False", "false"}, {"FALSE", "false"},
      {"Some", "some"}, {"Ok", "ok"},     {"Err", "err"},     {"nullptr", "none"},
      {"error", "err"}, {"Error", "err"}};
  std::string out;
  for (std::size_t at = 0; at < piece.size();) {
    std::size_t end = at;
    while (end < piece.size() && is_word(piece[end])) ++end;
    const std::string word = piece.substr(at, end - at);
    const auto* found = std::ranges::find(words, word, [](const auto& pair) { return pair.first; });
    out += found == std::end(words) ? std::string_view(word) : found->second;
    at = end;
    if (at < piece.size()) out += piece[at++];
  }
  return out;
}

/// Typographic quotes and backticks as the quotes of a string.
std::string with_plain_quotes(std::string_view call) {
  std::string out(call);
  for (const std::string_view quote : {"“", "”", "„", "‟", "«", "»", "`"}) {
    for (auto at = out.find(quote); at != std::string::npos; at = out.find(quote, at + 1))
      out.replace(at, quote.size(), "\"");
  }
  return out;
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
  std::string_view bare = call;
  while (bare.ends_with(' ') || bare.ends_with(';')) bare.remove_suffix(1);
  // Before quotes are set around a word that means something else.
  const MeantCall other_words[] = {
      {outside_quotes(bare, with_wave_words),
       "WAVE has `none`, `some(…)`, `true`, `ok(…)`, `err(…)`"},
      {with_plain_quotes(bare), "strings have double quotes"},
  };
  for (const MeantCall& one : other_words) {
    if (one.call != bare && !check(one.call)) return one;
  }
  // `null` for a string never had quotes.
  const bool other_word = other_words[0].call != bare;
  if (auto quoted = with_quotes(std::string(call), check))
    return MeantCall{*std::move(quoted),
                     other_word ? "strings have double quotes" : "the shell took the quotes"};
  const auto doubled = [](std::string piece) {
    std::ranges::replace(piece, '\'', '"');
    return piece;
  };
  const MeantCall candidates[] = {
      {std::string(bare), "a call has no `;`"},
      {std::string(bare) + ")", "the `)` is missing"},
      {outside_quotes(bare, doubled), "strings have double quotes"},
      {outside_quotes(bare, without_names), "arguments have no names"},
      {outside_quotes(bare, with_commas), "values are separated by commas"},
      {outside_quotes(bare, with_wave_words),
       "WAVE has `none`, `some(…)`, `true`, `ok(…)`, `err(…)`"},
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
  return usage_error(fmt::format("the arguments of `{}` come after the component", name),
                     fmt::format("write `--invoke {}`", shell_quoted(call)));
}

bool is_option(const Verb& verb, std::string_view word) {
  if (!word.starts_with("--")) return false;
  const std::string_view name = word.substr(2, word.find('=') - 2);
  return std::ranges::any_of(verb.options, [&](const Option& o) { return o.name == name; });
}

namespace {

/// What a shell made words of, as a call. Nobody knows the types: what is neither a number nor a
/// word of WAVE's own goes in quotes.
std::string call_of_words(std::string_view name, std::span<const std::string> words) {
  std::string out;
  const auto open = name.find('(');
  if (open == std::string_view::npos) {
    for (std::string word : words) {
      while (word.ends_with(',')) word.pop_back();
      const bool number =
          !word.empty() && word.find_first_not_of("0123456789.+-") == std::string::npos;
      const bool own = word == "true" || word == "false" || word == "none" ||
                       (!word.empty() && std::string_view("\"'[{(").contains(word.front()));
      out += out.empty() ? "" : ", ";
      out += number || own ? word : in_quotes(word, '"');
    }
    return fmt::format("{}({})", name, out);
  }
  // `greet(hello world)`, cut at the blank.
  std::string inside = fmt::format("{} {}", name.substr(open + 1), fmt::join(words, " "));
  while (inside.ends_with(')') || inside.ends_with(' ')) inside.pop_back();
  const bool bare = inside.find_first_of("\"[{(,") == std::string::npos &&
                    inside.find_first_not_of("0123456789.+- ") != std::string::npos;
  return fmt::format("{}({})", name.substr(0, open), bare ? in_quotes(inside, '"') : inside);
}

Error meant_line(std::string found, std::string_view name, std::span<const std::string> words,
                 std::string_view component) {
  return usage_error(std::move(found),
                     fmt::format("write `tenon run --invoke {} {}`",
                                 shell_quoted(call_of_words(name, words)), component));
}

/// A word as a shell takes it, and a blank.
std::string shell_word(std::string_view word) {
  constexpr std::string_view harmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:@%+,";
  const bool bare = !word.empty() && word.find_first_not_of(harmless) == std::string_view::npos;
  return (bare ? std::string(word) : shell_quoted(word)) + " ";
}

/// The options as they were given.
std::string given_options(const Verb& verb, const Args& args) {
  std::string out;
  for (const Option& option : verb.options) {
    if (!args.has(option.name)) continue;
    const std::string name = fmt::format("--{} ", option.name);
    if (option.value.empty()) out += name;
    if (option.value.empty()) continue;
    for (const std::string_view value : args.values(option.name)) out += name + shell_word(value);
  }
  return out;
}

}  // namespace

std::optional<Error> arguments_before(std::string_view call, std::span<const std::string> words) {
  const auto component = std::ranges::find_if(words, [](const std::string& word) {
    return word.ends_with(".wasm") || word.ends_with(".wat");
  });
  if (component == words.begin() || component == words.end()) return std::nullopt;
  const std::span<const std::string> arguments =
      words.first(static_cast<std::size_t>(std::distance(words.begin(), component)));
  return meant_line(fmt::format("the call `{}` is cut at a blank", call), call, arguments,
                    *component);
}

Error needless_words(const Verb& verb, const Args& args) {
  const std::span<const std::string> inputs = args.inputs();
  auto words = inputs.subspan(1);
  if (words.size() > 1 && words.front() == "--") words = words.subspan(1);
  const bool option =
      std::ranges::any_of(words, [&](const std::string& word) { return is_option(verb, word); });
  const bool invoked = words.front() == "--invoke" || words.front().starts_with("--invoke=");
  if (invoked && (words.size() > 1 || words.front().contains('='))) {
    const bool joined = words.front().contains('=');
    const std::string name = joined ? words.front().substr(9) : words[1];
    const auto arguments = words.subspan(joined ? 1 : 2);
    if (!arguments.empty())
      return meant_line(fmt::format("`{}` comes after the component, where words are the "
                                    "program's",
                                    words.front()),
                        name, arguments, inputs.front());
  }
  const char first = words.front().empty() ? '-' : words.front().front();
  const bool name = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  if (!option && verb.name == "run" && name) {
    return usage_error(
        fmt::format("nobody takes `{}`", words.front()),
        fmt::format("if it is a function's name: write `tenon run --invoke {} {}`",
                    shell_quoted(call_of_words(words.front(), words.subspan(1))), inputs.front()));
  }
  if (!option) {
    return usage_error(fmt::format("nobody takes `{}`", words.front()),
                       fmt::format("the order is `tenon {} --invoke 'name(args)' {}`: arguments "
                                   "go in the call",
                                   verb.name, inputs.front()));
  }
  std::string line = given_options(verb, args);
  for (const std::string& word : words) line += shell_word(word);
  return usage_error(
      fmt::format("`{}` comes after the component, where words are the program's", words.front()),
      fmt::format("write `tenon {} {}{}`", verb.name, line, inputs.front()));
}

}  // namespace tenon::cli

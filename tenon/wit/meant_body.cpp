// SPDX-License-Identifier: Apache-2.0
// What stands in the braces of a type is what one writes next, so that a message which shows the
// head alone sends its reader round once more for each member. All of it is read or none: half a
// body that looks whole would be worse than `{ … }`.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tenon/base/ascii.h"
#include "tenon/wit/meant.h"

namespace tenon::wit {
namespace {

/// What a message may show of a body; longer ones are `{ … }`.
constexpr std::size_t longest_shown = 160;

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// The parts between signs that no bracket holds; a sign may be a line's end.
std::vector<std::string_view> split(std::string_view text, std::string_view signs) {
  std::vector<std::string_view> out;
  std::size_t depth = 0;
  std::size_t begin = 0;
  const auto take = [&](std::size_t end) {
    if (const auto part = trimmed(text.substr(begin, end - begin)); !part.empty())
      out.push_back(part);
    begin = end + 1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool arrow = c == '>' && i > 0 && (text[i - 1] == '-' || text[i - 1] == '=');
    if (std::string_view("(<[{").contains(c)) ++depth;
    if (std::string_view(")>]}").contains(c) && !arrow && depth > 0) --depth;
    if (depth == 0 && signs.contains(c)) take(i);
  }
  if (begin < text.size()) take(text.size());
  return out;
}

std::string without_comments(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    out += line.substr(0, line.find("//"));
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && !is_digit(text[0]) && std::ranges::all_of(text, is_word);
}

/// `case a` of Swift and Scala.
std::string_view without_case(std::string_view text) {
  constexpr std::string_view word = "case ";
  return text.starts_with(word) ? trimmed(text.substr(word.size())) : text;
}

/// `name`, `NAME = 1`.
std::string case_alone(std::string_view text) {
  text = trimmed(text.substr(0, text.find('=')));
  return is_name(text) ? wit_name(text) : std::string();
}

/// `name(T)`, `name(T, U)`, `T name`.
std::string case_with_type(std::string_view text) {
  if (std::string name = case_alone(text); !name.empty()) return name;
  const auto open = text.find('(');
  if (open == std::string_view::npos) {
    const auto field = meant_field(text);
    const auto colon = field ? field->find(": ") : std::string::npos;
    if (colon == std::string::npos) return {};
    return fmt::format("{}({})", field->substr(0, colon), field->substr(colon + 2));
  }
  const std::string name = wit_name(trimmed(text.substr(0, open)));
  if (name.empty() || !text.ends_with(')')) return {};
  std::string_view inside = trimmed(text.substr(open + 1, text.size() - open - 2));
  // `circle(radius: f64)`: one label is left out.
  const auto label = inside.find(':');
  if (label != std::string_view::npos && !inside.substr(label).starts_with("::")) {
    if (split(inside, ",").size() > 1) return {};
    inside.remove_prefix(label + 1);
  }
  const auto type = wit_type(fmt::format("({})", inside));
  return type ? fmt::format("{}({})", name, *type) : std::string();
}

std::string method(std::string_view text) {
  constexpr std::string_view constructor = "constructor";
  const bool makes = text.starts_with(constructor);
  auto line = meant_function(makes ? fmt::format("f{}", text.substr(constructor.size()))
                                   : std::string(text));
  if (!line || line->contains('&') || line->contains("…")) return {};
  if (!makes) return *std::move(line);
  const auto begin = line->find('(');
  return fmt::format("constructor{};", line->substr(begin, line->rfind(')') + 1 - begin));
}

std::string one_member(std::string_view keyword, std::string_view text) {
  if (keyword == "record") return meant_field(text).value_or(std::string());
  if (keyword == "variant") return case_with_type(without_case(text));
  if (keyword == "enum" || keyword == "flags") return case_alone(without_case(text));
  return method(text);
}

/// What a case of this type may be called.
std::string case_name(std::string_view type) {
  if (type == "string") return "text";
  if (type == "bool") return "flag";
  if (type == "char") return "letter";
  if (type.starts_with("list<")) return "items";
  constexpr std::string_view numbers = " s8 s16 s32 s64 u8 u16 u32 u64 f32 f64 ";
  if (numbers.contains(fmt::format(" {} ", type))) return "number";
  return std::ranges::all_of(type, is_word) ? std::string(type) : "value";
}

}  // namespace

std::optional<std::string> meant_body(std::string_view keyword, std::string_view body) {
  if (body.contains("/*")) return std::nullopt;
  const std::string text = without_comments(body);
  const bool functions = keyword == "resource" || keyword == "interface";
  std::string out;
  for (const std::string_view part : split(text, functions ? ";\n" : ",;\n")) {
    const std::string one = one_member(keyword, part);
    if (one.empty()) return std::nullopt;
    out += out.empty() ? "" : functions ? " " : ", ";
    out += one;
    if (out.size() > longest_shown) return std::nullopt;
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

std::optional<std::string> meant_alternatives(std::string_view text, std::string_view name) {
  text = trimmed(text);
  for (const std::string_view first : {"Union[", "typing.Union[", "Literal[", "typing.Literal["}) {
    if (text.starts_with(first) && text.ends_with(']'))
      text = text.substr(first.size(), text.size() - first.size() - 1);
  }
  const auto parts = split(text, text.contains('|') ? "|" : ",");
  if (parts.size() < 2) return std::nullopt;
  const auto quoted = [](std::string_view part) {
    return part.size() > 2 && (part[0] == '"' || part[0] == '\'') && part.back() == part[0];
  };
  const bool words = std::ranges::all_of(parts, quoted);
  std::vector<std::string> names;
  std::string out;
  for (const std::string_view part : parts) {
    const auto type = words ? std::nullopt : wit_type(part);
    if (!words && !type) return std::nullopt;
    std::string one = words ? wit_name(part.substr(1, part.size() - 2)) : case_name(*type);
    if (one.empty() || std::ranges::find(names, one) != names.end()) return std::nullopt;
    out += fmt::format("{}{}", out.empty() ? "" : ", ", one);
    if (type) out += fmt::format("({})", *type);
    names.push_back(std::move(one));
  }
  if (out.size() > longest_shown) return std::nullopt;
  return fmt::format("{} {} {{ {} }}", words ? "enum" : "variant", name, out);
}

std::string meant_with_body(std::string help, std::string_view body) {
  constexpr std::string_view open = " { … }";
  const auto at = help.find(open);
  if (at == std::string::npos || at == 0) return {};
  const auto blank = help.rfind(' ', at - 1);
  const auto quote = help.rfind('`', at);
  const std::string name = help.substr(blank + 1, at - blank - 1);
  const auto before = blank == std::string::npos || blank == 0 ? 0 : help.rfind(' ', blank - 1) + 1;
  const auto word = quote == std::string::npos ? before : std::max(before, quote + 1);
  const std::string keyword = help.substr(word, blank - word);
  const auto with = [&](std::string_view as) -> std::string {
    const auto inside = meant_body(as, body);
    if (!inside) return {};
    if (as == keyword) return help.replace(at, open.size(), fmt::format(" {{ {} }}", *inside));
    if (as == "record")
      return fmt::format("a structure is a `record`: write `record {} {{ {} }}`", name, *inside);
    return fmt::format("write `{} {} {{ {} }}`", as, name, *inside);
  };
  constexpr std::string_view known = " record variant enum flags resource interface ";
  if (!known.contains(fmt::format(" {} ", keyword))) return {};
  if (std::string out = with(keyword); !out.empty()) return out;
  if (keyword == "enum" && body.find_first_of("({") != std::string_view::npos) {
    const std::string out = with("variant");
    return out.empty() ? fmt::format("write `variant {} {{ … }}`", name) : out;
  }
  if (keyword == "resource") return with("record");
  return {};
}

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
// In C++ a result is a `std::expected`, an enum an `enum class`, and each case of a variant a
// structure of its own. The compiler tells which conversion it misses, often from within the
// standard library; what the author has to write, the generated header tells.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "tenon/builder/compiler_help.h"

namespace tenon::builder::compiler_help {

std::string folded(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

namespace {

constexpr std::string_view enum_start = "enum class ";
constexpr std::string_view cases_end = "_cases::";

/// An enum or a set of flags of the generated header.
struct Enum {
  std::string name;
  std::vector<std::string_view> values;
};

std::vector<Enum> enums_of(std::string_view header) {
  std::vector<Enum> out;
  std::string_view space;
  bool inside = false;
  while (!header.empty()) {
    const auto end = std::min(header.find('\n'), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    constexpr std::string_view opens = "namespace ";
    if (line.starts_with(opens) && line.ends_with(" {"))
      space = line.substr(opens.size(), line.size() - opens.size() - 2);
    if (line.starts_with(enum_start) && line.ends_with('{')) {
      out.push_back({fmt::format("{}::{}", space, word_at(line, enum_start.size())), {}});
      inside = true;
    } else if (line.starts_with('}')) {
      inside = false;
    } else if (inside && line.starts_with("  ") && is_word(line[2])) {
      out.back().values.push_back(word_at(line, 2));
    }
  }
  return out;
}

/// A type's name as the header has it: what `aka` says where a compiler says it, no leading `::`.
std::string_view plain_type(std::string_view message, std::string_view before) {
  const auto at = message.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = message.substr(at + before.size());
  std::string_view type = rest.substr(0, rest.find('\''));
  if (const std::string_view aka = between(rest, "' (aka '", "'");
      !aka.empty() && rest.substr(type.size()).starts_with("' (aka"))
    type = aka;
  if (type.starts_with("::")) type.remove_prefix(2);
  return type;
}

std::string_view line_from(std::string_view output, std::size_t at) {
  return output.substr(at, std::min(output.find('\n', at), output.size()) - at);
}

std::string values_of(const Enum& type) {
  constexpr std::size_t most = 4;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, type.values.size()));
  return fmt::format("`{}::{}`{}", type.name,
                     fmt::join(type.values.begin(), type.values.begin() + shown,
                               fmt::format("` or `{}::", type.name)),
                     type.values.size() > most ? " or another of it" : "");
}

/// The second argument of `std::expected<…>`.
std::string_view error_of(std::string_view expected) {
  expected = expected.substr(expected.find('<') + 1);
  if (expected.ends_with('>')) expected.remove_suffix(1);
  int depth = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == '<') ++depth;
    if (expected[i] == '>') --depth;
    if (expected[i] == ',' && depth == 0) return trimmed(expected.substr(i + 1));
  }
  return {};
}

std::string_view last_part(std::string_view type) {
  return type.substr(type.rfind(':') + 1);
}

/// `return "bad";` in a function that returns a result.
std::string result_as_error(std::string_view output, const std::vector<Enum>& enums) {
  constexpr std::string_view sign = "no viable conversion from returned value of type '";
  for (auto at = output.find(sign); at != std::string_view::npos; at = output.find(sign, at + 1)) {
    const std::string_view message = line_from(output, at);
    const std::string_view given = between(message, sign, "'");
    const std::string_view wanted = between(message, "to function return type '", "'");
    if (!wanted.starts_with("std::expected<") || given.starts_with("std::expected<")) continue;
    const std::string_view error = error_of(wanted);
    const bool text = given.contains("char") || given.contains("std::string");
    const auto type = std::ranges::find_if(
        enums, [&](const Enum& one) { return error.ends_with(last_part(one.name)); });
    if (text && type != enums.end())
      return fmt::format(
          "the error of a result is wrapped, and this one is an enum: "
          "write `return std::unexpected({}::{});`",
          type->name, type->values.front());
    const bool fits = error == "std::string" ? text : last_part(given) == last_part(error);
    const Shown shown = shown_line(output, at);
    const std::string_view value =
        shown.line.empty() ? std::string_view() : expression_at(shown.line, shown.caret);
    if (fits && !value.empty())
      return fmt::format("the error of a result is wrapped: write `return std::unexpected({});`",
                         value);
  }
  return {};
}

/// `size::SMALL`, `0` or `"small"` where a value of an enum is wanted.
std::string enum_value(std::string_view output, const std::vector<Enum>& enums) {
  const auto find = [&](std::string_view type) {
    return std::ranges::find(enums, type.starts_with("::") ? type.substr(2) : type, &Enum::name);
  };
  constexpr std::string_view missing = "no member named '";
  for (auto at = output.find(missing); at != std::string_view::npos;
       at = output.find(missing, at + 1)) {
    const std::string_view message = line_from(output, at);
    const std::string_view word = word_at(message, missing.size());
    const auto type = find(between(message, "' in '", "'"));
    if (type == enums.end()) continue;
    const auto [line, caret] = shown_line(output, at);
    auto from = line.empty() ? 0 : caret;
    while (from > 0 && (is_word(line[from - 1]) || line[from - 1] == ':')) --from;
    const std::string_view used =
        line.empty() ? word : line.substr(from, caret - from + word.size());
    for (const std::string_view value : type->values) {
      if (folded(value) == folded(word))
        return fmt::format("write `{}::{}` in place of `{}`", type->name, value, used);
    }
    return fmt::format("`{}` has no `{}`: write {}", type->name, word, values_of(*type));
  }
  for (const std::string_view sign : {"cannot initialize return object of type '",
                                      "cannot initialize a variable of type '", "assigning to '"}) {
    const auto at = output.find(sign);
    if (at == std::string_view::npos) continue;
    const auto type = find(plain_type(output.substr(at), sign));
    if (type == enums.end()) continue;
    return fmt::format("an enum takes only its own values: write {}", values_of(*type));
  }
  return {};
}

/// The type of what a case holds; empty when it holds nothing. `whole` is
/// `calc::demo::shape_cases::circle`.
std::string_view content_of(std::string_view header, std::string_view whole) {
  const auto end = whole.find(cases_end);
  const std::string_view before = whole.substr(0, end);
  const std::string_view type = before.substr(before.rfind(':') + 1);
  const auto space = header.find(fmt::format("namespace {}_cases {{", type));
  if (space == std::string_view::npos) return {};
  const auto at =
      header.find(fmt::format("  struct {} {{\n", whole.substr(end + cases_end.size())), space);
  if (at == std::string_view::npos) return {};
  const std::string_view line = trimmed(line_from(header, header.find('\n', at) + 1));
  const auto name = line.find(" value");
  return line.starts_with("friend") || name == std::string_view::npos ? std::string_view()
                                                                      : line.substr(0, name);
}

/// `calc::demo::shape::circle` of `calc::demo::shape_cases::circle`.
std::string case_name(std::string_view whole) {
  const auto end = whole.find(cases_end);
  return fmt::format("{}::{}", whole.substr(0, end), whole.substr(end + cases_end.size()));
}

constexpr std::string_view of_case = "what a case holds is its member `value`";

/// `std::get<0>(s)` where what the case holds is wanted.
std::string case_as_content(std::string_view output, const GuestNames& names) {
  for (auto at = output.find(cases_end); at != std::string_view::npos;
       at = output.find(cases_end, at + 1)) {
    const auto begin = output.rfind('\n', at) + 1;
    const std::string_view message = line_from(output, begin);
    const auto name_end = at + cases_end.size() + word_at(output, at + cases_end.size()).size();
    if (!message.contains(": error: ") || name_end >= output.size() || output[name_end] != '\'')
      continue;
    std::string_view whole = output.substr(begin, name_end - begin);
    whole = whole.substr(whole.rfind('\'') + 1);
    if (whole.starts_with("::")) whole.remove_prefix(2);
    const Shown shown = shown_line(output, at);
    const auto get = shown.line.find("std::get<");
    if (get == std::string_view::npos || content_of(names.bindings, whole).empty()) continue;
    const std::string_view of = between(shown.line, ">(", ")", get);
    return fmt::format("{}: write `std::get<{}>({}).value`", of_case, case_name(whole), of);
  }
  return {};
}

/// `std::get<double>(s)`, which the standard library refuses in words of its own.
std::string case_by_content(std::string_view output, const GuestNames& names) {
  constexpr std::string_view sign = "__find_exactly_one_checked<";
  const auto at = output.find(sign);
  if (at == std::string_view::npos) return {};
  const std::string_view types = between(output, sign, ">' requested", at);
  const std::string_view given = types.substr(0, types.find(", "));
  std::string_view rest = types.substr(std::min(given.size() + 2, types.size()));
  std::string_view fits;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(", "), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    if (!one.contains(cases_end)) return {};
    const std::string_view content = content_of(names.bindings, one);
    if (!content.empty() && (fits.empty() || content == given)) fits = one;
    if (content == given) break;
  }
  if (fits.empty()) return {};
  const std::string name = case_name(fits);
  for (const std::string_view used : {"std::get<", "std::get_if<", "std::holds_alternative<"}) {
    const auto there = names.sources.find(fmt::format("{}{}>(", used, given));
    if (there == std::string::npos) continue;
    const std::string_view of = between(names.sources, ">(", ")", there);
    return fmt::format("a variant is asked for its case: write `{}{}>({}){}`", used, name, of,
                       used == "std::get<" ? ".value" : "");
  }
  return fmt::format("a variant is asked for its case: write `std::get<{}>(…).value`", name);
}

/// `s.circle`.
std::string case_as_member(std::string_view output, const GuestNames& names) {
  constexpr std::string_view sign = "cannot refer to type member '";
  const auto at = output.find(sign);
  if (at == std::string_view::npos) return {};
  const std::string_view message = line_from(output, at);
  const std::string_view member = word_at(message, sign.size());
  const std::string_view type = plain_type(message, "' in '");
  const Shown shown = shown_line(output, at);
  if (shown.line.empty() || shown.caret == 0) return {};
  const std::string_view of = word_before(shown.line, shown.line.find_last_of(".>", shown.caret));
  if (type.empty() || of.empty() ||
      !names.bindings.contains(fmt::format("{}_cases {{", type.substr(type.rfind(':') + 1))))
    return {};
  const bool empty = content_of(names.bindings, fmt::format("{}_cases::{}", type, member)).empty();
  return empty ? fmt::format(
                     "a variant is asked for its case: write "
                     "`std::holds_alternative<{}::{}>({})`",
                     type, member, of)
               : fmt::format("a variant is asked for its case: write `std::get<{}::{}>({}).value`",
                             type, member, of);
}

}  // namespace

std::string whole_enumerator(std::string_view header, std::string_view word) {
  std::string out;
  for (const Enum& type : enums_of(header)) {
    for (const std::string_view value : type.values) {
      if (folded(value) != folded(word)) continue;
      if (!out.empty()) return {};
      out = fmt::format("{}::{}", type.name, value);
    }
  }
  return out;
}

std::string of_cpp_values(std::string_view output, const GuestNames& names) {
  if (names.macro.empty()) return {};
  const std::vector<Enum> enums = enums_of(names.bindings);
  for (std::string help :
       {case_as_content(output, names), case_by_content(output, names),
        case_as_member(output, names), result_as_error(output, enums), enum_value(output, enums)}) {
    if (!help.empty()) return help;
  }
  return {};
}

}  // namespace tenon::builder::compiler_help

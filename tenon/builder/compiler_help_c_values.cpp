// SPDX-License-Identifier: Apache-2.0
// In C lists, results and variants are structures with members of tenon's choice, and handles are
// structures that own or borrow. The compiler says that a member, a name or a conversion is
// missing; which one is there, the generated header tells.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/builder/compiler_help.h"

namespace tenon::builder::compiler_help {
namespace {

std::string_view line_from(std::string_view output, std::size_t at) {
  return output.substr(at, std::min(output.find('\n', at), output.size()) - at);
}

/// The members of a structure that the header defines as `typedef struct { … } NAME;`.
std::string_view members_of(std::string_view header, std::string_view type) {
  const auto end = header.find(fmt::format("\n}} {};", type));
  if (end == std::string_view::npos) return {};
  constexpr std::string_view opens = "typedef struct {";
  const auto begin = header.rfind(opens, end);
  return begin == std::string_view::npos ? std::string_view()
                                         : header.substr(begin + opens.size(), end - begin);
}

/// The member of such a structure that is meant: `len` by `length`, `val.circle` by `circle`.
std::string member_meant(std::string_view members, std::string_view word) {
  const auto has = [&](std::string_view name) {
    return members.contains(fmt::format(" {};", name)) ||
           members.contains(fmt::format("*{};", name));
  };
  if (members.contains("} val;") && has(word)) return fmt::format("val.{}", word);
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"length", "len"},       {"size", "len"},  {"count", "len"},      {"n", "len"},
      {"data", "ptr"},         {"items", "ptr"}, {"elements", "ptr"},   {"values", "ptr"},
      {"begin", "ptr"},        {"str", "ptr"},   {"chars", "ptr"},      {"has_value", "is_some"},
      {"some", "is_some"},     {"value", "val"}, {"is_ok", "is_err"},   {"kind", "tag"},
      {"discriminant", "tag"}, {"type", "tag"},  {"handle", "__handle"}};
  for (const auto& [used, meant] : known) {
    if (used == word && has(meant)) return std::string(meant);
  }
  return {};
}

/// `xs->length`.
std::string wrong_member(std::string_view output, const GuestNames& names) {
  constexpr std::string_view sign = "no member named '";
  for (auto at = output.find(sign); at != std::string_view::npos; at = output.find(sign, at + 1)) {
    const std::string_view message = line_from(output, at);
    const std::string_view word = word_at(message, sign.size());
    const std::string meant =
        member_meant(members_of(names.bindings, between(message, "' in '", "'")), word);
    const auto [line, caret] = shown_line(output, at);
    if (meant.empty() || caret < 2) continue;
    const bool arrow = line[caret - 1] == '>';
    const std::string_view of = word_before(line, caret - (arrow ? 2 : 1));
    return fmt::format(
        "the structure has another member: write `{0}{1}{2}` in place of "
        "`{0}{1}{3}`",
        of, arrow ? "->" : ".", word == "is_ok" ? "is_err" : meant, word);
  }
  return {};
}

/// `xs[0]` of a list, which is a structure.
std::string list_as_array(std::string_view output, const GuestNames& names) {
  constexpr std::string_view sign = ": error: ";
  for (auto at = output.find(sign); at != std::string_view::npos; at = output.find(sign, at + 1)) {
    const std::string_view message = line_from(output, at);
    const bool subscripted = message.contains("subscripted value is not an array");
    const bool list = message.contains("_list_") && message.contains("_t'");
    if (!subscripted && !list) continue;
    const Shown shown = shown_line(output, at + 2);
    const std::string_view line = shown.line;
    // The first subscript that follows a name itself, not a member.
    for (auto open = line.find('[', subscripted ? shown.caret : 0); open != std::string_view::npos;
         open = line.find('[', open + 1)) {
      const std::string_view name = word_before(line, open);
      const std::size_t begin = open - name.size();
      const bool known = subscripted || names.bindings.contains(fmt::format("_t *{}", name)) ||
                         names.sources.contains(fmt::format("_t *{}", name));
      if (name.empty() || !known ||
          (begin > 0 && (line[begin - 1] == '>' || line[begin - 1] == '.')))
        continue;
      const std::string_view index = between(line, "[", "]", open);
      return fmt::format(
          "a list is pointer and length: write `{0}{1}ptr[{2}]` in place of "
          "`{0}[{2}]`",
          name, subscripted ? "." : "->", index);
    }
  }
  return {};
}

/// The first function of the header that returns such a handle.
std::string_view maker_of(std::string_view header, std::string_view type) {
  const auto at = header.find(fmt::format("\n{} ", type));
  return at == std::string_view::npos ? std::string_view() : word_at(header, at + type.size() + 2);
}

/// A number or the other kind of handle where one is wanted.
std::string wrong_handle(std::string_view output, const GuestNames& names) {
  constexpr std::string_view sign = "to parameter of incompatible type '";
  for (auto at = output.find(sign); at != std::string_view::npos; at = output.find(sign, at + 1)) {
    const std::string_view wanted = word_at(output, at + sign.size());
    const bool borrowed = wanted.contains("_borrow_");
    const auto kind = wanted.find(borrowed ? "_borrow_" : "_own_");
    if (kind == std::string_view::npos || !wanted.ends_with("_t")) continue;
    const std::string_view space = wanted.substr(0, kind);
    const auto skip = kind + (borrowed ? 8 : 5);
    const std::string_view name = wanted.substr(skip, wanted.size() - skip - 2);
    const std::string own = fmt::format("{}_own_{}_t", space, name);
    const std::string lend = fmt::format("{}_borrow_{}", space, name);
    const std::string_view given =
        between(line_from(output, output.rfind('\n', at) + 1), "passing '", "'");
    const auto [line, caret] = shown_line(output, at);
    if (line.empty() || members_of(names.bindings, own).empty()) continue;
    std::string_view value = expression_at(line, caret);
    const bool lends = names.bindings.contains(fmt::format(" {}(", lend));
    if (borrowed && given == own && lends)
      return fmt::format("the function borrows: write `{}({})` in place of `{}`", lend,
                         word_at(value, 0), word_at(value, 0));
    if (!borrowed && given == fmt::format("{}_t", lend))
      return fmt::format("the function takes the handle itself: pass the `{}`, without `{}(…)`",
                         own, lend);
    const std::string_view maker = maker_of(names.bindings, own);
    if (maker.empty()) continue;
    return fmt::format("a handle is not a number: write `{0} {1} = {2}(…);` and pass `{3}`", own,
                       name, maker,
                       borrowed && lends ? fmt::format("{}({})", lend, name) : std::string(name));
  }
  return {};
}

/// `int i = …` of a function that returns a handle.
std::string handle_as_number(std::string_view output) {
  constexpr std::string_view sign = "initializing '";
  for (auto at = output.find(sign); at != std::string_view::npos; at = output.find(sign, at + 1)) {
    const std::string_view message = line_from(output, at);
    const std::string_view type = between(message, "incompatible type '", "'");
    if (!type.contains("_own_") && !type.contains("_borrow_")) continue;
    const auto [line, caret] = shown_line(output, at);
    const auto equals = line.find('=', caret);
    if (equals == std::string_view::npos) continue;
    return fmt::format("a handle is not a number: write `{} {} = {};`", type, word_at(line, caret),
                       expression_at(line, equals + 1));
  }
  return {};
}

std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> out;
  while (!name.empty()) {
    const auto end = std::min(name.find('_'), name.size());
    if (end != 0) out.push_back(folded(name.substr(0, end)));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return out;
}

/// The name of the header that has all parts of a word; the shortest, if it is the only one so
/// short.
std::string nearest(std::string_view header, std::string_view word, bool function) {
  const std::vector<std::string> wanted = parts_of(word);
  std::string best;
  std::size_t least = 0;
  const auto consider = [&](std::string_view name) {
    const std::vector<std::string> parts = parts_of(name);
    const bool all = std::ranges::all_of(wanted, [&](const std::string& one) {
      return std::ranges::find(parts, one) != parts.end();
    });
    if (!all || wanted.empty() || parts.back() != wanted.back() || name == best) return;
    if (least != 0 && parts.size() > least) return;
    best = parts.size() == least ? std::string() : std::string(name);
    least = parts.size();
  };
  while (!header.empty()) {
    const std::string_view line = header.substr(0, header.find('\n'));
    header.remove_prefix(std::min(line.size() + 1, header.size()));
    constexpr std::string_view define = "#define ";
    if (!function && line.starts_with(define) && line.contains(' ')) {
      consider(word_at(line, define.size()));
    } else if (function && line.ends_with(");") && is_word(line.front())) {
      consider(word_before(line, line.find('(')));
    }
  }
  return best;
}

/// A function or a value of an enum without what stands before it.
std::string short_name(std::string_view output, const GuestNames& names) {
  for (const std::string_view sign : {"undeclared function '", "undeclared identifier '"}) {
    for (auto at = output.find(sign); at != std::string_view::npos;
         at = output.find(sign, at + 1)) {
      const std::string_view word = word_at(output, at + sign.size());
      const std::string name = nearest(names.bindings, word, sign.contains("function"));
      if (!name.empty())
        return fmt::format(
            "the generated header calls it by its whole name: write `{}` in place of "
            "`{}`",
            name, word);
    }
  }
  return {};
}

}  // namespace

std::string of_c_values(std::string_view output, const GuestNames& names) {
  for (std::string help :
       {wrong_member(output, names), list_as_array(output, names), wrong_handle(output, names),
        handle_as_number(output), short_name(output, names)}) {
    if (!help.empty()) return help;
  }
  return {};
}

}  // namespace tenon::builder::compiler_help

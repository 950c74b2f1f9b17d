// SPDX-License-Identifier: Apache-2.0
// Versions are read here and nowhere else: names of interfaces, gates of WIT, `wit diff`, the
// linker and the mangling of core names all ask the same questions, and would part ways over
// `1.0.0+a-b` or `01.0.0`.
#include "tenon/types/semver.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <string>
#include <tuple>

#include "tenon/base/ascii.h"
#include "tenon/types/rules.h"

namespace tenon::types {

namespace {

Result<std::uint64_t> semver_number(std::string_view& rest, const char* what,
                                    std::string_view whole, Span span) {
  const auto fail = [&](std::string detail) -> Result<std::uint64_t> {
    return std::unexpected(Error(rules::semver, span, fmt::format("`{}`: {}", whole, detail)));
  };
  if (rest.empty())
    return fail(fmt::format("unexpected end of input where the {} version stands", what));
  if (!is_digit(rest[0])) {
    return fail(
        fmt::format("unexpected character '{}' where the {} version stands", rest[0], what));
  }
  const auto end = std::ranges::find_if_not(rest, is_digit);
  const auto length = static_cast<std::size_t>(end - rest.begin());
  if (length > 1 && rest[0] == '0') return fail(fmt::format("the {} version begins with 0", what));
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + length, value);
  if (parsed.ec != std::errc()) return fail(fmt::format("the {} version is too large", what));
  rest.remove_prefix(length);
  return value;
}

/// Dot-separated identifiers of a pre-release or of build metadata.
Result<void> semver_identifiers(std::string_view text, bool numeric_rule, std::string_view whole,
                                Span span) {
  const char* what = numeric_rule ? "pre-release" : "build metadata";
  const auto fail = [&](std::string detail) -> Result<void> {
    return std::unexpected(
        Error(rules::semver, span, fmt::format("`{}`: {} in {}", whole, detail, what)));
  };
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view id = text.substr(0, dot);
    if (id.empty()) return fail("empty identifier segment");
    const auto bad = std::ranges::find_if_not(
        id, [](char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '-'; });
    if (bad != id.end()) return fail(fmt::format("unexpected character '{}'", *bad));
    if (numeric_rule && id.size() > 1 && id[0] == '0' && std::ranges::all_of(id, is_digit)) {
      return fail("a number that begins with 0");
    }
    if (dot == std::string_view::npos) return {};
    text.remove_prefix(dot + 1);
  }
}

/// Spec: https://semver.org, 11.
int compare_pre(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(a.empty()) - static_cast<int>(b.empty());
  while (true) {
    const std::string_view x = a.substr(0, a.find('.'));
    const std::string_view y = b.substr(0, b.find('.'));
    const bool x_number = std::ranges::all_of(x, is_digit);
    const bool y_number = std::ranges::all_of(y, is_digit);
    int order = 0;
    if (x_number != y_number) {
      order = x_number ? -1 : 1;
    } else if (x_number && x.size() != y.size()) {
      order = x.size() < y.size() ? -1 : 1;
    } else {
      order = x.compare(y);
    }
    if (order != 0) return order;
    const bool a_ends = x.size() == a.size();
    const bool b_ends = y.size() == b.size();
    if (a_ends || b_ends) return static_cast<int>(b_ends) - static_cast<int>(a_ends);
    a.remove_prefix(x.size() + 1);
    b.remove_prefix(y.size() + 1);
  }
}

}  // namespace

Result<SemVer> parse_semver(std::string_view text, Span span) {
  if (text.empty()) {
    return std::unexpected(Error(rules::semver, span, "empty string, expected a semantic version"));
  }
  SemVer out;
  std::string_view rest = text;
  const auto dot = [&](const char* after) -> Result<void> {
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      return {};
    }
    const std::string found = rest.empty() ? "unexpected end of input"
                                           : fmt::format("unexpected character '{}'", rest[0]);
    return std::unexpected(
        Error(rules::semver, span,
              fmt::format("`{}`: {} after the {} version, wanted `.`", text, found, after)));
  };
  out.major = TENON_TRY(semver_number(rest, "major", text, span));
  TENON_TRY(dot("major"));
  out.minor = TENON_TRY(semver_number(rest, "minor", text, span));
  TENON_TRY(dot("minor"));
  out.patch = TENON_TRY(semver_number(rest, "patch", text, span));
  if (rest.starts_with('-')) {
    out.pre = rest.substr(1, rest.find('+') - 1);
    TENON_TRY(semver_identifiers(out.pre, true, text, span));
    rest.remove_prefix(out.pre.size() + 1);
  }
  if (rest.starts_with('+')) {
    out.build = rest.substr(1);
    TENON_TRY(semver_identifiers(out.build, false, text, span));
    rest = {};
  }
  if (!rest.empty()) {
    return std::unexpected(Error(
        rules::semver, span,
        fmt::format("`{}`: unexpected character '{}' after the patch version", text, rest[0])));
  }
  return out;
}

int compare(const SemVer& a, const SemVer& b) {
  const auto order = std::tie(a.major, a.minor, a.patch) <=> std::tie(b.major, b.minor, b.patch);
  if (order != 0) return order < 0 ? -1 : 1;
  return compare_pre(a.pre, b.pre);
}

std::pair<std::string_view, std::string_view> canon_version(std::string_view semver) {
  const std::size_t plus = std::min(semver.find('+'), semver.size());
  if (semver.substr(0, plus).contains('-')) return {semver.substr(0, plus), semver.substr(plus)};
  // The first number that is not 0, or the third.
  std::size_t end = 0;
  for (int part = 0; part < 3; ++part) {
    const std::size_t begin = end == 0 ? 0 : end + 1;
    if (begin > semver.size()) break;
    const std::size_t stop = semver.find_first_not_of("0123456789", begin);
    end = stop == std::string_view::npos ? semver.size() : stop;
    if (semver.substr(begin, end - begin) != "0" || end >= semver.size() || semver[end] != '.')
      break;
  }
  return {semver.substr(0, end), semver.substr(end)};
}

bool is_canon_version(std::string_view text) {
  const auto number = [](std::string_view n) {
    return !n.empty() && n[0] != '0' && std::ranges::all_of(n, is_digit);
  };
  if (text == "0.0.0" || number(text)) return true;
  if (text.starts_with("0.0.")) return number(text.substr(4));
  return text.starts_with("0.") && number(text.substr(2));
}

bool is_semver(std::string_view text) {
  return parse_semver(text).has_value();
}

int compare_versions(std::string_view a, std::string_view b) {
  const auto x = parse_semver(a);
  const auto y = parse_semver(b);
  if (x && y) return compare(*x, *y);
  return static_cast<int>(x.has_value()) - static_cast<int>(y.has_value());
}

VersionedName split_version(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return {name, {}};
  return {name.substr(0, at), name.substr(at + 1)};
}

std::string_view canonical_interface(std::string_view name) {
  const VersionedName parts = split_version(name);
  if (parts.version.empty()) return name;
  return name.substr(0, parts.base.size() + 1 + canon_version(parts.version).first.size());
}

bool is_versioned(std::string_view name) {
  const std::string_view version = split_version(name).version;
  return is_canon_version(version) || is_semver(version);
}

bool compatible_names(std::string_view import, std::string_view definition) {
  return canonical_interface(import) == canonical_interface(definition) && is_versioned(import) &&
         is_versioned(definition);
}

}  // namespace tenon::types

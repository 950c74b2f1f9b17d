// SPDX-License-Identifier: Apache-2.0
#include "tenon/types/externname.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tenon/base/ascii.h"
#include "tenon/types/rules.h"

namespace tenon::types {

namespace {

/// One fragment between hyphens: not empty, one case; the first begins with a letter.
bool is_fragment(std::string_view text, bool first, bool lower_only) {
  if (text.empty()) return false;
  if (first && is_digit(text[0])) return false;
  bool lower = false;
  bool upper = false;
  for (const char c : text) {
    if (is_lower(c)) {
      lower = true;
    } else if (is_upper(c)) {
      upper = true;
    } else if (!is_digit(c)) {
      return false;
    }
  }
  return !(lower && upper) && !(upper && lower_only);
}

bool is_kebab(std::string_view text, bool lower_only) {
  bool first = true;
  while (true) {
    const std::size_t hyphen = text.find('-');
    if (!is_fragment(text.substr(0, hyphen), first, lower_only)) return false;
    if (hyphen == std::string_view::npos) return true;
    text.remove_prefix(hyphen + 1);
    first = false;
  }
}

std::unexpected<Error> bad_name(std::string_view name, std::string detail, Span span) {
  return std::unexpected(Error(rules::extern_name, span, fmt::format("`{}`: {}", name, detail)));
}

Result<void> want_label(std::string_view name, std::string_view label, Span span) {
  if (is_label(label)) return {};
  return bad_name(name, fmt::format("`{}` is not in kebab case", label), span);
}

Result<void> want_words(std::string_view name, std::string_view words, Span span) {
  if (is_words(words)) return {};
  return bad_name(name, fmt::format("`{}` is not in kebab case with lower-case words", words),
                  span);
}

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

int compare_numbers(std::uint64_t a, std::uint64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
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

std::unexpected<Error> accessor_is_off(std::string_view name, std::string_view prefix, Span span) {
  const std::string_view gate = core::to_string(core::Gate::cm_accessors);
  Error error(rules::feature_off, span, fmt::format("`{}` in `{}` needs `{}`", prefix, name, gate));
  return std::unexpected(std::move(error).help(fmt::format("pass `--features {}`", gate)));
}

Result<void> want_version(std::string_view name, std::string_view version,
                          const core::Features& features, Span span) {
  if (features.has(core::Gate::cm_canon_names) && is_canon_version(version)) return {};
  auto semver = parse_semver(version, span);
  if (semver) return {};
  return bad_name(
      name, fmt::format("`{}` is not a semantic version: {}", version, semver.error().detail()),
      span);
}

}  // namespace

bool is_label(std::string_view text) {
  return is_kebab(text, false);
}
bool is_words(std::string_view text) {
  return is_kebab(text, true);
}

Result<ParsedName> parse_interface_name(std::string_view name, const core::Features& features,
                                        Span span) {
  const bool nested = features.has(core::Gate::cm_nested_names);
  ParsedName out;
  out.kind = NameKind::interface;
  std::string_view rest = name;
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos)
    return bad_name(name, "it must be an interface: `ns:package/interface`", span);
  out.ns = rest.substr(0, colon);
  TENON_TRY(want_words(name, out.ns, span));
  rest.remove_prefix(colon + 1);
  // The package ends at `/`; further namespaces only where they are allowed.
  while (true) {
    const std::size_t end = rest.find_first_of(":/@");
    out.package = rest.substr(0, end);
    TENON_TRY(want_words(name, out.package, span));
    if (end == std::string_view::npos || rest[end] == '@' || (rest[end] == ':' && !nested)) {
      return bad_name(name, fmt::format("expected `/` after package name `{}`", out.package), span);
    }
    const bool at_slash = rest[end] == '/';
    rest.remove_prefix(end + 1);
    if (at_slash) break;
  }
  while (true) {
    const std::size_t end = rest.find_first_of("/@");
    out.interface = rest.substr(0, end);
    TENON_TRY(want_label(name, out.interface, span));
    if (end == std::string_view::npos) return out;
    if (rest[end] == '/' && !nested) {
      return bad_name(name, fmt::format("trailing characters found: `{}`", rest.substr(end)), span);
    }
    const bool at_version = rest[end] == '@';
    rest.remove_prefix(end + 1);
    if (at_version) break;
  }
  out.version = rest;
  TENON_TRY(want_version(name, out.version, features, span));
  return out;
}

Result<ParsedName> parse_extern_name(std::string_view name, const core::Features& features,
                                     Span span) {
  ParsedName out;
  out.label = name;
  const auto annotated = [&](std::string_view prefix, NameKind kind) {
    if (!out.label.starts_with(prefix)) return false;
    out.kind = kind;
    out.label.remove_prefix(prefix.size());
    return true;
  };
  const auto accessor = [&]() -> Result<void> {
    for (const auto& [prefix, kind] :
         {std::pair<std::string_view, Accessor>("[get]", Accessor::get),
          {"[set]", Accessor::set}}) {
      if (!out.label.starts_with(prefix)) continue;
      if (!features.has(core::Gate::cm_accessors)) return accessor_is_off(name, prefix, span);
      out.accessor = kind;
      out.label.remove_prefix(prefix.size());
      return {};
    }
    return {};
  };
  if (annotated("[constructor]", NameKind::constructor)) {
    TENON_TRY(want_label(name, out.label, span));
    return out;
  }
  if (annotated("[method]", NameKind::method) || annotated("[static]", NameKind::static_)) {
    TENON_TRY(accessor());
    const std::size_t dot = out.label.find('.');
    if (dot == std::string_view::npos) return bad_name(name, "failed to find `.` character", span);
    out.member = out.label.substr(dot + 1);
    out.label = out.label.substr(0, dot);
    TENON_TRY(want_label(name, out.label, span));
    TENON_TRY(want_label(name, out.member, span));
    return out;
  }
  if (name.contains(':')) return parse_interface_name(name, features, span);
  TENON_TRY(accessor());
  TENON_TRY(want_label(name, out.label, span));
  return out;
}

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
  if (const int major = compare_numbers(a.major, b.major); major != 0) return major;
  if (const int minor = compare_numbers(a.minor, b.minor); minor != 0) return minor;
  if (const int patch = compare_numbers(a.patch, b.patch); patch != 0) return patch;
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

bool is_unique_key(std::string_view name) {
  return !name.starts_with('[') &&
         std::ranges::none_of(name, [](char c) { return c == '-' || is_upper(c); });
}

bool same_key(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t k = 0;
  for (;; ++i, ++k) {
    while (i < a.size() && a[i] == '-') ++i;
    while (k < b.size() && b[k] == '-') ++k;
    if (i >= a.size() || k >= b.size()) return i >= a.size() && k >= b.size();
    if (to_lower(a[i]) != to_lower(b[k])) return false;
  }
}

std::string unique_key(std::string_view name) {
  // A version is no name: it stays as it is.
  const std::size_t at = std::min(name.find('@'), name.size());
  std::string_view prefix;
  std::string_view rest = name.substr(0, at);
  while (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) break;
    const std::string_view annotation = rest.substr(0, close + 1);
    if (annotation == "[constructor]" || annotation == "[set]") prefix = annotation;
    rest.remove_prefix(close + 1);
  }
  std::string out;
  out.reserve(name.size());
  for (const char c : rest) {
    if (c != '-') out += to_lower(c);
  }
  // `[method]foo.foo` is `foo`.
  const std::size_t dot = out.find('.');
  if (dot != std::string::npos && out.compare(dot + 1, std::string::npos, out, 0, dot) == 0) {
    out.resize(dot);
    return out;
  }
  out.insert(0, prefix);
  return out.append(name.substr(at));
}

}  // namespace tenon::types

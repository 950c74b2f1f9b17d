// SPDX-License-Identifier: Apache-2.0
// A parsed name consists of views into the name. Uniqueness is decided by a key without case and
// hyphens; most names are their own key, and comparing two needs no memory. Names that the
// specification has retired are recognised, so that validation can warn instead of refusing them.
// Spec: Binary.md "Import and Export Definitions", Explainer.md "Name Uniqueness"
#include "tenon/types/externname.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/ascii.h"
#include "tenon/types/rules.h"
#include "tenon/types/semver.h"

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
  // `component new --emit-canonical-names` writes such names.
  if (is_canon_version(version)) {
    const std::string_view gate = core::to_string(core::Gate::cm_canon_names);
    Error error(
        rules::extern_name, span,
        fmt::format("`{}`: `{}` is not a semantic version, but a canonical one, which needs "
                    "`{}`",
                    name, version, gate));
    return std::unexpected(std::move(error).help(fmt::format("pass `--features {}`", gate)));
  }
  return bad_name(
      name, fmt::format("`{}` is not a semantic version: {}", version, semver.error().detail()),
      span);
}

}  // namespace

bool is_retired_name(std::string_view name) {
  const auto bracketed = [](std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) && text.ends_with('>') &&
           text.substr(prefix.size(), text.size() - prefix.size() - 1).find_first_of("<>") ==
               std::string_view::npos;
  };
  // A range of versions, such as `{>=1.2.3 <2.0.0}`, has brackets of its own.
  if (name.starts_with("unlocked-dep=<") && name.ends_with('>')) return true;
  if (bracketed(name, "integrity=<")) return true;
  const std::string_view hash = ",integrity=<";
  if (const std::size_t at = name.find(hash); at != std::string_view::npos) {
    if (!bracketed(name.substr(at), hash)) return false;
    name = name.substr(0, at);
  }
  return bracketed(name, "url=<") || bracketed(name, "locked-dep=<");
}

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
  // A version is not a name: it stays as it is.
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

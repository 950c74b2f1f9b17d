// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/version.h"

#include <fmt/format.h>

#include <charconv>

namespace tenon::runtime {

VersionedName split_version(std::string_view name) {
  const auto at = name.find('@');
  if (at == std::string_view::npos) return {name, {}};
  return {name.substr(0, at), name.substr(at + 1)};
}

std::optional<Version> parse_version(std::string_view text) {
  Version v;
  const auto number = [&](std::uint64_t& out) {
    const auto [ptr, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (ec != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(ptr - text.data()));
    return true;
  };
  const auto dot = [&] {
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!number(v.major) || !dot() || !number(v.minor) || !dot() || !number(v.patch))
    return std::nullopt;
  v.prerelease = text.starts_with('-');
  if (!text.empty() && !v.prerelease && !text.starts_with('+')) return std::nullopt;
  return v;
}

bool compatible(const Version& a, const Version& b) {
  if (a.prerelease || b.prerelease) return false;
  if (a.major != b.major) return false;
  if (a.major != 0) return true;
  if (a.minor != b.minor) return false;
  return a.minor != 0 || a.patch == b.patch;
}

bool fits_version(std::string_view wanted, std::string_view name) {
  if (wanted == name) return true;
  const auto w = split_version(wanted);
  return w.version.empty() ? w.base == split_version(name).base : compatible_names(wanted, name);
}

bool compatible_names(std::string_view import, std::string_view definition) {
  const auto a = split_version(import);
  const auto b = split_version(definition);
  if (a.base != b.base) return false;
  const auto va = parse_version(a.version);
  const auto vb = parse_version(b.version);
  return va && vb && compatible(*va, *vb);
}

std::string compare_versions(std::string_view import, std::string_view definition) {
  const auto a = split_version(import);
  const auto b = split_version(definition);
  if (a.base != b.base || import == definition) return {};
  const auto name = [](const VersionedName& v) {
    return v.version.empty() ? std::string("without a version") : std::string(v.version);
  };
  auto out = fmt::format("imports {}; the host has {}", import, name(b));
  const auto va = parse_version(a.version);
  const auto vb = parse_version(b.version);
  if (!va || !vb) return out;
  if (va->prerelease || vb->prerelease)
    return out + ": a pre-release is compatible with nothing else";
  if (va->major != vb->major) return out + ": the major versions differ";
  return out + ": below 1.0 the minor versions must be the same";
}

}  // namespace tenon::runtime

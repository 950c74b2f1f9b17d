// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::runtime {

/// An interface's name with its version taken apart: `wasi:io/streams` and `0.2.3`.
struct VersionedName {
  std::string_view base;
  std::string_view version;
};
[[nodiscard]] VersionedName split_version(std::string_view name);

struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  bool prerelease = false;
  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};
[[nodiscard]] std::optional<Version> parse_version(std::string_view text);

/// Whether two versions are of one line: the same major, below 1 the same minor, below 0.1 only
/// itself. A pre-release is compatible with nothing else. Spec: Explainer.md "Canonical Interface
/// Name".
[[nodiscard]] bool compatible(const Version& a, const Version& b);

/// Whether `wanted`, which may leave the version out, can mean `name`.
[[nodiscard]] bool fits_version(std::string_view wanted, std::string_view name);
/// Whether an import of that name may be satisfied by a definition of another version.
[[nodiscard]] bool compatible_names(std::string_view import, std::string_view definition);
/// "imports wasi:io/streams@0.2.0-rc-1; the host has 0.2.12: a pre-release is compatible with
/// nothing else", or nothing when the names differ in more than the version.
[[nodiscard]] std::string compare_versions(std::string_view import, std::string_view definition);

}  // namespace tenon::runtime

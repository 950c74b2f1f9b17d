// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "tenon/base/error.h"

/// Versions, and the names of interfaces that have them. Every function here takes views and
/// returns views into them; all are safe to call from any thread.
namespace tenon::types {

/// A semantic version's parts, as views. Spec: https://semver.org.
struct SemVer {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string_view pre;
  std::string_view build;
};
[[nodiscard]] Result<SemVer> parse_semver(std::string_view text, Span span = Span::none());
/// Precedence: negative, 0, positive. Build metadata does not count.
[[nodiscard]] int compare(const SemVer& a, const SemVer& b);
/// `1.2.3` -> {`1`, `.2.3`}, `0.2.6+sha` -> {`0.2`, `.6+sha`}, `0.2.6-rc.1+sha` -> {`0.2.6-rc.1`,
/// `+sha`}: a pre-release is compatible with nothing but itself. Spec: Explainer.md "Canonical
/// Interface Name".
[[nodiscard]] std::pair<std::string_view, std::string_view> canon_version(std::string_view semver);
/// Whether the text is such a prefix.
[[nodiscard]] bool is_canon_version(std::string_view text);
/// Whether `parse_semver` takes the text.
[[nodiscard]] bool is_semver(std::string_view text);
/// `compare` of two texts; what is no semantic version comes before all that are.
[[nodiscard]] int compare_versions(std::string_view a, std::string_view b);

/// An interface's name with its version taken apart: `wasi:io/streams` and `0.2.3`.
struct VersionedName {
  std::string_view base;
  /// Empty where the name has none.
  std::string_view version;
};
[[nodiscard]] VersionedName split_version(std::string_view name);
/// The name with what compatible versions have in common: `wasi:io/streams@0.2` of
/// `wasi:io/streams@0.2.3`. It is a prefix of the name. Spec: Explainer.md "Canonical Interface
/// Name".
[[nodiscard]] std::string_view canonical_interface(std::string_view name);
/// Whether the name has a version, whole or canonical, so that others can be compatible with it.
[[nodiscard]] bool is_versioned(std::string_view name);
/// Whether an import of the first name may be satisfied by the second: both have a version, and
/// their canonical names are the same. Spec: the same.
[[nodiscard]] bool compatible_names(std::string_view import, std::string_view definition);

}  // namespace tenon::types

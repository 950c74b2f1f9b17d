// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/builder/project.h"

namespace tenon::builder {

/// What a manifest says that the project's shape must complete.
struct ManifestExtras {
  std::optional<Lang> lang;
  std::vector<std::string> source_patterns;
  /// Where they are, one for each; empty when no manifest names them.
  std::vector<Span> source_spans;
  bool wit_given = false;
};

/// Reads `tenon.toml` into the project. Every key is known or refused; the errors point into the
/// file.
[[nodiscard]] Result<void> read_manifest(const std::string& path, SourceSet& sources,
                                         Project& project, ManifestExtras& extras);
/// Reads what a cargo project says of itself: the package's name and edition, its dependencies and
/// `[package.metadata.component]` (target world, WIT path, dependencies, adapter).
[[nodiscard]] Result<void> read_cargo_manifest(const std::string& path, SourceSet& sources,
                                               Project& project, ManifestExtras& extras);

/// Crates that the generated bindings take the place of.
inline constexpr std::string_view replaced_crates[] = {"wit-bindgen", "wit-bindgen-rt",
                                                       "wit-bindgen-rust", "wee_alloc"};
/// A dependency on the bindings that `tenon build` shows to cargo, whatever the project was called
/// when it was written down: `hello_bindings = { path = "build/bindings" }`.
[[nodiscard]] inline bool is_bindings_crate(std::string_view name, std::string_view path) {
  return name.ends_with("_bindings") && path.ends_with("/bindings");
}
/// Whether what the manifest's keys name is there; the error is at the key.
[[nodiscard]] Result<void> check_named_paths(const Project& project);
/// The project's Cargo.toml as it is beside generated code: with the bindings among the
/// dependencies, without what they replace, every path absolute, and what its release profile
/// leaves open as tenon's profile has it.
[[nodiscard]] Result<std::string> shadow_manifest(const Project& project, const Profile& profile,
                                                  const std::string& bindings,
                                                  const std::string& bindings_dir);

}  // namespace tenon::builder

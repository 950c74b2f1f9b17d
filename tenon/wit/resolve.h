// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/ast.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// The files of one package: of a folder, or a single file.
struct PackageSource {
  std::vector<ast::File> files;
  /// Given by the user, not found as a dependency.
  bool root = false;
  /// Read from a binary: what is in it was chosen when it was made, so every feature is open.
  bool from_binary = false;
  /// Names the place in messages when no file names the package.
  std::string path;
};

struct ResolveOptions {
  /// Features whose `@unstable` items are kept.
  std::vector<std::string> features;
  bool all_features = false;
  /// Whether it is noted where names lead.
  bool references = false;
  /// The texts, from which the fixes of gates are made; without them there are none.
  const SourceSet* sources = nullptr;
  /// Packages that a loader could have brought (`ns:pkg@version`), to be named when one is not
  /// found.
  std::vector<std::string> available;
  /// What opens a feature, as messages name it, between "open it with" and what follows. Without
  /// it, the option `--features` of the program.
  std::function<std::string(std::string_view feature)> opener;

  [[nodiscard]] std::string opener_of(std::string_view feature) const;
};

/// A name, and where what it names is named itself.
struct Reference {
  Span from;
  Span target;
};

/// What could be resolved, whole when there was no error.
struct Resolved {
  Packages packages;
  /// With `ResolveOptions::references`: in the order of `from`, each place once.
  std::vector<Reference> references;
  bool complete = false;
};

/// Looks every name up and builds as much of the graph as there is. Reports several errors.
[[nodiscard]] Resolved resolve_all(const std::vector<PackageSource>& sources,
                                   const ResolveOptions& options, Diagnostics& diagnostics);

/// Looks every name up and builds the graph. Packages are in it in topological order. Reports
/// several errors; nothing is returned when there was one. Spec: WIT.md "Name resolution", "Feature
/// Gates", "Transitive imports and worlds", "Union of Worlds with `include`".
[[nodiscard]] std::optional<Packages> resolve(const std::vector<PackageSource>& sources,
                                              const ResolveOptions& options,
                                              Diagnostics& diagnostics);

/// Packages that the files name in `use`, `import`, `export` and `include` paths, each once: what a
/// loader must find.
[[nodiscard]] std::vector<PackageName> needed_packages(const PackageSource& source);

/// The names without a package that the items of a file take up in such paths.
[[nodiscard]] std::set<std::string_view> bare_names(const ast::File& file);

}  // namespace tenon::wit

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/load.h"
#include "tenon/wit/package.h"
#include "tenon/wit/resolve.h"

namespace tenon::wit {

/// What an editor asks of WIT: the graph, where names lead, and what is wrong, together and
/// whatever is wrong. Spans point into the `SourceSet` that it was made with; `base/line_index.h`
/// turns their offsets into an editor's places.
struct Resolution {
  /// What could be resolved. Unless `complete`, items are missing, and those that are there may
  /// miss parts: good for an editor, not for bindings or binaries.
  Packages packages;
  /// There was no error.
  bool complete = false;
  /// In the order of `from`, each place once. The name of a used type leads to the `use` that
  /// brings it, and the name in a `use` to the type.
  std::vector<Reference> references;
  /// Errors and warnings, the first hundred.
  std::vector<Error> diagnostics;
  /// Every file that was read.
  std::vector<std::string> files;

  /// The name that is at an offset, or ends there; null when there is none that leads anywhere.
  [[nodiscard]] const Reference* reference_at(std::uint32_t source, std::uint32_t offset) const;
};

/// As `load`, of `options.files`.
[[nodiscard]] Resolution load_resolution(const std::string& path, const LoadOptions& options,
                                         SourceSet& sources);

}  // namespace tenon::wit

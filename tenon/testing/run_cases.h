// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/runtime/compiled.h"
#include "tenon/testing/cases.h"
#include "tenon/testing/expectation.h"
#include "tenon/testing/mock.h"
#include "tenon/testing/report.h"

namespace tenon::testing {

/// The part of the cases that one of several runs takes: of those that the filter leaves, every
/// `count`-th, beginning with `index`.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

struct RunOptions {
  /// Only cases whose name holds this.
  std::string filter;
  Shard shard;
  /// How many cases of files before this one the filter left: shards count through.
  std::size_t cases_before = 0;
  /// Threads; 0: one per processor.
  unsigned jobs = 0;
  /// Longer runs a case not.
  std::chrono::milliseconds timeout{60'000};
  FileReader files;
  FolderReader folders;
  /// What programs are called in their arguments.
  std::string program;
  /// Components whose exports satisfy imports that no mock names, each instantiated again for every
  /// case; each may import from those before it.
  std::vector<const runtime::Component*> links;
  /// What the component's WIT imports, used or not: mocks may name it.
  std::vector<WitFunc> wit;
};

/// Runs every case of a file in an instance of its own, several at a time. The verdicts are in
/// the order of the file. An error means that no case could run: a mock that names nothing, an
/// import that nobody provides. Mistakes in a single case are that case's failure. Spec:
/// docs/testing.md. `sources` must know the file of cases (messages quote it); `file_name` stands
/// in the report.
[[nodiscard]] Result<Report> run_cases(const runtime::Component& component, const CaseFile& file,
                                       const std::string& file_name, const SourceSet& sources,
                                       const RunOptions& options);

}  // namespace tenon::testing

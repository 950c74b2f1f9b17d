// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tenon/base/source.h"
#include "tenon/engine/module.h"
#include "tenon/testing/run_cases.h"

namespace tenon::testing {

/// Runs every case of a file on a core module of WASI preview 1: each calls `_start` in a world of
/// its own. As `run_cases` otherwise; a case that calls a function fails, because only components
/// tell the types of theirs.
[[nodiscard]] Result<Report> run_module_cases(engine::Engine& engine,
                                              const std::shared_ptr<const engine::Module>& module,
                                              const CaseFile& file, const std::string& file_name,
                                              const SourceSet& sources, const RunOptions& options);

}  // namespace tenon::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tenon/testing/run_cases.h"

namespace tenon::testing {

/// Runs those cases of a file that the filter and the shard leave, several at a time; `run` gives
/// why one fails, and puts into its second argument what the guest wrote.
[[nodiscard]] Report run_selected(
    const CaseFile& file, const std::string& file_name, const RunOptions& options,
    const std::function<std::optional<std::string>(const Case&, std::string&)>& run);

}  // namespace tenon::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace tenon::testing {

/// The folder of the public suites, or an empty path without them.
inline std::filesystem::path suites() {
  if (const char* set = std::getenv("TENON_CONFORMANCE"); set != nullptr) return set;
  const std::filesystem::path beside = TENON_CONFORMANCE_BESIDE;
  return std::filesystem::exists(beside) ? beside : std::filesystem::path();
}

/// All scripts below a suite's folder, in order.
inline std::vector<std::string> scripts(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".wast") out.push_back(entry.path().string());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace tenon::testing

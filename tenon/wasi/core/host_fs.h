// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/wasi/core/descriptor.h"

namespace tenon::wasi {

struct HostDirectoryOptions {
  bool read_only = false;
  /// For tests: paths are walked name by name, as on systems without `openat2`.
  bool walk = false;
};

/// A directory of the host as a guest sees it. `path` is the host's own; the links in it are
/// followed.
[[nodiscard]] IoResult<DescriptorPtr> open_host_directory(const std::string& path,
                                                          const HostDirectoryOptions& options = {});

}  // namespace tenon::wasi

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tenon/wasi/core/descriptor.h"
#include "tenon/wasi/core/refusals.h"

namespace tenon::wasi {

struct HostDirectoryOptions {
  bool read_only = false;
  /// For tests: paths are walked name by name, as on systems without `openat2`.
  bool walk = false;
  /// Where it is told that a read-only directory was to be changed; may be null.
  std::shared_ptr<Refusals> refusals;
};

/// A directory of the host as a guest sees it. `path` is the host's own; the links in it are
/// followed.
[[nodiscard]] IoResult<DescriptorPtr> open_host_directory(const std::string& path,
                                                          const HostDirectoryOptions& options = {});

}  // namespace tenon::wasi

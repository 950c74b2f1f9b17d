// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tenon/wasi/core/descriptor.h"

namespace tenon::preinit {

/// Knows what a guest has opened below the folders that it was granted. Not thread-safe.
class OpenFiles {
 public:
  /// The directory itself, with what is opened through it known by its path below `guest`. It may
  /// outlive this object.
  [[nodiscard]] wasi::DescriptorPtr watch(wasi::DescriptorPtr directory, std::string guest) const;
  /// The guest's paths of what is open now, in the order of opening.
  [[nodiscard]] std::vector<std::string> paths() const;

  using Record = std::map<std::uint64_t, std::string>;

 private:
  std::shared_ptr<Record> open_ = std::make_shared<Record>();
};

}  // namespace tenon::preinit

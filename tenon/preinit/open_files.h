// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
  [[nodiscard]] bool none() const { return record_->open.empty(); }
  /// Does what closes a file; the guest's path of the last that was closed by it, if any was.
  template <class F>
  std::optional<std::string> closed_by(F close) const {
    record_->closed.reset();
    close();
    return record_->closed;
  }

  struct Record {
    std::map<std::uint64_t, std::string> open;
    std::optional<std::string> closed;
  };

 private:
  std::shared_ptr<Record> record_ = std::make_shared<Record>();
};

}  // namespace tenon::preinit

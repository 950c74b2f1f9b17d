// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "tenon/wasi/core/descriptor.h"
#include "tenon/wasi/core/quota.h"
#include "tenon/wasi/core/stream.h"
#include "tenon/wasi/preview1/types.h"

namespace tenon::wasi::p1 {

/// What a descriptor of a guest stands for: a file or directory, or one of the standard streams.
struct Entry {
  DescriptorPtr file;
  std::shared_ptr<InputSource> in;
  std::shared_ptr<OutputSink> out;
  Rights base = 0;
  Rights inheriting = 0;
  std::uint32_t flags = 0;
  std::uint64_t position = 0;
  /// The name of a directory that the guest has from the beginning.
  std::optional<std::string> preopen;
  /// The walk over a directory, and the cookie of the entry that it would give next.
  std::unique_ptr<Directory> walk;
  std::uint64_t walk_at = 0;
  Quota::Token token;

  [[nodiscard]] bool is_stream() const { return file == nullptr; }
  [[nodiscard]] bool is_terminal() const {
    return (in != nullptr && in->is_terminal()) || (out != nullptr && out->is_terminal());
  }
  [[nodiscard]] int wait_fd() const {
    if (file != nullptr) return file->wait_fd();
    return in != nullptr ? in->wait_fd() : out->wait_fd();
  }
};

/// A guest's descriptors by number. A new one gets the smallest number that is free.
class Table {
 public:
  explicit Table(Quota& quota) : quota_(quota) {}

  [[nodiscard]] Answer<Entry*> find(std::uint32_t fd);
  /// Keeps what is open while its user waits, for others may close it meanwhile; null when it is
  /// not.
  [[nodiscard]] std::shared_ptr<Entry> hold(std::uint32_t fd) const {
    return fd < entries_.size() ? entries_[fd] : nullptr;
  }
  /// Whether it is open.
  [[nodiscard]] Answer<void> check(std::uint32_t fd);
  [[nodiscard]] Answer<std::uint32_t> add(Entry entry);
  [[nodiscard]] Answer<void> close(std::uint32_t fd);
  /// `to` becomes what `from` was, and `from` is free. Both must be open.
  [[nodiscard]] Answer<void> renumber(std::uint32_t from, std::uint32_t to);

 private:
  void free(std::uint32_t fd);
  Quota& quota_;
  std::vector<std::shared_ptr<Entry>> entries_;
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free_;
};

}  // namespace tenon::wasi::p1

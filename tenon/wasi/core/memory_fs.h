// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/wasi/core/descriptor.h"

namespace tenon::wasi {

/// A file system in memory: what tests give to guests. Its descriptors and it share the files.
class MemoryFileSystem {
 public:
  /// Times come from `clock`; files together may take `most` bytes, then the guest is told
  /// `insufficient_space`.
  explicit MemoryFileSystem(std::shared_ptr<Clock> clock,
                            std::uint64_t most = std::uint64_t{1} << 30U);
  ~MemoryFileSystem();
  MemoryFileSystem(const MemoryFileSystem&) = delete;
  MemoryFileSystem& operator=(const MemoryFileSystem&) = delete;

  /// Its root.
  [[nodiscard]] DescriptorPtr root(bool read_only = false);
  /// Puts a file there, and the directories that it lies in; leading slashes count nothing.
  [[nodiscard]] IoResult<void> put(std::string_view path, std::string_view content);
  [[nodiscard]] IoResult<void> put_directory(std::string_view path);
  /// What a file holds, after links.
  [[nodiscard]] IoResult<std::string> content(std::string_view path) const;
  /// Calls `each` with the path (`dir/file`) of every file that is no directory, in order.
  void each_file(const std::function<void(const std::string& path)>& each) const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace tenon::wasi

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace tenon::engine {

/// Tells which pages of a private mapping this process has written, from the system's page tables:
/// so that those alone are reset. Thread-safe.
class DirtyPages {
 public:
  /// Bytes [begin, begin + size), whole pages.
  struct Range {
    std::uint8_t* begin = nullptr;
    std::uint64_t size = 0;
  };
  /// Opens the page tables; where the system has no such thing, `find` always says nothing.
  DirtyPages();
  ~DirtyPages();
  DirtyPages(const DirtyPages&) = delete;
  DirtyPages& operator=(const DirtyPages&) = delete;

  /// The ranges within `bytes` bytes from `begin` whose pages differ (or may) from what the mapping
  /// began as: zeros, or the file's contents. Nothing when they are more than `room` holds or
  /// more than `most` bytes, or when the system cannot tell.
  [[nodiscard]] std::optional<std::span<const Range>> find(std::uint8_t* begin, std::uint64_t bytes,
                                                           std::span<Range> room,
                                                           std::uint64_t most) const;

 private:
  int fd_ = -1;
};

}  // namespace tenon::engine

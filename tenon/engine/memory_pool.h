// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tenon/engine/dirty_pages.h"
#include "tenon/engine/memory.h"

namespace tenon::engine {

/// The initial contents of a memory in a file without a name, mapped copy-on-write by every
/// instance. Shared by the instances of a module.
class MemoryImage : public std::enable_shared_from_this<MemoryImage> {
 public:
  /// Nothing when the system has no such files; then contents are copied.
  /// Zeros follow them up to `bytes`.
  static std::shared_ptr<const MemoryImage> create(std::span<const std::uint8_t> contents,
                                                   std::uint64_t bytes = 0);
  ~MemoryImage();
  MemoryImage(const MemoryImage&) = delete;
  MemoryImage& operator=(const MemoryImage&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// The contents, to restore pages from; null when there was no room to map them.
  [[nodiscard]] const std::uint8_t* contents() const { return contents_; }

 private:
  MemoryImage(int fd, std::uint64_t bytes, std::uint64_t id) : fd_(fd), bytes_(bytes), id_(id) {}
  int fd_;
  const std::uint8_t* contents_ = nullptr;
  std::uint64_t bytes_;
  std::uint64_t id_;
};

/// Reserved address space, reused: a slot given back is reset to zero before anyone sees it again.
/// Thread-safe.
class MemoryPool {
 public:
  explicit MemoryPool(std::uint32_t keep) : keep_(keep) { free_.reserve(keep); }
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  /// A slot of at least `reserve` bytes whose first `accessible` read as zero, or as the image.
  std::optional<MemorySlot> take(std::uint64_t reserve, std::uint64_t accessible,
                                 const MemoryImage* image);
  /// `image` is the one that the slot was taken with.
  void give_back(MemorySlot slot, const MemoryImage* image);

 private:
  bool reset(const MemorySlot& slot, const MemoryImage* image) const;
  DirtyPages dirty_;
  std::mutex mutex_;
  std::vector<MemorySlot> free_;
  std::uint32_t keep_;
};

/// Gives what the allocator holds without use back to the system, where that can be asked.
void trim_heap();

}  // namespace tenon::engine

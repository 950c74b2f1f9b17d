// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tenon/core/types.h"
#include "tenon/engine/dirty_pages.h"
#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

/// Address space for one linear memory: `reserved` bytes from `base`, of which the first
/// `accessible` can be read and written. What lies behind faults.
struct MemorySlot {
  std::uint8_t* base = nullptr;
  std::uint64_t reserved = 0;
  std::uint64_t accessible = 0;
  /// The image mapped copy-on-write at the start, if any, and its mapped length.
  std::uint64_t image_id = 0;
  std::uint64_t image_bytes = 0;
};

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

/// A linear memory. Owned by its store; its address is its identity. It grows in place and never
/// moves, so a base once read stays right. Spec: core/exec/runtime "Memory Instances".
class Memory {
 public:
  /// Bytes behind the 4 GiB of a 32-bit memory that fault as well: accesses with larger offsets are
  /// checked. Small, so that 30,000 memories find room in the address space.
  static constexpr std::uint64_t guard_bytes = 32ULL << 20U;

  Memory(Store& store, const core::MemType& type, const MemorySlot& slot, std::uint64_t max_bytes,
         std::shared_ptr<const MemoryImage> image = nullptr);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// The type with its current size as minimum.
  [[nodiscard]] core::MemType type() const;
  [[nodiscard]] std::uint8_t* base() const { return vm_.base; }
  [[nodiscard]] std::uint64_t size() const { return vm_.bytes.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t pages() const { return size() >> page_log2_; }
  /// The bytes as they are now. Not for shared memories.
  [[nodiscard]] std::span<std::uint8_t> bytes() const { return {vm_.base, size()}; }
  /// `len` bytes from `at`, or an empty optional when they are not all inside.
  [[nodiscard]] std::optional<std::span<std::uint8_t>> range(std::uint64_t at,
                                                             std::uint64_t len) const {
    const std::uint64_t have = size();
    if (at > have || len > have - at) return std::nullopt;
    return std::span<std::uint8_t>(vm_.base + at, len);
  }
  /// Grows by pages; the old size in pages, or nothing when a limit forbids it.
  std::optional<std::uint64_t> grow(std::uint64_t delta_pages);
  [[nodiscard]] bool is_64() const { return type_.addr == core::AddrType::i64; }
  [[nodiscard]] Store& store() const { return store_; }
  [[nodiscard]] VMMemory* vm() { return &vm_; }
  /// Whether an address may be used unchecked because guards catch what is outside.
  [[nodiscard]] bool guarded() const { return guarded_; }
  /// Whether a faulting address lies in this memory's reservation.
  [[nodiscard]] bool reserves(const void* address) const {
    const auto* p = static_cast<const std::uint8_t*>(address);
    return p >= slot_.base && p < slot_.base + slot_.reserved;
  }

 private:
  Store& store_;
  core::MemType type_;
  MemorySlot slot_;
  std::shared_ptr<const MemoryImage> image_;
  VMMemory vm_;
  std::uint64_t max_bytes_;
  std::uint32_t page_log2_;
  bool guarded_;
};

}  // namespace tenon::engine

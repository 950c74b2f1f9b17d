// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tenon/core/types.h"
#include "tenon/engine/engine.h"
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

class MemoryImage;
class SharedMemory;
struct SharedMemoryState;

/// A linear memory. Owned by its store; its address is its identity. It grows in place and never
/// moves, so a base once read stays right. Spec: core/exec/runtime "Memory Instances".
///
/// A shared memory has one of these in each store that uses it, and one of its own
/// (`SharedMemory`); they have the bytes and the size in common.
class Memory {
 public:
  /// Bytes behind the 4 GiB of a 32-bit memory that fault as well: accesses with larger offsets are
  /// checked. Small, so that 30,000 memories find room in the address space.
  static constexpr std::uint64_t guard_bytes = 32ULL << 20U;

  /// How many bytes a memory of a type reserves, and may grow to.
  struct Reservation {
    std::uint64_t reserve = 0;
    std::uint64_t max = 0;
  };
  /// Nothing when no memory can have the type.
  static std::optional<Reservation> plan(const core::MemType& type, bool signals);

  Memory(Store& store, const core::MemType& type, const MemorySlot& slot, std::uint64_t max_bytes,
         std::shared_ptr<const MemoryImage> image = nullptr);
  /// The shared memory's own, which owns the slot and belongs to no store.
  Memory(Engine& engine, const core::MemType& type, const MemorySlot& slot, std::uint64_t max_bytes,
         std::shared_ptr<const MemoryImage> image);
  /// A store's view of a shared memory.
  Memory(Store& store, const SharedMemory& shared);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// The type with its current size as minimum.
  [[nodiscard]] core::MemType type() const;
  [[nodiscard]] std::uint8_t* base() const { return vm_->base; }
  [[nodiscard]] std::uint64_t size() const { return vm_->bytes.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t pages() const { return size() >> page_log2_; }
  /// Whether other threads may read and write it at any time. Then the host has no view of its
  /// bytes: it uses `shared()`.
  [[nodiscard]] bool is_shared() const { return type_.shared; }
  /// The bytes as they are now; none of a shared memory.
  [[nodiscard]] std::span<std::uint8_t> bytes() const {
    return is_shared() ? std::span<std::uint8_t>() : std::span(vm_->base, size());
  }
  /// `len` bytes from `at`, or an empty optional when they are not all inside, or the memory is
  /// shared.
  [[nodiscard]] std::optional<std::span<std::uint8_t>> range(std::uint64_t at,
                                                             std::uint64_t len) const {
    const std::uint64_t have = size();
    if (at > have || len > have - at || is_shared()) return std::nullopt;
    return std::span<std::uint8_t>(vm_->base + at, len);
  }
  /// The memory that stores share; not of others.
  [[nodiscard]] SharedMemory shared() const;
  /// Grows by pages; the old size in pages, or nothing when a limit forbids it.
  std::optional<std::uint64_t> grow(std::uint64_t delta_pages) {
    return grow(delta_pages, *store_);
  }
  /// The same at the expense of another store's limits: whoever grows a shared memory pays for it.
  std::optional<std::uint64_t> grow(std::uint64_t delta_pages, Store& payer);
  [[nodiscard]] bool is_64() const { return type_.addr == core::AddrType::i64; }
  [[nodiscard]] Store& store() const { return *store_; }
  [[nodiscard]] Engine& engine() const { return engine_; }
  [[nodiscard]] VMMemory* vm() { return vm_; }
  /// Whether an address may be used unchecked because guards catch what is outside.
  [[nodiscard]] bool guarded() const { return guarded_; }
  /// Whether a faulting address lies in this memory's reservation.
  [[nodiscard]] bool reserves(const void* address) const {
    const auto* p = static_cast<const std::uint8_t*>(address);
    return p >= slot_.base && p < slot_.base + slot_.reserved;
  }

 private:
  friend class SharedMemory;

  std::optional<std::uint64_t> grow_in_place(std::uint64_t delta_pages, Store& payer);

  /// Null in a shared memory's own.
  Store* store_;
  Engine& engine_;
  core::MemType type_;
  MemorySlot slot_;
  std::shared_ptr<const MemoryImage> image_;
  VMMemory own_;
  /// `own_`, or what a shared memory has in common.
  VMMemory* vm_ = &own_;
  /// Of a store's view of a shared memory.
  std::shared_ptr<SharedMemoryState> owner_;
  /// Of the shared memory's own: itself.
  std::weak_ptr<SharedMemoryState> self_;
  std::uint64_t max_bytes_;
  std::uint32_t page_log2_;
  bool guarded_;
};

}  // namespace tenon::engine

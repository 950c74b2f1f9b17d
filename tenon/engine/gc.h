// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tenon/engine/global.h"
#include "tenon/engine/type_registry.h"
#include "tenon/engine/value.h"

namespace tenon::engine {

/// An object of the heap: structure, array or exception. Its data follow.
struct GcObject {
  /// Null for an exception.
  const RuntimeType* type = nullptr;
  union {
    /// Elements of an array.
    std::uint64_t length = 0;
    /// The tag of an exception.
    const Tag* tag;
  };
  static constexpr std::uint32_t header = 16;
  [[nodiscard]] std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(this); }
  /// The payload of an exception.
  [[nodiscard]] ValueSlot* payload() { return reinterpret_cast<ValueSlot*>(bytes() + header); }
};
static_assert(sizeof(GcObject) == GcObject::header);

/// `n` elements of an array, of 1, 2, 4, 8 or 16 bytes, each the low bytes of `value`.
void fill_elements(std::uint8_t* to, std::uint32_t size, std::uint64_t n, const ValueSlot* value);

/// The heap of one store: objects do not move; marking is exact inside objects and conservative on
/// stacks, so any word there that points into an object keeps it. Size classes in blocks of 64 KiB.
class GcHeap {
 public:
  /// Reserves `limit` bytes of address space; memory is taken as it is used. Null: there is none.
  /// `stress`: every allocation wants a collection first, and what is freed is overwritten.
  static std::unique_ptr<GcHeap> create(std::uint64_t limit, bool stress = false);
  ~GcHeap();
  GcHeap(const GcHeap&) = delete;
  GcHeap& operator=(const GcHeap&) = delete;

  /// Zeroed memory for an object of so many bytes, or null when there is no room: then the caller
  /// collects and tries once more.
  GcObject* allocate(std::uint64_t bytes);
  /// Whether enough was allocated since the last collection for another one.
  [[nodiscard]] bool wants_collection() const { return since_ >= threshold_; }

  /// Whether a value is the address of an object that was allocated and not collected since.
  [[nodiscard]] bool holds(ValueSlot value);

  // A collection: begin, mark every root, end.
  void begin_marking();
  /// A value that may be a reference of this heap.
  void mark(ValueSlot value);
  void mark_range(const ValueSlot* begin, const ValueSlot* end) {
    for (; begin < end; ++begin) mark(*begin);
  }
  void end_marking();
  [[nodiscard]] std::uint64_t live_bytes() const { return live_; }

 private:
  static constexpr std::uint64_t block_bytes = 64U << 10U;
  static constexpr std::uint32_t large_class = 0xFFFF;
  struct Block {
    std::uint32_t size_class = 0;
    std::uint32_t object_bytes = 0;
    /// Large objects: blocks of the whole, in its first block; distance to the first in the others.
    std::uint32_t blocks = 0;
    std::uint32_t back = 0;
    std::vector<std::uint64_t> used;
    std::vector<std::uint64_t> marks;
    bool free = true;
  };
  GcHeap(std::uint64_t limit, bool stress);
  GcObject* find(ValueSlot value, Block*& block, std::uint32_t& index);
  void scan(GcObject* object, std::uint64_t bytes);
  void scan_pending();
  void scan_marked();
  GcObject* allocate_large(std::uint64_t bytes);
  std::int64_t take_blocks(std::uint64_t n);

  std::uint8_t* base_ = nullptr;
  std::uint64_t limit_ = 0;
  std::vector<Block> blocks_;
  std::vector<GcObject*> free_lists_;
  std::vector<GcObject*> pending_;
  /// A marked object could not be put there.
  bool missed_ = false;
  std::uint64_t since_ = 0;
  std::uint64_t live_ = 0;
  std::uint64_t threshold_;
  bool stress_;
};

}  // namespace tenon::engine

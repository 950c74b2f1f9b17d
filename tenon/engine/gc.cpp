// SPDX-License-Identifier: Apache-2.0
// Marking is conservative about stack slots, so objects never move, and any address must be
// recognised: the heap is one reservation of equal blocks, each with objects of one size class (a
// large object takes a run of them). If memory for the list of pending objects runs out, marked
// objects are scanned again until nothing new is found: a collection cannot fail.
#include "tenon/engine/gc.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "tenon/base/narrow.h"

namespace tenon::engine {

namespace {

/// Bytes that are allocated between two collections at least.
constexpr std::uint64_t least_threshold = 4U << 20U;
/// What `Stress::collect` fills freed objects with.
constexpr int freed_byte = 0xDB;

/// Object sizes: steps of 16 bytes at first, then four steps a power of two.
std::vector<std::uint32_t> make_classes() {
  std::vector<std::uint32_t> sizes;
  for (std::uint32_t s = 16; s <= 128; s += 16) sizes.push_back(s);
  for (std::uint32_t power = 128; power < 16384; power *= 2) {
    for (std::uint32_t k = 1; k <= 4; ++k) sizes.push_back(power + power / 4 * k);
  }
  return sizes;
}
const std::vector<std::uint32_t>& classes() {
  static const std::vector<std::uint32_t> sizes = make_classes();
  return sizes;
}

bool bit(const std::vector<std::uint64_t>& bits, std::uint32_t i) {
  return (bits[i / 64] >> (i % 64) & 1U) != 0;
}
void set_bit(std::vector<std::uint64_t>& bits, std::uint32_t i) {
  bits[i / 64] |= std::uint64_t{1} << (i % 64);
}

/// A free object's link to the next of its class.
GcObject*& next_free(GcObject* object) {
  return *reinterpret_cast<GcObject**>(object);
}

template <class T>
void fill_with(std::uint8_t* to, std::uint64_t n, const void* value) {
  T one;
  std::memcpy(&one, value, sizeof one);
  for (std::uint64_t i = 0; i < n; ++i) std::memcpy(to + i * sizeof one, &one, sizeof one);
}

}  // namespace

void fill_elements(std::uint8_t* to, std::uint32_t size, std::uint64_t n, const ValueSlot* value) {
  switch (size) {
    case 1:
      return fill_with<std::uint8_t>(to, n, value);
    case 2:
      return fill_with<std::uint16_t>(to, n, value);
    case 4:
      return fill_with<std::uint32_t>(to, n, value);
    case 16:
      return fill_with<std::array<std::uint64_t, 2>>(to, n, value);
    default:
      return fill_with<std::uint64_t>(to, n, value);
  }
}

std::unique_ptr<GcHeap> GcHeap::create(std::uint64_t limit, bool stress) try {
  return std::unique_ptr<GcHeap>(new GcHeap(limit, stress));
} catch (const std::bad_alloc&) {
  return nullptr;
}

GcHeap::GcHeap(std::uint64_t limit, bool stress)
    : limit_(limit / block_bytes * block_bytes),
      free_lists_(classes().size()),
      threshold_(stress ? 0 : least_threshold),
      stress_(stress) {
  // Aligned, so that the block of an address is a subtraction and a shift.
  void* at = mmap(nullptr, limit_, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) {
    limit_ = 0;
    return;
  }
  base_ = static_cast<std::uint8_t*>(at);
}

GcHeap::~GcHeap() {
  if (base_ != nullptr) munmap(base_, limit_);
}

std::int64_t GcHeap::take_blocks(std::uint64_t n) {
  std::uint64_t run = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    run = blocks_[i].free ? run + 1 : 0;
    if (run == n) {
      const std::size_t first = i + 1 - n;
      std::memset(base_ + first * block_bytes, 0, n * block_bytes);
      return static_cast<std::int64_t>(first);
    }
  }
  if ((blocks_.size() + n) * block_bytes > limit_) return -1;
  const std::size_t first = blocks_.size();
  blocks_.resize(blocks_.size() + n);
  return static_cast<std::int64_t>(first);
}

GcObject* GcHeap::allocate_large(std::uint64_t bytes) {
  if (bytes > limit_) return nullptr;
  const std::uint64_t n = (bytes + block_bytes - 1) / block_bytes;
  const std::int64_t first = take_blocks(n);
  if (first < 0) return nullptr;
  for (std::uint64_t i = 0; i < n; ++i) {
    Block& b = blocks_[static_cast<std::size_t>(first) + i];
    b.used.assign(1, 1);
    b.marks.assign(1, 0);
  }
  for (std::uint64_t i = 0; i < n; ++i) {
    Block& b = blocks_[static_cast<std::size_t>(first) + i];
    b.free = false;
    b.size_class = large_class;
    b.back = narrow<std::uint32_t>(i);
    b.blocks = narrow<std::uint32_t>(n);
  }
  since_ += n * block_bytes;
  return reinterpret_cast<GcObject*>(base_ + static_cast<std::uint64_t>(first) * block_bytes);
}

GcObject* GcHeap::allocate(std::uint64_t bytes) try {
  if (base_ == nullptr) return nullptr;
  const auto& sizes = classes();
  if (bytes > sizes.back()) return allocate_large(bytes);
  const auto size_class =
      narrow<std::uint32_t>(std::lower_bound(sizes.begin(), sizes.end(), bytes) - sizes.begin());
  const std::uint32_t size = sizes[size_class];
  if (free_lists_[size_class] == nullptr) {
    const std::int64_t at = take_blocks(1);
    if (at < 0) return nullptr;
    Block& b = blocks_[static_cast<std::size_t>(at)];
    const auto count = narrow<std::uint32_t>(block_bytes / size);
    b.used.assign((count + 63) / 64, 0);
    b.marks.assign((count + 63) / 64, 0);
    b.free = false;
    b.size_class = size_class;
    b.object_bytes = size;
    std::uint8_t* first = base_ + static_cast<std::uint64_t>(at) * block_bytes;
    for (std::uint32_t i = count; i-- > 0;) {
      auto* object = reinterpret_cast<GcObject*>(first + std::uint64_t{i} * size);
      next_free(object) = free_lists_[size_class];
      free_lists_[size_class] = object;
    }
  }
  GcObject* object = free_lists_[size_class];
  free_lists_[size_class] = next_free(object);
  const auto offset = static_cast<std::uint64_t>(object->bytes() - base_);
  Block& b = blocks_[offset / block_bytes];
  set_bit(b.used, narrow<std::uint32_t>(offset % block_bytes / size));
  std::memset(static_cast<void*>(object), 0, size);
  since_ += size;
  return object;
} catch (const std::bad_alloc&) {
  return nullptr;
}

GcObject* GcHeap::find(ValueSlot value, Block*& block, std::uint32_t& index) {
  const auto at = value - std::bit_cast<ValueSlot>(base_);
  if (base_ == nullptr || at >= blocks_.size() * block_bytes) return nullptr;
  std::uint64_t number = at / block_bytes;
  Block* b = &blocks_[number];
  if (b->free) return nullptr;
  if (b->size_class == large_class) {
    number -= b->back;
    b = &blocks_[number];
    index = 0;
    block = b;
    return reinterpret_cast<GcObject*>(base_ + number * block_bytes);
  }
  index = narrow<std::uint32_t>(at % block_bytes / b->object_bytes);
  if (index >= block_bytes / b->object_bytes || !bit(b->used, index)) return nullptr;
  block = b;
  return reinterpret_cast<GcObject*>(base_ + number * block_bytes +
                                     std::uint64_t{index} * b->object_bytes);
}

bool GcHeap::holds(ValueSlot value) {
  Block* block = nullptr;
  std::uint32_t index = 0;
  const GcObject* object = find(value, block, index);
  return object != nullptr && std::bit_cast<ValueSlot>(object) == value;
}

void GcHeap::begin_marking() {
  for (Block& b : blocks_) std::fill(b.marks.begin(), b.marks.end(), 0);
}

void GcHeap::mark(ValueSlot value) {
  Block* block = nullptr;
  std::uint32_t index = 0;
  GcObject* object = find(value, block, index);
  if (object == nullptr || bit(block->marks, index)) return;
  set_bit(block->marks, index);
  try {
    pending_.push_back(object);
  } catch (const std::bad_alloc&) {
    missed_ = true;
  }
}

void GcHeap::scan(GcObject* object, std::uint64_t bytes) {
  const RuntimeType* type = object->type;
  if (type == nullptr) {
    mark_range(object->payload(), reinterpret_cast<ValueSlot*>(object->bytes() + bytes / 8 * 8));
    return;
  }
  if (!type->has_refs) return;
  if (type->kind == core::CompType::Kind::array) {
    mark_range(object->payload(), object->payload() + object->length);
    return;
  }
  for (const FieldLayout& f : type->fields) {
    if (!f.type.is_ref()) continue;
    ValueSlot value = 0;
    std::memcpy(&value, object->bytes() + f.offset, sizeof value);
    mark(value);
  }
}

void GcHeap::scan_pending() {
  while (!pending_.empty()) {
    GcObject* object = pending_.back();
    pending_.pop_back();
    const Block& b = blocks_[static_cast<std::uint64_t>(object->bytes() - base_) / block_bytes];
    scan(object, b.size_class == large_class ? b.blocks * block_bytes : b.object_bytes);
  }
}

void GcHeap::scan_marked() {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& b = blocks_[i];
    if (b.free) continue;
    std::uint8_t* first = base_ + i * block_bytes;
    const bool large = b.size_class == large_class;
    if (large && b.back != 0) continue;
    const std::uint64_t bytes = large ? b.blocks * block_bytes : b.object_bytes;
    const auto count = large ? 1 : narrow<std::uint32_t>(block_bytes / b.object_bytes);
    for (std::uint32_t k = 0; k < count; ++k) {
      if (!bit(b.marks, k)) continue;
      scan(reinterpret_cast<GcObject*>(first + k * bytes), bytes);
      scan_pending();
    }
  }
}

void GcHeap::end_marking() {
  scan_pending();
  while (missed_) {
    // There was no memory to remember an object: all that are marked are looked at again.
    missed_ = false;
    scan_marked();
  }
  // Sweep: what is not marked is free again; a block without any object serves every class.
  std::fill(free_lists_.begin(), free_lists_.end(), nullptr);
  live_ = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    Block& b = blocks_[i];
    if (b.free) continue;
    if (b.size_class == large_class) {
      const std::uint32_t n = b.blocks;
      const bool alive = bit(b.marks, 0);
      if (alive) live_ += n * block_bytes;
      if (!alive) {
        madvise(base_ + i * block_bytes, n * block_bytes, MADV_DONTNEED);
        for (std::uint32_t k = 0; k < n; ++k) blocks_[i + k] = Block{};
      }
      i += n - 1;
      continue;
    }
    if (stress_) {
      // What was free before is overwritten already.
      std::uint8_t* first = base_ + i * block_bytes;
      for (std::uint32_t k = 0; k < block_bytes / b.object_bytes; ++k) {
        if (bit(b.used, k) && !bit(b.marks, k))
          std::memset(first + std::uint64_t{k} * b.object_bytes, freed_byte, b.object_bytes);
      }
    }
    b.used = b.marks;
    const bool any =
        std::any_of(b.marks.begin(), b.marks.end(), [](std::uint64_t w) { return w != 0; });
    if (!any) {
      b = Block{};
      continue;
    }
    const auto count = narrow<std::uint32_t>(block_bytes / b.object_bytes);
    std::uint8_t* first = base_ + i * block_bytes;
    for (std::uint32_t k = count; k-- > 0;) {
      if (bit(b.used, k)) {
        live_ += b.object_bytes;
        continue;
      }
      auto* object = reinterpret_cast<GcObject*>(first + std::uint64_t{k} * b.object_bytes);
      next_free(object) = free_lists_[b.size_class];
      free_lists_[b.size_class] = object;
    }
  }
  since_ = 0;
  if (!stress_) threshold_ = std::max(least_threshold, live_);
}

}  // namespace tenon::engine

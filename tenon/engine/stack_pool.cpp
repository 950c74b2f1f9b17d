// SPDX-License-Identifier: Apache-2.0
// Stacks are mapped with a guard page at the end towards which they grow, and reused. A few keep
// all their pages; those beyond keep only the part that is used first, because a deep recursion
// would otherwise stay resident.
#include "tenon/engine/stack_pool.h"

#include <sys/mman.h>

namespace tenon::engine {

namespace {
constexpr std::size_t guard = 4096;
/// Of all but a few stacks that wait, so much stays resident.
constexpr std::size_t kept_bytes = 16U << 10U;
constexpr std::size_t kept_whole = 8;
}  // namespace

MappedStacks::MappedStacks(std::size_t bytes, std::uint32_t keep, Grows grows)
    : bytes_((bytes + guard - 1) / guard * guard),
      keep_(keep),
      before_(grows == Grows::down ? guard : 0) {
  free_.reserve(keep);
}

MappedStacks::~MappedStacks() {
  for (void* low : free_) munmap(static_cast<std::uint8_t*>(low) - before_, bytes_ + guard);
}

void* MappedStacks::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      void* low = free_.back();
      free_.pop_back();
      out_.fetch_add(1, std::memory_order_relaxed);
      return low;
    }
  }
  void* at =
      mmap(nullptr, bytes_ + guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  void* low = static_cast<std::uint8_t*>(at) + before_;
  if (mprotect(low, bytes_, PROT_READ | PROT_WRITE) != 0) {
    munmap(at, bytes_ + guard);
    return nullptr;
  }
  out_.fetch_add(1, std::memory_order_relaxed);
  return low;
}

void MappedStacks::give_back(void* low) {
  if (low == nullptr) return;
  bool room = false;
  bool trim = false;
  {
    const std::lock_guard lock(mutex_);
    out_.fetch_sub(1, std::memory_order_relaxed);
    room = free_.size() < keep_;
    trim = room && free_.size() >= kept_whole;
    if (room && !trim) free_.push_back(low);
  }
  if (room && !trim) return;
  if (trim && bytes_ > kept_bytes) {
    // What a deep recursion touched is given back; the end that is used first stays.
    auto* rest = static_cast<std::uint8_t*>(low) + (before_ == 0 ? kept_bytes : 0);
    madvise(rest, bytes_ - kept_bytes, MADV_DONTNEED);
    const std::lock_guard lock(mutex_);
    if (free_.size() < keep_) {
      free_.push_back(low);
      return;
    }
  }
  munmap(static_cast<std::uint8_t*>(low) - before_, bytes_ + guard);
}

ValueStack StackPool::take() {
  auto* begin = static_cast<ValueSlot*>(stacks_.take());
  if (begin == nullptr) return {};
  const std::size_t slots = stacks_.bytes() / sizeof(ValueSlot);
  return {begin, begin + slots};
}

}  // namespace tenon::engine

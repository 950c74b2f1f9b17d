// SPDX-License-Identifier: Apache-2.0
// Address space is expensive to map and cheap to keep: the pool reuses reservations, preferably one
// with the same image mapped. A returned slot is cleared page by page if few pages were written,
// otherwise its pages are given back to the system. Memories never move, so compiled code may hold
// their base.
#include "tenon/engine/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "tenon/engine/atomic_wait.h"
#include "tenon/engine/memory_pool.h"
#include "tenon/engine/store.h"

namespace tenon::engine {

namespace {

constexpr std::uint64_t os_page = 4096;
/// A slot keeps so many bytes that were written, cleared; pages beyond are given back.
constexpr std::uint64_t resident_bytes = 64U << 10U;

std::uint64_t round_up(std::uint64_t n) {
  return (n + os_page - 1) / os_page * os_page;
}

void unmap(const MemorySlot& slot) {
  munmap(slot.base, slot.reserved);
}

/// Puts plain, inaccessible memory where the slot's accessible part is.
bool remap(MemorySlot& slot) {
  if (slot.accessible != 0 &&
      mmap(slot.base, round_up(slot.accessible), PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED) {
    return false;
  }
  slot.accessible = 0;
  slot.image_id = 0;
  slot.image_bytes = 0;
  return true;
}

bool make_accessible(MemorySlot& slot, std::uint64_t bytes) {
  const std::uint64_t have = round_up(slot.accessible);
  const std::uint64_t want = round_up(bytes);
  if (want > have && mprotect(slot.base + have, want - have, PROT_READ | PROT_WRITE) != 0)
    return false;
  if (want < have && mprotect(slot.base + want, have - want, PROT_NONE) != 0) return false;
  slot.accessible = want;
  return true;
}

}  // namespace

void trim_heap() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

std::shared_ptr<const MemoryImage> MemoryImage::create(std::span<const std::uint8_t> contents,
                                                       std::uint64_t bytes) {
  static std::atomic<std::uint64_t> next_id = 1;
  const int fd = memfd_create("tenon-image", MFD_CLOEXEC);
  if (fd < 0) return nullptr;
  std::shared_ptr<MemoryImage> image(
      new MemoryImage(fd, round_up(std::max(contents.size(), bytes)), next_id++));
  if (ftruncate(fd, static_cast<off_t>(image->bytes())) != 0) return nullptr;
  // Pages of zeros stay holes: what reads them finds no page of the file to share, and maps none.
  for (std::size_t at = 0; at < contents.size(); at += os_page) {
    const auto page = contents.subspan(at, std::min<std::size_t>(os_page, contents.size() - at));
    if (std::ranges::all_of(page, [](std::uint8_t b) { return b == 0; })) continue;
    const auto size = static_cast<ssize_t>(page.size());
    if (pwrite(fd, page.data(), page.size(), static_cast<off_t>(at)) != size) return nullptr;
  }
  void* at = mmap(nullptr, image->bytes(), PROT_READ, MAP_PRIVATE, fd, 0);
  if (at != MAP_FAILED) image->contents_ = static_cast<const std::uint8_t*>(at);
  return image;
}

MemoryImage::~MemoryImage() {
  if (contents_ != nullptr) munmap(const_cast<std::uint8_t*>(contents_), bytes_);
  close(fd_);
}

MemoryPool::~MemoryPool() {
  for (const MemorySlot& slot : free_) unmap(slot);
}

std::optional<MemorySlot> MemoryPool::take(std::uint64_t reserve, std::uint64_t accessible,
                                           const MemoryImage* image) {
  const std::uint64_t image_id = image == nullptr ? 0 : image->id();
  MemorySlot slot;
  {
    const std::lock_guard lock(mutex_);
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (it->reserved != reserve) continue;
      if (best == free_.end() || it->image_id == image_id) best = it;
      if (it->image_id == image_id) break;
    }
    if (best != free_.end()) {
      slot = *best;
      *best = free_.back();
      free_.pop_back();
    }
  }
  if (slot.base == nullptr) {
    void* at =
        mmap(nullptr, reserve, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return std::nullopt;
    slot.base = static_cast<std::uint8_t*>(at);
    slot.reserved = reserve;
  }
  bool ok = true;
  if (slot.image_id != image_id) ok = remap(slot);
  if (ok && image != nullptr && slot.image_id == 0) {
    ok = mmap(slot.base, image->bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
              image->fd(), 0) != MAP_FAILED;
    slot.image_id = image_id;
    slot.image_bytes = image->bytes();
    slot.accessible = image->bytes();
  }
  if (ok && make_accessible(slot, accessible)) return slot;
  unmap(slot);
  return std::nullopt;
}

bool MemoryPool::reset(const MemorySlot& slot, const MemoryImage* image) const {
  const std::uint8_t* contents = image == nullptr ? nullptr : image->contents();
  if (image == nullptr || contents != nullptr) {
    std::array<DirtyPages::Range, resident_bytes / os_page> room;
    if (const auto written = dirty_.find(slot.base, slot.accessible, room, resident_bytes)) {
      for (const DirtyPages::Range& r : *written) {
        const auto at = static_cast<std::uint64_t>(r.begin - slot.base);
        const std::uint64_t of_image =
            at < slot.image_bytes ? std::min(r.size, slot.image_bytes - at) : 0;
        if (of_image != 0) std::memcpy(r.begin, contents + at, of_image);
        std::memset(r.begin + of_image, 0, r.size - of_image);
      }
      return true;
    }
  }
  // Private pages of a file fall back to the file's.
  if (slot.image_id != 0) return madvise(slot.base, slot.accessible, MADV_DONTNEED) == 0;
  const std::uint64_t kept = std::min(slot.accessible, resident_bytes);
  std::memset(slot.base, 0, kept);
  return slot.accessible <= kept ||
         madvise(slot.base + kept, slot.accessible - kept, MADV_DONTNEED) == 0;
}

void MemoryPool::give_back(MemorySlot slot, const MemoryImage* image) {
  const bool clean = reset(slot, image);
  if (clean) {
    const std::lock_guard lock(mutex_);
    if (free_.size() < keep_) {
      free_.push_back(slot);
      return;
    }
  }
  unmap(slot);
}

Memory::Memory(Store& store, const core::MemType& type, const MemorySlot& slot,
               std::uint64_t max_bytes, std::shared_ptr<const MemoryImage> image)
    : Memory(store.engine(), type, slot, max_bytes, std::move(image)) {
  store_ = &store;
}

Memory::Memory(Engine& engine, const core::MemType& type, const MemorySlot& slot,
               std::uint64_t max_bytes, std::shared_ptr<const MemoryImage> image)
    : store_(nullptr),
      engine_(engine),
      type_(type),
      slot_(slot),
      image_(std::move(image)),
      max_bytes_(max_bytes),
      page_log2_(type.page_log2()) {
  own_.base = slot.base;
  own_.bytes = type.limits.min << page_log2_;
  own_.memory = this;
  if (!type.shared) engine.population().add();
  guarded_ = engine.config().signals && !is_64() && page_log2_ == 16 &&
             slot.reserved >= (4ULL << 30U) + guard_bytes;
}

Memory::Memory(Store& store, const SharedMemory& shared)
    : store_(&store),
      engine_(store.engine()),
      type_(shared.state_->memory.type_),
      vm_(shared.state_->memory.vm_),
      owner_(shared.state_),
      max_bytes_(shared.state_->memory.max_bytes_),
      page_log2_(shared.state_->memory.page_log2_),
      guarded_(shared.state_->memory.guarded_) {
  // What faults lie in; the rest of the slot is the owner's business.
  slot_.base = shared.state_->memory.slot_.base;
  slot_.reserved = shared.state_->memory.slot_.reserved;
  engine_.population().add();
}

Memory::~Memory() {
  // What stores share may outlive the engine, and is not counted there.
  if (is_shared() && owner_ == nullptr) {
    unmap(slot_);
    return;
  }
  if (owner_ == nullptr) engine_.memory_pool().give_back(slot_, image_.get());
  engine_.population().remove();
}

core::MemType Memory::type() const {
  core::MemType type = type_;
  type.limits.min = pages();
  return type;
}

SharedMemory Memory::shared() const {
  assert(is_shared() && "a memory of one store");
  return SharedMemory(owner_ != nullptr ? owner_ : self_.lock());
}

std::optional<std::uint64_t> Memory::grow(std::uint64_t delta_pages, Store& payer) {
  if (!is_shared()) return grow_in_place(delta_pages, payer);
  if (owner_ != nullptr) return owner_->memory.grow(delta_pages, payer);
  const std::shared_ptr<SharedMemoryState> self = self_.lock();
  const std::lock_guard lock(self->growing);
  return grow_in_place(delta_pages, payer);
}

std::optional<std::uint64_t> Memory::grow_in_place(std::uint64_t delta_pages, Store& payer) {
  const std::uint64_t old = size();
  if (delta_pages == 0) return old >> page_log2_;
  const std::uint64_t room = (max_bytes_ - old) >> page_log2_;
  if (delta_pages > room) return std::nullopt;
  const std::uint64_t bytes = old + (delta_pages << page_log2_);
  if (bytes > slot_.reserved || !payer.charge_memory(bytes - old)) return std::nullopt;
  if (round_up(bytes) > slot_.accessible && !make_accessible(slot_, bytes)) {
    payer.release_memory(bytes - old);
    return std::nullopt;
  }
  vm_->bytes.store(bytes, std::memory_order_release);
  return old >> page_log2_;
}

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <utility>

namespace tenon {

/// A sequence that only grows and whose elements never move: what a `std::deque` is used for where
/// many stay empty or small. One pointer when empty; each chunk is as large as all before, within
/// bounds. Not copied, not moved.
template <class T>
class StableVector {
  struct Chunk {
    /// The first chunk, of the last; the next one, of the others.
    Chunk* next;
    std::uint32_t size;
    std::uint32_t capacity;
    /// Elements in the chunks before.
    std::uint64_t before;

    T* begin() { return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(this) + head); }
  };
  static constexpr std::size_t align = std::max(alignof(T), alignof(Chunk));
  static constexpr std::size_t head = (sizeof(Chunk) + align - 1) / align * align;
  static constexpr bool plain = align <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  static constexpr std::uint32_t most =
      static_cast<std::uint32_t>(std::max<std::size_t>(4096 / sizeof(T), 1));

 public:
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using pointer = T*;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    T& operator*() const { return chunk_->begin()[i_]; }
    T* operator->() const { return chunk_->begin() + i_; }
    Iterator& operator++() {
      if (++i_ == chunk_->size) {
        chunk_ = chunk_ == last_ ? nullptr : chunk_->next;
        i_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      auto old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.chunk_ == b.chunk_ && a.i_ == b.i_;
    }

   private:
    friend class StableVector;
    Iterator(Chunk* chunk, Chunk* last) : chunk_(chunk), last_(last) {}
    Chunk* chunk_ = nullptr;
    Chunk* last_ = nullptr;
    std::uint32_t i_ = 0;
  };

  StableVector() = default;
  StableVector(const StableVector&) = delete;
  StableVector& operator=(const StableVector&) = delete;
  ~StableVector() { clear(); }

  [[nodiscard]] std::size_t size() const {
    return last_ == nullptr ? 0 : static_cast<std::size_t>(last_->before + last_->size);
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// There must be one.
  [[nodiscard]] T& back() const { return last_->begin()[last_->size - 1]; }
  [[nodiscard]] Iterator begin() const {
    return empty() ? Iterator() : Iterator(last_->next, last_);
  }
  [[nodiscard]] Iterator end() const { return {}; }

  /// The first chunk takes exactly so many; for a sequence that is empty.
  void reserve(std::size_t n) {
    if (last_ == nullptr && n != 0) link(make_chunk(static_cast<std::uint32_t>(n)));
  }
  /// The new element. When its constructor throws, nothing has changed.
  template <class... Args>
  T& emplace_back(Args&&... args) {
    if (last_ != nullptr && last_->size < last_->capacity) [[likely]]
      return add(last_, std::forward<Args>(args)...);
    auto* chunk =
        make_chunk(std::clamp<std::uint32_t>(static_cast<std::uint32_t>(size()), 1, most));
    try {
      add(chunk, std::forward<Args>(args)...);
    } catch (...) {
      free_chunk(chunk);
      throw;
    }
    link(chunk);
    return chunk->begin()[0];
  }
  /// From the first to the last.
  void clear() {
    if (last_ == nullptr) return;
    auto* chunk = last_->next;
    for (bool more = true; more;) {
      auto* next = chunk->next;
      more = chunk != last_;
      std::destroy_n(chunk->begin(), chunk->size);
      free_chunk(chunk);
      chunk = next;
    }
    last_ = nullptr;
  }

 private:
  static Chunk* make_chunk(std::uint32_t capacity) {
    const auto bytes = head + capacity * sizeof(T);
    void* memory = plain ? ::operator new(bytes) : ::operator new(bytes, std::align_val_t(align));
    return new (memory) Chunk{nullptr, 0, capacity, 0};
  }
  static void free_chunk(Chunk* chunk) {
    if constexpr (plain) {
      ::operator delete(chunk);
    } else {
      ::operator delete(chunk, std::align_val_t(align));
    }
  }
  void link(Chunk* chunk) {
    chunk->before = size();
    chunk->next = last_ == nullptr ? chunk : last_->next;
    if (last_ != nullptr) last_->next = chunk;
    last_ = chunk;
  }
  template <class... Args>
  static T& add(Chunk* chunk, Args&&... args) {
    auto* made = new (chunk->begin() + chunk->size) T(std::forward<Args>(args)...);
    ++chunk->size;
    return *made;
  }

  Chunk* last_ = nullptr;
};

}  // namespace tenon

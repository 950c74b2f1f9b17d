// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tenon {

/// A value behind one pointer that copies share until one of them changes it: a copy is an atomic
/// increment. What was moved from is empty and reads as `T{}`. Different copies may be used from
/// several threads, as with any value.
template <class T>
class CopyOnWrite {
 public:
  CopyOnWrite() = default;
  explicit CopyOnWrite(T value) : node_(new Node{std::move(value), 1}) {}
  CopyOnWrite(const CopyOnWrite& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) node_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  CopyOnWrite(CopyOnWrite&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  CopyOnWrite& operator=(CopyOnWrite other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~CopyOnWrite() {
    if (node_ != nullptr && node_->uses.fetch_sub(1, std::memory_order_acq_rel) == 1) delete node_;
  }

  explicit operator bool() const { return node_ != nullptr; }
  const T& operator*() const { return node_ != nullptr ? node_->value : nothing(); }
  const T* operator->() const { return &**this; }
  /// To change it: the others keep what they have.
  T& write() {
    if (node_ == nullptr) {
      *this = CopyOnWrite(T{});
    } else if (node_->uses.load(std::memory_order_acquire) != 1) {
      *this = CopyOnWrite(node_->value);
    }
    return node_->value;
  }

 private:
  static const T& nothing() {
    static const T empty{};
    return empty;
  }
  struct Node {
    T value;
    std::atomic<std::uint32_t> uses;
  };
  Node* node_ = nullptr;
};

}  // namespace tenon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "tenon/base/narrow.h"
#include "tenon/engine/store.h"

namespace tenon::runtime {

class ComponentInstance;
class ResourceType;
struct Task;

/// One entry of a component instance's handle table: a resource handle.
/// Spec: CanonicalABI.md "Resource State".
struct Handle {
  enum class Kind : std::uint8_t { free, own, borrow };

  Kind kind = Kind::free;
  /// How many calls this handle is lent to at the moment.
  std::uint32_t num_lends = 0;
  /// The representation; in a free entry the next free index.
  std::uint64_t rep = 0;
  const ResourceType* rt = nullptr;
  /// For a borrow: the task that must not return before it is dropped.
  Task* borrow_scope = nullptr;

  [[nodiscard]] bool is_resource() const { return kind == Kind::own || kind == Kind::borrow; }
};

/// A handle table. Indices begin at 1 and the last one freed is used next: both are normative.
/// `get`, `add` and `remove` are O(1). Spec: CanonicalABI.md "Table State".
class Table {
 public:
  static constexpr std::uint32_t MAX_LENGTH = (1U << 28U) - 1;

  /// Room for entries is charged to the store (`StoreLimits::host_bytes`), if there is one.
  explicit Table(std::uint32_t limit = MAX_LENGTH, engine::Store* store = nullptr)
      : store_(store), limit_(limit < MAX_LENGTH ? limit : MAX_LENGTH) {}

  /// The entry, or null when there is none.
  [[nodiscard]] Handle* get(std::uint32_t i) {
    if (i == 0 || i >= entries_.size() || entries_[i].kind == Handle::Kind::free) [[unlikely]]
      return nullptr;
    return &entries_[i];
  }
  /// The new index, or 0 when the table is full.
  std::uint32_t add(const Handle& handle) {
    if (free_ != 0) {
      const auto i = free_;
      free_ = narrow<std::uint32_t>(entries_[i].rep);
      entries_[i] = handle;
      ++size_;
      return i;
    }
    return grow(handle);
  }
  /// Frees an index; there must be an entry.
  void remove(std::uint32_t i) {
    assert(get(i) != nullptr);
    entries_[i].kind = Handle::Kind::free;
    entries_[i].rep = free_;
    free_ = i;
    --size_;
  }
  /// Entries in use.
  [[nodiscard]] std::uint32_t size() const { return size_; }
  /// One past the largest index ever used.
  [[nodiscard]] std::uint32_t end() const { return narrow<std::uint32_t>(entries_.size()); }

 private:
  std::uint32_t grow(const Handle& handle) {
    if (entries_.empty()) entries_.emplace_back();
    if (entries_.size() > limit_ || !make_room()) return 0;
    entries_.push_back(handle);
    ++size_;
    return narrow<std::uint32_t>(entries_.size() - 1);
  }

  /// For one entry more: a guest makes as many as it likes.
  bool make_room() {
    if (entries_.size() < entries_.capacity()) return true;
    const std::size_t more = entries_.size();
    if (store_ != nullptr && !store_->charge_host(more * sizeof(Handle))) return false;
    entries_.reserve(entries_.size() + more);
    return true;
  }

  std::vector<Handle> entries_;
  engine::Store* store_;
  std::uint32_t free_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t limit_;
};

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/narrow.h"
#include "tenon/engine/vmcontext.h"
#include "tenon/runtime/table.h"
#include "tenon/runtime/value.h"

namespace tenon::runtime {

class Store;

/// A resource type at run time. Its address is its identity: every instantiation that defines one
/// makes another. Spec: CanonicalABI.md "Resource State" (ResourceType).
class ResourceType {
 public:
  using HostDtor = std::function<void(Store& store, std::uint32_t rep)>;

  /// Defined by a component instance; `dtor` may be null.
  ResourceType(std::string name, ComponentInstance* impl, engine::FuncRef* dtor)
      : name_(std::move(name)), impl_(impl), dtor_(dtor) {}
  /// Defined by the host; `host_type` tells the C++ type of its objects, if they have one.
  ResourceType(std::string name, HostDtor dtor, const void* host_type = nullptr)
      : name_(std::move(name)), host_dtor_(std::move(dtor)), host_type_(host_type) {}
  ResourceType(const ResourceType&) = delete;
  ResourceType& operator=(const ResourceType&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  /// The defining instance, null for the host's.
  [[nodiscard]] ComponentInstance* impl() const { return impl_; }
  [[nodiscard]] engine::FuncRef* dtor() const { return dtor_; }
  [[nodiscard]] const HostDtor& host_dtor() const { return host_dtor_; }
  [[nodiscard]] const void* host_type() const { return host_type_; }

 private:
  std::string name_;
  ComponentInstance* impl_ = nullptr;
  engine::FuncRef* dtor_ = nullptr;
  HostDtor host_dtor_;
  const void* host_type_ = nullptr;
};

/// Why a host may not pass a handle: the rule, and what the handle is.
struct HandleSlip {
  Rule rule;
  const char* what;
};
extern const HandleSlip empty_unique_ptr;
extern const HandleSlip empty_shared_ptr;
extern const HandleSlip empty_host_ref;
/// An object of the host's that is of another C++ type than those of its resource.
extern const HandleSlip other_object;

/// The resources that a host holds in one store. Every `HostHandle` has a generation of its own,
/// process-wide: one that outlived its entry and one of another store find nothing here.
class HostTable {
 public:
  struct Entry {
    const ResourceType* rt = nullptr;
    /// 0 in a free entry.
    std::uint64_t generation = 0;
    /// The last look at a call's arguments (`new_look`) that came by here.
    std::uint64_t look = 0;
    /// The representation; in a free entry the next free place, counted from 1.
    std::uint64_t rep = 0;
    std::uint32_t num_lends = 0;
    /// A borrow is valid for the length of one host call only.
    bool own = true;
    /// Whether the look found it given away.
    bool given = false;
  };

  /// So that the next `add` allocates nothing.
  void reserve_one() {
    if (next_generation_ == end_generation_) [[unlikely]]
      more_generations();
    if (free_ == 0 && entries_.size() == entries_.capacity()) [[unlikely]]
      entries_.reserve(2 * entries_.size() + 4);
  }
  HostHandle add(const ResourceType* rt, std::uint64_t rep, bool own) {
    if (next_generation_ == end_generation_) [[unlikely]]
      more_generations();
    std::uint32_t i = free_;
    if (i != 0) {
      free_ = narrow<std::uint32_t>(entries_[--i].rep);
    } else {
      i = narrow<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    }
    auto& e = entries_[i];
    e = {rt, next_generation_++, 0, rep, 0, own, false};
    ++size_;
    return {i, e.generation};
  }
  /// The entry, or null for a handle that is stale or of another store.
  [[nodiscard]] Entry* get(HostHandle h) {
    if (h.index >= entries_.size()) return nullptr;
    auto& e = entries_[h.index];
    return e.generation == h.generation && h.generation != 0 ? &e : nullptr;
  }
  /// Allocates nothing.
  void remove(HostHandle h) {
    if (auto* e = get(h)) {
      e->generation = 0;
      e->rep = free_;
      free_ = h.index + 1;
      --size_;
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }
  /// The handle of a place, or none when it is free.
  [[nodiscard]] HostHandle at(std::uint32_t index) const {
    return {index, entries_[index].generation};
  }

  /// Resources whose destructors wait, in the order in which they were dropped. Their handles are
  /// stale, their places taken.
  struct Queue {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    [[nodiscard]] bool empty() const { return first == 0; }
  };
  /// Moves an entry into a queue. Allocates nothing.
  void enqueue(HostHandle h, Queue& queue);
  /// Takes the first out; there must be one.
  Entry dequeue(Queue& queue);

  /// Begins a look at the handles among a call's arguments: `look_at` says then whether the host
  /// may pass one more, so that nothing is given twice, or given and lent.
  void new_look() { ++look_; }
  /// Why the host may not drop a handle that is lent or finds nothing.
  [[nodiscard]] const HandleSlip& drop_slip(HostHandle h);
  /// Why the host may not pass the handle, or null.
  [[nodiscard]] const HandleSlip* look_at(HostHandle h, const ResourceType* rt, bool own);

 private:
  void more_generations();
  /// Whether a handle of this table once had the generation.
  [[nodiscard]] bool gave(std::uint64_t generation) const;

  std::vector<Entry> entries_;
  std::uint32_t free_ = 0;
  std::uint32_t size_ = 0;
  std::uint64_t look_ = 0;
  std::uint64_t next_generation_ = 0;
  std::uint64_t end_generation_ = 0;
  /// Where its blocks of generations begin: each is twice as long as the one before.
  std::vector<std::uint64_t> blocks_;
};

/// Destroys an object that is held by `std::shared_ptr`, unless it was taken back.
struct Releasing {
  void (*destroy)(void*);
  bool released = false;
  void operator()(void* object) const {
    if (!released) destroy(object);
  }
};

/// C++ objects behind the host's resources: a representation is a place here, counted from 1. An
/// object belongs to its place alone, or is held by `std::shared_ptr`: then whoever else holds it,
/// such as its children, keeps it alive when the guest has dropped it.
class HostObjects {
 public:
  HostObjects() = default;
  HostObjects(const HostObjects&) = delete;
  HostObjects& operator=(const HostObjects&) = delete;
  ~HostObjects() {
    for (auto& e : entries_) {
      if (e.object != nullptr && e.destroy != nullptr) e.destroy(e.object);
    }
  }
  /// Takes the object over, once this returns.
  std::uint32_t add(void* object, void (*how)(void*)) { return add({object, how, nullptr, 0}); }
  std::uint32_t add_shared(std::shared_ptr<void> object) {
    auto* at = object.get();
    return add({at, nullptr, std::move(object), 0});
  }
  /// An object that stays the host's; `take` ends that.
  std::uint32_t lend(void* object) { return add({object, nullptr, nullptr, 0}); }
  [[nodiscard]] void* get(std::uint32_t rep) const {
    return rep == 0 || rep > entries_.size() ? nullptr : entries_[rep - 1].object;
  }
  /// Gives the object to the caller; null when there is none, or when others hold it too.
  [[nodiscard]] void* take(std::uint32_t rep);
  /// Gives the caller's share of the object; null when there is none, or when it is only lent. From
  /// now on the object is held so.
  [[nodiscard]] std::shared_ptr<void> share(std::uint32_t rep);
  /// Frees the place.
  void remove(std::uint32_t rep);
  /// One past the largest place ever used.
  [[nodiscard]] std::uint32_t end() const { return narrow<std::uint32_t>(entries_.size()) + 1; }
  void destroy(std::uint32_t rep);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    void* object;
    /// Null for one that is shared or lent.
    void (*destroy)(void*);
    std::shared_ptr<void> shared;
    /// Of a free place: the next one.
    std::uint32_t next;
  };
  std::uint32_t add(Entry entry) {
    auto i = free_;
    if (i != 0) {
      free_ = entries_[i - 1].next;
      entries_[i - 1] = std::move(entry);
    } else {
      entries_.push_back(std::move(entry));
      i = narrow<std::uint32_t>(entries_.size());
    }
    ++size_;
    return i;
  }
  std::vector<Entry> entries_;
  std::uint32_t free_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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

/// The resources that a host holds in one store. A `HostHandle` that outlives its entry is told by
/// its generation.
class HostTable {
 public:
  struct Entry {
    const ResourceType* rt = nullptr;
    std::uint32_t rep = 0;
    std::uint32_t generation = 0;
    std::uint32_t num_lends = 0;
    /// A borrow is valid for the length of one host call only.
    bool own = true;
    bool used = false;
  };

  HostHandle add(const ResourceType* rt, std::uint32_t rep, bool own) {
    std::uint32_t i = 0;
    if (!free_.empty()) {
      i = free_.back();
      free_.pop_back();
    } else {
      i = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    }
    auto& e = entries_[i];
    e = {rt, rep, e.generation + 1, 0, own, true};
    return {i, e.generation};
  }
  /// The entry, or null for a handle that is stale.
  [[nodiscard]] Entry* get(HostHandle h) {
    if (h.index >= entries_.size()) return nullptr;
    auto& e = entries_[h.index];
    return e.used && e.generation == h.generation ? &e : nullptr;
  }
  void remove(HostHandle h) {
    if (auto* e = get(h)) {
      e->used = false;
      free_.push_back(h.index);
    }
  }
  [[nodiscard]] std::size_t size() const { return entries_.size() - free_.size(); }
  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
};

/// C++ objects behind the host's resources: a representation is a place here, counted from 1.
class HostObjects {
 public:
  HostObjects() = default;
  HostObjects(const HostObjects&) = delete;
  HostObjects& operator=(const HostObjects&) = delete;
  ~HostObjects() {
    for (auto& e : entries_) {
      if (e.object != nullptr) e.destroy(e.object);
    }
  }
  /// Takes the object over.
  std::uint32_t add(void* object, void (*how)(void*)) {
    if (free_.empty()) {
      entries_.push_back({object, how});
      return static_cast<std::uint32_t>(entries_.size());
    }
    const auto i = free_.back();
    free_.pop_back();
    entries_[i - 1] = {object, how};
    return i;
  }
  [[nodiscard]] void* get(std::uint32_t rep) const {
    return rep == 0 || rep > entries_.size() ? nullptr : entries_[rep - 1].object;
  }
  /// Gives the object to the caller, or null.
  [[nodiscard]] void* take(std::uint32_t rep) {
    auto* object = get(rep);
    if (object == nullptr) return nullptr;
    entries_[rep - 1].object = nullptr;
    free_.push_back(rep);
    return object;
  }
  void destroy(std::uint32_t rep) {
    if (get(rep) == nullptr) return;
    const auto how = entries_[rep - 1].destroy;
    how(take(rep));
  }
  [[nodiscard]] std::size_t size() const { return entries_.size() - free_.size(); }

 private:
  struct Entry {
    void* object;
    void (*destroy)(void*);
  };
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
};

}  // namespace tenon::runtime

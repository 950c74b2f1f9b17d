// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/core/types.h"
#include "tenon/engine/value.h"

namespace tenon::engine {

class Store;
struct RuntimeType;

/// A global: its type (engine-wide) and the cell that holds its value, which may lie inside the
/// defining instance. The cell's address is its identity. Spec: core/exec/runtime "Global
/// Instances".
struct Global {
  core::GlobalType type;
  ValueSlot* cell = nullptr;
  Store* store = nullptr;

  template <class T>
  [[nodiscard]] T get() const {
    return SlotOf<T>::load(cell);
  }
  /// The global must be mutable and of that type, a reference to an object kept by `Store::root`.
  template <class T>
  void set(T value) const {
    SlotOf<T>::store(cell, value);
  }
};

/// An exception tag: its address is its identity. Spec: core/exec/runtime "Tag Instances".
class Tag {
 public:
  Tag(const RuntimeType* type, const Store& store) : type_(type), store_(&store) {}
  Tag(const Tag&) = delete;
  Tag& operator=(const Tag&) = delete;
  [[nodiscard]] const RuntimeType* type() const { return type_; }
  [[nodiscard]] const Store& store() const { return *store_; }

 private:
  const RuntimeType* type_;
  const Store* store_;
};

}  // namespace tenon::engine

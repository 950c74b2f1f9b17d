// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "tenon/core/types.h"
#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

/// A table. Owned by its store; its address is its identity.
/// Spec: core/exec/runtime "Table Instances".
class Table {
 public:
  /// What an address space has room for.
  static constexpr std::uint64_t max_elements = SIZE_MAX / sizeof(TableEntry) / 2;
  /// What a table of so many elements takes, for `Store::charge_host`.
  [[nodiscard]] static constexpr std::uint64_t host_bytes(std::uint64_t elements) {
    return sizeof(Table) + elements * sizeof(TableEntry);
  }
  /// `elem` is engine-wide. Null when there is no memory for it. The caller charges the store.
  static std::unique_ptr<Table> create(Store& store, const core::TableType& type, ValueSlot init);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /// The type with its current size as minimum; the element type is engine-wide.
  [[nodiscard]] core::TableType type() const;
  [[nodiscard]] std::uint64_t size() const { return vm_.size; }
  /// Reads an element; `at` must be below `size()`.
  [[nodiscard]] ValueSlot get(std::uint64_t at) const { return vm_.entries[at].ref; }
  /// Writes an element; `at` must be below `size()`, the value of the element type, a reference to
  /// an object kept by `Store::root`.
  void set(std::uint64_t at, ValueSlot ref);
  /// Grows by `delta` elements; the old size, or nothing when a limit forbids it.
  std::optional<std::uint64_t> grow(std::uint64_t delta, ValueSlot init);
  [[nodiscard]] bool is_64() const { return type_.addr == core::AddrType::i64; }
  [[nodiscard]] bool holds_funcs() const { return funcs_; }
  [[nodiscard]] Store& store() const { return store_; }
  [[nodiscard]] VMTable* vm() { return &vm_; }

 private:
  Table(Store& store, const core::TableType& type, bool funcs);
  /// Room for so many elements, charged. False: a limit or the system forbids it.
  bool reserve(std::uint64_t capacity);
  Store& store_;
  core::TableType type_;
  VMTable vm_;
  std::uint64_t capacity_ = 0;
  bool funcs_;
};

}  // namespace tenon::engine

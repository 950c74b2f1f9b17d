// SPDX-License-Identifier: Apache-2.0
// An entry holds the function's type beside the reference, so that `call_indirect` compares types
// without touching the function. Limits are charged before anything is allocated, and returned if
// it fails.
#include "tenon/engine/table.h"

#include <algorithm>
#include <cstdlib>

#include "tenon/engine/store.h"
#include "tenon/engine/type_registry.h"

namespace tenon::engine {

namespace {

bool is_func(core::ValType elem, const TypeRegistry& types) {
  return types.matches(elem, core::funcref);
}

}  // namespace

Table::Table(Store& store, const core::TableType& type, bool funcs)
    : store_(store), type_(type), funcs_(funcs) {
  vm_.table = this;
}

Table::~Table() {
  std::free(vm_.entries);
}

std::unique_ptr<Table> Table::create(Store& store, const core::TableType& type, ValueSlot init) {
  std::unique_ptr<Table> table(new Table(store, type, is_func(type.elem, store.engine().types())));
  const std::uint64_t n = type.limits.min;
  if (n > max_elements) return nullptr;
  if (n != 0) {
    table->vm_.entries = static_cast<TableEntry*>(std::calloc(n, sizeof(TableEntry)));
    if (table->vm_.entries == nullptr) return nullptr;
  }
  table->capacity_ = n;
  table->vm_.size = n;
  if (init != 0) {
    for (std::uint64_t i = 0; i < n; ++i) table->set(i, init);
  }
  return table;
}

core::TableType Table::type() const {
  core::TableType type = type_;
  type.limits.min = vm_.size;
  return type;
}

void Table::set(std::uint64_t at, ValueSlot ref) {
  TableEntry& entry = vm_.entries[at];
  entry.ref = ref;
  entry.type = funcs_ && ref != 0 ? std::bit_cast<const FuncRef*>(ref)->type : nullptr;
}

bool Table::reserve(std::uint64_t capacity) {
  const std::uint64_t more = (capacity - capacity_) * sizeof(TableEntry);
  if (capacity > max_elements || !store_.charge_host(more)) return false;
  auto* entries =
      static_cast<TableEntry*>(std::realloc(vm_.entries, capacity * sizeof(TableEntry)));
  if (entries == nullptr) {
    store_.release_host(more);
    return false;
  }
  vm_.entries = entries;
  capacity_ = capacity;
  return true;
}

std::optional<std::uint64_t> Table::grow(std::uint64_t delta, ValueSlot init) {
  const std::uint64_t old = vm_.size;
  const std::uint64_t top = is_64() ? ~std::uint64_t{0} : 0xFFFFFFFFU;
  const std::uint64_t max = std::min(type_.limits.max.value_or(top), top);
  if (delta > max - std::min(old, max)) return std::nullopt;
  const std::uint64_t size = old + delta;
  if (size > max_elements || !store_.charge_table(delta)) return std::nullopt;
  // Twice the size makes many small steps cheap; near a limit exactly what is asked for.
  if (size > capacity_ && !reserve(std::min(std::max(size, old * 2), max)) && !reserve(size)) {
    store_.release_table(delta);
    return std::nullopt;
  }
  std::fill(vm_.entries + old, vm_.entries + size, TableEntry{});
  vm_.size = size;
  if (init != 0) {
    for (std::uint64_t i = old; i < size; ++i) set(i, init);
  }
  return old;
}

}  // namespace tenon::engine

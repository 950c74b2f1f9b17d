// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/table.h"

#include <algorithm>
#include <cstdlib>

#include "tenon/engine/store.h"

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
  if (n > SIZE_MAX / sizeof(TableEntry)) return nullptr;
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

std::optional<std::uint64_t> Table::grow(std::uint64_t delta, ValueSlot init) {
  const std::uint64_t old = vm_.size;
  const std::uint64_t top = is_64() ? ~std::uint64_t{0} : 0xFFFFFFFFU;
  const std::uint64_t max = std::min(type_.limits.max.value_or(top), top);
  if (delta > max - std::min(old, max)) return std::nullopt;
  const std::uint64_t size = old + delta;
  if (size > SIZE_MAX / sizeof(TableEntry) || !store_.charge_table(delta)) return std::nullopt;
  if (size > capacity_) {
    const std::uint64_t capacity = std::min(std::max(size, old * 2), max);
    auto* entries =
        static_cast<TableEntry*>(std::realloc(vm_.entries, capacity * sizeof(TableEntry)));
    if (entries == nullptr) return std::nullopt;
    vm_.entries = entries;
    capacity_ = capacity;
  }
  std::fill(vm_.entries + old, vm_.entries + size, TableEntry{});
  vm_.size = size;
  if (init != 0) {
    for (std::uint64_t i = old; i < size; ++i) set(i, init);
  }
  return old;
}

}  // namespace tenon::engine

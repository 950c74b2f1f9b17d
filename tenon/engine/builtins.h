// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include "tenon/core/types.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/guest_bytes.h"
#include "tenon/engine/table.h"
#include "tenon/engine/vmcontext.h"

// The bodies of operators that are more than a few instructions: bulk memory, tables, the heap,
// casts, exceptions. Code of every tier calls them, with the instance first and operands as words:
// addresses and lengths are widened already, indices are those of the module. What is a load or
// two (struct.get, array.set, i31.get_s and their like) each tier makes itself.
//
// Operands in a row lie on the value stack, where the collector sees them. An allocation may
// collect: slots from `top` on, or behind the row, are dead then. A result is written to `out` only
// when there is no trap.
namespace tenon::engine {

/// How a builtin ended: 0, or one more than the code of a trap. One register in every tier.
enum class Trapped : std::uint32_t { no };
constexpr Trapped trapped(TrapCode code) {
  return std::bit_cast<Trapped>(std::to_underlying(code) + 1U);
}
/// The code of one that is not `no`.
constexpr TrapCode trap_of(Trapped trapped) {
  return static_cast<TrapCode>(std::to_underlying(trapped) - 1U);
}

namespace builtins {

/// Whether [at, at + n) lies in [0, size).
inline bool inside(std::uint64_t at, std::uint64_t n, std::uint64_t size) {
  return at <= size && n <= size - at;
}
inline std::uint64_t size_of(const VMMemory* memory) {
  return memory->bytes.load(std::memory_order_relaxed);
}

// Memories. Spec: core/exec/instructions "memory.grow" and what follows.
/// In pages.
[[nodiscard]] std::uint64_t memory_size(const VMContext* vm, std::uint32_t memory);
/// The old size in pages, or -1 of the memory's address type.
[[nodiscard]] std::uint64_t memory_grow(VMContext* vm, std::uint32_t memory, std::uint64_t delta);
[[nodiscard]] inline Trapped memory_fill(VMContext* vm, std::uint32_t memory, std::uint64_t dst,
                                         std::uint8_t value, std::uint64_t n) {
  const VMMemory* m = vm->mems[memory];
  if (!inside(dst, n, size_of(m))) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_memory);
  guest_fill(m->base + dst, value, n);
  return Trapped::no;
}
[[nodiscard]] inline Trapped memory_copy(VMContext* vm, std::uint32_t to, std::uint32_t from,
                                         std::uint64_t dst, std::uint64_t src, std::uint64_t n) {
  const VMMemory* t = vm->mems[to];
  const VMMemory* f = vm->mems[from];
  if (!inside(src, n, size_of(f)) || !inside(dst, n, size_of(t))) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_memory);
  guest_copy(t->base + dst, f->base + src, n);
  return Trapped::no;
}
[[nodiscard]] Trapped memory_init(VMContext* vm, std::uint32_t memory, std::uint32_t data,
                                  std::uint64_t dst, std::uint32_t src, std::uint32_t n);
void data_drop(VMContext* vm, std::uint32_t data);

// Tables.
[[nodiscard]] inline Trapped table_get(const VMContext* vm, std::uint32_t table,
                                       std::uint64_t index, ValueSlot* out) {
  const VMTable* t = vm->tables[table];
  if (index >= t->size) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_table);
  *out = t->entries[index].ref;
  return Trapped::no;
}
[[nodiscard]] inline Trapped table_set(VMContext* vm, std::uint32_t table, std::uint64_t index,
                                       ValueSlot value) {
  const VMTable* t = vm->tables[table];
  if (index >= t->size) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_table);
  t->table->set(index, value);
  return Trapped::no;
}
/// The old size, or -1 of the table's address type.
[[nodiscard]] std::uint64_t table_grow(VMContext* vm, std::uint32_t table, std::uint64_t delta,
                                       ValueSlot value);
[[nodiscard]] Trapped table_fill(VMContext* vm, std::uint32_t table, std::uint64_t dst,
                                 ValueSlot value, std::uint64_t n);
[[nodiscard]] Trapped table_copy(VMContext* vm, std::uint32_t to, std::uint32_t from,
                                 std::uint64_t dst, std::uint64_t src, std::uint64_t n);
[[nodiscard]] Trapped table_init(VMContext* vm, std::uint32_t table, std::uint32_t elem,
                                 std::uint64_t dst, std::uint32_t src, std::uint32_t n);
void elem_drop(VMContext* vm, std::uint32_t elem);
[[nodiscard]] ValueSlot ref_func(VMContext* vm, std::uint32_t func);

// Structures.
/// `fields` in a row, one or two slots each.
[[nodiscard]] Trapped struct_new(VMContext* vm, std::uint32_t type, const ValueSlot* fields,
                                 ValueSlot* out);
[[nodiscard]] Trapped struct_new_default(VMContext* vm, std::uint32_t type, const ValueSlot* top,
                                         ValueSlot* out);

// Arrays. A value is one slot, of vectors two.
[[nodiscard]] Trapped array_new(VMContext* vm, std::uint32_t type, std::uint32_t n,
                                const ValueSlot* value, const ValueSlot* top, ValueSlot* out);
[[nodiscard]] Trapped array_new_default(VMContext* vm, std::uint32_t type, std::uint32_t n,
                                        const ValueSlot* top, ValueSlot* out);
/// `values` in a row.
[[nodiscard]] Trapped array_new_fixed(VMContext* vm, std::uint32_t type, std::uint32_t n,
                                      const ValueSlot* values, ValueSlot* out);
[[nodiscard]] Trapped array_new_data(VMContext* vm, std::uint32_t type, std::uint32_t data,
                                     std::uint32_t src, std::uint32_t n, const ValueSlot* top,
                                     ValueSlot* out);
[[nodiscard]] Trapped array_new_elem(VMContext* vm, std::uint32_t type, std::uint32_t elem,
                                     std::uint32_t src, std::uint32_t n, const ValueSlot* top,
                                     ValueSlot* out);
[[nodiscard]] Trapped array_fill(ValueSlot array, std::uint32_t at, const ValueSlot* value,
                                 std::uint32_t n);
[[nodiscard]] Trapped array_copy(ValueSlot to, std::uint32_t dst, ValueSlot from, std::uint32_t src,
                                 std::uint32_t n);
[[nodiscard]] Trapped array_init_data(VMContext* vm, std::uint32_t data, ValueSlot array,
                                      std::uint32_t dst, std::uint32_t src, std::uint32_t n);
[[nodiscard]] Trapped array_init_elem(VMContext* vm, std::uint32_t elem, ValueSlot array,
                                      std::uint32_t dst, std::uint32_t src, std::uint32_t n);

/// Whether a reference that is not null is of an abstract heap type.
[[nodiscard]] bool is_of_abstract(ValueSlot ref, core::TypeCode type);
/// Whether a reference is of a type of the module. Spec: core/exec/instructions "ref.test".
[[nodiscard]] inline bool ref_test(const VMContext* vm, ValueSlot ref, core::HeapType heap,
                                   bool nullable) {
  if (ref == 0) return nullable;
  const AnyRef any{ref};
  const auto* object = std::bit_cast<const GcObject*>(ref);
  if (heap.is_defined()) {
    const RuntimeType* want = vm->types[heap.index().value];
    if (want->kind == core::CompType::Kind::func)
      return std::bit_cast<FuncRef*>(ref)->type->is_subtype_of(want);
    return any.is_object() && object->type != nullptr && object->type->is_subtype_of(want);
  }
  return is_of_abstract(ref, heap.code());
}

/// Makes an exception and leaves it in `Execution::pending_exception`; the caller unwinds.
[[nodiscard]] Trapped throw_new(VMContext* vm, std::uint32_t tag, const ValueSlot* payload);

}  // namespace builtins
}  // namespace tenon::engine

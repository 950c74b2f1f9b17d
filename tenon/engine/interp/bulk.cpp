// SPDX-License-Identifier: Apache-2.0
// Memories, tables, segments and references as wholes. Every range is checked before the first byte
// moves, and an interruption is never looked for inside.
#include "tenon/base/narrow.h"
#include "tenon/engine/guest_bytes.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/interp/exec.h"

namespace tenon::engine::interp {

namespace {

/// Whether [at, at + n) lies in [0, size).
inline bool inside(u64 at, u64 n, u64 size) {
  return at <= size && n <= size - at;
}

/// An operand that has the address type of its memory or table.
inline u64 address(Slot s, bool wide) {
  return wide ? s : low_bits<u32>(s);
}

inline bool wide(const VMMemory* m) {
  return m->memory->is_64();
}
inline bool wide(const VMTable* t) {
  return t->table->is_64();
}

/// The first of three operands in a row is at slot `a`.
inline Slot* operands(const Insn* pc, Slot* fp) {
  return fp + pc->a;
}

TrapCode do_memory_init(VMContext* vm, const Slot* at, u32 data, u32 memory) {
  const VMMemory* m = vm->mems[memory];
  const ByteSpan bytes = vm->instance->data(data);
  const u64 dst = address(at[0], wide(m));
  const u64 src = low_bits<u32>(at[1]);
  const u64 n = low_bits<u32>(at[2]);
  if (!inside(src, n, bytes.size()) || !inside(dst, n, m->bytes.load(std::memory_order_relaxed)))
    return TrapCode::out_of_bounds_memory;
  guest_copy(m->base + dst, bytes.data() + src, n);
  return TrapCode::unreachable;
}

}  // namespace

namespace ops {

/// {a: dst, imm: memory}.
TENON_OP_FN(memory_size) {
  acc = vm->mems[pc->imm]->memory->pages();
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, b: delta, imm: memory}.
TENON_OP_FN(memory_grow) {
  Memory& memory = *vm->mems[pc->imm]->memory;
  const u64 delta = address(fp[pc->b], memory.is_64());
  const auto old = memory.grow(delta, *vm->store->store);
  acc = old ? *old : memory.is_64() ? ~u64{0} : 0xFFFFFFFFU;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, value, n in a row; imm: memory}.
TENON_OP_FN(memory_fill) {
  const Slot* at = operands(pc, fp);
  const VMMemory* m = vm->mems[pc->imm];
  const u64 dst = address(at[0], wide(m));
  const u64 n = address(at[2], wide(m));
  if (!inside(dst, n, m->bytes.load(std::memory_order_relaxed))) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  guest_fill(m->base + dst, low_bits<u8>(at[1]), n);
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; c: dst memory, d: src memory}.
TENON_OP_FN(memory_copy) {
  const Slot* at = operands(pc, fp);
  const VMMemory* to = vm->mems[pc->c()];
  const VMMemory* from = vm->mems[pc->d()];
  const u64 dst = address(at[0], wide(to));
  const u64 src = address(at[1], wide(from));
  const u64 n = address(at[2], wide(to) && wide(from));
  if (!inside(src, n, from->bytes.load(std::memory_order_relaxed)) ||
      !inside(dst, n, to->bytes.load(std::memory_order_relaxed))) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  guest_copy(to->base + dst, from->base + src, n);
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; imm: segment}{imm: memory}.
TENON_OP_FN(memory_init) {
  const TrapCode code = do_memory_init(vm, operands(pc, fp), pc->imm, pc[1].imm);
  if (code != TrapCode::unreachable) [[unlikely]]
    TENON_TRAP_OUT(code);
  TENON_NEXT(2);
}
TENON_OP_FN(data_drop) {
  vm->instance->drop_data(pc->imm);
  TENON_NEXT(1);
}

/// {a: dst, b: index, imm: table}.
TENON_OP_FN(table_get) {
  const VMTable* t = vm->tables[pc->imm];
  const u64 index = address(fp[pc->b], wide(t));
  if (index >= t->size) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  acc = t->entries[index].ref;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: index, b: value, imm: table}.
TENON_OP_FN(table_set) {
  VMTable* t = vm->tables[pc->imm];
  const u64 index = address(fp[pc->a], wide(t));
  if (index >= t->size) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  t->table->set(index, fp[pc->b]);
  TENON_NEXT(1);
}
TENON_OP_FN(table_size) {
  acc = vm->tables[pc->imm]->size;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: value then delta in a row, and the result; imm: table}.
TENON_OP_FN(table_grow) {
  VMTable* t = vm->tables[pc->imm];
  const u64 delta = address(fp[pc->a + 1], wide(t));
  const auto old = t->table->grow(delta, fp[pc->a]);
  acc = old ? *old : wide(t) ? ~u64{0} : 0xFFFFFFFFU;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: index, value, n in a row; imm: table}.
TENON_OP_FN(table_fill) {
  const Slot* at = operands(pc, fp);
  VMTable* t = vm->tables[pc->imm];
  const u64 dst = address(at[0], wide(t));
  const u64 n = address(at[2], wide(t));
  if (!inside(dst, n, t->size)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  for (u64 i = 0; i < n; ++i) t->table->set(dst + i, at[1]);
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; c: dst table, d: src table}.
TENON_OP_FN(table_copy) {
  const Slot* at = operands(pc, fp);
  VMTable* to = vm->tables[pc->c()];
  const VMTable* from = vm->tables[pc->d()];
  const u64 dst = address(at[0], wide(to));
  const u64 src = address(at[1], wide(from));
  const u64 n = address(at[2], wide(to) && wide(from));
  if (!inside(src, n, from->size) || !inside(dst, n, to->size)) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  if (n != 0) std::memmove(to->entries + dst, from->entries + src, n * sizeof(TableEntry));
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; imm: segment}{imm: table}.
TENON_OP_FN(table_init) {
  const Slot* at = operands(pc, fp);
  VMTable* t = vm->tables[pc[1].imm];
  const u64 dst = address(at[0], wide(t));
  if (!vm->instance->init_table(*t->table, pc->imm, dst, low_bits<u32>(at[1]),
                                low_bits<u32>(at[2]))) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_table);
  TENON_NEXT(2);
}
TENON_OP_FN(elem_drop) {
  vm->instance->drop_elem(pc->imm);
  TENON_NEXT(1);
}

/// {a: dst, imm: function}.
TENON_OP_FN(ref_func) {
  acc = std::bit_cast<u64>(vm->instance->func_ref(pc->imm));
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, b: reference}.
TENON_OP_FN(ref_is_null) {
  acc = fp[pc->b] == 0 ? 1 : 0;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: reference}.
TENON_OP_FN(ref_as_non_null) {
  if (fp[pc->a] == 0) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::null_reference);
  TENON_NEXT(1);
}

}  // namespace ops
}  // namespace tenon::engine::interp

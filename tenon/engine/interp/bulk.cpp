// SPDX-License-Identifier: Apache-2.0
// Memories, tables, segments and references as wholes: handlers that take the operands from their
// slots; what is done with them is a builtin's.
#include "tenon/base/narrow.h"
#include "tenon/engine/builtins.h"
#include "tenon/engine/interp/exec.h"
#include "tenon/engine/memory.h"

namespace tenon::engine::interp {

namespace {

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

}  // namespace

namespace ops {

/// {a: dst, imm: memory}.
TENON_OP_FN(memory_size) {
  acc = builtins::memory_size(vm, pc->imm);
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, b: delta, imm: memory}.
TENON_OP_FN(memory_grow) {
  acc = builtins::memory_grow(vm, pc->imm, address(fp[pc->b], wide(vm->mems[pc->imm])));
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: dst, value, n in a row; imm: memory}.
TENON_OP_FN(memory_fill) {
  const Slot* at = fp + pc->a;
  const bool w = wide(vm->mems[pc->imm]);
  TENON_BUILTIN(builtins::memory_fill(vm, pc->imm, address(at[0], w), low_bits<u8>(at[1]),
                                      address(at[2], w)));
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; c: dst memory, d: src memory}.
TENON_OP_FN(memory_copy) {
  const Slot* at = fp + pc->a;
  const bool to = wide(vm->mems[pc->c()]);
  const bool from = wide(vm->mems[pc->d()]);
  TENON_BUILTIN(builtins::memory_copy(vm, pc->c(), pc->d(), address(at[0], to),
                                      address(at[1], from), address(at[2], to && from)));
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; imm: segment}{imm: memory}.
TENON_OP_FN(memory_init) {
  const Slot* at = fp + pc->a;
  const u64 dst = address(at[0], wide(vm->mems[pc[1].imm]));
  TENON_BUILTIN(builtins::memory_init(vm, pc[1].imm, pc->imm, dst, low_bits<u32>(at[1]),
                                      low_bits<u32>(at[2])));
  TENON_NEXT(2);
}
TENON_OP_FN(data_drop) {
  builtins::data_drop(vm, pc->imm);
  TENON_NEXT(1);
}

/// {a: dst, b: index, imm: table}.
TENON_OP_FN(table_get) {
  const u64 index = address(fp[pc->b], wide(vm->tables[pc->imm]));
  TENON_BUILTIN(builtins::table_get(vm, pc->imm, index, fp + pc->a));
  acc = fp[pc->a];
  TENON_NEXT(1);
}
/// {a: index, b: value, imm: table}.
TENON_OP_FN(table_set) {
  const u64 index = address(fp[pc->a], wide(vm->tables[pc->imm]));
  TENON_BUILTIN(builtins::table_set(vm, pc->imm, index, fp[pc->b]));
  TENON_NEXT(1);
}
TENON_OP_FN(table_size) {
  acc = vm->tables[pc->imm]->size;
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: value then delta in a row, and the result; imm: table}.
TENON_OP_FN(table_grow) {
  const u64 delta = address(fp[pc->a + 1], wide(vm->tables[pc->imm]));
  acc = builtins::table_grow(vm, pc->imm, delta, fp[pc->a]);
  fp[pc->a] = acc;
  TENON_NEXT(1);
}
/// {a: index, value, n in a row; imm: table}.
TENON_OP_FN(table_fill) {
  const Slot* at = fp + pc->a;
  const bool w = wide(vm->tables[pc->imm]);
  TENON_BUILTIN(builtins::table_fill(vm, pc->imm, address(at[0], w), at[1], address(at[2], w)));
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; c: dst table, d: src table}.
TENON_OP_FN(table_copy) {
  const Slot* at = fp + pc->a;
  const bool to = wide(vm->tables[pc->c()]);
  const bool from = wide(vm->tables[pc->d()]);
  TENON_BUILTIN(builtins::table_copy(vm, pc->c(), pc->d(), address(at[0], to), address(at[1], from),
                                     address(at[2], to && from)));
  TENON_NEXT(1);
}
/// {a: dst, src, n in a row; imm: segment}{imm: table}.
TENON_OP_FN(table_init) {
  const Slot* at = fp + pc->a;
  const u64 dst = address(at[0], wide(vm->tables[pc[1].imm]));
  TENON_BUILTIN(builtins::table_init(vm, pc[1].imm, pc->imm, dst, low_bits<u32>(at[1]),
                                     low_bits<u32>(at[2])));
  TENON_NEXT(2);
}
TENON_OP_FN(elem_drop) {
  builtins::elem_drop(vm, pc->imm);
  TENON_NEXT(1);
}

/// {a: dst, imm: function}.
TENON_OP_FN(ref_func) {
  acc = builtins::ref_func(vm, pc->imm);
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

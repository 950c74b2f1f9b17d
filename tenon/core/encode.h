// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/core/module.h"
#include "tenon/core/op.h"

namespace tenon::core {

/// Writes a module: the inverse of `decode`. What was read from canonical bytes (no integer longer
/// than it needs be, no section split up) comes out as the same bytes, custom sections in their
/// places. Spec: core/binary/modules.
[[nodiscard]] std::vector<std::uint8_t> encode(const Module& module);

// Writers of the binary format of types. Spec: core/binary/types.

void write_valtype(Writer& out, ValType type);
void write_storagetype(Writer& out, StorageType type);
void write_heaptype(Writer& out, HeapType type);
void write_functype(Writer& out, const FuncType& type);
void write_comptype(Writer& out, const CompType& type);
void write_subtype(Writer& out, const SubType& type);
void write_tabletype(Writer& out, const TableType& type);
void write_memtype(Writer& out, const MemType& type);
void write_globaltype(Writer& out, const GlobalType& type);
void write_tagtype(Writer& out, const TagType& type);
void write_externtype(Writer& out, const ExternType& type);
void write_blocktype(Writer& out, const BlockType& type);

// Writers of operators. Spec: core/binary/instructions.

/// One byte, or prefix and number.
void write_opcode(Writer& out, Op op);
void write_imm(Writer& out, const NoImm& imm);
void write_imm(Writer& out, const BlockImm& imm);
void write_imm(Writer& out, const TryTableImm& imm);
void write_imm(Writer& out, const BrTableImm& imm);
void write_imm(Writer& out, const SelectImm& imm);
void write_imm(Writer& out, const LabelImm& imm);
void write_imm(Writer& out, const FuncImm& imm);
void write_imm(Writer& out, const CallIndirectImm& imm);
void write_imm(Writer& out, const TypeImm& imm);
void write_imm(Writer& out, const TagImm& imm);
void write_imm(Writer& out, const LocalImm& imm);
void write_imm(Writer& out, const GlobalImm& imm);
void write_imm(Writer& out, const TableImm& imm);
void write_imm(Writer& out, const TableInitImm& imm);
void write_imm(Writer& out, const TableCopyImm& imm);
void write_imm(Writer& out, const ElemImm& imm);
void write_imm(Writer& out, const MemImm& imm);
void write_imm(Writer& out, const MemInitImm& imm);
void write_imm(Writer& out, const MemCopyImm& imm);
void write_imm(Writer& out, const DataImm& imm);
void write_imm(Writer& out, const MemArgImm& imm);
void write_imm(Writer& out, const MemArgLaneImm& imm);
void write_imm(Writer& out, const I32Imm& imm);
void write_imm(Writer& out, const I64Imm& imm);
void write_imm(Writer& out, const F32Imm& imm);
void write_imm(Writer& out, const F64Imm& imm);
void write_imm(Writer& out, const V128Imm& imm);
void write_imm(Writer& out, const LaneImm& imm);
void write_imm(Writer& out, const ShuffleImm& imm);
void write_imm(Writer& out, const HeapTypeImm& imm);
void write_imm(Writer& out, const FieldImm& imm);
void write_imm(Writer& out, const ArrayFixedImm& imm);
void write_imm(Writer& out, const ArrayDataImm& imm);
void write_imm(Writer& out, const ArrayElemImm& imm);
void write_imm(Writer& out, const ArrayCopyImm& imm);
void write_imm(Writer& out, const BrOnCastImm& imm);
void write_imm(Writer& out, const FenceImm& imm);

/// One operator with its immediates: `write_op<Op::i32_const>(out, {42})`.
template <Op op>
void write_op(Writer& out, const ImmOf<op>& imm = {}) {
  write_opcode(out, op);
  write_imm(out, imm);
}

}  // namespace tenon::core

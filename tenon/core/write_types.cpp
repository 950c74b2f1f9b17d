// SPDX-License-Identifier: Apache-2.0
// Writers of types and operators. Spec: core/binary/types, core/binary/instructions.
#include "tenon/core/encode.h"

namespace tenon::core {

namespace {

void write_code(Writer& out, TypeCode code) {
  out.u8(static_cast<std::uint8_t>(code));
}

template <class I>
void write_index(Writer& out, I index) {
  out.u32(index.value);
}

void write_types(Writer& out, const std::vector<ValType>& types) {
  out.u32(static_cast<std::uint32_t>(types.size()));
  for (const ValType t : types) write_valtype(out, t);
}

void write_field(Writer& out, const FieldType& field) {
  write_storagetype(out, field.type);
  out.u8(field.mutable_ ? 1 : 0);
}

void write_limits(Writer& out, const Limits& limits, AddrType addr, bool shared, bool page_size) {
  out.u8(static_cast<std::uint8_t>((limits.max ? 1U : 0U) | (shared ? 2U : 0U) |
                                   (addr == AddrType::i64 ? 4U : 0U) | (page_size ? 8U : 0U)));
  out.u64(limits.min);
  if (limits.max) out.u64(*limits.max);
}

}  // namespace

void write_heaptype(Writer& out, HeapType type) {
  if (type.is_defined()) {
    out.s64(type.index().value);
  } else {
    write_code(out, type.code());
  }
}

void write_valtype(Writer& out, ValType type) {
  if (!type.is_ref()) return write_code(out, type.code());
  // The short form where there is one: a nullable reference to an abstract type.
  if (!type.nullable() || type.heap().is_defined()) {
    write_code(out, type.nullable() ? TypeCode::ref_null : TypeCode::ref);
  }
  write_heaptype(out, type.heap());
}

void write_storagetype(Writer& out, StorageType type) {
  write_valtype(out, type);
}

void write_functype(Writer& out, const FuncType& type) {
  write_code(out, TypeCode::functype);
  write_types(out, type.params);
  write_types(out, type.results);
}

void write_comptype(Writer& out, const CompType& type) {
  switch (type.kind) {
    case CompType::Kind::func:
      write_functype(out, type.func);
      break;
    case CompType::Kind::struct_:
      write_code(out, TypeCode::structtype);
      out.u32(static_cast<std::uint32_t>(type.fields.size()));
      for (const FieldType& field : type.fields) write_field(out, field);
      break;
    case CompType::Kind::array:
      write_code(out, TypeCode::arraytype);
      write_field(out, type.fields.front());
      break;
  }
}

void write_subtype(Writer& out, const SubType& type) {
  if (!type.final_ || !type.supers.empty()) {
    write_code(out, type.final_ ? TypeCode::sub_final : TypeCode::sub);
    out.u32(static_cast<std::uint32_t>(type.supers.size()));
    for (const TypeIdx super : type.supers) write_index(out, super);
  }
  write_comptype(out, type.type);
}

void write_tabletype(Writer& out, const TableType& type) {
  write_valtype(out, type.elem);
  write_limits(out, type.limits, type.addr, type.shared, false);
}

void write_memtype(Writer& out, const MemType& type) {
  write_limits(out, type.limits, type.addr, type.shared, type.page_size_log2.has_value());
  if (type.page_size_log2) out.u32(*type.page_size_log2);
}

void write_globaltype(Writer& out, const GlobalType& type) {
  write_valtype(out, type.type);
  out.u8(static_cast<std::uint8_t>((type.mutable_ ? 1U : 0U) | (type.shared ? 2U : 0U)));
}

void write_tagtype(Writer& out, const TagType& type) {
  out.u8(0);
  write_index(out, type.type);
}

void write_externtype(Writer& out, const ExternType& type) {
  out.u8(static_cast<std::uint8_t>(type.kind));
  switch (type.kind) {
    case ExternKind::func:
      write_index(out, type.func);
      break;
    case ExternKind::table:
      write_tabletype(out, type.table);
      break;
    case ExternKind::mem:
      write_memtype(out, type.mem);
      break;
    case ExternKind::global:
      write_globaltype(out, type.global);
      break;
    case ExternKind::tag:
      write_tagtype(out, type.tag);
      break;
  }
}

void write_blocktype(Writer& out, const BlockType& type) {
  switch (type.kind) {
    case BlockType::Kind::empty:
      write_code(out, TypeCode::empty);
      break;
    case BlockType::Kind::value:
      write_valtype(out, type.value);
      break;
    case BlockType::Kind::type:
      out.s64(type.type.value);
      break;
  }
}

void write_opcode(Writer& out, Op op) {
  const OpInfo& row = info(op);
  if (row.has_prefix()) {
    out.u8(row.prefix());
    out.u32(row.sub());
  } else {
    out.u8(static_cast<std::uint8_t>(row.opcode));
  }
}

void write_imm(Writer& /*out*/, const NoImm& /*imm*/) {}
void write_imm(Writer& out, const BlockImm& imm) {
  write_blocktype(out, imm.type);
}
void write_imm(Writer& out, const TryTableImm& imm) {
  write_blocktype(out, imm.type);
  out.u32(static_cast<std::uint32_t>(imm.catches.size()));
  for (const Catch& clause : imm.catches) {
    out.u8(static_cast<std::uint8_t>(clause.kind));
    if (clause.kind == Catch::Kind::catch_ || clause.kind == Catch::Kind::catch_ref) {
      write_index(out, clause.tag);
    }
    write_index(out, clause.label);
  }
}
void write_imm(Writer& out, const BrTableImm& imm) {
  out.u32(static_cast<std::uint32_t>(imm.labels.size()));
  for (const LabelIdx label : imm.labels) write_index(out, label);
  write_index(out, imm.default_);
}
void write_imm(Writer& out, const SelectImm& imm) {
  out.u32(static_cast<std::uint32_t>(imm.types.size()));
  for (const ValType t : imm.types) write_valtype(out, t);
}
void write_imm(Writer& out, const LabelImm& imm) {
  write_index(out, imm.label);
}
void write_imm(Writer& out, const FuncImm& imm) {
  write_index(out, imm.func);
}
void write_imm(Writer& out, const CallIndirectImm& imm) {
  write_index(out, imm.type);
  write_index(out, imm.table);
}
void write_imm(Writer& out, const TypeImm& imm) {
  write_index(out, imm.type);
}
void write_imm(Writer& out, const TagImm& imm) {
  write_index(out, imm.tag);
}
void write_imm(Writer& out, const LocalImm& imm) {
  write_index(out, imm.local);
}
void write_imm(Writer& out, const GlobalImm& imm) {
  write_index(out, imm.global);
}
void write_imm(Writer& out, const TableImm& imm) {
  write_index(out, imm.table);
}
void write_imm(Writer& out, const TableInitImm& imm) {
  write_index(out, imm.elem);
  write_index(out, imm.table);
}
void write_imm(Writer& out, const TableCopyImm& imm) {
  write_index(out, imm.dst);
  write_index(out, imm.src);
}
void write_imm(Writer& out, const ElemImm& imm) {
  write_index(out, imm.elem);
}
void write_imm(Writer& out, const MemImm& imm) {
  write_index(out, imm.mem);
}
void write_imm(Writer& out, const MemInitImm& imm) {
  write_index(out, imm.data);
  write_index(out, imm.mem);
}
void write_imm(Writer& out, const MemCopyImm& imm) {
  write_index(out, imm.dst);
  write_index(out, imm.src);
}
void write_imm(Writer& out, const DataImm& imm) {
  write_index(out, imm.data);
}
void write_imm(Writer& out, const MemArgImm& imm) {
  out.u32(imm.align | (imm.mem.value != 0 ? 0x40U : 0U));
  if (imm.mem.value != 0) write_index(out, imm.mem);
  out.u64(imm.offset);
}
void write_imm(Writer& out, const MemArgLaneImm& imm) {
  write_imm(out, imm.mem);
  out.u8(imm.lane);
}
void write_imm(Writer& out, const I32Imm& imm) {
  out.s32(imm.value);
}
void write_imm(Writer& out, const I64Imm& imm) {
  out.s64(imm.value);
}
void write_imm(Writer& out, const F32Imm& imm) {
  out.fixed_u32(imm.bits);
}
void write_imm(Writer& out, const F64Imm& imm) {
  out.fixed_u64(imm.bits);
}
void write_imm(Writer& out, const V128Imm& imm) {
  out.bytes(imm.bytes);
}
void write_imm(Writer& out, const LaneImm& imm) {
  out.u8(imm.lane);
}
void write_imm(Writer& out, const ShuffleImm& imm) {
  out.bytes(imm.lanes);
}
void write_imm(Writer& out, const HeapTypeImm& imm) {
  write_heaptype(out, imm.heap);
}
void write_imm(Writer& out, const FieldImm& imm) {
  write_index(out, imm.type);
  write_index(out, imm.field);
}
void write_imm(Writer& out, const ArrayFixedImm& imm) {
  write_index(out, imm.type);
  out.u32(imm.count);
}
void write_imm(Writer& out, const ArrayDataImm& imm) {
  write_index(out, imm.type);
  write_index(out, imm.data);
}
void write_imm(Writer& out, const ArrayElemImm& imm) {
  write_index(out, imm.type);
  write_index(out, imm.elem);
}
void write_imm(Writer& out, const ArrayCopyImm& imm) {
  write_index(out, imm.dst);
  write_index(out, imm.src);
}
void write_imm(Writer& out, const BrOnCastImm& imm) {
  out.u8(
      static_cast<std::uint8_t>((imm.from.nullable() ? 1U : 0U) | (imm.to.nullable() ? 2U : 0U)));
  write_index(out, imm.label);
  write_heaptype(out, imm.from.heap());
  write_heaptype(out, imm.to.heap());
}
void write_imm(Writer& out, const FenceImm& /*imm*/) {
  out.u8(0);
}

}  // namespace tenon::core

// SPDX-License-Identifier: Apache-2.0
// Operators on references, structures and arrays.
// Spec: core/valid/instructions "Reference Instructions", "Aggregate Instructions".
#include <fmt/format.h>

#include "tenon/core/validate_expr.h"

namespace tenon::core {

namespace {

ValType unpacked(StorageType type) {
  return type.is_packed() ? ValType(TypeCode::i32) : type;
}
ValType non_null(TypeIdx type) {
  return ValType::ref(type, false);
}
ValType nullable(TypeIdx type) {
  return ValType::ref(type, true);
}

}  // namespace

bool ExprChecker::ref_null(HeapType heap) {
  if (!check_heap_type(heap)) return false;
  push(ValType::ref(heap, true));
  return true;
}

bool ExprChecker::ref_is_null() {
  ValType type;
  if (!pop_ref(type)) return false;
  push(TypeCode::i32);
  return true;
}

bool ExprChecker::ref_as_non_null() {
  ValType type;
  if (!pop_ref(type)) return false;
  push(type.as_non_null());
  return true;
}

bool ExprChecker::const_ref_func(FuncImm imm) {
  if (imm.func.value >= module_->func_types.size()) {
    return fail(rules::unknown_func, fmt::format("function {}", imm.func.value));
  }
  push(non_null(module_->func_types[imm.func.value]));
  return true;
}

bool ExprChecker::ref_func(FuncIdx f) {
  if (!const_ref_func({f})) return false;
  return context_->is_declared(f) ||
         fail(rules::undeclared_ref, fmt::format("function {}", f.value));
}

bool ExprChecker::ref_eq() {
  const ValType eqref = ValType::ref(TypeCode::eq, true);
  if (!pop(eqref) || !pop(eqref)) return false;
  push(TypeCode::i32);
  return true;
}

/// ref.test and ref.cast take any operand of the hierarchy that the type belongs to.
bool ExprChecker::ref_test(Op op, HeapType heap) {
  if (!check_heap_type(heap)) return false;
  TypeCode top = TypeCode::any;
  for (const TypeCode candidate : {TypeCode::func, TypeCode::extern_, TypeCode::exn}) {
    if (context_->matcher().matches(heap, HeapType(candidate))) top = candidate;
  }
  if (top_ != base_) popped_ = top_[-1];
  if (!pop(ValType::ref(top, true))) return false;
  if (op == Op::ref_cast || op == Op::ref_cast_null) {
    push(ValType::ref(heap, op == Op::ref_cast_null));
  } else {
    push(TypeCode::i32);
  }
  return true;
}

bool ExprChecker::convert_extern(TypeCode from, TypeCode to) {
  ValType type;
  if (!pop_ref(type)) return false;
  if (!context_->matcher().matches(type, ValType::ref(from, true))) {
    return mismatch(type, ValType::ref(from, true));
  }
  push(ValType::ref(to, type.nullable()));
  return true;
}

const std::vector<FieldType>* ExprChecker::fields_of(TypeIdx i, CompType::Kind kind) {
  if (!check_type_index(i)) return nullptr;
  const CompType& type = module_->types[i].type;
  if (type.kind == kind) return &type.fields;
  fail(rules::type_mismatch,
       fmt::format("type {} is not {}", i.value,
                   kind == CompType::Kind::struct_ ? "a structure type" : "an array type"));
  return nullptr;
}

const FieldType* ExprChecker::array_field(TypeIdx i, bool must_be_mutable) {
  const std::vector<FieldType>* fields = fields_of(i, CompType::Kind::array);
  if (fields == nullptr) return nullptr;
  const FieldType& field = fields->front();
  if (!must_be_mutable || field.mutable_) return &field;
  fail(rules::immutable_array, fmt::format("type {}", i.value));
  return nullptr;
}

bool ExprChecker::struct_new(Op op, TypeIdx type) {
  const std::vector<FieldType>* fields = fields_of(type, CompType::Kind::struct_);
  if (fields == nullptr) return false;
  for (std::size_t i = fields->size(); i-- > 0;) {
    const ValType t = unpacked((*fields)[i].type);
    if (op == Op::struct_new) {
      if (!pop(t)) return false;
    } else if (!t.is_defaultable()) {
      return fail(rules::type_mismatch,
                  fmt::format("field {} of type {} has no default", i, to_string(t)));
    }
  }
  push(non_null(type));
  return true;
}

bool ExprChecker::struct_access(Op op, const FieldImm& imm) {
  const std::vector<FieldType>* fields = fields_of(imm.type, CompType::Kind::struct_);
  if (fields == nullptr) return false;
  if (imm.field.value >= fields->size()) {
    return fail(rules::unknown_field,
                fmt::format("field {}, {} fields", imm.field.value, fields->size()));
  }
  const FieldType& field = (*fields)[imm.field.value];
  const ValType t = unpacked(field.type);
  if (op == Op::struct_set) {
    if (!field.mutable_)
      return fail(rules::immutable_field, fmt::format("field {}", imm.field.value));
    return pop(t) && pop(nullable(imm.type));
  }
  if (field.type.is_packed() == (op == Op::struct_get)) {
    return fail(rules::type_mismatch,
                fmt::format("field {} is {}", imm.field.value, to_string(field.type)));
  }
  if (!pop(nullable(imm.type))) return false;
  push(t);
  return true;
}

bool ExprChecker::array_new(Op op, TypeIdx type) {
  const FieldType* field = array_field(type, false);
  if (field == nullptr) return false;
  const ValType t = unpacked(field->type);
  if (op == Op::array_new_default && !t.is_defaultable()) {
    return fail(rules::type_mismatch,
                fmt::format("elements of type {} have no default", to_string(t)));
  }
  if (!pop(TypeCode::i32) || (op == Op::array_new && !pop(t))) return false;
  push(non_null(type));
  return true;
}

bool ExprChecker::array_new_fixed(const ArrayFixedImm& imm) {
  const FieldType* field = array_field(imm.type, false);
  if (field == nullptr) return false;
  const ValType t = unpacked(field->type);
  for (std::uint32_t i = 0; i < imm.count; ++i) {
    // In dead code the operands may go on for ever: the rest needs no counting.
    if (top_ == base_ && frames_.back().unreachable) break;
    if (!pop(t)) return false;
  }
  push(non_null(imm.type));
  return true;
}

bool ExprChecker::array_access(Op op, TypeIdx type) {
  const FieldType* field = array_field(type, op == Op::array_set);
  if (field == nullptr) return false;
  const ValType t = unpacked(field->type);
  if (op == Op::array_set) return pop(t) && pop(TypeCode::i32) && pop(nullable(type));
  if (field->type.is_packed() == (op == Op::array_get)) {
    return fail(rules::type_mismatch, fmt::format("elements are {}", to_string(field->type)));
  }
  if (!pop(TypeCode::i32) || !pop(nullable(type))) return false;
  push(t);
  return true;
}

bool ExprChecker::array_fill(TypeIdx type) {
  const FieldType* field = array_field(type, true);
  return field != nullptr && pop(TypeCode::i32) && pop(unpacked(field->type)) &&
         pop(TypeCode::i32) && pop(nullable(type));
}

bool ExprChecker::array_copy(const ArrayCopyImm& imm) {
  const FieldType* dst = array_field(imm.dst, true);
  const FieldType* src = dst == nullptr ? nullptr : array_field(imm.src, false);
  if (src == nullptr) return false;
  if (!context_->matcher().matches(src->type, dst->type)) {
    return fail(rules::array_types,
                fmt::format("found {}, wanted {}", to_string(src->type), to_string(dst->type)));
  }
  return pop(TypeCode::i32) && pop(TypeCode::i32) && pop(nullable(imm.src)) && pop(TypeCode::i32) &&
         pop(nullable(imm.dst));
}

bool ExprChecker::array_data(Op op, const ArrayDataImm& imm) {
  const bool init = op == Op::array_init_data;
  const FieldType* field = array_field(imm.type, init);
  if (field == nullptr) return false;
  if (field->type.is_ref())
    return fail(rules::array_numeric, fmt::format("elements are {}", to_string(field->type)));
  if (!check_data(imm.data) || !pop(TypeCode::i32) || !pop(TypeCode::i32)) return false;
  if (init) return pop(TypeCode::i32) && pop(nullable(imm.type));
  push(non_null(imm.type));
  return true;
}

bool ExprChecker::array_elem(Op op, const ArrayElemImm& imm) {
  const bool init = op == Op::array_init_elem;
  const FieldType* field = array_field(imm.type, init);
  if (field == nullptr || !check_elem(imm.elem)) return false;
  const ValType type = module_->elems[imm.elem.value].type;
  if (!context_->matcher().matches(type, field->type)) return mismatch(type, field->type);
  if (!pop(TypeCode::i32) || !pop(TypeCode::i32)) return false;
  if (init) return pop(TypeCode::i32) && pop(nullable(imm.type));
  push(non_null(imm.type));
  return true;
}

}  // namespace tenon::core

// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/types.h"

#include <array>

namespace tenon::core {

namespace {

/// The abstract heap types with the short name of their nullable reference.
struct AbstractName {
  TypeCode code;
  const char* heap;
  const char* nullable_ref;
};
constexpr std::array<AbstractName, 12> abstract_names = {{
    {TypeCode::func, "func", "funcref"},
    {TypeCode::extern_, "extern", "externref"},
    {TypeCode::any, "any", "anyref"},
    {TypeCode::eq, "eq", "eqref"},
    {TypeCode::i31, "i31", "i31ref"},
    {TypeCode::struct_, "struct", "structref"},
    {TypeCode::array, "array", "arrayref"},
    {TypeCode::exn, "exn", "exnref"},
    {TypeCode::none, "none", "nullref"},
    {TypeCode::nofunc, "nofunc", "nullfuncref"},
    {TypeCode::noextern, "noextern", "nullexternref"},
    {TypeCode::noexn, "noexn", "nullexnref"},
}};

const AbstractName* find_abstract(HeapType type) {
  for (const AbstractName& name : abstract_names) {
    if (HeapType(name.code) == type) return &name;
  }
  return nullptr;
}

}  // namespace

std::string to_string(HeapType type) {
  if (type.is_defined()) return std::to_string(type.index().value);
  const AbstractName* name = find_abstract(type);
  return name != nullptr ? name->heap : "bot";
}

std::string to_string(ValType type) {
  if (type.is_ref()) {
    const AbstractName* name = type.heap().is_defined() ? nullptr : find_abstract(type.heap());
    if (type.nullable() && name != nullptr) return name->nullable_ref;
    return (type.nullable() ? "(ref null " : "(ref ") + to_string(type.heap()) + ")";
  }
  if (type == ValType(TypeCode::i32)) return "i32";
  if (type == ValType(TypeCode::i64)) return "i64";
  if (type == ValType(TypeCode::f32)) return "f32";
  if (type == ValType(TypeCode::f64)) return "f64";
  if (type == ValType(TypeCode::v128)) return "v128";
  if (type == ValType(TypeCode::i8)) return "i8";
  if (type == ValType(TypeCode::i16)) return "i16";
  return "bot";
}

}  // namespace tenon::core

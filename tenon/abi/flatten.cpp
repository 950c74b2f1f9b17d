// SPDX-License-Identifier: Apache-2.0
// Flat types are stored up to the limit for parameters and only counted beyond, since what exceeds
// it passes through memory: nested fixed-length lists cannot make flattening large.
// Spec: CanonicalABI.md "Flattening"
#include "tenon/abi/flatten.h"

#include <algorithm>
#include <vector>

namespace tenon::abi {

using core::TypeCode;
using types::PrimValType;

namespace {

TypeCode pointer(Ptr ptr) {
  return ptr == Ptr::i64 ? TypeCode::i64 : TypeCode::i32;
}

core::FuncType signature(const FlatTypes& params, const FlatTypes& results) {
  core::FuncType type;
  for (const TypeCode t : params.view()) type.params.emplace_back(t);
  for (const TypeCode t : results.view()) type.results.emplace_back(t);
  return type;
}

}  // namespace

void FlatTypes::join_at(std::size_t at, TypeCode type) {
  if (at >= size_) return push(type);
  if (at < items_.size()) items_[at] = join(items_[at], type);
}

void FlatTypes::append(const FlatTypes& other) {
  for (std::size_t i = 0; i < std::min(other.size_, items_.size()); ++i) push(other.items_[i]);
}

FlatTypes flatten_prim(PrimValType prim, Ptr ptr) {
  FlatTypes out;
  if (prim == PrimValType::string) {
    out.push(pointer(ptr));
    out.push(pointer(ptr));
    return out;
  }
  switch (prim) {
#define TENON_PRIM(name, text, code, size, flat, ...) \
  case PrimValType::name:                             \
    out.push(TypeCode::flat);                         \
    break;
#include "tenon/types/primvaltypes.def"
  }
  return out;
}

FlatTypes flatten_type(const Types& types, ValType type, Ptr ptr) {
  if (type.is_prim()) return flatten_prim(type.prim(), ptr);
  return flatten_of(types[type.index()], ptr,
                    [&](ValType t) { return flatten_type(types, t, ptr); });
}

void flatten_type(const Types& types, ValType type, Ptr ptr, FlatTypes& out) {
  if (!out.exceeds(MAX_FLAT_PARAMS)) out.append(flatten_type(types, type, ptr));
}

FlatTypes flatten_types(const Types& types, std::span<const ValType> list, Ptr ptr) {
  FlatTypes out;
  for (const ValType type : list) flatten_type(types, type, ptr, out);
  return out;
}

FlatFuncType flat_signature(FlatTypes flat_params, FlatTypes flat_results, FlattenOptions options) {
  const bool lower = options.context == Context::lower;
  const std::size_t max_params = options.async_ && lower ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS;
  FlatFuncType out;
  out.params_in_memory = flat_params.exceeds(max_params);
  if (out.params_in_memory) {
    flat_params = {};
    flat_params.push(pointer(options.ptr));
  }
  if (options.async_ && !lower) {
    out.result_in_memory = flat_results.exceeds(MAX_FLAT_PARAMS);
    flat_results = {};
    if (options.callback) flat_results.push(TypeCode::i32);
  } else {
    out.result_in_memory = flat_results.exceeds(options.async_ ? 0 : MAX_FLAT_RESULTS);
    if (out.result_in_memory) {
      flat_results = {};
      (lower ? flat_params : flat_results).push(pointer(options.ptr));
    }
    if (options.async_) {
      flat_results = {};
      flat_results.push(TypeCode::i32);
    }
  }
  out.type = signature(flat_params, flat_results);
  return out;
}

FlatFuncType flatten_functype(const Types& types, std::span<const ValType> params,
                              std::optional<ValType> result, FlattenOptions options) {
  const FlatTypes flat_params = flatten_types(types, params, options.ptr);
  return flat_signature(flat_params,
                        result ? flatten_type(types, *result, options.ptr) : FlatTypes(), options);
}

FlatFuncType flatten_functype(const Types& types, const types::FuncType& type,
                              FlattenOptions options) {
  std::vector<ValType> params;
  params.reserve(type.params.size());
  for (const types::LabelValType& param : type.params) params.push_back(param.type);
  return flatten_functype(types, params, type.result, options);
}

FlatFuncType flatten_task_return(const Types& types, std::optional<ValType> result, Ptr ptr) {
  FlatTypes flat;
  if (result) flatten_type(types, *result, ptr, flat);
  FlatFuncType out;
  out.params_in_memory = flat.exceeds(MAX_FLAT_PARAMS);
  if (out.params_in_memory) {
    flat = {};
    flat.push(pointer(ptr));
  }
  out.type = signature(flat, {});
  return out;
}

bool needs_memory(const Types& types, ValType type) {
  using namespace types;  // NOLINT(google-build-using-namespace)
  if (type.is_prim()) return type.prim() == PrimValType::string;
  const auto inner = [&](ValType t) { return needs_memory(types, t); };
  return std::visit(overloaded{
                        [&](PrimValType prim) { return prim == PrimValType::string; },
                        [&](const Record& record) {
                          return std::ranges::any_of(record.fields, inner, &LabelValType::type);
                        },
                        [&](const Variant& v) {
                          return std::ranges::any_of(
                              v.cases, [&](const Case& c) { return c.type && inner(*c.type); });
                        },
                        [&](const List& list) { return !list.length || inner(list.elem); },
                        [&](const Tuple& tuple) { return std::ranges::any_of(tuple.types, inner); },
                        [](const Flags&) { return false; },
                        [](const Enum&) { return false; },
                        [&](const Option& option) { return inner(option.type); },
                        [&](const ResultType& result) {
                          return (result.ok && inner(*result.ok)) ||
                                 (result.err && inner(*result.err));
                        },
                        [](const Own&) { return false; },
                        [](const Borrow&) { return false; },
                        [](const Stream&) { return false; },
                        [](const Future&) { return false; },
                        [](const Map&) { return true; },
                    },
                    types[type.index()]);
}

}  // namespace tenon::abi

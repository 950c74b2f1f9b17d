// SPDX-License-Identifier: Apache-2.0
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

void flatten_prim(PrimValType prim, Ptr ptr, FlatTypes& out) {
  if (prim == PrimValType::string) {
    out.push(pointer(ptr));
    out.push(pointer(ptr));
    return;
  }
  switch (prim) {
#define TENON_PRIM(name, text, code, size, flat) \
  case PrimValType::name:                        \
    return out.push(TypeCode::flat);
#include "tenon/types/primvaltypes.def"
#undef TENON_PRIM
  }
}

/// A variant's payloads, joined place by place.
class Payload {
 public:
  Payload(const Types& types, Ptr ptr) : types_(types), ptr_(ptr) {}
  void add(const std::optional<ValType>& type) {
    if (!type || flat_.exceeds(MAX_FLAT_PARAMS)) return;
    const FlatTypes one = flatten_type(types_, *type, ptr_);
    for (std::size_t i = 0; i < std::min(one.size(), MAX_FLAT_PARAMS + 1); ++i)
      flat_.join_at(i, one[i]);
  }
  void append_to(FlatTypes& out) const {
    out.push(TypeCode::i32);
    out.append(flat_);
  }

 private:
  const Types& types_;
  Ptr ptr_;
  FlatTypes flat_;
};

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

void flatten_type(const Types& types, ValType type, Ptr ptr, FlatTypes& out) {
  using namespace types;  // NOLINT(google-build-using-namespace)
  if (out.exceeds(MAX_FLAT_PARAMS)) return;
  if (type.is_prim()) return flatten_prim(type.prim(), ptr, out);
  const auto pointer_and_length = [&] {
    out.push(pointer(ptr));
    out.push(pointer(ptr));
  };
  const auto variant = [&](auto... payloads) {
    Payload payload(types, ptr);
    (payload.add(payloads), ...);
    payload.append_to(out);
  };
  std::visit(overloaded{
                 [&](PrimValType prim) { flatten_prim(prim, ptr, out); },
                 [&](const Record& record) {
                   for (const LabelValType& field : record.fields)
                     flatten_type(types, field.type, ptr, out);
                 },
                 [&](const Variant& v) {
                   Payload payload(types, ptr);
                   for (const Case& c : v.cases) payload.add(c.type);
                   payload.append_to(out);
                 },
                 [&](const List& list) {
                   if (!list.length) return pointer_and_length();
                   for (std::uint32_t i = 0; i < *list.length && !out.exceeds(MAX_FLAT_PARAMS);
                        ++i) {
                     flatten_type(types, list.elem, ptr, out);
                   }
                 },
                 [&](const Tuple& tuple) {
                   for (const ValType t : tuple.types) flatten_type(types, t, ptr, out);
                 },
                 [&](const Flags&) { out.push(TypeCode::i32); },
                 [&](const Enum&) { out.push(TypeCode::i32); },
                 [&](const Option& option) { variant(std::optional(option.type)); },
                 [&](const ResultType& result) { variant(result.ok, result.err); },
                 [&](const Own&) { out.push(TypeCode::i32); },
                 [&](const Borrow&) { out.push(TypeCode::i32); },
                 [&](const Stream&) { out.push(TypeCode::i32); },
                 [&](const Future&) { out.push(TypeCode::i32); },
                 [&](const Map&) { pointer_and_length(); },
             },
             types[type.index()]);
}

FlatTypes flatten_type(const Types& types, ValType type, Ptr ptr) {
  FlatTypes out;
  flatten_type(types, type, ptr, out);
  return out;
}

FlatTypes flatten_types(const Types& types, std::span<const ValType> list, Ptr ptr) {
  FlatTypes out;
  for (const ValType type : list) flatten_type(types, type, ptr, out);
  return out;
}

FlatFuncType flatten_functype(const Types& types, std::span<const ValType> params,
                              std::optional<ValType> result, FlattenOptions options) {
  const bool lower = options.context == Context::lower;
  const std::size_t max_params = options.async_ && lower ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS;
  FlatTypes flat_params = flatten_types(types, params, options.ptr);
  FlatTypes flat_results;
  if (result) flatten_type(types, *result, options.ptr, flat_results);

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

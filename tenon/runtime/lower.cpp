// SPDX-License-Identifier: Apache-2.0
// Values were checked against their type before (`check_args`), so that nothing is checked again
// here: what can still fail is the guest's `realloc` and the handles. Every `realloc` may run guest
// code and move the memory, so addresses are kept as offsets.
// Spec: CanonicalABI.md "Storing", "Flat Lowering"
#include <algorithm>

#include "tenon/base/narrow.h"
#include "tenon/runtime/lift_lower.h"
#include "tenon/runtime/store.h"
#include "tenon/runtime/string.h"

namespace tenon::runtime {

std::uint32_t case_index(const Value& v, const Shape& t) {
  if (t.value_kind == ValueKind::option) return v.is_some() ? 1 : 0;
  if (t.value_kind == ValueKind::result) return v.is_ok() ? 0 : 1;
  for (std::uint32_t i = 0; i < t.fields.size(); ++i) {
    if (t.fields[i].label == v.text()) return i;
  }
  return 0;
}

std::uint32_t ValueLowerer::pack_flags(const Value& v, const Shape& t) {
  std::uint32_t bits = 0;
  for (const auto& label : v.labels()) {
    const auto it = std::ranges::find(*t.labels, label);
    if (it != t.labels->end()) bits |= 1U << narrow<unsigned>(it - t.labels->begin());
  }
  return bits;
}

bool ValueLowerer::lower_handle(const Value& v, const Shape& t, std::uint32_t& i) {
  if (t.kind != Shape::Kind::own && t.kind != Shape::Kind::borrow) {
    return cx_.trap("streams, futures and error contexts are not supported yet");
  }
  return lower_host_handle(cx_, v.handle(), cx_.inst->resource(t.resource),
                           t.kind == Shape::Kind::own, i);
}

bool ValueLowerer::lower_scalar(const Value& v, const Shape& t, std::uint64_t& bits) {
  switch (t.kind) {
#define TENON_PRIM_BOOL(name, ...) \
  case Shape::Kind::name:          \
    bits = to_slot(v.as_bool());   \
    return true;
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case Shape::Kind::name:                                      \
    bits = to_slot(low_bits<cpp>(v.as_unsigned()));            \
    return true;
#define TENON_PRIM_FLOAT(name, ...) \
  case Shape::Kind::name:           \
    bits = to_slot(v.as_##name());  \
    return true;
#define TENON_PRIM_CHAR(name, ...) \
  case Shape::Kind::name:          \
    bits = v.as_char();            \
    return true;
// A string is not a scalar.
#define TENON_PRIM_STRING(name, ...) \
  case Shape::Kind::name:            \
    break;
#define TENON_PRIM_ERROR_CONTEXT(name, ...) case Shape::Kind::name:
#include "tenon/types/primvaltypes.def"
    case Shape::Kind::own:
    case Shape::Kind::borrow:
    case Shape::Kind::stream:
    case Shape::Kind::future: {
      std::uint32_t i = 0;
      if (!lower_handle(v, t, i)) return false;
      bits = i;
      return true;
    }
    case Shape::Kind::flags:
      bits = pack_flags(v, t);
      return true;
    case Shape::Kind::list:
    case Shape::Kind::fixed_list:
    case Shape::Kind::record:
    case Shape::Kind::variant:
      break;
  }
  return cx_.trap("a compound type is not a scalar");
}

bool ValueLowerer::store(const Value& v, const Shape& t, std::uint64_t ptr) {
  if (t.is_scalar()) {
    std::uint64_t bits = 0;
    if (!lower_scalar(v, t, bits)) return false;
    std::memcpy(cx_.mem() + ptr, &bits, t.size);
    return true;
  }
  if (t.kind == Shape::Kind::record) {
    for (std::size_t i = 0; i < t.fields.size(); ++i) {
      if (!store(v.items()[i], *t.fields[i].shape, ptr + t.fields[i].offset)) return false;
    }
    return true;
  }
  if (t.kind == Shape::Kind::fixed_list) return store_list_into_valid_range(v, t.elem(), ptr);
  if (t.kind == Shape::Kind::variant) {
    const auto index = case_index(v, t);
    std::memcpy(cx_.mem() + ptr, &index, t.disc_size);
    const auto* shape = t.fields[index].shape;
    return shape == nullptr || store(*v.payload(), *shape, ptr + t.payload_offset);
  }
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
  if (!lower_string_or_list(v, t, begin, length)) return false;
  cx_.store_ptr(ptr, begin);
  cx_.store_ptr(ptr + cx_.ptr_size(), length);
  return true;
}

bool ValueLowerer::lower_string_or_list(const Value& v, const Shape& t, std::uint64_t& ptr,
                                        std::uint64_t& length) {
  if (t.kind == Shape::Kind::string)
    return store_string_into_range(cx_, host_string(v.text()), ptr, length);
  return store_list_into_range(v, t.elem(), ptr, length);
}

bool ValueLowerer::store_list_into_range(const Value& v, const Shape& elem, std::uint64_t& ptr,
                                         std::uint64_t& length) {
  length = v.size();
  if (!cx_.allocate(elem.align, length * elem.size, ptr)) return false;
  return store_list_into_valid_range(v, elem, ptr);
}

bool ValueLowerer::store_list_into_valid_range(const Value& v, const Shape& elem,
                                               std::uint64_t ptr) {
  cx_.note_copied(v.size() * elem.size);
  if (v.is_bytes()) {
    if (v.size() != 0) std::memcpy(cx_.mem() + ptr, v.bytes().data(), v.size());
    return true;
  }
  for (const auto& item : v.items()) {
    if (!store(item, elem, ptr)) return false;
    ptr += elem.size;
  }
  return true;
}

bool ValueLowerer::lower_flat(const Value& v, const Shape& t, ValueSlot*& out) {
  if (t.is_scalar()) return lower_scalar(v, t, *out++);
  if (t.kind == Shape::Kind::record) {
    for (std::size_t i = 0; i < t.fields.size(); ++i) {
      if (!lower_flat(v.items()[i], *t.fields[i].shape, out)) return false;
    }
    return true;
  }
  if (t.kind == Shape::Kind::fixed_list) {
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (!lower_flat(v.at(i), t.elem(), out)) return false;
    }
    return true;
  }
  if (t.kind == Shape::Kind::variant) {
    auto* const end = out + t.flat_count;
    const auto index = case_index(v, t);
    *out++ = index;
    const auto* shape = t.fields[index].shape;
    if (shape != nullptr && !lower_flat(*v.payload(), *shape, out)) return false;
    std::fill(out, end, 0);
    out = end;
    return true;
  }
  auto* at = out;
  out += 2;
  return lower_string_or_list(v, t, at[0], at[1]);
}

bool ValueLowerer::lower_flat_values(std::span<const Value> vs, const FuncShape& f,
                                     ValueSlot* out) {
  if (!f.params_in_memory()) {
    for (std::size_t i = 0; i < vs.size(); ++i) {
      if (!lower_flat(vs[i], *f.params[i].shape, out)) return false;
    }
    return true;
  }
  std::uint64_t ptr = 0;
  if (!cx_.allocate(f.params_align, f.params_size, ptr)) return false;
  for (std::size_t i = 0; i < vs.size(); ++i) {
    if (!store(vs[i], *f.params[i].shape, ptr + f.params[i].offset)) return false;
  }
  *out = ptr;
  return true;
}

bool ValueLowerer::lower_result(std::span<const Value> vs, const FuncShape& f, ValueSlot* out,
                                std::uint64_t out_param) {
  if (f.result == nullptr) return true;
  if (!f.result_in_memory()) return lower_flat(vs[0], *f.result, out);
  return cx_.check_pointer(out_param, f.result->align, f.result->size) &&
         store(vs[0], *f.result, out_param);
}

}  // namespace tenon::runtime

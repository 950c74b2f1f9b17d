// SPDX-License-Identifier: Apache-2.0
// A guest chooses the lengths of what it passes: memory of the host is charged against `lift_bytes`
// before it is allocated. `Mode::peek` reads arguments for a trace without taking handles out of
// their tables.
// Spec: CanonicalABI.md "Loading", "Flat Lifting"
#include <bit>

#include "tenon/base/narrow.h"
#include "tenon/runtime/lift_lower.h"
#include "tenon/runtime/store.h"
#include "tenon/runtime/string.h"

namespace tenon::runtime {

void HostScope::leave(Store& store) noexcept {
  for (const auto h : lifted) store.host_handles().remove(h);
  for (const auto h : lent) {
    if (auto* e = store.host_handles().get(h); e != nullptr && e->num_lends != 0) --e->num_lends;
  }
  for (const auto rep : objects) (void)store.host_objects().take(rep);
  lifted.clear();
  lent.clear();
  objects.clear();
  texts.clear();
}

bool ValueLifter::lift_scalar(std::uint64_t bits, const Shape& t, Value& out) {
  const auto low = low_bits<std::uint32_t>(bits);
  switch (t.kind) {
#define TENON_PRIM(name, text, code, size, flat, cpp, ...) \
  case Shape::Kind::name:                                  \
    out = Value::name(from_slot<cpp>(bits));               \
    return true;
#define TENON_PRIM_BOOL(name, ...)               \
  case Shape::Kind::name:                        \
    out = Value::boolean(from_slot<bool>(bits)); \
    return true;
#define TENON_PRIM_CHAR(name, ...)                                            \
  case Shape::Kind::name:                                                     \
    if (!is_scalar_value(low)) return cx_.trap("invalid `char` bit pattern"); \
    out = Value::character(low_bits<char32_t>(low));                          \
    return true;
// A string is not a scalar.
#define TENON_PRIM_STRING(name, ...) \
  case Shape::Kind::name:            \
    break;
#define TENON_PRIM_ERROR_CONTEXT(name, ...) \
  case Shape::Kind::name:                   \
    return lift_handle(low, t, out);
#include "tenon/types/primvaltypes.def"
    case Shape::Kind::flags:
      return unpack_flags(low, t, out);
    case Shape::Kind::own:
    case Shape::Kind::borrow:
    case Shape::Kind::stream:
    case Shape::Kind::future:
      return lift_handle(low, t, out);
    case Shape::Kind::list:
    case Shape::Kind::fixed_list:
    case Shape::Kind::record:
    case Shape::Kind::variant:
      break;
  }
  return cx_.trap("a compound type is not a scalar");
}

bool ValueLifter::unpack_flags(std::uint32_t bits, const Shape& t, Value& out) {
  const auto is_set = [bits](std::size_t i) { return ((bits >> i) & 1U) != 0; };
  std::uint64_t size = Value::base_bytes() + 2 * allocation + sizeof(Value::Labels);
  std::size_t count = 0;
  for (std::size_t i = 0; i < t.labels->size(); ++i) {
    if (!is_set(i)) continue;
    ++count;
    size += sizeof(std::string) + text_bytes((*t.labels)[i]);
  }
  if (!cx_.charge(size)) return false;
  std::vector<std::string> labels;
  labels.reserve(count);
  for (std::size_t i = 0; i < t.labels->size(); ++i) {
    if (is_set(i)) labels.push_back((*t.labels)[i]);
  }
  out = Value::flags(std::move(labels));
  return true;
}

bool ValueLifter::lift_handle(std::uint32_t i, const Shape& t, Value& out) {
  if (mode_ == Mode::peek) {
    out = t.kind == Shape::Kind::own ? Value::own({i, 0}) : Value::borrow({i, 0});
    return true;
  }
  if (t.kind != Shape::Kind::own && t.kind != Shape::Kind::borrow) {
    return cx_.trap("streams, futures and error contexts are not supported yet");
  }
  const bool own = t.kind == Shape::Kind::own;
  const auto* rt = cx_.inst->resource(t.resource);
  HostHandle handle;
  if (!lift_host_handle(cx_, i, rt, own, handle)) return false;
  out = own ? Value::own(handle) : Value::borrow(handle);
  return true;
}

bool ValueLifter::lift_string(std::uint64_t ptr, std::uint64_t tagged_code_units, Value& out) {
  if (!cx_.charge(Value::base_bytes() + allocation)) return false;
  std::string text;
  if (!runtime::lift_string(cx_, ptr, tagged_code_units, text)) return false;
  out = Value::string(std::move(text));
  return true;
}

Value ValueLifter::make_record(const Shape& t, std::vector<Value> items) {
  if (t.value_kind == ValueKind::tuple) return Value::tuple(std::move(items));
  return Value::record(t.field_labels, std::move(items));
}

bool ValueLifter::charge_case(const Shape& t, std::uint32_t index) {
  const auto& c = t.fields[index];
  const bool labelled = t.value_kind == ValueKind::variant || t.value_kind == ValueKind::enum_;
  if (!labelled && c.shape == nullptr) return true;
  const std::uint64_t payload = c.shape == nullptr ? 0 : allocation + sizeof(Value);
  return cx_.charge(Value::base_bytes() + payload + (labelled ? text_bytes(c.label) : 0));
}

Value ValueLifter::make_variant(const Shape& t, std::uint32_t index, std::optional<Value> payload) {
  if (t.value_kind == ValueKind::option)
    return index == 0 ? Value::none() : Value::some(*std::move(payload));
  if (t.value_kind == ValueKind::result) {
    return index == 0 ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
  }
  std::string label(t.fields[index].label);
  if (t.value_kind == ValueKind::enum_) return Value::enumeration(std::move(label));
  return Value::variant(std::move(label), std::move(payload));
}

bool ValueLifter::load(std::uint64_t ptr, const Shape& t, Value& out) {
  if (t.is_scalar()) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, cx_.mem() + ptr, t.size);
    return lift_scalar(bits, t, out);
  }
  if (t.kind == Shape::Kind::record) return load_record(ptr, t, out);
  if (t.kind == Shape::Kind::fixed_list)
    return load_list_from_valid_range(ptr, t.length, t.elem(), out);
  if (t.kind == Shape::Kind::variant) return load_variant(ptr, t, out);
  return lift_string_or_list(cx_.load_ptr(ptr), cx_.load_ptr(ptr + cx_.ptr_size()), t, out);
}

bool ValueLifter::lift_string_or_list(std::uint64_t ptr, std::uint64_t length, const Shape& t,
                                      Value& out) {
  return t.kind == Shape::Kind::string ? lift_string(ptr, length, out)
                                       : load_list_from_range(ptr, length, t.elem(), out);
}

bool ValueLifter::load_record(std::uint64_t ptr, const Shape& t, Value& out) {
  if (!charge_items(t.fields.size())) return false;
  std::vector<Value> items(t.fields.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!load(ptr + t.fields[i].offset, *t.fields[i].shape, items[i])) return false;
  }
  out = make_record(t, std::move(items));
  return true;
}

bool ValueLifter::load_variant(std::uint64_t ptr, const Shape& t, Value& out) {
  std::uint32_t index = 0;
  std::memcpy(&index, cx_.mem() + ptr, t.disc_size);
  if (index >= t.fields.size()) return cx_.trap("invalid variant discriminant");
  if (!charge_case(t, index)) return false;
  std::optional<Value> payload;
  if (const auto* shape = t.fields[index].shape) {
    payload.emplace();
    if (!load(ptr + t.payload_offset, *shape, *payload)) return false;
  }
  out = make_variant(t, index, std::move(payload));
  return true;
}

bool ValueLifter::load_list_from_range(std::uint64_t ptr, std::uint64_t length, const Shape& elem,
                                       Value& out) {
  if (!cx_.check_list(ptr, length, elem.align, elem.size)) return false;
  return load_list_from_valid_range(ptr, length, elem, out);
}

bool ValueLifter::load_list_from_valid_range(std::uint64_t ptr, std::uint64_t length,
                                             const Shape& elem, Value& out) {
  cx_.note_copied(length * elem.size);
  if (elem.kind == Shape::Kind::u8) {
    if (!cx_.charge(Value::base_bytes() + allocation + length)) return false;
    const auto* begin = cx_.mem() + ptr;
    out = Value::bytes({begin, begin + length});
    return true;
  }
  if (!charge_items(length)) return false;
  std::vector<Value> items(length);
  for (std::uint64_t i = 0; i < length; ++i) {
    if (!load(ptr + i * elem.size, elem, items[i])) return false;
  }
  out = Value::list(std::move(items));
  return true;
}

bool ValueLifter::lift_flat(CoreValueIter& vi, const Shape& t, Value& out) {
  if (t.is_scalar()) return lift_scalar(vi.next64(), t, out);
  if (t.kind == Shape::Kind::variant) return lift_flat_variant(vi, t, out);
  if (t.kind == Shape::Kind::fixed_list) {
    if (!charge_items(t.length)) return false;
    std::vector<Value> items(t.length);
    for (auto& item : items) {
      if (!lift_flat(vi, t.elem(), item)) return false;
    }
    out = Value::list(std::move(items));
    return true;
  }
  if (t.kind == Shape::Kind::record) {
    if (!charge_items(t.fields.size())) return false;
    std::vector<Value> items(t.fields.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!lift_flat(vi, *t.fields[i].shape, items[i])) return false;
    }
    out = make_record(t, std::move(items));
    return true;
  }
  const auto ptr = vi.next_ptr(cx_.wide());
  return lift_string_or_list(ptr, vi.next_ptr(cx_.wide()), t, out);
}

bool ValueLifter::lift_flat_variant(CoreValueIter& vi, const Shape& t, Value& out) {
  const auto* end = vi.at() + t.flat_count;
  const auto index = vi.next32();
  if (index >= t.fields.size()) return cx_.trap("invalid variant discriminant");
  if (!charge_case(t, index)) return false;
  std::optional<Value> payload;
  if (const auto* shape = t.fields[index].shape) {
    payload.emplace();
    if (!lift_flat(vi, *shape, *payload)) return false;
  }
  vi.skip_to(end);
  out = make_variant(t, index, std::move(payload));
  return true;
}

bool ValueLifter::lift_flat_values(CoreValueIter& vi, const FuncShape& f, std::vector<Value>& out) {
  out.resize(f.params.size());
  if (!f.params_in_memory()) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!lift_flat(vi, *f.params[i].shape, out[i])) return false;
    }
    return true;
  }
  const auto ptr = vi.next_ptr(cx_.wide());
  if (!cx_.check_pointer(ptr, f.params_align, f.params_size)) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!load(ptr + f.params[i].offset, *f.params[i].shape, out[i])) return false;
  }
  return true;
}

bool ValueLifter::lift_result(CoreValueIter& vi, const FuncShape& f, std::vector<Value>& out) {
  out.clear();
  if (f.result == nullptr) return true;
  out.resize(1);
  if (!f.result_in_memory()) return lift_flat(vi, *f.result, out[0]);
  const auto ptr = vi.next_ptr(cx_.wide());
  return cx_.check_pointer(ptr, f.result->align, f.result->size) && load(ptr, *f.result, out[0]);
}

}  // namespace tenon::runtime

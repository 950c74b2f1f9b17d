// SPDX-License-Identifier: Apache-2.0
// Each side of a parameter or result is flat or in memory, which makes four functions per type:
// `flat`, `store_flat`, `load_flat` and `memory`. The sides have their own shapes because pointer
// widths and string encodings may differ. Dense types, for which lowering what was lifted gives the
// same bytes, are moved as a block.
// Spec: CanonicalABI.md "Loading", "Storing", "Flat Lifting", "Flat Lowering"
#include "tenon/runtime/copy.h"

#include <algorithm>

#include "tenon/base/narrow.h"
#include "tenon/runtime/store.h"
#include "tenon/runtime/string.h"

namespace tenon::runtime {

std::uint64_t Copier::load_bits(const Shape& a, std::uint64_t ptr) const {
  std::uint64_t bits = 0;
  std::memcpy(&bits, from_.mem() + ptr, a.size);
  return bits;
}

/// A value of one core word: normalised as lifting and lowering it would.
bool Copier::scalar(const Shape& a, const Shape& b, std::uint64_t bits, std::uint64_t& out) {
  const auto low = low_bits<std::uint32_t>(bits);
  switch (a.kind) {
#define TENON_PRIM(name, text, code, size, flat, cpp, ...) \
  case Shape::Kind::name:                                  \
    out = to_slot(from_slot<cpp>(bits));                   \
    return true;
#define TENON_PRIM_CHAR(name, ...) \
  case Shape::Kind::name:          \
    out = low;                     \
    return is_scalar_value(low) || from_.trap("invalid `char` bit pattern");
// A string is not a scalar.
#define TENON_PRIM_STRING(name, ...) \
  case Shape::Kind::name:            \
    break;
#define TENON_PRIM_ERROR_CONTEXT(name, ...) \
  case Shape::Kind::name:                   \
    return from_.trap("streams, futures and error contexts are not supported yet");
#include "tenon/types/primvaltypes.def"
    case Shape::Kind::flags: {
      const auto n = a.labels->size();
      out = n >= 32 ? low : low & ((1U << n) - 1);
      return true;
    }
    case Shape::Kind::own:
    case Shape::Kind::borrow: {
      const bool own = a.kind == Shape::Kind::own;
      const auto* rt = from_.inst->resource(a.resource);
      std::uint64_t rep = 0;
      std::uint32_t i = 0;
      if (own ? !from_.lift_own(low, rt, rep) : !from_.lift_borrow(low, rt, rep)) return false;
      const auto* to_rt = to_.inst->resource(b.resource);
      if (own ? !to_.lower_own(rep, to_rt, i) : !to_.lower_borrow(rep, to_rt, i)) return false;
      out = i;
      return true;
    }
    case Shape::Kind::stream:
    case Shape::Kind::future:
      return from_.trap("streams, futures and error contexts are not supported yet");
    case Shape::Kind::list:
    case Shape::Kind::fixed_list:
    case Shape::Kind::record:
    case Shape::Kind::variant:
      break;
  }
  return from_.trap("a compound type is not a scalar");
}

bool Copier::string(std::uint64_t ptr, std::uint64_t units, std::uint64_t& out_ptr,
                    std::uint64_t& out_units) {
  StringView view;
  if (!find_string(from_, ptr, units, view) || !from_.charge(view.byte_length())) return false;
  // Of one encoding: checked while it is copied.
  const bool same = view.encoding == StringView::Encoding::utf8 &&
                    to_.opts->string_encoding == component::StringEncoding::utf8;
  return (same || check_string(from_, view)) &&
         store_string_into_range(to_, view, out_ptr, out_units);
}

bool Copier::list(const Shape& a, const Shape& b, std::uint64_t ptr, std::uint64_t length,
                  std::uint64_t& out_ptr) {
  const auto& ea = a.elem();
  const auto& eb = b.elem();
  return from_.check_list(ptr, length, ea.align, ea.size) && from_.charge(length * ea.size) &&
         to_.allocate(eb.align, length * eb.size, out_ptr) &&
         elements(ea, eb, ptr, out_ptr, length);
}

bool Copier::string_or_list(const Shape& a, const Shape& b, std::uint64_t ptr, std::uint64_t length,
                            std::uint64_t& out_ptr, std::uint64_t& out_length) {
  if (a.kind == Shape::Kind::string) return string(ptr, length, out_ptr, out_length);
  out_length = length;
  return list(a, b, ptr, length, out_ptr);
}

bool Copier::elements(const Shape& a, const Shape& b, std::uint64_t from, std::uint64_t to,
                      std::uint64_t length) {
  if (a.dense) {
    if (length != 0) std::memmove(to_.mem() + to, from_.mem() + from, length * a.size);
    return true;
  }
  for (std::uint64_t i = 0; i < length; ++i) {
    if (!memory(a, b, from + i * a.size, to + i * b.size)) return false;
  }
  return true;
}

bool Copier::memory(const Shape& a, const Shape& b, std::uint64_t from, std::uint64_t to) {
  if (a.dense) {
    std::memmove(to_.mem() + to, from_.mem() + from, a.size);
    return true;
  }
  if (a.is_scalar()) {
    std::uint64_t bits = 0;
    if (!scalar(a, b, load_bits(a, from), bits)) return false;
    std::memcpy(to_.mem() + to, &bits, b.size);
    return true;
  }
  if (a.kind == Shape::Kind::record) {
    for (std::size_t i = 0; i < a.fields.size(); ++i) {
      const auto& fa = a.fields[i];
      const auto& fb = b.fields[i];
      if (!memory(*fa.shape, *fb.shape, from + fa.offset, to + fb.offset)) return false;
    }
    return true;
  }
  if (a.kind == Shape::Kind::fixed_list) return elements(a.elem(), b.elem(), from, to, a.length);
  if (a.kind == Shape::Kind::variant) {
    std::uint32_t index = 0;
    std::memcpy(&index, from_.mem() + from, a.disc_size);
    if (index >= a.fields.size()) return from_.trap("invalid variant discriminant");
    std::memcpy(to_.mem() + to, &index, b.disc_size);
    const auto* shape = a.fields[index].shape;
    return shape == nullptr ||
           memory(*shape, *b.fields[index].shape, from + a.payload_offset, to + b.payload_offset);
  }
  std::uint64_t ptr = 0;
  std::uint64_t length = 0;
  if (!string_or_list(a, b, from_.load_ptr(from), from_.load_ptr(from + from_.ptr_size()), ptr,
                      length))
    return false;
  to_.store_ptr(to, ptr);
  to_.store_ptr(to + to_.ptr_size(), length);
  return true;
}

bool Copier::flat(const Shape& a, const Shape& b, CoreValueIter& in, ValueSlot*& out) {
  if (a.is_scalar()) return scalar(a, b, in.next64(), *out++);
  if (a.kind == Shape::Kind::variant) return flat_variant(a, b, in, out);
  if (a.kind == Shape::Kind::record) {
    for (std::size_t i = 0; i < a.fields.size(); ++i) {
      if (!flat(*a.fields[i].shape, *b.fields[i].shape, in, out)) return false;
    }
    return true;
  }
  if (a.kind == Shape::Kind::fixed_list) {
    for (std::uint32_t i = 0; i < a.length; ++i) {
      if (!flat(a.elem(), b.elem(), in, out)) return false;
    }
    return true;
  }
  const auto ptr = in.next_ptr(from_.wide());
  const auto length = in.next_ptr(from_.wide());
  auto* at = out;
  out += 2;
  return string_or_list(a, b, ptr, length, at[0], at[1]);
}

bool Copier::flat_variant(const Shape& a, const Shape& b, CoreValueIter& in, ValueSlot*& out) {
  const auto* in_end = in.at() + a.flat_count;
  auto* const out_end = out + b.flat_count;
  const auto index = in.next32();
  if (index >= a.fields.size()) return from_.trap("invalid variant discriminant");
  *out++ = index;
  if (const auto* shape = a.fields[index].shape;
      shape != nullptr && !flat(*shape, *b.fields[index].shape, in, out)) {
    return false;
  }
  std::fill(out, out_end, 0);
  out = out_end;
  in.skip_to(in_end);
  return true;
}

bool Copier::store_flat(const Shape& a, const Shape& b, CoreValueIter& in, std::uint64_t to) {
  if (a.is_scalar()) {
    std::uint64_t bits = 0;
    if (!scalar(a, b, in.next64(), bits)) return false;
    std::memcpy(to_.mem() + to, &bits, b.size);
    return true;
  }
  if (a.kind == Shape::Kind::record) {
    for (std::size_t i = 0; i < a.fields.size(); ++i) {
      if (!store_flat(*a.fields[i].shape, *b.fields[i].shape, in, to + b.fields[i].offset))
        return false;
    }
    return true;
  }
  if (a.kind == Shape::Kind::fixed_list) {
    for (std::uint32_t i = 0; i < a.length; ++i) {
      if (!store_flat(a.elem(), b.elem(), in, to + std::uint64_t{i} * b.elem().size)) return false;
    }
    return true;
  }
  if (a.kind == Shape::Kind::variant) {
    const auto* end = in.at() + a.flat_count;
    const auto index = in.next32();
    if (index >= a.fields.size()) return from_.trap("invalid variant discriminant");
    std::memcpy(to_.mem() + to, &index, b.disc_size);
    const auto* shape = a.fields[index].shape;
    if (shape != nullptr && !store_flat(*shape, *b.fields[index].shape, in, to + b.payload_offset))
      return false;
    in.skip_to(end);
    return true;
  }
  const auto from_ptr = in.next_ptr(from_.wide());
  const auto from_length = in.next_ptr(from_.wide());
  std::uint64_t ptr = 0;
  std::uint64_t length = 0;
  if (!string_or_list(a, b, from_ptr, from_length, ptr, length)) return false;
  to_.store_ptr(to, ptr);
  to_.store_ptr(to + to_.ptr_size(), length);
  return true;
}

bool Copier::load_flat(const Shape& a, const Shape& b, std::uint64_t from, ValueSlot*& out) {
  if (a.is_scalar()) return scalar(a, b, load_bits(a, from), *out++);
  if (a.kind == Shape::Kind::record) {
    for (std::size_t i = 0; i < a.fields.size(); ++i) {
      if (!load_flat(*a.fields[i].shape, *b.fields[i].shape, from + a.fields[i].offset, out))
        return false;
    }
    return true;
  }
  if (a.kind == Shape::Kind::fixed_list) {
    for (std::uint32_t i = 0; i < a.length; ++i) {
      if (!load_flat(a.elem(), b.elem(), from + std::uint64_t{i} * a.elem().size, out))
        return false;
    }
    return true;
  }
  if (a.kind == Shape::Kind::variant) {
    auto* const end = out + b.flat_count;
    std::uint32_t index = 0;
    std::memcpy(&index, from_.mem() + from, a.disc_size);
    if (index >= a.fields.size()) return from_.trap("invalid variant discriminant");
    *out++ = index;
    const auto* shape = a.fields[index].shape;
    if (shape != nullptr &&
        !load_flat(*shape, *b.fields[index].shape, from + a.payload_offset, out))
      return false;
    std::fill(out, end, 0);
    out = end;
    return true;
  }
  auto* at = out;
  out += 2;
  return string_or_list(a, b, from_.load_ptr(from), from_.load_ptr(from + from_.ptr_size()), at[0],
                        at[1]);
}

bool Copier::params(const FuncShape& from, const FuncShape& to, const ValueSlot* in,
                    ValueSlot* out) {
  CoreValueIter vi(in);
  // Widths may differ (memory64), so each side has its own way.
  std::uint64_t from_ptr = 0;
  std::uint64_t to_ptr = 0;
  if (from.params_in_memory()) {
    from_ptr = vi.next_ptr(from_.wide());
    if (!from_.check_pointer(from_ptr, from.params_align, from.params_size)) return false;
  }
  if (to.params_in_memory()) {
    if (!to_.allocate(to.params_align, to.params_size, to_ptr)) return false;
    *out = to_ptr;
  }
  for (std::size_t i = 0; i < from.params.size(); ++i) {
    const auto& a = from.params[i];
    const auto& b = to.params[i];
    bool ok = false;
    if (from.params_in_memory()) {
      ok = to.params_in_memory()
               ? memory(*a.shape, *b.shape, from_ptr + a.offset, to_ptr + b.offset)
               : load_flat(*a.shape, *b.shape, from_ptr + a.offset, out);
    } else {
      ok = to.params_in_memory() ? store_flat(*a.shape, *b.shape, vi, to_ptr + b.offset)
                                 : flat(*a.shape, *b.shape, vi, out);
    }
    if (!ok) return false;
  }
  return true;
}

bool Copier::result(const FuncShape& from, const FuncShape& to, const ValueSlot* in, ValueSlot* out,
                    std::uint64_t out_param) {
  if (from.result == nullptr) return true;
  CoreValueIter vi(in);
  const auto& a = *from.result;
  const auto& b = *to.result;
  std::uint64_t from_ptr = 0;
  if (from.result_in_memory()) {
    from_ptr = vi.next_ptr(from_.wide());
    if (!from_.check_pointer(from_ptr, a.align, a.size)) return false;
  }
  if (to.result_in_memory()) {
    if (!to_.check_pointer(out_param, b.align, b.size)) return false;
    return from.result_in_memory() ? memory(a, b, from_ptr, out_param)
                                   : store_flat(a, b, vi, out_param);
  }
  return from.result_in_memory() ? load_flat(a, b, from_ptr, out) : flat(a, b, vi, out);
}

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tenon/types/types.h"

namespace tenon::abi {

using types::DefValType;
using types::TypeIdx;
using types::ValType;

/// Where defined types are looked up: a component's resolved types or `wit::Packages`. Two
/// pointers, no ownership; `get` returns the structure with all aliases followed.
class Types {
 public:
  using Get = const DefValType& (*)(const void* self, TypeIdx type);
  constexpr Types(const void* self, Get get) : self_(self), get_(get) {}
  [[nodiscard]] const DefValType& operator[](TypeIdx type) const { return get_(self_, type); }

 private:
  const void* self_;
  Get get_;
};

/// Width of pointers and lengths: the address type of the memory that the values are in.
enum class Ptr : std::uint8_t { i32 = 4, i64 = 8 };

/// What a value takes in memory. 64 bits, because a hostile type may be larger than 4 GiB; sizes
/// stay at `Layout::max_size` once they reach it.
struct Layout {
  static constexpr std::uint64_t max_size = std::uint64_t{1} << 40U;
  std::uint64_t size = 0;
  std::uint32_t alignment = 1;
  friend constexpr bool operator==(const Layout&, const Layout&) = default;
};

[[nodiscard]] constexpr std::uint64_t align_to(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

/// Alignment and size together, in one walk.
/// Spec: CanonicalABI.md "Alignment", CanonicalABI.md "Element Size".
[[nodiscard]] Layout layout(const Types& types, ValType type, Ptr ptr = Ptr::i32);

/// Spec: CanonicalABI.md "Alignment".
[[nodiscard]] std::uint32_t alignment(const Types& types, ValType type, Ptr ptr = Ptr::i32);
/// Bytes that a value takes in memory. Spec: CanonicalABI.md "Element Size".
[[nodiscard]] std::uint64_t elem_size(const Types& types, ValType type, Ptr ptr = Ptr::i32);
/// Bytes of a variant's discriminant: 1, 2 or 4. Spec: CanonicalABI.md "Alignment".
[[nodiscard]] std::uint32_t discriminant_size(std::size_t cases);
/// Bytes of a set of flags: 1, 2 or 4. Spec: CanonicalABI.md "Alignment".
[[nodiscard]] std::uint32_t flags_size(std::size_t labels);
/// Where a variant's payload is: after the discriminant, aligned for the largest case.
[[nodiscard]] std::uint64_t payload_offset(const Types& types, ValType variant, Ptr ptr = Ptr::i32);
/// Offsets of the fields of a record or tuple.
[[nodiscard]] std::vector<std::uint64_t> field_offsets(const Types& types, ValType record,
                                                       Ptr ptr = Ptr::i32);

/// The layout of one type out of those of its parts: `child(ValType) -> Layout`. Who keeps a table
/// of layouts (validation) pays each type once; `layout` recurses.
template <class Child>
[[nodiscard]] Layout layout_of(const DefValType& type, Ptr ptr, Child&& child);

/// A primitive type's layout.
[[nodiscard]] Layout layout_of_prim(types::PrimValType prim, Ptr ptr);

namespace impl {

/// Fields one after the other, each aligned.
struct RecordLayout {
  Layout total;
  /// The field's offset.
  constexpr std::uint64_t add(Layout field) {
    const std::uint64_t offset = align_to(total.size, field.alignment);
    total.size = std::min(offset + field.size, Layout::max_size);
    total.alignment = std::max(total.alignment, field.alignment);
    return offset;
  }
  [[nodiscard]] constexpr Layout done() const {
    return {align_to(total.size, total.alignment), total.alignment};
  }
};

/// A discriminant, then the largest payload.
struct VariantLayout {
  explicit VariantLayout(std::size_t cases) : discriminant(discriminant_size(cases)) {}
  std::uint32_t discriminant;
  Layout payload{0, 1};
  constexpr void add(Layout field) {
    payload.size = std::max(payload.size, field.size);
    payload.alignment = std::max(payload.alignment, field.alignment);
  }
  [[nodiscard]] constexpr std::uint64_t payload_offset() const {
    return align_to(discriminant, payload.alignment);
  }
  [[nodiscard]] constexpr Layout done() const {
    const std::uint32_t align = std::max(discriminant, payload.alignment);
    return {align_to(payload_offset() + payload.size, align), align};
  }
};

}  // namespace impl

template <class Child>
Layout layout_of(const DefValType& type, Ptr ptr, Child&& child) {
  using namespace types;
  const auto width = static_cast<std::uint32_t>(ptr);
  const Layout handle{4, 4};
  const Layout pointer_and_length{2ULL * width, width};
  return std::visit(overloaded{
                        [&](PrimValType prim) { return layout_of_prim(prim, ptr); },
                        [&](const Record& record) {
                          impl::RecordLayout out;
                          for (const LabelValType& field : record.fields)
                            out.add(child(field.type));
                          return out.done();
                        },
                        [&](const Variant& variant) {
                          impl::VariantLayout out(variant.cases.size());
                          for (const Case& c : variant.cases) {
                            if (c.type) out.add(child(*c.type));
                          }
                          return out.done();
                        },
                        [&](const List& list) {
                          if (!list.length) return pointer_and_length;
                          const Layout elem = child(list.elem);
                          const bool too_large = elem.size > Layout::max_size / *list.length;
                          return Layout{too_large ? Layout::max_size : elem.size * *list.length,
                                        elem.alignment};
                        },
                        [&](const Tuple& tuple) {
                          impl::RecordLayout out;
                          for (const ValType t : tuple.types) out.add(child(t));
                          return out.done();
                        },
                        [&](const Flags& flags) {
                          const std::uint32_t size = flags_size(flags.labels.size());
                          return Layout{size, size};
                        },
                        [&](const Enum& e) { return impl::VariantLayout(e.labels.size()).done(); },
                        [&](const Option& option) {
                          impl::VariantLayout out(2);
                          out.add(child(option.type));
                          return out.done();
                        },
                        [&](const ResultType& result) {
                          impl::VariantLayout out(2);
                          if (result.ok) out.add(child(*result.ok));
                          if (result.err) out.add(child(*result.err));
                          return out.done();
                        },
                        [&](const Own&) { return handle; },
                        [&](const Borrow&) { return handle; },
                        [&](const Stream&) { return handle; },
                        [&](const Future&) { return handle; },
                        [&](const Map&) { return pointer_and_length; },
                    },
                    type);
}

}  // namespace tenon::abi

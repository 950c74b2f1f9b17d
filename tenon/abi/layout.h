// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tenon/component/types.h"

namespace tenon::abi {

using component::DefValType;
using component::TypeIdx;
using component::ValType;

/// Where defined types are looked up: a component's resolved types or `wit::Packages`. Two pointers,
/// no ownership; `get` returns the structure with all aliases followed.
class Types {
 public:
  using Get = const DefValType& (*)(const void* self, TypeIdx type);
  constexpr Types(const void* self, Get get) : self_(self), get_(get) {}
  [[nodiscard]] const DefValType& operator[](TypeIdx type) const { return get_(self_, type); }

 private:
  const void* self_;
  Get get_;
};

/// Width of pointers and lengths: the address type of the memory that the values stand in.
enum class Ptr : std::uint8_t { i32 = 4, i64 = 8 };

/// Spec: CanonicalABI.md "Alignment".
[[nodiscard]] std::uint32_t alignment(const Types& types, ValType type, Ptr ptr = Ptr::i32);
/// Bytes that a value takes in memory. 64 bits, because a hostile type may be larger than 4 GiB.
/// Spec: CanonicalABI.md "Element Size".
[[nodiscard]] std::uint64_t elem_size(const Types& types, ValType type, Ptr ptr = Ptr::i32);
[[nodiscard]] constexpr std::uint64_t align_to(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}
/// Bytes of a variant's discriminant: 1, 2 or 4.
[[nodiscard]] std::uint32_t discriminant_size(std::size_t cases);
/// Where a variant's payload stands: after the discriminant, aligned for the largest case.
[[nodiscard]] std::uint64_t payload_offset(const Types& types, ValType variant, Ptr ptr = Ptr::i32);
/// Offsets of the fields of a record or tuple.
[[nodiscard]] std::vector<std::uint64_t> field_offsets(const Types& types, ValType record, Ptr ptr = Ptr::i32);

}  // namespace tenon::abi

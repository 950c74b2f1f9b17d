// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/index.h"

namespace tenon::core {

// Index spaces. Spec: core/syntax/modules "Indices".
struct TypeIdx : Index<TypeIdx> {
  using Index::Index;
};
struct FuncIdx : Index<FuncIdx> {
  using Index::Index;
};
struct TableIdx : Index<TableIdx> {
  using Index::Index;
};
struct MemIdx : Index<MemIdx> {
  using Index::Index;
};
struct GlobalIdx : Index<GlobalIdx> {
  using Index::Index;
};
struct TagIdx : Index<TagIdx> {
  using Index::Index;
};
struct ElemIdx : Index<ElemIdx> {
  using Index::Index;
};
struct DataIdx : Index<DataIdx> {
  using Index::Index;
};
struct LocalIdx : Index<LocalIdx> {
  using Index::Index;
};
struct LabelIdx : Index<LabelIdx> {
  using Index::Index;
};
struct FieldIdx : Index<FieldIdx> {
  using Index::Index;
};

/// The one-byte codes that the binary format gives to types. Spec: core/binary/types.
enum class TypeCode : std::uint8_t {
  i32 = 0x7F,
  i64 = 0x7E,
  f32 = 0x7D,
  f64 = 0x7C,
  v128 = 0x7B,
  i8 = 0x78,
  i16 = 0x77,
  noexn = 0x74,
  nofunc = 0x73,
  noextern = 0x72,
  none = 0x71,
  func = 0x70,
  extern_ = 0x6F,
  any = 0x6E,
  eq = 0x6D,
  i31 = 0x6C,
  struct_ = 0x6B,
  array = 0x6A,
  exn = 0x69,
  ref = 0x64,
  ref_null = 0x63,
  functype = 0x60,
  structtype = 0x5F,
  arraytype = 0x5E,
  sub = 0x50,
  sub_final = 0x4F,
  rec = 0x4E,
  empty = 0x40,
  /// Not in the binary format: the bottom type of the validation algorithm.
  bot = 0x00,
};

/// An abstract heap type or the index of a defined one. Spec: core/syntax/types "Heap Types".
class HeapType {
 public:
  constexpr HeapType() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr HeapType(TypeCode abstract) : bits_(static_cast<std::uint32_t>(abstract)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr HeapType(TypeIdx defined) : bits_(defined_flag | defined.value) {}

  [[nodiscard]] constexpr bool is_defined() const { return (bits_ & defined_flag) != 0; }
  [[nodiscard]] constexpr TypeIdx index() const { return TypeIdx(bits_ & ~defined_flag); }
  [[nodiscard]] constexpr TypeCode code() const {
    return std::bit_cast<TypeCode>(static_cast<std::uint8_t>(bits_));
  }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  static constexpr HeapType from_bits(std::uint32_t bits) {
    HeapType h;
    h.bits_ = bits;
    return h;
  }
  friend constexpr bool operator==(HeapType, HeapType) = default;

 private:
  static constexpr std::uint32_t defined_flag = 1U << 24U;
  std::uint32_t bits_ = static_cast<std::uint32_t>(TypeCode::func);
};

/// A value type in 32 bits: [31..26 kind | 25 nullable | 24..0 heap type]. Equal bits, equal type
/// (within one index space of types). Packed types are `StorageType`s only.
/// Spec: core/syntax/types "Value Types".
class ValType {
 public:
  constexpr ValType() = default;  // bot
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr ValType(TypeCode code) : bits_(static_cast<std::uint32_t>(code)) {}
  static constexpr ValType ref(HeapType heap, bool nullable) {
    ValType t;
    t.bits_ = ref_flag | (nullable ? null_flag : 0U) | heap.bits();
    return t;
  }

  [[nodiscard]] constexpr bool is_ref() const { return (bits_ & ref_flag) != 0; }
  [[nodiscard]] constexpr bool is_bot() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool is_num() const {
    return !is_ref() && bits_ >= static_cast<std::uint32_t>(TypeCode::f64);
  }
  [[nodiscard]] constexpr bool is_vec() const {
    return bits_ == static_cast<std::uint32_t>(TypeCode::v128);
  }
  [[nodiscard]] constexpr bool is_packed() const {
    return bits_ == static_cast<std::uint32_t>(TypeCode::i8) ||
           bits_ == static_cast<std::uint32_t>(TypeCode::i16);
  }
  [[nodiscard]] constexpr bool nullable() const { return (bits_ & null_flag) != 0; }
  [[nodiscard]] constexpr HeapType heap() const { return HeapType::from_bits(bits_ & heap_mask); }
  /// For number, vector, packed types and bot.
  [[nodiscard]] constexpr TypeCode code() const { return static_cast<TypeCode>(bits_); }
  /// Whether a local of this type has a default value. Spec: core/valid/types "Defaultable Types".
  [[nodiscard]] constexpr bool is_defaultable() const { return !is_ref() || nullable(); }
  [[nodiscard]] constexpr ValType as_non_null() const {
    ValType t = *this;
    t.bits_ &= ~null_flag;
    return t;
  }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  static constexpr std::uint32_t ref_flag = 1U << 26U;
  static constexpr std::uint32_t null_flag = 1U << 25U;
  static constexpr std::uint32_t heap_mask = (1U << 25U) - 1;
  std::uint32_t bits_ = 0;
};

inline constexpr ValType funcref = ValType::ref(TypeCode::func, true);
inline constexpr ValType externref = ValType::ref(TypeCode::extern_, true);
inline constexpr ValType anyref = ValType::ref(TypeCode::any, true);
inline constexpr ValType exnref = ValType::ref(TypeCode::exn, true);

/// `i32`, `(ref null func)`, `funcref`, `(ref $3)` …: the text format's spelling.
[[nodiscard]] std::string to_string(ValType type);
[[nodiscard]] std::string to_string(HeapType type);

/// A value type or a packed type (i8, i16).
using StorageType = ValType;

struct FieldType {
  StorageType type;
  bool mutable_ = false;
  friend constexpr bool operator==(const FieldType&, const FieldType&) = default;
};

struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

/// Composite type. Spec: core/syntax/types "Composite Types".
struct CompType {
  enum class Kind : std::uint8_t { func, struct_, array };
  Kind kind = Kind::func;
  FuncType func;
  /// The fields of a structure; the one field of an array.
  std::vector<FieldType> fields;
  friend bool operator==(const CompType&, const CompType&) = default;
};

/// One defined type, as it is in a recursion group.
struct SubType {
  bool final_ = true;
  /// At most one in Wasm 3.0 (validation refuses more).
  std::vector<TypeIdx> supers;
  CompType type;
  /// The group: types [rec_begin, rec_begin + rec_size) of the index space.
  std::uint32_t rec_begin = 0;
  std::uint32_t rec_size = 1;
  /// Whether the group was written with `rec` (kept so that encoding gives the same bytes).
  bool explicit_rec = false;
};

/// Index type of a memory or table: i32 or i64.
enum class AddrType : std::uint8_t { i32, i64 };
[[nodiscard]] constexpr ValType valtype(AddrType at) {
  return at == AddrType::i64 ? TypeCode::i64 : TypeCode::i32;
}

struct Limits {
  std::uint64_t min = 0;
  std::optional<std::uint64_t> max;
  friend constexpr bool operator==(const Limits&, const Limits&) = default;
};

struct TableType {
  ValType elem = funcref;
  AddrType addr = AddrType::i32;
  Limits limits;
  bool shared = false;
};

struct MemType {
  AddrType addr = AddrType::i32;
  Limits limits;  // in pages
  bool shared = false;
  /// log2 of the page size: 16, or 0 with custom page sizes. Nothing when it was not written.
  std::optional<std::uint32_t> page_size_log2;
  [[nodiscard]] std::uint32_t page_log2() const { return page_size_log2.value_or(16); }
};

struct GlobalType {
  ValType type;
  bool mutable_ = false;
  bool shared = false;
};

struct TagType {
  TypeIdx type;
};

enum class ExternKind : std::uint8_t { func = 0, table = 1, mem = 2, global = 3, tag = 4 };

/// The type of an import: which alternative counts is told by `kind`.
struct ExternType {
  ExternKind kind = ExternKind::func;
  TypeIdx func;
  TableType table;
  MemType mem;
  GlobalType global;
  TagType tag;
};

}  // namespace tenon::core

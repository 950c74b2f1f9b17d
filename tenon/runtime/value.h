// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/abi/layout.h"
#include "tenon/base/error.h"
#include "tenon/base/unicode.h"
#include "tenon/component/types.h"

namespace tenon::runtime {

using component::ValType;

/// A value type and the table that its indices point into.
struct TypeView {
  abi::Types types;
  ValType type;

  [[nodiscard]] TypeView at(ValType other) const { return {types, other}; }
  /// The defined type, or null for a primitive one written as such.
  [[nodiscard]] const component::DefValType* def() const {
    return type.is_prim() ? nullptr : &types[type.index()];
  }
  /// The primitive type, aliases followed; nothing for a compound one.
  [[nodiscard]] std::optional<component::PrimValType> prim() const;
};

/// The type as WIT spells it, structurally: `record { x: f64, y: f64 }`, `list<u8>`. Long and deep
/// types are cut with `…`.
[[nodiscard]] std::string to_string(const TypeView& type);

/// What a `Value` is. Enumerators have the names of the types, the primitive ones first.
enum class ValueKind : std::uint8_t {
#define TENON_PRIM(name, ...) name,
#include "tenon/types/primvaltypes.def"
  list,
  record,
  tuple,
  variant,
  enum_,
  option,
  result,
  flags,
  own,
  borrow,
  stream,
  future,
};
[[nodiscard]] std::string_view to_string(ValueKind kind);

/// Names a resource that a host holds: the place in its store's table, with a generation that no
/// other handle of the process has, so that a stale copy and a handle of another store are told
/// from the handle that has the place. Generation 0 is no handle.
struct HostHandle {
  std::uint32_t index = 0;
  std::uint64_t generation = 0;
  friend constexpr bool operator==(const HostHandle&, const HostHandle&) = default;
};

/// Any component value, with the names that its type gives to fields and cases. Copies are deep.
/// `list<u8>` is kept as bytes. A map is a list of pairs. Several threads may read one at a time.
class Value {
 public:
  struct Field;
  using Labels = std::vector<std::string>;

  Value() = default;
  Value(const Value& other);
  Value& operator=(const Value& other);
  /// The source becomes `false`.
  Value(Value&& other) noexcept;
  Value& operator=(Value&& other) noexcept;
  ~Value();

  static Value boolean(bool v) { return scalar(ValueKind::bool_, v); }
  static Value s8(std::int8_t v) { return integer(ValueKind::s8, v); }
  static Value u8(std::uint8_t v) { return integer(ValueKind::u8, v); }
  static Value s16(std::int16_t v) { return integer(ValueKind::s16, v); }
  static Value u16(std::uint16_t v) { return integer(ValueKind::u16, v); }
  static Value s32(std::int32_t v) { return integer(ValueKind::s32, v); }
  static Value u32(std::uint32_t v) { return integer(ValueKind::u32, v); }
  static Value s64(std::int64_t v) { return integer(ValueKind::s64, v); }
  static Value u64(std::uint64_t v) { return integer(ValueKind::u64, v); }
  static Value f32(float v) { return scalar(ValueKind::f32, v); }
  static Value f64(double v) { return scalar(ValueKind::f64, v); }
  static Value character(char32_t v) { return scalar(ValueKind::char_, v); }
  static Value string(std::string v);
  static Value list(std::vector<Value> items);
  /// A `list<u8>`.
  static Value bytes(std::vector<std::uint8_t> bytes);
  static Value record(std::vector<Field> fields);
  /// The same with labels that values of one type share; as many as items.
  static Value record(std::shared_ptr<const Labels> labels, std::vector<Value> items);
  static Value tuple(std::vector<Value> items);
  static Value variant(std::string label, std::optional<Value> payload = std::nullopt);
  static Value enumeration(std::string label);
  static Value some(Value payload);
  static Value none() { return scalar(ValueKind::option, false); }
  static Value ok(std::optional<Value> payload = std::nullopt);
  static Value err(std::optional<Value> payload = std::nullopt);
  /// The labels that are set.
  static Value flags(std::vector<std::string> labels);
  static Value own(HostHandle handle) { return handle_of(ValueKind::own, handle); }
  static Value borrow(HostHandle handle) { return handle_of(ValueKind::borrow, handle); }
  /// A stream or future: the readable end in the store's table.
  static Value stream(HostHandle handle) { return handle_of(ValueKind::stream, handle); }
  static Value future(HostHandle handle) { return handle_of(ValueKind::future, handle); }
  static Value error_context(std::string message);

  [[nodiscard]] ValueKind kind() const { return kind_; }
  [[nodiscard]] bool is(ValueKind kind) const { return kind_ == kind; }

  // Getters. To call one of another kind is a mistake in the host, like an index out of range: it
  // prints both kinds and ends the process. `get_if_…` return a pointer into the value, or null for
  // another kind.
  [[nodiscard]] bool as_bool() const { return get<bool>(ValueKind::bool_); }
  /// Any integer kind, sign-extended or zero-extended.
  [[nodiscard]] std::int64_t as_signed() const { return static_cast<std::int64_t>(as_unsigned()); }
  [[nodiscard]] std::uint64_t as_unsigned() const {
    if (!is_integer()) [[unlikely]]
      wrong_kind("integer");
    return bits();
  }
  [[nodiscard]] float as_f32() const { return get<float>(ValueKind::f32); }
  [[nodiscard]] double as_f64() const { return get<double>(ValueKind::f64); }
  /// f32 or f64 as a double.
  [[nodiscard]] double as_float() const {
    return kind_ == ValueKind::f32 ? double{as_f32()} : as_f64();
  }
  [[nodiscard]] char32_t as_char() const { return get<char32_t>(ValueKind::char_); }
  /// A string, an error context's message, or the label of a variant's or enum's case.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] HostHandle handle() const {
    if (!is_handle()) [[unlikely]]
      wrong_kind("handle");
    return {index_, bits()};
  }

  [[nodiscard]] const bool* get_if_bool() const { return get_if<bool>(ValueKind::bool_); }
  [[nodiscard]] const std::int8_t* get_if_s8() const { return get_if<std::int8_t>(ValueKind::s8); }
  [[nodiscard]] const std::uint8_t* get_if_u8() const {
    return get_if<std::uint8_t>(ValueKind::u8);
  }
  [[nodiscard]] const std::int16_t* get_if_s16() const {
    return get_if<std::int16_t>(ValueKind::s16);
  }
  [[nodiscard]] const std::uint16_t* get_if_u16() const {
    return get_if<std::uint16_t>(ValueKind::u16);
  }
  [[nodiscard]] const std::int32_t* get_if_s32() const {
    return get_if<std::int32_t>(ValueKind::s32);
  }
  [[nodiscard]] const std::uint32_t* get_if_u32() const {
    return get_if<std::uint32_t>(ValueKind::u32);
  }
  [[nodiscard]] const std::int64_t* get_if_s64() const {
    return get_if<std::int64_t>(ValueKind::s64);
  }
  [[nodiscard]] const std::uint64_t* get_if_u64() const {
    return get_if<std::uint64_t>(ValueKind::u64);
  }
  [[nodiscard]] const float* get_if_f32() const { return get_if<float>(ValueKind::f32); }
  [[nodiscard]] const double* get_if_f64() const { return get_if<double>(ValueKind::f64); }
  [[nodiscard]] const char32_t* get_if_char() const { return get_if<char32_t>(ValueKind::char_); }
  /// A string alone.
  [[nodiscard]] const std::string* get_if_string() const;
  /// As `text`.
  [[nodiscard]] const std::string* get_if_text() const;
  /// As `items`, for a list, a tuple or a record; null for a list that is kept as bytes.
  [[nodiscard]] const std::vector<Value>* get_if_items() const;
  /// As `bytes`; null for a list that is kept as values.
  [[nodiscard]] const std::vector<std::uint8_t>* get_if_bytes() const;
  /// The payload of a variant, option or result that has one.
  [[nodiscard]] const Value* get_if_payload() const;
  /// A field of a record that has it.
  [[nodiscard]] const Value* get_if_field(std::string_view label) const;

  /// Number of elements, fields or flags.
  [[nodiscard]] std::size_t size() const;
  /// Elements of a list (unless it is kept as bytes) or tuple, the values of a record's fields.
  [[nodiscard]] std::span<const Value> items() const;
  [[nodiscard]] std::span<Value> items();
  /// An element of a list, whichever way it is kept, or of a tuple or record. `i` must be below
  /// `size`: else the process ends.
  [[nodiscard]] Value at(std::size_t i) const;
  /// Whether a list is kept as bytes, and those bytes.
  [[nodiscard]] bool is_bytes() const;
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;
  /// The fields' labels, in the order of `items`; the labels of the flags that are set.
  [[nodiscard]] std::span<const std::string> labels() const;
  /// A record's field, or null.
  [[nodiscard]] const Value* field(std::string_view label) const;
  /// The payload of a variant, enum (never one), option or result, or null.
  [[nodiscard]] const Value* payload() const;
  [[nodiscard]] Value* payload();
  /// Whether an option is `some`, a result `ok`.
  [[nodiscard]] bool is_some() const { return get<bool>(ValueKind::option); }
  [[nodiscard]] bool is_ok() const { return get<bool>(ValueKind::result); }

  /// Bytes of the host's memory that a value takes that is not a number, handle or empty case,
  /// beside its text, items and labels.
  [[nodiscard]] static constexpr std::uint64_t base_bytes();

  /// Structural; floats compare as numbers, but NaN equals NaN. The order of flags does not count.
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Node;
  /// Numbers lie as what they are, so that `get_if_…` can point to them; integers are extended to
  /// 64 bits behind.
  template <class T>
  static Value scalar(ValueKind kind, T v) {
    std::uint64_t bits = 0;
    static_assert(sizeof(T) <= sizeof(bits));
    std::memcpy(&bits, &v, sizeof(T));
    return of_bits(kind, bits, 0);
  }
  template <class T>
  static Value integer(ValueKind kind, T v) {
    return of_bits(kind, static_cast<std::uint64_t>(v), 0);
  }
  static Value handle_of(ValueKind kind, HostHandle h) {
    return of_bits(kind, h.generation, h.index);
  }
  static Value of_bits(ValueKind kind, std::uint64_t bits, std::uint32_t index);
  static Value with_node(ValueKind kind, bool flag, Node node);
  [[nodiscard]] std::uint64_t bits() const { return std::bit_cast<std::uint64_t>(bits_); }
  [[nodiscard]] bool is_integer() const {
    return kind_ >= ValueKind::s8 && kind_ <= ValueKind::u64;
  }
  [[nodiscard]] bool is_handle() const {
    return kind_ >= ValueKind::own && kind_ <= ValueKind::future;
  }
  [[nodiscard]] bool has_text() const {
    return kind_ == ValueKind::string || kind_ == ValueKind::variant || kind_ == ValueKind::enum_ ||
           kind_ == ValueKind::error_context;
  }
  [[nodiscard]] bool has_items() const {
    return kind_ == ValueKind::list || kind_ == ValueKind::record || kind_ == ValueKind::tuple;
  }
  [[nodiscard]] bool has_cases() const {
    return kind_ == ValueKind::variant || kind_ == ValueKind::enum_ || kind_ == ValueKind::option ||
           kind_ == ValueKind::result;
  }
  template <class T>
  [[nodiscard]] T get(ValueKind kind) const {
    if (kind_ != kind) [[unlikely]]
      wrong_kind(to_string(kind));
    T v;
    std::memcpy(&v, bits_.data(), sizeof(T));
    return v;
  }
  template <class T>
  [[nodiscard]] const T* get_if(ValueKind kind) const {
    static_assert(std::endian::native == std::endian::little);
    return kind_ == kind ? std::launder(reinterpret_cast<const T*>(bits_.data())) : nullptr;
  }
  [[noreturn]] void wrong_kind(std::string_view wanted) const noexcept;

  ValueKind kind_ = ValueKind::bool_;
  /// Of a handle; its generation is in the bits.
  std::uint32_t index_ = 0;
  alignas(std::uint64_t) std::array<std::byte, 8> bits_{};
  std::unique_ptr<Node> node_;
};

struct Value::Field {
  std::string label;
  Value value;
};

struct Value::Node {
  std::string text;
  std::vector<Value> items;
  std::shared_ptr<const Labels> labels;
  std::vector<std::uint8_t> bytes;
  bool is_bytes = false;
};

constexpr std::uint64_t Value::base_bytes() {
  // An allocator keeps some bytes for itself.
  return sizeof(Node) + 16;
}

/// Whether the value fits the type: kinds, labels in the type's order, payloads, lengths of fixed
/// lists; handles by own or borrow only. The error names the place inside the value.
[[nodiscard]] Result<void> check(const Value& value, const TypeView& type);

/// The least value of a type: zero (of a char too), false, "", empty, the first case, none, ok.
/// Nothing for handles, streams and futures, and for a value of more than 2^16 parts.
[[nodiscard]] std::optional<Value> default_value(const TypeView& type);

}  // namespace tenon::runtime

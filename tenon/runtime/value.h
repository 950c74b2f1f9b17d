// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/abi/layout.h"
#include "tenon/base/error.h"
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

/// What a `Value` is. Enumerators bear the names of the types.
enum class ValueKind : std::uint8_t {
  bool_,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  char_,
  string,
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
  error_context,
};
[[nodiscard]] std::string_view to_string(ValueKind kind);

/// Names a resource that a host holds: the place in its store's table, with a generation so that a
/// stale copy is told from the handle that took its place.
struct HostHandle {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  friend constexpr bool operator==(const HostHandle&, const HostHandle&) = default;
};

/// Any component value, with the names that its type gives to fields and cases. Copies are deep.
/// `list<u8>` is kept as bytes. A map is a list of pairs.
class Value {
 public:
  struct Field;

  Value() = default;
  Value(const Value& other);
  Value& operator=(const Value& other);
  Value(Value&&) noexcept = default;
  Value& operator=(Value&&) noexcept = default;
  ~Value();

  static Value boolean(bool v) { return scalar(ValueKind::bool_, v ? 1 : 0); }
  static Value s8(std::int8_t v) { return integer(ValueKind::s8, v); }
  static Value u8(std::uint8_t v) { return scalar(ValueKind::u8, v); }
  static Value s16(std::int16_t v) { return integer(ValueKind::s16, v); }
  static Value u16(std::uint16_t v) { return scalar(ValueKind::u16, v); }
  static Value s32(std::int32_t v) { return integer(ValueKind::s32, v); }
  static Value u32(std::uint32_t v) { return scalar(ValueKind::u32, v); }
  static Value s64(std::int64_t v) { return integer(ValueKind::s64, v); }
  static Value u64(std::uint64_t v) { return scalar(ValueKind::u64, v); }
  static Value f32(float v) { return scalar(ValueKind::f32, std::bit_cast<std::uint32_t>(v)); }
  static Value f64(double v) { return scalar(ValueKind::f64, std::bit_cast<std::uint64_t>(v)); }
  static Value character(char32_t v) { return scalar(ValueKind::char_, v); }
  static Value string(std::string v);
  static Value list(std::vector<Value> items);
  /// A `list<u8>`.
  static Value bytes(std::vector<std::uint8_t> bytes);
  static Value record(std::vector<Field> fields);
  static Value tuple(std::vector<Value> items);
  static Value variant(std::string label, std::optional<Value> payload = std::nullopt);
  static Value enumeration(std::string label);
  static Value some(Value payload);
  static Value none() { return scalar(ValueKind::option, 0); }
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

  [[nodiscard]] bool as_bool() const { return bits_ != 0; }
  /// Any integer kind, sign-extended or zero-extended.
  [[nodiscard]] std::int64_t as_signed() const { return static_cast<std::int64_t>(bits_); }
  [[nodiscard]] std::uint64_t as_unsigned() const { return bits_; }
  [[nodiscard]] float as_f32() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits_));
  }
  [[nodiscard]] double as_f64() const { return std::bit_cast<double>(bits_); }
  /// f32 or f64 as a double.
  [[nodiscard]] double as_float() const {
    return kind_ == ValueKind::f32 ? double{as_f32()} : as_f64();
  }
  [[nodiscard]] char32_t as_char() const { return static_cast<char32_t>(bits_); }
  /// A string, an error context's message, or the label of a variant's or enum's case.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] HostHandle handle() const {
    return {static_cast<std::uint32_t>(bits_), static_cast<std::uint32_t>(bits_ >> 32U)};
  }

  /// Number of elements, fields or flags.
  [[nodiscard]] std::size_t size() const;
  /// Elements of a list (unless it is kept as bytes) or tuple, the values of a record's fields.
  [[nodiscard]] std::span<const Value> items() const;
  [[nodiscard]] std::span<Value> items();
  /// An element of a list, whichever way it is kept.
  [[nodiscard]] Value at(std::size_t i) const;
  /// Whether a list is kept as bytes, and those bytes.
  [[nodiscard]] bool is_bytes() const;
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;
  /// The fields' labels, in the order of `items`; the labels of the flags that are set.
  [[nodiscard]] std::span<const std::string> labels() const;
  /// A record's field, or null.
  [[nodiscard]] const Value* field(std::string_view label) const;
  /// The payload of a variant, option or result, or null.
  [[nodiscard]] const Value* payload() const;
  [[nodiscard]] Value* payload();
  /// Whether an option is `some`, a result `ok`.
  [[nodiscard]] bool is_some() const { return bits_ != 0; }
  [[nodiscard]] bool is_ok() const { return bits_ != 0; }

  /// Structural; floats compare as numbers, but NaN equals NaN. The order of flags does not count.
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Node;
  static Value scalar(ValueKind kind, std::uint64_t bits);
  static Value integer(ValueKind kind, std::int64_t v) {
    return scalar(kind, static_cast<std::uint64_t>(v));
  }
  static Value handle_of(ValueKind kind, HostHandle h) {
    return scalar(kind, h.index | (std::uint64_t{h.generation} << 32U));
  }
  static Value with_node(ValueKind kind, std::uint64_t bits, Node node);

  ValueKind kind_ = ValueKind::bool_;
  std::uint64_t bits_ = 0;
  std::unique_ptr<Node> node_;
};

struct Value::Field {
  std::string label;
  Value value;
};

struct Value::Node {
  std::string text;
  std::vector<Value> items;
  std::vector<std::string> labels;
  std::vector<std::uint8_t> bytes;
  bool is_bytes = false;
};

/// Whether the value fits the type: kinds, labels in the type's order, payloads, lengths of fixed
/// lists; handles by own or borrow only. The error names the place inside the value.
[[nodiscard]] Result<void> check(const Value& value, const TypeView& type);

/// The least value of a type: zero, false, "", empty, the first case, none, ok.
/// Nothing for handles, streams and futures.
[[nodiscard]] std::optional<Value> default_value(const TypeView& type);

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/index.h"
#include "tenon/core/types.h"

namespace tenon::types {

// Index spaces of a component. The core ones that a module does not have begin with Core.
// Spec: Explainer.md "Index Spaces".
struct TypeIdx : Index<TypeIdx> {
  using Index::Index;
};
struct FuncIdx : Index<FuncIdx> {
  using Index::Index;
};
struct ValueIdx : Index<ValueIdx> {
  using Index::Index;
};
struct InstanceIdx : Index<InstanceIdx> {
  using Index::Index;
};
struct ComponentIdx : Index<ComponentIdx> {
  using Index::Index;
};
struct CoreTypeIdx : Index<CoreTypeIdx> {
  using Index::Index;
};
struct CoreFuncIdx : Index<CoreFuncIdx> {
  using Index::Index;
};
struct CoreTableIdx : Index<CoreTableIdx> {
  using Index::Index;
};
struct CoreMemIdx : Index<CoreMemIdx> {
  using Index::Index;
};
struct CoreGlobalIdx : Index<CoreGlobalIdx> {
  using Index::Index;
};
struct CoreTagIdx : Index<CoreTagIdx> {
  using Index::Index;
};
struct CoreModuleIdx : Index<CoreModuleIdx> {
  using Index::Index;
};
struct CoreInstanceIdx : Index<CoreInstanceIdx> {
  using Index::Index;
};

/// Primitive value types by their binary code. Rows: primvaltypes.def.
enum class PrimValType : std::uint8_t {
#define TENON_PRIM(name, text, code, size, flat, ...) name = code,
#include "tenon/types/primvaltypes.def"
};

/// The WIT and text spelling.
[[nodiscard]] constexpr std::string_view to_string(PrimValType type) {
  switch (type) {
#define TENON_PRIM(name, text, code, size, flat, ...) \
  case PrimValType::name:                             \
    return text;
#include "tenon/types/primvaltypes.def"
  }
  return {};
}

/// A value type: a primitive one, or the index of a defined one. Which table the index points into
/// is the owner's affair: a component's type space, or `wit::Packages::types`. Spec: Binary.md
/// "Type Definitions" (valtype).
class ValType {
 public:
  constexpr ValType() : ValType(PrimValType::bool_) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr ValType(PrimValType prim) : bits_(prim_flag | static_cast<std::uint32_t>(prim)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr ValType(TypeIdx idx) : bits_(idx.value) {}

  [[nodiscard]] constexpr bool is_prim() const { return (bits_ & prim_flag) != 0; }
  [[nodiscard]] constexpr PrimValType prim() const {
    return static_cast<PrimValType>(bits_ & 0xFFU);
  }
  [[nodiscard]] constexpr TypeIdx index() const { return TypeIdx(bits_); }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  static constexpr std::uint32_t prim_flag = 1U << 31U;
  std::uint32_t bits_;
};

struct LabelValType {
  std::string label;
  ValType type;
  friend bool operator==(const LabelValType&, const LabelValType&) = default;
};

struct Case {
  std::string label;
  std::optional<ValType> type;
  friend bool operator==(const Case&, const Case&) = default;
};

// Alternatives of DefValType. Spec: Explainer.md "Defined value types".
struct Record {
  std::vector<LabelValType> fields;
  friend bool operator==(const Record&, const Record&) = default;
};
struct Variant {
  std::vector<Case> cases;
  friend bool operator==(const Variant&, const Variant&) = default;
};
struct List {
  ValType elem;
  /// A fixed-length list when given (larger than 0).
  std::optional<std::uint32_t> length;
  friend bool operator==(const List&, const List&) = default;
};
struct Tuple {
  std::vector<ValType> types;
  friend bool operator==(const Tuple&, const Tuple&) = default;
};
struct Flags {
  std::vector<std::string> labels;
  friend bool operator==(const Flags&, const Flags&) = default;
};
struct Enum {
  std::vector<std::string> labels;
  friend bool operator==(const Enum&, const Enum&) = default;
};
struct Option {
  ValType type;
  friend bool operator==(const Option&, const Option&) = default;
};
/// `result<ok, err>`. Named so that `tenon::Result` stays what it is.
struct ResultType {
  std::optional<ValType> ok;
  std::optional<ValType> err;
  friend bool operator==(const ResultType&, const ResultType&) = default;
};
struct Own {
  TypeIdx resource;
  friend bool operator==(const Own&, const Own&) = default;
};
struct Borrow {
  TypeIdx resource;
  friend bool operator==(const Borrow&, const Borrow&) = default;
};
struct Stream {
  std::optional<ValType> type;
  friend bool operator==(const Stream&, const Stream&) = default;
};
struct Future {
  std::optional<ValType> type;
  friend bool operator==(const Future&, const Future&) = default;
};
struct Map {
  ValType key;
  ValType value;
  friend bool operator==(const Map&, const Map&) = default;
};

/// The one structure of a defined value type, shared by the binary form, WIT, the ABI, the
/// generators and the runtime.
using DefValType = std::variant<PrimValType, Record, Variant, List, Tuple, Flags, Enum, Option,
                                ResultType, Own, Borrow, Stream, Future, Map>;

struct FuncType {
  bool async_ = false;
  std::vector<LabelValType> params;
  std::optional<ValType> result;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

/// `(resource (rep i32) (dtor f)?)`.
struct ResourceType {
  core::ValType rep = core::TypeCode::i32;
  std::optional<CoreFuncIdx> dtor;
};

}  // namespace tenon::types

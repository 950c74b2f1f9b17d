// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/abi/layout.h"
#include "tenon/component/types.h"
#include "tenon/runtime/value.h"

namespace tenon::runtime {

/// A value type as lifting and lowering see it: despecialised, with sizes and offsets worked out
/// once. Spec: CanonicalABI.md "Despecialization", "Alignment", "Element Size", "Flattening".
struct Shape {
  enum class Kind : std::uint8_t {
#define TENON_PRIM(name, ...) name,
#include "tenon/types/primvaltypes.def"
    /// `list` also stands for maps, `record` for tuples, `variant` for enums, options and results.
    list,
    fixed_list,
    record,
    variant,
    flags,
    own,
    borrow,
    stream,
    future,
  };
  struct Field {
    /// Null for a case without payload.
    const Shape* shape = nullptr;
    /// Offset in the record.
    std::uint32_t offset = 0;
    std::string_view label;
  };

  Kind kind = Kind::bool_;
  /// What the type was before despecialisation: tells options from variants when a `Value` is made.
  ValueKind value_kind = ValueKind::bool_;
  /// Bytes of a variant's discriminant or of flags.
  std::uint8_t disc_size = 0;
  /// Every bit pattern is a value and there is no padding: a copy of the bytes is a copy of the
  /// value.
  bool dense = false;
  bool has_borrow = false;
  /// A part follows a pointer, or needs the store: handles, strings, lists.
  bool has_pointer = false;
  std::uint32_t align = 1;
  std::uint32_t size = 0;
  std::uint32_t payload_offset = 0;
  /// Core values it flattens to; more than `MAX_FLAT_PARAMS` means too many.
  std::uint32_t flat_count = 0;
  /// Length of a fixed list.
  std::uint32_t length = 0;
  /// Own and borrow: the resource in the component's type space.
  component::TypeIdx resource;
  /// Fields of a record, cases of a variant, the element of a list (one), the pair of a map (as a
  /// record).
  std::vector<Field> fields;
  /// Labels of flags.
  const std::vector<std::string>* labels = nullptr;
  /// Labels of a record's fields, shared by the values that are lifted.
  std::shared_ptr<const Value::Labels> field_labels;
  ValType type;

  [[nodiscard]] const Shape& elem() const { return *fields.front().shape; }
  /// One core value, of `size` bytes in memory: numbers, flags, handles.
  [[nodiscard]] bool is_scalar() const {
    return kind != Kind::string && kind != Kind::list && kind != Kind::fixed_list &&
           kind != Kind::record && kind != Kind::variant;
  }
};

/// The shapes of a component's value types for one width of pointers. Built when a component is
/// compiled; immutable and shared afterwards.
class Shapes {
 public:
  Shapes(const abi::Types& types, abi::Ptr ptr) : types_(types), ptr_(ptr) {}
  Shapes(const Shapes&) = delete;
  Shapes& operator=(const Shapes&) = delete;

  /// The shape of a type; made on first use. The type must be valid.
  const Shape* add(ValType type);
  [[nodiscard]] abi::Ptr ptr() const { return ptr_; }
  [[nodiscard]] const abi::Types& types() const { return types_; }

 private:
  void fill(Shape& shape, const component::DefValType& def);
  void fill_prim(Shape& shape, component::PrimValType prim);
  void fill_record(Shape& shape, std::vector<Shape::Field> fields);
  void fill_variant(Shape& shape, std::vector<Shape::Field> cases, ValueKind kind);
  void fill_cases(Shape& shape, const component::DefValType& def);
  void fill_list(Shape& shape, const Shape* elem, std::optional<std::uint32_t> length);
  const Shape* add_pair(const component::Map& map);

  abi::Types types_;
  abi::Ptr ptr_;
  std::deque<Shape> shapes_;
  std::unordered_map<std::uint32_t, const Shape*> known_;
};

/// A function's parameters and result as shapes, with the decisions that depend on them alone.
/// Spec: CanonicalABI.md "Lifting and Lowering Values".
struct FuncShape {
  std::vector<Shape::Field> params;
  const Shape* result = nullptr;
  /// Core values of the parameters; more than `MAX_FLAT_PARAMS` go through memory as one tuple.
  std::uint32_t flat_params = 0;
  std::uint32_t flat_results = 0;
  std::uint32_t params_size = 0;
  std::uint32_t params_align = 1;
  /// Parameters and result are numbers that cross as they are (i32, i64, f32, f64 wide).
  bool plain = false;
  bool has_borrows = false;

  [[nodiscard]] bool params_in_memory() const { return flat_params > abi::MAX_FLAT_PARAMS; }
  [[nodiscard]] bool result_in_memory() const { return flat_results > abi::MAX_FLAT_RESULTS; }
};
[[nodiscard]] FuncShape func_shape(Shapes& shapes, const component::FuncType& type);

}  // namespace tenon::runtime

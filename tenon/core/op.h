// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tenon/core/features.h"
#include "tenon/core/types.h"

namespace tenon::core {

/// An operator: one row of ops.def or ops_simd.def, in the order of the tables.
enum class Op : std::uint16_t {
#define TENON_OP(name, text, opcode, Imm, shape, gate) name,
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
};

inline constexpr std::size_t num_ops = 0
#define TENON_OP(name, text, opcode, Imm, shape, gate) +1
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
    ;

// ---- Immediates. Spec: core/binary/instructions ----

struct NoImm {};

/// Block type: nothing, one result, or the index of a function type.
/// Spec: core/syntax/instructions "Control Instructions".
struct BlockType {
  enum class Kind : std::uint8_t { empty, value, type };
  Kind kind = Kind::empty;
  /// Of kind `value`.
  ValType value;
  /// Of kind `type`.
  TypeIdx type;
};

struct BlockImm {
  BlockType type;
};

/// One clause of `try_table`; `tag` counts for catch_ and catch_ref. The label counts from outside
/// of the block.
struct Catch {
  enum class Kind : std::uint8_t { catch_ = 0, catch_ref = 1, catch_all = 2, catch_all_ref = 3 };
  Kind kind = Kind::catch_;
  TagIdx tag;
  LabelIdx label;
};

/// The clauses live until the visitor's call returns.
struct TryTableImm {
  BlockType type;
  std::span<const Catch> catches;
};
/// The labels live until the visitor's call returns; `labels` does not hold the default.
struct BrTableImm {
  std::span<const LabelIdx> labels;
  LabelIdx default_;
};
/// The types live until the visitor's call returns. Valid: exactly one.
struct SelectImm {
  std::span<const ValType> types;
};

struct LabelImm {
  LabelIdx label;
};
struct FuncImm {
  FuncIdx func;
};
struct CallIndirectImm {
  TypeIdx type;
  TableIdx table;
};
struct TypeImm {
  TypeIdx type;
};
struct TagImm {
  TagIdx tag;
};
struct LocalImm {
  LocalIdx local;
};
struct GlobalImm {
  GlobalIdx global;
};
struct TableImm {
  TableIdx table;
};
struct TableInitImm {
  ElemIdx elem;
  TableIdx table;
};
struct TableCopyImm {
  TableIdx dst;
  TableIdx src;
};
struct ElemImm {
  ElemIdx elem;
};
struct MemImm {
  MemIdx mem;
};
struct MemInitImm {
  DataIdx data;
  MemIdx mem;
};
struct MemCopyImm {
  MemIdx dst;
  MemIdx src;
};
struct DataImm {
  DataIdx data;
};

/// Spec: core/syntax/instructions "Memory Instructions".
struct MemArgImm {
  /// log2 of the alignment, the memory flag taken out.
  std::uint32_t align = 0;
  MemIdx mem;
  std::uint64_t offset = 0;
};
struct MemArgLaneImm {
  MemArgImm mem;
  std::uint8_t lane = 0;
};

struct I32Imm {
  std::int32_t value = 0;
};
struct I64Imm {
  std::int64_t value = 0;
};
/// The bits: a NaN keeps its payload.
struct F32Imm {
  std::uint32_t bits = 0;
};
struct F64Imm {
  std::uint64_t bits = 0;
};
struct V128Imm {
  std::array<std::uint8_t, 16> bytes{};
};
struct LaneImm {
  std::uint8_t lane = 0;
};
struct ShuffleImm {
  std::array<std::uint8_t, 16> lanes{};
};

struct HeapTypeImm {
  HeapType heap;
};
struct FieldImm {
  TypeIdx type;
  FieldIdx field;
};
struct ArrayFixedImm {
  TypeIdx type;
  std::uint32_t count = 0;
};
struct ArrayDataImm {
  TypeIdx type;
  DataIdx data;
};
struct ArrayElemImm {
  TypeIdx type;
  ElemIdx elem;
};
struct ArrayCopyImm {
  TypeIdx dst;
  TypeIdx src;
};
/// br_on_cast and br_on_cast_fail: both are reference types.
struct BrOnCastImm {
  LabelIdx label;
  ValType from;
  ValType to;
};
/// The reserved byte of `atomic.fence`, which must be zero.
struct FenceImm {};

// ---- Shapes. Spec: core/syntax/instructions ----

/// The syntax class of an operator, from which its type, and with memory operators its natural
/// alignment, follow.
struct Shape {
  enum class Kind : std::uint8_t {
    special,
    const_,
    unop,
    binop,
    testop,
    relop,
    cvtop,
    load,
    store,
    vunop,
    vbinop,
    vternop,
    vtestop,
    vrelop,
    vshiftop,
    vcvtop,
    vsplat,
    vshuffle,
    vextract_lane,
    vreplace_lane,
    vload_lane,
    vstore_lane,
    wide_binop,
    wide_mulop,
    atomic_load,
    atomic_store,
    atomic_rmw,
    atomic_cmpxchg,
    atomic_wait,
    atomic_notify,
  };
  Kind kind = Kind::special;
  /// The type operated on; with cvtop the result; with splat and lane operators the scalar.
  TypeCode type = TypeCode::empty;
  /// With cvtop the operand.
  TypeCode from = TypeCode::empty;
  /// log2 of the bytes that a memory operator accesses, so its natural alignment.
  std::uint8_t log2_size = 0;
  /// Lanes of the vector, for lane operators.
  std::uint8_t lanes = 0;
  friend constexpr bool operator==(const Shape&, const Shape&) = default;

  /// Whether its immediates begin with a memory argument.
  [[nodiscard]] constexpr bool is_memory() const {
    return kind == Kind::load || kind == Kind::store || kind == Kind::vload_lane ||
           kind == Kind::vstore_lane || is_atomic();
  }
  [[nodiscard]] constexpr bool is_atomic() const {
    return kind >= Kind::atomic_load && kind <= Kind::atomic_notify;
  }
};

/// The functions that the shape column of the tables calls.
namespace shapes {
inline constexpr TypeCode i32 = TypeCode::i32;
inline constexpr TypeCode i64 = TypeCode::i64;
inline constexpr TypeCode f32 = TypeCode::f32;
inline constexpr TypeCode f64 = TypeCode::f64;
inline constexpr TypeCode v128 = TypeCode::v128;

inline constexpr Shape special{};
using Kind = Shape::Kind;
constexpr Shape of(Kind kind, TypeCode type) {
  return {kind, type, TypeCode::empty, 0, 0};
}
constexpr Shape mem(Kind kind, TypeCode type, unsigned log2) {
  return {kind, type, TypeCode::empty, static_cast<std::uint8_t>(log2), 0};
}
constexpr Shape lane(Kind kind, TypeCode type, unsigned lanes) {
  return {kind, type, TypeCode::empty, 0, static_cast<std::uint8_t>(lanes)};
}
constexpr Shape const_(TypeCode t) {
  return of(Kind::const_, t);
}
constexpr Shape unop(TypeCode t) {
  return of(Kind::unop, t);
}
constexpr Shape binop(TypeCode t) {
  return of(Kind::binop, t);
}
constexpr Shape testop(TypeCode t) {
  return of(Kind::testop, t);
}
constexpr Shape relop(TypeCode t) {
  return of(Kind::relop, t);
}
constexpr Shape cvtop(TypeCode to, TypeCode from) {
  return {Kind::cvtop, to, from, 0, 0};
}
constexpr Shape load(TypeCode t, unsigned log2) {
  return mem(Kind::load, t, log2);
}
constexpr Shape store(TypeCode t, unsigned log2) {
  return mem(Kind::store, t, log2);
}
constexpr Shape vunop() {
  return of(Kind::vunop, v128);
}
constexpr Shape vbinop() {
  return of(Kind::vbinop, v128);
}
constexpr Shape vternop() {
  return of(Kind::vternop, v128);
}
constexpr Shape vtestop() {
  return of(Kind::vtestop, v128);
}
constexpr Shape vrelop() {
  return of(Kind::vrelop, v128);
}
constexpr Shape vshiftop() {
  return of(Kind::vshiftop, v128);
}
constexpr Shape vcvtop() {
  return of(Kind::vcvtop, v128);
}
constexpr Shape vsplat(TypeCode t) {
  return of(Kind::vsplat, t);
}
constexpr Shape vshuffle() {
  return lane(Kind::vshuffle, v128, 16);
}
constexpr Shape vextract_lane(TypeCode t, unsigned n) {
  return lane(Kind::vextract_lane, t, n);
}
constexpr Shape vreplace_lane(TypeCode t, unsigned n) {
  return lane(Kind::vreplace_lane, t, n);
}
constexpr Shape vload_lane(unsigned log2) {
  return {Kind::vload_lane, v128, TypeCode::empty, static_cast<std::uint8_t>(log2),
          static_cast<std::uint8_t>(16U >> log2)};
}
constexpr Shape vstore_lane(unsigned log2) {
  return {Kind::vstore_lane, v128, TypeCode::empty, static_cast<std::uint8_t>(log2),
          static_cast<std::uint8_t>(16U >> log2)};
}
constexpr Shape wide_binop() {
  return of(Kind::wide_binop, i64);
}
constexpr Shape wide_mulop() {
  return of(Kind::wide_mulop, i64);
}
constexpr Shape atomic_load(TypeCode t, unsigned log2) {
  return mem(Kind::atomic_load, t, log2);
}
constexpr Shape atomic_store(TypeCode t, unsigned log2) {
  return mem(Kind::atomic_store, t, log2);
}
constexpr Shape atomic_rmw(TypeCode t, unsigned log2) {
  return mem(Kind::atomic_rmw, t, log2);
}
constexpr Shape atomic_cmpxchg(TypeCode t, unsigned log2) {
  return mem(Kind::atomic_cmpxchg, t, log2);
}
constexpr Shape atomic_wait(TypeCode t, unsigned log2) {
  return mem(Kind::atomic_wait, t, log2);
}
constexpr Shape atomic_notify() {
  return mem(Kind::atomic_notify, i32, 2);
}
}  // namespace shapes

/// The type of a shaped operator. `TypeCode::bot` among the parameters of a memory operator stands
/// for the memory's address type, i32 or i64.
struct Signature {
  std::array<TypeCode, 4> params{};
  std::array<TypeCode, 2> results{};
  std::uint8_t num_params = 0;
  std::uint8_t num_results = 0;
};

/// Spec: core/valid/instructions, the rules of all shaped rows. Not for `special`.
constexpr Signature signature(const Shape& s) {
  using enum Shape::Kind;
  constexpr TypeCode i32 = TypeCode::i32;
  constexpr TypeCode i64 = TypeCode::i64;
  constexpr TypeCode v128 = TypeCode::v128;
  constexpr TypeCode addr = TypeCode::bot;
  const TypeCode t = s.type;
  switch (s.kind) {
    case special:
      break;
    case const_:
      return {{}, {t}, 0, 1};
    case unop:
      return {{t}, {t}, 1, 1};
    case binop:
      return {{t, t}, {t}, 2, 1};
    case testop:
      return {{t}, {i32}, 1, 1};
    case relop:
      return {{t, t}, {i32}, 2, 1};
    case cvtop:
      return {{s.from}, {t}, 1, 1};
    case load:
    case atomic_load:
      return {{addr}, {t}, 1, 1};
    case store:
    case atomic_store:
      return {{addr, t}, {}, 2, 0};
    case vunop:
    case vcvtop:
      return {{v128}, {v128}, 1, 1};
    case vbinop:
    case vrelop:
    case vshuffle:
      return {{v128, v128}, {v128}, 2, 1};
    case vternop:
      return {{v128, v128, v128}, {v128}, 3, 1};
    case vtestop:
      return {{v128}, {i32}, 1, 1};
    case vshiftop:
      return {{v128, i32}, {v128}, 2, 1};
    case vsplat:
      return {{t}, {v128}, 1, 1};
    case vextract_lane:
      return {{v128}, {t}, 1, 1};
    case vreplace_lane:
      return {{v128, t}, {v128}, 2, 1};
    case vload_lane:
      return {{addr, v128}, {v128}, 2, 1};
    case vstore_lane:
      return {{addr, v128}, {}, 2, 0};
    case wide_binop:
      return {{i64, i64, i64, i64}, {i64, i64}, 4, 2};
    case wide_mulop:
      return {{i64, i64}, {i64, i64}, 2, 2};
    case atomic_rmw:
      return {{addr, t}, {t}, 2, 1};
    case atomic_cmpxchg:
      return {{addr, t, t}, {t}, 3, 1};
    case atomic_wait:
      return {{addr, t, i64}, {i32}, 3, 1};
    case atomic_notify:
      return {{addr, i32}, {i32}, 2, 1};
  }
  return {};
}

// ---- One operator's row, at compile time and at run time ----

/// The kinds of immediates, one per structure above: what a text parser or printer switches on.
enum class ImmKind : std::uint8_t {
  NoImm,
  BlockImm,
  TryTableImm,
  BrTableImm,
  SelectImm,
  LabelImm,
  FuncImm,
  CallIndirectImm,
  TypeImm,
  TagImm,
  LocalImm,
  GlobalImm,
  TableImm,
  TableInitImm,
  TableCopyImm,
  ElemImm,
  MemImm,
  MemInitImm,
  MemCopyImm,
  DataImm,
  MemArgImm,
  MemArgLaneImm,
  I32Imm,
  I64Imm,
  F32Imm,
  F64Imm,
  V128Imm,
  LaneImm,
  ShuffleImm,
  HeapTypeImm,
  FieldImm,
  ArrayFixedImm,
  ArrayDataImm,
  ArrayElemImm,
  ArrayCopyImm,
  BrOnCastImm,
  FenceImm,
};

struct OpInfo {
  std::string_view text;
  /// As in the tables: one byte, or 0xPPSSS with a prefix.
  std::uint32_t opcode = 0;
  ImmKind imm = ImmKind::NoImm;
  Shape shape;
  Gate gate = Gate::mvp;

  [[nodiscard]] constexpr bool has_prefix() const { return opcode > 0xFF; }
  [[nodiscard]] constexpr std::uint8_t prefix() const {
    return static_cast<std::uint8_t>(opcode >> 12U);
  }
  [[nodiscard]] constexpr std::uint32_t sub() const { return opcode & 0xFFFU; }
};

namespace op_table {
using namespace shapes;  // NOLINT(google-build-using-namespace): the tables name shapes bare
inline constexpr std::array<OpInfo, num_ops> rows = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) \
  OpInfo{text, opcode, ImmKind::Imm, shape, Gate::gate},
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
}};
}  // namespace op_table

/// The row of an operator. Usable in constant expressions: `constexpr Shape s =
/// info(Op::i32_add).shape;`
[[nodiscard]] constexpr const OpInfo& info(Op op) {
  return op_table::rows[static_cast<std::size_t>(op)];
}

/// The type of an operator's immediates: `ImmOf<Op::i32_load>` is MemArgImm.
template <Op op>
struct ImmOfOp;
#define TENON_OP(name, text, opcode, Imm, shape, gate) \
  template <>                                          \
  struct ImmOfOp<Op::name> {                           \
    using type = Imm;                                  \
  };
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
template <Op op>
using ImmOf = typename ImmOfOp<op>::type;

/// The operator of an opcode as the tables write it, or nothing. O(log n).
[[nodiscard]] std::optional<Op> find_op(std::uint32_t opcode);
/// The operator of a text name, or nothing. Of operators that share a name (`select`, `ref.test`,
/// `ref.cast`) the first: their immediates tell the others. O(log n).
[[nodiscard]] std::optional<Op> find_op(std::string_view text);

}  // namespace tenon::core

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstring>
#include <memory>
#include <type_traits>

#include "tenon/base/bytes.h"
#include "tenon/core/module.h"
#include "tenon/core/op.h"
#include "tenon/core/rules.h"

// One loop over the operators of an expression, for every room that walks code: validator, printer,
// encoder, translators. A visitor has one member template,
//
//   template <Op op> R on(const ImmOf<op>& imm, std::uint32_t offset);
//
// which is called for each operator in order. `offset` is where its opcode is in
// `Module::bytes` (an operator ends where the next one begins). R is void, or bool: false stops the
// walk, and then the visitor must have `Error take_error()`. In the body, `constexpr Shape shape =
// info(op).shape` and `if constexpr` fold whole classes of operators; overloads on the type of
// `imm` fold operators with the same immediates. A row that no branch takes should fail a
// static_assert.

namespace tenon::core {

/// Storage that outlives one operator: lists that immediates point into, and the first error.
/// One of it may serve many expressions and saves their allocations.
struct ExprScratch {
  std::vector<LabelIdx> labels;
  std::vector<Catch> catches;
  std::vector<ValType> types;
  std::optional<Error> error;
};

/// Cursor over the bytes of an expression. Every reader returns false after an error, which then
/// is in the scratch. The fast paths are inline and the rest takes the position by value, so
/// that a cursor that is a local variable lives in registers.
class ExprReader {
 public:
  /// Reads `range` of `bytes`. Spans count from `base`, the place of bytes[0] in the source.
  ExprReader(ByteSpan bytes, ByteRange range, std::uint32_t source, std::uint32_t base,
             ExprScratch& scratch)
      : begin_(bytes.data()),
        at_(bytes.data() + range.begin),
        end_(bytes.data() + range.end),
        scratch_(&scratch),
        source_(source),
        base_(base) {}

  /// Place of the next byte in `bytes`.
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(at_ - begin_); }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] ExprScratch& scratch() { return *scratch_; }
  [[nodiscard]] Span span(std::uint32_t from, std::uint32_t to) const {
    return {source_, base_ + from, base_ + to};
  }

  [[gnu::always_inline]] bool u8(std::uint8_t& out, const char* what) {
    if (at_ == end_) [[unlikely]]
      return fail_end(*this, what);
    out = *at_++;
    return true;
  }
  [[gnu::always_inline]] bool u32(std::uint32_t& out, const char* what) {
    if (at_ != end_ && *at_ < 0x80) [[likely]] {
      out = *at_++;
      return true;
    }
    return take(out, slow_u32(*this, what));
  }
  [[gnu::always_inline]] bool u64(std::uint64_t& out, const char* what) {
    if (at_ != end_ && *at_ < 0x80) [[likely]] {
      out = *at_++;
      return true;
    }
    return take(out, slow_u64(*this, what));
  }
  [[gnu::always_inline]] bool s32(std::int32_t& out, const char* what) {
    if (at_ != end_ && *at_ < 0x80) [[likely]] {
      out = static_cast<std::int32_t>(static_cast<std::uint32_t>(*at_++) << 25U) >> 25;
      return true;
    }
    return take(out, slow_s32(*this, what));
  }
  [[gnu::always_inline]] bool s64(std::int64_t& out, const char* what) {
    return take(out, slow_s64(*this, what));
  }
  template <class T>
  [[gnu::always_inline]] bool fixed(T& out, const char* what) {
    if (static_cast<std::size_t>(end_ - at_) < sizeof(T)) [[unlikely]]
      return fail_end(*this, what);
    std::memcpy(&out, at_, sizeof(T));
    at_ += sizeof(T);
    return true;
  }
  template <class I>
  [[gnu::always_inline]] bool index(I& out, const char* what) {
    return u32(out.value, what);
  }
  [[gnu::always_inline]] bool block_type(BlockType& out) {
    if (at_ != end_) [[likely]] {
      if (*at_ == static_cast<std::uint8_t>(TypeCode::empty)) {
        ++at_;
        out = BlockType{};
        return true;
      }
      if (*at_ >= static_cast<std::uint8_t>(TypeCode::f64) && *at_ < 0x80) {
        out.kind = BlockType::Kind::value;
        out.value = static_cast<TypeCode>(*at_++);
        return true;
      }
    }
    return move_to(slow_block_type(*this, out));
  }
  bool heap_type(HeapType& out) { return move_to(slow_heap_type(*this, out)); }

  /// Reads the immediates of one operator.
  template <class Imm>
  [[gnu::always_inline]] bool imm(Imm& out) {
    if constexpr (std::is_same_v<Imm, NoImm>)
      return true;
    else
      return read(out);
  }

  /// Notes an error at [from, here). Always false.
  [[gnu::cold, gnu::noinline]] static bool fail(ExprReader in, const Rule& rule, std::uint32_t from,
                                                std::string detail);

 private:
  template <class T>
  struct Slow {
    T value;
    const std::uint8_t* at;  // null after an error
  };
  // These take the reader by value: its address never escapes.
  static Slow<std::uint32_t> slow_u32(ExprReader in, const char* what);
  static Slow<std::uint64_t> slow_u64(ExprReader in, const char* what);
  static Slow<std::int32_t> slow_s32(ExprReader in, const char* what);
  static Slow<std::int64_t> slow_s64(ExprReader in, const char* what);
  static const std::uint8_t* slow_block_type(ExprReader in, BlockType& out);
  static const std::uint8_t* slow_heap_type(ExprReader in, HeapType& out);
  static const std::uint8_t* slow_memarg(ExprReader in, MemArgImm& out);
  static const std::uint8_t* slow_labels(ExprReader in, LabelIdx& default_label);
  static const std::uint8_t* slow_catches(ExprReader in);
  static const std::uint8_t* slow_types(ExprReader in);
  static const std::uint8_t* slow_cast(ExprReader in, BrOnCastImm& out);
  static bool fail_end(ExprReader in, const char* what);
  template <class T>
  static Slow<T> slow_reader(ExprReader in, Result<T> (Reader::*read)(const char*),
                             const char* what);
  [[nodiscard]] Reader checked() const;

  template <class T>
  [[gnu::always_inline]] bool take(T& out, Slow<T> slow) {
    out = slow.value;
    return move_to(slow.at);
  }
  [[gnu::always_inline]] bool move_to(const std::uint8_t* at) {
    if (at == nullptr) [[unlikely]]
      return false;
    at_ = at;
    return true;
  }

  bool read(BlockImm& i) { return block_type(i.type); }
  bool read(TryTableImm& i) {
    if (!block_type(i.type) || !move_to(slow_catches(*this))) return false;
    i.catches = scratch_->catches;
    return true;
  }
  bool read(BrTableImm& i) {
    if (!move_to(slow_labels(*this, i.default_))) return false;
    i.labels = scratch_->labels;
    return true;
  }
  bool read(SelectImm& i) {
    if (!move_to(slow_types(*this))) return false;
    i.types = scratch_->types;
    return true;
  }
  bool read(LabelImm& i) { return index(i.label, "label"); }
  bool read(FuncImm& i) { return index(i.func, "function"); }
  bool read(CallIndirectImm& i) { return index(i.type, "type") && index(i.table, "table"); }
  bool read(TypeImm& i) { return index(i.type, "type"); }
  bool read(TagImm& i) { return index(i.tag, "tag"); }
  bool read(LocalImm& i) { return index(i.local, "local"); }
  bool read(GlobalImm& i) { return index(i.global, "global"); }
  bool read(TableImm& i) { return index(i.table, "table"); }
  bool read(TableInitImm& i) { return index(i.elem, "element segment") && index(i.table, "table"); }
  bool read(TableCopyImm& i) { return index(i.dst, "table") && index(i.src, "table"); }
  bool read(ElemImm& i) { return index(i.elem, "element segment"); }
  bool read(MemImm& i) { return index(i.mem, "memory"); }
  bool read(MemInitImm& i) { return index(i.data, "data segment") && index(i.mem, "memory"); }
  bool read(MemCopyImm& i) { return index(i.dst, "memory") && index(i.src, "memory"); }
  bool read(DataImm& i) { return index(i.data, "data segment"); }
  [[gnu::always_inline]] bool read(MemArgImm& i) {
    // Flags and offset are one byte each nearly always.
    if (end_ - at_ >= 2 && at_[0] < 0x40 && at_[1] < 0x80) [[likely]] {
      i.align = at_[0];
      i.offset = at_[1];
      at_ += 2;
      return true;
    }
    MemArgImm slow;
    const bool ok = move_to(slow_memarg(*this, slow));
    i = slow;
    return ok;
  }
  bool read(MemArgLaneImm& i) { return read(i.mem) && u8(i.lane, "lane"); }
  bool read(I32Imm& i) { return s32(i.value, "i32"); }
  bool read(I64Imm& i) { return s64(i.value, "i64"); }
  bool read(F32Imm& i) { return fixed(i.bits, "f32"); }
  bool read(F64Imm& i) { return fixed(i.bits, "f64"); }
  bool read(V128Imm& i) { return fixed(i.bytes, "v128"); }
  bool read(LaneImm& i) { return u8(i.lane, "lane"); }
  bool read(ShuffleImm& i) { return fixed(i.lanes, "lanes"); }
  bool read(HeapTypeImm& i) { return heap_type(i.heap); }
  bool read(FieldImm& i) { return index(i.type, "type") && index(i.field, "field"); }
  bool read(ArrayFixedImm& i) { return index(i.type, "type") && u32(i.count, "count"); }
  bool read(ArrayDataImm& i) { return index(i.type, "type") && index(i.data, "data segment"); }
  bool read(ArrayElemImm& i) { return index(i.type, "type") && index(i.elem, "element segment"); }
  bool read(ArrayCopyImm& i) { return index(i.dst, "type") && index(i.src, "type"); }
  bool read(BrOnCastImm& i) { return move_to(slow_cast(*this, i)); }
  bool read(FenceImm&) {
    std::uint8_t zero = 0;
    if (!u8(zero, "reserved byte")) return false;
    return zero == 0 || fail(*this, rules::zero_byte, offset() - 1, {});
  }

  const std::uint8_t* begin_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  ExprScratch* scratch_;
  std::uint32_t source_;
  std::uint32_t base_;
};

namespace decode_impl {

template <Op op, class Visitor>
[[gnu::always_inline]] inline bool visit(ExprReader& in, Visitor& visitor, std::uint32_t offset) {
  ImmOf<op> imm;
  if (!in.imm(imm)) [[unlikely]]
    return false;
  if constexpr (std::is_void_v<decltype(visitor.template on<op>(imm, offset))>) {
    visitor.template on<op>(imm, offset);
    return true;
  } else {
    return visitor.template on<op>(imm, offset);
  }
}

/// Operators of one byte; false ends the walk.
template <class Visitor>
[[gnu::always_inline]] inline bool dispatch(ExprReader& in, Visitor& visitor, std::uint8_t code,
                                            std::uint32_t offset) {
  const std::uint32_t wide = code;
  switch (wide) {
#define TENON_OP(name, text, opcode, Imm, shape, gate) \
  case opcode:                                         \
    if constexpr (opcode <= 0xFF)                      \
      return visit<Op::name>(in, visitor, offset);     \
    else                                               \
      __builtin_unreachable();
#include "tenon/core/ops.def"
#undef TENON_OP
    default:
      return ExprReader::fail(in, rules::opcode, offset, {});
  }
}

/// Operators with a prefix. Apart, so that the hot loop stays small.
template <class Visitor>
[[gnu::noinline]] bool dispatch_prefixed(ExprReader& in, Visitor& visitor, std::uint8_t prefix,
                                         std::uint32_t offset) {
  std::uint32_t sub = 0;
  if (!in.u32(sub, "opcode")) return false;
  if (sub > 0xFFF) return ExprReader::fail(in, rules::opcode, offset, {});
  switch ((std::uint32_t{prefix} << 12U) | sub) {
#define TENON_OP(name, text, opcode, Imm, shape, gate) \
  case opcode:                                         \
    if constexpr (opcode > 0xFF)                       \
      return visit<Op::name>(in, visitor, offset);     \
    else                                               \
      __builtin_unreachable();
#include "tenon/core/ops.def"
#include "tenon/core/ops_simd.def"
#undef TENON_OP
    default:
      return ExprReader::fail(in, rules::opcode, offset, {});
  }
}

}  // namespace decode_impl

/// Walks one expression up to the `end` that closes it and returns the offset after that `end`.
/// The bytes of `range` beyond are not read. Spec: core/binary/instructions "Expressions".
template <class Visitor>
[[nodiscard]] Result<std::uint32_t> decode_expr(ByteSpan bytes, ByteRange range,
                                                std::uint32_t source, std::uint32_t base,
                                                ExprScratch& scratch, Visitor& visitor) {
  ExprReader in(bytes, range, source, base, scratch);
  std::uint32_t depth = 1;
  bool ok = true;
  while (ok) {
    const std::uint32_t offset = in.offset();
    std::uint8_t code = 0;
    if (in.at_end()) [[unlikely]] {
      ok = ExprReader::fail(in, rules::body_end, offset, {});
      break;
    }
    ok = in.u8(code, "opcode");
    if (code >= 0xFB && code <= 0xFE) [[unlikely]] {
      // By value and back: the hot loop's cursor stays in registers.
      ExprReader copy = in;
      ok = decode_impl::dispatch_prefixed(copy, visitor, code, offset);
      in = copy;
    } else {
      ok = decode_impl::dispatch(in, visitor, code, offset);
      if (code <= 0x1F) {
        if (code == info(Op::end).opcode) {
          if (--depth == 0) break;
        } else if ((code >= 0x02 && code <= 0x04) || code == 0x06 || code == 0x1F) {
          ++depth;
        } else if (code == info(Op::delegate).opcode && depth > 1) {
          --depth;  // it closes its `try`; one without belongs to the validator
        }
      }
    }
  }
  if (ok) [[likely]]
    return in.offset();
  if (scratch.error) {
    Error error = std::move(*scratch.error);
    scratch.error.reset();
    return std::unexpected(std::move(error));
  }
  if constexpr (requires { visitor.take_error(); }) {
    return std::unexpected(Error(visitor.take_error()));
  } else {
    assert(false);
    return in.offset();
  }
}

/// Walks a whole expression of a module: its bytes must end with its `end`.
template <class Visitor>
[[nodiscard]] Result<void> decode_expr(const Module& module, Expr expr, Visitor& visitor,
                                       ExprScratch& scratch) {
  const std::uint32_t end = TENON_TRY(
      decode_expr(module.bytes.view(), expr, module.source, module.base, scratch, visitor));
  if (end != expr.end) [[unlikely]] {
    return std::unexpected(Error(rules::body_end,
                                 Span{module.source, module.base + end, module.base + expr.end},
                                 std::to_string(expr.end - end) + " bytes follow the last `end`"));
  }
  return {};
}

/// The same for a single expression.
template <class Visitor>
[[nodiscard]] Result<void> decode_expr(const Module& module, Expr expr, Visitor& visitor) {
  ExprScratch scratch;
  return decode_expr(module, expr, visitor, scratch);
}

}  // namespace tenon::core

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "tenon/base/narrow.h"
#include "tenon/core/op.h"
#include "tenon/engine/code.h"
#include "tenon/engine/numeric_simd.h"
#include "tenon/engine/vmcontext.h"

// The interpreter's internal form: 16-byte instructions over the slots of a frame, threaded by tail
// calls. Registers of the machine while handlers run:
//   pc    the instruction
//   fp    the frame: parameters, return header (pc, fp), locals, operand slots
//   mem   base of memory 0
//   vm    the instance
//   acc   the last integer or reference result, facc the last float or vector result: an operand
//         that the instruction just before produced is taken from there.
namespace tenon::engine::interp {

using numeric::Vec;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
using Slot = ValueSlot;

#if defined(__clang__) && __has_attribute(preserve_none) && __has_cpp_attribute(clang::musttail)
#define TENON_PRESERVE_NONE __attribute__((preserve_none))
#define TENON_MUSTTAIL [[clang::musttail]]
#if defined(__x86_64__) && defined(__linux__)
/// A fault inside a handler can be undone: the frame of `run` is found by its stack pointer alone.
#define TENON_FAULTS 1
#endif
#else
// Sibling calls: these files are always optimised under other compilers.
#define TENON_PRESERVE_NONE
#define TENON_MUSTTAIL
#endif
#ifndef TENON_FAULTS
#define TENON_FAULTS 0
#endif
/// Handlers begin cache lines: how fast a loop runs must not hang on where the linker happened to
/// put them (up to a fifth, from the branch predictor's view of two handlers in a line).
#define TENON_CC \
  TENON_PRESERVE_NONE __attribute__((section("tenon_interp"), aligned(64), no_sanitize("thread")))

struct Insn;
// NOLINTNEXTLINE(modernize-use-using): the attribute is before the type
typedef TENON_PRESERVE_NONE void HandlerFn(const Insn* pc, Slot* fp, u8* mem, VMContext* vm,
                                           u64 acc, Vec facc);
using Handler = HandlerFn*;

/// Empty instructions before a function's first: the fault handler looks at the two before pc.
inline constexpr std::size_t lead_in = 2;

struct Insn {
  Handler h = nullptr;
  u16 a = 0;
  u16 b = 0;
  u32 imm = 0;
  /// A third and a fourth slot, in place of the immediate.
  [[nodiscard]] u16 c() const { return low_bits<u16>(imm); }
  [[nodiscard]] u16 d() const { return low_bits<u16>(imm >> 16U); }
  /// 64 bits of data in place of the operands.
  [[nodiscard]] u64 raw() const {
    u64 value;
    std::memcpy(&value, &a, 8);
    return value;
  }
};
static_assert(sizeof(Insn) == 16);

/// A clause of a try_table, or of a `try`: where the values go and where to go on.
struct CatchClause {
  core::Catch::Kind kind;
  u32 tag;
  u32 dst;
  u32 target;
};
/// Instructions [begin, end) that the clauses guard. Inner ones are before outer ones.
struct TryRange {
  u32 begin;
  u32 end;
  u32 first_clause;
  u32 num_clauses;
  /// How many blocks are around it.
  u32 depth = 0;
  /// `delegate`: of the ranges outside of this one, only those no deeper than that are asked.
  u32 delegate_to = no_delegate;
  static constexpr u32 no_delegate = 0xFFFFFFFF;
};

/// Instructions [begin, end) that run with the frame pointer moved up by so many slots.
struct Window {
  u32 begin;
  u32 end;
  u32 slots;
};

/// What `Stress::poison` writes to slots that do not live: no object, no address, no small number.
inline constexpr Slot poison_value = 0xDEAD'DEAD'DEAD'DEA0;

/// The interpreter as the engine sees it.
extern const Tier tier;

/// A function in internal form.
struct Code : FuncCode {
  Code() { tier = &interp::tier; }
  /// Operators, values and labels that were looked at while it was made: linear in the body.
  u64 work = 0;
  std::vector<Insn> insns;
  std::vector<TryRange> tries;
  std::vector<CatchClause> clauses;
  /// In the order of their instructions; most functions have none.
  std::vector<Window> windows;
};

/// Slots of the header behind the parameters: where to return to, the caller's frame.
inline constexpr u32 header_slots = 2;
/// Slots in front of a frame that was entered from another instance: return pc, fp, vm, result
/// slots.
inline constexpr u32 cross_slots = 4;
/// The same across a bridge: return pc, fp, vm, the bridge, then the record.
inline constexpr u32 bridge_slots = 4 + Bridge::record_slots;

#define TENON_REGS                                          \
  [[maybe_unused]] const ::tenon::engine::interp::Insn *pc, \
      [[maybe_unused]] ::tenon::engine::interp::Slot *fp,   \
      [[maybe_unused]] ::tenon::engine::interp::u8 *mem,    \
      [[maybe_unused]] ::tenon::engine::VMContext *vm,      \
      [[maybe_unused]] ::tenon::engine::interp::u64 acc,    \
      [[maybe_unused]] ::tenon::engine::interp::Vec facc
#define TENON_OP_FN(name) TENON_CC void name(TENON_REGS)

/// Goes on at `target`.
#define TENON_GO(target, acc_, facc_)                                \
  do {                                                               \
    const Insn* next_ = (target);                                    \
    TENON_MUSTTAIL return next_->h(next_, fp, mem, vm, acc_, facc_); \
  } while (false)
#define TENON_NEXT(n) TENON_GO(pc + (n), acc, facc)
/// Leaves with a trap at this instruction.
#define TENON_TRAP_OUT(code_) \
  TENON_MUSTTAIL return trap_exit(pc, fp, mem, vm, static_cast<u64>(code_), facc)

TENON_OP_FN(trap_exit);
/// Asks for an interruption or goes on at pc.
TENON_OP_FN(safepoint);
/// Goes on at a place that a loop may come back to.
#define TENON_SAFE_GO(target_)                                                     \
  do {                                                                             \
    const Insn* to_ = (target_);                                                   \
    if (fp >= vm->store->stack_limit.load(std::memory_order_relaxed)) [[unlikely]] \
      TENON_MUSTTAIL return safepoint(to_, fp, mem, vm, acc, facc);                \
    TENON_GO(to_, acc, facc);                                                      \
  } while (false)

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wuninitialized"
#else
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
using F32x4 = float __attribute__((vector_size(16)));
using F64x2 = double __attribute__((vector_size(16)));
/// A scalar in the low lane; the others are whatever they were.
inline Vec in_lane(double x) {
  F64x2 v;
  v[0] = x;
  return std::bit_cast<Vec>(v);
}
inline Vec in_lane(float x) {
  F32x4 v;
  v[0] = x;
  return std::bit_cast<Vec>(v);
}
#pragma GCC diagnostic pop

template <class T>
inline T read(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}
template <class T>
inline void write(void* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

/// A value of the accumulators as a C++ type.
template <class T>
inline T from_acc(u64 acc, Vec facc) {
  if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<F64x2>(facc)[0];
  else if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<F32x4>(facc)[0];
  else if constexpr (std::is_same_v<T, Vec>)
    return facc;
  else
    return static_cast<T>(acc);
}

/// Puts a result in its accumulator and, if `store`, in its slot.
template <bool store, class T>
inline void put(T value, Slot* at, u64& acc, Vec& facc) {
  if constexpr (std::is_floating_point_v<T>) {
    facc = in_lane(value);
    if constexpr (store) write(at, value);
  } else if constexpr (std::is_same_v<T, Vec>) {
    facc = value;
    if constexpr (store) write(at, value);
  } else {
    acc = static_cast<u64>(value);
    if constexpr (store) *at = acc;
  }
}

// ---- Tables of handlers, one per class of operators; a row is indexed by a variant. ----

/// Operands: s slot, i immediate, a accumulator. `+ no_store`: the result stays in the accumulator.
enum BinaryVariant : u8 { bin_ss, bin_si, bin_sa, bin_as, bin_ai, bin_count };
inline constexpr u32 binary_row = 2 * bin_count;
enum UnaryVariant : u8 { un_s, un_a, un_count };
inline constexpr u32 unary_row = 2 * un_count;
/// Fused compare and branch: [backward][unless][BinaryVariant].
inline constexpr u32 branch_row = 4 * bin_count;
/// Loads: address slot, accumulator or none (constant); then no_store; then checked.
enum LoadVariant : u8 { ld_s, ld_a, ld_k, ld_count };
inline constexpr u32 load_general = 4 * ld_count;
inline constexpr u32 load_row = load_general + 1;
/// Stores: address and value; then checked.
enum StoreVariant : u8 { st_ss, st_as, st_sa, st_si, st_ks, st_ka, st_count };
inline constexpr u32 store_general = 2 * st_count;
inline constexpr u32 store_row = store_general + 1;

template <u32 width>
using HandlerTable = std::array<std::array<Handler, width>, core::num_ops>;
extern const HandlerTable<binary_row> int_binary;
extern const HandlerTable<binary_row> float_binary;
extern const HandlerTable<unary_row> unary;
extern const HandlerTable<branch_row> int_branch;
extern const HandlerTable<branch_row> float_branch;
extern const HandlerTable<load_row> loads;
extern const HandlerTable<store_row> stores;
/// Vector and atomic operators: operands in slots, one handler each.
extern const HandlerTable<1> simd;
extern const HandlerTable<1> atomics;

// ---- Internal instructions without an operator of their own. ----
#define TENON_INTERNAL(name) TENON_OP_FN(name);
namespace ops {
#include "tenon/engine/interp/internal.def"
}
#undef TENON_INTERNAL

/// What the end of a function entered from the host, from another instance, or from there through a
/// bridge, returns to.
extern const Insn exit_insn;
extern const Insn cross_insn;
extern const Insn bridge_insn;

/// Target of a branch: distances are in bytes.
inline const Insn* jump(const Insn* pc, u32 distance) {
  return reinterpret_cast<const Insn*>(reinterpret_cast<const u8*>(pc) + low_bits<s32>(distance));
}

/// The memory that the accesses of `mem` go to; explicit checks.
inline bool in_bounds(const VMMemory* m, u64 at, u64 size) {
  const u64 have = m->bytes.load(std::memory_order_relaxed);
  return have >= size && at <= have - size;
}

}  // namespace tenon::engine::interp

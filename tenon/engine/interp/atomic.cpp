// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/interp/access.h"

namespace tenon::engine::interp {

namespace {

using Kind = Shape::Kind;

template <Op op, class M>
inline M rmw(M* at, M value) {
  constexpr std::string_view text = core::info(op).text;
  if constexpr (text.contains(".add"))
    return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".sub"))
    return __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".and"))
    return __atomic_fetch_and(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".xor"))
    return __atomic_fetch_xor(at, value, __ATOMIC_SEQ_CST);
  else if constexpr (text.contains(".or"))
    return __atomic_fetch_or(at, value, __ATOMIC_SEQ_CST);
  else
    return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);
}

/// {a: dst, b: address, c: memory, d: 64-bit}{raw: offset}{a: operand, b: second operand}.
template <Op op>
TENON_OP_FN(atomic_op) {
  constexpr Shape shape = core::info(op).shape;
  using T = Cpp<shape.type>;
  using M = decltype(memory_int<std::size_t{1} << shape.log2_size, false>());
  u8* bytes = general_address(vm, pc->c(), pc->d() != 0, fp[pc->b], pc[1].raw(), sizeof(M));
  if (bytes == nullptr) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::out_of_bounds_memory);
  if (reinterpret_cast<std::uintptr_t>(bytes) % sizeof(M) != 0) [[unlikely]]
    TENON_TRAP_OUT(TrapCode::unaligned_atomic);
  auto* at = reinterpret_cast<M*>(bytes);
  const u64 x = fp[pc[2].a];
  if constexpr (shape.kind == Kind::atomic_load) {
    put<true>(static_cast<T>(__atomic_load_n(at, __ATOMIC_SEQ_CST)), fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_store) {
    __atomic_store_n(at, static_cast<M>(x), __ATOMIC_SEQ_CST);
  } else if constexpr (shape.kind == Kind::atomic_rmw) {
    put<true>(static_cast<T>(rmw<op, M>(at, static_cast<M>(x))), fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_cmpxchg) {
    const u64 wanted = fp[pc[2].b];
    // The whole operand is compared, so a wide one never equals a narrow cell.
    M expected = static_cast<M>(x);
    M old;
    if (static_cast<T>(expected) == static_cast<T>(x)) {
      __atomic_compare_exchange_n(at, &expected, static_cast<M>(wanted), false, __ATOMIC_SEQ_CST,
                                  __ATOMIC_SEQ_CST);
      old = expected;
    } else {
      old = __atomic_load_n(at, __ATOMIC_SEQ_CST);
    }
    put<true>(static_cast<T>(old), fp + pc->a, acc, facc);
  } else if constexpr (shape.kind == Kind::atomic_wait) {
    // No memory of this engine is shared: nobody could ever wake the waiter.
    TENON_TRAP_OUT(TrapCode::expected_shared_memory);
  } else if constexpr (shape.kind == Kind::atomic_notify) {
    put<true>(u32{0}, fp + pc->a, acc, facc);
  }
  TENON_NEXT(3);
}

template <Op op>
constexpr std::array<Handler, 1> row() {
  if constexpr (core::info(op).shape.is_atomic())
    return {&atomic_op<op>};
  else
    return {};
}

}  // namespace

extern constexpr HandlerTable<1> atomics = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

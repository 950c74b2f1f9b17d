// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/interp/arith.h"

namespace tenon::engine::interp {

namespace {

template <Op op>
constexpr std::array<Handler, binary_row> row() {
  constexpr Shape shape = core::info(op).shape;
  if constexpr ((shape.kind == Shape::Kind::binop || shape.kind == Shape::Kind::relop) &&
                (shape.type == TypeCode::i32 || shape.type == TypeCode::i64)) {
    return binary_handlers<op>();
  } else {
    return {};
  }
}

}  // namespace

extern constexpr HandlerTable<binary_row> int_binary = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

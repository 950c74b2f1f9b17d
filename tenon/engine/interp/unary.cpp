// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/interp/arith.h"

namespace tenon::engine::interp {

namespace {

template <Op op>
constexpr std::array<Handler, unary_row> row() {
  constexpr Shape shape = core::info(op).shape;
  if constexpr (shape.kind == Shape::Kind::unop || shape.kind == Shape::Kind::testop ||
                shape.kind == Shape::Kind::cvtop) {
    return {&unary_op<op, un_s, true>, &unary_op<op, un_a, true>, &unary_op<op, un_s, false>,
            &unary_op<op, un_a, false>};
  } else {
    return {};
  }
}

}  // namespace

extern constexpr HandlerTable<unary_row> unary = {{
#define TENON_OP(name, text, opcode, Imm, shape, gate) row<Op::name>(),
#include "tenon/core/ops.def"
#undef TENON_OP
}};

}  // namespace tenon::engine::interp

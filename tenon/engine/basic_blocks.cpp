// SPDX-License-Identifier: Apache-2.0
// One walk over a body. A block ends behind an operator that may branch and where control may come
// in; what cannot be reached (behind `br`, `return` and their like) belongs to no block. Only the
// depth of nesting is kept, so memory is linear in the number of blocks.
#include "tenon/engine/basic_blocks.h"

#include <cassert>
#include <optional>
#include <utility>

#include "tenon/core/decode_expr.h"

namespace tenon::engine {

namespace {

using core::Op;

constexpr bool opens(Op op) {
  return op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_table ||
         op == Op::try_;
}

/// Parts of a block that begin where control comes in, whatever is before them.
constexpr bool begins_part(Op op) {
  return op == Op::else_ || op == Op::catch_ || op == Op::catch_all;
}

constexpr bool closes(Op op) {
  return op == Op::end || op == Op::delegate;
}

constexpr bool may_branch(Op op) {
  return op == Op::if_ || op == Op::br_if || op == Op::br_on_null || op == Op::br_on_non_null ||
         op == Op::br_on_cast || op == Op::br_on_cast_fail;
}

/// What comes behind is not reached.
constexpr bool leaves(Op op) {
  switch (op) {
    case Op::unreachable:
    case Op::br:
    case Op::br_table:
    case Op::return_:
    case Op::return_call:
    case Op::return_call_indirect:
    case Op::return_call_ref:
    case Op::throw_:
    case Op::throw_ref:
    case Op::rethrow:
      return true;
    default:
      return false;
  }
}

struct FindBlocks {
  std::vector<BasicBlock> blocks;
  /// Blocks of the body that are open, and those of them that nothing reaches.
  std::uint32_t depth = 0;
  std::uint32_t skipped = 0;
  bool unreachable = false;
  /// The kind of a block that begins with the next operator.
  std::optional<BasicBlock::Kind> next = BasicBlock::Kind::entry;

  template <Op op>
  void on(const core::ImmOf<op>& /*imm*/, std::uint32_t offset) {
    if (next) blocks.push_back({.kind = *next, .begin = offset, .operators = 0});
    next.reset();
    if (unreachable) {
      if constexpr (opens(op)) ++skipped;
      if constexpr (closes(op)) {
        if (skipped != 0) {
          --skipped;
          return;
        }
      }
      if ((!closes(op) && !begins_part(op)) || skipped != 0) return;
      unreachable = false;
    } else {
      ++blocks.back().operators;
    }
    if constexpr (opens(op)) ++depth;
    if constexpr (closes(op)) {
      if (depth-- == 0) return;
    }
    if constexpr (op == Op::loop)
      next = BasicBlock::Kind::loop;
    else if constexpr (closes(op) || begins_part(op) || may_branch(op))
      next = BasicBlock::Kind::other;
    else if constexpr (leaves(op))
      unreachable = true;
  }
};

}  // namespace

std::vector<BasicBlock> basic_blocks(const core::Module& module, const core::Code& code) {
  FindBlocks find;
  core::ExprScratch scratch;
  const auto done = core::decode_expr(module, code.body, find, scratch);
  assert(done && "a validated body decodes");
  if (!done) find.blocks.clear();
  return std::move(find.blocks);
}

}  // namespace tenon::engine

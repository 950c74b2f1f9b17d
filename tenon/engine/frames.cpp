// SPDX-License-Identifier: Apache-2.0
// Walks over frames: outwards to the edge of an activation, to the handler of an exception, and
// over what the collector must see. What a frame looks like is its tier's business.
#include "tenon/engine/code.h"
#include "tenon/engine/code_cache.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/interp/exec.h"
#include "tenon/engine/store.h"

namespace tenon::engine {

namespace {

/// Ranges and clauses between two looks for interruptions while a handler is looked for: a deep
/// stack of functions with many of both is a long way.
constexpr std::uint32_t unwind_patience = 1U << 16U;

/// Every tier whose frames an activation may hold.
constexpr const Tier* tiers[] = {&interp::tier};

}  // namespace

const FrameView* FrameWalk::next() {
  if (tier_ != nullptr) {
    do {
      tier_->step(at_);
      if (at_.kind == FrameKind::entry) return nullptr;
      if (at_.kind == FrameKind::bridge && bridges_ == Bridges::stop) return nullptr;
    } while (at_.kind != FrameKind::function);
  }
  at_.site = at_.vm->module->code().find(at_.pc);
  if (at_.site.code == nullptr) return nullptr;
  tier_ = at_.site.code->tier;
  at_.fp = tier_->frame(at_.site, at_.fp);
  return &at_;
}

InterruptAction ask_at(const void* pc, ValueSlot* fp, VMContext* vm) {
  Activation* act = vm->store->activation;
  act->call_pc = pc;
  act->call_fp = fp;
  act->call_vm = vm;
  return vm->store->store->handle_interrupt();
}

bool Unwinding::go_on() {
  if (--patience != 0) return true;
  patience = unwind_patience;
  if (cx.stack_limit.load(std::memory_order_relaxed) != nullptr) return true;
  // The exception exists nowhere but here.
  cx.store->set_pending_exception(exn);
  const InterruptAction action = ask_at(pc, fp, vm);
  cx.store->set_pending_exception(0);
  return action != InterruptAction::trap;
}

Unwound unwind(StoreContext& cx, const void* pc, ValueSlot* fp, VMContext* vm, ValueSlot exn) {
  Unwinding unwinding{cx, exn, pc, fp, vm, unwind_patience};
  FrameWalk walk(pc, fp, vm, FrameWalk::Bridges::stop);
  while (const FrameView* f = walk.next()) {
    const Unwound here = f->site.code->tier->handle(unwinding, *f);
    if (here != Unwound::at_edge) return here;
  }
  return walk.at_bridge() ? Unwound::at_bridge : Unwound::at_edge;
}

void mark_frames(const Execution& execution, const ValueSlot* top, GcHeap& heap) {
  for (const Activation* act = execution.activation; act != nullptr; act = act->outer) {
    const ValueSlot* begin = act->outer == nullptr ? execution.stack_begin : act->base;
    for (const Tier* tier : tiers) tier->mark(act, begin, top, heap);
    top = begin;
  }
}

}  // namespace tenon::engine

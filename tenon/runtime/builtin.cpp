// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tenon/base/narrow.h"
#include "tenon/runtime/canon.h"

// One body per row of canon.def. Those of the asynchronous world check what the specification
// checks first, then trap: waiting comes with tasks that can.
namespace tenon::runtime {

namespace {

using component::CanonOp;
using engine::HostStatus;

std::string_view text_of(CanonOp op) {
  switch (op) {
#define TENON_CANON(name, text, opcode, Imm, gate) \
  case CanonOp::name:                              \
    return text;
#include "tenon/component/canon.def"
#undef TENON_CANON
    case CanonOp::lift:
      return "lift";
    case CanonOp::lower:
      return "lower";
  }
  return {};
}

bool trap_if_may_not_leave(CanonSite& site) {
  return site.inst->may_leave || site.inst->store->trap("cannot leave component instance");
}

bool not_supported(CanonSite& site) {
  return site.inst->store->trap(fmt::format("`{}` is not supported yet", text_of(site.info->op)));
}

/// Spec: CanonicalABI.md "canon resource.new".
bool canon_resource_new(CanonSite& site, ValueSlot* slots) {
  if (!trap_if_may_not_leave(site)) return false;
  const bool wide = site.info->flat.type.params.front() == core::TypeCode::i64;
  Handle h;
  h.kind = Handle::Kind::own;
  h.rep = wide ? slots[0] : low_bits<std::uint32_t>(slots[0]);
  h.rt = site.rt;
  const auto i = site.inst->handles.add(h);
  slots[0] = i;
  return i != 0 || site.inst->store->trap("the table of handles is full");
}

/// Spec: CanonicalABI.md "canon resource.drop".
bool canon_resource_drop(CanonSite& site, ValueSlot* slots) {
  if (!trap_if_may_not_leave(site)) return false;
  LiftLowerContext cx;
  cx.inst = site.inst;
  const auto i = low_bits<std::uint32_t>(slots[0]);
  const auto* h = cx.resource_handle(i, site.rt);
  if (h == nullptr) return false;
  if (h->num_lends != 0) return cx.trap("cannot remove owned resource while borrowed");
  const Handle handle = *h;
  site.inst->handles.remove(i);
  if (handle.kind == Handle::Kind::own)
    return site.inst->store->drop_rep(*site.rt, handle.rep, site.inst);
  if (handle.borrow_scope != nullptr) --handle.borrow_scope->num_borrows;
  return true;
}

/// Spec: CanonicalABI.md "canon resource.rep". Allowed in post-return and realloc.
bool canon_resource_rep(CanonSite& site, ValueSlot* slots) {
  LiftLowerContext cx;
  cx.inst = site.inst;
  const auto* h = cx.resource_handle(low_bits<std::uint32_t>(slots[0]), site.rt);
  if (h == nullptr) return false;
  slots[0] = h->rep;
  return true;
}

std::uint32_t context_slot(const CanonSite& site) {
  return std::get<component::ContextImm>(site.def->imm).slot & 1U;
}

/// Spec: CanonicalABI.md "canon context.get". Allowed in post-return and realloc.
bool canon_context_get(CanonSite& site, ValueSlot* slots) {
  slots[0] = site.inst->store->current_task()->storage[context_slot(site)];
  return true;
}
bool canon_context_set(CanonSite& site, ValueSlot* slots) {
  const bool wide = site.info->flat.type.params.front() == core::TypeCode::i64;
  site.inst->store->current_task()->storage[context_slot(site)] =
      wide ? slots[0] : low_bits<std::uint32_t>(slots[0]);
  return true;
}

/// Spec: CanonicalABI.md "canon backpressure.{inc,dec}". Allowed in post-return and realloc.
bool canon_backpressure_inc(CanonSite& site, ValueSlot*) {
  if (site.inst->backpressure == 0xFFFF)
    return site.inst->store->trap("backpressure counter overflow");
  ++site.inst->backpressure;
  return true;
}
bool canon_backpressure_dec(CanonSite& site, ValueSlot*) {
  if (site.inst->backpressure == 0) return site.inst->store->trap("backpressure counter underflow");
  --site.inst->backpressure;
  return true;
}

/// Spec: CanonicalABI.md "canon task.return": only a task that was lifted async may call it.
bool canon_task_return(CanonSite& site, ValueSlot*) {
  // No task was lifted async: those are refused where they would begin.
  return trap_if_may_not_leave(site) &&
         site.inst->store->trap("`task.return` called in a task that returns by itself");
}
/// Spec: CanonicalABI.md "canon task.cancel".
bool canon_task_cancel(CanonSite& site, ValueSlot*) {
  return trap_if_may_not_leave(site) &&
         site.inst->store->trap("`task.cancel` called in a task that cannot be cancelled");
}

/// `waitable-set.new`, `stream.new` … : nothing to check but whether the guest may call out.
#define TENON_LATER(name)                                      \
  bool canon_##name(CanonSite& site, ValueSlot*) {             \
    return trap_if_may_not_leave(site) && not_supported(site); \
  }
TENON_LATER(subtask_cancel)
TENON_LATER(subtask_drop)
TENON_LATER(stream_new)
TENON_LATER(stream_read)
TENON_LATER(stream_write)
TENON_LATER(stream_cancel_read)
TENON_LATER(stream_cancel_write)
TENON_LATER(stream_drop_readable)
TENON_LATER(stream_drop_writable)
TENON_LATER(stream_forward)
TENON_LATER(future_new)
TENON_LATER(future_read)
TENON_LATER(future_write)
TENON_LATER(future_cancel_read)
TENON_LATER(future_cancel_write)
TENON_LATER(future_drop_readable)
TENON_LATER(future_drop_writable)
TENON_LATER(future_forward)
TENON_LATER(error_context_new)
TENON_LATER(error_context_debug_message)
TENON_LATER(error_context_drop)
TENON_LATER(waitable_set_new)
TENON_LATER(waitable_set_wait)
TENON_LATER(waitable_set_poll)
TENON_LATER(waitable_set_drop)
TENON_LATER(waitable_join)
TENON_LATER(thread_yield)
TENON_LATER(thread_index)
TENON_LATER(thread_new_indirect)
TENON_LATER(thread_resume_later)
TENON_LATER(thread_suspend)
TENON_LATER(thread_suspend_then_resume)
TENON_LATER(thread_yield_then_resume)
TENON_LATER(thread_suspend_then_promote)
TENON_LATER(thread_yield_then_promote)
TENON_LATER(thread_spawn_ref)
TENON_LATER(thread_spawn_indirect)
TENON_LATER(thread_available_parallelism)
#undef TENON_LATER

template <bool (*Body)(CanonSite&, ValueSlot*)>
HostStatus run(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
  auto& site = *static_cast<CanonSite*>(env);
  const bool ok = engine::trapping(site.inst->store->core(), [&] { return Body(site, slots); });
  return ok ? HostStatus::ok : HostStatus::trap;
}

}  // namespace

engine::HostFn canon_builtin(CanonOp op) {
  switch (op) {
#define TENON_CANON(name, text, opcode, Imm, gate) \
  case CanonOp::name:                              \
    return &run<&canon_##name>;
#include "tenon/component/canon.def"
#undef TENON_CANON
    case CanonOp::lift:
    case CanonOp::lower:
      break;
  }
  return nullptr;
}

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
// A call between two components is `canon lower` and `canon lift` composed: values go from memory
// to memory, never through `Value`. Which thunk a call site gets is decided at instantiation: a
// signature of plain core numbers needs no copy, and siblings get a bridge that the engine crosses
// without a thunk. The traced thunk wraps either, so that untraced stores pay nothing.
// Spec: CanonicalABI.md "canon lower", "canon lift"
#include "tenon/runtime/canon.h"

#include <fmt/format.h>

#include "tenon/base/narrow.h"
#include "tenon/runtime/copy.h"

namespace tenon::runtime {

namespace {

using engine::HostStatus;

HostStatus status(bool ok) {
  return ok ? HostStatus::ok : HostStatus::trap;
}

/// Checks of a call from one instance into another.
[[gnu::always_inline]] inline bool may_call(const LowerSite& site, const FuncInst& callee) {
  auto& store = *site.inst->store;
  if (!site.inst->may_leave) [[unlikely]]
    return store.trap("cannot leave component instance");
  if (!callee.inst->may_enter_from(site.inst)) [[unlikely]]
    return refuse_entry(*callee.inst);
  if (!store.may_nest(1)) [[unlikely]]
    return store.trap("call stack exhausted");
  return true;
}

[[gnu::always_inline]] inline bool post_return(Store& store, const FuncInst& callee,
                                               ValueSlot result) {
  if (callee.opts.post_return == nullptr) return true;
  callee.inst->may_leave = false;
  ValueSlot slots[1] = {result};
  if (!invoke_guest(store, callee.opts.post_return, slots)) return false;
  callee.inst->may_leave = true;
  return true;
}

bool lower_and_call(LowerSite& site, ValueSlot* slots) {
  const auto& callee = *site.callee;
  auto& store = *site.inst->store;
  if (!may_call(site, callee)) return false;
  Entry entry(*callee.inst, site.inst);
  Store::TaskScope scope(store, callee.inst);
  Lenders lenders;
  LiftLowerContext caller_cx;
  caller_cx.opts = &site.opts;
  caller_cx.inst = site.inst;
  caller_cx.lenders = &lenders;
  caller_cx.with_host = false;
  caller_cx.budget = store.limits().copy_bytes;
  LiftLowerContext callee_cx;
  callee_cx.opts = &callee.opts;
  callee_cx.inst = callee.inst;
  callee_cx.task = &scope.task();
  callee_cx.with_host = false;
  callee_cx.budget = store.limits().copy_bytes;

  const auto out_param = site.shape->result_in_memory() ? slots[site.out_param_slot] : 0;
  const auto result_ptr = caller_cx.opts->memory != nullptr && caller_cx.wide()
                              ? out_param
                              : low_bits<std::uint32_t>(out_param);
  ValueSlot inner[abi::MAX_FLAT_PARAMS];
  Copier params(caller_cx, callee_cx);
  if (!params.params(*site.shape, *callee.shape, slots, inner)) return false;
  if (!invoke_guest(store, callee.core, inner)) return false;
  const auto result = inner[0];
  if (scope.task().has_borrows()) [[unlikely]]
    return store.trap("borrow handles still remain at the end of the call");
  // Lowering the result runs the caller's realloc: as a task of the caller's.
  Copier results(callee_cx, caller_cx);
  if (!results.result(*callee.shape, *site.shape, inner, slots, result_ptr)) return false;
  if (!post_return(store, callee, result)) return false;
  caller_cx.return_lenders();
  entry.leave();
  return true;
}

}  // namespace

HostStatus canon_lower(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
  auto& site = *static_cast<LowerSite*>(env);
  auto& store = *site.inst->store;
  if (!engine::trapping(store.core(), [&] { return lower_and_call(site, slots); }))
    return HostStatus::trap;
  if (store.drops_wait()) [[unlikely]]
    store.run_waiting_drops();
  return HostStatus::ok;
}

HostStatus canon_lower_plain(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
  auto& site = *static_cast<LowerSite*>(env);
  auto& store = *site.inst->store;
  const bool ok = engine::trapping(store.core(), [&] {
    const auto& callee = *site.callee;
    if (!may_call(site, callee)) return false;
    Entry entry(*callee.inst, site.inst);
    const Store::TaskScope scope(store, callee.inst);
    if (!invoke_guest(store, callee.core, slots)) return false;
    if (!post_return(store, callee, slots[0])) return false;
    entry.leave();
    return true;
  });
  if (!ok) [[unlikely]]
    return HostStatus::trap;
  if (store.drops_wait()) [[unlikely]]
    store.run_waiting_drops();
  return HostStatus::ok;
}

namespace {

std::string gone(const HostFunc& host) {
  return fmt::format("the store has no `{}` any more, which the host function needs",
                     host.needs()->name);
}

/// A call that may wait, on either side.
HostStatus canon_lower_async(void* env, engine::VMContext*, ValueSlot*) noexcept {
  const auto& site = *static_cast<LowerSite*>(env);
  auto& store = *site.inst->store;
  return status(engine::trapping(store.core(), [&] {
    if (!site.inst->may_leave) return store.trap("cannot leave component instance");
    // Tests: async/trap-if-block-and-sync.wast, which asks before the callee runs at all.
    if (!site.opts.async_ && !store.current_task()->may_block)
      return store.trap("cannot block a synchronous task before returning");
    return store.trap("asynchronous calls are not supported yet");
  }));
}

/// Instantiation has seen the extension that the function needs; a store that closes destroys them,
/// and what their destructors call may come here.
HostStatus host_with_extension(void* env, engine::VMContext* caller, ValueSlot* slots) noexcept {
  const auto& site = *static_cast<LowerSite*>(env);
  const HostFunc& host = *site.callee->host;
  auto& store = *site.inst->store;
  if (store.extensions().get(*host.needs()) != nullptr) [[likely]]
    return host.thunk()(env, caller, slots);
  return status(engine::trapping(store.core(), [&] { return store.trap(gone(host)); }));
}

engine::HostFn plain_thunk(const LowerSite& site) {
  if (site.opts.async_ || site.callee->opts.async_ || site.callee->type.type->async_)
    return &canon_lower_async;
  if (const HostFunc* host = site.callee->host; host != nullptr)
    return host->needs() == nullptr ? host->thunk() : &host_with_extension;
  return site.shape->plain && site.callee->shape->plain ? &canon_lower_plain : &canon_lower;
}

/// Values for a trace: read without taking handles out of their tables.
std::vector<Value> peek(const LowerSite& site, const ValueSlot* slots, bool result,
                        std::uint64_t out_param) {
  LiftLowerContext cx;
  cx.opts = &site.opts;
  cx.inst = site.inst;
  HostScope scope;
  ValueLifter lift(cx, scope, ValueLifter::Mode::peek);
  std::vector<Value> values;
  ValueSlot behind[1] = {out_param};
  CoreValueIter vi(result && site.shape->result_in_memory() ? behind : slots);
  const bool ok = result ? lift.lift_result(vi, *site.shape, values)
                         : lift.lift_flat_values(vi, *site.shape, values);
  if (!ok) {
    (void)site.inst->store->take_trap();
    values.clear();
  }
  return values;
}

}  // namespace

HostStatus canon_lower_traced(void* env, engine::VMContext* caller, ValueSlot* slots) noexcept {
  auto& site = *static_cast<LowerSite*>(env);
  auto& store = *site.inst->store;
  if (!store.traced()) return plain_thunk(site)(env, caller, slots);
  return engine::trapping(store.core(), [&] {
    const auto out_param = site.shape->result_in_memory() ? slots[site.out_param_slot] : 0;
    const auto say = [&](CallEvent::Kind kind, std::span<const Value> values) {
      store.tell({kind, true, site.callee->name, store.depth(), values});
    };
    say(CallEvent::Kind::call, peek(site, slots, false, 0));
    const auto done = plain_thunk(site)(env, caller, slots);
    if (done == HostStatus::ok) {
      say(CallEvent::Kind::return_, peek(site, slots, true, out_param));
    } else {
      say(CallEvent::Kind::trap, {});
    }
    return done;
  });
}

engine::HostFn lower_thunk(const LowerSite& site) {
  return site.inst->store->traced() ? &canon_lower_traced : plain_thunk(site);
}

const engine::Bridge* lower_bridge(LowerSite& site) {
  const auto& callee = *site.callee;
  if (lower_thunk(site) != &canon_lower_plain || callee.opts.post_return != nullptr ||
      callee.core->host != nullptr || !callee.inst->is_sibling_of(*site.inst)) {
    return nullptr;
  }
  Task task;
  task.inst = callee.inst;
  task.state = Task::State::started;
  auto& bridge = site.bridge;
  bridge.may_leave = &site.inst->may_leave;
  bridge.may_enter = &callee.inst->may_enter;
  bridge.entered = &callee.inst->entered;
  bridge.vmctx = callee.core->vmctx;
  bridge.code_index = callee.core->code_index;
  bridge.param_slots = callee.core->type->param_slots;
  std::memcpy(bridge.record.data(), &task, sizeof(task));
  return &bridge;
}

}  // namespace tenon::runtime

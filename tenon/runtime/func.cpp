// SPDX-License-Identifier: Apache-2.0
// Calls from the host. Arguments and host handles are checked before the guest is entered, so that
// a mistake of the host's is an error and leaves the instance usable; a trap after entry poisons
// it. Exceptions of host functions become traps here, since none may cross the guest's frames.
// Spec: CanonicalABI.md "canon lift"
#include "tenon/runtime/func.h"

#include <fmt/format.h>

#include "tenon/base/contract.h"
#include "tenon/base/narrow.h"
#include "tenon/component/info.h"
#include "tenon/component/type_text.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

abi::Types FuncTypeView::types() const {
  return info->abi_types();
}

TypeView FuncTypeView::param(std::size_t i) const {
  if (type == nullptr || i >= type->params.size()) [[unlikely]] {
    contract_broken(fmt::format("parameter {} of a function type was asked for, which has {}", i,
                                type == nullptr ? 0 : type->params.size()));
  }
  return {types(), type->params[i].type};
}

void empty_typed_func() noexcept {
  contract_broken("the function of a TypedFunc was asked for that was never set");
}

std::string to_string(const FuncTypeView& view) {
  if (view.type == nullptr) return "func";
  return component::type_text(*view.info, *view.type);
}

Error signature_error(const FuncTypeView& type, std::string_view name, const std::string& wanted,
                      const TypeCheck* check, std::string_view where) {
  auto detail =
      fmt::format("`{}` is `{}`, the C++ signature says `{}`", name, to_string(type), wanted);
  Error error(rules::func_type, Span::none(), std::move(detail));
  if (check == nullptr) return error;
  const auto place =
      check->at().empty() ? std::string(where) : fmt::format("{}, at `{}`", where, check->at());
  return std::move(error).note(
      fmt::format("{} is `{}`, not `{}`", place, check->found(), check->wanted()));
}

bool GuestCall::failed() {
  if (!store_.core().refused()) scope_.task().state = Task::State::started;
  return false;
}

void GuestCall::poison() noexcept {
  if (scope_.task().state == Task::State::resolved) return;
  func_.inst->poison_from(nullptr);
  scope_.task().state = Task::State::resolved;
}

/// For whoever calls again: the trap has been taken when the instance is closed.
static void keep_cause(ComponentInstance* inst, const Trap& trap) noexcept {
  for (; inst != nullptr; inst = inst->parent) {
    if (inst->poisoned && !inst->cause) inst->cause = trap;
  }
}

namespace {

/// A mistake of the host's that was found as a trap: that of a handle has its rule already.
Trap refusal(std::string_view which, std::string_view function, const Trap& trap) {
  const Error* why = trap.refusal();
  return Trap::refused(
      Error(why == nullptr ? rules::func_args : why->rule(), Span::none(),
            fmt::format("{} of `{}`: {}", which, function,
                        why == nullptr ? trap.message() : std::string_view(why->detail()))));
}

}  // namespace

bool GuestCall::refuse(std::size_t param) {
  auto& trap = store_.core().context().trap;
  if (trap && trap->code() == engine::TrapCode::host) {
    const auto& label = func_.type.type->params[param].label;
    trap = refusal(fmt::format("argument `{}`", label), func_.name, *trap);
  }
  return false;
}

Trap GuestCall::fail() noexcept {
  // First: whatever runs below may trap as well.
  auto trap = store_.take_trap();
  if (cx.host_slip) {
    try {
      trap = refusal("an argument", func_.name, trap);
    } catch (const std::bad_alloc&) {
      trap = Trap::out_of_memory();
    }
  }
  if (scope_.task().state == Task::State::initial || cx.host_slip) left();
  poison();
  keep_cause(func_.inst, trap);
  trace_trap();
  if (store_.drops_wait()) run_waiting_drops();
  return trap;
}

bool GuestCall::leave_slowly() {
  if (scope_.task().has_borrows())
    return store_.trap("borrow handles still remain at the end of the call");
  if (func_.opts.post_return != nullptr && !post_return()) return false;
  left();
  run_waiting_drops();
  return true;
}

/// As if this call had returned already, which it has but for its frame.
void GuestCall::run_waiting_drops() noexcept {
  scope_.leave();
  store_.run_waiting_drops();
  scope_.join();
}

void GuestCall::begin_view() {
  scope_.task().num_borrows &= ~Task::drops_wait;
  scope_.leave();
  func_.inst->begin_view();
  store_.begin_view();
}

bool GuestCall::end_view(HostScope& scope) noexcept {
  scope_.join();
  scope.leave(store_);
  store_.end_view();
  func_.inst->end_view();
  const bool ok = engine::trapping(store_.core(), [&] { return leave(); });
  if (ok && !store_.drops_wait()) return true;
  auto trapped = ok ? std::nullopt : std::optional(store_.take_trap());
  if (!ok) {
    poison();
    trace_trap();
  }
  run_waiting_drops();
  if (trapped) store_.core().set_trap(*std::move(trapped));
  return ok;
}

void GuestCall::trace_call() {
  std::vector<Value> values;
  HostScope scope;
  LiftLowerContext peek_cx = cx;
  ValueLifter lift(peek_cx, scope, ValueLifter::Mode::peek);
  CoreValueIter vi(slots);
  if (!lift.lift_flat_values(vi, *func_.shape, values)) {
    (void)store_.take_trap();
    values.clear();
  }
  call_traced_ = true;
  store_.tell({CallEvent::Kind::call, false, func_.name, store_.depth() - 1, values});
}

bool GuestCall::leave_traced() {
  traced_ = false;
  std::vector<Value> values;
  HostScope scope;
  LiftLowerContext peek_cx = cx;
  peek_cx.budget = store_.limits().lift_bytes;
  ValueLifter lift(peek_cx, scope, ValueLifter::Mode::peek);
  CoreValueIter vi(slots);
  if (!lift.lift_result(vi, *func_.shape, values)) {
    (void)store_.take_trap();
    values.clear();
  }
  const bool ok = leave();
  traced_ = true;
  if (ok) store_.tell({CallEvent::Kind::return_, false, func_.name, store_.depth() - 1, values});
  return ok;
}

void GuestCall::trace_trap() noexcept try {
  if (!traced_) return;
  if (!call_traced_)
    store_.tell({CallEvent::Kind::call, false, func_.name, store_.depth() - 1, {}});
  store_.tell({CallEvent::Kind::trap, false, func_.name, store_.depth() - 1, {}});
} catch (...) {  // NOLINT(bugprone-empty-catch): the call has its trap already
}

bool GuestCall::post_return() {
  func_.inst->may_leave = false;
  ValueSlot copy[1] = {result_};
  if (!invoke_guest(store_, func_.opts.post_return, copy)) return failed();
  func_.inst->may_leave = true;
  return true;
}

bool lower_host_handle(LiftLowerContext& cx, HostHandle handle, const ResourceType* rt, bool own,
                       std::uint32_t& i) {
  auto& table = cx.inst->store->host_handles();
  table.new_look();
  if (const auto* slip = table.look_at(handle, rt, own))
    return cx.trap(std::string("the host passed ") + slip->what);
  auto* e = table.get(handle);
  if (!own) {
    cx.host_scope->lent.push_back(handle);
    ++e->num_lends;
    return cx.lower_borrow(e->rep, rt, i);
  }
  // The host keeps what finds no room.
  if (!cx.lower_own(e->rep, rt, i)) return false;
  table.remove(handle);
  return true;
}

bool lift_host_handle(LiftLowerContext& cx, std::uint32_t i, const ResourceType* rt, bool own,
                      HostHandle& handle) {
  auto& table = cx.inst->store->host_handles();
  // First what may fail for want of memory: a resource must not get lost between two tables.
  table.reserve_one();
  if (!own) cx.host_scope->lifted.emplace_back();
  std::uint64_t rep = 0;
  if (own ? !cx.lift_own(i, rt, rep) : !cx.lift_borrow(i, rt, rep)) return false;
  handle = table.add(rt, rep, own);
  if (!own) cx.host_scope->lifted.back() = handle;
  return true;
}

namespace {

/// Why the host may not pass a value, as far as its handles go, or null: found out before the guest
/// is entered, so that the host's slip does not poison it. The value fits its type.
const HandleSlip* slip_of_handles(HostTable& table, const Value& v, const Shape& t,
                                  const ComponentInstance& inst) {
  const bool own = t.kind == Shape::Kind::own;
  if (own || t.kind == Shape::Kind::borrow)
    return table.look_at(v.handle(), inst.resource(t.resource), own);
  if (t.kind == Shape::Kind::variant) {
    const auto* payload = v.payload();
    const auto* shape = t.fields[case_index(v, t)].shape;
    return payload == nullptr || shape == nullptr ? nullptr
                                                  : slip_of_handles(table, *payload, *shape, inst);
  }
  if (t.is_scalar() || t.kind == Shape::Kind::string) return nullptr;
  const bool record = t.kind == Shape::Kind::record;
  if (!record && t.elem().dense) return nullptr;
  const auto items = v.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* shape = t.fields[record ? i : 0].shape;
    if (const auto* slip = slip_of_handles(table, items[i], *shape, inst)) return slip;
  }
  return nullptr;
}

}  // namespace

Result<void> check_args(Store& store, const FuncInst& func, std::span<const Value> args) {
  const auto& params = func.type.type->params;
  if (args.size() != params.size()) {
    return std::unexpected(
        Error(rules::func_args, Span::none(),
              fmt::format("{} arguments are given, `{}` takes {}: {}", args.size(), func.name,
                          params.size(), to_string(func.type))));
  }
  store.host_handles().new_look();
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (auto ok = check(args[i], func.type.param(i)); !ok) {
      return std::unexpected(Error(rules::func_args, Span::none(),
                                   fmt::format("argument `{}` of `{}`: {}", params[i].label,
                                               func.name, ok.error().detail())));
    }
    if (func.inst == nullptr) continue;
    if (const auto* slip = slip_of_handles(store.host_handles(), args[i],
                                           *func.shape->params[i].shape, *func.inst)) {
      return std::unexpected(Error(slip->rule, Span::none(),
                                   fmt::format("argument `{}` of `{}`: the host passed {}",
                                               params[i].label, func.name, slip->what)));
    }
  }
  return {};
}

namespace {

void trace(Store& store, const FuncInst& func, CallEvent::Kind kind,
           std::span<const Value> values) {
  if (!store.traced()) return;
  store.tell({kind, false, func.name, store.depth() - 1, values});
}

Outcome<std::optional<Value>> call_guest(const FuncInst& func, std::span<const Value> args) {
  GuestCall call(func);
  auto& store = call.store();
  HostScope scope;
  ValueLowerer lower(call.cx, scope);
  ValueLifter lift(call.cx, scope);
  std::vector<Value> results;
  const bool ok = engine::trapping(store.core(), [&] {
    trace(store, func, CallEvent::Kind::call, args);
    if (!call.enter() || !lower.lower_flat_values(args, *func.shape, call.slots) || !call.run())
      return false;
    CoreValueIter vi(call.slots);
    return lift.lift_result(vi, *func.shape, results) && call.leave();
  });
  if (!ok) {
    auto trap = call.fail(scope);
    trace(store, func, CallEvent::Kind::trap, {});
    return std::unexpected(std::move(trap));
  }
  scope.leave(store);
  trace(store, func, CallEvent::Kind::return_, results);
  if (results.empty()) return std::nullopt;
  return std::move(results.front());
}

}  // namespace

Outcome<std::optional<Value>> call(Store& store, const FuncInst& func,
                                   std::span<const Value> args) {
  Outcome<std::optional<Value>> out;
  const bool ok = engine::trapping(store.core(), [&] {
    if (func.inst != nullptr && func.inst->store != &store) {
      out = std::unexpected(Trap::refused(of_another("the function", *func.inst->store, store)));
    } else if (auto fits = check_args(store, func, args); !fits) {
      out = std::unexpected(Trap::refused(std::move(fits).error()));
    } else if (func.host != nullptr) {
      const Store::Use use(store);
      out = func.host->call(store, args);
    } else if (func.opts.async_) {
      out = std::unexpected(Trap("asynchronous functions are not supported yet"));
    } else {
      out = call_guest(func, args);
    }
    return true;
  });
  if (!ok) return std::unexpected(store.take_trap());
  return out;
}

Outcome<std::optional<Value>> HostFunc::call(Store&, std::span<const Value>) const {
  return std::unexpected(
      Trap::refused(Error(rules::unsupported, Span::none(),
                          "a host function over C++ types cannot be called with dynamic values")));
}

bool DynamicHostFunc::invoke(HostCallFrame& frame, ValueSlot* slots) const {
  auto& site = frame.site;
  auto& store = *site.inst->store;
  std::vector<Value> args;
  CoreValueIter vi(slots);
  ValueLifter lift(frame.cx, frame.scope);
  if (!frame.may_leave() || !lift.lift_flat_values(vi, *site.shape, args)) return false;
  const auto out_param = frame.cx.opts->memory != nullptr ? vi.next_ptr(frame.cx.wide()) : 0;
  auto outcome = fn_(store, args);
  if (!outcome) {
    store.core().set_trap(std::move(outcome).error());
    return false;
  }
  if (site.shape->result == nullptr) {
    return !*outcome ||
           store.trap(fmt::format("the host function `{}` gave a result, which its type "
                                  "has not",
                                  site.callee->name));
  }
  const TypeView type{site.type.types(), *site.type.type->result};
  if (!*outcome)
    return store.trap(fmt::format("the host function `{}` gave no result", site.callee->name));
  if (auto fits = runtime::check(**outcome, type); !fits) {
    return store.trap(fmt::format("the host function `{}` gave a wrong result: {}",
                                  site.callee->name, fits.error().detail()));
  }
  ValueLowerer lower(frame.cx, frame.scope);
  return lower.lower_result(std::span(&**outcome, 1), *site.shape, slots, out_param);
}

namespace {

/// Names the function that stopped a guest, before the frames are known.
void name_host(const LowerSite& site, std::string_view what, Trap& trap) {
  if (trap.code() != engine::TrapCode::host || !trap.backtrace().empty()) return;
  const std::string_view name = site.callee->name;
  auto text = name.empty() ? fmt::format("… {} a host function", what)
                           : fmt::format("… {} the host function `{}`", what, name);
  trap.append({engine::Frame{.module = {}, .function = std::move(text), .is_remark = true}});
}

}  // namespace

bool host_threw(const LowerSite& site) noexcept {
  auto& core = site.inst->store->core();
  (void)engine::raise_current_exception(core);
  try {
    if (auto& trap = core.context().trap) name_host(site, "thrown by", *trap);
  } catch (const std::bad_alloc&) {
    core.set_trap(engine::TrapCode::out_of_memory);
  }
  return false;
}

bool host_gave_wrong(const LowerSite& site) {
  if (auto& trap = site.inst->store->core().context().trap)
    name_host(site, "in the result of", *trap);
  return false;
}

bool host_refused(const LowerSite& site, Trap trap) {
  site.inst->store->core().set_trap(std::move(trap));
  return false;
}

bool host_refused(const LowerSite& site, const Error& error) {
  Trap trap(error.text());
  name_host(site, "returned by", trap);
  return host_refused(site, std::move(trap));
}

engine::HostStatus DynamicHostFunc::run(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
  auto& site = *static_cast<LowerSite*>(env);
  const auto& self = *static_cast<const DynamicHostFunc*>(site.callee->host);
  HostCallFrame frame(site);
  const bool ok = host_trapping(site, [&] { return self.invoke(frame, slots); });
  frame.done();
  return ok ? engine::HostStatus::ok : engine::HostStatus::trap;
}

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
// What lifting and lowering share: `realloc`, bounds, budgets, handles. Messages of traps depend on
// whether the other side is the host or a component, as the conformance tests expect them. What may
// fail for lack of memory comes before a table is changed, so that no handle is lost.
// Spec: CanonicalABI.md "Lifting and Lowering Context"
#include "tenon/runtime/context.h"

#include <fmt/format.h>

#include "tenon/base/narrow.h"
#include "tenon/runtime/store.h"

namespace tenon::runtime {

ComponentInstance::ComponentInstance(Store& store_in, ComponentInstance* parent_in,
                                     std::uint32_t handle_limit)
    : store(&store_in), parent(parent_in), handles(handle_limit, &store_in.core()) {}

bool LiftLowerContext::trap(std::string message) const {
  return inst->store->trap(std::move(message));
}

bool LiftLowerContext::trap(const char* message) const {
  return inst->store->trap(message);
}

bool LiftLowerContext::refuse(const HandleSlip& slip) const {
  inst->store->core().set_trap(
      Trap::refused(Error(slip.rule, Span::none(), std::string("the host passed ") + slip.what)));
  return false;
}

bool LiftLowerContext::over_budget() const {
  trap(with_host ? "values larger than the store allows (lift_bytes)"
                 : "values larger than the store allows (copy_bytes)");
  const auto& limits = inst->store->limits();
  if (auto& pending = inst->store->core().context().trap) {
    auto why = fmt::format("… `StoreLimits::{}` is {} bytes for one call",
                           with_host ? "lift_bytes" : "copy_bytes",
                           with_host ? limits.lift_bytes : limits.copy_bytes);
    pending->append({engine::Frame{.module = {}, .function = std::move(why), .is_remark = true}});
    pending = std::move(*pending).of_limit(with_host ? "lift_bytes" : "copy_bytes");
  }
  return false;
}

void LiftLowerContext::note_copied(std::uint64_t bytes) const {
  if (with_host) inst->store->note_copied(bytes);
}

bool LiftLowerContext::reallocate(std::uint64_t old, std::uint64_t old_byte_length,
                                  std::uint32_t alignment, std::uint64_t new_byte_length,
                                  std::uint64_t& ptr) {
  if (opts->realloc == nullptr) [[unlikely]]
    return trap("a value needs the canonical option `realloc`, which is not given");
  if (new_byte_length > REALLOC_I32_MAX && !wide()) [[unlikely]]
    return trap("a value is too large for the guest's memory");
  // Runs in a thread of its own, and must not call out.
  const Store::TaskScope scope(*inst->store, inst);
  inst->may_leave = false;
  engine::ValueSlot slots[4] = {old, old_byte_length, alignment, new_byte_length};
  if (!invoke_guest(*inst->store, opts->realloc, slots)) [[unlikely]] {
    if (inst->store->core().refused())
      inst->may_leave = true;
    else
      touch();
    return false;
  }
  touch();
  inst->may_leave = true;
  ptr = wide() ? slots[0] : low_bits<std::uint32_t>(slots[0]);
  return true;
}

bool LiftLowerContext::reallocate_checked(std::uint64_t old, std::uint64_t old_byte_length,
                                          std::uint32_t alignment, std::uint64_t new_byte_length,
                                          std::uint64_t& ptr, bool string) {
  if (!reallocate(old, old_byte_length, alignment, new_byte_length, ptr)) return false;
  if ((ptr & (alignment - 1)) != 0) [[unlikely]]
    return trap(with_host ? "realloc return: result not aligned" : "unaligned pointer");
  if (!in_bounds(ptr, new_byte_length)) [[unlikely]] {
    if (with_host) return trap("realloc return: beyond end of memory");
    return trap(string ? "string content out-of-bounds" : "list content out-of-bounds");
  }
  return true;
}

bool LiftLowerContext::check_pointer(std::uint64_t ptr, std::uint32_t alignment,
                                     std::uint64_t size) const {
  if ((ptr & (alignment - 1)) != 0) [[unlikely]]
    return trap("unaligned pointer");
  if (!in_bounds(ptr, size)) [[unlikely]]
    return trap("pointer out of bounds of memory");
  return true;
}

bool LiftLowerContext::check_list(std::uint64_t ptr, std::uint64_t length, std::uint32_t alignment,
                                  std::uint64_t elem_size) const {
  if (length > MAX_LIST_BYTE_LENGTH || length * elem_size > MAX_LIST_BYTE_LENGTH) [[unlikely]]
    return trap("list content out-of-bounds: a list may have at most 2^28 - 1 bytes");
  if ((ptr & (alignment - 1)) != 0) [[unlikely]]
    return trap("unaligned pointer");
  if (!in_bounds(ptr, length * elem_size)) [[unlikely]]
    return trap(with_host ? "list pointer/length out of bounds of memory"
                          : "list content out-of-bounds");
  return true;
}

Handle* LiftLowerContext::resource_handle(std::uint32_t i, const ResourceType* rt) const {
  auto* h = inst->handles.get(i);
  if (h == nullptr) [[unlikely]] {
    trap(fmt::format("unknown handle index {}", i));
    return nullptr;
  }
  if (!h->is_resource()) [[unlikely]] {
    trap(fmt::format("handle index {} used with the wrong type, expected a resource", i));
    return nullptr;
  }
  if (h->rt != rt) [[unlikely]] {
    const auto whose = [](const ResourceType* t) {
      return t->impl() != nullptr ? "guest-defined resource" : "host-defined resource";
    };
    trap(fmt::format(
        "handle index {} used with the wrong type, expected {} but found a different {}", i,
        whose(rt), whose(h->rt)));
    return nullptr;
  }
  return h;
}

bool LiftLowerContext::lift_own(std::uint32_t i, const ResourceType* rt, std::uint64_t& rep) {
  const auto* h = resource_handle(i, rt);
  if (h == nullptr) return false;
  if (h->num_lends != 0) [[unlikely]]
    return trap("cannot remove owned resource while borrowed");
  if (h->kind != Handle::Kind::own) [[unlikely]]
    return trap("cannot lift a borrowed handle as own");
  rep = h->rep;
  inst->handles.remove(i);
  return true;
}

bool LiftLowerContext::lift_borrow(std::uint32_t i, const ResourceType* rt, std::uint64_t& rep) {
  auto* h = resource_handle(i, rt);
  if (h == nullptr) return false;
  // First what may fail for want of memory.
  lenders->add(i);
  ++h->num_lends;
  rep = h->rep;
  return true;
}

bool LiftLowerContext::lower_own(std::uint64_t rep, const ResourceType* rt, std::uint32_t& i) {
  Handle h;
  h.kind = Handle::Kind::own;
  h.rep = rep;
  h.rt = rt;
  touch();
  i = inst->handles.add(h);
  return i != 0 || trap("the table of handles is full");
}

bool LiftLowerContext::lower_borrow(std::uint64_t rep, const ResourceType* rt, std::uint32_t& i) {
  if (inst == rt->impl()) {
    i = low_bits<std::uint32_t>(rep);
    return true;
  }
  Handle h;
  h.kind = Handle::Kind::borrow;
  h.rep = rep;
  h.rt = rt;
  h.borrow_scope = task;
  touch();
  ++task->num_borrows;
  i = inst->handles.add(h);
  return i != 0 || trap("the table of handles is full");
}

void LiftLowerContext::return_lenders() const noexcept {
  if (lenders == nullptr || lenders->empty()) [[likely]]
    return;
  lenders->for_each([this](std::uint32_t i) {
    if (auto* h = inst->handles.get(i); h != nullptr && h->num_lends != 0) --h->num_lends;
  });
}

void ComponentInstance::poison() noexcept {
  poisoned = true;
  open_or_close();
  if (!cause) cause = store->core().context().trap;
}

namespace {

/// The headline of what went wrong first, or what else keeps callers out.
std::string refusal_cause(const ComponentInstance& inst) {
  for (const auto* i = &inst; i != nullptr; i = i->parent) {
    if (i->cause) return fmt::format("it trapped earlier: {}", i->cause->message());
  }
  for (const auto* i = &inst; i != nullptr; i = i->parent) {
    if (i->poisoned) return "it trapped earlier";
    if (i->views != 0) return "a result of it is still held as a view of its memory";
  }
  return "it is being called back while it runs";
}

}  // namespace

bool refuse_entry(const ComponentInstance& inst) noexcept {
  constexpr std::string_view message = "cannot enter component instance";
  auto& store = inst.store->core();
  try {
    engine::Trap trap{std::string(message)};
    trap.append(
        {engine::Frame{.module = {}, .function = "… " + refusal_cause(inst), .is_remark = true}});
    store.set_trap(std::move(trap));
  } catch (const std::bad_alloc&) {
    store.set_trap(engine::TrapCode::host, message);
  }
  return false;
}

}  // namespace tenon::runtime

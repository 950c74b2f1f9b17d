// SPDX-License-Identifier: Apache-2.0
// How resources end. A destructor of a guest's is a call into the guest, which may be impossible at
// the moment: a host function drops what belongs to the very instance that called it. Such a
// representation waits at the outermost instance around its own, which is what the host enters and
// leaves. Nothing here needs memory, because `~Own` has nobody to tell: the entry of the host's
// table is the entry of the queue.
#include <fmt/format.h>

#include "tenon/base/narrow.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/runtime/store.h"

namespace tenon::runtime {

namespace {

/// Names the resource whose destructor threw.
bool run_host_dtor(Store& store, const ResourceType& rt, std::uint32_t rep) {
  try {
    rt.host_dtor()(store, rep);
    return true;
  } catch (...) {
    (void)engine::raise_current_exception(store.core());
  }
  auto& trap = store.core().context().trap;
  if (trap && trap->code() == engine::TrapCode::host && trap->backtrace().empty()) {
    trap->append(
        {engine::Frame{.module = {},
                       .function = fmt::format("… thrown by the destructor of `{}`", rt.name()),
                       .is_remark = true}});
  }
  return false;
}

}  // namespace

// Spec: CanonicalABI.md "canon resource.drop".
bool Store::drop_rep(const ResourceType& rt, std::uint64_t rep,
                     ComponentInstance* caller) noexcept {
  auto* impl = rt.impl();
  return engine::trapping(core_, [&] {
    if (impl == nullptr) {
      const Use use(*this);
      return !rt.host_dtor() || run_host_dtor(*this, rt, narrow<std::uint32_t>(rep));
    }
    if (caller == nullptr && rt.dtor() == nullptr) return true;
    // The defining instance drops its own: a call within the instance, which is entered already.
    const bool within = impl == caller;
    if (!within && !impl->may_enter_from(caller)) return refuse_entry(*impl);
    if (rt.dtor() == nullptr) return true;
    if (depth() >= limits_.call_depth) return trap("call stack exhausted");
    std::optional<Entry> entry;
    if (!within) entry.emplace(*impl, caller);
    const TaskScope scope(*this, impl);
    engine::ValueSlot slots[1] = {rep};
    const bool ok = invoke_guest(*this, rt.dtor(), slots);
    // What was refused did not touch the instance.
    if (entry && (ok || core_.refused())) entry->leave();
    return ok;
  });
}

Outcome<void> Store::drop(HostHandle handle) {
  if (engine::trapping(core_, [&] { return try_drop(handle); })) return {};
  return std::unexpected(take_trap());
}

void Store::drop_quietly(HostHandle handle) noexcept {
  // A trap may be on its way already: the host function that set it is what drops.
  auto pending = std::exchange(core_.context().trap, std::nullopt);
  if (!engine::trapping(core_, [&] { return try_drop(handle); })) note_drop_trap(take_trap());
  core_.context().trap = std::move(pending);
}

bool Store::try_drop(HostHandle handle) {
  if (closing_) return true;
  auto* e = host_handles_.get(handle);
  if (e == nullptr || e->num_lends != 0) {
    const HandleSlip& slip = host_handles_.drop_slip(handle);
    core_.set_trap(Trap::refused(
        Error(slip.rule, Span::none(), std::string("the host dropped ") + slip.what)));
    return false;
  }
  const auto entry = *e;
  auto* impl = entry.own && entry.rt->dtor() != nullptr ? entry.rt->impl() : nullptr;
  if (impl != nullptr && impl->root().entered != 0) {
    wait_to_drop(handle, impl->root());
    return true;
  }
  host_handles_.remove(handle);
  const bool ok = !entry.own || drop_rep(*entry.rt, entry.rep, nullptr);
  if (!drops_wait()) return ok;
  auto trapped = ok ? std::nullopt : std::optional(take_trap());
  run_waiting_drops();
  if (trapped) core_.set_trap(*std::move(trapped));
  return ok;
}

void Store::wait_to_drop(HostHandle handle, ComponentInstance& root) noexcept {
  if (root.drops.empty()) {
    root.next_with_drops = std::exchange(with_drops_, &root);
    core_.context().bridge_depth_limit = 0;
  }
  host_handles_.enqueue(handle, root.drops);
  // Whoever is told has told all calls outside of it.
  for (auto* t = current_task(); t != nullptr; t = t->outer) {
    if ((t->num_borrows & Task::drops_wait) != 0) break;
    t->num_borrows |= Task::drops_wait;
  }
}

ComponentInstance* Store::next_to_drop() const {
  auto* i = with_drops_;
  while (i != nullptr && (i->entered != 0 || !i->may_enter)) i = i->next_with_drops;
  return i;
}

void Store::run_waiting_drops() noexcept {
  // One at a time: what a destructor makes wait is done by who runs the destructor.
  if (dropping_) return;
  dropping_ = true;
  while (auto* root = next_to_drop()) {
    const auto entry = host_handles_.dequeue(root->drops);
    if (root->drops.empty()) {
      auto** at = &with_drops_;
      while (*at != root) at = &(*at)->next_with_drops;
      *at = root->next_with_drops;
    }
    if (!drop_rep(*entry.rt, entry.rep, nullptr)) note_drop_trap(take_trap());
  }
  discard_drops();
  if (with_drops_ == nullptr) core_.context().bridge_depth_limit = limits_.call_depth;
  dropping_ = false;
}

/// What belongs to instances that nobody will leave any more: they are poisoned.
void Store::discard_drops() noexcept {
  for (auto** at = &with_drops_; *at != nullptr;) {
    auto& root = **at;
    if (root.entered != 0) {
      at = &root.next_with_drops;
      continue;
    }
    while (!root.drops.empty()) host_handles_.dequeue(root.drops);
    *at = root.next_with_drops;
  }
}

bool Store::may_nest_slowly(std::uint32_t more) noexcept {
  if (drops_wait()) run_waiting_drops();
  return depth() + more <= limits_.call_depth;
}

void Store::close() noexcept {
  run_waiting_drops();
  closing_ = true;
  // Destructors may leave more behind.
  while (close_guests_tables() || close_host_objects() || close_host_handles()) {
  }
}

/// Resources of the host's that guests hold. True: there was something, as below.
bool Store::close_guests_tables() noexcept {
  bool any = false;
  // Those that a destructor makes are found by the next look.
  for (auto& instance : component_instances_) {
    auto& handles = instance.handles;
    for (std::uint32_t i = 1; i < handles.end(); ++i) {
      const auto* h = handles.get(i);
      if (h == nullptr || h->kind != Handle::Kind::own || h->rt->impl() != nullptr) continue;
      const auto handle = *h;
      handles.remove(i);
      any = true;
      if (!drop_rep(*handle.rt, handle.rep, nullptr)) (void)take_trap();
    }
  }
  return any;
}

/// Objects whose handles got lost, in a call that trapped say.
bool Store::close_host_objects() noexcept {
  bool any = false;
  for (std::uint32_t i = 1; i < host_objects_.end(); ++i) {
    if (host_objects_.get(i) == nullptr) continue;
    any = true;
    if (!engine::trapping(core_, [&] { return host_objects_.destroy(i), true; })) (void)take_trap();
  }
  return any;
}

/// Resources that the host holds.
bool Store::close_host_handles() noexcept {
  bool any = false;
  for (std::uint32_t i = 0; i < host_handles_.entries().size(); ++i) {
    const auto handle = host_handles_.at(i);
    const auto* e = host_handles_.get(handle);
    if (e == nullptr) continue;
    const auto entry = *e;
    host_handles_.remove(handle);
    any = true;
    if (entry.own && !drop_rep(*entry.rt, entry.rep, nullptr)) (void)take_trap();
  }
  return any;
}

}  // namespace tenon::runtime

// SPDX-License-Identifier: Apache-2.0
// A store owns what its guests make until it ends, and counts it against `StoreLimits` before it
// allocates. `stack_limit` serves two purposes: other threads set it to null to interrupt, and
// calls and loops compare with it anyway. Deadlines and interruptions therefore change it only
// under the lock or by compare-and-exchange.
#include "tenon/engine/store.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <utility>

#include "tenon/base/contract.h"
#include "tenon/engine/atomic_wait.h"
#include "tenon/engine/code.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/memory_pool.h"
#include "tenon/engine/shared_memory.h"
#include "tenon/engine/stack_pool.h"
#include "tenon/engine/trap_cause.h"
#include "tenon/engine/type_registry.h"
#include "tenon/engine/watchdog.h"

namespace tenon::engine {

namespace {

/// Slots at the end of a value stack that host calls and headers may use unchecked.
constexpr std::ptrdiff_t stack_reserve = 64;

constexpr std::uint64_t four_gib = 4ULL << 30U;
/// A 64-bit memory without a maximum can grow so far.
constexpr std::uint64_t reserve_64 = 64ULL << 30U;

}  // namespace

std::optional<Memory::Reservation> Memory::plan(const core::MemType& type, bool signals) {
  const bool wide = type.addr == core::AddrType::i64;
  const std::uint32_t page = type.page_log2();
  const std::uint64_t top = wide ? ~std::uint64_t{0} >> page : four_gib >> page;
  const std::uint64_t min = type.limits.min;
  const std::uint64_t max = std::min(type.limits.max.value_or(top), top);
  if (min > max || min > (std::uint64_t{1} << 47U) >> page) return std::nullopt;
  const std::uint64_t room = (wide ? reserve_64 : four_gib) >> page;
  const std::uint64_t reach = std::max(std::min(max, room), min) << page;
  if (!wide && page == 16 && signals) return Reservation{four_gib + guard_bytes, max << page};
  // Checked accesses need no more than what may be used.
  const std::uint64_t reserve =
      std::max<std::uint64_t>((reach + 0xFFFF) / 0x10000 * 0x10000, 0x10000);
  return Reservation{reserve, std::min(max << page, reserve)};
}

Store::Store(Engine& engine, const StoreLimits& limits, void* data)
    : engine_(engine),
      engine_life_(engine.life()),
      limits_(limits),
      data_(data),
      interrupt_(std::make_shared<InterruptHandle::State>()) {
  context_.store = this;
  context_.fuel = no_fuel_given;
  interrupt_->context = &context_;
  engine_.population().add();
}

Store::~Store() {
  if (engine_is_gone()) [[unlikely]]
    contract_broken("a Store was destroyed after its Engine: declare the engine first");
  // Another thread may have entered; whoever destroys did not wait for it.
  if (std::atomic_ref(context_.activation).load(std::memory_order_relaxed) != nullptr) [[unlikely]]
    contract_broken(
        "a store was destroyed while a guest runs or waits in it: interrupt it and join its thread "
        "first");
  assert(parked_.empty() && "a store must not die before its fibers");
  // In a forked child the watchdog is gone, and its locks are as it left them.
  if (!engine_.forked()) {
    bool watched = false;
    {
      const std::lock_guard lock(interrupt_->mutex);
      interrupt_->context = nullptr;
      interrupt_->waiter = nullptr;
      watched = interrupt_->watched != InterruptHandle::State::Time::max();
    }
    if (watched) engine_.watchdog().forget(*interrupt_);
  }
  instances_.clear();
  engine_.stack_pool().give_back(stack_);
  engine_.population().remove();
}

bool Store::ensure_stack() {
  if (context_.stack_top != nullptr) [[likely]]
    return true;
  stack_ = engine_.stack_pool().take();
  if (stack_.begin == nullptr) return false;
  context_.lent_stack = engine_.stack_pool().crowded();
  context_.stack_begin = stack_.begin;
  context_.stack_top = stack_.begin;
  ValueSlot* none = std::exchange(context_.stack_end, stack_.end - stack_reserve);
  // An interruption asked for before the first call holds.
  context_.stack_limit.compare_exchange_strong(none, context_.stack_end, std::memory_order_acq_rel);
  return true;
}

void Store::return_stack() {
  ValueSlot* end = std::exchange(context_.stack_end, Execution::no_stack());
  // A reason to stop stays one.
  context_.stack_limit.compare_exchange_strong(end, Execution::no_stack(),
                                               std::memory_order_acq_rel);
  context_.stack_begin = context_.stack_top = nullptr;
  context_.lent_stack = false;
  engine_.stack_pool().give_back(std::exchange(stack_, {}));
}

void Store::keep_type(const RuntimeType* type) {
  assert(type->group->registry == &engine_.types() && "a type of another engine");
  // Most often one of those that came last.
  const std::size_t recent = std::min<std::size_t>(kept_types_.size(), 8);
  for (std::size_t i = kept_types_.size() - recent; i < kept_types_.size(); ++i) {
    if (kept_types_[i]->group == type->group) return;
  }
  kept_types_.emplace_back(type);
}

void Store::keep_type(core::ValType type) {
  if (type.is_ref() && type.heap().is_defined())
    keep_type(engine_.types().at(type.heap().index().value));
}

Func Store::host_func_of(std::span<const core::ValType> params,
                         std::span<const core::ValType> results, HostFn fn, void* env) {
  return host_func(engine_.types().host_type(params, results), fn, env);
}

Func Store::host_func_of_held(const RuntimeType* type, HostFn fn, void* env) {
  FuncRef& ref = host_funcs_.emplace_back();
  ref.host = fn;
  ref.env = env;
  ref.type = type;
  ref.store = this;
  return Func(&ref);
}

bool Store::charge_memory(std::uint64_t bytes) {
  if (bytes > limits_.memory_bytes - std::min(used_memory_, limits_.memory_bytes)) {
    context_.growth_refused = true;
    return false;
  }
  context_.growth_refused = false;
  used_memory_ += bytes;
  return true;
}

bool Store::charge_table(std::uint64_t elements) {
  if (elements > limits_.table_elements - std::min(used_tables_, limits_.table_elements))
    return false;
  used_tables_ += elements;
  return true;
}

bool Store::charge_host(std::uint64_t bytes) {
  if (bytes > limits_.host_bytes - std::min(used_host_, limits_.host_bytes)) return false;
  used_host_ += bytes;
  return true;
}

Memory* Store::new_memory(const core::MemType& type, const MemoryImage* image) {
  if (memories_.size() >= limits_.memories) return nullptr;
  if (type.shared) return new_shared_memory(type, image);
  const auto how = Memory::plan(type, engine_.config().signals);
  if (!how) return nullptr;
  const std::uint64_t bytes = type.limits.min << type.page_log2();
  if (!charge_memory(bytes)) return nullptr;
  auto slot = engine_.memory_pool().take(how->reserve, bytes, image);
  try {
    if (slot) {
      auto memory = std::make_unique<Memory>(
          *this, type, *slot, how->max, image == nullptr ? nullptr : image->shared_from_this());
      slot.reset();
      return memories_.emplace_back(std::move(memory)).get();
    }
  } catch (const std::bad_alloc&) {
    if (slot) engine_.memory_pool().give_back(*slot, image);
  }
  release_memory(bytes);
  return nullptr;
}

Memory* Store::new_shared_memory(const core::MemType& type, const MemoryImage* image) {
  const std::uint64_t page = std::uint64_t{1} << type.page_log2();
  if (type.limits.min > (std::uint64_t{1} << 47U) / page) return nullptr;
  const std::uint64_t bytes = type.limits.min * page;
  if (!charge_memory(bytes)) return nullptr;
  const auto shared = SharedMemory::create(engine_, type, image);
  Memory* view = shared ? import_memory(*shared) : nullptr;
  if (view == nullptr) release_memory(bytes);
  return view;
}

Memory* Store::import_memory(const SharedMemory& shared) {
  // By number: the memory's engine may be gone, and another one be where it was.
  if (shared.state().engine_id != engine_.id()) return nullptr;
  const VMMemory* const vm = shared.state().memory.vm();
  for (Memory* view : shared_memories_) {
    if (view->vm() == vm) return view;
  }
  if (memories_.size() >= limits_.memories) return nullptr;
  try {
    shared_memories_.reserve(shared_memories_.size() + 1);
    Memory* view = memories_.emplace_back(std::make_unique<Memory>(*this, shared)).get();
    shared_memories_.push_back(view);
    return view;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Table* Store::new_table(const core::TableType& type, ValueSlot init) {
  const std::uint64_t n = type.limits.min;
  if (tables_.size() >= limits_.tables || !charge_table(n)) return nullptr;
  if (n <= Table::max_elements && charge_host(Table::host_bytes(n))) {
    try {
      keep_type(type.elem);
      if (auto table = Table::create(*this, type, init))
        return tables_.emplace_back(std::move(table)).get();
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): as when there is no room
    }
    release_host(Table::host_bytes(n));
  }
  release_table(n);
  return nullptr;
}

Global Store::new_global(const core::GlobalType& type, const ValueSlot* value) {
  keep_type(type.type);
  auto& cell = host_globals_.emplace_back();
  cell[0] = value[0];
  cell[1] = type.type.is_vec() ? value[1] : 0;
  return {type, cell.data(), this};
}

Tag* Store::new_tag(const RuntimeType* type) {
  keep_type(type);
  return &tags_.emplace_back(type, *this);
}

InterruptHandle Store::interrupt_handle() const {
  return InterruptHandle(interrupt_);
}

void Store::set_deadline(std::optional<std::chrono::steady_clock::time_point> when) {
  using Time = InterruptHandle::State::Time;
  auto& state = *interrupt_;
  const Time deadline = when.value_or(Time::max());
  // A fork's child runs no guests.
  if (engine_.forked()) return;
  bool watch = false;
  const bool passed = when && *when <= std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(state.mutex);
    state.deadline = deadline;
    if (passed) context_.stack_limit.store(nullptr, std::memory_order_release);
    watch = !passed && deadline < state.watched;
  }
  if (!watch || engine_.watchdog().watch(state)) return;
  const std::lock_guard lock(state.mutex);
  state.deadline = Time::min();
  context_.stack_limit.store(nullptr, std::memory_order_release);
}

void Store::clear_interrupt() {
  const std::lock_guard lock(interrupt_->mutex);
  interrupt_->asked = false;
  interrupt_->delivered = false;
}

void Store::on_interrupt(std::move_only_function<InterruptAction(Store*)> callback) {
  on_interrupt_ = std::move(callback);
  callback_changed_ = true;
}

InterruptAction Store::ask_host() {
  // It may replace itself, so it must not be in the place where it would be replaced.
  auto callback = std::exchange(on_interrupt_, nullptr);
  callback_changed_ = false;
  asking_host_ = true;
  // The guest is at a safepoint, not in a host function: its frames reach beyond `stack_top`,
  // nobody knows how far, and what the callback makes may need a collection.
  const bool running = context_.activation != nullptr;
  ValueSlot* top = context_.stack_top;
  if (running) context_.stack_top = context_.stack_end;
  auto action = InterruptAction::trap;
  try {
    action = callback(this);
  } catch (...) {  // NOLINT(bugprone-empty-catch): then the guest traps
  }
  if (running) context_.stack_top = top;
  asking_host_ = false;
  if (!callback_changed_) on_interrupt_ = std::move(callback);
  return action;
}

InterruptAction Store::handle_interrupt() {
  auto& state = *interrupt_;
  if (asking_host_) return InterruptAction::trap;
  std::unique_lock lock(state.mutex);
  // The call in which a guest trapped has returned: that was the answer.
  if (state.delivered && between_calls()) state.asked = state.delivered = false;
  bool asked_host = false;
  while (true) {
    using Time = InterruptHandle::State::Time;
    if (state.deadline != Time::max() && std::chrono::steady_clock::now() >= state.deadline)
      return InterruptAction::trap;
    if (!state.asked) break;
    // Asked for again by the callback: looked at at the next safepoint.
    if (asked_host) return InterruptAction::go_on;
    if (state.delivered || !on_interrupt_) {
      state.delivered = true;
      return InterruptAction::trap;
    }
    state.asked = false;
    lock.unlock();
    const auto action = ask_host();
    lock.lock();
    asked_host = true;
    if (action == InterruptAction::trap) {
      state.asked = state.delivered = true;
      return InterruptAction::trap;
    }
  }
  context_.stack_limit.store(context_.stack_end, std::memory_order_release);
  return InterruptAction::go_on;
}

void Store::set_trap(TrapCode code, std::string_view message) noexcept try {
  context_.trap.emplace(code, std::string(message));
} catch (const std::bad_alloc&) {
  context_.trap = Trap::out_of_memory();
}

void Store::set_exit(Exit exit) noexcept try {
  context_.trap.emplace(exit);
} catch (const std::bad_alloc&) {
  context_.trap = Trap::out_of_memory();
}

Trap Store::take_trap() noexcept {
  if (!context_.trap)
    set_trap(pending_exception() != 0 ? TrapCode::uncaught_exception : TrapCode::host);
  Trap trap = std::move(*context_.trap);
  context_.trap.reset();
  return trap;
}

void Store::exception_to_trap() noexcept {
  if (pending_exception() == 0) return;
  set_pending_exception(0);
  if (!context_.trap) set_trap(TrapCode::uncaught_exception);
}

HostStatus Store::throw_exception(Tag* tag, std::span<const ValueSlot> payload) {
  // References among them may be nowhere but with the host.
  thrown_ = payload;
  GcObject* object = gc_allocate(GcObject::header + payload.size_bytes(), context_.stack_top);
  thrown_ = {};
  if (object == nullptr) {
    set_trap(TrapCode::out_of_memory);
    return HostStatus::trap;
  }
  object->tag = tag;
  std::copy(payload.begin(), payload.end(), object->payload());
  set_pending_exception(std::bit_cast<ValueSlot>(object));
  return HostStatus::exception;
}

void Store::root(ValueSlot* slot) {
  roots_.push_back(slot);
}
void Store::unroot(ValueSlot* slot) {
  std::erase(roots_, slot);
}

bool Store::accepts(ValueSlot value, core::ValType type) const {
  using core::TypeCode;
  if (!type.is_ref()) return true;
  if (value == 0) return type.nullable();
  if (engine_.types().matches(type, core::funcref)) return type.heap() != TypeCode::nofunc;
  const AnyRef ref{value};
  const bool external = engine_.types().matches(type, core::externref);
  if (type.heap() == TypeCode::noextern || type.heap() == TypeCode::noexn) return false;
  const core::HeapType heap = external ? core::HeapType(TypeCode::any) : type.heap();
  if (!ref.is_object()) {
    const core::HeapType own = ref.is_i31() ? TypeCode::i31 : TypeCode::any;
    return engine_.types().matches(own, heap);
  }
  if (gc_ == nullptr || !gc_->holds(value)) return false;
  const RuntimeType* object = std::bit_cast<const GcObject*>(value)->type;
  if (object == nullptr) return engine_.types().matches(type, core::exnref);
  return engine_.types().matches(core::TypeIdx(object->id), heap);
}

GcObject* Store::gc_allocate(std::uint64_t bytes, const ValueSlot* top) {
  // Nothing may be thrown from here: the frames outside are the guest's.
  if (gc_ == nullptr) gc_ = GcHeap::create(limits_.gc_heap_bytes, engine_.config().stress.collect);
  if (gc_ == nullptr) return nullptr;
  if (gc_->wants_collection()) collect(top);
  GcObject* object = gc_->allocate(bytes);
  if (object != nullptr) [[likely]]
    return object;
  collect(top);
  return gc_->allocate(bytes);
}

void Store::collect_garbage() {
  if (gc_ != nullptr) collect(context_.stack_top);
}

void Store::collect(const ValueSlot* top) {
  GcHeap& heap = *gc_;
  heap.begin_marking();
  if (top == nullptr) top = context_.stack_top;
  mark_frames(context_, top, heap);
  heap.mark(context_.pending_exception);
  heap.mark_range(thrown_.data(), thrown_.data() + thrown_.size());
  for (const Execution* parked : parked_) {
    mark_frames(*parked, parked->stack_top, heap);
    heap.mark(parked->pending_exception);
  }
  for (const ValueSlot* slot : roots_) heap.mark(*slot);
  if (temporary_roots_ != nullptr)
    heap.mark_range(temporary_roots_->data(), temporary_roots_->data() + temporary_roots_->size());
  for (const auto& cell : host_globals_) heap.mark(cell[0]);
  for (const auto& table : tables_) {
    if (table->holds_funcs()) continue;
    for (std::uint64_t i = 0; i < table->size(); ++i) heap.mark(table->get(i));
  }
  for (const auto& instance : instances_) instance->mark_roots(heap);
  heap.end_marking();
}

}  // namespace tenon::engine

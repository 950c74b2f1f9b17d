// SPDX-License-Identifier: Apache-2.0
// A fiber is a native stack, a value stack, and the `Execution` of the side that does not run. A
// switch exchanges that with the store's and jumps; nothing else of an execution lies in the store,
// so neither side sees the other's calls, tasks or traps. The exceptions that are being handled are
// the C++ runtime's, a list of each thread: a host function may wait inside a handler, so these are
// exchanged as well.
#include "tenon/engine/fiber.h"

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <cassert>
#include <new>
#include <utility>

#include "tenon/base/sanitizers.h"
#include "tenon/engine/code.h"
#include "tenon/engine/fiber_pool.h"
#include "tenon/engine/signals.h"
#include "tenon/engine/stack_pool.h"

#ifdef TENON_ADDRESS_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TENON_THREAD_SANITIZED
#include <sanitizer/tsan_interface.h>
#endif

namespace tenon::engine {

namespace ctx = boost::context::detail;

namespace {

/// Native stack that a fiber keeps for host functions.
constexpr std::size_t native_reserve = 64U << 10U;

/// What the C++ runtime keeps of a thread: the exceptions that are handled, and how many are on
/// their way. Spec: Itanium C++ ABI "Caught Exception Stack".
struct HandledExceptions {
  void* caught = nullptr;
  unsigned uncaught = 0;

  void exchange() {
    auto* const thread = reinterpret_cast<HandledExceptions*>(abi::__cxa_get_globals());
    std::swap(*thread, *this);
  }
};

}  // namespace

struct Fiber::Impl {
  explicit Impl(Store& s) : store(s) {}
  Store& store;
  std::move_only_function<void()> fn;
  ctx::fcontext_t inside = nullptr;
  ctx::fcontext_t outside = nullptr;
  std::uint8_t* native = nullptr;
  std::size_t native_bytes = 0;
  ValueStack values;
  /// The other side: the resumer's execution while the fiber runs, the fiber's while it waits.
  Execution other;
  HandledExceptions other_exceptions;
  StoreContext* other_running = nullptr;
  Fiber* outer = nullptr;
  bool running = false;
  bool done = false;
  bool cancelled = false;
  // For the sanitizers: the stacks on both sides.
  void* fake_inside = nullptr;
  void* fake_outside = nullptr;
  const void* outside_bottom = nullptr;
  std::size_t outside_size = 0;
  void* tsan_inside = nullptr;
  void* tsan_outside = nullptr;

  void exchange();
  static void entry(ctx::transfer_t from);
};

/// Swaps the store's execution with the one kept here. An interruption asked for stays asked for.
void Fiber::Impl::exchange() {
  StoreContext& cx = store.context();
  std::swap(static_cast<Execution&>(cx), other);
  if (cx.stack_limit.exchange(cx.stack_end) == nullptr) cx.stack_limit.store(nullptr);
  other_running = set_running(other_running);
  other_exceptions.exchange();
}

void Fiber::Impl::entry(ctx::transfer_t from) {
  auto& self = *static_cast<Impl*>(from.data);
#ifdef TENON_ADDRESS_SANITIZED
  __sanitizer_finish_switch_fiber(nullptr, &self.outside_bottom, &self.outside_size);
#endif
  self.outside = from.fctx;
  if (!self.cancelled) {
    try {
      self.fn();
    } catch (...) {  // NOLINT(bugprone-empty-catch)
      // A computation of the host's that throws has nowhere to throw to: it ends.
    }
  }
  self.done = true;
  self.exchange();
#ifdef TENON_ADDRESS_SANITIZED
  __sanitizer_start_switch_fiber(nullptr, self.outside_bottom, self.outside_size);
#endif
#ifdef TENON_THREAD_SANITIZED
  __tsan_switch_to_fiber(self.tsan_outside, 0);
#endif
  ctx::jump_fcontext(self.outside, &self);
  assert(false);
}

Fiber::Fiber(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->store.parked_.push_back(&impl_->other);
}

std::unique_ptr<Fiber> Fiber::create(Store& store, std::move_only_function<void()> fn) try {
  if (!store.ensure_stack()) return nullptr;
  std::unique_ptr<Fiber> fiber(new Fiber(std::make_unique<Impl>(store)));
  Impl* impl = fiber->impl_.get();
  impl->done = true;
  FiberPool& pool = store.engine().fiber_pool();
  impl->values = store.engine().stack_pool().take();
  impl->native = static_cast<std::uint8_t*>(pool.take());
  impl->native_bytes = pool.bytes();
  if (impl->values.begin == nullptr || impl->native == nullptr) return nullptr;
  impl->fn = std::move(fn);
  impl->inside =
      ctx::make_fcontext(impl->native + impl->native_bytes, impl->native_bytes, &Impl::entry);
  impl->other.stack_begin = impl->values.begin;
  impl->other.stack_end = impl->values.end - 64;
  impl->other.stack_top = impl->values.begin;
  impl->other.native_limit = impl->native + native_reserve;
  impl->other.on_fiber = true;
#ifdef TENON_THREAD_SANITIZED
  impl->tsan_inside = __tsan_create_fiber(0);
#endif
  impl->done = false;
  return fiber;
} catch (const std::bad_alloc&) {
  return nullptr;
}

Fiber::~Fiber() {
  Impl& f = *impl_;
  // A fiber that waits is told to end, and does when its host functions return.
  f.cancelled = true;
  for (int i = 0; i < 1000 && !f.done; ++i) resume();
  assert(f.done && "a cancelled fiber must end");
#ifdef TENON_THREAD_SANITIZED
  if (f.tsan_inside != nullptr) __tsan_destroy_fiber(f.tsan_inside);
#endif
  std::erase(f.store.parked_, &f.other);
  f.store.engine().stack_pool().give_back(f.values);
  f.store.engine().fiber_pool().give_back(f.native);
}

bool Fiber::done() const {
  return impl_->done;
}

bool Fiber::resume() {
  Impl& f = *impl_;
  assert(!f.running);
  if (f.done) return true;
  ready_thread(f.store.engine().config());
  f.running = true;
  f.outer = f.store.fiber_;
  f.store.fiber_ = this;
  f.exchange();
#ifdef TENON_ADDRESS_SANITIZED
  __sanitizer_start_switch_fiber(&f.fake_outside, f.native, f.native_bytes);
#endif
#ifdef TENON_THREAD_SANITIZED
  f.tsan_outside = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(f.tsan_inside, 0);
#endif
  const ctx::transfer_t back = ctx::jump_fcontext(f.inside, &f);
#ifdef TENON_ADDRESS_SANITIZED
  __sanitizer_finish_switch_fiber(f.fake_outside, nullptr, nullptr);
#endif
  f.inside = back.fctx;
  f.store.fiber_ = f.outer;
  f.running = false;
  return f.done;
}

bool Fiber::suspend() {
  Impl& f = *impl_;
  assert(f.running && f.store.fiber_ == this);
  f.exchange();
#ifdef TENON_ADDRESS_SANITIZED
  __sanitizer_start_switch_fiber(&f.fake_inside, f.outside_bottom, f.outside_size);
#endif
#ifdef TENON_THREAD_SANITIZED
  __tsan_switch_to_fiber(f.tsan_outside, 0);
#endif
  const ctx::transfer_t back = ctx::jump_fcontext(f.outside, &f);
#ifdef TENON_ADDRESS_SANITIZED
  __sanitizer_finish_switch_fiber(f.fake_inside, &f.outside_bottom, &f.outside_size);
#endif
  f.outside = back.fctx;
  return !f.cancelled;
}

Fiber* Fiber::current(Store& store) {
  return store.fiber_;
}

bool Fiber::guests_outside(const Store& store) {
  for (const Fiber* f = store.fiber_; f != nullptr; f = f->impl_->outer) {
    if (f->impl_->other.activation != nullptr) return true;
  }
  return false;
}

}  // namespace tenon::engine

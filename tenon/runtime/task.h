// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "tenon/engine/vmcontext.h"
#include "tenon/runtime/waitable.h"

namespace tenon::engine {
class Fiber;
}

namespace tenon::runtime {

class ComponentInstance;
struct Task;

/// What runs inside a task. The implicit thread of a synchronous call is a part of its task and
/// owns no fiber. Spec: CanonicalABI.md "Thread State".
struct Thread {
  /// `context.get` and `context.set`.
  std::array<std::uint64_t, 2> storage{};
  /// Place in the instance's table of threads, 0 as long as nobody asked.
  std::uint32_t index = 0;
  bool cancellable = false;
  /// The stack of a thread that can wait.
  engine::Fiber* fiber = nullptr;
};

/// One call of a component function, from the callee's side. A synchronous call is a task on the
/// native stack, or on the interpreter's (`engine::Gate`): making one writes a few words.
/// Spec: CanonicalABI.md "Task State".
struct Task {
  enum class State : std::uint8_t { initial, started, pending_cancel, cancel_delivered, resolved };

  /// The task outside of it. The first word: a gate links it.
  Task* outer = nullptr;
  ComponentInstance* inst = nullptr;
  State state = State::initial;
  /// Whether `task.return` is how it returns (async lift).
  bool async_ = false;
  /// Whether its function type is async, so that it may wait before it returns.
  bool may_block = false;
  /// Borrows lowered into this task that must be dropped before it returns; and `drops_wait`.
  std::uint32_t num_borrows = 0;
  Thread implicit_thread;

  /// In `num_borrows`: destructors wait for a call on this stack to return. Here, because every
  /// call looks at that word when it returns.
  static constexpr std::uint32_t drops_wait = std::uint32_t{1} << 31U;
  [[nodiscard]] bool has_borrows() const { return (num_borrows & ~drops_wait) != 0; }
};
static_assert(std::is_trivially_copyable_v<Task> &&
              sizeof(Task) <= engine::Gate::record_slots * sizeof(engine::ValueSlot));

/// Handles that a call has borrowed from its caller, given back when it returns.
/// Spec: CanonicalABI.md "Subtask State" (lenders).
class Lenders {
 public:
  /// Places in the caller's handle table.
  void add(std::uint32_t handle) {
    if (size_ < few_.size()) {
      few_[size_] = handle;
    } else {
      more_.push_back(handle);
    }
    ++size_;
  }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  template <class F>
  void for_each(F f) const {
    for (std::uint32_t i = 0; i < size_; ++i) f(i < few_.size() ? few_[i] : more_[i - few_.size()]);
  }

 private:
  std::uint32_t size_ = 0;
  std::array<std::uint32_t, 6> few_{};
  std::vector<std::uint32_t> more_;
};

/// One call of a component function, from the caller's side. Synchronous calls keep only `Lenders`;
/// an asynchronous one that does not finish at once becomes an entry of the handle table. Spec:
/// CanonicalABI.md "Subtask State".
struct Subtask : Waitable {
  enum class State : std::uint8_t {
    starting = 0,
    started = 1,
    returned = 2,
    cancelled_before_started = 3,
    cancelled_before_returned = 4,
  };
  Subtask() : Waitable(Kind::subtask) {}

  [[nodiscard]] bool resolved() const { return state >= State::returned; }

  State state = State::starting;
  bool cancellation_requested = false;
  bool resolve_delivered = false;
  Lenders lenders;
};

}  // namespace tenon::runtime

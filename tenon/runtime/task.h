// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "tenon/engine/vmcontext.h"

namespace tenon::runtime {

class ComponentInstance;

/// One call of a component function, from the callee's side, on a native stack or on the
/// interpreter's (`engine::Bridge`): the small record that a call writes, and that a bridge copies.
/// What a call needs beyond its stack frame, such as a stack of its own to wait on, belongs to a
/// `Thread`. Spec: CanonicalABI.md "Task State", "Thread State" (the implicit thread).
struct Task {
  enum class State : std::uint8_t { initial, started, resolved };

  /// The task outside of it. The first word: a bridge links it.
  Task* outer = nullptr;
  ComponentInstance* inst = nullptr;
  State state = State::initial;
  /// Whether its function type is async, so that it may wait before it returns.
  bool may_block = false;
  /// Borrows lowered into this task that must be dropped before it returns; and `drops_wait`.
  std::uint32_t num_borrows = 0;
  /// `context.get` and `context.set`.
  std::array<std::uint64_t, 2> storage{};

  /// In `num_borrows`: destructors wait for a call on this stack to return. Here, because every
  /// call looks at that word when it returns.
  static constexpr std::uint32_t drops_wait = std::uint32_t{1} << 31U;
  [[nodiscard]] bool has_borrows() const { return (num_borrows & ~drops_wait) != 0; }
};
static_assert(std::is_trivially_copyable_v<Task> &&
              sizeof(Task) <= engine::Bridge::record_slots * sizeof(engine::ValueSlot));

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

}  // namespace tenon::runtime

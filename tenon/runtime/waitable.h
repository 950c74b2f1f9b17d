// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tenon/runtime/table.h"

namespace tenon::runtime {

/// Spec: CanonicalABI.md "Waitable State".
enum class EventCode : std::uint8_t {
  none = 0,
  subtask = 1,
  stream_read = 2,
  stream_write = 3,
  future_read = 4,
  future_write = 5,
  task_cancelled = 6,
};

struct EventTuple {
  EventCode code = EventCode::none;
  std::uint32_t p1 = 0;
  std::uint32_t p2 = 0;
};

/// What a task can wait for: at most one event is pending at a time.
/// Spec: CanonicalABI.md "Waitable State" (Waitable).
struct Waitable {
  enum class Kind : std::uint8_t {
    subtask,
    readable_stream,
    writable_stream,
    readable_future,
    writable_future
  };

  explicit Waitable(Kind k) : kind(k) {}
  Waitable(const Waitable&) = delete;
  Waitable& operator=(const Waitable&) = delete;
  virtual ~Waitable() = default;

  [[nodiscard]] bool has_pending_event() const { return static_cast<bool>(pending_event); }
  [[nodiscard]] bool in_waitable_set() const { return wset != nullptr; }
  void set_pending_event(std::move_only_function<EventTuple()> event) {
    pending_event = std::move(event);
  }
  [[nodiscard]] EventTuple get_pending_event();
  /// Leaves its set, if any, and enters `set`, which may be null.
  void join(WaitableSet* set);

  Kind kind;
  bool has_sync_waiter = false;
  WaitableSet* wset = nullptr;
  std::move_only_function<EventTuple()> pending_event;
};

/// Spec: CanonicalABI.md "Waitable State" (WaitableSet).
struct WaitableSet {
  std::vector<Waitable*> elems;
  std::uint32_t num_waiting = 0;

  [[nodiscard]] bool has_pending_event() const;
  [[nodiscard]] EventTuple get_pending_event();
  [[nodiscard]] bool may_drop() const { return elems.empty() && num_waiting == 0; }
};

/// Spec: CanonicalABI.md "canon error-context.new".
struct ErrorContext {
  std::string debug_message;
};

}  // namespace tenon::runtime

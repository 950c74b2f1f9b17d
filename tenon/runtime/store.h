// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/engine/engine.h"
#include "tenon/engine/store.h"
#include "tenon/runtime/context.h"
#include "tenon/runtime/resource.h"

namespace tenon::runtime {

using engine::Outcome;
using engine::Trap;

/// What a store may use at most.
struct StoreLimits {
  engine::StoreLimits core;
  /// Handles of one component instance.
  std::uint32_t handles = 1'000'000;
  std::uint32_t component_instances = 10'000;
  /// Nested calls between components and the host.
  std::uint32_t call_depth = 1'000;
  /// Bytes that one call may make the host read and keep: what a guest passes out. Strings that
  /// overlap count each time.
  std::uint64_t lift_bytes = std::uint64_t{128} << 20U;
  /// Bytes that one call may carry from one component to another.
  std::uint64_t copy_bytes = std::uint64_t{1} << 30U;
};

class InstanceState;

/// Tells of a store whether it is still there, after it is gone too. Any thread may ask, but only
/// the one that uses the store can rely on a yes.
struct StoreLife {
  explicit StoreLife(std::uint64_t store_id) : id(store_id) {}
  const std::uint64_t id;
  std::atomic<bool> alive = true;
};

/// Called at every crossing of a component boundary when tracing is on.
struct CallEvent {
  enum class Kind : std::uint8_t { call, return_, trap };
  Kind kind = Kind::call;
  /// Whether the component called out (an import) or was called (an export).
  bool import = false;
  std::string_view name;
  std::uint32_t depth = 0;
  /// Arguments of a call, the result (none or one) of a return.
  std::span<const Value> values;
};
using TraceFn = std::function<void(const CallEvent& event)>;

/// What runs: instances, their memories and handles, resources that the host holds. One thread at a
/// time uses it; it may move between threads between calls. Everything in it dies with it.
class Store {
 public:
  explicit Store(engine::Engine& engine, const StoreLimits& limits = {}, void* data = nullptr);
  /// The store must not be in the middle of a call (`busy`): that ends the program.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// A number that no other store of the process has or had: what tells a store from another that
  /// came to the same address later. Never 0.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// For whoever keeps something of the store that may outlive it.
  [[nodiscard]] std::shared_ptr<const StoreLife> life();
  [[nodiscard]] engine::Engine& engine() const { return core_.engine(); }
  [[nodiscard]] engine::Store& core() { return core_; }
  [[nodiscard]] const StoreLimits& limits() const { return limits_; }
  /// The host's own.
  [[nodiscard]] void* data() const { return core_.data(); }
  void set_data(void* data) { core_.set_data(data); }

  // Interruption; what each promises stands in engine/store.h. A call that is refused because of
  // one before any code of the guest ran leaves the instance as it was.
  [[nodiscard]] engine::InterruptHandle interrupt_handle() const {
    return core_.interrupt_handle();
  }
  void set_deadline(std::optional<std::chrono::steady_clock::time_point> when) {
    core_.set_deadline(when);
  }
  void clear_interrupt() { core_.clear_interrupt(); }
  void on_interrupt(std::move_only_function<engine::InterruptAction(engine::Store*)> callback) {
    core_.on_interrupt(std::move(callback));
  }
  /// What guests may still use, one unit an operator, in calls and instantiations from now on; at
  /// most 2^63 - 1 counts. An error when the engine was made without `Config::fuel`: nothing would
  /// stop them.
  [[nodiscard]] Result<void> set_fuel(std::uint64_t fuel);
  [[nodiscard]] std::uint64_t fuel() const { return core_.fuel(); }

  /// Whether a guest of this store is on the stack.
  [[nodiscard]] bool busy() const { return depth() != 0; }
  /// Resources that the host holds here.
  [[nodiscard]] HostTable& host_handles() { return host_handles_; }
  /// C++ objects behind the host's resources.
  [[nodiscard]] HostObjects& host_objects() { return host_objects_; }
  /// Drops a resource that the host holds: runs its destructor when it is owned.
  Outcome<void> drop(HostHandle handle);

  /// Makes a resource type of the host's; lives as long as the store.
  const ResourceType* new_resource_type(std::string name, ResourceType::HostDtor dtor,
                                        const void* host_type = nullptr);
  const ResourceType* new_resource_type(std::string name, ComponentInstance* impl,
                                        engine::FuncRef* dtor);
  /// Null when the limit is reached.
  ComponentInstance* new_component_instance(ComponentInstance* parent);
  /// Keeps something alive as long as the store.
  void keep(std::shared_ptr<const void> thing) { keep_.push_back(std::move(thing)); }
  /// An instance's exports and what they stand on; used by the instantiation.
  std::deque<std::unique_ptr<InstanceState>>& instances() { return instances_; }

  /// Bytes of strings and lists that were copied between the host and guests so far. What is filled
  /// in place (`Fill`) or seen in place (`call_view`) is not copied.
  [[nodiscard]] std::uint64_t copied_bytes() const { return copied_bytes_; }
  void note_copied(std::uint64_t bytes) { copied_bytes_ += bytes; }

  void set_trace(TraceFn trace) { trace_ = std::move(trace); }
  [[nodiscard]] const TraceFn& trace() const { return trace_; }

  /// Leaves a trap for the call that is running. Returns false.
  bool trap(std::string message);
  [[nodiscard]] Trap take_trap() { return core_.take_trap(); }

  /// The innermost task, or null.
  [[nodiscard]] Task* current_task() const {
    return static_cast<Task*>(core_.context().gate_record);
  }

  /// A task on the native stack while it lives.
  class TaskScope {
   public:
    TaskScope(Store& store, ComponentInstance* inst) : store_(store) {
      auto& cx = store.core_.context();
      task_.inst = inst;
      task_.outer = store.current_task();
      task_.state = Task::State::started;
      cx.gate_record = &task_;
      ++cx.gate_depth;
    }
    ~TaskScope() {
      auto& cx = store_.core_.context();
      --cx.gate_depth;
      if (cx.gate_record == &task_) [[likely]] {
        cx.gate_record = task_.outer;
      } else {
        unlink();
      }
    }
    TaskScope(const TaskScope&) = delete;
    TaskScope& operator=(const TaskScope&) = delete;
    Task& task() { return task_; }

   private:
    /// Calls whose results are held (`Returned`) may end in any order.
    void unlink();
    Store& store_;
    Task task_;
  };
  [[nodiscard]] std::uint32_t depth() const { return core_.context().gate_depth; }

 private:
  // First, so that it goes last: code and modules that instances run.
  std::vector<std::shared_ptr<const void>> keep_;
  engine::Store core_;
  std::uint64_t id_;
  /// Made when it is first asked for.
  std::shared_ptr<StoreLife> life_;
  StoreLimits limits_;
  std::uint64_t copied_bytes_ = 0;
  HostTable host_handles_;
  HostObjects host_objects_;
  std::deque<ResourceType> resource_types_;
  std::deque<ComponentInstance> component_instances_;
  std::deque<std::unique_ptr<InstanceState>> instances_;
  TraceFn trace_;
};

}  // namespace tenon::runtime

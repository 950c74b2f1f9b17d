// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "tenon/engine/runtime_type.h"
#include "tenon/version.h"

namespace tenon::engine {

/// For tests: makes rare paths the usual ones. What code computes stays as it is, only slower.
struct Stress {
  /// Garbage is collected at every allocation, and what is freed is overwritten.
  bool collect = false;
  /// Slots of frames that do not live, and locals that are not read any more, are overwritten after
  /// calls, after allocations and at labels.
  bool poison = false;
  /// Slots, branches and loops are translated as if nothing but the smallest fitted the near forms.
  bool far_forms = false;
};

/// How an engine runs code. Fixed when the engine is made; sizes that nothing could run with become
/// the nearest that something can. A plain value: the engine copies it.
struct Config {
  /// Faults in guard pages become traps: SIGSEGV and SIGBUS are handled (what is not a guest's goes
  /// to the handler that was there before) and unblocked in each thread at its first call into a
  /// guest. Off: every access is checked, and neither handlers nor masks are touched.
  bool signals = true;
  /// Code counts fuel (one unit an operator, at the ends of basic blocks).
  bool fuel = false;
  /// NaNs are canonical, relaxed operators take their deterministic form.
  bool deterministic = false;
  /// Slots for WebAssembly frames, in bytes, for each store and each fiber.
  std::size_t value_stack_bytes = 2U << 20U;
  /// Native stack that nested calls from host functions may use, in bytes.
  std::size_t native_stack_bytes = 512U << 10U;
  std::size_t fiber_stack_bytes = 256U << 10U;
  /// Defined types of all modules of the engine that live at a time; no more than
  /// `max_runtime_types`.
  std::uint32_t max_types = max_runtime_types;
  /// Idle memory slots, value stacks and fiber stacks kept for reuse, each.
  std::uint32_t pool_size = 64;
  /// Internal code that one function may take, in bytes; beyond it traps with `function_too_large`
  /// at its first call. No body within the limits of a module reaches the most that is possible.
  std::size_t function_code_bytes = most_function_code_bytes;
  Stress stress;

  static constexpr std::size_t most_function_code_bytes = 1U << 30U;
};

/// Counts stores and memories. Once most of those that were there are gone, the allocator is asked
/// to give back to the system what they lay in. Thread-safe.
class Population {
 public:
  void add();
  void remove();

 private:
  std::atomic<std::uint64_t> live_ = 0;
  std::atomic<std::uint64_t> peak_ = 0;
};

class MemoryPool;
class StackPool;
class FiberPool;
class Watchdog;

inline namespace TENON_ABI {

/// What modules and stores of one configuration share: types, pools. Thread-safe. Outlives both:
/// a store that is destroyed after it ends the process with a sentence; of modules and components
/// nothing is left to do then but to destroy them.
class Engine {
 public:
  explicit Engine(const Config& config = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] TypeRegistry& types();
  [[nodiscard]] MemoryPool& memory_pool();
  [[nodiscard]] StackPool& stack_pool();
  [[nodiscard]] FiberPool& fiber_pool();
  [[nodiscard]] Watchdog& watchdog();
  [[nodiscard]] Population& population() { return population_; }
  /// What a store asks before it enters a guest; outlives the engine.
  enum Life : unsigned char { forked_away = 0, alive = 1, gone = 2 };
  using LifeByte = std::shared_ptr<const volatile unsigned char>;
  [[nodiscard]] const LifeByte& life() const { return life_; }
  /// A number that no other engine of the process has; handles carry it through their store.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// Whether this process is a child of the one that made the engine: its threads are gone and its
  /// locks are as they were, so that the child may only exec.
  [[nodiscard]] bool forked() const { return *life_ == forked_away; }

 private:
  struct Parts;

  Config config_;
  std::uint64_t id_;
  Population population_;
  std::unique_ptr<Parts> parts_;
  /// In a page of its own that the system clears in a child, where it can.
  LifeByte life_;
};

}  // namespace TENON_ABI
}  // namespace tenon::engine

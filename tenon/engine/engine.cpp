// SPDX-License-Identifier: Apache-2.0
// An engine does not survive a fork: the watchdog's thread stays in the parent and locks may be
// held. A page that the kernel wipes in children tells a child that it is one, without a system
// call. Memory that many stores have freed goes back to the system once half of them are gone.
#include "tenon/engine/engine.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>

#include "tenon/engine/fiber_pool.h"
#include "tenon/engine/memory_pool.h"
#include "tenon/engine/signals.h"
#include "tenon/engine/stack_pool.h"
#include "tenon/engine/type_registry.h"
#include "tenon/engine/watchdog.h"

namespace tenon::engine {

namespace {

std::uint64_t next_engine_id() {
  static std::atomic<std::uint64_t> next = 1;
  return next++;
}

constexpr std::size_t os_page = 4096;

/// A byte that is `alive` here and `forked_away` in every child of this process, as far as the
/// system can clear a page there.
Engine::LifeByte make_life() {
  void* page = mmap(nullptr, os_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return std::make_shared<unsigned char>(Engine::alive);
  if (madvise(page, os_page, MADV_WIPEONFORK) != 0) {
    munmap(page, os_page);
    return std::make_shared<unsigned char>(Engine::alive);
  }
  auto* byte = static_cast<unsigned char*>(page);
  *byte = Engine::alive;
  return {byte, [](unsigned char* p) { munmap(p, os_page); }};
}

/// So that no sum with a page overflows, and the pools' own lists stay small.
Config within_bounds(Config config) {
  constexpr std::size_t most = std::size_t{1} << 40U;
  config.value_stack_bytes = std::clamp(config.value_stack_bytes, os_page, most);
  config.fiber_stack_bytes = std::clamp(config.fiber_stack_bytes, std::size_t{128} << 10U, most);
  config.function_code_bytes =
      std::min(config.function_code_bytes, Config::most_function_code_bytes);
  config.pool_size = std::min(config.pool_size, std::uint32_t{1} << 16U);
  return config;
}

/// Fewer are not worth a walk through the heap.
constexpr std::uint64_t worth_trimming = 1024;

}  // namespace

void Population::add() {
  const auto live = live_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (live > peak_.load(std::memory_order_relaxed)) peak_.store(live, std::memory_order_relaxed);
}

void Population::remove() {
  const auto live = live_.fetch_sub(1, std::memory_order_relaxed) - 1;
  auto peak = peak_.load(std::memory_order_relaxed);
  if (peak < worth_trimming || live > peak / 2) [[likely]]
    return;
  if (peak_.compare_exchange_strong(peak, live, std::memory_order_relaxed)) trim_heap();
}

/// Here, so that programs that include the public headers do not read the headers of these.
struct Engine::Parts {
  explicit Parts(const Config& config)
      : types(std::make_unique<TypeRegistry>(config.max_types)),
        memory_pool(config.pool_size),
        stack_pool(config.value_stack_bytes, config.pool_size),
        fiber_pool(config.fiber_stack_bytes, config.pool_size),
        watchdog(std::make_unique<Watchdog>()) {}

  std::unique_ptr<TypeRegistry> types;
  MemoryPool memory_pool;
  StackPool stack_pool;
  FiberPool fiber_pool;
  std::unique_ptr<Watchdog> watchdog;
};

Engine::Engine(const Config& config)
    : config_(within_bounds(config)),
      id_(next_engine_id()),
      parts_(std::make_unique<Parts>(config_)),
      life_(make_life()) {
  config_.signals = config.signals && install_fault_handlers();
}

TypeRegistry& Engine::types() {
  return *parts_->types;
}

MemoryPool& Engine::memory_pool() {
  return parts_->memory_pool;
}

StackPool& Engine::stack_pool() {
  return parts_->stack_pool;
}

FiberPool& Engine::fiber_pool() {
  return parts_->fiber_pool;
}

Watchdog& Engine::watchdog() {
  return *parts_->watchdog;
}

Engine::~Engine() {
  // The watchdog's thread stayed in the parent: there is nobody to join.
  if (forked()) {
    static_cast<void>(parts_->watchdog.release());
    return;
  }
  // Components and modules may be destroyed later: the last of them takes their types with it.
  TypeRegistry::give_up(std::move(parts_->types));
  const_cast<volatile unsigned char&>(*life_) = gone;
}

}  // namespace tenon::engine

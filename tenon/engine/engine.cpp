// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/engine.h"

#include <atomic>

#include "tenon/engine/fiber_pool.h"
#include "tenon/engine/memory.h"
#include "tenon/engine/signals.h"
#include "tenon/engine/stack_pool.h"
#include "tenon/engine/watchdog.h"

namespace tenon::engine {

namespace {

std::uint64_t next_engine_id() {
  static std::atomic<std::uint64_t> next = 1;
  return next++;
}

}  // namespace

Engine::Engine(const Config& config)
    : config_(config),
      id_(next_engine_id()),
      memory_pool_(std::make_unique<MemoryPool>(config.pool_size)),
      stack_pool_(std::make_unique<StackPool>(config.value_stack_bytes, config.pool_size)),
      fiber_pool_(std::make_unique<FiberPool>(config.fiber_stack_bytes, config.pool_size)),
      watchdog_(std::make_unique<Watchdog>()) {
  config_.signals = config.signals && install_fault_handlers();
}

Engine::~Engine() = default;

}  // namespace tenon::engine

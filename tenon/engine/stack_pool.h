// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "tenon/engine/store.h"

namespace tenon::engine {

/// Native or value stacks: mapped memory with an inaccessible page where it would overflow, reused.
class MappedStacks {
 public:
  enum class Grows : std::uint8_t { down, up };
  MappedStacks(std::size_t bytes, std::uint32_t keep, Grows grows = Grows::down);
  ~MappedStacks();
  MappedStacks(const MappedStacks&) = delete;
  MappedStacks& operator=(const MappedStacks&) = delete;
  /// Lowest usable address, or null.
  void* take();
  void give_back(void* low);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Whether more are out than the pool would keep: then who does not need one now shall give it
  /// back.
  [[nodiscard]] bool crowded() const { return out_.load(std::memory_order_relaxed) > keep_; }

 private:
  std::mutex mutex_;
  std::vector<void*> free_;
  std::size_t bytes_;
  std::uint32_t keep_;
  std::size_t before_;
  std::atomic<std::uint32_t> out_ = 0;
};

/// Value stacks of stores and fibers. Thread-safe.
class StackPool {
 public:
  StackPool(std::size_t bytes, std::uint32_t keep)
      : stacks_(bytes, keep, MappedStacks::Grows::up) {}
  /// `begin` is null when there is no memory.
  ValueStack take();
  void give_back(ValueStack stack) { stacks_.give_back(stack.begin); }
  [[nodiscard]] bool crowded() const { return stacks_.crowded(); }

 private:
  MappedStacks stacks_;
};

}  // namespace tenon::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "tenon/engine/store.h"

namespace tenon::engine {

/// A computation on a stack of its own that can wait: while it does, the store may run others.
/// `fn` may call into guests of the store; a host function below it may `suspend`.
class Fiber {
 public:
  /// Nothing when there is no memory for a stack.
  static std::unique_ptr<Fiber> create(Store& store, std::move_only_function<void()> fn);
  /// A fiber that has not finished is unwound: its next `suspend` returns false.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs until the next `suspend` or the end. True: it has finished.
  bool resume();
  [[nodiscard]] bool done() const;
  /// Inside the fiber: back to whoever resumed it. False: the fiber is being destroyed, and the
  /// caller should return (raise a trap) soon.
  bool suspend();
  /// The innermost running fiber of the store, or null.
  [[nodiscard]] static Fiber* current(Store& store);
  /// Whether a guest is on a stack that waits for the running fibers of the store.
  [[nodiscard]] static bool guests_outside(const Store& store);

 private:
  struct Impl;
  explicit Fiber(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine

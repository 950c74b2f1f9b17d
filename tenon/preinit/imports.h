// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/engine/instance.h"
#include "tenon/preinit/preinit.h"
#include "tenon/runtime/linker.h"

namespace tenon::preinit {

/// Numbers that look random and are the same every time (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  void fill(std::span<std::uint8_t> bytes);

 private:
  std::uint64_t state_;
};

/// What a core module imports while its initialisation runs: links first, then random numbers from
/// the seed; other functions are there, and trap with their names. Lives as long as the store.
class CoreImports {
 public:
  CoreImports(engine::Store& store, const Options& options, Report& report)
      : store_(store), options_(options), report_(report), random_(options.random_seed) {}

  /// Instantiates the links. The error is a trap's, or that a module is none.
  [[nodiscard]] Result<void> link();
  /// One for each import of a module, in order.
  [[nodiscard]] Result<std::vector<engine::Extern>> resolve(const engine::Module& module);

 private:
  struct Stub {
    CoreImports* self = nullptr;
    std::string name;
  };
  struct Linked {
    std::string_view name;
    engine::Instance* instance = nullptr;
  };
  [[nodiscard]] Result<engine::Extern> find(const core::Import& import,
                                            const engine::RuntimeType* type);
  static engine::HostStatus refuse(void* env, engine::VMContext* caller,
                                   engine::ValueSlot* slots) noexcept;
  static engine::HostStatus random_get(void* env, engine::VMContext* caller,
                                       engine::ValueSlot* slots) noexcept;

  engine::Store& store_;
  const Options& options_;
  Report& report_;
  Random random_;
  std::deque<Stub> stubs_;
  std::vector<Linked> linked_;
};

/// Gives a component what it imports of `wasi:random`, from the seed. `random` and `report` must
/// live as long as the store.
[[nodiscard]] Result<void> define_random(runtime::Linker& linker,
                                         const runtime::Component& component, Random& random,
                                         Report& report);

/// A trap or an error of an instantiation, as an error.
[[nodiscard]] Error as_error(engine::Failure failure);

}  // namespace tenon::preinit

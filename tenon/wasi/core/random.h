// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "tenon/wasi/core/error.h"

namespace tenon::wasi {

/// A source of random bytes.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  [[nodiscard]] virtual IoResult<void> fill(std::span<std::uint8_t> bytes) = 0;
  /// Eight of them.
  [[nodiscard]] IoResult<std::uint64_t> next();

  /// The system's `getrandom`.
  [[nodiscard]] static std::shared_ptr<Random> host();
  /// The same bytes for the same seed, in every version of tenon. Not for keys.
  [[nodiscard]] static std::shared_ptr<Random> seeded(std::uint64_t seed);
};

}  // namespace tenon::wasi

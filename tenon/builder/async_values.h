// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tenon/wit/package.h"

namespace tenon::builder {

/// The streams and futures of functions' types by their numbers: those of the parameters in order,
/// then of the result; what is inside of one is before it. A type that is used twice counts
/// twice, so that a short text may have a million of them: they are counted, and found, by type.
/// `packages` outlives it.
class AsyncValues {
 public:
  explicit AsyncValues(const wit::Packages& packages)
      : packages_(packages), types_(packages.types.size()) {}

  /// How many there are; 2^64 - 1 stands for all larger counts.
  [[nodiscard]] std::uint64_t count(const wit::Function& func);
  /// The one of this number.
  [[nodiscard]] std::optional<wit::ValType> at(const wit::Function& func, std::uint64_t number);

 private:
  /// The parts that have any, each with the number after its last.
  struct Parts {
    std::vector<std::pair<std::uint64_t, wit::ValType>> parts;
    bool known = false;

    [[nodiscard]] std::uint64_t count() const { return parts.empty() ? 0 : parts.back().first; }
    void add(wit::ValType part, std::uint64_t count);
  };

  const Parts& of(const wit::Function& func);
  const Parts& of(wit::TypeIdx type);
  std::uint64_t count(wit::ValType type);

  const wit::Packages& packages_;
  /// By type; those of aliases stay empty. Of a stream or future, the last part is itself.
  std::vector<Parts> types_;
  std::map<const wit::Function*, Parts> functions_;
};

}  // namespace tenon::builder

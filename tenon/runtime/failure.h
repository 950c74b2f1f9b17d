// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "tenon/base/error.h"
#include "tenon/engine/trap.h"

namespace tenon::runtime {

/// Why there is no instance: an error in the host (imports that do not fit, a limit that was
/// reached), or a trap of the guest while it was instantiated. Callers that need no distinction use
/// it as an `Error`, which has the rule `trap` for a trap. Thread-safe as an `Error` is.
class Failure : public Error {
 public:
  Failure(Error error) : Error(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  Failure(engine::Trap trap)                         // NOLINT(google-explicit-constructor)
      : Error(static_cast<Error>(trap)) {
    if (trap.refusal() == nullptr) trap_ = std::move(trap);
  }
  static Failure of(std::variant<Error, engine::Trap> failure) {
    if (auto* error = std::get_if<Error>(&failure)) return std::move(*error);
    return std::get<engine::Trap>(std::move(failure));
  }

  /// The trap, with its code and backtrace; null for an error of the host's.
  [[nodiscard]] const engine::Trap* trap() const { return trap_ ? &*trap_ : nullptr; }
  /// Set when the guest asked to exit.
  [[nodiscard]] std::optional<int> exit_code() const {
    return trap_ ? trap_->exit_code() : std::nullopt;
  }
  [[nodiscard]] std::optional<int> exit_status() const {
    return trap_ ? trap_->exit_status() : std::nullopt;
  }

 private:
  std::optional<engine::Trap> trap_;
};

/// What an instantiation gives. Converts to `Result<T>`.
template <class T>
using Made = std::expected<T, Failure>;

}  // namespace tenon::runtime

/// Its `what()` is its text. Out of a host function a trap in it goes on as the trap, with its
/// code.
template <>
class std::bad_expected_access<tenon::runtime::Failure>
    : public tenon::BadAccess<tenon::runtime::Failure>, public tenon::engine::CarriesTrap {
 public:
  using BadAccess::BadAccess;
  [[nodiscard]] const tenon::engine::Trap* trap() const noexcept override { return error().trap(); }
};

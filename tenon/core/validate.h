// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/core/features.h"
#include "tenon/core/module.h"

namespace tenon::core {

struct ValidateOptions {
  /// Threads for function bodies; 0: as many as the machine has, one when the module is small.
  unsigned threads = 0;
};

/// Checks a module against the rules of validation and, since `decode` leaves them alone, the
/// binary form of its function bodies. The error is the first one in the order of the binary, with
/// however many threads. Spec: core/valid/modules.
[[nodiscard]] Result<Validated<Module>> validate(Module module,
                                                 const Features& features = Features::standard(),
                                                 const ValidateOptions& options = {});

/// Makes the proof that a module is valid.
template <>
class ValidatorKey<Module> {
 private:
  friend Result<Validated<Module>> validate(Module, const Features&, const ValidateOptions&);
  static Validated<Module> prove(Module module) { return Validated<Module>(std::move(module)); }
};

}  // namespace tenon::core

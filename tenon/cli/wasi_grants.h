// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tenon/cli/command.h"
#include "tenon/wasi/context.h"

namespace tenon::cli {

/// Whether a guest left a line on stderr without its end. What tenon says next begins on its own.
class GuestLine {
 public:
  /// Ends the line that is open.
  void end();
  [[nodiscard]] const std::shared_ptr<bool>& open() const { return open_; }

 private:
  std::shared_ptr<bool> open_ = std::make_shared<bool>(false);
};

/// Makes the grants of `tenon run` that its options name; the first word of the inputs is the
/// program. An error of rule `usage` where a value is not understood, of `wasi-grant` where a grant
/// cannot be made. `line` is told what the guest writes.
[[nodiscard]] Result<void> grant_wasi(const Args& args, wasi::Context& to, const GuestLine& line);

/// Tells on stderr, for a program that failed, which option opens what it was refused.
void note_refusals(const Context& context, const Args& args, const wasi::Context& world,
                   GuestLine& line);

/// From now on Ctrl-C ends the program with 130, wherever the guest is, and a pipe that nobody
/// reads is the guest's error.
void prepare_signals();

}  // namespace tenon::cli
